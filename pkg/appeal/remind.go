package appeal

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

// RemindAfter is how long after signing those who have not confirmed are
// reminded, once.
const RemindAfter = 2 * 24 * time.Hour

// Remind mails those who signed RemindAfter ago and have not confirmed, once
// for each request, with the links and the code of the first mail. Nobody is
// reminded of an appeal that has ended. An address that had its share of mails
// of the day waits for the next round. It returns how many were reminded.
func (i *Intake) Remind(ctx context.Context) (int, error) {
	total, after := 0, reminded{}
	for {
		n := 0
		err := i.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
			n, after, err = i.remindSome(tx, after)
			return err
		})
		if total += n; err != nil {
			return total, fmt.Errorf("remind signers: %w", err)
		}
		if n > 0 {
			i.wake()
		}
		if after == (reminded{}) {
			return total, nil
		}
	}
}

// reminded is how far a round has come: the last request looked at.
type reminded struct{ created, id int64 }

// remindSome looks at the requests after one, and returns where to go on; zero
// at the end.
func (i *Intake) remindSome(tx *gorm.DB, after reminded) (int, reminded, error) {
	now := i.Now()
	if i.Appeal.Current().Ended(now) {
		return 0, reminded{}, nil
	}
	query := "SELECT id, lang, name, email, created_at FROM sign_requests WHERE state = ? AND created_at <= ? AND created_at > ? AND (created_at, id) > (?, ?)" +
		" AND reminded_at = 0 AND mails < ? AND mailed_at <= ? ORDER BY created_at, id LIMIT ?"
	if i.Store.Postgres() {
		query += " FOR UPDATE SKIP LOCKED" // who confirms at this moment needs none
	}
	var due []request
	err := tx.Raw(query, pending, now.Add(-RemindAfter).UnixMilli(), now.Add(-i.requestLife()).UnixMilli(), after.created, after.id,
		MostMails, now.Add(-MailPause).UnixMilli(), atOnce).Scan(&due).Error
	if err != nil || len(due) == 0 {
		return 0, reminded{}, err
	}
	ids, mails, err := i.reminders(tx, due)
	if err != nil || len(ids) == 0 {
		return 0, next(due), err
	}
	err = tx.Exec("UPDATE sign_requests SET reminded_at = ?, mails = mails + 1, mailed_at = ? WHERE id IN ?", now.UnixMilli(), i.nextStamp(now), ids).Error
	if err == nil {
		err = i.Outbox.Enqueue(tx, mails...)
	}
	return len(ids), next(due), err
}

func next(due []request) reminded {
	if len(due) < atOnce {
		return reminded{}
	}
	last := due[len(due)-1]
	return reminded{last.CreatedAt, last.ID}
}

// reminders are the mails to those whose address may have one today.
func (i *Intake) reminders(tx *gorm.DB, due []request) (ids []int64, mails []outbox.Mail, err error) {
	written := make([]outbox.Mail, len(due))
	recipients := make([][]byte, len(due))
	for n, r := range due {
		if written[n], err = i.confirmMailOf(r); err != nil {
			return nil, nil, err
		}
		written[n].Kind, recipients[n] = outbox.SignReminder, written[n].ToKey
	}
	room, err := i.Outbox.Room(tx, recipients...)
	if err != nil {
		return nil, nil, err
	}
	for n, m := range written {
		if room[string(m.ToKey)] > 0 {
			room[string(m.ToKey)]--
			ids, mails = append(ids, due[n].ID), append(mails, m)
		}
	}
	return ids, mails, nil
}

// Pointless says that a mail which waits has lost its cause: a reminder of
// what was confirmed or withdrawn since, or of an appeal that has ended.
func (i *Intake) Pointless(ctx context.Context, kind outbox.Kind, e outbox.Envelope) (bool, error) {
	if kind != outbox.SignReminder {
		return false, nil
	}
	if i.Appeal.Current().Ended(i.Now()) {
		return true, nil
	}
	state, err := i.Look(ctx, rowOf(i.Keys, e, i.Now()))
	return state != OutcomeWaiting, err
}
