package registry

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
)

// MostPeople is how many may act for one partner.
const MostPeople = 20

// Faults of changing who acts for a partner.
var (
	ErrNoPerson = fault.New(fault.NotFound, "people.gone")
	errTaken    = fault.New(fault.Invalid, "people.taken")
	errMany     = fault.New(fault.Conflict, "people.most", "N", MostPeople)
	errLast     = fault.New(fault.Conflict, "people.last")
)

// refusedField is the fault of a form with one bad field.
func refusedField(field string, err error) error {
	refused := fault.Fields{}
	refused.Add(field, err)
	return refused.Err()
}

// check returns the contact, cleaned, with a fault for each bad field.
func (c Contact) check(known Known, refused fault.Fields) Contact {
	person := func(field string, to *string) {
		s, err := plaintext.Name(*to, plaintext.PersonName)
		refused.Add(field, err)
		if err == nil {
			*to = s
		}
	}
	person("contact_name", &c.Name)
	person("contact_role", &c.Role)
	refused.Add("mail_lang", chosen(c.Lang, known.Language, "mail_lang"))
	return c
}

// onPeople runs a deed on who acts for a partner; two at once wait for each
// other, so that neither counts what the other takes away.
func (r *Registry) onPeople(ctx context.Context, partner int64, by audit.Actor, action string, do func(tx *gorm.DB) error) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := wait(tx, partner); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: action, Subject: OfPartner, SubjectID: partner})
	})
	if err != nil {
		return fmt.Errorf("%s of %d: %w", action, partner, err)
	}
	r.Mailed()
	return nil
}

// wait takes the lock of a partner's row, for deeds beside the row itself.
func wait(tx *gorm.DB, partner int64) error {
	return tx.Exec("UPDATE partners SET version = version WHERE id = ?", partner).Error
}

// AddPerson lets somebody act for a partner too, and mails the link with which
// they confirm their address and sign in. Invalid with a sentence for each bad
// field; Conflict when there are MostPeople.
func (r *Registry) AddPerson(ctx context.Context, p *Partner, c Contact, by audit.Actor) error {
	refused := fault.Fields{}
	c = c.check(r.Known, refused)
	mail, err := address.ParseMail(c.Email)
	refused.Add("email", err)
	if err := refused.Err(); err != nil {
		return err
	}
	c.Email = mail.String()
	return r.onPeople(ctx, p.ID, by, "partner.person_added", func(tx *gorm.DB) error {
		key := r.Keys.MailKey(0, mail.Folded())
		var all, same int64
		if err := tx.Model(&Representative{}).Where("partner_id = ?", p.ID).Count(&all).Error; err != nil {
			return err
		}
		if err := tx.Model(&Representative{}).Where("partner_id = ? AND email_key = ?", p.ID, key).Count(&same).Error; err != nil {
			return err
		}
		switch {
		case same > 0:
			return refusedField("email", errTaken)
		case all >= MostPeople:
			return errMany
		}
		return r.invite(tx, p, c, key)
	})
}

// invite makes a representative and mails the link that signs in.
func (r *Registry) invite(tx *gorm.DB, p *Partner, c Contact, key []byte) error {
	rep := r.newRepresentative(p.ID, c, key)
	if err := tx.Create(rep).Error; err != nil {
		return err
	}
	return r.Outbox.Enqueue(tx, r.invitation(p, rep, c))
}

func (r *Registry) invitation(p *Partner, rep *Representative, c Contact) outbox.Mail {
	return outbox.Mail{Kind: outbox.PortalInvited, Lang: c.Lang, To: c.Email, ToKey: rep.EmailKey,
		Args: map[string]string{outbox.ArgName: c.Name, outbox.ArgOrganization: p.Name}, Action: r.signInLink(rep, FirstSignInLife)}
}

// ChangePerson changes what a representative says of themselves: name, role
// and language. Invalid with a sentence for each bad field.
func (r *Registry) ChangePerson(ctx context.Context, rep *Representative, c Contact) error {
	refused := fault.Fields{}
	c = c.check(r.Known, refused)
	if err := refused.Err(); err != nil {
		return err
	}
	by := audit.Actor{Kind: audit.Representative, ID: rep.ID}
	return r.onPeople(ctx, rep.PartnerID, by, "partner.person_changed", func(tx *gorm.DB) error {
		return tx.Model(&Representative{}).Where("id = ?", rep.ID).
			Updates(map[string]any{"name": r.Keys.Seal(sealedRepresentativeName, rep.ID, []byte(c.Name)), "role": c.Role, "lang": c.Lang}).Error
	})
}

// RemovePerson takes from a representative the right to act for the partner;
// their sessions and links end with it. Somebody who has shown that the
// address is theirs always stays. ErrNoPerson, also for another partner's;
// Conflict for the last.
func (r *Registry) RemovePerson(ctx context.Context, partner, id int64, by audit.Actor) error {
	return r.onPeople(ctx, partner, by, "partner.person_removed", func(tx *gorm.DB) error {
		var rep Representative
		err := tx.Where("id = ? AND partner_id = ?", id, partner).Take(&rep).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return ErrNoPerson
		}
		if err != nil {
			return err
		}
		var others int64
		if err := tx.Model(&Representative{}).Where("partner_id = ? AND id <> ? AND counter > 0", partner, id).Count(&others).Error; err != nil {
			return err
		}
		if others == 0 {
			return errLast
		}
		return tx.Where("id = ?", id).Delete(&Representative{}).Error
	})
}
