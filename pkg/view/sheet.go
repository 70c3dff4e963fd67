package view

import "strings"

// Sheet is what a mail says in one language, as the templates lay it out: in
// the mail itself, and on the desk beside its twin in another language.
type Sheet struct {
	Lang, Dir string
	Subject   string
	Campaign  string
	Greeting  Line
	Body      []Paragraph
	Action    Link
	CodeLead  Line
	Code      string
	Manage    Link
	Footer    Line
	Stop      Link // where such mails are stopped, if they can be
}

// Paragraph is lines that stand together. Lang is set when they are
// somebody's own words in another language than the rest may be.
type Paragraph struct {
	Lang  string
	Lines []Line
}

// Link is a place to go to; on the desk, where nobody shall go there, its URL
// is empty.
type Link struct {
	Text Line
	URL  string
}

// Isolates keep an inserted text's direction from its surroundings (UAX 9).
const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// Isolate marks where an inserted text begins and ends, line by line, so that
// the message around it can be taken apart into lines. An empty text stays
// empty.
func Isolate(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) != "" {
			lines[i] = firstStrongIsolate + l + popIsolate
		}
	}
	return strings.Join(lines, "\n")
}

var dropIsolates = strings.NewReplacer(firstStrongIsolate, "", popIsolate, "")

// DropIsolates is s without the marks that Isolate makes.
func DropIsolates(s string) string { return dropIsolates.Replace(s) }

// Line is a line with its isolates.
type Line string

// Piece is a run of a line that was inserted, or one that was not.
type Piece struct {
	Text     string
	Inserted bool
}

// Pieces takes a line apart at its isolates, which are never nested.
func (l Line) Pieces() []Piece {
	var out []Piece
	for rest := string(l); rest != ""; {
		before, after, _ := strings.Cut(rest, firstStrongIsolate)
		if before != "" {
			out = append(out, Piece{Text: before})
		}
		inserted, tail, _ := strings.Cut(after, popIsolate)
		if inserted != "" {
			out = append(out, Piece{Text: inserted, Inserted: true})
		}
		rest = tail
	}
	return out
}
