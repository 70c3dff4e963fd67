package web_test

import (
	"io/fs"
	"path"
	"regexp"
	"testing"

	"olivebranch/pkg/testkit"
	"olivebranch/static"
	"olivebranch/templates"
)

// Blockers of advertisements hide by name what they take for one, on the
// program's own pages as on those of partners.
func TestNothingOfTheProgramIsNamedLikeAnAdvertisement(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	names := map[string]string{} // name to where it stands
	for _, route := range h.Web.Echo.Routes() {
		names[route.Path] = "routes"
	}
	attribute := regexp.MustCompile(`\s(?:id|class|name|for)="([^"]*)"|\s(data-[a-z-]+)=`)
	selector := regexp.MustCompile(`[.#]([a-z][\w-]*)`)
	for _, files := range []fs.FS{templates.FS, static.FS} {
		err := fs.WalkDir(files, ".", func(file string, d fs.DirEntry, err error) error {
			names[file] = "files"
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, file)
			switch path.Ext(file) {
			case ".html", ".svg":
				for _, found := range attribute.FindAllStringSubmatch(string(text), -1) {
					names[found[1]+found[2]] = file
				}
			case ".css":
				for _, found := range selector.FindAllStringSubmatch(string(text), -1) {
					names[found[1]] = file
				}
			}
			return err
		})
		h.must(err)
	}
	if len(names) < 300 {
		t.Fatalf("only %d names found", len(names))
	}
	for name, where := range names {
		if avoided.MatchString(name) {
			t.Errorf("%s in %s", name, where)
		}
	}
}
