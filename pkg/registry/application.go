package registry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// Application is a row: an organization's request to become a partner.
// ContactName and ContactEmail are sealed. Times are Unix milliseconds, 0 for
// never.
type Application struct {
	ID           int64
	Reference    string
	State        State
	Profile      `gorm:"embedded"`
	ContactName  []byte
	ContactRole  string
	ContactEmail []byte
	EmailKey     []byte
	EmailDomain  string
	MailLang     string
	Message      string
	Consents     int64
	Version      int64
	Counter      int64
	PartnerID    int64
	Reason       string
	ReasonWords  string
	CreatedAt    int64
	SubmittedAt  int64
	VerifiedAt   int64
	DecidedAt    int64
	DecidedBy    int64

	WaitingSince int64 // when it became staff's turn
	Reminders    int64 // how many reminders to confirm the address were sent
	ClaimedBy    int64 // staff account that reads it now, 0 for nobody
	ClaimedAt    int64
	Folded       string // what searches compare
	Skeleton     string // of the name, by which look-alikes are found
	SiteKey      string // what two applications for one site share
	Folding      int64  // version of the rules that made these three
	MergedInto   int64  // the application that stands for this one, 0 for none
	Links        string // independent pages about the organization, one on each line
	Draft        []byte // sealed: a form half filled
	SpeakerName  []byte // sealed: who may speak for the organization, if somebody else
	SpeakerEmail []byte // sealed
	SpeakerKey   []byte
	SpeakerAt    int64 // when the speaker confirmed
	LogoID       int64
	LogoAlt      string
	WordsLang    string // of ReasonWords
}

const (
	sealedContactName  = "applications.contact_name"
	sealedContactEmail = "applications.contact_email"
)

// ConfirmLife is how long the link that confirms an applicant's address is
// good.
const ConfirmLife = 14 * 24 * time.Hour

// ErrNoApplication answers for an application that does not exist any more.
var ErrNoApplication = fault.New(fault.NotFound, "application.gone")

// Registry applies the rules of the register. Safe for concurrent use.
type Registry struct {
	Store   *store.Store
	Keys    *seal.Keys
	Outbox  Enqueuer
	Trail   audit.Trail
	Phrases *Phrases
	Known   Known
	Now     func() time.Time
	// Changed is called after a commit that changed what the public register
	// shows; Mailed after one that put a mail in the outbox.
	Changed, Mailed func()
}

// Enqueuer writes mails into the outbox within a transaction.
type Enqueuer interface {
	Enqueue(tx *gorm.DB, mails ...outbox.Mail) error
}

// Apply stores a filled form and mails the link that confirms its address.
// Invalid with a sentence for each refused field.
func (r *Registry) Apply(ctx context.Context, form Form) (*Application, error) {
	a, err := r.store(ctx, form, func(tx *gorm.DB, a *Application) error {
		a.SubmittedAt = r.Now().UnixMilli()
		err := r.move(tx, a, Submitted, audit.Actor{Kind: audit.Applicant}, map[string]any{"submitted_at": a.SubmittedAt})
		if err != nil {
			return err
		}
		return r.write(tx, a, outbox.ApplicationConfirm, r.confirmLink(a), nil)
	})
	if err != nil {
		return nil, err
	}
	r.Mailed()
	return a, nil
}

// Draft stores a filled form that is not sent in yet. Invalid with a sentence
// for each refused field.
func (r *Registry) Draft(ctx context.Context, form Form) (*Application, error) {
	return r.store(ctx, form, func(*gorm.DB, *Application) error { return nil })
}

// store checks a form, makes the row of an application, in state draft, and
// does what follows in the same transaction.
func (r *Registry) store(ctx context.Context, form Form, follow func(tx *gorm.DB, a *Application) error) (*Application, error) {
	good, err := form.check(r.Known)
	if err != nil {
		return nil, err
	}
	a := &Application{
		ID: r.Store.NewID(), Reference: newReference(r.Now()), State: Draft, Profile: good.Profile,
		ContactRole: good.Contact.Role, EmailKey: r.Keys.MailKey(0, good.mail.Folded()), EmailDomain: good.mail.Domain(),
		MailLang: good.Contact.Lang, Message: good.Message, Consents: good.Consents, CreatedAt: r.Now().UnixMilli(),
	}
	a.ContactName = r.Keys.Seal(sealedContactName, a.ID, []byte(good.Contact.Name))
	a.ContactEmail = r.Keys.Seal(sealedContactEmail, a.ID, []byte(good.mail.String()))
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Create(a).Error; err != nil {
			return err
		}
		return follow(tx, a)
	})
	if err != nil {
		return nil, fmt.Errorf("store application %s: %w", a.Reference, err)
	}
	return a, nil
}

