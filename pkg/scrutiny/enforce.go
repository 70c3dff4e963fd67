package scrutiny

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// enforce holds what falls under a hold and is not held yet: those that wait,
// and those that were counted before the hold began, or by a copy of the
// program that did not know of it.
func (s *Scrutiny) enforce(ctx context.Context) (int, error) {
	waiting, counted := map[*Hold][]*row{}, map[*Hold][]*row{}
	open := s.holds.Load()
	seen := map[*Hold]int64{}
	for _, r := range s.window.rows {
		h := open.of(r)
		if h == nil {
			continue
		}
		seen[h] = r.created
		switch {
		case r.doubt && r.confirmed == 0:
		case r.confirmed == 0:
			waiting[h] = append(waiting[h], r)
		case !r.doubt:
			counted[h] = append(counted[h], r)
		}
	}
	moved := 0
	for _, h := range open.all {
		if err := s.doubtWaiting(ctx, h, waiting[h]); err != nil {
			return moved, err
		}
		if ids := idsOf(counted[h]); len(ids) > 0 {
			if err := s.Move(ctx, Order{IDs: ids, From: Counted, To: Held, Reason: h.Reason, Why: h.words()}); err != nil {
				return moved, err
			}
			moved += len(ids)
			for _, r := range counted[h] {
				r.doubt = true
			}
		}
		if seen[h] > h.SeenAt {
			h.SeenAt = seen[h]
		}
		if s.Now().UnixMilli()-h.SeenAt > quietFor.Milliseconds() {
			if err := s.EndHold(ctx, h.ID, program); err != nil {
				return moved, err
			}
		}
	}
	return moved, nil
}

func idsOf(rows []*row) []int64 {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

// doubtWaiting makes requests that wait be held when they are confirmed.
func (s *Scrutiny) doubtWaiting(ctx context.Context, h *Hold, rows []*row) error {
	for part := range slices.Chunk(rows, chunk) {
		err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			if err := s.lockRequests(tx, idsOf(part)); err != nil {
				return err
			}
			return tx.Exec("UPDATE sign_requests SET doubt = ? WHERE id IN ? AND state = 'pending' AND doubt = ''", h.Reason, idsOf(part)).Error
		})
		if err != nil {
			return fmt.Errorf("doubt %d requests: %w", len(part), err)
		}
		for _, r := range part {
			r.doubt = true
		}
	}
	return nil
}

// lockRequests takes requests in the order in which the intake does, lest on
// PostgreSQL one waits for the other in a ring.
func (s *Scrutiny) lockRequests(tx *gorm.DB, ids []int64) error {
	if !s.Store.Postgres() {
		return nil
	}
	return tx.Exec("SELECT id FROM sign_requests WHERE id IN ? ORDER BY email_key, id FOR UPDATE", ids).Error
}
