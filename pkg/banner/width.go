package banner

import (
	"strings"
	"unicode"
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

// advance looks up what is common.
func advance(r rune) float64 {
	switch {
	case r >= 0 && int(r) < len(advances):
		return advances[r]
	case r >= 0xAC00 && r <= 0xD7A3, r >= 0x4E00 && r <= 0x9FFF:
		return 1
	}
	return advanceOf(r)
}

// advances are those from Latin to Arabic.
var advances = func() (all [0x700]float64) {
	for r := range all {
		all[r] = advanceOf(rune(r))
	}
	return all
}()

func advanceOf(r rune) float64 {
	switch {
	case r >= 0 && r < 0x80:
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
	case unicode.In(r, unicode.Devanagari, unicode.Thai):
		return 0.64
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
