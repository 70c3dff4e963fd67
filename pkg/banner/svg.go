package banner

import (
	"bytes"
	"fmt"
	"strconv"
	"sync/atomic"
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

// SVG draws the picture, with slots for what differs from request to request. Colours and sizes are attributes,
// for there is no style where pictures go. Pens draw the same picture as PNG.
func SVG(p Picture, w Words, a Appeal) *Skeleton {
	s := shapes[p.Layout].draw(castOf(p, w, a))
	title := w.T("embed.picture", "Campaign", a.Campaign(w.Lang()), "Signed", Before.Mark()+Number.Mark()+After.Mark())
	return skeletonOf(&s, w, title)
}

func castOf(p Picture, w Words, a Appeal) cast {
	c := cast{words: w, campaign: tame(a.Campaign(w.Lang())), slogan: tame(p.Design.Slogan(w.Lang(), a)), label: tame(p.Design.Label(w)),
		paint: p.Design.paint(p.Theme.Drawn()), variant: p.Variant}
	c.langs.Campaign, c.langs.Slogan = otherThan(w.Lang(), a.Langs(w.Lang()).Campaign), otherThan(w.Lang(), p.Design.SloganLang(w.Lang(), a))
	if p.Variant == Ended {
		c.label = w.T("embed.thanks")
		if p.Layout == Badge {
			c.label = w.T("embed.thanks_short")
		}
	}
	return c
}

// otherThan is a text's language where that is not the picture's.
func otherThan(own, lang string) string {
	if lang == own {
		return ""
	}
	return lang
}

// skeletonOf writes the scene in the direction of the language.
func skeletonOf(s *scene, w Words, title string) *Skeleton {
	d := drawing{scene: s, lang: w.Lang(), rtl: w.Dir() == "rtl"}
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" xml:lang="%s" direction="%s" role="img" font-family="%s"><title>%s</title>`,
		px(s.width), px(s.height), px(s.width), px(s.height), Escape(w.Lang()), Escape(w.Dir()), fonts, Escape(title))
	if s.back != "" {
		d.printf(`<rect width="%s" height="%s" fill="%s"/>`, px(s.width), px(s.height), s.back)
	}
	for _, b := range s.boxes {
		d.box(b)
	}
	for _, o := range s.shapes {
		if d.rtl {
			o = o.mirrored(s.width)
		}
		d.printf(`<path fill="%s" d="%s"/>`, o.fill, o.path())
	}
	for i := range s.lines {
		d.Buffer.Write(d.appendLine(nil, &s.lines[i]))
	}
	for i := range s.blocks {
		d.printf("%s", blockSlot(i).Mark())
	}
	d.printf("</svg>\n")
	skeleton := Cut(d.Bytes())
	skeleton.sum = mix(skeleton.sum, fmt.Appendf(nil, "%v", s.blocks)) // what they say beside the values
	skeleton.drawing = &drawing{scene: s, lang: d.lang, rtl: d.rtl, said: make([]atomic.Pointer[saidBlock], len(s.blocks)), names: make([]row, len(s.blocks))}
	for i := range s.blocks {
		if b := &s.blocks[i]; b.says == saysName {
			skeleton.drawing.names[i] = d.nameRow(b)
		}
	}
	return skeleton
}

type drawing struct {
	bytes.Buffer
	scene *scene
	lang  string
	rtl   bool
	said  []atomic.Pointer[saidBlock] // of each block
	names []row                       // likewise, of those that say a name
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.Buffer, format, args...) }

// x mirrors a place where the language is written from right to left.
func (d *drawing) x(x, width float64) float64 {
	if d.rtl {
		return d.scene.width - x - width
	}
	return x
}

func (d *drawing) box(b box) {
	d.printf(`<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="%s"`,
		px(d.x(b.x, b.width)), px(b.y), px(b.width), px(b.height), px(b.radius), b.fill)
	if b.stroke != "" {
		d.printf(` stroke="%s"`, b.stroke)
	}
	d.printf("/>")
}

// appendBlock adds the lines of a block for these values.
func (d *drawing) appendBlock(dst []byte, i int, v *Values) []byte {
	if i < 0 || i >= len(d.scene.blocks) {
		return dst
	}
	b := &d.scene.blocks[i]
	switch b.says {
	case saysName:
		name := tame(v.Name)
		if r := &d.names[i]; width(name) <= r.room {
			dst = appendEscaped(append(dst, r.before...), name)
			return append(dst, r.after...)
		}
	case saysPeople, saysNumber:
		// The number is the same for all partners, and for a while.
		last := d.said[i].Load()
		if last == nil || last.phrase != v.Phrase {
			last = &saidBlock{v.Phrase, d.appendLines(nil, b, v)}
			d.said[i].Store(last)
		}
		return append(dst, last.text...)
	}
	return d.appendLines(dst, b, v)
}

func (d *drawing) appendLines(dst []byte, b *block, v *Values) []byte {
	var buffer [4]line
	lines := b.arrange(buffer[:0], v)
	for i := range lines {
		dst = d.appendLine(dst, &lines[i])
	}
	return dst
}

// row is the line around a name short enough for one, as most are: they need not be laid out.
type row struct {
	before, after []byte
	room          float64 // in em
}

func (d *drawing) nameRow(b *block) row {
	lines := b.place(nil, [][]span{b.around(span{words: Name.Mark(), size: b.size, alien: true})}, b.fill)
	before, after, _ := bytes.Cut(d.appendLine(nil, &lines[0]), []byte(Name.Mark()))
	return row{before: before, after: after, room: b.room/b.size - width(b.before) - width(b.after)}
}

// saidBlock is what a block came to with a phrase.
type saidBlock struct {
	phrase *Phrase
	text   []byte
}

func (d *drawing) appendLine(dst []byte, l *line) []byte {
	whole := l.spans[0]
	if len(l.spans) > 1 {
		whole.bold, whole.fill = false, ""
	}
	if whole.fill == "" {
		whole.fill = l.fill
	}
	dst = append(dst, `<text x="`...)
	dst = appendPx(dst, d.x(l.x, 0))
	dst = append(dst, `" y="`...)
	dst = appendPx(dst, l.y)
	dst = append(dst, `" font-size="`...)
	dst = appendPx(dst, whole.size)
	dst = append(dst, `" fill="`...)
	dst = append(append(dst, whole.fill...), '"')
	if whole.bold {
		dst = append(dst, ` font-weight="700"`...)
	}
	if l.lang != "" {
		dst = append(dst, ` xml:lang="`...)
		dst = append(appendEscaped(dst, l.lang), '"')
	}
	if l.middle {
		dst = append(dst, ` text-anchor="middle"`...)
	}
	dst = append(dst, '>')
	for _, s := range l.spans {
		dst = appendSpan(dst, s, whole)
	}
	return append(dst, "</text>"...)
}

func appendSpan(dst []byte, s, whole span) []byte {
	bare := s.size == whole.size && s.bold == whole.bold && (s.fill == "" || s.fill == whole.fill)
	if !bare {
		dst = append(dst, `<tspan font-size="`...)
		dst = append(appendPx(dst, s.size), '"')
		if s.bold {
			dst = append(dst, ` font-weight="700"`...)
		}
		if s.fill != "" {
			dst = append(dst, ` fill="`...)
			dst = append(append(dst, s.fill...), '"')
		}
		dst = append(dst, '>')
	}
	if s.alien {
		dst = append(dst, isolate...)
	}
	dst = appendEscaped(dst, s.words)
	if s.alien {
		dst = append(dst, pop...)
	}
	if !bare {
		dst = append(dst, "</tspan>"...)
	}
	return dst
}

// appendPx writes a length with at most one decimal.
func appendPx(dst []byte, f float64) []byte {
	tenth := int64(f*10 + 0.5)
	dst = strconv.AppendInt(dst, tenth/10, 10)
	if tenth%10 != 0 {
		dst = append(dst, '.', byte('0'+tenth%10))
	}
	return dst
}

func px(f float64) string { return string(appendPx(nil, f)) }

func hundredth(f float64) string {
	return strconv.FormatFloat(float64(int(f*100+0.5))/100, 'f', -1, 64)
}
