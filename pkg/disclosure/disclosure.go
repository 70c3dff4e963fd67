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
// by itself is that small. The method is public as well: the sums by which
// larger figures are kept back leave room on either side of the line, so that
// the choice tells no more than the figures do.
//
// What nobody can promise beside a total that is exact at every moment: a figure
// told for the first time as 10 was 9 before, and one that falls from 10 is 9
// now; who watches every single change sees when one of the figures kept back
// rose, though not which; and who compares two moments, and is right to believe
// that but one figure changed in between, knows by how much.
package disclosure

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
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

// under is what is kept back when figures are told from least on, and the
// others in the order of the cells.
func (t *Table) under(least int64) (kept []bounds, told []Cell) {
	for _, c := range t.Cells {
		switch {
		case c.Private:
			kept = append(kept, bounds{c.N, 0, boundless})
		case c.N < Smallest:
			kept = append(kept, bounds{c.N, t.Least, Smallest - 1})
		case c.N < least:
			kept = append(kept, bounds{c.N, Smallest, least - 1})
		default:
			told = append(told, c)
		}
	}
	return kept, told
}

// Ease is how freely the figures of a table are told that changes at every
// moment: it is the least figure that is told. It moves in large steps, and no
// figure is chosen by itself to cover the others, which would give away what it
// covered whenever another took its place.
type Ease int64

// Ends of ease.
const (
	Shut Ease = 0        // none is told, and not even which of them are small
	Easy Ease = Smallest // all that are not small are told
)

// EaseOf is that of figures beside a rest that belongs to nobody. It stops
// asking for more of them when there is room.
func EaseOf(rest int64, cells iter.Seq[Cell]) Ease {
	t := Table{Open: true, Rest: rest}
	up, most := rest, int64(Smallest-1)
	for c := range cells {
		if t.Cells = append(t.Cells, c); !c.Private && c.N >= Smallest {
			continue
		}
		if up, most = up+c.N, max(most, c.N); up-most >= Room {
			return Easy // and others that are kept back make more room
		}
	}
	return t.ease()
}

func (t *Table) ease() Ease {
	for least := int64(Smallest); ; least = step(least) {
		kept, told := t.under(least)
		switch {
		case t.safe(kept, Room), least == Smallest && len(told) == 0:
			return Ease(least)
		case len(told) == 0:
			return Shut
		}
	}
}

// step is the next of 10, 20, 50, 100, 200, 500 and so on.
func step(n int64) int64 {
	if leading := strconv.FormatInt(n, 10)[0]; leading == '2' {
		return n / 2 * 5
	}
	return 2 * n
}

// Tell is a figure at this ease.
func (e Ease) Tell(c Cell) Figure {
	switch {
	case c.Private:
		return Figure{Telling: Private}
	case e == Shut:
		return Figure{Telling: Covered}
	case c.N < Smallest:
		return Figure{Telling: Few}
	case c.N < int64(e):
		return Figure{Telling: Covered}
	}
	return Figure{c.N, Told}
}

// Plenty says that a rest which belongs to nobody is by itself large enough for
// Easy, whatever the figures are.
func Plenty(rest int64) bool { return rest >= Room+Smallest-1 }

// Tell is every figure of a table that is made now and then, in the order of its
// cells. The smallest that could be told cover the others where these need it.
func (t *Table) Tell() []Figure {
	kept, free := t.under(Smallest)
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
		for len(free) > 0 && (t.Before[free[0].Key] || !t.safe(t.below(kept, free), Room)) {
			covering[free[0].Key] = true
			kept = append(kept, bounds{free[0].N, Smallest, boundless})
			free = free[1:]
		}
	}
	shut := len(covering) > 0 && !t.safe(t.below(kept, free), Room)
	out := make([]Figure, len(t.Cells))
	for i, c := range t.Cells {
		out[i] = Easy.Tell(c)
		if shut || covering[c.Key] {
			out[i] = Shut.Tell(c)
		}
	}
	return out
}

// below bounds the figures that cover others by the smallest that is told: as
// everybody knows, the smallest were chosen.
func (t *Table) below(kept []bounds, told []Cell) []bounds {
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
