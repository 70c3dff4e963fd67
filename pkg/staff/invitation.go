package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// InvitationLife is how long the link of an invitation is good.
const InvitationLife = 7 * 24 * time.Hour

// keepInvitation is how long one that ran out stays in the list.
const keepInvitation = 30 * 24 * time.Hour

// Invitation is a row: somebody was asked to join the staff. StaffID is who
// asked.
type Invitation struct {
	ID        int64
	Email     string
	Role      Role
	Lang      string
	StaffID   int64
	Counter   int64 // rises when it is sent again, so that only the newest link works
	ExpiresAt int64
	UsedAt    int64
	CreatedAt int64
}

// NewInvitation is what an invitation is made of.
type NewInvitation struct {
	Email, Lang string
	Role        Role
}

// Faults of invitations.
var (
	// ErrInvited says that somebody was invited already.
	ErrInvited = fault.New(fault.Invalid, "invitation.open")
	// ErrNoInvitation says that a link is used, expired or taken back.
	ErrNoInvitation = fault.New(fault.Gone, "invitation.gone")
)

// Invite mails somebody a link that makes an account. Invalid with a sentence
// for each refused field.
func (s *Staff) Invite(ctx context.Context, n NewInvitation, by *Account) error {
	refused := fault.Fields{}
	mail, err := address.ParseMail(n.Email)
	refused.Add("email", err)
	if !slices.Contains(Roles, n.Role) {
		refused.Add("role", fault.New(fault.Invalid, "staff.role_bad"))
	}
	if !s.Speaks(n.Lang) {
		refused.Add("lang", fault.New(fault.Invalid, "mail_lang.bad"))
	}
	if err := refused.Err(); err != nil {
		return err
	}
	now := s.Now()
	i := Invitation{ID: s.Store.NewID(), Email: mail.Folded(), Role: n.Role, Lang: n.Lang, StaffID: by.ID,
		ExpiresAt: now.Add(InvitationLife).UnixMilli(), CreatedAt: now.UnixMilli()}
	err = s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := s.free(tx, i.Email); err != nil {
			return err
		}
		if err := tx.Create(&i).Error; err != nil {
			return err
		}
		return s.sendInvitation(tx, &i, by, "staff.invited")
	})
	if refusal := fault.KindOf(err); err != nil && (refusal == fault.Invalid || refusal == fault.Conflict) {
		refused.Add("email", err)
		err = refused.Err()
	}
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	s.Mailed()
	return nil
}

// free says whether an address may be invited. ErrTaken, ErrInvited.
func (s *Staff) free(tx *gorm.DB, email string) error {
	if err := s.lockAccounts(tx); err != nil {
		return err
	}
	var n int64
	if err := tx.Model(&Account{}).Where("email = ?", email).Count(&n).Error; err != nil || n > 0 {
		return errors.Join(err, ErrTaken)
	}
	if err := tx.Model(&Invitation{}).Where("email = ? AND used_at = 0 AND expires_at > ?", email, s.Now().UnixMilli()).Count(&n).Error; err != nil || n > 0 {
		return errors.Join(err, ErrInvited)
	}
	return nil
}

func (s *Staff) sendInvitation(tx *gorm.DB, i *Invitation, by *Account, action string) error {
	link := "/console/invitation/" + s.Keys.Token(seal.Token{Purpose: seal.AcceptInvitation, Row: i.ID, Expires: time.UnixMilli(i.ExpiresAt), Counter: uint16(i.Counter)})
	err := s.Outbox.Enqueue(tx, outbox.Mail{Kind: outbox.StaffInvitation, Lang: i.Lang, To: i.Email, ToKey: s.Keys.MailKey(0, i.Email), Action: link})
	if err != nil {
		return err
	}
	return s.Trail.Note(tx, audit.Actor{Kind: audit.Staff, ID: by.ID}, audit.Deed{Action: action, Subject: "invitation", SubjectID: i.ID,
		After: map[string]any{"role": i.Role}})
}

