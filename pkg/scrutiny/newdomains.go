package scrutiny

import (
	"context"
	"encoding/json"
	"math"
	"time"
)

// A wave of throw-away domains has many that nobody had ever signed from, with
// a handful of requests each, and no member of any of them ever forgets to
// confirm or lets it wait. Among people it happens that all of a small firm
// confirm at once, as often as chance has it: so how often it happens is
// compared with how often it would, if each confirmed as fast as people with
// known domains do.
const (
	fewestDomains = 10  // that are found together
	mostChance    = .08 // of those found, as many may be people's
	mostOfDomain  = 400 // more is a domain for itself
)

// wave is what was found of new domains.
type wave struct {
	domains map[key]bool
	rows    []*row
	chance  float64 // how many domains one would expect among people
}

// worth weighs a domain that is people's as heavily as ten that are not found.
func (w *wave) worth() float64 { return float64(len(w.domains)) - 10*w.chance }

// bounds of time within which all of a domain confirmed.
var waveBounds = []int64{30_000, 60_000, 180_000, 600_000, 1_800_000}

// newDomains finds the wave in some rows; nil if there is none. More are
// believed when a wave is known to be under way.
func newDomains(rows []*row, now int64, underWay bool) *wave {
	fresh, known := map[key][]*row{}, []*row{}
	for _, r := range rows {
		if now-r.domainSince < windowTime.Milliseconds() {
			fresh[r.domain] = append(fresh[r.domain], r)
		} else {
			known = append(known, r)
		}
	}
	var best *wave
	for _, bound := range waveBounds {
		w := &wave{domains: map[key]bool{}}
		p := fastShare(known, bound, now)
		for d, members := range fresh {
			k, n := slow(members, bound, now)
			if n < 2 || len(members) > mostOfDomain || k > n/8 {
				continue
			}
			w.domains[d] = true
			w.rows = append(w.rows, members...)
		}
		for _, members := range fresh {
			if _, n := slow(members, bound, now); n >= 2 && len(members) <= mostOfDomain {
				w.chance += binomialTail(n, n-n/8, p)
			}
		}
		least, most := float64(fewestDomains), mostChance
		if underWay {
			least, most = 3, .1
		}
		if n := float64(len(w.domains)); n >= least && w.chance/n <= most && (best == nil || w.worth() > best.worth()) {
			best = w
		}
	}
	return best
}

// fastShare is how many of people's requests are confirmed within a bound: of
// those from domains that were known before. Never less than one can be sure
// of when there are few.
func fastShare(rows []*row, bound, now int64) float64 {
	k, n := 0, 0
	for _, r := range rows {
		if now-r.created > max(bound, 10*time.Minute.Milliseconds()) {
			if n++; r.confirmed != 0 && r.delay() <= bound {
				k++
			}
		}
	}
	if n < fewest {
		return .6
	}
	return math.Min(.7, math.Max(.05, 1-wilson(n-k, n, 1.64)))
}

// tryNewDomains holds a wave of new domains, or widens the hold of one.
func (s *Scrutiny) tryNewDomains(ctx context.Context, x *examination) (int, error) {
	var under *Hold
	for _, h := range s.holds.Load().all {
		if h.Kind == GroupNewDomains {
			under = h
		}
	}
	w := newDomains(x.live, x.now, under != nil)
	if under == nil && w == nil {
		return 0, nil
	}
	if under == nil {
		c := &candidate{kind: GroupNewDomains, group: &group{domains: w.domains}, rows: ordering(w.rows),
			evidence: []Evidence{{Kind: NewDomains, Points: HoldAt, N: int64(len(w.domains)), Share: w.chance / float64(len(w.domains))}}}
		return 1, s.hold(ctx, x, c)
	}
	more := s.companions(x, under)
	if w != nil {
		for d := range w.domains {
			more[d] = true
		}
	}
	if len(more) == 0 {
		return 0, nil
	}
	for d := range under.group.domains {
		more[d] = true
	}
	wider := *under
	wider.group = &group{domains: more}
	rows := members(x.all, wider.group, wider.Since)
	var f Figures
	if err := json.Unmarshal([]byte(under.Figures), &f); err != nil {
		return 0, err
	}
	now := describe(&candidate{rows: rows, evidence: f.Evidence})
	now.Evidence[0].N = int64(len(more))
	text, err := json.Marshal(now)
	if err != nil {
		return 0, err
	}
	wider.Figures, now.Hold = string(text), under.ID
	if err := s.widen(ctx, &wider); err != nil {
		return 0, err
	}
	return 0, s.Alarm(ctx, AlarmGroup, itoa(under.ID), now)
}

// companions are new domains that chance alone says too little about, such as
// those with a single request: they belong to the wave when most of what came
// from them came from address ranges that are the wave's own.
func (s *Scrutiny) companions(x *examination, h *Hold) map[key]bool {
	ranges := by(x.all, rangeOf)
	wave := tally(members(x.all, h.group, h.Since), rangeOf)
	more := map[key]bool{}
	for d, rows := range by(x.live, domainOf) {
		if rows[0].created < h.Since || x.now-rows[0].domainSince > windowTime.Milliseconds() || len(rows) > mostOfDomain {
			continue
		}
		near := 0
		for _, r := range rows {
			if n := wave[r.rng]; n >= 3 && n >= .6*float64(len(ranges[r.rng])) {
				near++
			}
		}
		if k, _ := slow(rows, settle, x.now); k <= len(rows)/2 && 10*near >= 6*len(rows) {
			more[d] = true
		}
	}
	return more
}

// members are the rows of a group since its burst began.
func members(rows []*row, g *group, since int64) []*row {
	var out []*row
	for _, r := range rows {
		if r.created >= since && g.hasRow(r) {
			out = append(out, r)
		}
	}
	return out
}
