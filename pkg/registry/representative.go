package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// Representative is a row: who acts for a partner. Name and Email are sealed.
type Representative struct {
	ID        int64
	PartnerID int64
	Name      []byte
	Role      string
	Email     []byte
	EmailKey  []byte
	Lang      string
	Counter   int64 // rises when a sign-in link is used, so each works once
	CreatedAt int64
}

const (
	sealedRepresentativeName  = "representatives.name"
	sealedRepresentativeEmail = "representatives.email"
)

// Lives of sign-in links: the one in the letter of approval, and one asked
// for at the portal's door.
const (
	FirstSignInLife = 14 * 24 * time.Hour
	SignInLife      = time.Hour
)

// ErrLinkUsed says that a sign-in link was used before, or is of somebody who
// does not act for the partner any more.
var ErrLinkUsed = fault.New(fault.Gone, "portal.link_used")

// addRepresentative makes the applicant's contact the partner's first
// representative, and a speaker who is somebody else the second. It returns
// the path that signs the first one in.
func (r *Registry) addRepresentative(tx *gorm.DB, p *Partner, a *Application) (string, error) {
	c, err := r.Contact(a)
	if err != nil {
		return "", err
	}
	first, err := r.represent(tx, p, c, a.EmailKey)
	if err != nil {
		return "", err
	}
	if a.SpeakerAt > 0 {
		who, err := r.speaker(a)
		if err != nil {
			return "", err
		}
		if _, err := r.represent(tx, p, Contact{Name: who.Name, Email: who.Email, Lang: a.MailLang}, a.SpeakerKey); err != nil {
			return "", err
		}
	}
	return r.signInLink(first, FirstSignInLife), nil
}

func (r *Registry) represent(tx *gorm.DB, p *Partner, c Contact, key []byte) (*Representative, error) {
	rep := &Representative{ID: r.Store.NewID(), PartnerID: p.ID, Role: c.Role, EmailKey: key, Lang: c.Lang, CreatedAt: r.Now().UnixMilli()}
	rep.Name = r.Keys.Seal(sealedRepresentativeName, rep.ID, []byte(c.Name))
	rep.Email = r.Keys.Seal(sealedRepresentativeEmail, rep.ID, []byte(c.Email))
	if err := tx.Create(rep).Error; err != nil {
		return nil, fmt.Errorf("add representative: %w", err)
	}
	return rep, nil
}

func (r *Registry) signInLink(rep *Representative, life time.Duration) string {
	return "/portal/enter/" + r.Keys.Token(seal.Token{Purpose: seal.SignInToPortal, Row: rep.ID, Expires: r.Now().Add(life), Counter: uint16(rep.Counter)})
}

// SendSignInLink mails a link to each partner the address acts for, and does
// nothing, without saying so, when it acts for none. Invalid for what is no
// address.
func (r *Registry) SendSignInLink(ctx context.Context, email string) error {
	mail, err := address.ParseMail(email)
	if err != nil {
		refused := fault.Fields{}
		refused.Add("email", err)
		return refused.Err()
	}
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var reps []Representative
		key := r.Keys.MailKey(0, mail.Folded())
		if err := tx.Where("email_key = ?", key).Find(&reps).Error; err != nil {
			return err
		}
		for i := range reps {
			to, err := r.Keys.Open(sealedRepresentativeEmail, reps[i].ID, reps[i].Email)
			if err != nil {
				return err
			}
			name, err := r.Keys.Open(sealedRepresentativeName, reps[i].ID, reps[i].Name)
			if err != nil {
				return err
			}
			err = r.Outbox.Enqueue(tx, outbox.Mail{Kind: outbox.PortalLink, Lang: reps[i].Lang, To: string(to), ToKey: key,
				Args: map[string]string{"Name": string(name)}, Action: r.signInLink(&reps[i], SignInLife)})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("send sign-in link: %w", err)
	}
	r.Mailed()
	return nil
}

// UseSignInLink spends a sign-in link and returns who signed in. ErrLinkUsed.
func (r *Registry) UseSignInLink(ctx context.Context, t seal.Token) (*Representative, error) {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Model(&Representative{}).Where("id = ? AND counter = ?", t.Row, t.Counter).Update("counter", gorm.Expr("counter + 1"))
		if res.Error == nil && res.RowsAffected == 0 {
			return ErrLinkUsed
		}
		return res.Error
	})
	if err != nil {
		return nil, err
	}
	return r.Representative(ctx, t.Row)
}

// Representative reads one. ErrLinkUsed if there is none.
func (r *Registry) Representative(ctx context.Context, id int64) (*Representative, error) {
	var rep Representative
	err := r.Store.Read(ctx).Where("id = ?", id).Take(&rep).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrLinkUsed
	}
	if err != nil {
		return nil, fmt.Errorf("read representative %d: %w", id, err)
	}
	return &rep, nil
}

// Person unseals a representative's name.
func (r *Registry) Person(rep *Representative) (string, error) {
	name, err := r.Keys.Open(sealedRepresentativeName, rep.ID, rep.Name)
	return string(name), err
}

// SealedColumns lists the sealed columns of this package's tables.
func SealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "applications", Name: "contact_name", Binding: sealedContactName},
		{Table: "applications", Name: "contact_email", Binding: sealedContactEmail},
		{Table: "applications", Name: "draft", Binding: sealedDraft},
		{Table: "applications", Name: "speaker_name", Binding: sealedSpeakerName},
		{Table: "applications", Name: "speaker_email", Binding: sealedSpeakerEmail},
		{Table: "representatives", Name: "name", Binding: sealedRepresentativeName},
		{Table: "representatives", Name: "email", Binding: sealedRepresentativeEmail},
	}
}

// Contacts unseals who acts for a partner, the longest first.
func (r *Registry) Contacts(ctx context.Context, partner int64) ([]Contact, error) {
	var reps []Representative
	if err := r.Store.Read(ctx).Where("partner_id = ?", partner).Order("id").Find(&reps).Error; err != nil {
		return nil, fmt.Errorf("list the representatives of partner %d: %w", partner, err)
	}
	var all []Contact
	for i := range reps {
		name, err := r.Person(&reps[i])
		if err != nil {
			return nil, err
		}
		mail, err := r.Keys.Open(sealedRepresentativeEmail, reps[i].ID, reps[i].Email)
		if err != nil {
			return nil, err
		}
		all = append(all, Contact{Name: name, Role: reps[i].Role, Email: string(mail), Lang: reps[i].Lang})
	}
	return all, nil
}
