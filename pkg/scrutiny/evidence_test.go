package scrutiny_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/scrutiny"
)

func weight(all []scrutiny.Evidence, kind string) int {
	for _, e := range all {
		if e.Kind == kind {
			return e.Points
		}
	}
	return 0
}

// What people do weighs nothing; each way of machines weighs as its own kind.
func TestTimesOfPeopleWeighNothing(t *testing.T) {
	t.Parallel()
	d := rand.New(rand.NewPCG(1, 2))
	visits := func(n int, gap func() float64, took func() float64, lost float64) []scrutiny.Visit {
		var out []scrutiny.Visit
		at := 0.0
		for i := range n {
			at += gap()
			v := scrutiny.Visit{At: at, Took: took(), Country: "FR"}
			if float64(i%100) < 100*lost {
				v.Took = 0
			}
			out = append(out, v)
		}
		return out
	}
	chance := func() float64 { return 40 * d.ExpFloat64() }
	even := func() float64 { return 40 + 4*d.NormFloat64() }
	people := func() float64 { return 240 * math.Exp(1.3*d.NormFloat64()) }
	meeting := func() float64 { return 90 * math.Exp(.95*d.NormFloat64()) }
	polling := func() float64 { return 1 + 60*d.Float64() }
	narrow := func() float64 { return 20 * math.Exp(.4*d.NormFloat64()) }
	for _, c := range []struct {
		name              string
		of                []scrutiny.Visit
		tail, ratio, gaps bool
	}{
		{"people", visits(300, chance, people, .2), false, false, false},
		{"a meeting with helpers", visits(300, chance, meeting, .1), false, false, false},
		{"a machine that polls", visits(300, chance, polling, .02), true, true, false},
		{"a machine with a narrow spread", visits(300, chance, narrow, .02), true, true, false},
		{"a machine with a timer", visits(300, even, people, .2), false, false, true},
		{"few", visits(30, even, narrow, 0), false, false, false},
	} {
		got := scrutiny.Times(c.of, 1e6)
		for kind, want := range map[string]bool{scrutiny.Tail: c.tail, scrutiny.Ratio: c.ratio, scrutiny.Gaps: c.gaps} {
			if have := weight(got, kind) > 0; have != want {
				t.Errorf("%s: %s speaks against them: %v, want %v (%+v)", c.name, kind, have, want, got)
			}
		}
	}
	world := visits(200, chance, people, .2)
	for i := range world {
		world[i].Country = []string{"FR", "KR", "US", "IN", "BR"}[i%5]
	}
	if weight(scrutiny.Times(world, 1e6), scrutiny.Countries) != 2 {
		t.Error("five countries behind one range weigh nothing")
	}
}

func TestNamesFromAListWeigh(t *testing.T) {
	t.Parallel()
	d := rand.New(rand.NewPCG(3, 4))
	given, family := strings.Fields("anna peter maria thomas ursula michael monika andreas petra wolfgang sabine klaus"), strings.Fields("adam bauer claus dietz ernst fuchs graf huber imhof jung koch lang meier nagel otto pohl quast roth sauer thoma ulrich vogt weber zorn")
	people := func(local func(g, f string, i int) string, domains int) [][3]string {
		var out [][3]string
		for i := range 200 {
			g, f := given[d.IntN(len(given))], family[d.IntN(len(family))]
			out = append(out, [3]string{g + " " + f, local(g, f, i), fmt.Sprintf("d%d.example", i%domains)})
		}
		return out
	}
	mixed := func(g, f string, i int) string {
		return []string{g + "." + f, g + f, f + "." + g, "sun" + g, fmt.Sprint("x", i), g[:1] + f, g + "77"}[d.IntN(7)]
	}
	one := func(g, f string, i int) string { return fmt.Sprint(g, ".", f, i) }
	sorted := people(mixed, 9)
	slices.SortFunc(sorted, func(a, b [3]string) int {
		x, y := strings.Fields(a[0]), strings.Fields(b[0])
		return strings.Compare(x[1]+" "+x[0], y[1]+" "+y[0])
	})
	for _, c := range []struct {
		name             string
		of               [][3]string
		ordered, pattern int
	}{
		{"people", people(mixed, 9), 0, 0},
		{"a list in the order of surnames", sorted, 3, 0},
		{"addresses made in one way", people(one, 9), 0, 2},
		{"an organization, whose addresses all are", people(one, 1), 0, 0},
	} {
		got := scrutiny.Names(c.of)
		if weight(got, scrutiny.Ordered) != c.ordered || weight(got, scrutiny.Pattern) != c.pattern {
			t.Errorf("%s: %+v, want ordered %d and pattern %d", c.name, got, c.ordered, c.pattern)
		}
	}
}
