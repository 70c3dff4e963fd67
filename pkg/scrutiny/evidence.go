package scrutiny

import (
	"math"
	"slices"
	"time"
)

// Evidence is one thing that speaks against a group, with the figures that its
// sentence shows; which of them are set depends on the kind. Points say how
// much it weighs, see HoldAt.
type Evidence struct {
	Kind   string  `json:"kind"`
	Points int     `json:"points"`
	N      int64   `json:"n,omitempty"`
	Share  float64 `json:"share,omitempty"`  // 0 to 1
	Middle float64 `json:"middle,omitempty"` // seconds
	Upper  float64 `json:"upper,omitempty"`  // seconds
}

// Kinds of evidence.
const (
	Tail       = "tail"       // nobody takes long to confirm
	Ratio      = "ratio"      // next to all are confirmed
	Gaps       = "gaps"       // they come at even intervals
	Countries  = "countries"  // one address range names many countries
	Mix        = "mix"        // other mail domains than the rest of the country
	Hours      = "hours"      // other hours of the day than the rest of the country
	Ordered    = "ordered"    // names come in the order of the alphabet
	Pattern    = "pattern"    // addresses are made of names in one way
	Repeated   = "repeated"   // the same whole names again and again
	NewDomains = "newdomains" // mail domains never seen before, all confirmed at once
	People     = "people"     // more than the country's people make likely
	Near       = "near"       // next to all of their address ranges' others are held
)

// EvidenceKinds are all of them.
func EvidenceKinds() []string {
	return []string{Tail, Ratio, Gaps, Countries, Mix, Hours, Ordered, Pattern, Repeated, NewDomains, People, Near, Lost}
}

// HoldAt is how many points hold a group. No single kind but NewDomains and
// People, which are tests of their own, has so many: two that have nothing to
// do with each other must agree. One of them must be a mark of machines, with
// two points or more: a village has its own mail providers, hours and names,
// and next to all of it may confirm.
const HoldAt = 5

// marks are the kinds that people do not show, wherever they live together.
var marks = []string{Tail, Gaps, Ordered, Countries}

func guilty(all []Evidence) bool {
	return points(all) >= HoldAt && slices.ContainsFunc(all, func(e Evidence) bool { return e.Points >= 2 && slices.Contains(marks, e.Kind) })
}

// clearAt is how few points release a group again.
const clearAt = 1

// fewest is the smallest group whose shares mean something.
const fewest = 40

// wilson is the lower bound of a share of which k of n were seen, at z
// standard deviations (Wilson 1927, J. Am. Stat. Assoc. 22:209).
func wilson(k, n int, z float64) float64 {
	if n == 0 {
		return 0
	}
	p, m := float64(k)/float64(n), float64(n)
	return (p + z*z/(2*m) - z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))) / (1 + z*z/m)
}

// score weighs what the times and places of a group's requests say. rest are
// the requests of the same country or countries outside it.
func score(rows []*row, rest *baseline, now int64) []Evidence {
	var all []Evidence
	for _, judge := range []func([]*row, *baseline, int64) (Evidence, bool){tail, ratio, gaps, countries, mix, hours} {
		if e, ok := judge(rows, rest, now); ok {
			all = append(all, e)
		}
	}
	return all
}

func points(all []Evidence) int {
	n := 0
	for _, e := range all {
		n += e.Points
	}
	return n
}

const (
	soon   = 3 * int64(time.Minute/time.Millisecond)
	settle = 30 * int64(time.Minute/time.Millisecond)
)

// tail measures how far the slow are from the middle. The time that people
// take to answer has a long tail, from a minute to days, near a log-normal
// (Barabási 2005, Nature 435:207; Stouffer, Malmgren and Amaral 2006,
// arXiv:physics/0605027), so that the slowest tenth takes at least four times
// as long as the middle, and three times in an assembly where all sign at
// once. A machine that looks into its mailboxes takes less than twice to two
// and a half times. The bound of the quantile is the upper one, so that a small
// group must be more even than a large one.
func tail(rows []*row, _ *baseline, now int64) (Evidence, bool) {
	best := Evidence{Kind: Tail}
	for _, c := range []struct {
		age     int64
		waiting bool // those who have not confirmed count as slow
	}{{soon, true}, {settle, false}} {
		var delays []float64
		for _, r := range rows {
			switch {
			case now-r.created < c.age:
			case r.confirmed != 0:
				delays = append(delays, float64(r.delay()))
			case c.waiting:
				delays = append(delays, math.Inf(1))
			}
		}
		n := float64(len(delays))
		if len(delays) < fewest {
			continue
		}
		slices.Sort(delays)
		rank := min(len(delays)-1, int(math.Ceil(.9*n+1.64*math.Sqrt(n*.09))))
		middle, upper := delays[len(delays)/2], delays[rank]
		p := 0
		switch t := math.Log(upper / middle); {
		case t < .8:
			p = 3
		case t < 1.0:
			p = 2
		case t < 1.15:
			p = 1
		}
		if p > best.Points {
			best.Points, best.N, best.Middle, best.Upper = p, int64(len(delays)), middle/1000, upper/1000
		}
	}
	return best, best.Points > 0
}

