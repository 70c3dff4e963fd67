package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// DraftLife is how long a form half filled is kept, and its link good, from
// the first time it was saved.
const DraftLife = 14 * 24 * time.Hour

const sealedDraft = "applications.draft"

// SaveDraft keeps a form that is not finished and mails the link that opens
// it again. Until it is sent in, all of it is sealed. It needs an address
// that can be written to; besides, Invalid only for what no form can hold.
func (r *Registry) SaveDraft(ctx context.Context, form Form) (*Application, error) {
	good, err := form.checkDraft(r.Known)
	if err != nil {
		return nil, err
	}
	a := r.begin()
	if err := r.keepDraft(a, good); err != nil {
		return nil, err
	}
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(a).Error; err != nil {
			return err
		}
		return r.write(tx, a, outbox.ApplicationDraft, r.DraftLink(a), nil)
	})
	if err != nil {
		return nil, fmt.Errorf("save draft %s: %w", a.Reference, err)
	}
	r.Mailed()
	return a, nil
}

// ChangeDraft saves a draft again. With another address the links made before
// stop working and a new one is mailed there. ErrMoved when it was sent in,
// ErrForgotten, ErrReplaced.
func (r *Registry) ChangeDraft(ctx context.Context, t seal.Token, form Form) (*Application, error) {
	good, err := form.checkDraft(r.Known)
	if err != nil {
		return nil, err
	}
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error {
		if a.State != Draft {
			return ErrMoved
		}
		before := a.EmailKey
		if err := r.keepDraft(a, good); err != nil {
			return err
		}
		moved := !bytes.Equal(before, a.EmailKey)
		if moved {
			a.Counter++
		}
		err := r.revise(tx, a, map[string]any{"draft": a.Draft, "contact_email": a.ContactEmail, "email_key": a.EmailKey,
			"email_domain": a.EmailDomain, "mail_lang": a.MailLang, "counter": a.Counter})
		if err != nil || !moved {
			return err
		}
		return r.write(tx, a, outbox.ApplicationDraft, r.DraftLink(a), nil)
	})
}

// SendDraft sends a draft in, as Apply does. Faults: those of Apply and of
// ChangeDraft.
func (r *Registry) SendDraft(ctx context.Context, t seal.Token, form Form) (*Application, error) {
	good, err := form.check(r.Known)
	if err != nil {
		return nil, err
	}
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error { return r.submit(tx, a, good) })
}

// DraftForm unseals what was filled in so far.
func (r *Registry) DraftForm(a *Application) (Form, error) {
	var f Form
	plain, err := r.Keys.Open(sealedDraft, a.ID, a.Draft)
	if err == nil {
		err = json.Unmarshal(plain, &f)
	}
	if err != nil {
		return f, fmt.Errorf("open draft %d: %w", a.ID, err)
	}
	return f, nil
}

// DraftLink is the path of the form as it was left.
func (r *Registry) DraftLink(a *Application) string {
	return "/" + a.MailLang + "/draft/" + r.Keys.Token(seal.Token{Purpose: seal.ContinueDraft, Row: a.ID, Expires: a.DraftUntil(), Counter: uint16(a.Counter)})
}

// DraftUntil is when a draft is forgotten.
func (a *Application) DraftUntil() time.Time { return time.UnixMilli(a.CreatedAt).Add(DraftLife) }

// keepDraft seals a form into the row of its draft. It is kept under the names of
// Form's fields, for as long as a draft is.
func (r *Registry) keepDraft(a *Application, good checkedForm) error {
	plain, err := json.Marshal(good.Form)
	if err != nil {
		return fmt.Errorf("keep draft %d: %w", a.ID, err)
	}
	a.Draft = r.Keys.Seal(sealedDraft, a.ID, plain)
	r.address(a, good)
	return nil
}

// unfit are the faults of words that cannot be kept, whatever becomes of them.
var unfit = []string{"text.long", "text.encoding", "text.control", "text.marks", "url.long"}

// checkDraft refuses a form only for its address and for what could not be
// shown again; the rest is asked for when it is sent in. Choices nobody
// offered are dropped.
func (f Form) checkDraft(known Known) (checkedForm, error) {
	c, found := f.look(known)
	refused := fault.Fields{}
	for field, why := range found {
		if field == "email" || slices.Contains(unfit, why.Key) {
			refused[field] = why
		}
	}
	for field, value := range map[string]*string{"country": &f.Country, "kind": &f.Kind, "reach": &f.Reach, "mail_lang": &f.Contact.Lang} {
		if found[field] != nil {
			*value = ""
		}
	}
	if f.Contact.Lang == "" {
		f.Contact.Lang = f.Lang
	}
	c.Form = f
	return c, refused.Err()
}
