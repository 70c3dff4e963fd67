package registry

import (
	"bytes"
	"context"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// ConfirmLife is how long the link that confirms an applicant's address is
// good, and how long the application is kept without.
const ConfirmLife = 14 * 24 * time.Hour

// mostCorrections is how often the address of one application may be
// corrected: enough for every slip of a finger, too few to mail a list of
// strangers.
const mostCorrections = 5

var errCorrected = fault.New(fault.TooMany, "application.corrected_often")

// ConfirmAddress marks the applicant's address as confirmed and mails the
// status link. Confirming twice changes nothing.
func (r *Registry) ConfirmAddress(ctx context.Context, id int64) (*Application, error) {
	return r.change(ctx, id, r.confirm)
}

// ConfirmLink is ConfirmAddress for who holds the mailed link. ErrForgotten,
// ErrReplaced.
func (r *Registry) ConfirmLink(ctx context.Context, t seal.Token) (*Application, error) {
	return r.changeLinked(ctx, t, r.confirm)
}

func (r *Registry) confirm(tx *gorm.DB, a *Application) error {
	if a.State != Submitted {
		return nil
	}
	now := r.Now().UnixMilli()
	if err := r.move(tx, a, Verified, applicant, map[string]any{"verified_at": now, "waiting_since": now}); err != nil {
		return err
	}
	return r.write(tx, a, outbox.ApplicationReceived, r.StatusLink(a), nil)
}

// Resend mails the link once more, as often as an address may be written to,
// and never says whether it did.
func (r *Registry) Resend(ctx context.Context, t seal.Token) (*Application, error) {
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error {
		if a.State != Submitted {
			return nil
		}
		return r.askToConfirm(tx, a)
	})
}

// CorrectAddress changes the address of an application before it is
// confirmed, and mails the link there. Every link made before stops working,
// the one to the status page with them: what went to the wrong address is in
// a stranger's hands, and the two mails look the same to us. Who corrects the
// address is led to the new status page. The address it has already is
// written to again.
//
// Invalid for what is no address; ErrMoved once it is confirmed; TooMany
// after five corrections; ErrForgotten, ErrReplaced.
func (r *Registry) CorrectAddress(ctx context.Context, t seal.Token, email string) (*Application, error) {
	mail, err := address.ParseMail(email)
	if err != nil {
		refused := fault.Fields{}
		refused.Add("email", err)
		return nil, refused.Err()
	}
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error {
		if a.State != Submitted {
			return ErrMoved
		}
		old, key := *a, r.Keys.MailKey(0, mail.Folded())
		if bytes.Equal(old.EmailKey, key) {
			return r.askToConfirm(tx, a)
		}
		if a.Counter >= mostCorrections {
			return errCorrected
		}
		a.Counter, a.EmailKey, a.EmailDomain = a.Counter+1, key, mail.Domain()
		a.ContactEmail = r.Keys.Seal(sealedContactEmail, a.ID, []byte(mail.String()))
		err := r.revise(tx, a, map[string]any{"counter": a.Counter, "contact_email": a.ContactEmail, "email_key": a.EmailKey, "email_domain": a.EmailDomain,
			"folded": a.Refold()["folded"]})
		if err != nil {
			return err
		}
		if err := r.deed(tx, a, applicant, "corrected", nil, nil); err != nil {
			return err
		}
		if err := r.discard(tx, &old); err != nil {
			return err
		}
		return r.askToConfirm(tx, a)
	})
}

func (r *Registry) confirmLink(a *Application) string {
	return "/" + a.MailLang + "/application/" + r.Keys.Token(seal.Token{Purpose: seal.ConfirmApplication, Row: a.ID,
		Expires: time.UnixMilli(a.SubmittedAt).Add(ConfirmLife), Counter: uint16(a.Counter)}) + "/confirm"
}