// ratio minds that next to all are confirmed: of people's requests one in five
// to ten never is (wrong addresses, mail nobody sees, second thoughts).
func ratio(rows []*row, _ *baseline, now int64) (Evidence, bool) {
	n, confirmed := 0, 0
	for _, r := range rows {
		if now-r.created >= 5*time.Minute.Milliseconds() {
			if n++; r.confirmed != 0 {
				confirmed++
			}
		}
	}
	e := Evidence{Kind: Ratio, N: int64(n), Share: float64(confirmed) / float64(max(1, n))}
	switch low := wilson(confirmed, n, 1.64); {
	case n < fewest:
	case low > .95:
		e.Points = 2
	case low > .91:
		e.Points = 1
	}
	return e, e.Points > 0
}

// gaps minds even intervals. People come independently of each other: the
// intervals' standard deviation is their mean, and more where the rate changes
// (Poisson). A timer's is a small part of it.
func gaps(rows []*row, _ *baseline, _ int64) (Evidence, bool) {
	if len(rows) < fewest {
		return Evidence{}, false
	}
	var sum, squares float64
	n := float64(len(rows) - 1)
	for i := 1; i < len(rows); i++ {
		gap := float64(rows[i].created - rows[i-1].created)
		sum, squares = sum+gap, squares+gap*gap
	}
	if sum == 0 {
		return Evidence{}, false
	}
	mean := sum / n
	e := Evidence{Kind: Gaps, N: int64(len(rows)), Middle: mean / 1000, Share: math.Sqrt(max(0, squares/n-mean*mean)) / mean}
	switch {
	case e.Share < .4:
		e.Points = 2
	case e.Share < .65:
		e.Points = 1
	}
	return e, e.Points > 0
}

// countries minds that one address range names many: lines lead to one
// country, but for its foreigners and the exits of relays.
func countries(rows []*row, _ *baseline, _ int64) (Evidence, bool) {
	if len(rows) < fewest || distinct(rows, func(r *row) key { return r.rng }) > 1 {
		return Evidence{}, false
	}
	named := tally(rows, func(r *row) string { return r.country })
	e := Evidence{Kind: Countries, N: int64(len(named)), Share: 1 - top(named)/float64(len(rows))}
	if len(named) >= 4 && e.Share > .4 {
		e.Points = 2
	}
	return e, e.Points > 0
}

// baseline is what the window's requests look like by country, the group
// itself among them.
type baseline struct {
	domains map[string]map[key]float64
	hours   map[string]*[24]float64
	n       map[string]float64
}

func newBaseline(rows []*row) *baseline {
	b := &baseline{map[string]map[key]float64{}, map[string]*[24]float64{}, map[string]float64{}}
	for _, r := range rows {
		if b.domains[r.country] == nil {
			b.domains[r.country], b.hours[r.country] = map[key]float64{}, &[24]float64{}
		}
		b.n[r.country]++
		b.domains[r.country][r.domain]++
		b.hours[r.country][hourOf(r)]++
	}
	return b
}

func hourOf(r *row) int64 { return r.created / time.Hour.Milliseconds() % 24 }

// enoughRest is how many others of its country a group is compared with.
const enoughRest = 200

// mix compares the large mail providers of a group with those of the others
// of its countries: half the distance of the shares (total variation).
func mix(rows []*row, rest *baseline, _ int64) (Evidence, bool) {
	have := tally(rows, func(r *row) key { return r.domain })
	from := tally(rows, func(r *row) string { return r.country })
	expected, others := map[key]float64{}, 0.0
	for country, n := range from {
		left := rest.n[country] - n
		if left < enoughRest {
			return Evidence{}, false
		}
		for d, m := range rest.domains[country] {
			expected[d] += n * m / rest.n[country]
		}
		others += left
	}
	total, distance := float64(len(rows)), 0.0
	for d, n := range have {
		distance += max(0, n-expected[d]) / total
	}
	e := Evidence{Kind: Mix, N: int64(others), Share: distance}
	if len(rows) >= fewest && distance > .6 {
		e.Points = 1
	}
	return e, e.Points > 0
}

// hours compares the hours of the day of a group that lasts with those of the
// others of its countries.
func hours(rows []*row, rest *baseline, _ int64) (Evidence, bool) {
	have := tally(rows, hourOf)
	if len(rows) < 2*fewest || len(have) < 8 {
		return Evidence{}, false
	}
	var expected [24]float64
	for country, n := range tally(rows, func(r *row) string { return r.country }) {
		if rest.n[country]-n < enoughRest {
			return Evidence{}, false
		}
		for h, m := range rest.hours[country] {
			expected[h] += n * m / rest.n[country]
		}
	}
	distance := 0.0
	for h, n := range have {
		distance += max(0, n-expected[h]) / float64(len(rows))
	}
	e := Evidence{Kind: Hours, N: int64(len(rows)), Share: distance}
	if distance > .4 {
		e.Points = 1
	}
	return e, e.Points > 0
}

func tally[K comparable](rows []*row, of func(*row) K) map[K]float64 {
	n := map[K]float64{}
	for _, r := range rows {
		n[of(r)]++
	}
	return n
}

func distinct[K comparable](rows []*row, of func(*row) K) int { return len(tally(rows, of)) }

func top[K comparable](n map[K]float64) float64 {
	most := 0.0
	for _, v := range n {
		most = max(most, v)
	}
	return most
}
