package plaintext

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func shown(d []Piece) string {
	var b strings.Builder
	for _, p := range d {
		fmt.Fprintf(&b, []string{"%s", "[-%s-]", "{+%s+}"}[p.Kind], p.Text)
	}
	return b.String()
}

func TestDiffSaysWhatBecameOfEachWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, after, want string }{
		{"", "", ""},
		{"We sing.", "We sing.", "We sing."},
		{"", "We sing.", "{+We sing.+}"},
		{"We sing.", "", "[-We sing.-]"},
		{"We sing for peace.", "We march for peace.", "We [-sing-]{+march+} for peace."},
		{"a b c d", "a c d e", "a [-b -]c d{+ e+}"},
		{"우리는 노래한다", "우리는 행진한다", "우리는 [-노래한다-]{+행진한다+}"},
		{"other words here", "together in peace here", "[-other words-]{+together in peace+} here"},
		{"和平之家", "和平的家", "和平[-之-]{+的+}家"},
		{"👩\u200D👧 peace", "👩\u200D👦 peace", "[-👩\u200D👧-]{+👩\u200D👦+} peace"},
	} {
		if got := shown(Diff(c.before, c.after)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

func TestDiffOfLongTextsIsQuick(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	Diff(strings.Repeat("a b ", 50_000), strings.Repeat("b c ", 50_000))
	Diff(strings.Repeat("a.", 600), strings.Repeat("b.", 600))
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("a b c", "b c d")
	f.Fuzz(func(t *testing.T, a, b string) {
		var first, second string
		for _, p := range Diff(a, b) {
			if p.Kind != PutIn {
				first += p.Text
			}
			if p.Kind != TakenOut {
				second += p.Text
			}
		}
		if first != a || second != b {
			t.Errorf("%q and %q come out as %q and %q", a, b, first, second)
		}
	})
}
