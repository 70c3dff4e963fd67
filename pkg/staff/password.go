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
