package staff

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Passkey is a row: a key pair on somebody's device, or in the cloud of their
// devices, that opens the account. Credential is the public half as the
// library writes it, in JSON.
type Passkey struct {
	ID           int64
	StaffID      int64
	CredentialID []byte
	Credential   string
	Label        string
	CreatedAt    int64
	UsedAt       int64
}

// Passkeys runs the ceremonies of WebAuthn for one site. Every passkey is one
// that signs in by itself: it knows its account, and asks its owner for a
// finger, a face or a PIN.
type Passkeys struct {
	*Staff
	Campaign func() string // named by the browser
	party    *webauthn.WebAuthn
}

// Kinds of ceremonies.
const (
	ceremonyRegister = "register"
	ceremonySignIn   = "sign_in"
	ceremonySecond   = "second"
)

// ceremonyLife is how long people may take.
const ceremonyLife = 5 * time.Minute

// mostPasskeys of one account.
const mostPasskeys = 20

// labelLimit bounds what a passkey is called.
var labelLimit = plaintext.Limit{Graphemes: 60, Bytes: 240}

// ceremony is a row: what the server asked a browser, until the answer.
type ceremony struct {
	ID        int64
	Kind      string
	StaffID   int64 // 0 at the sign-in page, where nobody is known yet
	Data      string
	ExpiresAt int64
}

// TableName names GORM's table.
func (ceremony) TableName() string { return "ceremonies" }

// Faults of passkeys.
var (
	ErrPasskey         = fault.New(fault.Invalid, "passkey.wrong")
	ErrTooManyPasskeys = fault.New(fault.Conflict, "passkey.too_many")
)

// NewPasskeys makes the ceremonies of the site at an address. Its host must
// be a name, localhost included: browsers have no passkeys for bare numbers.
func NewPasskeys(s *Staff, site *url.URL, campaign func() string) (*Passkeys, error) {
	party, err := webauthn.New(&webauthn.Config{
		RPID: site.Hostname(), RPDisplayName: site.Hostname(), RPOrigins: []string{site.Scheme + "://" + site.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", site.Hostname(), err)
	}
	return &Passkeys{Staff: s, Campaign: campaign, party: party}, nil
}

// Question is what a page asks the browser. Answer is what comes back.
type (
	Question struct {
		Ceremony string `json:"ceremony"`
		Options  any    `json:"options"`
	}
	Answer struct {
		Ceremony   string          `json:"ceremony"`
		Credential json.RawMessage `json:"credential"`
		Label      string          `json:"label"`
	}
)

// holder is an account as the library wants to see it.
type holder struct {
	*Account
	keys []webauthn.Credential
}

// WebAuthnID is the handle by which a passkey knows its account.
func (h holder) WebAuthnID() []byte                         { return binary.BigEndian.AppendUint64(nil, uint64(h.ID)) }
func (h holder) WebAuthnName() string                       { return h.Email }
func (h holder) WebAuthnDisplayName() string                { return h.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (p *Passkeys) holder(ctx context.Context, account int64) (holder, error) {
	a, err := p.Account(ctx, account)
	if err != nil {
		return holder{}, err
	}
	f, err := factorsOf(p.Store.Read(ctx), a)
	if err != nil {
		return holder{}, fmt.Errorf("read the passkeys of %d: %w", account, err)
	}
	h := holder{Account: a, keys: make([]webauthn.Credential, len(f.Passkeys))}
	for i, k := range f.Passkeys {
		if err := json.Unmarshal([]byte(k.Credential), &h.keys[i]); err != nil {
			return holder{}, fmt.Errorf("read passkey %d: %w", k.ID, err)
		}
	}
	return h, nil
}

// AskRegister begins to add a passkey to an account.
func (p *Passkeys) AskRegister(ctx context.Context, account int64) (*Question, error) {
	h, err := p.holder(ctx, account)
	if err != nil {
		return nil, err
	}
	options, data, err := p.party.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithRegistrationRelyingPartyName(p.Campaign()))
	return p.ask(ctx, ceremonyRegister, account, options, data, err)
}

// AskSignIn begins a sign-in by a passkey, whoever's it is.
func (p *Passkeys) AskSignIn(ctx context.Context) (*Question, error) {
	options, data, err := p.party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	return p.ask(ctx, ceremonySignIn, 0, options, data, err)
}

// AskSecond begins the second step with one of an account's passkeys.
func (p *Passkeys) AskSecond(ctx context.Context, account int64) (*Question, error) {
	h, err := p.holder(ctx, account)
	if err != nil {
		return nil, err
	}
	if len(h.keys) == 0 {
		return nil, ErrPasskey
	}
	options, data, err := p.party.BeginLogin(h)
	return p.ask(ctx, ceremonySecond, account, options, data, err)
}

// ask keeps what the answer will be compared with.
func (p *Passkeys) ask(ctx context.Context, kind string, account int64, options any, data *webauthn.SessionData, err error) (*Question, error) {
	if err != nil {
		return nil, fmt.Errorf("begin ceremony: %w", err)
	}
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("begin ceremony: %w", err)
	}
	c := ceremony{ID: p.Store.NewID(), Kind: kind, StaffID: account, Data: string(text), ExpiresAt: p.Now().Add(ceremonyLife).UnixMilli()}
	if err := p.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&c).Error }); err != nil {
		return nil, fmt.Errorf("begin ceremony: %w", err)
	}
	return &Question{Ceremony: strconv.FormatInt(c.ID, 10), Options: options}, nil
}

