package banner

import (
	"strings"
	"unicode"
)

// Bounds of people's texts in a picture; more would not be read.
const (
	mostLetters = 240
	mostMarks   = 4 // on one letter; Vietnamese has two, Hebrew and Arabic up to three
)

// tame leaves out of people's words what would take a picture apart: controls,
// turns of direction, heaps of marks on one letter, and what goes on for ever.
func tame(s string) string {
	if isTame(s) {
		return s
	}
	var b strings.Builder
	letters, marks, space := 0, 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = letters > 0
			continue
		case unicode.IsControl(r), isOverride(r), r == unicode.ReplacementChar, r == '\u200E', r == '\u200F', r == '\u061C', r >= 0xFFF9 && r <= 0xFFFF:
			continue
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > mostMarks || letters == 0 {
				continue
			}
		default:
			marks = 0
			if letters++; letters > mostLetters {
				return b.String()
			}
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isTame(s string) bool {
	if len(s) > mostLetters {
		return false
	}
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~', r > '\u00A0' && r < '\u0300', // Latin
			r >= 0xAC00 && r <= 0xD7A3, r >= 0x4E00 && r <= 0x9FFF: // Hangul and Han
		case r >= 0x0410 && r <= 0x044F, r >= 0x0621 && r <= 0x064A: // Cyrillic and Arabic
		default:
			return false
		}
	}
	return true
}
