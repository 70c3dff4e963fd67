package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// domains are the slices of the campaign. audit and outbox are leaves that
// the others write to; beyond those a domain knows no other. Only what keeps
// the designs of banners knows how these are drawn, which needs no database.
const domains = "appeal registry banner design placement report scrutiny staff audit outbox "

// leaves are what any slice may stand on.
const leaves = "bounce address plaintext outbound logo seal sheet disclosure worldmap fault "

// arrows says what each package may import directly: of ours, and of the two
// libraries that stay in their rooms. The first row that matches counts; a
// package without a row fails the test: give it one, and a place in DESIGN.
var arrows = []struct{ who, ours, libraries string }{
	{"cmd/olivebranch", "cli", ""},
	{"cli", "app config demo mailer mailcheck bounce address " + domains, ""},
	{"app", "*", "gorm"},
	{"demo", "address outbound " + domains, ""},

	{"web", "view locale " + domains + leaves, "echo"},
	{"web/site", "web view locale mailer challenge " + domains + leaves, "echo"}, // mailer: /demo/mail shows what was caught
	{"web/*", "web view locale " + domains + leaves, "echo"},
	{"view", "templates static locale fault", ""},

	{"audit", "store " + leaves, "gorm"},
	{"outbox", "store audit " + leaves, "gorm"},
	{"banner", leaves, ""},
	{"design", "store audit banner " + leaves, "gorm"},
	{"placement", "store " + leaves, "gorm"},
	{"appeal", "store audit outbox " + leaves, "gorm"},
	{"registry", "store audit outbox " + leaves, "gorm"},
	{"report", "store audit " + leaves, "gorm"},
	{"scrutiny", "store audit " + leaves, "gorm"},
	{"staff", "store audit outbox " + leaves, "gorm"},

	{"mailer", "outbox view locale store " + leaves, "gorm"},
	{"mailcheck", "outbound", ""},
	{"schedule", "store", "gorm"},
	{"schema", "store", "gorm"},
	{"store", "fault", "gorm"},

	{"locale", "locales", ""},
	{"locale/gen", "", ""},
	{"worldmap", "", ""},
	{"worldmap/gen", "", ""},
	{"plaintext/gen", "", ""},
	{"config", "", ""},
	{"seal", "fault", ""},
	{"challenge", "seal fault", ""},
	{"sheet", "fault", ""},
	{"disclosure", "", ""},
	{"outbound", "address fault", ""},
	{"logo", "fault", ""},
	{"address", "plaintext fault", ""},
	{"bounce", "", ""},
	{"plaintext", "fault", ""},
	{"fault", "", ""},
	{"templates", "", ""},
	{"static", "", ""},
	{"static/fonts", "", ""},
	{"locales", "", ""},

	{"testkit", "*", "gorm echo"},
	{"browsertest", "*", "gorm echo"},
	{"faulttest", "*", "gorm echo"},
}

// onlyForTests are imported from _test.go files alone.
var onlyForTests = []string{"testkit", "browsertest", "faulttest"}

// libraries whose places are watched.
var libraries = map[string]string{"gorm": "gorm.io/", "echo": "github.com/labstack/echo"}

// listed is a package as go list shows it.
type listed struct {
	ImportPath string
	Imports    []string
}

// short is a path of ours as the table has it; "" for others'.
func short(importPath string) string {
	name, ours := strings.CutPrefix(importPath, "olivebranch/")
	if !ours {
		return ""
	}
	return strings.TrimPrefix(name, "pkg/")
}

// name is the package's folder.
func (p listed) name() string { return strings.TrimPrefix(p.ImportPath, "olivebranch/") }

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	c := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports"}, args...)...)
	c.Dir, c.Stderr = root, os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// packages are all of ours.
func packages(t *testing.T) []listed { return goList(t, "./...") }

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		who := short(p.ImportPath)
		row := slices.IndexFunc(arrows, func(a struct{ who, ours, libraries string }) bool {
			ok, _ := path.Match(a.who, who)
			return ok
		})
		if row < 0 {
			t.Errorf("%s has no row in the table of arrows", who)
			continue
		}
		allowed := strings.Fields(arrows[row].ours)
		for _, to := range p.Imports {
			if ours := short(to); ours != "" && (slices.Contains(onlyForTests, ours) || allowed == nil || allowed[0] != "*" && !slices.Contains(allowed, ours)) {
				t.Errorf("%s must not import %s", who, ours)
			}
			for name, prefix := range libraries {
				if strings.HasPrefix(to, prefix) && !strings.Contains(arrows[row].libraries, name) {
					t.Errorf("%s must not import %s", who, to)
				}
			}
		}
	}
}

// What only tests need is not in the program, by no way round.
func TestProgramHoldsNoTests(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, "-deps", "./cmd/olivebranch") {
		if slices.Contains(onlyForTests, short(p.ImportPath)) || p.ImportPath == "testing" || strings.HasPrefix(p.ImportPath, "github.com/chromedp/") {
			t.Errorf("the program holds %s", p.ImportPath)
		}
	}
}

func TestTopLevel(t *testing.T) {
	t.Parallel()
	want := []string{"Dockerfile", "README.md", "cmd", "go.mod", "go.sum", "locales", "pkg", "static", "templates"}
	var have []string
	for _, name := range topLevel(t) {
		if !strings.HasPrefix(name, ".") {
			have = append(have, name)
		}
	}
	if slices.Sort(have); !slices.Equal(have, want) {
		t.Errorf("the top level is\n%v, want\n%v", have, want)
	}
}

// topLevel is what git knows or would add; without git, what is there.
func topLevel(t *testing.T) []string {
	t.Helper()
	c := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	c.Dir = root
	var names []string
	if out, err := c.Output(); err == nil {
		for file := range strings.Lines(string(out)) {
			top, _, _ := strings.Cut(strings.TrimSpace(file), "/")
			names = append(names, top)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	ignored, err := os.ReadFile(root + ".gitignore")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(string(ignored), "/"+e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}
