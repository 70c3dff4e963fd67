package plaintext

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Piece is a part of a text compared with another one.
type Piece struct {
	Text string
	Kind PieceKind
}

// PieceKind says in which of two texts a piece stands.
type PieceKind int

// In both, only in the first, only in the second.
const (
	Same PieceKind = iota
	TakenOut
	PutIn
)

// mostCompared bounds the work of Diff: texts of more words than its root each
// are shown as replaced.
const mostCompared = 4_000_000

// Diff says how before became after, word by word as Unicode divides words
// (UAX #29), by their longest common subsequence. All pieces but those put in
// make up before, all but those taken out make up after.
func Diff(before, after string) []Piece {
	a, b := wordsOf(before), wordsOf(after)
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	var d pieces
	d.add(Same, a[:start]...)
	d.compare(a[start:len(a)-end], b[start:len(b)-end])
	d.add(Same, a[len(a)-end:]...)
	return d.tidy()
}

type pieces []Piece

// add appends words, to the last piece if that is of the same kind.
func (d *pieces) add(kind PieceKind, words ...string) {
	text := strings.Join(words, "")
	switch n := len(*d); {
	case text == "":
	case n > 0 && (*d)[n-1].Kind == kind:
		(*d)[n-1].Text += text
	default:
		*d = append(*d, Piece{text, kind})
	}
}

func (d *pieces) compare(a, b []string) {
	if len(a)*len(b) > mostCompared {
		d.add(TakenOut, a...)
		d.add(PutIn, b...)
		return
	}
	// common[i][j] is how long the longest common subsequence of a[i:] and b[j:] is.
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			d.add(Same, a[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			d.add(TakenOut, a[i])
			i++
		default:
			d.add(PutIn, b[j])
			j++
		}
	}
	d.add(TakenOut, a[i:]...)
	d.add(PutIn, b[j:]...)
}

// tidy joins changes with nothing but a space between them, so that people
// read what was taken out and what was put in as a whole.
func (d pieces) tidy() pieces {
	var tidied pieces
	out, in := "", ""
	flush := func() {
		tidied.add(TakenOut, out)
		tidied.add(PutIn, in)
		out, in = "", ""
	}
	for i, p := range d {
		switch {
		case p.Kind == TakenOut:
			out += p.Text
		case p.Kind == PutIn:
			in += p.Text
		case out+in != "" && i < len(d)-1 && strings.TrimSpace(p.Text) == "":
			out, in = out+p.Text, in+p.Text
		default:
			flush()
			tidied.add(Same, p.Text)
		}
	}
	flush()
	return tidied
}

func wordsOf(s string) []string {
	var words []string
	for rest, state := s, -1; rest != ""; {
		var word string
		word, rest, state = uniseg.FirstWordInString(rest, state)
		words = append(words, word)
	}
	return words
}
