package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
)

// Lock-out: after this many wrong passwords and codes in a row an account is
// locked for a while. Address ranges are limited by the web.
const (
	MostFailures = 8
	LockTime     = 15 * time.Minute
)

// ErrSignIn is the same for an unknown address, a wrong password, a disabled
// account and a locked one, so that strangers learn nothing.
var ErrSignIn = fault.New(fault.Invalid, "staff.sign_in_wrong")

// SignIn checks an address and a password; the account that fits may then
// Begin. ErrSignIn. The password is hashed whatever the account is, so that
// the time the answer takes says nothing either.
func (s *Staff) SignIn(ctx context.Context, email, password string) (*Account, error) {
	mail, err := address.ParseMail(email)
	if err != nil || len(password) > longestPassword {
		return nil, ErrSignIn
	}
	a := Account{PasswordHash: s.Cost.nobody()}
	err = s.Store.Read(ctx).Where("email = ?", mail.Folded()).Take(&a).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("look for staff account: %w", err)
	}
	ok, err := passwordMatches(ctx, a.PasswordHash, password)
	if err != nil {
		return nil, err
	}
	if a.ID == 0 {
		return nil, ErrSignIn
	}
	return s.guarded(ctx, a.ID, ErrSignIn, func(tx *gorm.DB, a *Account) (bool, error) {
		if !ok {
			return false, nil
		}
		// With a second step to come wrong codes are remembered until it is
		// done, or who knows the password could guess codes for ever.
		if f, err := factorsOf(tx, a); err != nil || f.Any() {
			return true, err
		}
		return true, forgive(tx, a.ID)
	})
}

// guarded lets check look at what somebody presented, unless the account is
// locked or disabled, and counts it when it was wrong. It works on the
// account as it is at that moment: many may have waited at once, and only
// MostFailures of them may learn that they were wrong.
func (s *Staff) guarded(ctx context.Context, id int64, refusal *fault.Error, check func(tx *gorm.DB, a *Account) (right bool, err error)) (*Account, error) {
	var a Account
	refused, locked := false, false
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := lockRow(tx, id, &a); err != nil {
			return err
		}
		if refused = a.LockedUntil > s.Now().UnixMilli() || !a.Active(); refused {
			return nil
		}
		right, err := check(tx, &a)
		if err != nil || right {
			return err
		}
		refused = true
		locked, err = s.noteFailure(tx, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("note a sign-in: %w", err)
	}
	if locked {
		s.Mailed()
	}
	if refused {
		return nil, refusal
	}
	return &a, nil
}

// lockRow reads an account for changing it. ErrNoAccount.
func lockRow(tx *gorm.DB, id int64, a *Account) error {
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", id).Take(a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNoAccount
	}
	return err
}

func forgive(tx *gorm.DB, id int64) error {
	return tx.Model(&Account{}).Where("id = ?", id).Updates(map[string]any{"failures": 0, "locked_until": 0}).Error
}

// noteFailure counts a wrong password or code. The one too many locks the
// account, which its owner is told by mail.
func (s *Staff) noteFailure(tx *gorm.DB, a Account) (locked bool, err error) {
	a.Failures++
	if locked = a.Failures >= MostFailures; locked {
		a.Failures, a.LockedUntil = 0, s.Now().Add(LockTime).UnixMilli()
	}
	err = tx.Model(&Account{}).Where("id = ?", a.ID).Updates(map[string]any{"failures": a.Failures, "locked_until": a.LockedUntil}).Error
	if err != nil || !locked {
		return locked, err
	}
	err = s.Outbox.Enqueue(tx, outbox.Mail{Kind: outbox.StaffLocked, Lang: a.Lang, To: a.Email, ToKey: s.Keys.MailKey(0, a.Email),
		Args: map[string]string{outbox.ArgName: a.Name}, Action: "/console/account"})
	if err != nil {
		return locked, err
	}
	return locked, s.Trail.Note(tx, audit.Actor{Kind: audit.Program}, audit.Deed{Action: "staff.locked", Subject: "staff", SubjectID: a.ID})
}
