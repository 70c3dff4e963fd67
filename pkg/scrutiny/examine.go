package scrutiny

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kinds of groups.
const (
	GroupRange      = "range"
	GroupDomain     = "domain"
	GroupPartner    = "partner"
	GroupCountry    = "country"
	GroupCrossing   = "crossing"   // two of these together
	GroupNewDomains = "newdomains" // mail domains never seen before
	GroupNear       = "near"       // address ranges of which next to all is held
	GroupPeople     = "people"     // a country that has not so many people
)

// GroupKinds are all of them.
func GroupKinds() []string {
	return []string{GroupRange, GroupDomain, GroupPartner, GroupCountry, GroupCrossing, GroupNewDomains, GroupNear, GroupPeople}
}

// candidate is a group that might be a machine's.
type candidate struct {
	kind, name string
	group      *group
	rows       []*row
	evidence   []Evidence
}

// clearance is how large a group was when it was found good, and when.
type clearance struct {
	n  int
	at int64
}

const (
	// again is after what time a group that was found good is examined again
	// although it has not doubled: its confirmations have come in meanwhile.
	again = 20 * time.Minute
	// quietFor ends a hold, and separates one burst from another.
	quietFor = 6 * time.Hour
)

// Found is what an examination did.
type Found struct{ Opened, Moved, Released int }

// Examine reads what is new, looks for groups of machines in it, holds those
// it finds, and takes care of those under hold. One examination runs at a time.
func (s *Scrutiny) Examine(ctx context.Context) (Found, error) {
	s.examining.Lock()
	defer s.examining.Unlock()
	s.asked.Store(0)
	// Another copy may have found a group a moment ago.
	if err := errors.Join(s.Reload(ctx), s.follow(ctx)); err != nil {
		return Found{}, err
	}
	var found Found
	x := s.newExamination()
	for _, find := range []func(context.Context, *examination) (int, error){s.countPeople, s.tryNewDomains, s.tryGroups, s.tryNear} {
		n, err := find(ctx, x)
		if found.Opened += n; err != nil {
			return found, err
		}
	}
	if err := s.raise(ctx, x); err != nil {
		return found, err
	}
	var err error
	if found.Moved, err = s.enforce(ctx); err != nil {
		return found, err
	}
	found.Released, err = s.review(ctx, x)
	return found, err
}

// examination is one look at the window.
type examination struct {
	now      int64
	all      []*row
	live     []*row // those nothing has been found about
	baseline *baseline
}

func (s *Scrutiny) newExamination() *examination {
	x := &examination{now: s.Now().UnixMilli(), all: s.window.rows, baseline: newBaseline(s.window.rows)}
	x.live = s.unheld(x.all)
	return x
}

// unheld are the rows that neither are held nor fall under a hold.
func (s *Scrutiny) unheld(rows []*row) []*row {
	open := s.holds.Load()
	quick := max(s.Quickest.Milliseconds(), 1)
	var live []*row
	for _, r := range rows {
		if r.doubt || r.confirmed != 0 && r.delay() < quick || open.of(r) != nil || open.pardons(r) {
			continue
		}
		live = append(live, r)
	}
	return live
}

// watched says whether so many came to a bucket in its period, or thrice as
// many in the whole window, that it is examined.
func watched(rows []*row, l *Limit, now int64) bool {
	if l.Examine == 0 || int64(len(rows)) < l.Examine {
		return false
	}
	recent := int64(0)
	for i := len(rows) - 1; i >= 0 && rows[i].created > now-l.period(); i-- {
		recent++
	}
	return recent >= l.Examine || int64(len(rows)) >= 3*l.Examine
}

func by[K comparable](rows []*row, of func(*row) K) map[K][]*row {
	m := map[K][]*row{}
	for _, r := range rows {
		m[of(r)] = append(m[of(r)], r)
	}
	return m
}

func domainOf(r *row) key     { return r.domain }
func rangeOf(r *row) key      { return r.rng }
func partnerOf(r *row) int64  { return r.partner }
func countryOf(r *row) string { return r.country }

