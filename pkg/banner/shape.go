package banner

import (
	"slices"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"github.com/rivo/uniseg"
	"golang.org/x/image/math/fixed"
)

// pen turns text into glyphs. It keeps what is costly to make, and does one
// thing at a time.
type pen struct {
	fonts  *Fonts
	faces  map[*font.Font]*font.Face
	shaper shaping.HarfbuzzShaper
	bidi   bidi.Paragraph
	miss   func(rune) // told of each letter that no font has
}

func newPen(f *Fonts) *pen {
	return &pen{fonts: f, faces: map[*font.Font]*font.Face{}, miss: f.miss}
}

// glyph is one with its place on a line, in pixels from its left end.
type glyph struct {
	face     *font.Face
	id       font.GID
	x, y     float64
	size     float64
	embolden bool
	fill     string
}

// item is a part of a line in one font, size and direction.
type item struct {
	from, to int // of the runes
	span     int
	level    bidi.Level
	script   language.Script
	cut      cut
}

// letters are the runes of a line, without those that no font has.
type letters struct {
	runes []rune
	spans []int // of each rune, the place of its span
	cuts  []cut
	kinds []language.Script
}

// shape sets a line. The width is that of all of it.
func (p *pen) shape(l *line, lang string, rtl bool) (glyphs []glyph, width float64) {
	text := p.letters(l, lang)
	for _, it := range visual(p.items(text, rtl)) {
		s := l.spans[it.span]
		fill := s.fill
		if fill == "" {
			fill = l.fill
		}
		direction := di.DirectionLTR
		if it.level%2 == 1 {
			direction = di.DirectionRTL
		}
		face := p.face(it.cut.Font)
		// Shaped at the size of the font's own units, for what comes out is
		// scaled then; so it has no rounding in it.
		em := float64(face.Upem())
		out := p.shaper.ShapeNoExtents(shaping.Input{
			Text: text.runes, RunStart: it.from, RunEnd: it.to, Direction: direction, Face: face,
			Size: fixed.I(int(em)), Script: it.script, Language: language.NewLanguage(lang),
		})
		unit := s.size / em / 64
		for _, g := range out.Glyphs {
			if g.GlyphID != 0 {
				glyphs = append(glyphs, glyph{face: face, id: g.GlyphID, size: s.size, embolden: it.cut.embolden, fill: fill,
					x: width + float64(g.XOffset)*unit, y: -float64(g.YOffset) * unit})
			}
			width += float64(g.Advance) * unit
		}
	}
	return glyphs, width
}

// Upper bound of faces that are kept; beyond it all are made anew.
const mostFaces = 48

func (p *pen) face(f *font.Font) *font.Face {
	known := p.faces[f]
	if known == nil {
		if len(p.faces) >= mostFaces {
			clear(p.faces)
		}
		known = font.NewFace(f)
		p.faces[f] = known
	}
	return known
}

// letters finds a font for each grapheme of a line. What no font has is left
// out, and a mark that its letter's font lacks.
func (p *pen) letters(l *line, lang string) letters {
	var out letters
	japan := lang == "ja" || lang == "ko"
	for _, s := range l.spans {
		for _, r := range s.words {
			japan = japan || unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
		}
	}
	add := func(span int, c cut, kind language.Script, r rune) {
		out.runes, out.spans = append(out.runes, r), append(out.spans, span)
		out.cuts, out.kinds = append(out.cuts, c), append(out.kinds, kind)
	}
	choice := fontChoice{script: language.Latin, japan: japan}
	var current cut
	for i, s := range l.spans {
		if choice.bold = s.bold; s.alien {
			add(i, cut{}, 0, '\u2068')
		}
		current = cut{}
		for rest, state := s.words, -1; rest != ""; {
			var cluster string
			cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
			for at, r := range cluster {
				if at == 0 {
					if script := language.LookupScript(r); script.Strong() {
						choice.script = script
					}
					if unicode.IsControl(r) || isOverride(r) || r == unicode.ReplacementChar {
						break
					}
					if !isDigit(r) && !language.LookupScript(r).Strong() && current.has(r) {
						add(i, current, choice.script, r)
						continue
					}
					found := p.fonts.find(r, choice)
					if found.Font == nil {
						if !isIgnorable(r) {
							p.miss(r)
						}
						break
					}
					current = found
					add(i, current, choice.script, r)
					continue
				}
				if current.has(r) || isIgnorable(r) {
					add(i, current, choice.script, r)
					continue
				}
				// The letter may stand in another file with its mark.
				if with := p.fonts.find(r, choice); with.Font != nil && at > 0 && with.has(out.runes[len(out.runes)-1]) {
					out.cuts[len(out.cuts)-1] = with
					add(i, with, choice.script, r)
					continue
				}
				p.miss(r)
			}
		}
		if s.alien {
			add(i, cut{}, 0, '\u2069')
		}
	}
	return out
}

// isDigit: those have one look, whatever the script around them.
func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isIgnorable: joiners, selectors of variants and the like, which have no
// shape of their own.
func isIgnorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector) || r >= 0x1F3FB && r <= 0x1F3FF
}

// items cuts the letters wherever something of them changes.
func (p *pen) items(l letters, rtl bool) []item {
	if len(l.runes) == 0 {
		return nil
	}
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	var items []item
	runs := p.bidi.Segment(l.runes, base)
	for n := range runs.NumRuns() {
		run := runs.Run(n)
		fresh := true
		for i := run.Start; i < run.End; i++ {
			if l.cuts[i].Font == nil { // an isolate
				fresh = true
				continue
			}
			if !fresh {
				last := &items[len(items)-1]
				if last.to == i && last.span == l.spans[i] && last.cut == l.cuts[i] && last.script == l.kinds[i] {
					last.to++
					continue
				}
			}
			items = append(items, item{from: i, to: i + 1, span: l.spans[i], level: run.Level, script: l.kinds[i], cut: l.cuts[i]})
			fresh = false
		}
	}
	return items
}

// visual puts items in the order they are seen in, from the left: rule L2 of
// UAX #9.
func visual(items []item) []item {
	highest, lowestOdd := bidi.Level(0), bidi.Level(127)
	for _, it := range items {
		highest = max(highest, it.level)
		if it.level%2 == 1 {
			lowestOdd = min(lowestOdd, it.level)
		}
	}
	for level := highest; level >= lowestOdd; level-- {
		for i := 0; i < len(items); {
			if items[i].level < level {
				i++
				continue
			}
			j := i
			for j < len(items) && items[j].level >= level {
				j++
			}
			slices.Reverse(items[i:j])
			i = j
		}
	}
	return items
}
