// Package disclosure decides which figures are told in public, and in which
// words the others are kept back: statistical disclosure control. A figure
// under Smallest is not told (primary suppression). Since the total beside it
// is public and exact, and so are the larger figures, it could still be had by
// subtraction; where too little is left over for that, larger figures are kept
// back as well (complementary suppression).
//
// What it promises: from everything that is public at one moment, and the exact
// figure of any one other party, whose own people know it, no figure that is
// kept back can be narrowed down to fewer than three values, unless the total
// by itself is that small. The method is public as well: whether larger figures
// are kept back depends on sums that leave room on either side of the line, so
// that the choice tells no more than the figures do.
//
// What nobody can promise: a figure that has just been told for the first time
// as 10 was 9 before, and who watches every single change of the total sees
// when one of the figures kept back rose, though not which.
package disclosure

import (
	"cmp"
	"slices"
)

// Smallest is the least figure of a single party, such as a partner or a
// country, that is told.
const Smallest = 10

// Room is how many signatures must be left over among the figures kept back
// when the one of them is taken away that its own people know: the largest
// small figure and three values more, so that who knows another small figure
// still has three values for the rest.
const Room = Smallest - 1 + 3

// Telling is how a figure is told.
type Telling string

// Ways to tell a figure. All but Told leave the number out.
const (
	Told    Telling = "told"
	Few     Telling = "few"     // fewer than Smallest
	Covered Telling = "covered" // kept back so that small ones beside it cannot be worked out
	Private Telling = "private" // its party does not want it told
)

// Figure is a number as the public may have it; N is 0 unless it is told.
type Figure struct {
	N       int64
	Telling Telling
}

// Cell is a figure of a table, as it is.
type Cell struct {
	Key     string
	N       int64
	Private bool // not to be told, whatever it is; only in an open table
}

// Table is figures whose sum is public.
type Table struct {
	Cells []Cell
	Least int64 // what a figure is at least, as everybody knows: 0, or 1 where a party is listed because it has one
	Rest  int64 // belongs to nobody, is never told, and is part of the sum
	Open  bool  // there is such a rest
	// Before are the keys of the figures that covered others the last time. They
	// go on doing so until there is plenty of room: a figure that covers today and
	// is told tomorrow gives away what it covered.
	Before map[string]bool
}

// bounds is what everybody knows of a figure kept back.
type bounds struct{ n, lo, hi int64 }

// boundless stands for a figure that may be any number.
const boundless = -1

// safe says whether figures kept back leave room around each other, upwards and
// downwards, when the best placed of them is known. No figure kept back is safe.
func (t *Table) safe(kept []bounds, room int64) bool {
	up, most := t.Rest, int64(Smallest-1)
	down, deepest, endless := int64(0), int64(Smallest-1), 0
	for _, b := range kept {
		up, most = up+b.n-b.lo, max(most, b.n-b.lo)
		if b.hi == boundless {
			endless++
			continue
		}
		down, deepest = down+b.hi-b.n, max(deepest, b.hi-b.n)
	}
	switch {
	case t.Open || endless > 1: // one is left, whichever is known
		down = room
	case endless == 0:
		down -= deepest
	}
	return len(kept) == 0 || up-most >= room && down >= room
}

// primary is what is kept back for its own sake, and what may be told.
func (t *Table) primary() (kept []bounds, free []Cell) {
	for _, c := range t.Cells {
		switch {
		case c.Private:
			kept = append(kept, bounds{c.N, 0, boundless})
		case c.N < Smallest:
			kept = append(kept, bounds{c.N, t.Least, Smallest - 1})
		default:
			free = append(free, c)
		}
	}
	return kept, free
}

// Ease is how freely the figures of a table that changes at every moment are
// told. It takes or leaves all of them: were single ones chosen to cover the
// others, each change of the choice would tell what they had covered.
type Ease int

// Steps of ease.
const (
	Shut    Ease = iota // not even that a figure is small: the total is too near to them
	Guarded             // that a figure is small, and none that is not
	Easy                // all that are not small
)

// Ease of a table of partners, countries and the like.
func (t *Table) Ease() Ease {
	kept, free := t.primary()
	if t.safe(kept, Room) {
		return Easy
	}
	for _, c := range free {
		kept = append(kept, bounds{c.N, Smallest, boundless})
	}
	if len(free) == 0 || t.safe(kept, Room) {
		return Guarded
	}
	return Shut
}

// Tell is a figure at this ease.
func (e Ease) Tell(c Cell) Figure {
	switch {
	case c.Private:
		return Figure{Telling: Private}
	case e == Easy && c.N >= Smallest:
		return Figure{c.N, Told}
	case e == Shut || c.N >= Smallest:
		return Figure{Telling: Covered}
	}
	return Figure{Telling: Few}
}

// Plenty says that a rest which belongs to nobody is by itself large enough for
// Easy, whatever the figures are.
func Plenty(rest int64) bool { return rest >= Room+Smallest-1 }

// Tell is every figure of a table that is made now and then, in the order of its
// cells. The smallest that could be told cover the others where these need it.
func (t *Table) Tell() []Figure {
	kept, free := t.primary()
	room := int64(Room)
	if len(t.Before) > 0 {
		room *= 2
	}
	covering := map[string]bool{}
	if !t.safe(kept, room) {
		slices.SortStableFunc(free, func(a, b Cell) int {
			if t.Before[a.Key] != t.Before[b.Key] {
				if t.Before[a.Key] {
					return -1
				}
				return 1
			}
			return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Key, b.Key))
		})
		for len(free) > 0 && (t.Before[free[0].Key] || !t.safe(t.under(kept, free), Room)) {
			covering[free[0].Key] = true
			kept = append(kept, bounds{free[0].N, Smallest, boundless})
			free = free[1:]
		}
	}
	shut := len(covering) > 0 && !t.safe(t.under(kept, free), Room)
	out := make([]Figure, len(t.Cells))
	for i, c := range t.Cells {
		out[i] = Easy.Tell(c)
		if shut || covering[c.Key] {
			out[i] = Shut.Tell(c)
		}
	}
	return out
}

// under bounds the figures that cover others by the smallest that is told: as
// everybody knows, the smallest were chosen.
func (t *Table) under(kept []bounds, told []Cell) []bounds {
	if len(told) == 0 || len(t.Before) > 0 {
		return kept
	}
	least := told[0].N
	out := slices.Clone(kept)
	for i, b := range out {
		if b.lo == Smallest {
			out[i].hi = max(least, b.n)
		}
	}
	return out
}
