// Package sheet reads and writes tables as CSV (RFC 4180) the way people's
// spreadsheets make and open them. What it writes opens as text everywhere: a
// cell that a spreadsheet would take for a formula gets an apostrophe before
// it, which reading takes away again. It knows no column: what a table means
// is for its caller.
package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"olivebranch/pkg/fault"
)

// bom tells spreadsheets that a file is UTF-8.
const bom = "\uFEFF"

// Writer writes a table, row by row: UTF-8 with a byte order mark, commas,
// lines ending in CR LF.
type Writer struct {
	csv   *csv.Writer
	out   *bufio.Writer
	begun bool
}

// NewWriter writes to w. Flush when the last row is written.
func NewWriter(w io.Writer) *Writer {
	out := bufio.NewWriter(w)
	c := csv.NewWriter(out)
	c.UseCRLF = true
	return &Writer{csv: c, out: out}
}

// Row writes one row, each cell defused.
func (w *Writer) Row(cells ...string) error {
	if !w.begun {
		w.begun = true
		if _, err := w.out.WriteString(bom); err != nil {
			return err
		}
	}
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = defuse(c)
	}
	return w.csv.Write(row)
}

// Flush writes what is still in memory, and returns the first error there was.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return errors.Join(w.csv.Error(), w.out.Flush())
}

// starts are the characters with which spreadsheets begin a formula, or which
// they skip before one; some programs read the full-width ones as the plain.
const starts = "=+-@\t\r\n＝＋－＠−"

// armed says that a cell, apostrophes and spaces before it apart, begins like
// a formula.
func armed(cell string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, "' "))
	return first != utf8.RuneError && strings.ContainsRune(starts, first)
}

// defuse puts an apostrophe before an armed cell, also before one that has
// some already, so that disarm gives back exactly what was written.
func defuse(cell string) string {
	if armed(cell) {
		return "'" + cell
	}
	return cell
}

func disarm(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && armed(rest) {
		return rest
	}
	return cell
}

// Row is a row of a table that was read. Line is where it begins in the file,
// counted from 1.
type Row struct {
	Line  int
	Cells []string
}

// Faults of a file.
var (
	ErrEncoding = fault.New(fault.Invalid, "text.encoding")
	ErrEmpty    = fault.New(fault.Invalid, "text.required")
)

// Read reads a whole table: UTF-8, with or without a byte order mark, with
// commas or semicolons between the cells (the first line says which), any line
// ends, and quoted cells that hold line breaks. Empty lines are passed over;
// rows may be of different lengths. It stops behind most rows. ErrEncoding,
// ErrEmpty, or sheet.broken{Line}.
func Read(text []byte, most int) ([]Row, error) {
	text = bytes.TrimPrefix(text, []byte(bom))
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, ErrEncoding
	}
	// A CR alone ended lines on old machines; encoding/csv would keep it.
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = separator(text)
	var rows []Row
	for len(rows) < most {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		line, _ := r.FieldPos(0)
		for i, c := range cells {
			cells[i] = disarm(c)
		}
		if strings.TrimSpace(strings.Join(cells, "")) != "" {
			rows = append(rows, Row{line, cells})
		}
	}
	if len(rows) == 0 {
		return nil, ErrEmpty
	}
	return rows, nil
}

func broken(err error) error {
	line := 0
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		line = parse.Line
	}
	return fault.New(fault.Invalid, "sheet.broken", "Line", line).Because(err)
}

// separator is what stands more often in the first line.
func separator(text []byte) rune {
	first, _, _ := bytes.Cut(bytes.TrimLeft(text, "\n"), []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		return ';'
	}
	return ','
}
