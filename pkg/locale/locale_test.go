package locale_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestT(t *testing.T) {
	t.Parallel()
	c := three(t)
	type state string
	tests := []struct {
		lang, id string
		pairs    []any
		want     string
	}{
		{"en", "sign.title", nil, "Sign the appeal"},
		{"ko", "sign.title", nil, "평화선언에 서명하기"},
		{"ko", "sign.title", []any{"N", 3}, "평화선언에 서명하기"},
		{"ko", "sign.hello", []any{"Name", "<b>{{.N}}"}, "<b>{{.N}} 님, 안녕하세요!"},
		{"en", "sign.hello", []any{"Name", "Ana"}, "Hello Ana, Ana!"},
		{"en", "sign.hello", []any{"Name", state("held")}, "Hello held, held!"},
		{"en", "sign.hello", []any{"Name", fmt.Errorf("gone")}, "Hello gone, gone!"},
		{"en", "sign.hello", []any{"Name", 1.5}, "Hello 1.5, 1.5!"},
		{"en", "sign.people", []any{"N", 0}, "0 people"},
		{"en", "sign.people", []any{"N", 1}, "1 person"},
		{"en", "sign.people", []any{"N", int8(1)}, "1 person"},
		{"en", "sign.people", []any{"N", uint16(1)}, "1 person"},
		{"en", "sign.people", []any{"N", int64(206629)}, "206,629 people"},
		{"en", "sign.people", []any{"N", int64(math.MinInt64)}, "-9,223,372,036,854,775,808 people"},
		{"en", "sign.people", []any{"N", uint64(math.MaxUint64)}, "18,446,744,073,709,551,615 people"},
		{"en", "sign.people", []any{"N", "fewer than 10"}, "fewer than 10 people"},
		{"en", "sign.from", []any{"N", 1, "Country", "France"}, "One person from France"},
		{"en", "sign.counted", []any{"N", 2000, "Place", 1000}, "Number 1,000 of 2,000"},
		{"ko", "sign.people", []any{"N", 1}, "1명"},
		{"ko", "sign.from", []any{"Country", "프랑스", "N", 1234}, "프랑스에서 1,234명"},
		{"ar", "sign.people", []any{"N", 0}, "لا أحد"},
		{"ar", "sign.people", []any{"N", 1}, "شخص واحد"},
		{"ar", "sign.people", []any{"N", 2}, "شخصان"},
		{"ar", "sign.people", []any{"N", 3}, "٣ أشخاص"},
		{"ar", "sign.people", []any{"N", 11}, "١١ شخصًا"},
		{"ar", "sign.people", []any{"N", 100}, "١٠٠ شخص"},
		{"en", "sign.people", []any{"N", 1.5}, "1.5 people"},
		{"en", "sign.people", []any{"N", 1.0}, "1 person"},
		{"ar", "sign.people", []any{"N", 3.5}, "٣٫٥ شخص"},
		{"ar", "sign.people", []any{"N", 1003}, "١٬٠٠٣ أشخاص"},
	}
	for _, tt := range tests {
		if got := c.For(tt.lang).T(tt.id, tt.pairs...); got != tt.want {
			t.Errorf("%s %s %v: got %q, want %q", tt.lang, tt.id, tt.pairs, got, tt.want)
		}
	}
	if misses := c.Misses(); len(misses) != 0 {
		t.Errorf("misses: %q", misses)
	}
}

func TestWhatIsMissingIsNotedOnce(t *testing.T) {
	t.Parallel()
	c := three(t)
	tests := []struct {
		lang, id string
		pairs    []any
		want     string
		misses   []string
	}{
		{"ko", "sign.only", nil, "Only English has this", []string{"ko sign.only"}},
		{"ar", "sign.from", []any{"N", 1, "Country", "مصر"}, "One person from مصر", []string{"ar sign.from"}},
		{"ko", "sign.none", nil, "sign.none", []string{"ko sign.none", "en sign.none"}},
		{"en", "sign.nil", nil, "sign.nil", []string{"en sign.nil"}},
		{"en", "sign", nil, "sign", []string{"en sign"}},
		{"en", "sign.hello", nil, "Hello , !", []string{"en sign.hello {{.Name}}"}},
		{"en", "sign.hello", []any{"Name"}, "Hello , !", nil},
		{"en", "sign.hello", []any{"name", "Ana"}, "Hello , !", nil},
		{"en", "sign.people", nil, " people", []string{"en sign.people {{.N}}"}},
	}
	var want []string
	for range 2 {
		for _, tt := range tests {
			if got := c.For(tt.lang).T(tt.id, tt.pairs...); got != tt.want {
				t.Errorf("%s %s %v: got %q, want %q", tt.lang, tt.id, tt.pairs, got, tt.want)
			}
			want = append(want, tt.misses...)
		}
	}
	slices.Sort(want)
	if got := c.Misses(); !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("misses: %q", got)
	}
}

