package plaintext

import (
	"unicode"

	"olivebranch/pkg/fault"
)

// What Clean does with a rune, before it looks at the neighbours.
type fate int

const (
	keep fate = iota
	space
	line   // a line break
	strip  // invisible and harmless: dropped without a word
	refuse // can act on what stands around it, or has no business in a text
)

// blank says that nothing in s would be seen: spaces, zero-width characters,
// joiners without anything to join, a byte order mark.
func blank(s string) bool {
	for _, r := range s {
		switch fateOf(r) {
		case keep:
			if !joiner(r) && !selector(r) {
				return false
			}
		case refuse:
			if r != '\uFEFF' {
				return false
			}
		}
	}
	return true
}

// screen turns every kind of space into ' ' and of line break into LF, drops
// what is stripped, and refuses the rest that may not be there.
func screen(s string, lines bool) ([]rune, error) {
	out := make([]rune, 0, len(s))
	before := rune(0)
	for _, r := range s {
		switch fateOf(r) {
		case keep:
			out = append(out, r)
		case space:
			out = append(out, ' ')
		case line:
			if !lines {
				return nil, fault.New(fault.Invalid, "text.control")
			}
			if r != '\n' || before != '\r' {
				out = append(out, '\n')
			}
		case refuse:
			return nil, fault.New(fault.Invalid, "text.control")
		}
		before = r
	}
	return out, nil
}

// fateOf decides by the rune alone. What is not named here and is invisible
// by Unicode's reckoning is refused, so that characters of the future are too.
func fateOf(r rune) fate {
	switch r {
	case '\t', '\u2800', '\u3164', '\uFFA0': // the Braille blank and two Hangul fillers look like spaces
		return space
	case '\n', '\r', '\u2028', '\u2029':
		return line
	case '\u200C', '\u200D', '\u180E': // joiners; join decides
		return keep
	case '\u200E', '\u200F', '\u061C', // marks of direction; the page isolates texts itself
		'\u00AD', '\u200B', // where a word may be broken
		'\u2060', '\u2061', '\u2062', '\u2063', '\u2064', // word joiner, invisible operators
		'\u034F', '\u115F', '\u1160', '\u17B4', '\u17B5', // grapheme joiner, jamo fillers, Khmer inherent vowels
		'\uFFFC': // left behind by dictation on iOS
		return strip
	}
	switch {
	case unicode.Is(unicode.Zs, r):
		return space
	case r < 0x20 || r >= 0x7F && r < 0xA0:
		return refuse
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // visible: Arabic number signs and their like
		return keep
	case unicode.Is(unicode.Cf, r) && !hieroglyphic(r),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return refuse
	}
	return keep
}

// hieroglyphic: the format characters that arrange Egyptian hieroglyphs.
func hieroglyphic(r rune) bool { return r >= 0x13430 && r <= 0x1343F }

func joiner(r rune) bool { return r == '\u200C' || r == '\u200D' || r == '\u180E' }

func selector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }
