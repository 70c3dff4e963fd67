package appeal

import (
	"context"
	"fmt"
	"maps"
	"slices"
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
	var due []request
	err := tx.Raw(query, pending, now.Add(-RemindAfter).UnixMilli(), now.Add(-i.requestLife()).UnixMilli(), after.created, after.id,
		MostMails, now.Add(-MailPause).UnixMilli(), atOnce).Scan(&due).Error
	if err != nil || len(due) == 0 {
		return 0, reminded{}, err
	}
	mails, err := i.reminders(tx, due)
	if err != nil || len(mails) == 0 {
		return 0, next(due), err
	}
	claim := "SELECT id FROM sign_requests WHERE id IN ? AND state = ? AND reminded_at = 0"
	if i.Store.Postgres() {
		// Who confirms at this moment needs none; and the intake, which waits
		// for mails to be counted, must not be waited for.
		claim += " FOR UPDATE SKIP LOCKED"
	}
	var claimed []int64
	err = tx.Raw("UPDATE sign_requests SET reminded_at = ?, mails = mails + 1, mailed_at = ? WHERE id IN ("+claim+") RETURNING id",
		now.UnixMilli(), i.nextStamp(now), slices.Collect(maps.Keys(mails)), pending).Scan(&claimed).Error
	if err != nil {
		return 0, next(due), err
	}
	letters := make([]outbox.Mail, 0, len(claimed))
	for _, id := range claimed {
		letters = append(letters, mails[id])
	}
	return len(claimed), next(due), i.Outbox.Enqueue(tx, letters...)
}

func next(due []request) reminded {
	if len(due) < atOnce {
		return reminded{}
	}
	last := due[len(due)-1]
	return reminded{last.CreatedAt, last.ID}
}

// reminders are the mails to those whose address may have one today, by their
// requests.
func (i *Intake) reminders(tx *gorm.DB, due []request) (mails map[int64]outbox.Mail, err error) {
	written := make([]outbox.Mail, len(due))
	recipients := make([][]byte, len(due))
	for n, r := range due {
		if written[n], err = i.confirmMailOf(r); err != nil {
			return nil, err
		}
		written[n].Kind, recipients[n] = outbox.SignReminder, written[n].ToKey
	}
	room, err := i.Outbox.Room(tx, recipients...)
	if err != nil {
		return nil, err
	}
	mails = make(map[int64]outbox.Mail, len(due))
	for n, m := range written {
		if room[string(m.ToKey)] > 0 {
			room[string(m.ToKey)]--
			mails[due[n].ID] = m
		}
	}
	return mails, nil
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
