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
	rep := r.newRepresentative(p.ID, c, key)
	if err := tx.Create(rep).Error; err != nil {
		return nil, fmt.Errorf("add representative: %w", err)
	}
	return rep, nil
}

// newRepresentative makes the row of a contact whose values are good.
func (r *Registry) newRepresentative(partner int64, c Contact, key []byte) *Representative {
	rep := &Representative{ID: r.Store.NewID(), PartnerID: partner, Role: c.Role, EmailKey: key, Lang: c.Lang, CreatedAt: r.Now().UnixMilli()}
	rep.Name = r.Keys.Seal(sealedRepresentativeName, rep.ID, []byte(c.Name))
	rep.Email = r.Keys.Seal(sealedRepresentativeEmail, rep.ID, []byte(c.Email))
	return rep
}

// ContactOf unseals who a representative is.
func (r *Registry) ContactOf(rep *Representative) (Contact, error) {
	name, err := r.Person(rep)
	if err != nil {
		return Contact{}, err
	}
	mail, err := r.Keys.Open(sealedRepresentativeEmail, rep.ID, rep.Email)
	if err != nil {
		return Contact{}, err
	}
	return Contact{Name: name, Role: rep.Role, Email: string(mail), Lang: rep.Lang}, nil
}

// Representatives lists who acts for a partner, the first one first.
func (r *Registry) Representatives(ctx context.Context, partner int64) ([]Representative, error) {
	var reps []Representative
	err := r.Store.Read(ctx).Where("partner_id = ?", partner).Order("id").Find(&reps).Error
	if err != nil {
		return nil, fmt.Errorf("list representatives of partner %d: %w", partner, err)
	}
	return reps, nil
}

// SignedIn says whether the representative ever used a link, which shows that
// the address is theirs.
func (rep *Representative) SignedIn() bool { return rep.Counter > 0 }

func (r *Registry) signInLink(rep *Representative, life time.Duration) string {
	return "/portal/enter/" + r.Keys.Token(seal.Token{Purpose: seal.SignInToPortal, Row: rep.ID, Expires: r.Now().Add(life), Counter: uint16(rep.Counter)})
}

// SendSignInLink mails a link to each partner the address acts for, and does
// nothing, without saying so, when it acts for none. The time it takes says
// so: strangers ask at the Door.
func (r *Registry) SendSignInLink(ctx context.Context, mail address.Mail) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var reps []Representative
		key := r.Keys.MailKey(0, mail.Folded())
		if err := tx.Where("email_key = ?", key).Find(&reps).Error; err != nil {
			return err
		}
		for i := range reps {
			c, err := r.ContactOf(&reps[i])
			if err != nil {
				return err
			}
			err = r.Outbox.Enqueue(tx, outbox.Mail{Kind: outbox.PortalLink, Lang: c.Lang, To: c.Email, ToKey: key,
				Args: map[string]string{outbox.ArgName: c.Name}, Action: r.signInLink(&reps[i], SignInLife)})
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

// counterRange: a token carries the last 16 bits of the row's counter, which
// itself only rises. A link whose number comes round again has long expired.
const counterRange = 1 << 16

// Fits says whether a token is of the representative's present links.
func (rep *Representative) Fits(t seal.Token) bool {
	return t.Row == rep.ID && uint16(rep.Counter) == t.Counter
}

// UseSignInLink spends a sign-in link and returns who signed in. ErrLinkUsed.
func (r *Registry) UseSignInLink(ctx context.Context, t seal.Token) (*Representative, error) {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Model(&Representative{}).Where("id = ? AND counter % ? = ?", t.Row, counterRange, t.Counter).Update("counter", gorm.Expr("counter + 1"))
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
		{Table: "letters", Name: "args", Binding: sealedLetterArgs},
		{Table: "notes", Name: "author", Binding: sealedNoteAuthor},
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
