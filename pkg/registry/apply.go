package registry

import (
	"bytes"
	"context"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

// Apply stores a filled form and mails the link that confirms its address.
// Invalid with a sentence for each refused field.
func (r *Registry) Apply(ctx context.Context, form Form) (*Application, error) {
	good, err := form.check(r.Known)
	if err != nil {
		return nil, err
	}
	a := r.begin()
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(a).Error; err != nil {
			return err
		}
		return r.submit(tx, a, good)
	})
	if err != nil {
		return nil, fmt.Errorf("store application %s: %w", a.Reference, err)
	}
	r.Mailed()
	return a, nil
}

// begin makes the empty row of an application.
func (r *Registry) begin() *Application {
	return &Application{ID: r.Store.NewID(), Reference: newReference(r.Now()), State: Draft, CreatedAt: r.Now().UnixMilli()}
}

// submit sends a draft in: its row takes what the form says, and the letter
// that asks to confirm the address is written.
func (r *Registry) submit(tx *gorm.DB, a *Application, good checkedForm) error {
	if err := r.move(tx, a, Submitted, applicant, nil); err != nil {
		return err
	}
	a.Profile, a.ContactRole, a.Consents, a.Draft, a.SubmittedAt = good.Profile, good.Contact.Role, good.Consents, nil, r.Now().UnixMilli()
	a.ContactName = r.Keys.Seal(sealedContactName, a.ID, []byte(good.Contact.Name))
	if before := *a; before.EmailKey != nil {
		// A draft that is sent from another address: who reads the first one
		// may hold its links, and must not act with them.
		if r.address(a, good); !bytes.Equal(before.EmailKey, a.EmailKey) {
			a.Counter++
			if err := r.discard(tx, &before); err != nil {
				return err
			}
		}
	} else {
		r.address(a, good)
	}
	a.Refold()
	// The move has locked the row, and no column of it is anybody else's.
	if err := tx.Select("*").Updates(a).Error; err != nil {
		return err
	}
	return r.askToConfirm(tx, a)
}

// address sets where letters go, and their language.
func (r *Registry) address(a *Application, good checkedForm) {
	a.MailLang, a.EmailKey, a.EmailDomain = good.Contact.Lang, r.Keys.MailKey(0, good.mail.Folded()), good.mail.Domain()
	a.ContactEmail = r.Keys.Seal(sealedContactEmail, a.ID, []byte(good.mail.String()))
}

func (r *Registry) askToConfirm(tx *gorm.DB, a *Application) error {
	return r.write(tx, a, outbox.ApplicationConfirm, r.confirmLink(a), nil)
}
