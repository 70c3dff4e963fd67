package app_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"olivebranch/locales"
	"olivebranch/templates"
)

// consoleWords are the ids of the messages that only the console has.
func consoleWords(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := fs.ReadFile(locales.FS, "console/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := i18n.ParseMessageFileBytes(raw, "console/en.toml", map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, m := range file.Messages {
		ids[m.ID] = true
	}
	return ids
}

var (
	defined = regexp.MustCompile(`\{\{-? ?(?:define|block) "([^"]+)"`)
	called  = regexp.MustCompile(`\{\{-? ?(?:template|block) "([^"]+)"`)
	named   = regexp.MustCompile(`"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"`)
	// started is an id that is put together: what stands before the last dot.
	started = regexp.MustCompile(`"([a-z0-9_]+(?:\.[a-z0-9_]+)*\.)(?:[a-z0-9_]*%s)?"`)
)

// idsIn takes a source apart into the ids it names whole and those it begins.
func idsIn(source string) (whole, begun []string) {
	for _, m := range named.FindAllStringSubmatch(source, -1) {
		whole = append(whole, m[1])
	}
	for _, m := range started.FindAllStringSubmatch(source, -1) {
		begun = append(begun, m[1])
	}
	return whole, begun
}

// Who does not read the console reads none of its words, which stand in two
// languages only: they would come in English on an Arabic page.
func TestNothingOutsideTheConsoleUsesItsWords(t *testing.T) {
	t.Parallel()
	words := consoleWords(t)
	check := func(where, source string) {
		whole, begun := idsIn(source)
		for _, id := range whole {
			if words[id] {
				t.Errorf("%s uses %s, which only the console has", where, id)
			}
		}
		for _, prefix := range begun {
			for id := range words {
				if strings.HasPrefix(id, prefix) {
					t.Errorf("%s uses messages that begin with %s; %s only the console has", where, prefix, id)
					break
				}
			}
		}
	}
	for name, source := range outsideTemplates(t) {
		check(name, source)
	}
	for _, folder := range []string{"../web/site", "../web/portal", "../web/embeds", "../banner", "../mailer", "../challenge", "../plaintext", "../address", "../view"} {
		err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
				return err
			}
			raw, err := os.ReadFile(p)
			check(p, string(comment.ReplaceAll(raw, nil)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// outsideTemplates are all that pages of the site and the portal, frames and
// mails are made of, by file and name: what they call, and what that calls.
func outsideTemplates(t *testing.T) map[string]string {
	t.Helper()
	layouts, out := map[string]string{}, map[string]string{}
	var queue []string
	err := fs.WalkDir(templates.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".html") {
			return err
		}
		raw, err := fs.ReadFile(templates.FS, p)
		switch area, _, _ := strings.Cut(p, "/"); area {
		case "console":
		case "layout":
			for name, body := range definitions(string(raw)) {
				layouts[name] = body
			}
		default:
			out[p] = string(raw)
			for _, m := range called.FindAllStringSubmatch(string(raw), -1) {
				queue = append(queue, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for queue = append(queue, "base"); len(queue) > 0; {
		name := queue[0]
		queue = queue[1:]
		body, ok := layouts[name]
		if !ok || out["layout "+name] != "" || name == "console-header" {
			continue
		}
		out["layout "+name] = body
		for _, m := range called.FindAllStringSubmatch(body, -1) {
			queue = append(queue, m[1])
		}
	}
	if len(out) < 30 {
		t.Fatalf("only %d templates", len(out))
	}
	return out
}

// definitions cuts a file of layouts at its definitions.
func definitions(source string) map[string]string {
	all, at := map[string]string{}, defined.FindAllStringSubmatchIndex(source, -1)
	for i, m := range at {
		end := len(source)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		all[source[m[2]:m[3]]] = source[m[0]:end]
	}
	return all
}
