package banner

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// A picture is drawn with whatever fonts its reader has, so how wide a text comes out can only be estimated.
// Widths are in em, a little above what common system fonts need.

// bold is how much wider bold letters are.
const bold = 1.07

func width(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += advance(r)
	}
	return w
}

func advance(r rune) float64 {
	switch {
	case r < 0x80:
		return advanceASCII(r)
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0xFF01 && r <= 0xFF60, r >= 0x3000 && r <= 0x303F:
		return 1
	case unicode.In(r, unicode.Arabic, unicode.Hebrew):
		return 0.56
	case unicode.IsUpper(r):
		return 0.72
	case unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic):
		return 0.6
	case unicode.IsSpace(r), unicode.IsPunct(r):
		return 0.4
	case unicode.Is(unicode.So, r):
		return 1.3
	}
	return 0.75 // the scripts of South and South-East Asia, and what is rare
}

func advanceASCII(r rune) float64 {
	switch {
	case strings.ContainsRune("iljtfrI.,:;'|!()[] ", r):
		return 0.34
	case strings.ContainsRune("mwMW@%&", r):
		return 0.92
	case r >= 'A' && r <= 'Z':
		return 0.7
	}
	return 0.57
}

// line is the room that a text with a slot has in a picture. The zero line has no end.
type line struct {
	room  float64 // in pixels, without the fixed words
	words float64 // size of the words in pixels
	digit float64 // size of the number, which is bold
}

// shorten cuts a name that would not fit, between graphemes.
func (l line) shorten(name string) string {
	if l.room == 0 {
		return name
	}
	room := l.room / l.words
	if width(name) <= room {
		return name
	}
	used, end := width("…"), 0
	for rest, state := name, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += width(cluster); used > room {
			break
		}
		end += len(cluster)
	}
	return strings.TrimSpace(name[:end]) + "…"
}

func (l line) appendSqueeze(dst []byte, p *Phrase) []byte {
	if l.room == 0 || p.words*l.words+p.digits*l.digit*bold <= l.room {
		return dst
	}
	return append(dst, textLength(l.room)...)
}
