package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"gorm.io/gorm"

	"olivebranch/pkg/fault"
)

// Codes of authenticator apps are those of RFC 6238 as every app knows them:
// HMAC-SHA1, 6 digits, a new one each 30 seconds. One step to either side is
// accepted, for clocks that are wrong and people who are slow.
const (
	secretBytes = 20
	stepSeconds = 30
	stepsAround = 1
)

// Bindings of the secret: in its column, and while it is only offered.
const (
	sealedSecret  = "staff_accounts.totp_secret"
	offeredSecret = "staff_accounts.totp_secret offered"
)

// Offer is a secret for an authenticator app that is not in use yet. Sealed
// travels through the form on which the first code is entered, so that
// nothing is stored before the app is known to work.
type Offer struct {
	Secret string // in base32, to be typed
	URL    string // otpauth://…, to be scanned
	Sealed string
}

// errOffer says that a form brought no offer of this account.
var errOffer = fault.New(fault.Invalid, "staff.offer_gone")

// NewOffer makes a secret for an account. campaign names it in the app.
func (s *Staff) NewOffer(a *Account, campaign string) (Offer, error) {
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw)
	return s.offer(a, campaign, raw)
}

// SameOffer is the offer of a form that was refused; a new one when the form
// brought none.
func (s *Staff) SameOffer(a *Account, campaign, sealed string) (Offer, error) {
	raw, err := s.openOffer(a.ID, sealed)
	if err != nil {
		return s.NewOffer(a, campaign)
	}
	return s.offer(a, campaign, raw)
}

func (s *Staff) offer(a *Account, campaign string, raw []byte) (Offer, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: campaign, AccountName: a.Email, Secret: raw, Period: stepSeconds})
	if err != nil {
		return Offer{}, fmt.Errorf("write the address of a secret: %w", err)
	}
	sealed := base64.RawURLEncoding.EncodeToString(s.Keys.Seal(offeredSecret, a.ID, raw))
	return Offer{Secret: key.Secret(), URL: key.URL(), Sealed: sealed}, nil
}

func (s *Staff) openOffer(account int64, sealed string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, errOffer
	}
	raw, err := s.Keys.Open(offeredSecret, account, b)
	if err != nil || len(raw) != secretBytes {
		return nil, errOffer
	}
	return raw, nil
}

// EnrolTOTP puts an offered secret into use, once a code shows that the app
// has it; a secret in use before is replaced. token is as enrol says.
// Invalid with a sentence for the field code; ErrHalf.
func (s *Staff) EnrolTOTP(ctx context.Context, session *Session, sealed, code string) (token string, err error) {
	refused := fault.Fields{}
	raw, err := s.openOffer(session.OwnerID, sealed)
	refused.Add("code", err)
	step, ok := stepOf(raw, code, s.Now())
	if !ok {
		refused.Add("code", ErrCode)
	}
	if err := refused.Err(); err != nil {
		return "", err
	}
	return s.enrol(ctx, session, ByTOTP, func(tx *gorm.DB, a *Account) error {
		return tx.Model(&Account{}).Where("id = ?", a.ID).Updates(map[string]any{"totp_secret": s.Keys.Seal(sealedSecret, a.ID, raw), "totp_step": step}).Error
	})
}

// useTOTP accepts a code of the account's app, never one twice.
func (s *Staff) useTOTP(tx *gorm.DB, a *Account, code string) (bool, error) {
	if len(a.TOTPSecret) == 0 {
		return false, nil
	}
	raw, err := s.Keys.Open(sealedSecret, a.ID, a.TOTPSecret)
	if err != nil {
		return false, err
	}
	step, ok := stepOf(raw, code, s.Now())
	if !ok {
		return false, nil
	}
	used := tx.Model(&Account{}).Where("id = ? AND totp_step < ?", a.ID, step).Update("totp_step", step)
	return used.RowsAffected == 1, used.Error
}

// stepOf is the half minute to which a code belongs, if it is near now.
func stepOf(secret []byte, code string, now time.Time) (int64, bool) {
	code = strings.ReplaceAll(code, " ", "") // apps show two groups of three
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	this := now.Unix() / stepSeconds
	for step := this - stepsAround; step <= this+stepsAround; step++ {
		want, err := hotp.GenerateCode(text, uint64(step))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}
