package plaintext

import (
	"unicode"

	"github.com/rivo/uniseg"
)

const zwj = '\u200D'

// plainScripts write each letter by itself: between two of their letters a
// joiner or a variation selector changes nothing that can be seen, so there
// it could only make two equal words differ.
var plainScripts = []*unicode.RangeTable{
	unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian, unicode.Georgian,
	unicode.Hebrew, unicode.Ethiopic, unicode.Cherokee, unicode.Canadian_Aboriginal,
	unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Han,
}

// atoms are consonants that were once written with a virama and a joiner and
// have had a character of their own since Unicode 5.1 (Malayalam chillus,
// The Unicode Standard 12.9) and 4.1 (Bengali khanda ta, 12.2). Without this
// the joiner at the end of such a word would be lost and the word misspelt.
var atoms = map[[2]rune]rune{
	{'\u0D23', '\u0D4D'}: '\u0D7A',
	{'\u0D28', '\u0D4D'}: '\u0D7B',
	{'\u0D30', '\u0D4D'}: '\u0D7C',
	{'\u0D32', '\u0D4D'}: '\u0D7D',
	{'\u0D33', '\u0D4D'}: '\u0D7E',
	{'\u0D15', '\u0D4D'}: '\u0D7F',
	{'\u09A4', '\u09CD'}: '\u09CE',
}

// join drops joiners that join nothing and variation selectors that select
// nothing. Kept are joiners between letters of scripts whose letters change
// shape, and ZWJ inside an emoji; selectors one to a character.
func join(in []rune) []rune {
	out := make([]rune, 0, len(in))
	base, selected := rune(0), false // the last rune that is no mark, and whether it has its selector
	for i, r := range in {
		switch {
		case joiner(r):
			n := len(out)
			if r == zwj && n >= 2 {
				if atom, ok := atoms[[2]rune(out[n-2:])]; ok {
					out = append(out[:n-2], atom)
					base, selected = atom, false
					continue
				}
			}
			if n > 0 && !joiner(out[n-1]) && joins(base, r, nextAfter(in[i+1:])) {
				out = append(out, r)
			}
		case selector(r):
			if n := len(out); !selected && n > 0 && !joiner(out[n-1]) && selects(base, r) {
				out = append(out, r)
				selected = true
			}
		default:
			if !unicode.Is(unicode.M, r) && !skinTone(r) {
				base, selected = r, false
			}
			out = append(out, r)
		}
	}
	return out
}

// nextAfter is the first rune that is neither joiner nor selector; 0 if none.
// It looks at a few only, so that a run of joiners costs no more than its length.
func nextAfter(rest []rune) rune {
	for i, r := range rest {
		if i == 4 {
			break
		}
		if !joiner(r) && !selector(r) {
			return r
		}
	}
	return 0
}

// joins says that j does something between base (with its marks) and next.
func joins(base, j, next rune) bool {
	switch {
	case shaped(base) && (shaped(next) || unicode.Is(unicode.M, next)):
		return true
	case unicode.Is(unicode.N, base) && shaped(next), unicode.Is(unicode.N, next) && shaped(base):
		return j == '\u200C'
	case j == zwj && base > 0xA0 && next > 0xA0 && !unicode.IsLetter(base) && !unicode.IsLetter(next) && !unicode.Is(unicode.M, next):
		// Rule GB11 of UAX #29 holds two pictographs together by a joiner.
		return uniseg.GraphemeClusterCount(string([]rune{base, zwj, next})) == 1
	}
	return false
}

// selects says that the selector v can mean something after base.
func selects(base, v rune) bool {
	switch {
	case base == 0 || base == ' ' || base == '\n':
		return false
	case unicode.Is(unicode.Han, base):
		return true
	case v >= 0xE0100: // the ideographic ones
		return false
	}
	return !unicode.IsLetter(base) || shaped(base)
}

// skinTone: the modifiers that belong to the emoji before them.
func skinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

// shaped: a letter of a script in which neighbours shape one another.
func shaped(r rune) bool {
	return unicode.IsLetter(r) && !unicode.In(r, plainScripts...) && !unicode.Is(unicode.Common, r) ||
		r == '\u0640' // tatweel, which is Common
}
