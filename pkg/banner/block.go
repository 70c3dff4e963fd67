package banner

import "strings"

// block is a text that differs from request to request, and the area it has.
type block struct {
	area
	says         saying
	size, least  float64
	digit        float64 // size of the number
	fill, figure string
	before       string // the words around the name; the button's, after the number
	after        string
}

type saying byte

const (
	saysPeople saying = iota // how many have signed
	saysName
	saysLine
	saysNumber // alone, above what the button says, where there is no room for the sentence
)

// arrange adds the block's lines for these values to dst.
func (b *block) arrange(dst []line, v *Values) []line {
	switch b.says {
	case saysName:
		return b.place(dst, b.fitNamed(span{words: tame(v.Name), size: b.size, alien: true}), b.fill)
	case saysLine:
		from := len(dst)
		dst = b.place(dst, b.fitNamed(span{words: tame(v.Line), size: b.size, alien: true}), b.fill)
		for i := range dst[from:] {
			dst[from+i].lang = v.LineLang
		}
		return dst
	case saysNumber:
		return b.numberOver(dst, v.Phrase)
	}
	return b.place(dst, b.people(v.Phrase), b.fill)
}

func (b *block) people(p *Phrase) [][]span {
	if p.plainNumber == "" {
		said := []span{{words: p.plainBefore, size: (b.size + b.digit) / 2, bold: true, fill: b.figure}}
		rows, _ := fit(b.area, said, b.least, false)
		return balanced(b.area, rows, said)
	}
	spans := make([]span, 0, 3)
	if p.plainBefore != "" {
		spans = append(spans, span{words: p.plainBefore, size: b.size})
	}
	number := b.number(p)
	spans = append(spans, number)
	if p.plainAfter != "" {
		spans = append(spans, span{words: p.plainAfter, size: b.size})
	}
	least := spans[0].size * b.least / b.size
	rows, _ := fit(b.area, spans, least, true)
	for _, r := range rows {
		for _, s := range r {
			if s.words == p.plainNumber {
				return rows
			}
		}
	}
	return [][]span{{number}} // half a number would be another one
}

// number is as large as there is room.
func (b *block) number(p *Phrase) span {
	room := b.room / weighted(width(p.plainNumber), true)
	return span{words: p.plainNumber, size: min(b.digit, room), bold: true, fill: b.figure}
}

// fitNamed fits a text of people's between the fixed words; it alone is cut.
func (b *block) fitNamed(text span) [][]span {
	one := b.around(text)
	if (&line{spans: one}).width() <= b.room {
		return [][]span{one}
	}
	// Rather a little smaller than in two rows.
	if text.size *= b.room / (&line{spans: one}).width(); text.size >= max(b.least, 0.85*b.size) {
		return [][]span{b.around(text)}
	}
	text.size = b.size
	if rows, whole := fit(b.area, b.around(text), b.least, false); whole {
		return balanced(b.area, rows, b.around(text))
	}
	text.size = b.least
	whole := text.words
	for room := b.room*float64(b.rows)/text.size - width(b.before) - width(b.after); ; room *= 0.95 {
		text.words = shortened(whole, room)
		rows, _ := flow(b.around(text), b.room, loose)
		if rows = trimmedAll(rows); b.fits(rows) || text.words == "…" {
			return rows
		}
	}
}

// around puts the fixed words around a text.
func (b *block) around(text span) []span {
	spans := make([]span, 0, 3)
	if b.before != "" {
		spans = append(spans, span{words: b.before, size: text.size})
	}
	spans = append(spans, text)
	if b.after != "" {
		spans = append(spans, span{words: b.after, size: text.size})
	}
	return spans
}

func peopleBlock(c cast, a area, size, least, digit float64) block {
	return block{area: a, says: saysPeople, size: size, least: least, digit: digit, fill: c.paint.ink, figure: c.paint.olive}
}

func nameBlock(c cast, a area, size, least float64) block {
	before, after, _ := strings.Cut(c.words.T("embed.with", "Name", Name.Mark()), Name.Mark())
	return block{area: a, says: saysName, size: size, least: least, fill: c.paint.quiet, before: before, after: after}
}

// lineBlock has the partner's own line between quotation marks of the language.
func lineBlock(c cast, a area, size, least float64) block {
	before, after, _ := strings.Cut(c.words.T("embed.line", "Line", Line.Mark()), Line.Mark())
	return block{area: a, says: saysLine, size: size, least: least, fill: c.paint.ink, before: before, after: after}
}
