package plaintext

import (
	"slices"
	"unicode"
)

// Similar says that two names, as SameName gives them, are so near to each
// other that somebody should compare them: few letters differ, or most of
// their groups of three letters are the same, so that a word more or another
// order of words does not hide it. In scripts where a character is a syllable
// or a word, fewer may differ. Equal names are similar; empty ones are not.
func Similar(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	if len(x) < len(y) {
		x, y = y, x
	}
	most := edits(y)
	if len(x)-len(y) <= most && distance(x, y) <= most {
		return true
	}
	return overlap(x, y) >= 70
}

// edits is how many letters may differ in a name.
func edits(name []rune) int {
	n := len(name)
	if dense(name) {
		return n / 5 // 평화의등대 and 평화의등불, but not 평화연대 and 통일연대
	}
	return min(n/5, 4)
}

// dense: most characters are syllables or words.
func dense(name []rune) bool {
	n := 0
	for _, r := range name {
		if unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			n++
		}
	}
	return 2*n > len(name)
}

// distance is the number of letters to add, drop or change (Levenshtein).
func distance(a, b []rune) int {
	last, now := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i, r := range a {
		now[0] = i + 1
		for j, s := range b {
			cost := 1
			if r == s {
				cost = 0
			}
			now[j+1] = min(last[j]+cost, last[j+1]+1, now[j]+1)
		}
		last, now = now, last
	}
	return last[len(b)]
}

// overlap is Dice's coefficient of the groups of letters of two names: twice
// what they share by what they have together, in percent.
func overlap(a, b []rune) int {
	size := 3
	if dense(b) {
		size = 2
	}
	x, y := groups(a, size), groups(b, size)
	if len(x)+len(y) == 0 {
		return 0
	}
	shared := 0
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch c := slices.Compare(x[i], y[j]); {
		case c == 0:
			shared, i, j = shared+1, i+1, j+1
		case c < 0:
			i++
		default:
			j++
		}
	}
	return 200 * shared / (len(x) + len(y))
}

func groups(name []rune, size int) [][]rune {
	var all [][]rune
	for i := 0; i+size <= len(name); i++ {
		all = append(all, name[i:i+size])
	}
	slices.SortFunc(all, slices.Compare)
	return all
}

// Pieces cuts a name into parts of which at least one stands unchanged in
// every name that differs from it in no more letters than Similar lets pass:
// so many differences cannot reach one part more than they are.
func Pieces(name string) []string {
	r := []rune(name)
	if len(r) < 2 {
		return nil
	}
	n := edits(r) + 1
	if n == 1 && len(r) > 3 {
		n = 2 // the other may be longer, and similar by its groups of letters
	}
	var all []string
	for i := range n {
		all = append(all, string(r[i*len(r)/n:(i+1)*len(r)/n]))
	}
	return all
}