func TestAMissingPluralCategoryReadsAsOther(t *testing.T) {
	t.Parallel()
	c := load(t, files(t, map[string]string{"en": englishText, "ar": "[sign.people]\none = \"شخص واحد\"\nother = \"{{.N}} شخص\""}))
	if got, want := c.For("ar").T("sign.people", "N", 3), "٣ شخص"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	misses := c.Misses()
	if len(misses) != 1 || !strings.HasPrefix(misses[0], "ar sign.people ") || !strings.Contains(misses[0], `"few"`) {
		t.Errorf("misses: %q", misses)
	}
}

func TestMissesAreBounded(t *testing.T) {
	t.Parallel()
	c := three(t)
	for i := range 3000 {
		c.For("ko").T(fmt.Sprint("made.from.input.", i))
	}
	if n := len(c.Misses()); n != 1000 {
		t.Errorf("%d misses are remembered, want 1000", n)
	}
}

// A number may be in a sentence that is the same for all numbers.
func TestAMessageWithoutPluralsNeedsNone(t *testing.T) {
	t.Parallel()
	c := load(t, files(t, map[string]string{"en": "[line]\nat = \"Line {{.N}}\"", "ar": "[line]\nat = \"السطر {{.N}}\""}))
	if got := c.For("ar").T("line.at", "N", 11); got != "السطر ١١" {
		t.Errorf("got %q", got)
	}
	if misses := c.Misses(); len(misses) != 0 {
		t.Errorf("misses: %q", misses)
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	c := three(t)
	for id, want := range map[string]bool{
		"sign.title": true, "sign.people": true, "sign.only": true, "sign": false, "sign.none": false, "": false,
	} {
		if got := c.For("ko").Has(id); got != want {
			t.Errorf("Has(%q) is %v", id, got)
		}
	}
	if misses := c.Misses(); len(misses) != 0 {
		t.Errorf("asking is a miss: %q", misses)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	c := ten(t)
	tests := []struct {
		lang, number, whole, part string
	}{
		{"en", "1,234,567", "42%", "0.2%"},
		{"ko", "1,234,567", "42%", "0.2%"},
		{"ar", "١٬٢٣٤٬٥٦٧", "٤٢٪\u061c", "٠٫٢٪\u061c"},
		{"fr", "1\u00a0234\u00a0567", "42\u00a0%", "0,2\u00a0%"},
		{"de", "1.234.567", "42\u00a0%", "0,2\u00a0%"},
		{"es", "1.234.567", "42\u00a0%", "0,2\u00a0%"},
		{"ru", "1\u00a0234\u00a0567", "42\u00a0%", "0,2\u00a0%"},
		{"zh", "1,234,567", "42%", "0.2%"},
		{"ja", "1,234,567", "42%", "0.2%"},
		{"id", "1.234.567", "42%", "0,2%"},
	}
	for _, tt := range tests {
		l := c.For(tt.lang)
		if got := l.Number(1234567); got != tt.number {
			t.Errorf("%s: number %q, want %q", tt.lang, got, tt.number)
		}
		if got := l.Percent(0.42); got != tt.whole {
			t.Errorf("%s: percent %q, want %q", tt.lang, got, tt.whole)
		}
		if got := l.Percent(0.00206629); got != tt.part {
			t.Errorf("%s: percent %q, want %q", tt.lang, got, tt.part)
		}
	}
}

func TestPercentRoundsTowardsZero(t *testing.T) {
	t.Parallel()
	l := ten(t).For("en")
	for f, want := range map[float64]string{
		0: "0%", 0.29: "29%", 0.57: "57%", 0.099: "9.9%", 0.05: "5%", 0.0999: "9.9%", 0.1: "10%", 0.125: "12%",
		0.99999999: "99%", 1: "100%", 1.2: "120%", 0.000001: "0%", -0.000001: "0%", -0.5: "-50%",
		math.NaN(): "0%", math.Inf(1): "0%", math.Inf(-1): "0%",
	} {
		if got := l.Percent(f); got != want {
			t.Errorf("Percent(%v) = %q, want %q", f, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	const ms = 1780236300000 // 2026-05-31 14:05 UTC
	c := ten(t)
	tests := []struct{ lang, date, time string }{
		{"en", "May 31, 2026", "May 31, 2026, 14:05 UTC"},
		{"ko", "2026년 5월 31일", "2026년 5월 31일 14:05 UTC"},
		{"ar", "٣١ مايو ٢٠٢٦", "٣١ مايو ٢٠٢٦، ١٤:٠٥ UTC"},
		{"fr", "31 mai 2026", "31 mai 2026, 14:05 UTC"},
		{"es", "31 de mayo de 2026", "31 de mayo de 2026, 14:05 UTC"},
		{"de", "31. Mai 2026", "31. Mai 2026, 14:05 UTC"},
		{"ru", "31 мая 2026 г.", "31 мая 2026 г., 14:05 UTC"},
		{"zh", "2026年5月31日", "2026年5月31日 14:05 UTC"},
		{"ja", "2026年5月31日", "2026年5月31日 14:05 UTC"},
		{"id", "31 Mei 2026", "31 Mei 2026 14.05 UTC"},
	}
	for _, tt := range tests {
		l := c.For(tt.lang)
		if got := l.Date(ms); got != tt.date {
			t.Errorf("%s: date %q, want %q", tt.lang, got, tt.date)
		}
		if got := l.DateTime(ms); got != tt.time {
			t.Errorf("%s: date and time %q, want %q", tt.lang, got, tt.time)
		}
		if got := l.Day("2026-05-31"); got != tt.date {
			t.Errorf("%s: day %q, want %q", tt.lang, got, tt.date)
		}
	}
	for day, want := range map[string]string{"2026-01-01": "1er janvier 2026", "2026-01-11": "11 janvier 2026", "2026-01-21": "21 janvier 2026"} {
		if got := c.For("fr").Day(day); got != want {
			t.Errorf("fr: day %q, want %q", got, want)
		}
	}
	for _, day := range []string{"", "2026-02-30", "31.5.2026", "<b>"} {
		if got := c.For("ar").Day(day); got != day {
			t.Errorf("Day(%q) = %q", day, got)
		}
	}
}

// A page that says ٤٢ in one line and 42 in the next reads as a mistake.
func TestNumbersAndDatesOfALanguageHaveTheSameDigits(t *testing.T) {
	t.Parallel()
	digit := regexp.MustCompile(`\p{Nd}`)
	c := ten(t)
	for _, language := range c.Languages() {
		l := c.For(language.Code)
		numbers := l.Number(1234567890)
		for _, text := range []string{l.Percent(0.42), l.Date(1780236300000), l.DateTime(1780236300000), l.Day("2026-05-31")} {
			for _, d := range digit.FindAllString(text, -1) {
				if !strings.Contains(numbers, d) {
					t.Errorf("%s: %q has a digit that is not among those of %q", language.Code, text, numbers)
				}
			}
		}
	}
}

func TestPseudoMarksWordsFromHere(t *testing.T) {
	t.Parallel()
	c := three(t).Pseudo()
	for _, lang := range []string{"en", "ko"} {
		l := c.For(lang)
		for what, text := range map[string]string{
			"message":     l.T("sign.title"),
			"plural":      l.T("sign.people", "N", 1),
			"placeholder": l.T("sign.from", "N", 5, "Country", l.Country("FR")),
			"fallback":    l.T("sign.only"),
			"country":     l.Country("KR"),
			"in a list":   l.Countries()[7].Name,
			"region":      l.Region("030"),
			"date":        l.Date(0),
			"time":        l.DateTime(0),
			"day":         l.Day("2026-01-31"),
		} {
			inside, starts := strings.CutPrefix(text, "⟦")
			inside, ends := strings.CutSuffix(inside, "⟧")
			if !starts || !ends || strings.ContainsAny(inside, "⟦⟧") {
				t.Errorf("%s: %s is %q", lang, what, text)
			}
		}
	}
	l := c.For("en")
	for what, pair := range map[string][2]string{
		"number":            {l.Number(1000), "1,000"},
		"unknown message":   {l.T("sign.none"), "sign.none"},
		"unknown country":   {l.Country("ZZ"), ""},
		"value of a plural": {l.T("sign.people", "N", 1), "⟦1 person⟧"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
		}
	}
}

func TestPseudoLeavesTheOriginalAlone(t *testing.T) {
	t.Parallel()
	c := three(t)
	c.Pseudo().For("en").T("sign.none")
	if got := c.For("en").T("sign.title"); got != "Sign the appeal" {
		t.Errorf("original reads %q", got)
	}
	if misses := c.Misses(); len(misses) != 0 {
		t.Errorf("the original has misses: %q", misses)
	}
}

func TestManyReadersAtOnce(t *testing.T) {
	t.Parallel()
	c := three(t)
	var wg sync.WaitGroup
	for i := range 16 {
		lang := []string{"en", "ko", "ar"}[i%3]
		wg.Go(func() {
			for n := range 50 {
				l := c.For(c.Match(lang))
				if l.Lang() != lang {
					t.Errorf("asked for %s, got %s", lang, l.Lang())
				}
				l.T("sign.title")
				l.T("sign.from", "N", n, "Country", l.Country("KR"))
				l.T(fmt.Sprint("sign.none", n%5))
				l.DateTime(int64(n) * 1e9)
				l.Percent(float64(n) / 50)
				if len(l.Countries()) != 250 {
					t.Error("countries are missing")
				}
				l.Collator().CompareString("a", "b")
				c.Misses()
			}
		})
	}
	wg.Wait()
}

// A page has about 150 messages; all of them together should cost well under a millisecond.
func BenchmarkT(b *testing.B) {
	c := three(b)
	for _, bench := range []struct {
		name, id string
		pairs    []any
	}{
		{"fixed", "sign.title", nil},
		{"placeholder", "sign.hello", []any{"Name", "Ana"}},
		{"plural", "sign.people", []any{"N", 206629}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			l := c.For("ko")
			for b.Loop() {
				l.T(bench.id, bench.pairs...)
			}
		})
	}
}
