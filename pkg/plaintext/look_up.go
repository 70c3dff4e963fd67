package plaintext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SearchKey returns names as a search looks through them: folded, and in one
// script where people may type either. Hangul stands in letters, so that half
// a syllable finds the whole, with the first consonants of each word behind
// it; katakana is hiragana; Chinese characters have one shape; figures are
// European. It is made once for each name and kept.
func SearchKey(names ...string) string {
	key := spell(Fold(strings.Join(names, " ")))
	var b strings.Builder
	b.WriteString(key)
	for word := range strings.FieldsSeq(key) {
		if first := leads(word); first != "" {
			b.WriteByte(' ')
			b.WriteString(first)
		}
	}
	return b.String()
}

// SearchWords takes what somebody looks for apart into words, each of which a
// name's key must hold.
func SearchWords(query string) []string {
	return strings.Fields(spell(Fold(query)))
}

// Letters of Hangul as Unicode composes them.
const (
	firstLead, lastLead   = 'ᄀ', 'ᄒ'
	firstVowel, lastVowel = 'ᅡ', 'ᅵ'
	firstSyllable         = '가'
	lastSyllable          = '힣'
)

// tailOf is the consonant at a syllable's end that is written as that at the
// beginning of one.
var tailOf = map[rune]rune{
	'ᄀ': 'ᆨ', 'ᄁ': 'ᆩ', 'ᄂ': 'ᆫ', 'ᄃ': 'ᆮ', 'ᄅ': 'ᆯ', 'ᄆ': 'ᆷ', 'ᄇ': 'ᆸ', 'ᄉ': 'ᆺ', 'ᄊ': 'ᆻ', 'ᄋ': 'ᆼ', 'ᄌ': 'ᆽ', 'ᄎ': 'ᆾ', 'ᄏ': 'ᆿ', 'ᄐ': 'ᇀ', 'ᄑ': 'ᇁ', 'ᄒ': 'ᇂ',
}

// spell writes folded text in the letters that searches compare.
func spell(folded string) string {
	letters := make([]rune, 0, len(folded))
	for _, r := range folded {
		switch {
		case r >= firstSyllable && r <= lastSyllable:
			letters = append(letters, []rune(norm.NFD.String(string(r)))...)
		case r >= 'ァ' && r <= 'ヶ':
			letters = append(letters, r-'ァ'+'ぁ')
		case r == 'ٱ':
			letters = append(letters, 'ا')
		case r == 'ھ':
			letters = append(letters, 'ه')
		case r > unicode.MaxASCII && unicode.Is(unicode.Nd, r):
			letters = append(letters, figure(r))
		default:
			letters = append(letters, oneShape(r))
		}
	}
	// Who types Hangul letter by letter means syllables: a consonant behind a
	// vowel, with no vowel behind it, ends one.
	for i := 1; i < len(letters); i++ {
		vowelNext := i+1 < len(letters) && isVowel(letters[i+1])
		if tail := tailOf[letters[i]]; tail != 0 && isVowel(letters[i-1]) && !vowelNext {
			letters[i] = tail
		}
	}
	return string(letters)
}

func isVowel(r rune) bool { return r >= firstVowel && r <= lastVowel }

// leads are the consonants that the syllables of a Korean word begin with,
// "" for a word that has none: ㅍㅎ for 평화.
func leads(word string) string {
	var first []rune
	for _, r := range word {
		if r >= firstLead && r <= lastLead {
			first = append(first, r)
		}
	}
	return string(first)
}

// figure is the European one of the same value: those of each script stand in
// a row of ten.
func figure(r rune) rune {
	for _, row := range unicode.Nd.R16 {
		if r >= rune(row.Lo) && r <= rune(row.Hi) {
			return '0' + (r-rune(row.Lo))%10
		}
	}
	for _, row := range unicode.Nd.R32 {
		if r >= rune(row.Lo) && r <= rune(row.Hi) {
			return '0' + (r-rune(row.Lo))%10
		}
	}
	return r
}