// candidates are the buckets that run hot and what crosses them, the largest
// first. A crossing tells what is bad apart from what is honest in one bucket.
func (s *Scrutiny) candidates(x *examination) []*candidate {
	r := s.rules.Load()
	made := map[string]*candidate{}
	add := func(kind string, g group, rows []*row) {
		if len(rows) >= fewest {
			c := &candidate{kind: kind, group: &g, rows: rows, name: kind + g.rule()}
			made[c.name] = c
		}
	}
	one := func(k key) map[key]bool { return map[key]bool{k: true} }
	for k, rows := range by(x.live, rangeOf) {
		if watched(rows, r.defaults[ByRange], x.now) {
			add(GroupRange, group{ranges: one(k)}, rows)
			for p, part := range by(rows, partnerOf) {
				add(GroupCrossing, group{ranges: one(k), partner: &p}, part)
			}
			for d, part := range by(rows, domainOf) {
				add(GroupCrossing, group{ranges: one(k), domains: one(d)}, part)
			}
		}
	}
	for k, rows := range by(x.live, domainOf) {
		if !watched(rows, r.of(ByDomain, k), x.now) {
			continue
		}
		if r.single[ByDomain][k] == nil {
			add(GroupDomain, group{domains: one(k)}, rows)
		}
		for p, part := range by(rows, partnerOf) {
			add(GroupCrossing, group{domains: one(k), partner: &p}, part)
		}
	}
	for p, rows := range by(x.live, partnerOf) {
		if !watched(rows, r.of(ByPartner, partnerKey(p)), x.now) {
			continue
		}
		if p != 0 {
			add(GroupPartner, group{partner: &p}, rows)
		}
		for k, part := range by(rows, rangeOf) {
			add(GroupRange, group{ranges: one(k)}, part)
		}
		for k, part := range by(rows, domainOf) {
			if r.single[ByDomain][k] == nil {
				add(GroupDomain, group{domains: one(k)}, part)
			}
		}
		for c, part := range by(rows, countryOf) {
			add(GroupCrossing, group{partner: &p, country: c}, part)
		}
	}
	for c, rows := range by(x.live, countryOf) {
		if watched(rows, r.of(ByCountry, keyOf([]byte(c))), x.now) {
			add(GroupCountry, group{country: c}, rows)
		}
	}
	list := slices.Collect(maps.Values(made))
	slices.SortFunc(list, func(a, b *candidate) int {
		if n := len(b.rows) - len(a.rows); n != 0 {
			return n
		}
		return strings.Compare(a.name, b.name)
	})
	return list
}

// tryGroups examines the candidates.
func (s *Scrutiny) tryGroups(ctx context.Context, x *examination) (int, error) {
	x.live = s.unheld(x.live)
	opened := 0
	for _, c := range s.candidates(x) {
		if was, ok := s.cleared[c.name]; ok && len(c.rows) < 2*was.n && x.now-was.at < again.Milliseconds() {
			continue
		}
		if opened > 0 {
			if c.rows = s.unheld(c.rows); len(c.rows) < fewest {
				continue
			}
		}
		c.narrow(x.now)
		guilty, err := s.judge(ctx, x, c)
		if err != nil {
			return opened, err
		}
		if !guilty {
			s.cleared[c.name] = clearance{len(c.rows), x.now}
			continue
		}
		if err := s.hold(ctx, x, c); err != nil {
			return opened, err
		}
		opened++
	}
	if len(s.cleared) > mostKeys {
		clear(s.cleared)
	}
	return opened, nil
}

// Guests come from a range one by one; a machine that does not rent a range for
// each request comes from its own again and again.
const (
	ownRange = 4  // requests from a range before it may be a machine's own
	ownShare = .7 // of a group that is left when its guests are out
)