// take ends a ceremony, whatever the answer is worth, and returns what was
// asked. ErrPasskey.
func (p *Passkeys) take(ctx context.Context, kind string, account int64, answer Answer) (data webauthn.SessionData, err error) {
	id, err := strconv.ParseInt(answer.Ceremony, 10, 64)
	if err != nil {
		return data, ErrPasskey
	}
	var c ceremony
	err = p.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		err := tx.Where("id = ? AND kind = ? AND staff_id = ? AND expires_at > ?", id, kind, account, p.Now().UnixMilli()).Take(&c).Error
		if err != nil {
			return err
		}
		gone := tx.Where("id = ?", id).Delete(&ceremony{})
		if gone.Error == nil && gone.RowsAffected == 0 {
			return gorm.ErrRecordNotFound
		}
		return gone.Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return data, ErrPasskey
	}
	if err == nil {
		err = json.Unmarshal([]byte(c.Data), &data)
	}
	if err != nil {
		return data, fmt.Errorf("end ceremony: %w", err)
	}
	return data, nil
}

// Register adds the passkey of an answer. An empty label is replaced by the
// browser's name. token is as enrol says. ErrPasskey, ErrTooManyPasskeys,
// ErrHalf.
func (p *Passkeys) Register(ctx context.Context, session *Session, answer Answer) (token string, err error) {
	label, err := plaintext.Clean(answer.Label, labelLimit)
	if err != nil {
		return "", err
	}
	if label == "" {
		label = session.Agent
	}
	data, err := p.take(ctx, ceremonyRegister, session.OwnerID, answer)
	if err != nil {
		return "", err
	}
	h, err := p.holder(ctx, session.OwnerID)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer.Credential)
	if err != nil {
		return "", ErrPasskey.Because(err)
	}
	made, err := p.party.CreateCredential(h, data, parsed)
	if err != nil {
		return "", ErrPasskey.Because(err)
	}
	text, err := json.Marshal(made)
	if err != nil {
		return "", fmt.Errorf("write passkey: %w", err)
	}
	token, err = p.enrol(ctx, session, ByPasskey, func(tx *gorm.DB, a *Account) error {
		var n int64
		if err := tx.Model(&Passkey{}).Where("staff_id = ?", a.ID).Count(&n).Error; err != nil {
			return err
		}
		if n >= mostPasskeys {
			return ErrTooManyPasskeys
		}
		return tx.Create(&Passkey{ID: p.Store.NewID(), StaffID: a.ID, CredentialID: made.ID, Credential: string(text), Label: label, CreatedAt: p.Now().UnixMilli()}).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return "", ErrPasskey.Because(err)
	}
	return token, err
}

