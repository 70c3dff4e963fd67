package mailer

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

// note writes down what became of rows, in sets. After a failure it still waits for all
// outcomes; what is not noted is sent again when the lease ends.
func (m *Mailer) note(ctx context.Context, outcomes <-chan outcome, noted func([]outcome)) (err error) {
	for first := range outcomes {
		known := gather(first, outcomes)
		m.noting.Lock()
		err = errors.Join(err, m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return m.write(tx, known) }))
		m.noting.Unlock()
		noted(known)
	}
	return wrap("note what became of mails", err)
}

// gatherFor is how long one outcome waits for others, so that they share a
// transaction.
const gatherFor = 10 * time.Millisecond

func gather(first outcome, outcomes <-chan outcome) []outcome {
	known := []outcome{first}
	enough := time.NewTimer(gatherFor)
	defer enough.Stop()
	for len(known) < mostPending {
		select {
		case o, open := <-outcomes:
			if !open {
				return known
			}
			known = append(known, o)
		case <-enough.C:
			return known
		}
	}
	return known
}

// write touches only rows whose claim is still ours. What is locked, is locked
// in the order in which others do: requests, mails, domains, spans.
func (m *Mailer) write(tx *gorm.DB, known []outcome) error {
	now := m.now().UnixMilli()
	if err := m.tellTaken(tx, known); err != nil {
		return err
	}
	if err := m.lock(tx, known); err != nil {
		return err
	}
	done := map[int64][]int64{} // by the ends of their leases
	counts := spans{}
	for _, o := range known {
		begun := o.row.LeaseUntil - lease.Milliseconds()
		switch {
		case errors.Is(o.err, errPutBack), errors.Is(o.err, errPointless), isUnreachable(o.err):
			counts.add(begun, -1, 0) // no server was asked to take it
		case o.err == nil:
			counts.add(now, 0, 1)
			done[o.row.LeaseUntil] = append(done[o.row.LeaseUntil], o.row.ID)
			continue
		}
		if err := m.writeFailure(tx, o, now); err != nil {
			return err
		}
	}
	for lease, rows := range done {
		err := tx.Model(&outbox.Row{}).Where("id IN ? AND state = ? AND lease_until = ?", rows, outbox.Waiting, lease).
			Updates(map[string]any{"state": outbox.Sent, "envelope": nil, "lease_until": 0, "last_error": "", "done_at": now}).Error
		if err != nil {
			return err
		}
	}
	if err := m.noteReach(tx, known, now); err != nil {
		return err
	}
	if err := m.noteDomains(tx, byDomain(known), now); err != nil {
		return err
	}
	return counts.write(tx)
}

func (m *Mailer) writeFailure(tx *gorm.DB, o outcome, now int64) error {
	ours := tx.Model(&outbox.Row{}).Where("id = ? AND state = ? AND lease_until = ?", o.row.ID, outbox.Waiting, o.row.LeaseUntil)
	if errors.Is(o.err, errPointless) {
		return ours.Delete(&outbox.Row{}).Error
	}
	if err := ours.Updates(afterFailure(o, now)).Error; err != nil {
		return err
	}
	switch {
	case errors.Is(o.err, ErrNobody):
		return outbox.StopIn(tx, o.row.RecipientKey, outbox.StopNobody, m.now())
	case errors.Is(o.err, ErrFull):
		return outbox.StopIn(tx, o.row.RecipientKey, outbox.StopFull, m.now())
	}
	return nil
}

// tellTaken says which confirmations the server took, and learns of which
// requests they were the first.
func (m *Mailer) tellTaken(tx *gorm.DB, known []outcome) error {
	var at []int
	var envelopes []outbox.Envelope
	for i, o := range known {
		if o.err == nil && o.row.Kind == outbox.SignConfirm {
			at, envelopes = append(at, i), append(envelopes, o.envelope)
		}
	}
	if len(at) == 0 {
		return nil
	}
	first, err := m.taken(tx, envelopes)
	if err != nil {
		return err
	}
	for i, f := range first {
		known[at[i]].first = f
	}
	return nil
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

// noteReach notes since when no mail server is reached, when that changes.
func (m *Mailer) noteReach(tx *gorm.DB, known []outcome, now int64) error {
	reached := func(o outcome) bool {
		return !isUnreachable(o.err) && !errors.Is(o.err, errPutBack) && !errors.Is(o.err, errPointless)
	}
	up := slices.ContainsFunc(known, reached)
	down := !up && slices.ContainsFunc(known, func(o outcome) bool { return isUnreachable(o.err) })
	switch {
	case up && m.reach != reachUp:
		m.reach = reachUp
		return tx.Exec("UPDATE mail_state SET down_since = 0 WHERE id = 1 AND down_since <> 0").Error
	case down && m.reach != reachDown:
		m.reach = reachDown
		return tx.Exec("UPDATE mail_state SET down_since = ? WHERE id = 1 AND down_since = 0", now).Error
	}
	return nil
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
