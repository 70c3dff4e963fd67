package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"olivebranch/pkg/fault"
)

// Cost is the work that argon2id makes of a password. The zero value is that
// of the second recommendation of RFC 9106, for little memory.
type Cost struct {
	Memory uint32 // in KiB
	Time   uint32 // passes
	Lanes  uint8
}

func (c Cost) orDefault() Cost {
	if c == (Cost{}) {
		return Cost{Memory: 64 * 1024, Time: 3, Lanes: 4}
	}
	return c
}

const (
	saltBytes = 16
	keyBytes  = 32
)

// one lets a single password be hashed at a time, so that many sign-ins at
// once cannot eat the memory of a small machine.
var one = make(chan struct{}, 1)

func (c Cost) derive(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case one <- struct{}{}:
		defer func() { <-one }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "error.busy").Because(ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Lanes, keyBytes), nil
}

// hash writes a password as the reference implementation of argon2 does.
func (c Cost) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt)
	key, err := c.orDefault().derive(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return c.orDefault().written(salt, key), nil
}

func (c Cost) written(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Lanes, b64(salt), b64(key))
}

// nobody is checked when the address has no account, so that the answer takes
// as long. No password has this hash.
func (c Cost) nobody() string {
	return c.orDefault().written(make([]byte, saltBytes), make([]byte, keyBytes))
}

var errDamaged = errors.New("stored password hash is damaged")

func passwordMatches(ctx context.Context, hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return false, errDamaged
	}
	var c Cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Lanes); err != nil || c.Time == 0 || c.Lanes == 0 {
		return false, errDamaged
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errDamaged
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, errDamaged
	}
	have, err := c.derive(ctx, password, salt)
	return subtle.ConstantTimeCompare(have, want) == 1, err
}

// checkPassword refuses a new password that is too short or too long.
func checkPassword(password string) error {
	if utf8.RuneCountInString(password) < ShortestPassword {
		return fault.New(fault.Invalid, "staff.password_short", "N", ShortestPassword)
	}
	if len(password) > longestPassword {
		return fault.New(fault.Invalid, "text.long", "Max", longestPassword)
	}
	return nil
}

// longestPassword is in bytes.
const longestPassword = 1024
