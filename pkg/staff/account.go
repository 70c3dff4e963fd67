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

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
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

// Account is a row. TOTPSecret is sealed, NULL without an authenticator app;
// TOTPStep is the last half minute whose code was used.
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
	TOTPSecret   []byte `gorm:"column:totp_secret"`
	TOTPStep     int64  `gorm:"column:totp_step"`
}

// TableName names GORM's table.
func (Account) TableName() string { return "staff_accounts" }

// Active says whether the account may be used.
func (a *Account) Active() bool { return a.State == active }

// Staff keeps accounts and sessions. Safe for concurrent use.
type Staff struct {
	Store  *store.Store
	Keys   *seal.Keys
	Outbox Outbox
	Trail  audit.Trail
	Now    func() time.Time
	Mailed func()                 // called after a mail was committed
	Speaks func(lang string) bool // whether letters exist in the language
	// PasswordEnough lets people in by password alone, until they choose a
	// second factor; for the demo, whose password stands on the sign-in page.
	PasswordEnough bool
	Cost           Cost // of new passwords
}

// Outbox takes mails in.
type Outbox interface {
	Enqueue(tx *gorm.DB, mails ...outbox.Mail) error
}

// SealedColumns lists the sealed columns of this package's tables.
func SealedColumns() []seal.Column {
	return []seal.Column{{Table: "staff_accounts", Name: "totp_secret", Binding: sealedSecret}}
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
		if err := s.lockAccounts(tx); err != nil {
			return err
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
	refused.Add("password", checkPassword(n.Password))
	if !slices.Contains(Roles, n.Role) {
		refused.Add("role", fault.New(fault.Invalid, "staff.role_bad"))
	}
	if err := refused.Err(); err != nil {
		return nil, err
	}
	hash, err := s.Cost.hash(ctx, n.Password)
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
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, ErrTaken
	}
	if err != nil {
		return nil, fmt.Errorf("add staff account: %w", err)
	}
	return a, nil
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
