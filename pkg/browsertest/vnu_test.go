package browsertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"olivebranch/pkg/testkit"
)

// checker asks the Nu HTML checker about pages, all in one run, since it takes
// a second to start.
type checker struct {
	*testing.T
	jar    string // "" where there is none
	folder string
	names  map[string]string // of pages, by file
}

func newChecker(t *testing.T) *checker {
	c := &checker{T: t, folder: t.TempDir(), names: map[string]string{}}
	jar, err := fetchChecker()
	if err != nil {
		t.Run("html", func(t *testing.T) {
			testkit.Missing(t, "npm", fmt.Sprintf("install Java and npm, which fetches the Nu HTML checker, to check the pages' HTML (%v)", err))
		})
	}
	c.jar = jar
	return c
}

func fetchChecker() (string, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", err
	}
	return fetch("vnu-jar", "26", "build/dist/vnu.jar")
}

// take puts a page on the list. name says in the test's output which it is.
func (c *checker) take(name, page string) {
	c.Helper()
	file := filepath.Join(c.folder, fmt.Sprintf("%d.html", len(c.names)))
	c.names[file] = name
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		c.Fatal(err)
	}
}

// check fails the test for whatever the checker says, errors and warnings.
func (c *checker) check() {
	c.Helper()
	if c.jar == "" {
		return
	}
	out, err := exec.Command("java", "-Xss2m", "-Xmx512m", "-jar", c.jar, "--format", "json", "--stdout", "--exit-zero-always", c.folder).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		c.Fatalf("check HTML: %v", err)
	}
	var said struct {
		Messages []struct {
			Type, SubType, URL, Message, Extract string
			LastLine                             int
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		c.Fatalf("check HTML: %v: %.200s", err, out)
	}
	for _, m := range said.Messages {
		file := filepath.Clean(m.URL[len("file:"):])
		c.Errorf("HTML of %s, line %d: %s %s: %s\n\t%s", c.names[file], m.LastLine, m.Type, m.SubType, m.Message, m.Extract)
	}
	c.Logf("the Nu checker looked at %d pages", len(c.names))
}
