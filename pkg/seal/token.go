package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Purpose says what a token may be used for; one is never good for another.
type Purpose byte

// The purposes of tokens. Their numbers are in every mailed link: never
// change or reuse one.
const (
	ConfirmSignature   Purpose = 1
	ViewSignature      Purpose = 2
	EnterCode          Purpose = 3
	ConfirmApplication Purpose = 4
	ViewApplication    Purpose = 5
	SignInToPortal     Purpose = 6
	FirstAdmin         Purpose = 7
	ReadApplication    Purpose = 8
	Vouch              Purpose = 9
	ContinueDraft      Purpose = 10
	ConfirmSpeaker     Purpose = 11
	AcceptInvitation   Purpose = 12
	StopMail           Purpose = 13
)

// Token is what a link carries. Expires is the zero time for links that are
// good for ever; it is kept in whole seconds. Counter must equal the row's
// counter, so that raising that revokes all links to the row.
type Token struct {
	Purpose Purpose
	Row     int64
	Expires time.Time
	Counter uint16
}

// Why a token was refused; both wrapped by Keys.Parse.
var (
	ErrForged  = errors.New("token is damaged or forged")
	ErrExpired = errors.New("token has expired")
)

const (
	tokenBody  = 1 + 1 + 8 + 8 + 2
	tokenBytes = tokenBody + 16
	// tokenChars is the length of every token: 36 bytes in base64url.
	tokenChars = (tokenBytes*8 + 5) / 6
)

// Token writes a token: key version, purpose, row, expiry, counter, then 16
// bytes of HMAC-SHA256 over these; base64url without padding, 48 characters.
// The same token comes out for the same values as long as the key is not
// rotated, so a repeated mail has the same link.
func (k *Keys) Token(t Token) string {
	ring := k.set.Load().token
	b := make([]byte, 0, tokenBytes)
	b = append(b, ring.newest, byte(t.Purpose))
	b = binary.BigEndian.AppendUint64(b, uint64(t.Row))
	var expires uint64
	if !t.Expires.IsZero() {
		expires = uint64(t.Expires.Unix())
	}
	b = binary.BigEndian.AppendUint64(b, expires)
	b = binary.BigEndian.AppendUint16(b, t.Counter)
	return base64.RawURLEncoding.EncodeToString(append(b, mac(ring.keys[ring.newest], b)...))
}

// stuck is what mail programs stick to the end of a link.
const stuck = ">.,;:!?)]}'\""

// Parse reads a token made for the purpose. ErrForged or ErrExpired, the
// latter together with what the token said. Punctuation that a mail program
// stuck to the end of a link is passed over.
func (k *Keys) Parse(purpose Purpose, s string, now time.Time) (Token, error) {
	s = strings.TrimRight(s, stuck)
	if len(s) != tokenChars {
		return Token{}, fmt.Errorf("%w: %d characters", ErrForged, len(s))
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != tokenBytes { // the decoder passes over line breaks
		return Token{}, fmt.Errorf("%w: not base64url", ErrForged)
	}
	key := k.set.Load().token.keys[b[0]]
	if key == nil {
		key = k.latest().token.keys[b[0]]
	}
	if key == nil || !hmac.Equal(b[tokenBody:], mac(key, b[:tokenBody])) {
		return Token{}, fmt.Errorf("%w: wrong code", ErrForged)
	}
	if Purpose(b[1]) != purpose {
		return Token{}, fmt.Errorf("%w: made for purpose %d, not %d", ErrForged, b[1], purpose)
	}
	t := Token{Purpose: purpose, Row: int64(binary.BigEndian.Uint64(b[2:])), Counter: binary.BigEndian.Uint16(b[18:])}
	if e := binary.BigEndian.Uint64(b[10:]); e != 0 {
		t.Expires = time.Unix(int64(e), 0)
		if !now.Before(t.Expires) {
			return t, ErrExpired
		}
	}
	return t, nil
}

// mostBound is the longest a bound token may carry.
const mostBound = 64

// Bound writes a token that carries something else than a row, for ever: key
// version, purpose, what it carries, then 16 bytes of HMAC-SHA256 over these;
// base64url without padding. At most 64 bytes.
func (k *Keys) Bound(purpose Purpose, carried []byte) string {
	ring := k.set.Load().token
	b := append([]byte{ring.newest, byte(purpose)}, carried...)
	return base64.RawURLEncoding.EncodeToString(append(b, mac(ring.keys[ring.newest], b)...))
}

// ParseBound reads what such a token carries. ErrForged.
func (k *Keys) ParseBound(purpose Purpose, s string) ([]byte, error) {
	s = strings.TrimRight(s, stuck)
	if len(s) > (2+mostBound+16)*8/6+1 {
		return nil, fmt.Errorf("%w: %d characters", ErrForged, len(s))
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 2+16 || base64.RawURLEncoding.EncodedLen(len(b)) != len(s) {
		return nil, fmt.Errorf("%w: not base64url", ErrForged)
	}
	key := k.set.Load().token.keys[b[0]]
	if key == nil {
		key = k.latest().token.keys[b[0]]
	}
	body := b[:len(b)-16]
	if key == nil || !hmac.Equal(b[len(body):], mac(key, body)) || Purpose(b[1]) != purpose {
		return nil, fmt.Errorf("%w: wrong code or purpose", ErrForged)
	}
	return body[2:], nil
}

// Code is the six-digit code of a row, for people who cannot follow a link.
// It is only as good as the limit on tries that the caller keeps.
func (k *Keys) Code(row int64) string {
	ring := k.set.Load().token
	return code(ring.keys[ring.newest], row)
}

// IsCode says whether a code is the row's, of any key there is: the mail that
// has it may have been on its way when the keys were rotated, and another copy
// of the program may have written it with a key it made a moment ago. It takes
// the same time whatever the code.
func (k *Keys) IsCode(row int64, entered string) bool {
	good := 0
	for _, key := range k.latest().token.keys {
		good |= subtle.ConstantTimeCompare([]byte(entered), []byte(code(key, row)))
	}
	return good == 1
}

func code(key []byte, row int64) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac(key, binding("code", row)))%1_000_000)
}

// ProofCode is the code of a row that people put on their own site to show
// that it is theirs: "ob-" and 16 small letters and digits, 80 bits that
// nobody guesses.
func (k *Keys) ProofCode(row int64) string {
	ring := k.set.Load().token
	return proofCode(ring.keys[ring.newest], row)
}

// ProofCodes are all codes of the row that are good: what stands on a site
// outlives a rotation of the keys.
func (k *Keys) ProofCodes(row int64) []string {
	var all []string
	for _, key := range k.set.Load().token.keys {
		all = append(all, proofCode(key, row))
	}
	return all
}

func proofCode(key []byte, row int64) string {
	return "ob-" + strings.ToLower(base32.StdEncoding.EncodeToString(mac(key, binding("proof", row))[:10]))
}

// WorkKey is the key under which proofs of work are asked for.
func (k *Keys) WorkKey() string {
	ring := k.set.Load().token
	return workKey(ring.keys[ring.newest])
}

// WorkKeys are all such keys that are good, those included that another copy
// of the program has made a moment ago.
func (k *Keys) WorkKeys() []string {
	var all []string
	for _, key := range k.latest().token.keys {
		all = append(all, workKey(key))
	}
	return all
}

func workKey(key []byte) string { return string(mac(key, binding("work", 0))) }

func mac(key, b []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(b)
	return h.Sum(nil)[:16]
}
