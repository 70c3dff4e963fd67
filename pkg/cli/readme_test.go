package cli

import (
	"cmp"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

const root = "../../"

// flags are those that every command takes, without --help.
func flags(t *testing.T) []*kong.Flag {
	t.Helper()
	parser, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	var all []*kong.Flag
	for _, f := range parser.Model.Flags {
		if f.Name != "help" {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		t.Fatal("no flags")
	}
	return all
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(root + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each flag is a row of the table of flags, in the words of --help, and the
// table has no other row.
func TestReadmeListsEveryFlag(t *testing.T) {
	t.Parallel()
	const head = "| flag | variable | default | meaning |\n|---|---|---|---|\n"
	_, table, ok := strings.Cut(readme(t), head)
	if !ok {
		t.Fatalf("README.md has no table that begins with\n%s", head)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, "`", ""), "| \n"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows[cells[0]] = cells
	}
	for _, f := range flags(t) {
		want := []string{"--" + f.Name, strings.Join(f.Envs, " "), cmp.Or(f.Default, "none"), f.Help}
		have := rows["--"+f.Name]
		if strings.Join(have, "|") != strings.Join(want, "|") {
			t.Errorf("--%s: the table says\n%q, the program\n%q", f.Name, have, want)
		}
		delete(rows, "--"+f.Name)
	}
	for name := range rows {
		t.Errorf("the table has %s, the program has not", name)
	}
}

// What README tells people to type exists.
func TestReadmeShowsTheTwoCommands(t *testing.T) {
	t.Parallel()
	text := readme(t)
	for _, command := range []string{"go run ./cmd/olivebranch serve --demo\n", "go test ./...\n"} {
		if !strings.Contains(text, "\n"+command) {
			t.Errorf("README.md does not show %q on a line of its own", command)
		}
	}
}

// Each package is named in the picture of the house, and no other.
func TestReadmeShowsTheHouse(t *testing.T) {
	t.Parallel()
	_, house, ok := strings.Cut(readme(t), "\n## The house\n")
	if !ok {
		t.Fatal("README.md has no house")
	}
	house, _, _ = strings.Cut(house, "\n## ")
	shown := map[string]bool{}
	for line := range strings.Lines(house) {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasSuffix(name, "/") {
			shown[strings.TrimSuffix(name, "/")] = true
		}
	}
	for _, p := range packages(t) {
		if !shown[p.name()] {
			t.Errorf("%s is missing", p.name())
		}
		delete(shown, p.name())
	}
	for name := range shown {
		t.Errorf("%s is shown, but is no package", name)
	}
}
