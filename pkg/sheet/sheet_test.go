package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/sheet"
)

func written(t *testing.T, rows ...[]string) string {
	t.Helper()
	var b bytes.Buffer
	w := sheet.NewWriter(&b)
	for _, r := range rows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestACellThatASpreadsheetWouldRunIsText(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{
		`=HYPERLINK("https://evil.example","x")`, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠SUM(1)",
		"'=1", "''=1", "-", "'\t", " =1", "−1",
	} {
		got := written(t, []string{cell, "next"})
		inside := strings.TrimPrefix(strings.TrimPrefix(got, "\uFEFF"), `"`)
		if !strings.HasPrefix(inside, "'") {
			t.Errorf("%q is written as %q", cell, got)
		}
	}
	for _, cell := range []string{"Peace", "'t Hooft", "1-2", "a=b", "é", "평화", ""} {
		if got := written(t, []string{cell}); strings.Contains(got, "'"+cell) {
			t.Errorf("%q is harmless, and written as %q", cell, got)
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	rows := [][]string{
		{"name", "about", "n"},
		{"=1", "two\nlines, and \"quotes\"", "1"},
		{"'=1", "semicolon; comma,", "''@x"},
		{"＝x", " spaces ", "'t Hooft"},
		{"평화의 집", "سلام", "'"},
	}
	text := written(t, rows...)
	if !strings.HasPrefix(text, "\uFEFF") || strings.Count(text, "\r\n") < len(rows) {
		t.Errorf("no mark or no CR LF: %q", text)
	}
	got, err := sheet.Read([]byte(text), 100)
	if err != nil || len(got) != len(rows) {
		t.Fatalf("%v, %v", got, err)
	}
	for i, r := range got {
		if !slices.Equal(r.Cells, rows[i]) {
			t.Errorf("line %d: %q, want %q", r.Line, r.Cells, rows[i])
		}
	}
}

func TestTablesAreReadHoweverTheyAreMade(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"a,b\n1,2\n", "[{1 [a b]} {2 [1 2]}]"},
		{"\uFEFFa;b\r\n1;\"x;y\"\r\n", "[{1 [a b]} {2 [1 x;y]}]"},
		{"a,b\r1,2\r", "[{1 [a b]} {2 [1 2]}]"},
		{"a,b\n\n\n1,2", "[{1 [a b]} {4 [1 2]}]"},
		{"a,b\n,\n1", "[{1 [a b]} {3 [1]}]"},
		{"a,b\n\"x\r\ny\",2\n3,4,5", "[{1 [a b]} {2 [x\ny 2]} {4 [3 4 5]}]"},
		{"a\n'=1\n", "[{1 [a]} {2 [=1]}]"},
	} {
		rows, err := sheet.Read([]byte(c.text), 100)
		if got := fmt.Sprint(rows); err != nil || got != c.want {
			t.Errorf("%q: %s, %v, want %s", c.text, got, err, c.want)
		}
	}
}

func TestABrokenTableIsRefused(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]string{
		"": "text.required", "\uFEFF\n \n": "text.required", ",,\n": "text.required",
		"a\xff": "text.encoding", "a\x00": "text.encoding", "a\n\"open": "sheet.broken", "a\nb\"c": "sheet.broken",
	} {
		_, err := sheet.Read([]byte(text), 100)
		var f *fault.Error
		if !errors.As(err, &f) || f.Key != key {
			t.Errorf("%q: %v, want %s", text, err, key)
		}
	}
	_, err := sheet.Read([]byte("a\nb\nc\"d\n"), 100)
	var f *fault.Error
	if !errors.As(err, &f) || f.Args["Line"] != 3 {
		t.Errorf("%v, want line 3", err)
	}
}

func FuzzWrittenIsRead(f *testing.F) {
	f.Add("=1", "a\nb")
	f.Add("'", "'=")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || strings.Contains(a+b, "\x00") || strings.Contains(a+b, "\r") {
			return // a CR is read as the line break it is
		}
		rows, err := sheet.Read([]byte(written(t, []string{"head", "head"}, []string{"x", a, b})), 100)
		if err != nil || len(rows) != 2 || !slices.Equal(rows[1].Cells, []string{"x", a, b}) {
			t.Errorf("%q, %q: %v, %v", a, b, rows, err)
		}
	})
}
