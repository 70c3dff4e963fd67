package mailer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

// errPutBack marks a row that was claimed and not begun.
var errPutBack = errors.New("put back")

// errPointless marks a row that has lost its cause.
var errPointless = errors.New("pointless")

func isUnreachable(err error) bool { return errors.Is(err, ErrUnreachable) }

// due is what claim looks for; its parameters are twice the present.
const due = "state = 'waiting' AND not_before <= ? AND lease_until <= ?"

// claim takes the most urgent mails that are due, for as long as lease lasts.
// Of several Mailers at once each gets other rows: on SQLite they take turns,
// on PostgreSQL they pass over what another has locked.
func (m *Mailer) claim(ctx context.Context) ([]outbox.Row, error) {
	now := m.now().UnixMilli()
	var some bool
	err := m.store.Read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM outbox WHERE "+due+")", now, now).Scan(&some).Error
	if err != nil || !some {
		return nil, wrap("look for mails", err)
	}
	skip := ""
	if m.store.Postgres() {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	var rows []outbox.Row
	err = m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Raw("WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE "+due+
			" ORDER BY urgency, not_before, id LIMIT ?"+skip+")"+
			" UPDATE outbox SET lease_until = ?, tries = tries + 1 WHERE id IN (SELECT id FROM due) RETURNING *",
			now, now, batchLetters, now+lease.Milliseconds()).Scan(&rows).Error
	})
	slices.SortFunc(rows, func(a, b outbox.Row) int {
		return cmp.Or(cmp.Compare(a.Urgency, b.Urgency), cmp.Compare(a.NotBefore, b.NotBefore), cmp.Compare(a.ID, b.ID))
	})
	return rows, wrap("claim mails", err)
}

// TakeBack frees the mails that a program which died had claimed, so that they
// go out at once and not when the lease ends. Only for whoever is alone on
// the database: what another is sending would be sent twice.
func (m *Mailer) TakeBack(ctx context.Context) error {
	return wrap("take claimed mails back", m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&outbox.Row{}).Where("state = ? AND lease_until > 0", outbox.Waiting).Update("lease_until", 0).Error
	}))
}

func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// note writes down what became of rows, all that are known by the time it
// comes to write in one transaction. It says whether the batch was cut short.
// After a failure it still waits for all outcomes; what is not noted is sent
// again when the lease ends.
func (m *Mailer) note(ctx context.Context, outcomes <-chan outcome) (short bool, err error) {
	for first := range outcomes {
		known := []outcome{first}
		for more := true; more; {
			select {
			case o, open := <-outcomes:
				if more = open; open {
					known = append(known, o)
				}
			default:
				more = false
			}
		}
		for _, o := range known {
			short = short || isUnreachable(o.err) || errors.Is(o.err, errPutBack)
		}
		err = errors.Join(err, m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return m.write(tx, known) }))
	}
	return short, wrap("note what became of mails", err)
}

// write touches only rows whose claim is still ours.
func (m *Mailer) write(tx *gorm.DB, known []outcome) error {
	if err := m.lock(tx, known); err != nil {
		return err
	}
	now := m.now().UnixMilli()
	var done []int64
	for _, o := range known {
		if o.err == nil {
			done = append(done, o.row.ID)
			continue
		}
		claimed := tx.Model(&outbox.Row{}).Where("id = ? AND state = ? AND lease_until = ?", o.row.ID, outbox.Waiting, o.row.LeaseUntil)
		err := error(nil)
		if errors.Is(o.err, errPointless) {
			err = claimed.Delete(&outbox.Row{}).Error
		} else {
			err = claimed.Updates(afterFailure(o, now)).Error
		}
		if err != nil {
			return err
		}
	}
	if len(done) == 0 {
		return nil
	}
	return tx.Model(&outbox.Row{}).Where("id IN ? AND state = ? AND lease_until = ?", done, outbox.Waiting, known[0].row.LeaseUntil).
		Updates(map[string]any{"state": outbox.Sent, "envelope": nil, "lease_until": 0, "last_error": "", "done_at": now}).Error
}

// lock takes the rows in order, as who discards mails does, so that on
// PostgreSQL neither waits for the other in a ring.
func (m *Mailer) lock(tx *gorm.DB, known []outcome) error {
	if !m.store.Postgres() {
		return nil
	}
	ids := make([]int64, len(known))
	for i, o := range known {
		ids[i] = o.row.ID
	}
	return tx.Exec("SELECT id FROM outbox WHERE id IN ? ORDER BY id FOR UPDATE", ids).Error
}

// afterFailure is what changes in the row of a mail that was not sent. When
// the server cannot be reached the wait stays short, because the outage is
// not the letter's and may end at any moment.
func afterFailure(o outcome, now int64) map[string]any {
	change := map[string]any{"lease_until": 0, "last_error": o.why}
	wait := delay(o.row.Tries)
	switch {
	case errors.Is(o.err, errPutBack):
		return map[string]any{"lease_until": 0, "tries": o.row.Tries - 1}
	case isUnreachable(o.err):
		wait = delay(1)
	}
	next := now + wait.Milliseconds()
	if errors.Is(o.err, ErrRefused) || next > o.due+giveUp.Milliseconds() {
		change["state"], change["envelope"], change["done_at"] = outbox.Failed, nil, now
	} else {
		change["not_before"] = next
	}
	return change
}
