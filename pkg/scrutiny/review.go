package scrutiny

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// reviewAfter is how old a hold is when it is looked at again: those who would
// have let their mail wait have answered by then.
const reviewAfter = time.Hour

// review looks again at holds, and gives back the signatures of a group that
// does not look like a machine's any more.
func (s *Scrutiny) review(ctx context.Context, x *examination) (int, error) {
	released := 0
	for _, h := range s.holds.Load().all {
		if x.now-h.OpenedAt < reviewAfter.Milliseconds() {
			continue
		}
		stands, err := s.stands(ctx, x, h)
		if err != nil {
			return released, err
		}
		if stands {
			continue
		}
		n, err := s.release(ctx, h)
		released += n
		if err != nil {
			return released, err
		}
	}
	return released, nil
}

// stands says whether there is still something against a group under hold. In
// doubt there is, and staff decide.
func (s *Scrutiny) stands(ctx context.Context, x *examination, h *Hold) (bool, error) {
	rows := members(x.all, h.group, h.Since)
	switch h.Kind {
	case GroupPeople:
		return s.standsPeople(ctx, h)
	case GroupNewDomains:
		return standsWave(x, h, rows), nil
	case GroupNear:
		return s.standsNear(ctx, x, h, rows)
	}
	if len(rows) < fewest || points(score(rows, x.baseline, x.now)) > clearAt {
		return true, nil
	}
	people, err := s.people(ctx, rows)
	return err != nil || points(scoreNames(people)) > clearAt, err
}

// standsPeople: a country has not so many people as signed, held ones included.
// Once staff have called enough of them invalid, the others are believed; a
// little below what opens a hold, lest one more opens it again.
func (s *Scrutiny) standsPeople(ctx context.Context, h *Hold) (bool, error) {
	people := s.Population(h.group.country)
	var held int64
	err := s.Store.Read(ctx).Raw("SELECT count(*) FROM signatures WHERE state = 'held' AND country = ?", h.group.country).Scan(&held).Error
	if err != nil {
		return true, fmt.Errorf("count what is held of a country: %w", err)
	}
	n := float64(s.Counted(h.group.country) + held)
	return people == 0 || n >= .75*fewestHold && n >= .75*holdShare*float64(people), nil
}

// standsWave: of those who had come from new domains when they were held next to
// nobody lets the mail wait. What came later says nothing: it could be sent to
// free the others.
func standsWave(x *examination, h *Hold, rows []*row) bool {
	rows = slices.DeleteFunc(rows, func(r *row) bool { return r.created > h.OpenedAt })
	old := func(r *row) bool { return x.now-r.domainSince >= windowTime.Milliseconds() }
	if len(rows) < fewest || x.now-h.Since >= windowTime.Milliseconds() || len(x.all) >= windowRows || slices.ContainsFunc(rows, old) {
		return true // not all of it is known any more
	}
	for _, r := range x.live {
		if old(r) {
			rows = append(rows, r)
		}
	}
	return newDomains(rows, x.now, true) != nil
}

// standsNear: address ranges are held for the groups next to all of them was of.
// When these turned out well, nothing is left against the rest.
func (s *Scrutiny) standsNear(ctx context.Context, x *examination, h *Hold, rows []*row) (bool, error) {
	var groups []*Hold
	err := s.Store.Read(ctx).Where("kind NOT IN ? AND (ended_at = 0 OR ended_at > ?) AND rule <> '{}'", []string{GroupNear, GroupPeople}, x.now-windowTime.Milliseconds()).Find(&groups).Error
	if err != nil {
		return true, fmt.Errorf("read the holds beside hold %d: %w", h.ID, err)
	}
	bad, well := &holds{}, &holds{}
	for _, one := range groups {
		if one.group, err = readGroup(one.Rule); err != nil {
			return true, err
		}
		if one.Cleared {
			well.all = append(well.all, one)
		} else {
			bad.all = append(bad.all, one)
		}
	}
	nBad, nWell := 0, 0
	for _, r := range rows {
		switch {
		case bad.of(r) != nil:
			nBad++
		case well.of(r) != nil:
			nWell++
		}
	}
	return nBad >= nearLeast || nWell < nearLeast, nil
}

// release gives back what a hold that was wrong holds, and ends it last: one
// that is cut short is looked at again.
func (s *Scrutiny) release(ctx context.Context, h *Hold) (int, error) {
	var found []stored
	db := s.Store.Read(ctx)
	err := db.Raw("SELECT id, partner_id, country, domain_key, range_key FROM signatures WHERE state = 'held' AND held_at >= ? AND reason = ? AND created_at >= ?",
		h.OpenedAt, h.Reason, h.Since).Scan(&found).Error
	if err != nil {
		return 0, fmt.Errorf("find what hold %d holds: %w", h.ID, err)
	}
	others := s.holds.Load().but(h)
	var ids, waiting []int64
	for _, f := range found {
		domain, rng := keyOf(f.DomainKey), keyOf(f.RangeKey)
		if h.group.has(f.PartnerID, f.Country, domain, rng) && others.match(f.PartnerID, f.Country, domain, rng) == nil {
			ids = append(ids, f.ID)
		}
	}
	var free []*row
	for _, r := range s.window.rows {
		if r.doubt && h.group.hasRow(r) && r.created >= h.Since && others.match(r.partner, r.country, r.domain, r.rng) == nil {
			free = append(free, r)
			if r.confirmed == 0 {
				waiting = append(waiting, r.id)
			}
		}
	}
	if err := s.trust(ctx, h.Reason, waiting); err != nil {
		return 0, err
	}
	if len(ids) > 0 {
		if err := s.Move(ctx, Order{IDs: ids, From: Held, To: Counted, Why: h.words()}); err != nil {
			return 0, err
		}
	}
	if err := s.end(ctx, h.ID, program, true); err != nil {
		return len(ids), err
	}
	for _, r := range free {
		r.doubt = false
	}
	return len(ids), nil
}

// Forget erases which address ranges and domains were of groups whose hold
// ended before a time, and alarms that staff had done with by then.
func (s *Scrutiny) Forget(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Exec("UPDATE holds SET rule = '{}' WHERE ended_at > 0 AND ended_at < ? AND rule <> '{}'", before.UnixMilli())
		if res.Error != nil {
			return res.Error
		}
		n = res.RowsAffected
		res = tx.Where("done_at > 0 AND done_at < ?", before.UnixMilli()).Delete(&AlarmRow{})
		n += res.RowsAffected
		return res.Error
	})
	if err != nil {
		return 0, fmt.Errorf("forget groups and alarms: %w", err)
	}
	return n, nil
}

// trust lets requests that wait be counted when they are confirmed.
func (s *Scrutiny) trust(ctx context.Context, reason string, ids []int64) error {
	for part := range slices.Chunk(ids, chunk) {
		err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			if err := s.lockRequests(tx, part); err != nil {
				return err
			}
			return tx.Exec("UPDATE sign_requests SET doubt = '' WHERE id IN ? AND state = 'pending' AND doubt = ?", part, reason).Error
		})
		if err != nil {
			return fmt.Errorf("trust %d requests: %w", len(part), err)
		}
	}
	return nil
}
