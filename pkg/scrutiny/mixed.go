package scrutiny

import (
	"maps"
	"math"
	"slices"
	"time"
)

// mixed says whether a part of a group looks like people while the whole does
// not: then the whole must not be held, but what crosses it.
func mixed(rows []*row, now int64) bool {
	bound := slowBound(rows)
	// Guests among a machine's own are few from each place, but many together.
	inRange, inDomain := tally(rows, rangeOf), tally(rows, domainOf)
	parts := [][][]*row{
		parts(rows, func(r *row) bool { return now-r.domainSince < windowTime.Milliseconds() }), parts(rows, partnerOf),
		parts(rows, countryOf), parts(rows, rangeOf), parts(rows, domainOf),
		parts(rows, func(r *row) bool { return inRange[r.rng] < fewest }), parts(rows, func(r *row) bool { return inDomain[r.domain] < fewest }),
	}
	whole := slowShare(rows, bound, now)
	for _, split := range parts {
		for _, part := range split {
			if len(split) > 1 && human(part, whole, bound, now, len(split)) {
				return true
			}
		}
	}
	return false
}

// slowBound is the time after which one of a group is slow: thrice that of all
// but a tenth of those who confirmed.
func slowBound(rows []*row) int64 {
	var delays []int64
	for _, r := range rows {
		if r.confirmed != 0 {
			delays = append(delays, r.delay())
		}
	}
	if len(delays) == 0 {
		return time.Minute.Milliseconds()
	}
	slices.Sort(delays)
	return max(3*delays[len(delays)*9/10], time.Minute.Milliseconds())
}

func parts[K comparable](rows []*row, of func(*row) K) [][]*row {
	return slices.Collect(maps.Values(by(rows, of)))
}

// slow counts those who took longer than a bound, or still wait, among those
// for whom it is over.
func slow(rows []*row, bound, now int64) (k, n int) {
	for _, r := range rows {
		if now-r.created > bound {
			if n++; r.confirmed == 0 || r.delay() > bound {
				k++
			}
		}
	}
	return k, n
}

func slowShare(rows []*row, bound, now int64) float64 {
	k, n := slow(rows, bound, now)
	return (float64(k) + 1) / (float64(n) + 2)
}

// human says whether a part has far more slow ones than the whole: so many as
// chance gives once in a hundred looks.
func human(part []*row, whole float64, bound, now int64, looks int) bool {
	k, n := slow(part, bound, now)
	if n < 8 || float64(k) < .25*float64(n) {
		return false
	}
	return binomialTail(n, k, min(.9, whole+.02)) < .01/float64(looks)
}

// binomialTail is the chance of k or more of n at p each.
func binomialTail(n, k int, p float64) float64 {
	sum := 0.0
	for i := k; i <= n; i++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(i + 1))
		c, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(a - b - c + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(1, sum)
}