// ConfirmAddress marks the applicant's address as confirmed and mails the
// status link. Confirming twice changes nothing.
func (r *Registry) ConfirmAddress(ctx context.Context, id int64) (*Application, error) {
	return r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if a.State != Submitted {
			return nil
		}
		applicant, now := audit.Actor{Kind: audit.Applicant}, r.Now().UnixMilli()
		if err := r.move(tx, a, Verified, applicant, map[string]any{"verified_at": now, "waiting_since": now}); err != nil {
			return err
		}
		return r.write(tx, a, outbox.ApplicationReceived, r.StatusLink(a), nil)
	})
}

// Withdraw takes an application back, at the applicant's wish.
func (r *Registry) Withdraw(ctx context.Context, id int64) (*Application, error) {
	return r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if a.State == WithdrawnByOrigin {
			return nil
		}
		return r.move(tx, a, WithdrawnByOrigin, audit.Actor{Kind: audit.Applicant}, nil)
	})
}

// change runs one deed on an application in one transaction.
func (r *Registry) change(ctx context.Context, id int64, do func(tx *gorm.DB, a *Application) error) (*Application, error) {
	var a *Application
	err := r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var err error
		if a, err = r.Application(ctx, id); err != nil {
			return err
		}
		return do(tx, a)
	})
	if err != nil {
		return nil, fmt.Errorf("change application %d: %w", id, err)
	}
	r.Mailed()
	return a, nil
}

// Application reads one. ErrNoApplication.
func (r *Registry) Application(ctx context.Context, id int64) (*Application, error) {
	var a Application
	err := r.Store.Read(ctx).Where("id = ?", id).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoApplication
	}
	if err != nil {
		return nil, fmt.Errorf("read application %d: %w", id, err)
	}
	return &a, nil
}

// ByReference reads the application people quote so. ErrNoApplication.
func (r *Registry) ByReference(ctx context.Context, reference string) (*Application, error) {
	var a Application
	err := r.Store.Read(ctx).Where("reference = ?", reference).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoApplication
	}
	if err != nil {
		return nil, fmt.Errorf("read application %s: %w", reference, err)
	}
	return &a, nil
}

// Contact unseals who speaks for the organization.
func (r *Registry) Contact(a *Application) (Contact, error) {
	name, err := r.Keys.Open(sealedContactName, a.ID, a.ContactName)
	if err != nil {
		return Contact{}, err
	}
	mail, err := r.Keys.Open(sealedContactEmail, a.ID, a.ContactEmail)
	if err != nil {
		return Contact{}, err
	}
	return Contact{Name: string(name), Role: a.ContactRole, Email: string(mail), Lang: a.MailLang}, nil
}

// write puts a letter to the applicant in the outbox, in their language.
func (r *Registry) write(tx *gorm.DB, a *Application, kind outbox.Kind, action string, args map[string]string) error {
	c, err := r.Contact(a)
	if err != nil {
		return err
	}
	all := maps.Clone(args)
	if all == nil {
		all = map[string]string{}
	}
	all[outbox.ArgName], all[outbox.ArgOrganization], all[outbox.ArgReference] = c.Name, a.Name, a.Reference
	return r.Outbox.Enqueue(tx, outbox.Mail{Kind: kind, Lang: a.MailLang, To: c.Email, ToKey: a.EmailKey,
		Args: all, Action: action, Manage: r.StatusLink(a)})
}

func (r *Registry) confirmLink(a *Application) string {
	return "/" + a.MailLang + "/application/" + r.Keys.Token(seal.Token{Purpose: seal.ConfirmApplication, Row: a.ID, Expires: time.UnixMilli(a.CreatedAt).Add(ConfirmLife)}) + "/confirm"
}

// StatusLink is the path of the page where the applicant sees how the
// application stands. It is good for ever.
func (r *Registry) StatusLink(a *Application) string {
	return "/" + a.MailLang + "/application/" + r.Keys.Token(seal.Token{Purpose: seal.ViewApplication, Row: a.ID, Counter: uint16(a.Counter)})
}

// newReference is what people quote on the telephone: the year and six
// characters that are hard to mistake (32^6, and a unique index).
func newReference(now time.Time) string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return fmt.Sprintf("OB-%d-%s", now.UTC().Year(), b)
}
