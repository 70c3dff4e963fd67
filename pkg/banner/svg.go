package banner

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// Figures larger than the words around them, and how large the sentence is taken to be when its size is chosen.
const (
	digitScale = 1.6
	typical    = 9_990_000
)

// fonts names what phones and computers have; what they lack, their own fallback finds.
const fonts = `system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Helvetica,Arial,sans-serif`

// Isolates keep the direction of a text to itself.
const isolate, pop = "\u2068", "\u2069"

// Picture is what a drawing needs beside the partner's name and the number.
type Picture struct {
	Layout  Layout
	Theme   Theme
	Variant Variant
	Design  *Design
}

// SVG draws the picture, with slots for Name and the number. Colours and sizes are attributes,
// for there is no style where pictures go.
func SVG(p Picture, w Words, a Appeal) *Skeleton {
	paint := p.Design.paint(p.Theme.Drawn())
	s := shapes[p.Layout].draw(castOf(p, w, a))
	d := drawing{Words: w, scene: s, paint: paint}
	title := w.T("embed.picture", "Campaign", a.Campaign(w.Lang()), "Signed", Before.Mark()+Number.Mark()+After.Mark())
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" xml:lang="%s" direction="%s" role="img" font-family="%s"><title>%s</title>`,
		px(s.width), px(s.height), px(s.width), px(s.height), Escape(w.Lang()), Escape(w.Dir()), fonts, Escape(title))
	for _, b := range s.boxes {
		d.box(b)
	}
	for _, t := range s.lines {
		d.text(t)
	}
	d.printf("</svg>\n")
	skeleton := Cut(d.Bytes())
	skeleton.name, skeleton.phrase = d.nameLine, d.phraseLine
	return skeleton
}

func castOf(p Picture, w Words, a Appeal) cast {
	return cast{words: w, campaign: a.Campaign(w.Lang()), slogan: p.Design.Slogan(w.Lang(), a), label: p.Design.Label(w),
		paint: p.Design.paint(p.Theme.Drawn()), variant: p.Variant}
}

type drawing struct {
	Words
	bytes.Buffer
	scene                scene
	paint                palette
	nameLine, phraseLine line
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.Buffer, format, args...) }

// x mirrors a place where the language is written from right to left.
func (d *drawing) x(x, width float64) string {
	if d.Dir() == "rtl" {
		x = d.scene.width - x - width
	}
	return px(x)
}

func (d *drawing) box(b box) {
	d.printf(`<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="%s"`,
		d.x(b.x, b.width), px(b.y), px(b.width), px(b.height), px(b.radius), b.fill)
	if b.stroke != "" {
		d.printf(` stroke="%s"`, b.stroke)
	}
	d.printf("/>")
}

func (d *drawing) text(t text) {
	digit := t.size
	if t.has(Number) {
		t.size, digit = d.sizes(t)
		d.phraseLine = line{room: t.room, words: t.size, digit: digit}
	}
	if t.has(Name) {
		d.nameLine = line{room: t.room - t.width()*t.size, words: t.size}
	}
	d.printf(`<text x="%s" y="%s" font-size="%s" fill="%s"`, d.x(t.x, 0), px(t.y), px(t.size), t.fill)
	if t.bold {
		d.printf(` font-weight="700"`)
	}
	if t.middle {
		d.printf(` text-anchor="middle"`)
	}
	switch {
	case t.has(Number):
		d.printf("%s", squeeze.Mark())
	case weighted(t.width(), t.bold)*t.size > t.room+0.01:
		d.printf("%s", textLength(t.room))
	}
	d.printf(">")
	for _, r := range t.runs {
		switch r.slot {
		case 0:
			d.printf("%s", d.isolated(t, Escape(r.words)))
		case Name, Line:
			d.printf("%s%s%s", isolate, r.slot.Mark(), pop)
		case Number:
			d.printf(`<tspan font-size="%s" font-weight="700" fill="%s">%s</tspan>`, px(digit), d.paint.olive, r.slot.Mark())
		default:
			d.printf("%s", r.slot.Mark())
		}
	}
	d.printf("</text>")
}

// isolated: words of the staff, which may be in another language than the catalogue's.
func (d *drawing) isolated(t text, words string) string {
	if len(t.runs) == 1 {
		return isolate + words + pop
	}
	return words
}

// sizes chooses those of the words and of the number, so that the sentence is seldom squeezed.
func (d *drawing) sizes(t text) (words, digit float64) {
	p := NewPhrase(d.Words, typical)
	scale := min(1, t.room/(p.words*t.size+p.digits*t.size*digitScale*bold))
	scale = max(scale, 0.72)
	return t.size * scale, t.size * scale * digitScale
}

func (t text) has(slot Slot) bool {
	return slices.ContainsFunc(t.runs, func(r run) bool { return r.slot == slot })
}

// width of the fixed words, in em.
func (t text) width() float64 {
	w := 0.0
	for _, r := range t.runs {
		w += width(r.words)
	}
	return w
}

func textLength(room float64) string {
	return ` textLength="` + px(room) + `" lengthAdjust="spacingAndGlyphs"`
}

// px writes a length with at most one decimal.
func px(f float64) string {
	return strconv.FormatFloat(float64(int(f*10+0.5))/10, 'f', -1, 64)
}
