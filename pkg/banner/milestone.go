package banner

import "math"

// NextMilestone is the first round step above n (10, 25, 50, 100, 250, 500, 1,000 and so on), but never
// above the goal; so it is the goal itself once that is reached. A goal of 0 is none.
func NextMilestone(n, goal int64) int64 {
	next := stepAbove(n)
	if goal > 0 {
		return min(next, goal)
	}
	return next
}

func stepAbove(n int64) int64 {
	for ten := int64(10); ; ten *= 10 {
		for _, step := range [...]int64{ten, ten / 2 * 5, ten * 5} {
			if step > n {
				return step
			}
		}
		if ten > math.MaxInt64/100 {
			return math.MaxInt64
		}
	}
}

// Milestones are the round steps up to n and the goal if it is reached, in
// rising order.
func Milestones(n, goal int64) []int64 {
	var out []int64
	for at := int64(0); ; {
		next := NextMilestone(at, goal)
		if next > n || next == at {
			return out
		}
		out = append(out, next)
		at = next
	}
}

// RoundDown cuts n to its first three figures: 12,345 becomes 12,300.
func RoundDown(n int64) int64 {
	unit := int64(1)
	for n/unit >= 1000 {
		unit *= 10
	}
	return n / unit * unit
}
