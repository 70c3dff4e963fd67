package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// argon2id with the first recommendation of RFC 9106 for little memory:
// 64 MiB, 3 passes, 4 lanes.
const (
	argonTime   = 3
	argonMemory = 64 * 1024
	argonLanes  = 4
	argonBytes  = 32
)

// one lets a single password be hashed at a time, so that many sign-ins at
// once cannot eat the memory of a small machine.
var one = make(chan struct{}, 1)

func derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case one <- struct{}{}:
		defer func() { <-one }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "error.busy").Because(ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonBytes), nil
}

func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	key, err := derive(ctx, password, salt)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", argonMemory, argonTime, argonLanes, b64(salt), b64(key)), nil
}

// nobody is checked when the address has no account, so that the answer takes
// as long.
const nobody = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func passwordMatches(ctx context.Context, hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return false, errors.New("stored password hash is damaged")
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errors.New("stored password hash is damaged")
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, errors.New("stored password hash is damaged")
	}
	have, err := derive(ctx, password, salt)
	return subtle.ConstantTimeCompare(have, want) == 1, err
}

// Lock-out: after this many wrong passwords in a row an account is locked for
// a while. Address ranges are limited by the web.
const (
	MostFailures = 8
	LockTime     = 15 * time.Minute
)

// Faults of signing in. The first is the same for an unknown address, a wrong
// password and a disabled account.
var (
	ErrSignIn = fault.New(fault.Invalid, "staff.sign_in_wrong")
	ErrLocked = fault.New(fault.TooMany, "staff.locked")
)

// SignIn checks an address and a password. ErrSignIn, ErrLocked.
func (s *Staff) SignIn(ctx context.Context, email, password string) (*Account, error) {
	mail, err := address.ParseMail(email)
	if err != nil || len(password) > 1024 {
		return nil, ErrSignIn
	}
	a := Account{PasswordHash: nobody}
	err = s.Store.Read(ctx).Where("email = ?", mail.Folded()).Take(&a).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("look for staff account: %w", err)
	}
	if a.LockedUntil > s.Now().UnixMilli() {
		return nil, ErrLocked
	}
	ok, err := passwordMatches(ctx, a.PasswordHash, password)
	if err != nil {
		return nil, err
	}
	if a.ID == 0 {
		return nil, ErrSignIn
	}
	return s.decide(ctx, a.ID, ok)
}

// decide answers a sign-in by the account as it is after the password was
// hashed: many may have waited for that at once, and only MostFailures of
// them may learn that they were wrong.
func (s *Staff) decide(ctx context.Context, id int64, right bool) (*Account, error) {
	var a Account
	var refused error
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", id).Take(&a).Error; err != nil {
			return err
		}
		switch {
		case a.LockedUntil > s.Now().UnixMilli():
			refused = ErrLocked
			return nil
		case !right || !a.Active():
			refused = ErrSignIn
			return s.noteFailure(tx, a)
		}
		if err := tx.Model(&Account{}).Where("id = ?", a.ID).Updates(map[string]any{"failures": 0, "locked_until": 0}).Error; err != nil {
			return err
		}
		return s.Trail.Note(tx, audit.Actor{Kind: audit.Staff, ID: a.ID}, audit.Deed{Action: "staff.signed_in", Subject: "staff", SubjectID: a.ID})
	})
	if err != nil {
		return nil, fmt.Errorf("note a sign-in: %w", err)
	}
	if refused != nil {
		return nil, refused
	}
	return &a, nil
}

func (s *Staff) noteFailure(tx *gorm.DB, a Account) error {
	a.Failures++
	if a.Failures >= MostFailures {
		a.Failures, a.LockedUntil = 0, s.Now().Add(LockTime).UnixMilli()
	}
	return tx.Model(&Account{}).Where("id = ?", a.ID).Updates(map[string]any{"failures": a.Failures, "locked_until": a.LockedUntil}).Error
}
