package scrutiny

import (
	"cmp"
	"context"
	"slices"
	"strconv"
)

// nearLeast is how many of an address range are held, and nearShare what part
// of all of it, before the rest of it is held with them.
const (
	nearLeast = 6
	nearShare = .85
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// ordering sorts rows by their time.
func ordering(rows []*row) []*row {
	slices.SortFunc(rows, func(a, b *row) int { return cmp.Or(cmp.Compare(a.created, b.created), cmp.Compare(a.id, b.id)) })
	return rows
}

// tryNear holds what is left of address ranges that are a machine's: where
// next to all is held by other groups. So a machine that uses addresses of
// large providers too is caught with them.
func (s *Scrutiny) tryNear(ctx context.Context, x *examination) (int, error) {
	var under *Hold
	open := s.holds.Load()
	for _, h := range open.all {
		if h.Kind == GroupNear {
			under = h
		}
	}
	ranges := map[key]bool{}
	var rows []*row
	held := 0
	for k, all := range by(x.all, rangeOf) {
		n := 0
		if slices.ContainsFunc(all, open.pardons) {
			continue
		}
		for _, r := range all {
			if h := open.of(r); r.doubt || h != nil && h.Kind != GroupPeople && h.Kind != GroupNear {
				n++
			}
		}
		if n < len(all) && n >= nearLeast && float64(n) >= nearShare*float64(len(all)) && (under == nil || !under.group.ranges[k]) {
			ranges[k] = true
			rows = append(rows, all...)
			held += n
		}
	}
	if len(ranges) == 0 {
		return 0, nil
	}
	if under != nil {
		for k := range under.group.ranges {
			ranges[k] = true
		}
		wider := *under
		wider.group = &group{ranges: ranges}
		return 0, s.widen(ctx, &wider)
	}
	c := &candidate{kind: GroupNear, group: &group{ranges: ranges}, rows: ordering(rows),
		evidence: []Evidence{{Kind: Near, Points: HoldAt, N: int64(len(ranges)), Share: float64(held) / float64(len(rows))}}}
	return 1, s.hold(ctx, x, c)
}
