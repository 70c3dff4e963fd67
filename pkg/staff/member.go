package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// ErrLastAdmin keeps the last active admin, without whom nobody could make
// another.
var ErrLastAdmin = fault.New(fault.Conflict, "staff.last_admin")

// Member is an account as admins see it.
type Member struct {
	Account
	Passkeys int64
	SeenAt   int64 // when it was last signed in or used; 0: never
}

// TOTP says whether the account has an authenticator app.
func (m Member) TOTP() bool { return len(m.TOTPSecret) > 0 }

// Members lists all accounts, by address.
func (s *Staff) Members(ctx context.Context) ([]Member, error) {
	accounts, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	passkeys, seen, signedIn := map[int64]int64{}, map[int64]int64{}, map[int64]int64{}
	for _, q := range []struct {
		into map[int64]int64
		sql  string
		args []any
	}{
		{passkeys, "SELECT staff_id AS id, COUNT(*) AS n FROM passkeys GROUP BY staff_id", nil},
		{seen, "SELECT owner_id AS id, MAX(seen_at) AS n FROM sessions WHERE kind = ? GROUP BY owner_id", []any{StaffSession}},
		{signedIn, "SELECT subject_id AS id, MAX(at) AS n FROM audit_entries WHERE subject = ? AND action = ? GROUP BY subject_id", []any{"staff", "staff.signed_in"}},
	} {
		var rows []struct{ ID, N int64 }
		if err := s.Store.Read(ctx).Raw(q.sql, q.args...).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("list members: %w", err)
		}
		for _, r := range rows {
			q.into[r.ID] = r.N
		}
	}
	out := make([]Member, len(accounts))
	for i, a := range accounts {
		out[i] = Member{Account: a, Passkeys: passkeys[a.ID], SeenAt: max(seen[a.ID], signedIn[a.ID])}
	}
	return out, nil
}

// ByEmail finds an account. ErrNoAccount; Invalid for what is no address.
func (s *Staff) ByEmail(ctx context.Context, email string) (*Account, error) {
	mail, err := address.ParseMail(email)
	if err != nil {
		return nil, err
	}
	var a Account
	err = s.Store.Read(ctx).Where("email = ?", mail.Folded()).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoAccount
	}
	if err != nil {
		return nil, fmt.Errorf("look for staff account: %w", err)
	}
	return &a, nil
}

// Addresses are those of accounts and of invited people, which are in the
// clear on purpose; such a person may also sign.
func (s *Staff) Addresses(ctx context.Context) ([]string, error) {
	var all []string
	if err := s.Store.Read(ctx).Raw("SELECT email FROM staff_accounts UNION SELECT email FROM invitations").Scan(&all).Error; err != nil {
		return nil, fmt.Errorf("list the addresses of staff: %w", err)
	}
	return all, nil
}

// SetRole changes what an account may do; its next request is answered by
// the new role. Invalid, ErrNoAccount, ErrLastAdmin.
func (s *Staff) SetRole(ctx context.Context, account int64, role Role, by audit.Actor) error {
	if !slices.Contains(Roles, role) {
		refused := fault.Fields{}
		refused.Add("role", fault.New(fault.Invalid, "staff.role_bad"))
		return refused.Err()
	}
	return s.change(ctx, account, by, func(tx *gorm.DB, a *Account) (*audit.Deed, error) {
		if a.Role == role {
			return nil, nil
		}
		d := &audit.Deed{Action: "staff.role_changed", Before: map[string]any{"role": a.Role}, After: map[string]any{"role": role}}
		return d, tx.Model(&Account{}).Where("id = ?", a.ID).Update("role", role).Error
	})
}

// Disable closes an account and ends its sessions. ErrNoAccount,
// ErrLastAdmin.
func (s *Staff) Disable(ctx context.Context, account int64, by audit.Actor) error {
	return s.change(ctx, account, by, func(tx *gorm.DB, a *Account) (*audit.Deed, error) {
		if !a.Active() {
			return nil, nil
		}
		if err := endAll(tx, a.ID, 0); err != nil {
			return nil, err
		}
		return &audit.Deed{Action: "staff.disabled"}, tx.Model(&Account{}).Where("id = ?", a.ID).Update("state", disabled).Error
	})
}

// Enable opens a disabled account again. ErrNoAccount.
func (s *Staff) Enable(ctx context.Context, account int64, by audit.Actor) error {
	return s.change(ctx, account, by, func(tx *gorm.DB, a *Account) (*audit.Deed, error) {
		if a.Active() {
			return nil, nil
		}
		return &audit.Deed{Action: "staff.enabled"}, tx.Model(&Account{}).Where("id = ?", a.ID).Updates(map[string]any{"state": active, "failures": 0, "locked_until": 0}).Error
	})
}