// SignIn opens an account by its passkey alone and returns the token of a
// whole session. ErrPasskey. A lock, which guards what can be guessed, does
// not keep the owner's key out.
func (p *Passkeys) SignIn(ctx context.Context, answer Answer, agent string) (string, error) {
	data, err := p.take(ctx, ceremonySignIn, 0, answer)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer.Credential)
	if err != nil {
		return "", ErrPasskey.Because(err)
	}
	var who holder
	_, used, err := p.party.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if len(handle) != 8 {
			return nil, ErrNoAccount
		}
		who, err = p.holder(ctx, int64(binary.BigEndian.Uint64(handle)))
		return who, err
	}, data, parsed)
	if err != nil {
		return "", ErrPasskey.Because(err)
	}
	var token string
	err = p.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var a Account
		if err := lockRow(tx, who.ID, &a); err != nil {
			return err
		}
		if !a.Active() {
			return ErrPasskey
		}
		if err := p.noteUse(tx, who.ID, used); err != nil {
			return err
		}
		token, err = p.BeginWhole(ctx, who.ID, ByPasskey, agent)
		return err
	})
	return token, err
}

// Second takes the second step with a passkey and returns the session's new
// token. ErrPasskey.
func (p *Passkeys) Second(ctx context.Context, session *Session, answer Answer) (token string, err error) {
	data, err := p.take(ctx, ceremonySecond, session.OwnerID, answer)
	if err != nil {
		return "", err
	}
	h, err := p.holder(ctx, session.OwnerID)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer.Credential)
	if err != nil {
		return "", ErrPasskey.Because(err)
	}
	used, refusal := p.party.ValidateLogin(h, data, parsed)
	_, err = p.guarded(ctx, session.OwnerID, ErrPasskey, func(tx *gorm.DB, a *Account) (bool, error) {
		if refusal != nil {
			return false, nil
		}
		if err := p.noteUse(tx, a.ID, used); err != nil {
			return false, err
		}
		token, err = p.passSecond(tx, session, ByPasskey)
		return true, err
	})
	return token, err
}

// noteUse keeps the passkey's counter, by which a copied one shows. ErrPasskey
// when it is such a copy, or was removed meanwhile.
func (p *Passkeys) noteUse(tx *gorm.DB, account int64, used *webauthn.Credential) error {
	if used.Authenticator.CloneWarning {
		return ErrPasskey
	}
	text, err := json.Marshal(used)
	if err != nil {
		return err
	}
	changed := tx.Model(&Passkey{}).Where("staff_id = ? AND credential_id = ?", account, used.ID).
		Updates(map[string]any{"credential": string(text), "used_at": p.Now().UnixMilli()})
	if changed.Error == nil && changed.RowsAffected == 0 {
		return ErrPasskey
	}
	return changed.Error
}

// LabelPasskey renames one of an account's passkeys. Invalid with a sentence
// for the field label; ErrNotYours.
func (s *Staff) LabelPasskey(ctx context.Context, account, id int64, label string) error {
	refused := fault.Fields{}
	label, err := plaintext.Required(label, labelLimit)
	refused.Add("label", err)
	if err := refused.Err(); err != nil {
		return err
	}
	err = s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		changed := tx.Model(&Passkey{}).Where("id = ? AND staff_id = ?", id, account).Update("label", label)
		if changed.Error == nil && changed.RowsAffected == 0 {
			return ErrNotYours
		}
		return changed.Error
	})
	if err != nil {
		return fmt.Errorf("label passkey: %w", err)
	}
	return nil
}
