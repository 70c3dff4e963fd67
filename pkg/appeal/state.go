package appeal

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Mark is a state that the campaign itself gives a signature: Counted, Held
// or Invalid. Reason is one of Reasons; "" with Counted.
type Mark struct{ State, Reason string }

// moved is a signature that changed its state, and what it was.
type moved struct {
	Signature
	was       string
	wasReason string
	wasHeldAt int64
}

// mark gives signatures that are in the state from another one, inside the
// caller's transaction, and adds what that changes of the tallies to d; the
// caller writes d last. What has left that state meanwhile is passed over.
// The day of a signature stays that of its confirmation, so one that is
// released enters the count of that day. At most bulkRows ids.
func (s *Signatures) mark(tx *gorm.DB, ids []int64, from string, to Mark, d delta) ([]moved, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids) // the order in which copies of the program lock rows
	query := "SELECT id, partner_id, placement_id, country, lang, origin, state, day, reason, held_at FROM signatures WHERE id IN ? AND state = ? ORDER BY id"
	if s.Store.Postgres() {
		query += " FOR UPDATE"
	}
	var rows []Signature
	if err := tx.Raw(query, ids, from).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read %d signatures to mark: %w", len(ids), err)
	}
	if len(rows) == 0 || from == to.State {
		return nil, nil
	}
	var heldAt int64
	if to.State == Held {
		heldAt = tx.NowFunc().UnixMilli()
	}
	out := make([]moved, 0, len(rows))
	found := make([]int64, 0, len(rows))
	for _, r := range rows {
		m := moved{Signature: r, was: r.State, wasReason: r.Reason, wasHeldAt: r.HeldAt}
		d.add(r, -1)
		m.State, m.Reason, m.HeldAt = to.State, to.Reason, heldAt
		d.add(m.Signature, 1)
		out, found = append(out, m), append(found, r.ID)
	}
	err := tx.Exec("UPDATE signatures SET state = ?, reason = ?, held_at = ? WHERE id IN ?", to.State, to.Reason, heldAt, found).Error
	if err != nil {
		return nil, fmt.Errorf("mark %d signatures %s: %w", len(found), to.State, err)
	}
	return out, nil
}

// settle writes what a transaction changed of the tallies; the last thing
// before its commit. Nothing when nothing changed.
func (d delta) settle(tx *gorm.DB, appealID int64) (store.Change, error) {
	for k, n := range d {
		if n == 0 {
			delete(d, k)
		}
	}
	if len(d) == 0 {
		return store.Change{}, nil
	}
	return d.write(tx, appealID)
}