// narrow leaves a group's guests out: when most of it came from mail domains
// never seen before, or from ranges that come again and again, it is those.
func (c *candidate) narrow(now int64) {
	if c.group.domains == nil {
		bound := slowBound(c.rows)
		patient := map[key]bool{} // domains of which somebody let the mail wait
		for d, rows := range by(c.rows, domainOf) {
			k, n := slow(rows, bound, now)
			patient[d] = 4*k >= max(1, n) && k > 0
		}
		isOwn := func(r *row) bool { return now-r.domainSince < windowTime.Milliseconds() && !patient[r.domain] }
		c.keep(domainOf, isOwn, func(g *group, own map[key]bool) { g.domains = own })
	}
	if c.group.ranges == nil {
		n := tally(c.rows, rangeOf)
		c.keep(rangeOf, func(r *row) bool { return n[r.rng] >= ownRange }, func(g *group, own map[key]bool) { g.ranges = own })
	}
}

// keep makes a group smaller by those that are not its own, if most are.
func (c *candidate) keep(of func(*row) key, is func(*row) bool, set func(*group, map[key]bool)) {
	own, rows := map[key]bool{}, []*row{}
	for _, r := range c.rows {
		if is(r) {
			own[of(r)] = true
			rows = append(rows, r)
		}
	}
	if len(rows) >= fewest && len(rows) < len(c.rows) && float64(len(rows)) >= ownShare*float64(len(c.rows)) {
		g := *c.group
		set(&g, own)
		c.group, c.rows, c.kind = &g, rows, GroupCrossing
	}
}

// judge weighs a candidate. Its names are looked at only when times and places
// speak against it already, or would with them.
func (s *Scrutiny) judge(ctx context.Context, x *examination, c *candidate) (bool, error) {
	c.evidence = score(c.rows, x.baseline, x.now)
	if n := points(c.evidence); n == 0 {
		return false, nil
	}
	people, err := s.people(ctx, c.rows)
	if err != nil {
		return false, err
	}
	c.evidence = append(c.evidence, scoreNames(people)...)
	return guilty(c.evidence) && !mixed(c.rows, x.now), nil
}

func describe(c *candidate) Figures {
	f := Figures{N: int64(len(c.rows)), Evidence: c.evidence}
	for p, n := range tally(c.rows, partnerOf) {
		if share := n / float64(len(c.rows)); share > .5 {
			f.Partner, f.Share = p, share
		}
	}
	for country, n := range tally(c.rows, countryOf) {
		if n > .5*float64(len(c.rows)) {
			f.Country = country
		}
	}
	if len(c.rows) > 0 {
		f.From, f.Until = c.rows[0].created, c.rows[len(c.rows)-1].created
	}
	return f
}

// hold opens a hold of a candidate, with an alarm that says so.
func (s *Scrutiny) hold(ctx context.Context, x *examination, c *candidate) error {
	f := describe(c)
	if err := s.nameDomain(ctx, c, &f); err != nil {
		return err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	h := &Hold{Kind: c.kind, Reason: because(c), Figures: string(text), Since: began(x.all, c), SeenAt: x.now, group: c.group}
	return s.open(ctx, h, f)
}

// because is the reason the evidence weighs most for.
func because(c *candidate) string {
	if c.kind == GroupPeople {
		return becauseCountry
	}
	names := 0
	for _, e := range c.evidence {
		if e.Kind == Ordered || e.Kind == Pattern || e.Kind == Repeated {
			names += e.Points
		}
	}
	if 2*names > points(c.evidence) {
		return becauseNames
	}
	return becauseAlike
}

// pause is for how much longer than usual a bucket is quiet before its burst.
const pause = 30

// began is when the burst of a group began: after it had last been quiet, so
// that guests who came before are not taken with it. A group of several bursts
// has longer pauses between them.
func began(rows []*row, c *candidate) int64 {
	quiet := quietFor.Milliseconds()
	if c.kind != GroupNewDomains && c.kind != GroupNear && c.kind != GroupPeople && len(c.rows) > 1 {
		gaps := make([]int64, len(c.rows)-1)
		for i := range gaps {
			gaps[i] = c.rows[i+1].created - c.rows[i].created
		}
		slices.Sort(gaps)
		quiet = min(quiet, max(pause*gaps[len(gaps)/2], 10*time.Minute.Milliseconds()))
	}
	var first, last int64
	for _, r := range rows {
		if c.group.hasRow(r) {
			if r.created-last > quiet {
				first = r.created
			}
			last = r.created
		}
	}
	return first
}

// chunk is how many rows one statement names.
const chunk = 500
