package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// journal is all that the programs of this package's tests log, at every
// level.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

// lines are those that hold the words.
func (j *journal) lines(words string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []string
	for line := range strings.Lines(j.text.String()) {
		if strings.Contains(line, words) {
			found = append(found, line)
		}
	}
	return found
}

var logged journal

// raw is what no log may hold: the name of everybody in these tests, an
// address that is not masked, a token of a link or of a session.
var raw = regexp.MustCompile(person + `|[^…\s"]@[A-Za-z0-9-]+\.[A-Za-z]{2,}|[A-Za-z0-9_-]{43,}`)

// person is part of every person's name in these tests.
const person = "Zenobia"

// TestMain reads along what is logged, and after all tests looks for what
// must not be there.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	code := m.Run()
	for _, line := range logged.lines("") {
		if found := raw.FindString(line); found != "" {
			fmt.Fprintf(os.Stderr, "--- FAIL: the log holds %q:\n%s", found, line)
			code = 1
		}
	}
	os.Exit(code)
}
