package disclosure_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"olivebranch/pkg/disclosure"
)

// span is what a reader knows a figure to lie between.
type span struct{ lo, hi int64 }

const endless = 1 << 40

// read is what the way of telling says by itself.
func read(f disclosure.Figure, least, shut bool) span {
	lo := int64(0)
	if least {
		lo = 1
	}
	switch f.Telling {
	case disclosure.Told:
		return span{f.N, f.N}
	case disclosure.Few:
		return span{lo, disclosure.Smallest - 1}
	case disclosure.Covered:
		if !shut {
			lo = disclosure.Smallest
		}
	}
	return span{lo, endless}
}

// narrow solves: which values each figure can have when all of them sum up so.
func narrow(known []span, sum int64) []span {
	var los, his int64
	for _, s := range known {
		los, his = los+s.lo, his+s.hi
	}
	out := make([]span, len(known))
	for i, s := range known {
		out[i] = span{max(s.lo, sum-(his-s.hi)), min(s.hi, sum-(los-s.lo))}
	}
	return out
}

func cells(r *rand.Rand, least int64, private bool) []disclosure.Cell {
	out := make([]disclosure.Cell, 1+r.IntN(9))
	for i := range out {
		n := least + r.Int64N(10-least)
		switch r.IntN(4) {
		case 0:
			n = 10 + r.Int64N(4)
		case 1:
			n = 10 + r.Int64N(200)
		}
		out[i] = disclosure.Cell{Key: strconv.Itoa(i), N: n, Private: private && r.IntN(7) == 0}
	}
	return out
}

// TestNothingIsWorkedOut reads very many tables as somebody would who knows the
// sum, and one of the figures besides.
func TestNothingIsWorkedOut(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 1))
	tables, told, pinnedBefore, shuts := 0, 0, 0, 0
	for range 60_000 {
		partners := r.IntN(2) == 0
		table := disclosure.Table{Open: partners}
		if partners {
			table.Rest = r.Int64N(30)
		} else {
			table.Least = int64(r.IntN(2))
		}
		table.Cells = cells(r, table.Least, table.Open)
		figures := table.Tell()
		if partners {
			ease := disclosure.EaseOf(table.Rest, slices.Values(table.Cells))
			for i, c := range table.Cells {
				figures[i] = ease.Tell(c)
			}
			if disclosure.Plenty(table.Rest) && ease != disclosure.Easy {
				t.Fatalf("%+v: plenty of room, and yet %d", table, ease)
			}
		}
		tables++
		sum := table.Rest
		known, bare := []span{}, []span{}
		ways := map[disclosure.Telling]bool{}
		for _, f := range figures {
			ways[f.Telling] = true
		}
		shut := ways[disclosure.Covered] && !ways[disclosure.Few] && !ways[disclosure.Told]
		for i, c := range table.Cells {
			sum += c.N
			known = append(known, read(figures[i], table.Least == 1, shut))
			bare = append(bare, read(disclosure.Easy.Tell(c), table.Least == 1, false))
			if figures[i].Telling == disclosure.Told {
				told++
				if c.N < disclosure.Smallest || c.Private || figures[i].N != c.N {
					t.Fatalf("%+v tells %+v", c, figures[i])
				}
			}
		}
		for i, f := range figures { // the smallest that could be told were chosen to cover
			for _, beside := range figures {
				if f.Telling == disclosure.Covered && !shut && beside.Telling == disclosure.Told {
					known[i].hi = min(known[i].hi, beside.N)
				}
			}
		}
		if table.Open {
			known, bare = append(known, span{0, endless}), append(bare, span{0, endless})
		}
		if pinned(table.Cells, bare, sum) != "" {
			pinnedBefore++
		}
		if shut || !ways[disclosure.Told] && !ways[disclosure.Covered] {
			shuts++
			continue // the sum is all there is
		}
		if found := pinned(table.Cells, known, sum); found != "" {
			t.Fatalf("%s of %+v, told as %+v", found, table, figures)
		}
	}
	t.Logf("%d tables, %d figures told; %d tables give a figure away when only small ones are kept back, 0 as they are told; of %d nothing is told", tables, told, pinnedBefore, shuts)
	if pinnedBefore < 1000 || told < 10_000 {
		t.Error("the tables try nothing")
	}
}

// pinned names a small or private figure that has fewer than three values, be
// it for somebody who knows another one.
func pinned(cells []disclosure.Cell, known []span, sum int64) string {
	for insider := -1; insider < len(cells); insider++ {
		with := slices.Clone(known)
		if insider >= 0 {
			with[insider] = span{cells[insider].N, cells[insider].N}
		}
		for i, s := range narrow(with, sum)[:len(cells)] {
			hidden := known[i].lo != known[i].hi && (cells[i].Private || cells[i].N < disclosure.Smallest)
			if hidden && i != insider && s.hi-s.lo < 2 {
				return "figure " + strconv.Itoa(i) + " lies in " + strconv.FormatInt(s.lo, 10) + ".." + strconv.FormatInt(s.hi, 10)
			}
			if cells[i].N < s.lo || cells[i].N > s.hi {
				return "the reader errs over figure " + strconv.Itoa(i)
			}
		}
	}
	return ""
}

// What covers a small figure goes on doing so when that is hardly needed any
// more, and whatever others have become smaller meanwhile.
func TestTheChoiceDoesNotFlip(t *testing.T) {
	t.Parallel()
	table := disclosure.Table{Least: 1, Cells: []disclosure.Cell{{Key: "MT", N: 3}, {Key: "KR", N: 400}, {Key: "FR", N: 90}, {Key: "DE", N: 80}, {Key: "US", N: 70}}}
	first := table.Tell()
	table.Before = map[string]bool{}
	for i, f := range first {
		if f.Telling == disclosure.Covered {
			table.Before[table.Cells[i].Key] = true
		}
	}
	if len(table.Before) != 2 || !table.Before["US"] || !table.Before["DE"] || first[0].Telling != disclosure.Few {
		t.Fatalf("first %+v", first)
	}
	table.Cells[2].N, table.Cells[4].N = 20, 75
	if again := table.Tell(); again[4].Telling != disclosure.Covered || again[3].Telling != disclosure.Covered || again[2].Telling != disclosure.Told {
		t.Errorf("the choice flips: %+v", again)
	}
	for _, key := range []string{"NO", "SE", "DK", "FI", "IS", "EE", "LV", "LT"} {
		table.Cells = append(table.Cells, disclosure.Cell{Key: key, N: 5})
	}
	if last := table.Tell(); last[4].Telling != disclosure.Told || last[3].Telling != disclosure.Told {
		t.Errorf("what covered is not told when there is plenty of room: %+v", last)
	}
}
