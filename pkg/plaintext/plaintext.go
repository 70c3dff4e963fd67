// Package plaintext takes in people's words: names, organizations, messages.
// What it returns is plain text in Unicode's NFC, bounded in graphemes and
// bytes, without anything that could reach beyond its own place on a page
// (overrides of direction, controls, towers of marks) and without anything
// nobody sees. It judges form only: whether words are kind is for people,
// and isolating a text's direction on the page is for the templates.
//
// Every function is linear in its input; Clean and those built on it refuse
// what is far too long before they look at it.
package plaintext

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"

	"olivebranch/pkg/fault"
)

// Limit says how much a text may hold, after cleaning.
type Limit struct {
	Graphemes int  // what people count as characters
	Bytes     int  // in UTF-8
	Columns   int  // of a row of small letters, in which those of Korean, Chinese and Japanese take two; 0 is no limit
	Lines     bool // line breaks are allowed
	Hosts     bool // Name lets a bare host through: 350.org is an organization
}

// The limits of the texts this program knows.
var (
	PersonName       = Limit{Graphemes: 100, Bytes: 400}
	OrganizationName = Limit{Graphemes: 120, Bytes: 480, Hosts: true}
	Line             = Limit{Graphemes: 160, Bytes: 640}
	Message          = Limit{Graphemes: 500, Bytes: 2048, Lines: true}
	About            = Limit{Graphemes: 600, Bytes: 2400, Lines: true}
)

// rawBytes is how long a text may be before it is cleaned: the same words
// take up to three times the bytes when decomposed (Unicode FAQ,
// "Normalization"), and something is left for spaces that will be folded.
func (l Limit) rawBytes() int { return 4*l.Bytes + 256 }

// Clean returns s as it will be stored: NFC, trimmed, runs of spaces folded
// into one, invisible characters gone except where they shape the letters
// beside them. A text with Lines keeps its line breaks as LF, with at most
// two blank lines in a row. Nothing visible gives "" and no fault.
//
// Faults: text.long{Max}, text.encoding, text.control, text.marks.
func Clean(s string, l Limit) (string, error) {
	if len(s) > l.rawBytes() {
		return "", tooLong(l.Graphemes)
	}
	if err := checkEncoding(s); err != nil {
		return "", err
	}
	if blank(s) {
		return "", nil
	}
	runes, err := screen(s, l.Lines)
	if err != nil {
		return "", err
	}
	s = foldSpaces(join(runes))
	if longRun(s, rawMarks) {
		return "", fault.New(fault.Invalid, "text.marks")
	}
	s = norm.NFC.String(s)
	if err := checkMarks(s); err != nil {
		return "", err
	}
	return s, fits(s, l)
}

// Required is Clean for a text that must be there.
//
// Faults: those of Clean, and text.required.
func Required(s string, l Limit) (string, error) {
	s, err := Clean(s, l)
	if err == nil && s == "" {
		err = fault.New(fault.Invalid, "text.required")
	}
	return s, err
}

// fits refuses a text of too many graphemes, bytes or columns. Max is always in
// graphemes, because people cannot count bytes: it is how many of this very
// text's characters would have fitted.
func fits(s string, l Limit) error {
	graphemes, columns, room := 0, 0, 0
	over := false
	for rest, state, used := s, -1, 0; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		graphemes++
		used += len(cluster)
		columns += uniseg.StringWidth(cluster)
		if used <= l.Bytes && graphemes <= l.Graphemes && (l.Columns == 0 || columns <= l.Columns) {
			room = graphemes
		} else {
			over = true
		}
	}
	if over {
		return tooLong(room)
	}
	return nil
}

func tooLong(max int) error {
	return fault.New(fault.Invalid, "text.long", "Max", max)
}

// checkEncoding refuses what is no text: broken UTF-8 (overlong forms and
// surrogates among it), NUL, noncharacters, and U+FFFD, which is what a
// decoder before us, JSON's for one, has left in place of a broken character.
func checkEncoding(s string) error {
	bad := !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return r == 0 || r == utf8.RuneError || r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE
	})
	if bad {
		return fault.New(fault.Invalid, "text.encoding")
	}
	return nil
}

// foldSpaces folds runs of spaces into one, drops those beside line breaks and at
// the ends, and leaves at most two blank lines in a row.
func foldSpaces(runes []rune) string {
	var b strings.Builder
	spaces, breaks := 0, 0
	for _, r := range runes {
		switch r {
		case ' ':
			spaces++
			continue
		case '\n':
			breaks++
			continue
		}
		if b.Len() > 0 {
			switch {
			case breaks > 0:
				b.WriteString(strings.Repeat("\n", min(breaks, 3)))
			case spaces > 0:
				b.WriteByte(' ')
			}
		}
		spaces, breaks = 0, 0
		b.WriteRune(r)
	}
	return b.String()
}