// Invitations lists those not accepted yet, newest first, also some that ran
// out.
func (s *Staff) Invitations(ctx context.Context) ([]Invitation, error) {
	var rows []Invitation
	if err := s.Store.Read(ctx).Where("used_at = 0").Order("created_at DESC, id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return rows, nil
}

// Resend mails the link of an invitation anew; the old one ends.
// ErrNoInvitation.
func (s *Staff) Resend(ctx context.Context, id int64, by *Account) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		changed := tx.Model(&Invitation{}).Where("id = ? AND used_at = 0", id).Updates(map[string]any{
			"counter": gorm.Expr("counter + 1"), "staff_id": by.ID, "expires_at": s.Now().Add(InvitationLife).UnixMilli()})
		if changed.Error != nil {
			return changed.Error
		}
		var i Invitation
		if changed.RowsAffected == 0 {
			return ErrNoInvitation
		}
		if err := tx.Where("id = ?", id).Take(&i).Error; err != nil {
			return err
		}
		return s.sendInvitation(tx, &i, by, "staff.invited_again")
	})
	if err != nil {
		return fmt.Errorf("send an invitation again: %w", err)
	}
	s.Mailed()
	return nil
}

// Revoke takes an invitation back, and forgets the address. ErrNoInvitation.
func (s *Staff) Revoke(ctx context.Context, id int64, by audit.Actor) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		gone := tx.Where("id = ? AND used_at = 0", id).Delete(&Invitation{})
		if gone.Error == nil && gone.RowsAffected == 0 {
			return ErrNoInvitation
		}
		if gone.Error != nil {
			return gone.Error
		}
		return s.Trail.Note(tx, by, audit.Deed{Action: "staff.invitation_revoked", Subject: "invitation", SubjectID: id})
	})
	if err != nil {
		return fmt.Errorf("revoke an invitation: %w", err)
	}
	return nil
}

// Invitation finds the invitation of a link. ErrNoInvitation.
func (s *Staff) Invitation(ctx context.Context, link string) (*Invitation, error) {
	t, err := s.Keys.Parse(seal.AcceptInvitation, link, s.Now())
	if err != nil {
		return nil, ErrNoInvitation.Because(err)
	}
	return s.invited(s.Store.Read(ctx), t)
}

// invited reads the invitation of a token, if it is good: not used, not run
// out, not sent again since, and who asked may still ask.
func (s *Staff) invited(db *gorm.DB, t seal.Token) (*Invitation, error) {
	var i Invitation
	err := db.Where("id = ? AND counter = ? AND used_at = 0 AND expires_at > ?", t.Row, t.Counter, s.Now().UnixMilli()).Take(&i).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoInvitation
	}
	if err != nil {
		return nil, fmt.Errorf("read invitation %d: %w", t.Row, err)
	}
	var asks Account
	err = db.Where("id = ?", i.StaffID).Take(&asks).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && !(asks.Active() && asks.Role.Covers(Admin)) {
		return nil, ErrNoInvitation
	}
	if err != nil {
		return nil, fmt.Errorf("read who sent invitation %d: %w", t.Row, err)
	}
	return &i, nil
}

// Accept makes the account of an invitation, once. ErrNoInvitation, ErrTaken;
// Invalid with a sentence for each refused field.
func (s *Staff) Accept(ctx context.Context, link, name, password string) (*Account, error) {
	i, err := s.Invitation(ctx, link)
	if err != nil {
		return nil, err
	}
	t := seal.Token{Row: i.ID, Counter: uint16(i.Counter)}
	n := NewAccount{Email: i.Email, Name: name, Password: password, Lang: i.Lang, Role: i.Role}
	return s.add(ctx, n, audit.Actor{Kind: audit.Staff, ID: i.StaffID}, func(tx *gorm.DB) error {
		if _, err := s.invited(tx, t); err != nil {
			return err
		}
		used := tx.Model(&Invitation{}).Where("id = ? AND counter = ? AND used_at = 0", t.Row, t.Counter).Update("used_at", s.Now().UnixMilli())
		if used.Error == nil && used.RowsAffected == 0 {
			return ErrNoInvitation
		}
		return used.Error
	})
}
