package app_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"olivebranch/pkg/app"
	"olivebranch/pkg/testkit"
	"olivebranch/pkg/view"
	"olivebranch/templates"
)

func TestEveryPageHasItsLanguageAndOneHeading(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.Run(t, testkit.SQLite(t)))
	for _, lang := range testkit.Languages(t) {
		pages := w.pages(lang)
		for name, p := range pages {
			if p == nil {
				continue
			}
			if p.Attr("html", "lang") != lang || p.Attr("html", "dir") != w.Catalogues.For(lang).Dir() {
				t.Errorf("%s in %s has lang=%q dir=%q", name, lang, p.Attr("html", "lang"), p.Attr("html", "dir"))
			}
			headings := 0
			p.Each(func(n *html.Node) {
				if n.Data == "h1" {
					headings++
				}
			})
			if headings != 1 {
				t.Errorf("%s in %s has %d first headings", name, lang, headings)
			}
			if p.Status >= 500 || len(p.Header["Set-Cookie"]) > 0 {
				t.Errorf("%s in %s: status %d, cookies %v", name, lang, p.Status, p.Header["Set-Cookie"])
			}
		}
	}
	if missing := w.Catalogues.Misses(); len(missing) > 0 {
		t.Errorf("messages missing: %v", missing)
	}
}

// TestTheSummaryTellsItsPointsApart: a list of "please fill this in" helps
// nobody.
func TestTheSummaryTellsItsPointsApart(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	for _, lang := range testkit.Languages(t) {
		seen := map[string]bool{}
		a.Client().Post("/" + lang + "/join").Each(func(n *html.Node) {
			for _, at := range n.Attr {
				if at.Key == "href" && strings.HasPrefix(at.Val, "#f-") {
					point := n.FirstChild.Data
					if seen[point] {
						t.Errorf("in %s the summary says twice: %s", lang, point)
					}
					seen[point] = true
				}
			}
		})
		if len(seen) < 10 {
			t.Errorf("in %s the summary of an empty application has %d points", lang, len(seen))
		}
	}
}

// An application that asks for more is not finished.
func TestTheApplicationHasTwelveFieldsAtMost(t *testing.T) {
	t.Parallel()
	fields := 0
	testkit.Run(t, testkit.SQLite(t)).Client().Get("/en/join").Each(func(n *html.Node) {
		tick := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "type" && a.Val == "checkbox" })
		if slices.Contains([]string{"input", "select", "textarea"}, n.Data) && !tick {
			fields++
		}
	})
	if fields > 12 || fields < 10 {
		t.Errorf("the form has %d fields", fields)
	}
}

// mostBytes is the bound of a public page with all it loads, without logos
// and the map, which come late, and before compression.
const mostBytes = 60_000

func TestAPublicPageIsSmall(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	a := testkit.Demo(t)
	for _, lang := range testkit.Languages(t) {
		for _, p := range []string{"/", "/sign", "/join", "/partners", "/partners/handeul-peace-yard", "/messages", "/figures", "/number", "/privacy", "/embed"} {
			page := a.Client().Get("/" + lang + p)
			size := len(page.Body)
			page.Each(func(n *html.Node) {
				for _, at := range n.Attr {
					if strings.HasPrefix(at.Val, "/static/") {
						size += len(a.Client().Get(at.Val).Body)
					}
				}
			})
			if page.Status != 200 || size > mostBytes {
				t.Errorf("/%s%s: status %d, %d bytes, want at most %d", lang, p, page.Status, size, mostBytes)
			}
		}
	}
}

func TestEveryTemplateIsRendered(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	c := testkit.SQLite(t)
	c.Demo = true
	demo := testkit.Run(t, c)
	fresh := testkit.Run(t, testkit.SQLite(t))
	w := newWorld(t, testkit.Run(t, testkit.SQLite(t)))
	pages := w.pages("en")
	w.rooms(pages)
	pages["site/mail"] = demo.Client().Get("/demo/mail")
	first, err := fresh.FirstAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pages["console/first"] = fresh.Client().Get(first)
	views, err := view.Load(templates.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range views.Names() {
		if p := pages[name]; p == nil || p.Doc == nil || p.Attr("h1", "class") == "missing" {
			t.Errorf("no test renders %s", name)
		}
	}
}

// TestEveryVisibleWordIsAMessage reads every page in a language in which each
// message is marked, and looks for words without the mark. What people wrote
// stands in elements with translate="no"; numbers and addresses have no
// words.
func TestEveryVisibleWordIsAMessage(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	w := newWorld(t, testkit.Run(t, testkit.SQLite(t), func(o *app.Options) { o.Pseudo = true }))
	pages := w.pages("en")
	w.rooms(pages)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		for _, words := range unmarked(pages[name].Doc, false) {
			t.Errorf("%s shows words that are no message: %q", name, words)
		}
	}
}

var (
	message   = regexp.MustCompile(`(?s)⟦.*?⟧`)
	spoken    = []string{"alt", "title", "aria-label", "placeholder", "data-done", "data-cancelled", "data-broken"}
	wordless  = []string{"script", "style", "noscript", "textarea", "option"}
	languages = []string{"English", "한국어", "العربية", "Bahasa Indonesia", "Deutsch", "Español", "Français", "Русский", "日本語", "简体中文"}
)

// unmarked lists the words below a node that stand outside a message.
func unmarked(n *html.Node, exempt bool) []string {
	var found []string
	check := func(text string) {
		rest := strings.TrimSpace(message.ReplaceAllString(text, ""))
		if strings.ContainsFunc(rest, unicode.IsLetter) && !slices.Contains(languages, rest) {
			found = append(found, rest)
		}
	}
	if n.Type == html.TextNode && !exempt {
		check(n.Data)
	}
	if n.Type == html.ElementNode {
		for _, a := range n.Attr {
			exempt = exempt || a.Key == "translate" && a.Val == "no"
		}
		exempt = exempt || slices.Contains(wordless, n.Data)
		for _, a := range n.Attr {
			if slices.Contains(spoken, a.Key) && !exempt {
				check(a.Val)
			}
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		found = append(found, unmarked(child, exempt)...)
	}
	return found
}
