package site

import (
	"regexp"
	"strconv"
	"testing"

	"olivebranch/locales"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/locale"
)

func TestTheGrowthEndsAtTheSum(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		days  []appeal.DayCount
		until string
		want  []appeal.DayCount
	}{
		"nobody":     {nil, "2026-03-01", nil},
		"no day":     {[]appeal.DayCount{{Day: "2026-03-01", N: 1}}, "", nil},
		"one day":    {[]appeal.DayCount{{Day: "2026-03-01", N: 7}}, "2026-03-01", []appeal.DayCount{{Day: "2026-02-28"}, {Day: "2026-03-01", N: 7}}},
		"days apart": {[]appeal.DayCount{{Day: "2026-03-01", N: 7}, {Day: "2026-03-03", N: 2}}, "2026-03-04", []appeal.DayCount{{Day: "2026-02-28"}, {Day: "2026-03-01", N: 7}, {Day: "2026-03-02", N: 7}, {Day: "2026-03-03", N: 9}, {Day: "2026-03-04", N: 9}}},
	} {
		got := rises(c.days, c.until)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
	long := rises([]appeal.DayCount{{Day: "2020-09-01", N: 100}, {Day: "2023-07-27", N: 5}}, "2023-07-27")
	if len(long) != mostRises || long[0].N != 0 || long[mostRises-2].N != 100 || long[mostRises-1] != (appeal.DayCount{Day: "2023-07-27", N: 105}) {
		t.Errorf("three years: %v", long)
	}
}

// TestAChartFitsItsAxes: the top is round and not passed, what is more than
// nothing is seen, and time runs as people read.
func TestAChartFitsItsAxes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int64{0: 2, 1: 2, 2: 2, 3: 4, 7: 8, 9: 10, 11: 20, 996: 1000, 25_000: 30_000, 206_629: 300_000, 1_000_001: 2_000_000} {
		if got := ceiling(n); got != want {
			t.Errorf("the top above %d is %d, want %d", n, got, want)
		}
	}
	all, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	days := []appeal.DayCount{{Day: "2026-03-01", N: 1}, {Day: "2026-03-02"}, {Day: "2026-03-03", N: 996}}
	for lang, first := range map[string]int{"en": 0, "ar": 200} {
		l := all.For(lang)
		c := daily(l, days)
		if c.Columns[0].X != first || c.Columns[0].Height != 1 || c.Columns[1].Height != 0 || c.Columns[2].Height != 99 || c.Columns[2].Y != 1 {
			t.Errorf("%s: %+v", lang, c.Columns)
		}
		if c.Scale[0] != l.Number(1000) || c.Scale[1] != l.Number(500) || c.Times[0] != l.Day("2026-03-01") || c.Times[2] != l.Day("2026-03-03") || c.Table[0].N != 996 {
			t.Errorf("%s: %+v", lang, c)
		}
		g := growing(l, days, "2026-03-03")
		ends := regexp.MustCompile(`^M(\d+) 100\.0.*L(\d+) 0\.3$`).FindStringSubmatch(g.Line)
		if len(ends) != 3 || ends[1] == ends[2] || (ends[1] == "0") != (lang == "en") {
			t.Errorf("%s: the line is %s", lang, g.Line)
		}
		if x, err := strconv.Atoi(ends[1]); err != nil || g.Area != "V100H"+strconv.Itoa(x)+"z" {
			t.Errorf("%s: the area ends %s", lang, g.Area)
		}
	}
}
