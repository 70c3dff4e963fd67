package staff

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// Factors are what an account can show beside its password.
type Factors struct {
	TOTP     bool
	Passkeys []Passkey
	Codes    int64 // recovery codes not used yet
}

// Any says whether there is a second factor at all. Recovery codes alone are
// none: they stand in for one that was lost.
func (f Factors) Any() bool { return f.TOTP || len(f.Passkeys) > 0 }

// Faults of second factors.
var (
	// ErrCode is the same for a wrong code, a used one and a locked account.
	ErrCode = fault.New(fault.Invalid, "staff.code_wrong")
	// ErrHalf says that a session that has only seen the password wanted
	// more than the second step.
	ErrHalf = fault.New(fault.Forbidden, "staff.half")
	// ErrLastFactor keeps the last factor where one is required.
	ErrLastFactor = fault.New(fault.Conflict, "staff.last_factor")
	// ErrNoFactor says that recovery codes have nothing to stand in for.
	ErrNoFactor = fault.New(fault.Conflict, "staff.no_factor")
)

// Factors reads what an account can show. ErrNoAccount.
func (s *Staff) Factors(ctx context.Context, account int64) (Factors, error) {
	a, err := s.Account(ctx, account)
	if err != nil {
		return Factors{}, err
	}
	f, err := factorsOf(s.Store.Read(ctx), a)
	if err != nil {
		return Factors{}, fmt.Errorf("read the factors of %d: %w", account, err)
	}
	return f, nil
}

func factorsOf(db *gorm.DB, a *Account) (Factors, error) {
	f := Factors{TOTP: len(a.TOTPSecret) > 0}
	if err := db.Where("staff_id = ?", a.ID).Order("created_at, id").Find(&f.Passkeys).Error; err != nil {
		return f, err
	}
	return f, db.Model(&recoveryCode{}).Where("staff_id = ? AND used_at = 0", a.ID).Count(&f.Codes).Error
}

// EnterCode takes the second step with a code of the authenticator app or a
// recovery code, and returns the session's new token. ErrCode.
func (s *Staff) EnterCode(ctx context.Context, session *Session, code string) (token string, err error) {
	_, err = s.guarded(ctx, session.OwnerID, ErrCode, func(tx *gorm.DB, a *Account) (bool, error) {
		factor := ByTOTP
		right, err := s.useTOTP(tx, a, code)
		if err == nil && !right {
			factor = ByRecovery
			right, err = s.useRecovery(tx, a.ID, code)
		}
		if err != nil || !right {
			return false, err
		}
		token, err = s.passSecond(tx, session, factor)
		return true, err
	})
	return token, err
}

// passSecond makes a session whole and forgets what was wrong before.
func (s *Staff) passSecond(tx *gorm.DB, session *Session, factor string) (string, error) {
	if err := forgive(tx, session.OwnerID); err != nil {
		return "", err
	}
	return s.complete(tx, session, factor)
}

// enrol adds a factor to the account of a session. A session that has only
// seen the password may add the first factor, which makes it whole: then its
// new token is returned, else "". ErrHalf when it may not.
func (s *Staff) enrol(ctx context.Context, session *Session, factor string, add func(tx *gorm.DB, a *Account) error) (token string, err error) {
	err = s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var a Account
		if err := lockRow(tx, session.OwnerID, &a); err != nil {
			return err
		}
		have, err := factorsOf(tx, &a)
		if err != nil {
			return err
		}
		half := !s.Whole(session)
		if half && have.Any() || !a.Active() {
			return ErrHalf
		}
		if err := add(tx, &a); err != nil {
			return err
		}
		if err := s.noteOwn(tx, a.ID, "staff.factor_added", map[string]any{"factor": factor}); err != nil || !half {
			return err
		}
		token, err = s.complete(tx, session, factor)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("add a factor: %w", err)
	}
	return token, nil
}

// RemoveTOTP takes the authenticator app from an account. ErrLastFactor.
func (s *Staff) RemoveTOTP(ctx context.Context, account int64) error {
	return s.remove(ctx, account, ByTOTP, func(tx *gorm.DB, a *Account) error {
		a.TOTPSecret = nil
		return tx.Model(&Account{}).Where("id = ?", a.ID).Update("totp_secret", nil).Error
	})
}

// RemovePasskey takes one of its passkeys from an account. ErrLastFactor,
// ErrNotYours.
func (s *Staff) RemovePasskey(ctx context.Context, account, id int64) error {
	return s.remove(ctx, account, ByPasskey, func(tx *gorm.DB, a *Account) error {
		gone := tx.Where("id = ? AND staff_id = ?", id, a.ID).Delete(&Passkey{})
		if gone.Error == nil && gone.RowsAffected == 0 {
			return ErrNotYours
		}
		return gone.Error
	})
}

// remove takes a factor away, unless it was the last and one is required.
// Recovery codes go with the last.
func (s *Staff) remove(ctx context.Context, account int64, factor string, take func(tx *gorm.DB, a *Account) error) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var a Account
		if err := lockRow(tx, account, &a); err != nil {
			return err
		}
		if err := take(tx, &a); err != nil {
			return err
		}
		left, err := factorsOf(tx, &a)
		if err != nil {
			return err
		}
		if !left.Any() {
			if !s.PasswordEnough {
				return ErrLastFactor
			}
			if err := tx.Where("staff_id = ?", account).Delete(&recoveryCode{}).Error; err != nil {
				return err
			}
		}
		return s.noteOwn(tx, account, "staff.factor_removed", map[string]any{"factor": factor})
	})
	if err != nil {
		return fmt.Errorf("remove a factor: %w", err)
	}
	return nil
}

// ResetFactors takes all factors from an account whose owner lost them, ends
// its sessions and opens its lock: at the next sign-in the password leads to
// new ones. ErrNoAccount.
func (s *Staff) ResetFactors(ctx context.Context, account int64, by audit.Actor) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var a Account
		if err := lockRow(tx, account, &a); err != nil {
			return err
		}
		for _, table := range []any{&Passkey{}, &recoveryCode{}} {
			if err := tx.Where("staff_id = ?", account).Delete(table).Error; err != nil {
				return err
			}
		}
		err := tx.Model(&Account{}).Where("id = ?", account).Updates(map[string]any{"totp_secret": nil, "failures": 0, "locked_until": 0}).Error
		if err != nil {
			return err
		}
		if err := endAll(tx, account, 0); err != nil {
			return err
		}
		return s.Trail.Note(tx, by, audit.Deed{Action: "staff.factors_reset", Subject: "staff", SubjectID: account})
	})
	if err != nil {
		return fmt.Errorf("reset the factors of a staff account: %w", err)
	}
	return nil
}
