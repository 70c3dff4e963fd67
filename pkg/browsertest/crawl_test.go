package browsertest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/testkit"
)

// Bounds of a public page, in bytes: with all it loads but logos, before
// compression; and its styles and scripts compressed, as LOOK.md says.
const (
	mostOfPage  = 60_000
	mostStyles  = 16 << 10
	mostScripts = 12 << 10
	mostVisited = 2_000 // pages in a language; more means that links breed links
	mostOfShape = 2     // pages of one kind and language that are checked for correct HTML; all with OLIVEBRANCH_LONG
)

// crawl visits the public pages of one language as a stranger does: from link
// to link.
type crawl struct {
	*testing.T
	app     *testkit.App
	visitor *testkit.Client
	lang    string
	english []string // lines of the staff's English texts

	shapes map[string][]string        // addresses, by the kind of page
	pages  map[string]*testkit.Page   // by address without fragment
	linked map[string]map[string]bool // addresses, each with its fragments
	sizes  map[string]int             // of files, by address
	packed map[string]int             // the same, compressed
	most   int                        // bytes of the largest page with all it loads
}

// TestEveryPublicPage follows every link of the public site, in English, Korean
// and Arabic, or in all languages: each page is in its language and direction,
// has one heading of the first level, shows no id of a message and no text in
// another language unmarked, leads nowhere that does not exist, sets no cookie,
// is small, and is correct HTML. With OLIVEBRANCH_LONG a browser also opens each
// on a phone and asks axe-core; TestEveryPageIsInReach does so with each kind of
// page in every run.
func TestEveryPublicPage(t *testing.T) {
	t.Parallel()
	app := testkit.Demo(t)
	checker := newChecker(t)
	for _, lang := range testkit.Languages(t) {
		c := newCrawl(t, app, lang)
		c.walk()
		c.links()
		if testkit.Long() {
			c.audit()
		}
		t.Logf("%s: %d pages of %d kinds, the largest %d bytes with all it loads", lang, len(c.pages), len(c.shapes), c.most)
		for _, at := range c.shapes {
			for i, a := range at {
				if i < mostOfShape || testkit.Long() {
					checker.take(a, c.pages[a].Body)
				}
			}
		}
	}
	checker.check()
	if missed := app.Catalogues.Misses(); len(missed) > 0 {
		t.Errorf("messages that were missing: %q", missed)
	}
}

func newCrawl(t *testing.T, app *testkit.App, lang string) *crawl {
	c := &crawl{T: t, app: app, visitor: app.Client(), lang: lang, shapes: map[string][]string{}, pages: map[string]*testkit.Page{},
		linked: map[string]map[string]bool{}, sizes: map[string]int{}, packed: map[string]int{}}
	for _, f := range appeal.Fields {
		for line := range strings.Lines(app.Appeal.Current().Text(f, "en").Body) {
			if line = strings.TrimSpace(line); strings.Count(line, " ") > 1 {
				c.english = append(c.english, line)
			}
		}
	}
	return c
}

// walk visits pages until there are no new ones. A link with a query is
// followed from pages without one: filters of a list can be joined endlessly.
func (c *crawl) walk() {
	queue := []string{"/" + c.lang + "/"}
	for len(queue) > 0 && len(c.pages) < mostVisited {
		at := queue[0]
		queue = queue[1:]
		if c.pages[at] != nil {
			continue
		}
		p := c.visitor.Get(at)
		if p.Status != 200 || p.Doc == nil {
			c.Errorf("%s: status %d, %s", at, p.Status, p.Header.Get("Content-Type"))
			continue
		}
		c.pages[at] = p
		c.page(at, p)
		for _, to := range c.on(at, p) {
			if strings.HasPrefix(to.Path, "/"+c.lang+"/") && !strings.Contains(to.Path[strings.LastIndexByte(to.Path, '/'):], ".") && (to.RawQuery == "" || !strings.Contains(at, "?")) {
				queue = append(queue, to.RequestURI())
			}
		}
	}
	if len(c.pages) == mostVisited {
		c.Errorf("%s: there is no end of pages", c.lang)
	}
}

// on lists the links of a page that stay on the site, and notes them.
func (c *crawl) on(at string, p *testkit.Page) (to []*url.URL) {
	p.Each(func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key != "href" && a.Key != "src" && !(a.Key == "action" && value(n, "method") == "get") {
				continue
			}
			u, err := p.URL.Parse(a.Val)
			if err != nil {
				c.Errorf("%s: %s=%q: %v", at, a.Key, a.Val, err)
				continue
			}
			if u.Host != c.app.BaseURL.Host || n.Data == "link" && value(n, "rel") == "canonical" {
				continue
			}
			known := c.linked[u.RequestURI()]
			if known == nil {
				known = map[string]bool{}
				c.linked[u.RequestURI()] = known
			}
			known[u.Fragment] = true
			if n.Data == "a" && a.Key == "href" {
				to = append(to, u)
			}
		}
	})
	return to
}

// links opens what is linked and no page of the language, and looks for the
// places in pages that are linked.
func (c *crawl) links() {
	for at, fragments := range c.linked {
		p := c.pages[at]
		if p == nil {
			if at == "/"+c.lang+"/" || strings.HasPrefix(at, "/console") || strings.HasPrefix(at, "/portal") {
				continue
			}
			if p = c.visitor.Get(at); p.Status >= 400 {
				c.Errorf("%s: a link to %s leads to status %d", c.lang, at, p.Status)
			}
			continue
		}
		for f := range fragments {
			if f != "" && !strings.Contains(p.Body, `id="`+f+`"`) {
				c.Errorf("%s has no place #%s, to which a link leads", at, f)
			}
		}
	}
}

