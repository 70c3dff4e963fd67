package embeds

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/locale"
)

// showFrame answers with the frame, one document that needs nothing else but the tally.
func (h *Handler) showFrame(c echo.Context) error {
	partner, known := h.partner(c)
	r := c.Request()
	at := pageOf(r.URL.RawQuery)
	from := partner // whose code stands on the page
	if known && at != "" && h.places.Foreign(from.ID, at) {
		partner, known = Partner{}, false
	}
	q := h.question(r.URL.RawQuery, partner, known)
	if from.ID != 0 && r.Method == http.MethodGet {
		h.note(r, from.ID, q.layout, at)
	}
	skeleton, err := h.skeleton(frameKind, q)
	if err != nil {
		return err
	}
	return h.splice(c, &q.shelf.frames[q.design], skeleton, &banner.Values{
		Name:     partner.Name,
		NameLang: partner.Lang,
		Slug:     partner.Slug,
		Line:     partner.Line,
		LineLang: partner.LineLang,
		Phrase:   q.tongue.live.phrase(q.tongue, h.figures.Total()),
	})
}

// frame is the template with its one style and its one script, which the policy allows by their hashes.
type frame struct {
	template *template.Template
	style    string // of every design; each adds its colours
	script   string
}

func newFrame(templates, static fs.FS) (*frame, error) {
	t, err := template.ParseFS(templates, "embeds/frame.html")
	if err != nil {
		return nil, err
	}
	f := &frame{template: t}
	if f.style, err = minified(static, "embed/frame.css"); err != nil {
		return nil, err
	}
	if f.script, err = minified(static, "embed/frame.js"); err != nil {
		return nil, err
	}
	return f, nil
}

// policy is the Content-Security-Policy of a frame in some style. The program's origin is named beside 'self',
// which matches nothing in a frame that a site owner has sandboxed. It says nothing of frame-ancestors: even "*" there
// would shut out pages in a sandbox, files and the pages of apps, which have no address of the web.
func (f *frame) policy(style, origin string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"style-src 'sha256-" + digest(style) + "'",
		"script-src 'sha256-" + digest(f.script) + "'",
		"connect-src 'self' " + origin,
		"base-uri 'none'",
		"form-action 'none'",
	}, "; ")
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// frameView is what templates/embeds/frame.html shows. Fields of type Slot are marks, filled for each request.
type frameView struct {
	Lang, Dir             string
	Layout, Theme         string
	Shape                 string // row, column or small
	Title                 string
	Campaign, Slogan      spoken
	Button                string
	Named, WithLine       bool
	Ended                 bool
	Thanks                string // instead of the button
	Close                 string // what closes the banner, where something does
	Home                  string // where the campaign's own button leads
	PartnerLinks          string // what a partner's slug is appended to
	WithBefore, WithAfter string
	Phrases, Sample       string // for the script
	Style                 template.CSS
	Script                template.JS
}

// Marks of the slots.
func (frameView) Name() string     { return banner.Name.Mark() }
func (frameView) NameLang() string { return banner.NameLang.Mark() }
func (frameView) Slug() string     { return banner.Slug.Mark() }
func (frameView) Line() string     { return banner.Line.Mark() }
func (frameView) LineLang() string { return banner.LineLang.Mark() }
func (frameView) Before() string   { return banner.Before.Mark() }
func (frameView) Number() string   { return banner.Number.Mark() }
func (frameView) After() string    { return banner.After.Mark() }

func frameOf(q question, design *banner.Design, base string, appeal banner.Appeal) frameView {
	lang := q.tongue.Lang()
	before, after, _ := strings.Cut(q.tongue.T("embed.with", "Name", banner.Name.Mark()), banner.Name.Mark())
	langs := appeal.Langs(lang)
	v := frameView{
		Lang: lang, Dir: q.tongue.Dir(),
		Layout: q.layout.String(), Theme: q.theme.String(), Shape: shapeOf(q.layout),
		Title:    appeal.Title(lang),
		Campaign: spokenIn(q.tongue, appeal.Campaign(lang), langs.Campaign), Slogan: spokenIn(q.tongue, design.Slogan(lang, appeal), design.SloganLang(lang, appeal)),
		Button:       design.Label(q.tongue),
		Named:        q.variant.Named(),
		WithLine:     q.variant == banner.WithLine,
		Ended:        q.variant == banner.Ended,
		Thanks:       q.tongue.T("embed.thanks"),
		Home:         base + "/" + lang + "/",
		PartnerLinks: base + "/p/",
		WithBefore:   before, WithAfter: after,
		Phrases: phrases(q.tongue),
		Sample:  q.tongue.Number(sampleNumber),
	}
	if q.layout == banner.Sticky {
		v.Close = q.tongue.T("embed.close")
	}
	return v
}

// spoken is a text of staff in the language it is in; Note says that this is
// not the frame's, "" when it is.
type spoken struct{ Words, Lang, Dir, Note string }

func spokenIn(t *tongue, words, lang string) spoken {
	s := spoken{Words: words, Lang: lang, Dir: locale.Direction(lang)}
	if lang != "" && lang != t.Lang() {
		s.Note = t.T("layout.untranslated", "Language", t.Language(lang))
	}
	return s
}

// shapeOf says which way the parts of a layout follow each other.
func shapeOf(l banner.Layout) string {
	switch l {
	case banner.Box, banner.Tall, banner.Card:
		return "column"
	case banner.Badge:
		return "small"
	default:
		return "row"
	}
}

func (f *frame) skeleton(v frameView, style string) (*banner.Skeleton, error) {
	// Both are files of this program, and the escaping would change what the hashes are of.
	v.Style, v.Script = template.CSS(style), template.JS(f.script)
	var doc bytes.Buffer
	if err := f.template.Execute(&doc, v); err != nil {
		return nil, err
	}
	return banner.Cut(doc.Bytes()), nil
}

// sampleNumber shows the script how the language groups digits and, by its first figures, which digits it has:
// all ten in order from the right.
const sampleNumber = 1_119_876_543_210

// noneYet stands among the plural categories for a total of 0.
const noneYet = "none"

// phrases are the sentences of a language by plural category, as the frame's script wants them: the words before
// and behind the number, or one text where the language says it in words. {"one":["","person has signed"],"other":[…]},
// without those that are the same as "other".
func phrases(t *tongue) string {
	tag := language.Make(t.Lang())
	byCategory := map[string][]string{noneYet: phrase(t, 0)}
	add := func(n int) {
		name := category(tag, n)
		if _, ok := byCategory[name]; !ok {
			byCategory[name] = phrase(t, int64(n))
		}
	}
	for n := 1; n <= 200; n++ {
		add(n)
	}
	add(1_000_000)
	if byCategory["other"] == nil { // as in Russian, where it is for fractions
		byCategory["other"] = phrase(t, 999_999)
	}
	for name, words := range byCategory {
		if name != "other" && slices.Equal(words, byCategory["other"]) {
			delete(byCategory, name)
		}
	}
	encoded, err := json.Marshal(byCategory)
	if err != nil {
		panic(err) // not with strings
	}
	return string(encoded)
}

func phrase(t *tongue, n int64) []string {
	before, number, after := banner.Signed(t, n)
	if number == "" {
		return []string{before}
	}
	return []string{before, after}
}

// category names the plural category of n, as Intl.PluralRules does.
func category(tag language.Tag, n int) string {
	return [...]string{
		plural.Other: "other", plural.Zero: "zero", plural.One: "one",
		plural.Two: "two", plural.Few: "few", plural.Many: "many",
	}[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]
}
