package embeds

import (
	"bytes"
	"html"
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
)

// Wall is the messages of solidarity that visitors may read, in memory.
type Wall interface {
	// Serial is another one after each change.
	Serial() int64
	// Newest are the newest messages, the newest first, with what they say in a
	// language.
	Newest(lang string) []Saying
}

// Saying is a message on the wall.
type Saying struct {
	Body, Lang string
	Said       string // in the language asked for; "" if nobody translated it
	By, ByLang string // the name; "" if it is not shown
	Country    string // code
}

// mostSayings is how many messages the frame holds, and mostWords how many
// bytes of their words.
const mostSayings, mostWords = 12, 8_000

// showWall answers with the frame of the wall: one document that needs nothing
// else, of whatever size the site owner gives it; the messages move inside. It
// has the same rules as the frame of a banner.
func (h *Handler) showWall(c echo.Context) error {
	partner, known := h.partner(c)
	rawQuery := c.Request().URL.RawQuery
	if at := pageOf(rawQuery); known && at != "" && h.places.Foreign(partner.ID, at) {
		partner, known = Partner{}, false
	}
	q := h.question(rawQuery, partner, known)
	if q.variant == banner.WithLine {
		q.variant = banner.OfPartner
	}
	paper := h.walls.of(q.shelf, h.wall.Serial(), len(h.tongues.all))
	cell := &paper.cells[paper.place(q, len(h.tongues.all))]
	skeleton := cell.Load()
	if skeleton == nil {
		var err error
		if skeleton, err = h.buildWall(q, paper.styles[q.design]); err != nil {
			return err
		}
		cell.Store(skeleton)
	}
	return h.splice(c, &paper.heads[q.design], skeleton, &banner.Values{Name: partner.Name, NameLang: partner.Lang, Slug: partner.Slug,
		Phrase: q.tongue.live.phrase(q.tongue, h.figures.Total())})
}

// walls keeps the skeletons until a message, the appeal's words or the designs
// change.
type walls struct {
	template *template.Template
	style    string
	frames   *frame
	now      atomic.Pointer[paper]
}

type paper struct {
	shelf  *shelf
	serial int64
	styles []string // by design
	heads  []head   // likewise
	cells  []atomic.Pointer[banner.Skeleton]
}

func newWalls(templates, static fs.FS, frames *frame) (*walls, error) {
	t, err := template.ParseFS(templates, "embeds/wall.html")
	if err != nil {
		return nil, err
	}
	w := &walls{template: t, frames: frames}
	w.style, err = minified(static, "embed/wall.css")
	return w, err
}

func (w *walls) of(s *shelf, serial int64, tongues int) *paper {
	if p := w.now.Load(); p != nil && p.shelf == s && p.serial == serial {
		return p
	}
	p := &paper{shelf: s, serial: serial}
	for _, d := range s.designs.All() {
		style := w.frames.style + w.style + d.Style()
		p.styles = append(p.styles, style)
		p.heads = append(p.heads, frameHead("default-src 'none'; style-src 'sha256-"+digest(style)+"'; base-uri 'none'; form-action 'none'"))
	}
	p.cells = make([]atomic.Pointer[banner.Skeleton], len(s.designs.All())*banner.NumThemes*banner.NumVariants*tongues)
	w.now.Store(p)
	return p
}

func (p *paper) place(q question, tongues int) int {
	return ((q.design*banner.NumThemes+int(q.theme))*banner.NumVariants+int(q.variant))*tongues + q.tongue.index
}

// wallView is what templates/embeds/wall.html shows.
type wallView struct {
	frameView
	Heading, Region, None string
	All                   string // the words of the link to the whole wall
	Translated            string
	Somebody              string
	Sayings               []saying
	Wall                  string // where the whole wall is
}

// saying is one with its words escaped so that they hold no mark of a slot.
type saying struct {
	Body, Said, By     template.HTML
	Lang, ByLang, From string
}

// words are people's: no tilde of theirs begins a mark.
func words(s string) template.HTML {
	return template.HTML(strings.ReplaceAll(html.EscapeString(s), "~", "&#126;"))
}

func (h *Handler) buildWall(q question, style string) (*banner.Skeleton, error) {
	design, t := q.shelf.designs.All()[q.design], q.tongue
	v := wallView{frameView: frameOf(q, design, h.base, h.appeal), Heading: t.T("messages.heading"), Region: t.T("messages.frame_region"), None: t.T("messages.none"),
		All: t.T("messages.all"), Translated: t.T("messages.translated"), Somebody: t.T("messages.somebody"), Wall: h.base + "/" + t.Lang() + "/messages"}
	for _, s := range chosen(h.wall.Newest(t.Lang()), t.Lang()) {
		v.Sayings = append(v.Sayings, saying{words(s.Body), words(s.Said), words(s.By), s.Lang, s.ByLang, t.Country(s.Country)})
	}
	v.Style = template.CSS(style)
	var doc bytes.Buffer
	if err := h.walls.template.Execute(&doc, v); err != nil {
		return nil, err
	}
	return banner.Cut(doc.Bytes()), nil
}

// chosen are the messages a frame shows: half of its room is first for those
// its readers understand, the rest for the newest, whatever they are in.
func chosen(all []Saying, lang string) []Saying {
	take := make([]bool, len(all))
	n, bytes := 0, 0
	pick := func(most int, fits func(Saying) bool) {
		for i, s := range all {
			size := len(s.Body) + len(s.Said)
			if n < most && !take[i] && fits(s) && (n == 0 || bytes+size <= mostWords) {
				take[i] = true
				n, bytes = n+1, bytes+size
			}
		}
	}
	pick(mostSayings/2, func(s Saying) bool { return s.Lang == lang || s.Said != "" })
	pick(mostSayings, func(Saying) bool { return true })
	i := -1
	return slices.DeleteFunc(slices.Clone(all), func(Saying) bool { i++; return !take[i] })
}
