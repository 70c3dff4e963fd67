package plaintext

import (
	"math/bits"
	"slices"
	"unicode"
)

// Gist is a name made ready to be compared with many others.
type Gist struct {
	runes  []rune
	pairs  uint64   // of letters, each as one of 64 bits
	groups []uint32 // of three letters, or of two characters that are syllables or words, sorted
	edits  int      // how many letters may differ
}

// GistOf makes a name ready, of what SameName or Skeleton gave.
func GistOf(name string) Gist {
	g := Gist{runes: []rune(name)}
	n, size := len(g.runes), 3
	g.edits = min(n/5, 4)
	if dense(g.runes) {
		size, g.edits = 2, n/5 // 평화의등대 and 평화의등불, but not 평화연대 and 통일연대
	}
	for i := range g.runes {
		if i > 0 {
			g.pairs |= 1 << (hash(g.runes[i-1:i+1]) >> 26)
		}
		if i+size <= n {
			g.groups = append(g.groups, hash(g.runes[i:i+size]))
		}
	}
	slices.Sort(g.groups)
	return g
}

// hash of a few letters. That two groups have the same is rare, and makes
// names a little more similar than they are.
func hash(letters []rune) uint32 {
	h := uint32(2166136261)
	for _, r := range letters {
		h = (h ^ uint32(r)) * 16777619
	}
	return h * 2654435761
}

// dense: most characters are syllables or words.
func dense(name []rune) bool {
	n := 0
	for _, r := range name {
		if r >= 0x1100 && unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			n++
		}
	}
	return 2*n > len(name)
}

// Similar says that two names are so near to each other that somebody should
// compare them: few letters differ, or most of their groups of three letters
// are the same, so that a word more or another order of words does not hide
// it. In scripts where a character is a syllable or a word, fewer may differ.
// Equal names are similar; empty ones are not.
func (a Gist) Similar(b Gist) bool {
	if len(a.runes) < len(b.runes) {
		a, b = b, a
	}
	// A letter that differs spoils two pairs, and a pair that is not there a
	// group at least, of which three in ten may be missing.
	if len(b.runes) == 0 || bits.OnesCount64(b.pairs&^a.pairs) > max(2*b.edits, 3*len(b.runes)/10+1) {
		return false
	}
	if overlap(a.groups, b.groups) >= 70 {
		return true
	}
	return len(a.runes)-len(b.runes) <= b.edits && distance(a.runes, b.runes) <= b.edits
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
func overlap(x, y []uint32) int {
	all := len(x) + len(y)
	if all == 0 || 200*min(len(x), len(y)) < 70*all {
		return 0
	}
	shared := 0
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			shared, i, j = shared+1, i+1, j+1
		case x[i] < y[j]:
			i++
		default:
			j++
		}
	}
	return 200 * shared / all
}