// audit opens every page on a phone.
func (c *crawl) audit() {
	st := newStage(c.T, c.app)
	b := startChromium(c.T, st, c.lang).person()
	b.screen(360, "light")
	for at := range c.pages {
		b.open(at)
		b.noSideways(at)
		b.audit(at)
	}
	c.Logf("%s: axe-core looked at %d pages", c.lang, st.audits())
}

// page checks what can be seen in the answer.
func (c *crawl) page(at string, p *testkit.Page) {
	c.shapes[shape(at)] = append(c.shapes[shape(at)], at)
	l := c.app.Catalogues.For(c.lang)
	if lang, dir := p.Attr("html", "lang"), p.Attr("html", "dir"); lang != l.Lang() || dir != l.Dir() {
		c.Errorf("%s: lang=%q dir=%q", at, lang, dir)
	}
	if cookies := p.Header.Values("Set-Cookie"); len(cookies) > 0 {
		c.Errorf("%s sets cookies: %q", at, cookies)
	}
	headings, size, styles, scripts := 0, len(p.Body), 0, 0
	p.Each(func(n *html.Node) {
		switch {
		case n.Data == "h1":
			headings++
		case n.Data == "link" && value(n, "rel") == "stylesheet":
			b, z := c.file(value(n, "href"))
			size, styles = size+b, styles+z
		case n.Data == "script" && value(n, "src") != "":
			b, z := c.file(value(n, "src"))
			size, scripts = size+b, scripts+z
		}
	})
	if headings != 1 {
		c.Errorf("%s has %d headings of the first level", at, headings)
	}
	if c.most = max(c.most, size); size > mostOfPage || styles > mostStyles || scripts > mostScripts {
		c.Errorf("%s: %d bytes, %d of styles and %d of scripts compressed; at most %d, %d, %d", at, size, styles, scripts, mostOfPage, mostStyles, mostScripts)
	}
	c.words(at, p)
}

// file is the size of a file, and that of it compressed.
func (c *crawl) file(at string) (size, packed int) {
	if _, known := c.sizes[at]; !known {
		body := c.visitor.Get(at).Body
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(body)) // a buffer takes everything
		_ = w.Close()
		c.sizes[at], c.packed[at] = len(body), b.Len()
	}
	return c.sizes[at], c.packed[at]
}

var idLike = regexp.MustCompile(`\b[a-z_]+(?:\.[a-z0-9_]+)+\b`)

// words looks at each piece of text in the language it is said to be in.
func (c *crawl) words(at string, p *testkit.Page) {
	for n := range p.Doc.Descendants() {
		if n.Type == html.ElementNode {
			for _, a := range n.Attr {
				if slices.Contains([]string{"alt", "title", "aria-label", "placeholder"}, a.Key) {
					c.piece(at, n, a.Val)
				}
			}
			continue
		}
		if n.Type == html.TextNode && !slices.Contains([]string{"script", "style", "code", "pre", "textarea"}, n.Parent.Data) {
			c.piece(at, n.Parent, n.Data)
		}
	}
}

func (c *crawl) piece(at string, in *html.Node, text string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, like := range idLike.FindAllString(text, -1) {
		if c.app.Catalogues.For("en").Has(like) {
			c.Errorf("%s shows the id of a message: %q", at, text)
		}
	}
	lang := c.lang
	for n := in; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && value(n, "lang") != "" {
			lang = value(n, "lang")
			break
		}
	}
	if lang != "en" && slices.ContainsFunc(c.english, func(line string) bool { return strings.Contains(text, line) }) {
		c.Errorf("%s shows %q, which is English, as %s", at, text, lang)
	}
	if lang == c.lang && foreign(lang, text) && !quoted(in) {
		c.Errorf("%s shows %q as %s", at, text, lang)
	}
}

// scripts are those of languages that are not written in Latin letters.
var scripts = map[string][]*unicode.RangeTable{
	"ar": {unicode.Arabic}, "ja": {unicode.Hiragana, unicode.Katakana, unicode.Han}, "ko": {unicode.Hangul}, "ru": {unicode.Cyrillic}, "zh": {unicode.Han},
}

var latinWord = regexp.MustCompile(`\p{Latin}{2,}`)

// foreign says that a text has several Latin words and no letter of its
// language.
func foreign(lang, text string) bool {
	own := scripts[lang]
	return own != nil && len(latinWord.FindAllString(text, 3)) == 3 && !strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, own...) })
}

// quoted says that an element holds what is not to be translated, as names and
// addresses.
func quoted(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if value(n, "translate") == "no" || n.Data == "bdi" || n.Data == "code" {
			return true
		}
	}
	return false
}

func value(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

var slugAfter = regexp.MustCompile(`^(/[a-z]+)?(/(?:partners|statements)/)[^/?]+`)

// shape is the kind of page an address is of: without language, name and
// values of a query.
func shape(at string) string {
	at, query, _ := strings.Cut(at, "?")
	at = slugAfter.ReplaceAllString(at, "$1$2*")
	_, at, _ = strings.Cut(strings.TrimPrefix(at, "/"), "/")
	var keys []string
	for part := range strings.SplitSeq(query, "&") {
		if key, _, found := strings.Cut(part, "="); found {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return fmt.Sprintf("/%s?%s", at, strings.Join(slices.Compact(keys), "&"))
}
