package banner

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// words cuts text where a row may break; each has its spaces behind it.
func words(text string, loose bool) []string {
	var all []string
	start, end := 0, 0
	for rest, state := text, -1; rest != ""; {
		var piece string
		piece, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		end += len(piece)
		if rest == "" || mayBreak(piece, rest, loose) {
			all = append(all, text[start:end])
			start = end
		}
	}
	return all
}

// mayBreak says whether a place where UAX #14 allows a break may have one:
// Korean words are kept together, and Japanese and Chinese phrases unless loose.
func mayBreak(before, after string, loose bool) bool {
	a, _ := utf8.DecodeLastRuneInString(before)
	b, size := utf8.DecodeRuneInString(after)
	switch {
	case unicode.IsSpace(a):
		return true
	case unicode.Is(unicode.Hangul, a) || unicode.Is(unicode.Hangul, b):
		return false
	case loose || !isHanOrKana(a) && !isHanOrKana(b):
		return true
	}
	next, _ := utf8.DecodeRuneInString(after[size:])
	return endsPhrase(a, b, next)
}

// endsPhrase says whether a phrase ends between two letters of Japanese or
// Chinese, by their kinds alone: behind a mark; in Japanese behind the kana
// that end a word (the particle を among them) and before the next word, which
// seldom begins with hiragana, unless it is a polite one (お願い, ご協力).
func endsPhrase(a, b, next rune) bool {
	polite := func(r rune) bool { return r == 'お' || r == 'ご' }
	hiragana := func(r rune) bool { return unicode.Is(unicode.Hiragana, r) }
	switch {
	case unicode.IsPunct(a):
		return true
	case unicode.IsDigit(a) || unicode.IsDigit(b) || polite(a):
		return false
	case a == 'を':
		return true
	case hiragana(a):
		return !hiragana(b) || polite(b) && unicode.Is(unicode.Han, next)
	}
	return !hiragana(b) && isHanOrKana(a) != isHanOrKana(b) // before and behind a word in other letters
}

// isHanOrKana includes the marks of these scripts.
func isHanOrKana(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		r >= 0x3000 && r <= 0x303F || r == '・' || r == 'ー' || r >= 0xFF01 && r <= 0xFF60
}

// letter cuts off what stays together even in a torn word: a grapheme, and in
// Thai and Lao the vowels that are written before or behind their consonant.
func letter(text string) (first, rest string) {
	size := 0
	for rest, state := text, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		size += len(cluster)
		a, _ := utf8.DecodeLastRuneInString(cluster)
		b, _ := utf8.DecodeRuneInString(rest)
		if !slices.Contains(leadingVowels, a) && !slices.Contains(trailingVowels, b) {
			break
		}
	}
	return text[:size], text[size:]
}

var (
	leadingVowels  = []rune("เแโใไເແໂໃໄ")
	trailingVowels = []rune("ะาๅๆฯະາໆຯ")
)
