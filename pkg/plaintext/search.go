package plaintext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// accented are the scripts whose marks a person leaves out when searching:
// accents, and the vowel points of Arabic, Hebrew and Syriac. Elsewhere a
// mark is part of the spelling (Indic vowels, Thai tones, kana's voicing).
var accented = []*unicode.RangeTable{
	unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian, unicode.Georgian, unicode.Coptic,
	unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Common,
}

// sameInSearch are letters that no decomposition brings together, although
// people type the one for the other; "" drops the rune.
var sameInSearch = map[rune]string{
	'ß': "ss", 'ς': "σ", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe",
	'ħ': "h", 'ŧ': "t", 'ı': "i", 'ŋ': "n", 'ɓ': "b", 'ɗ': "d", 'ƙ': "k", 'ɛ': "e", 'ɔ': "o", 'ə': "e",
	'ى': "ي", 'ی': "ي", 'ک': "ك", 'ة': "ه", 'ہ': "ه", 'ـ': "",
	'’': "'", '‘': "'", 'ʼ': "'", 'ʻ': "'", 'ʿ': "'", 'ʾ': "'", '`': "'", '′': "'", 'ʹ': "'",
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '−': "-",
}

// Fold returns s as it is compared in searches: case, accents, width and
// compatibility forms, kinds of quotation marks and dashes, joiners and
// repeated spaces make no difference. It is for comparing, never for showing.
// Folding twice changes nothing more. Fold is linear; the caller bounds s.
func Fold(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\u00B4", "'")
	s = strings.ToLower(norm.NFKD.String(s))
	var b strings.Builder
	plain, gap := true, false // plain: marks on the letter before are only accents
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u2800':
			gap = true
			continue
		case unicode.In(r, unicode.C) || fateOf(r) == strip || selector(r):
			continue
		case unicode.Is(unicode.M, r) && plain:
			continue
		}
		if !unicode.Is(unicode.M, r) {
			plain = unicode.In(r, accented...)
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		if same, ok := sameInSearch[r]; ok {
			b.WriteString(same)
		} else if unicode.Is(unicode.Pd, r) {
			b.WriteByte('-')
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}