// change does something to an account and notes it; no deed, nothing done.
// All such changes wait for each other, so that of two that would each leave
// one admin, one fails.
func (s *Staff) change(ctx context.Context, account int64, by audit.Actor, do func(tx *gorm.DB, a *Account) (*audit.Deed, error)) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := s.lockAccounts(tx); err != nil {
			return err
		}
		var a Account
		if err := lockRow(tx, account, &a); err != nil {
			return err
		}
		admins, err := activeAdmins(tx)
		if err != nil {
			return err
		}
		d, err := do(tx, &a)
		if err != nil || d == nil {
			return err
		}
		left, err := activeAdmins(tx)
		if err == nil && left == 0 && admins > 0 {
			err = ErrLastAdmin
		}
		if err != nil {
			return err
		}
		d.Subject, d.SubjectID = "staff", a.ID
		return s.Trail.Note(tx, by, *d)
	})
	if err != nil {
		return fmt.Errorf("change staff account %d: %w", account, err)
	}
	return nil
}

func activeAdmins(tx *gorm.DB) (n int64, err error) {
	return n, tx.Model(&Account{}).Where("role = ? AND state = ?", Admin, active).Count(&n).Error
}

// lockAccounts keeps other changes of accounts out until the transaction
// ends. SQLite has one writer anyway.
func (s *Staff) lockAccounts(tx *gorm.DB) error {
	if !s.Store.Postgres() {
		return nil
	}
	return tx.Exec("LOCK TABLE staff_accounts IN EXCLUSIVE MODE").Error
}

// Describe changes an account's name and language. Invalid with a sentence
// for each refused field.
func (s *Staff) Describe(ctx context.Context, account int64, name, lang string) error {
	refused := fault.Fields{}
	name, err := plaintext.Name(name, plaintext.PersonName)
	refused.Add("name", err)
	if !s.Speaks(lang) {
		refused.Add("lang", fault.New(fault.Invalid, "mail_lang.bad"))
	}
	if err := refused.Err(); err != nil {
		return err
	}
	return s.update(ctx, account, map[string]any{"name": name, "lang": lang})
}

// SetLang changes the language an account reads the console in.
func (s *Staff) SetLang(ctx context.Context, account int64, lang string) error {
	return s.update(ctx, account, map[string]any{"lang": lang})
}

func (s *Staff) update(ctx context.Context, account int64, values map[string]any) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&Account{}).Where("id = ?", account).Updates(values).Error
	})
	if err != nil {
		return fmt.Errorf("update staff account %d: %w", account, err)
	}
	return nil
}

// ChangePassword takes the old password and the new one, and ends the
// account's other sessions. A wrong old one counts as at signing in. Invalid
// with a sentence for each refused field.
func (s *Staff) ChangePassword(ctx context.Context, session *Session, old, password string) error {
	a, err := s.Account(ctx, session.OwnerID)
	if err != nil {
		return err
	}
	refused := fault.Fields{}
	refused.Add("password", checkPassword(password))
	if old == "" {
		refused.Add("old", fault.New(fault.Invalid, "text.required"))
	}
	if err := refused.Err(); err != nil {
		return err
	}
	right, err := passwordMatches(ctx, a.PasswordHash, old[:min(len(old), longestPassword)])
	if err != nil {
		return err
	}
	hashed, err := s.Cost.hash(ctx, password)
	if err != nil {
		return err
	}
	refused.Add("old", fault.New(fault.Invalid, "staff.old_wrong"))
	_, err = s.guarded(ctx, a.ID, refused.Err().(*fault.Error), func(tx *gorm.DB, a *Account) (bool, error) {
		if !right {
			return false, nil
		}
		if err := tx.Model(&Account{}).Where("id = ?", a.ID).Update("password_hash", hashed).Error; err != nil {
			return false, err
		}
		if err := endAll(tx, a.ID, session.ID); err != nil {
			return false, err
		}
		return true, s.noteOwn(tx, a.ID, "staff.password_changed", nil)
	})
	return err
}

// Deeds are what is noted about accounts in the audit trail, behind "staff.".
var Deeds = []string{"added", "signed_in", "locked", "role_changed", "disabled", "enabled", "password_changed", "sessions_ended",
	"factor_added", "factor_removed", "factors_reset", "codes_made"}
