// Package staff is the people who run a campaign: their accounts and roles,
// how they sign in, and the sessions of staff and of partners'
// representatives. The audit trail of what they do is package audit.
package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// Role is what a staff account may do; each includes the ones before it.
type Role string

// The roles, from least to most.
const (
	Observer  Role = "observer"
	Moderator Role = "moderator"
	Reviewer  Role = "reviewer"
	Admin     Role = "admin"
)

// Roles from least to most.
var Roles = []Role{Observer, Moderator, Reviewer, Admin}

// Covers says whether somebody with this role may do what wants the other.
func (r Role) Covers(wanted Role) bool {
	have, need := slices.Index(Roles, r), slices.Index(Roles, wanted)
	return have >= 0 && need >= 0 && have >= need
}

// States of an account.
const (
	active   = "active"
	disabled = "disabled"
)

// ShortestPassword is in characters (NIST SP 800-63B-4 asks for 15 where a
// password is the only factor).
const ShortestPassword = 15

// Account is a row.
type Account struct {
	ID           int64
	Email        string
	Name         string
	Role         Role
	Lang         string
	PasswordHash string
	State        string
	Failures     int64
	LockedUntil  int64
	CreatedAt    int64
}

// TableName names GORM's table.
func (Account) TableName() string { return "staff_accounts" }

// Active says whether the account may be used.
func (a *Account) Active() bool { return a.State == active }

// Staff keeps accounts and sessions. Safe for concurrent use.
type Staff struct {
	Store *store.Store
	Trail audit.Trail
	Now   func() time.Time
}

// NewAccount is what an account is made of.
type NewAccount struct {
	Email, Name, Password, Lang string
	Role                        Role
}

// Faults of accounts.
var (
	ErrTaken     = fault.New(fault.Conflict, "staff.taken")
	ErrNoAccount = fault.New(fault.NotFound, "staff.unknown")
)

// Add makes an account. Invalid with a sentence for each refused field;
// ErrTaken when the address has one.
func (s *Staff) Add(ctx context.Context, n NewAccount, by audit.Actor) (*Account, error) {
	return s.add(ctx, n, by, func(*gorm.DB) error { return nil })
}

// AddFirst makes the first account of a new campaign. ErrTaken when there is
// one already, even if that came at the same moment.
func (s *Staff) AddFirst(ctx context.Context, n NewAccount) (*Account, error) {
	return s.add(ctx, n, audit.Actor{Kind: audit.Operator}, func(tx *gorm.DB) error {
		if s.Store.Postgres() {
			if err := tx.Exec("LOCK TABLE staff_accounts IN EXCLUSIVE MODE").Error; err != nil {
				return err
			}
		}
		var n int64
		if err := tx.Model(&Account{}).Count(&n).Error; err != nil || n == 0 {
			return err
		}
		return ErrTaken
	})
}

// add makes an account if allowed, asked in the same transaction, says so.
func (s *Staff) add(ctx context.Context, n NewAccount, by audit.Actor, allowed func(tx *gorm.DB) error) (*Account, error) {
	refused := fault.Fields{}
	mail, err := address.ParseMail(n.Email)
	refused.Add("email", err)
	name, err := plaintext.Name(n.Name, plaintext.PersonName)
	refused.Add("name", err)
	if utf8.RuneCountInString(n.Password) < ShortestPassword {
		refused.Add("password", fault.New(fault.Invalid, "staff.password_short", "N", ShortestPassword))
	}
	if len(n.Password) > 1024 {
		refused.Add("password", fault.New(fault.Invalid, "text.long", "Max", 1024))
	}
	if !slices.Contains(Roles, n.Role) {
		refused.Add("role", fault.New(fault.Invalid, "staff.role_bad"))
	}
	if err := refused.Err(); err != nil {
		return nil, err
	}
	hash, err := hashPassword(ctx, n.Password)
	if err != nil {
		return nil, err
	}
	a := &Account{ID: s.Store.NewID(), Email: mail.Folded(), Name: name, Role: n.Role, Lang: n.Lang,
		PasswordHash: hash, State: active, CreatedAt: s.Now().UnixMilli()}
	err = s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := allowed(tx); err != nil {
			return err
		}
		if err := tx.Create(a).Error; err != nil {
			return err
		}
		return s.Trail.Note(tx, by, audit.Deed{Action: "staff.added", Subject: "staff", SubjectID: a.ID, After: map[string]any{"role": a.Role}})
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, ErrTaken) {
		return nil, ErrTaken
	}
	if err != nil {
		return nil, fmt.Errorf("add staff account: %w", err)
	}
	return a, nil
}

// Disable closes an account and ends its sessions. ErrNoAccount.
func (s *Staff) Disable(ctx context.Context, email string, by audit.Actor) error {
	mail, err := address.ParseMail(email)
	if err != nil {
		return err
	}
	err = s.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var a Account
		if err := tx.Where("email = ?", mail.Folded()).Take(&a).Error; err != nil {
			if errors.Is(err, gorm.ErrRecordNotFound) {
				return ErrNoAccount
			}
			return err
		}
		if err := tx.Model(&Account{}).Where("id = ?", a.ID).Update("state", disabled).Error; err != nil {
			return err
		}
		if err := tx.Where("kind = ? AND owner_id = ?", StaffSession, a.ID).Delete(&Session{}).Error; err != nil {
			return err
		}
		return s.Trail.Note(tx, by, audit.Deed{Action: "staff.disabled", Subject: "staff", SubjectID: a.ID})
	})
	if err != nil {
		return fmt.Errorf("disable staff account: %w", err)
	}
	return nil
}

// List returns all accounts, by address.
func (s *Staff) List(ctx context.Context) ([]Account, error) {
	var rows []Account
	if err := s.Store.Read(ctx).Order("email").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	return rows, nil
}

// Any says whether there is an account at all.
func (s *Staff) Any(ctx context.Context) (bool, error) {
	var n int64
	if err := s.Store.Read(ctx).Model(&Account{}).Count(&n).Error; err != nil {
		return false, fmt.Errorf("count staff: %w", err)
	}
	return n > 0, nil
}

// Account reads one. ErrNoAccount.
func (s *Staff) Account(ctx context.Context, id int64) (*Account, error) {
	var a Account
	err := s.Store.Read(ctx).Where("id = ?", id).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoAccount
	}
	if err != nil {
		return nil, fmt.Errorf("read staff account %d: %w", id, err)
	}
	return &a, nil
}

// SetLang changes the language an account reads the console in.
func (s *Staff) SetLang(ctx context.Context, id int64, lang string) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&Account{}).Where("id = ?", id).Update("lang", lang).Error
	})
	if err != nil {
		return fmt.Errorf("set the language of a staff account: %w", err)
	}
	return nil
}
