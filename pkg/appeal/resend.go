package appeal

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// Why a mail is not sent once more.
var (
	errMailsMost = fault.New(fault.TooMany, "signature.resend_most", "Max", MostMails)
	errMailsDay  = fault.New(fault.TooMany, "signature.resend_day")
)

// nextStamp is a time for mailed_at that no other transaction of this process
// has, so that one can tell whom it mailed itself; at most a few milliseconds
// ahead.
func (i *Intake) nextStamp(now time.Time) int64 {
	for {
		last := i.stamp.Load()
		stamp := max(now.UnixMilli(), last+1)
		if i.stamp.CompareAndSwap(last, stamp) {
			return stamp
		}
	}
}

// Resend mails the confirmation of a request once more: the same links and
// code, as often as a request may be mailed. Nothing happens when it was
// confirmed meanwhile. TooMany says when or why not; ErrNoSignature.
func (i *Intake) Resend(ctx context.Context, row int64) error {
	err := i.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		r, err := i.lockWaiting(tx, "id = ?", row)
		if err == nil && r == nil {
			var state Outcome
			if state, err = i.Look(ctx, row); err == nil && (state == OutcomeExpired || state == OutcomeGone) {
				err = ErrNoSignature
			}
			return err
		}
		if err != nil {
			return err
		}
		return i.mailAgain(tx, *r)
	})
	if err != nil {
		return fmt.Errorf("mail sign request %d again: %w", row, err)
	}
	i.wake()
	return nil
}

// SendLink mails the link to a signature's own page to an address that has
// one; an address whose request waits gets the confirmation again. Nothing
// comes of it when the address is unknown, or had its share of mails, and the
// caller cannot tell: call it behind the visitor's back.
func (i *Intake) SendLink(ctx context.Context, to address.Mail) error {
	appeal := i.Appeal.Current()
	key := i.Keys.MailKey(appeal.ID, to.Folded())
	err := i.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var known []Signature
		err := tx.Where("appeal_id = ? AND email_key = ?", appeal.ID, key).Limit(1).Find(&known).Error
		if err != nil {
			return err
		}
		if len(known) > 0 {
			return i.mailLink(tx, known[0], to)
		}
		r, err := i.lockWaiting(tx, "appeal_id = ? AND email_key = ?", appeal.ID, key)
		if err != nil || r == nil {
			return err
		}
		if err = i.mailAgain(tx, *r); fault.KindOf(err) == fault.TooMany {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("send the link to a signature: %w", err)
	}
	i.wake()
	return nil
}

// mailLink goes to the address the signature has; only one that was forgotten
// is answered where the question came from.
func (i *Intake) mailLink(tx *gorm.DB, s Signature, asked address.Mail) error {
	to, err := mailOf(i.Keys, s.ID, s.Email)
	if err != nil {
		return err
	}
	if to == (address.Mail{}) {
		to = asked
	}
	name, err := i.Keys.Open(sealedName, s.ID, s.Name)
	if err != nil {
		return err
	}
	m := outbox.Mail{Kind: outbox.SignLink, Lang: s.Lang, To: to.String(), ToKey: i.Keys.MailKey(0, to.Folded()),
		Args: map[string]string{"Name": string(name)}, Action: "/" + s.Lang + "/signature/" + i.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: s.ID})}
	if room, err := i.Outbox.Room(tx, m.ToKey); err != nil || room[string(m.ToKey)] == 0 {
		return err
	}
	now := i.Now()
	res := tx.Model(&Signature{}).Where("id = ? AND mails < ? AND mailed_at <= ?", s.ID, MostMails, now.Add(-MailPause).UnixMilli()).
		Updates(map[string]any{"mails": gorm.Expr("mails + 1"), "mailed_at": now.UnixMilli()})
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	return i.Outbox.Enqueue(tx, m)
}

// lockWaiting reads a request that waits, for a change; nil if none does.
func (i *Intake) lockWaiting(tx *gorm.DB, where string, args ...any) (*request, error) {
	query := "SELECT * FROM sign_requests WHERE " + where + " AND state = ? AND created_at > ?"
	if i.Store.Postgres() {
		query += " FOR UPDATE"
	}
	var rows []request
	if err := tx.Raw(query, append(args, pending, i.Now().Add(-i.requestLife()).UnixMilli())...).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// mailAgain enqueues the confirmation of a request, if it may be mailed now.
func (i *Intake) mailAgain(tx *gorm.DB, r request) error {
	now := i.Now()
	if r.Mails >= MostMails {
		return errMailsMost
	}
	if wait := time.UnixMilli(r.MailedAt).Add(MailPause).Sub(now); wait > 0 {
		return fault.New(fault.TooMany, "signature.resend_pause", "N", int64((wait+time.Minute-1)/time.Minute))
	}
	m, err := i.confirmMailOf(r)
	if err != nil {
		return err
	}
	room, err := i.Outbox.Room(tx, m.ToKey)
	if err != nil {
		return err
	}
	if room[string(m.ToKey)] == 0 {
		return errMailsDay
	}
	err = tx.Model(&request{}).Where("id = ?", r.ID).Updates(map[string]any{"mails": gorm.Expr("mails + 1"), "mailed_at": i.nextStamp(now)}).Error
	if err != nil {
		return err
	}
	return i.Outbox.Enqueue(tx, m)
}

// confirmMailOf is the confirmation of a stored request.
func (i *Intake) confirmMailOf(r request) (outbox.Mail, error) {
	name, err := i.Keys.Open(sealedName, r.ID, r.Name)
	if err != nil {
		return outbox.Mail{}, err
	}
	mail, err := mailOf(i.Keys, r.ID, r.Email)
	if err != nil {
		return outbox.Mail{}, err
	}
	return i.confirmMail(r.ID, r.CreatedAt, checked{Form: Form{Name: string(name), Lang: r.Lang}, mail: mail}), nil
}

func (i *Intake) wake() {
	if i.Committed != nil {
		i.Committed()
	}
}
