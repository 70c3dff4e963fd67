package scrutiny

import (
	"context"
	"encoding/hex"
	"time"
)

const (
	// unlikeAt is how many points make a partner unlike the others, and
	// unlikeRows how many requests it takes to say so.
	unlikeAt   = 3
	unlikeRows = 100
	// burstTimes is how much more than its usual hour an hour of a partner is
	// before it is a burst.
	burstTimes = 8
	// lowRatio is what part of people's requests is confirmed at the least.
	lowRatio = .4
)

// Lost is evidence that only alarms show: hardly any are confirmed, as when
// somebody sends in addresses that are not theirs. What is not confirmed is
// not counted, so it holds nothing.
const Lost = "lost"

// raise looks for what staff should see although nothing is held for it.
func (s *Scrutiny) raise(ctx context.Context, x *examination) error {
	r := s.rules.Load()
	for name, at := range s.raised {
		if x.now-at > again.Milliseconds() {
			delete(s.raised, name)
		}
	}
	for p, rows := range by(x.all, partnerOf) {
		if p == 0 || len(rows) < unlikeRows {
			continue
		}
		c := &candidate{kind: GroupPartner, rows: rows, evidence: score(rows, x.baseline, x.now)}
		if e, ok := lost(rows, x.now); ok {
			c.evidence = append(c.evidence, e)
		}
		if points(c.evidence) >= unlikeAt {
			f := describe(c)
			f.Partner = p
			if err := s.raiseAgain(ctx, x, AlarmPartner, itoa(p), f); err != nil {
				return err
			}
		}
		if err := s.raiseBurst(ctx, x, p, rows, r.of(ByPartner, partnerKey(p))); err != nil {
			return err
		}
	}
	for d, rows := range by(x.live, domainOf) {
		l := r.of(ByDomain, d)
		if recent := since(rows, x.now-l.period()); r.single[ByDomain][d] == nil && l.Ask != 0 && int64(len(recent)) >= l.Ask {
			c := &candidate{kind: GroupDomain, group: &group{domains: map[key]bool{d: true}}, rows: recent, evidence: score(recent, x.baseline, x.now)}
			f := describe(c)
			if err := s.nameDomain(ctx, c, &f); err != nil {
				return err
			}
			if err := s.raiseAgain(ctx, x, AlarmDomain, hex.EncodeToString(d[:]), f); err != nil {
				return err
			}
		}
	}
	return nil
}

// raiseBurst minds an hour of a partner that is far above its usual one.
func (s *Scrutiny) raiseBurst(ctx context.Context, x *examination, partner int64, rows []*row, l *Limit) error {
	recent := since(rows, x.now-l.period())
	usual := float64(len(rows)-len(recent)) / (windowTime - time.Duration(l.Minutes)*time.Minute).Hours() * float64(l.Minutes) / 60
	if l.Examine == 0 || int64(len(recent)) < l.Examine || float64(len(recent)) < burstTimes*usual {
		return nil
	}
	f := describe(&candidate{kind: GroupPartner, rows: recent, evidence: score(recent, x.baseline, x.now)})
	f.Partner = partner
	return s.raiseAgain(ctx, x, AlarmBurst, itoa(partner), f)
}

// raiseAgain raises an alarm, and brings its figures up to date now and then
// only while its cause lasts.
func (s *Scrutiny) raiseAgain(ctx context.Context, x *examination, kind, key string, f Figures) error {
	if _, lately := s.raised[kind+" "+key]; lately {
		return nil
	}
	s.raised[kind+" "+key] = x.now
	return s.Alarm(ctx, kind, key, f)
}

// since are the rows after a moment.
func since(rows []*row, from int64) []*row {
	i := len(rows)
	for i > 0 && rows[i-1].created > from {
		i--
	}
	return rows[i:]
}

func lost(rows []*row, now int64) (Evidence, bool) {
	k, n := slow(rows, 2*settle, now)
	e := Evidence{Kind: Lost, N: int64(n), Share: 1 - float64(k)/float64(max(1, n)), Points: unlikeAt}
	return e, n >= unlikeRows && 1-wilson(k, n, 1.64) < lowRatio
}

// nameDomain gives the figures of a group with one mail domain its name, for
// the desk to act upon: a domain of so many is nobody's own.
func (s *Scrutiny) nameDomain(ctx context.Context, c *candidate, f *Figures) error {
	if c.group == nil || len(c.group.domains) != 1 || len(c.rows) < fewest {
		return nil
	}
	people, err := s.people(ctx, c.rows[len(c.rows)-1:])
	if len(people) > 0 {
		f.Domain = people[0].domain
	}
	return err
}
