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
		if h.Kind == GroupPeople || h.Kind == GroupNewDomains || h.Kind == GroupNear || x.now-h.OpenedAt < reviewAfter.Milliseconds() {
			continue
		}
		rows := members(x.all, h.group, h.Since)
		if len(rows) < fewest {
			continue
		}
		c := &candidate{kind: h.Kind, group: h.group, rows: rows, evidence: score(rows, x.baseline, x.now)}
		if points(c.evidence) > clearAt {
			continue
		}
		people, err := s.people(ctx, rows)
		if err != nil {
			return released, err
		}
		if points(scoreNames(people)) > clearAt {
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
		if err := s.Move(ctx, Order{IDs: ids, From: Held, To: Counted, Why: fmt.Sprintf("group %d", h.ID)}); err != nil {
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
