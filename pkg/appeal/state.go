package appeal

import (
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/store"
)

// Mark is a state that the campaign itself gives a signature: Counted, Held
// or Invalid. Reason is one of Reasons; "" with Counted.
type Mark struct{ State, Reason string }

// mark gives signatures that are in the state from another one, as a sweep,
// inside the caller's transaction, and adds what that changes of the tallies to
// d; the caller writes d last. It returns those that it moved: what has left
// that state meanwhile is passed over. The day of a signature stays that of its
// confirmation, so one that is released enters the count of that day. What staff
// decided about one by one or by a rule, the program leaves as it is, which may
// have looked before they did. At most sweepChunk ids, sorted: the order in
// which copies of the program lock rows.
func (s *Sweeps) mark(tx *gorm.DB, sweep *Sweep, ids []int64, from string, d delta) ([]int64, error) {
	to, where := sweep.To(), "id IN ? AND state = ?"
	if from == to.State {
		return nil, nil
	}
	args := []any{ids, from}
	if sweep.ByKind == audit.Program {
		where += " AND NOT EXISTS (SELECT 1 FROM sweeps w WHERE w.id = signatures.sweep_id AND w.by_kind = ?)"
		args = append(args, audit.Staff)
	}
	rows, err := s.lock(tx, where, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var heldAt int64
	if to.State == Held {
		heldAt = tx.NowFunc().UnixMilli()
	}
	moved, items := make([]int64, len(rows)), make([]sweepItem, len(rows))
	for i, r := range rows {
		moved[i] = r.ID
		items[i] = sweepItem{sweep.ID, r.ID, r.State, r.Reason, r.HeldAt, r.SweepID}
		d.add(r, -1)
		r.State = to.State
		d.add(r, 1)
	}
	err = tx.Exec("UPDATE signatures SET state = ?, reason = ?, held_at = ?, sweep_id = ? WHERE id IN ?", to.State, to.Reason, heldAt, sweep.ID, moved).Error
	if err == nil {
		err = tx.Create(&items).Error
	}
	if err != nil {
		return nil, fmt.Errorf("mark %d signatures %s: %w", len(moved), to.State, err)
	}
	return moved, nil
}

// lock reads signatures so that nobody changes them before the transaction is
// over, with what the tallies count of them.
func (s *Sweeps) lock(tx *gorm.DB, where string, args ...any) ([]Signature, error) {
	query := "SELECT id, partner_id, placement_id, country, lang, origin, state, day, reason, held_at, sweep_id FROM signatures WHERE " + where + " ORDER BY id"
	if s.Store.Postgres() {
		query += " FOR UPDATE"
	}
	var rows []Signature
	if err := tx.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("lock signatures: %w", err)
	}
	return rows, nil
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
