package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// Kinds of sessions.
const (
	StaffSession  = "staff"
	PortalSession = "portal"
)

// Factors by which a session of staff was made whole. A session with none
// has only seen the password.
const (
	ByPassword = "password" // alone, where that is enough
	ByTOTP     = "totp"
	ByPasskey  = "passkey"
	ByRecovery = "recovery"
)

// Lives of sessions: without use, in all, and until the second step is taken.
const (
	idleLife     = 2 * time.Hour
	absoluteLife = 12 * time.Hour
	halfLife     = 30 * time.Minute
	// seenEvery bounds how often the time of last use is written.
	seenEvery = time.Minute
)

// Session is a row: somebody signed in. Only the hash of its token is stored.
type Session struct {
	ID        int64
	TokenHash []byte
	Kind      string
	OwnerID   int64
	Factor    string
	Agent     string // browser and system in a few words
	CreatedAt int64
	SeenAt    int64
	ExpiresAt int64
}

// Faults of sessions.
var (
	// ErrNoSession says that nobody is signed in with this token.
	ErrNoSession = errors.New("no such session")
	// ErrNotYours says that somebody has no such session, passkey or other
	// thing of their own.
	ErrNotYours = fault.New(fault.NotFound, "error.not_found")
)

// Begin makes the session of a representative, or of an account whose
// password was right, and returns the token for the cookie: 32 random bytes
// in base64url. agent is the browser's User-Agent. Until Whole, a session of
// staff lasts half an hour.
func (s *Staff) Begin(ctx context.Context, kind string, owner int64, agent string) (string, error) {
	row := Session{Kind: kind, OwnerID: owner, Agent: agentWords(agent)}
	return s.begin(ctx, row, func(tx *gorm.DB) (string, error) {
		if kind != StaffSession || !s.PasswordEnough {
			return "", nil
		}
		var a Account
		if err := lockRow(tx, owner, &a); err != nil {
			return "", err
		}
		f, err := factorsOf(tx, &a)
		if err != nil || f.Any() {
			return "", err
		}
		return ByPassword, s.noteSignIn(tx, owner, ByPassword)
	})
}

// BeginWhole makes a session of an account that has shown a factor.
func (s *Staff) BeginWhole(ctx context.Context, account int64, factor, agent string) (string, error) {
	row := Session{Kind: StaffSession, OwnerID: account, Agent: agentWords(agent)}
	return s.begin(ctx, row, func(tx *gorm.DB) (string, error) { return factor, s.noteSignIn(tx, account, factor) })
}

// begin stores a session with the factor that is found in the same
// transaction.
func (s *Staff) begin(ctx context.Context, row Session, factor func(tx *gorm.DB) (string, error)) (string, error) {
	token := newToken()
	now := s.Now()
	row.ID, row.TokenHash, row.CreatedAt, row.SeenAt = s.Store.NewID(), hash(token), now.UnixMilli(), now.UnixMilli()
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) (err error) {
		if row.Factor, err = factor(tx); err != nil {
			return err
		}
		life := absoluteLife
		if row.Kind == StaffSession && row.Factor == "" {
			life = halfLife
		}
		row.ExpiresAt = now.Add(life).UnixMilli()
		return tx.Create(&row).Error
	})
	if err != nil {
		return "", fmt.Errorf("begin session: %w", err)
	}
	return token, nil
}

func newToken() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (s *Staff) noteSignIn(tx *gorm.DB, account int64, factor string) error {
	return s.Trail.Note(tx, audit.Actor{Kind: audit.Staff, ID: account}, audit.Deed{Action: "staff.signed_in", Subject: "staff",
		SubjectID: account, After: map[string]any{"factor": factor}})
}

// Whole says whether a session may open the console, and not only the second
// step.
func (s *Staff) Whole(session *Session) bool {
	return session.Factor != "" && (session.Factor != ByPassword || s.PasswordEnough)
}

// complete makes a session whole in the transaction in which a factor was
// shown or chosen. It gets a new token, so that one known before is worth
// nothing after.
func (s *Staff) complete(tx *gorm.DB, session *Session, factor string) (string, error) {
	token, now := newToken(), s.Now()
	changed := tx.Model(&Session{}).Where("id = ? AND token_hash = ?", session.ID, session.TokenHash).Updates(map[string]any{
		"token_hash": hash(token), "factor": factor, "seen_at": now.UnixMilli(), "expires_at": now.Add(absoluteLife).UnixMilli()})
	if changed.Error != nil {
		return "", changed.Error
	}
	if changed.RowsAffected == 0 { // another tab was first, or the session was ended
		return "", ErrHalf
	}
	return token, s.noteSignIn(tx, session.OwnerID, factor)
}

// Session finds a session that is neither idle nor expired. ErrNoSession.
func (s *Staff) Session(ctx context.Context, kind, token string) (*Session, error) {
	row, err := s.Glance(ctx, kind, token)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	if row.SeenAt <= now.Add(-seenEvery).UnixMilli() {
		err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Model(&Session{}).Where("id = ?", row.ID).Update("seen_at", now.UnixMilli()).Error
		})
		if err != nil {
			return nil, fmt.Errorf("note that a session is used: %w", err)
		}
	}
	return row, nil
}

// Glance is Session for what a page asks by itself: it is no use of the
// session, which ends in time although a page is left open. ErrNoSession.
func (s *Staff) Glance(ctx context.Context, kind, token string) (*Session, error) {
	if token == "" {
		return nil, ErrNoSession
	}
	var row Session
	err := s.Store.Read(ctx).Where("token_hash = ? AND kind = ?", hash(token), kind).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoSession
	}
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	now := s.Now()
	if row.ExpiresAt <= now.UnixMilli() || row.SeenAt <= now.Add(-idleLife).UnixMilli() {
		return nil, ErrNoSession
	}
	return &row, nil
}

// Sessions lists the sessions of an account that are neither idle nor
// expired, the last used first.
func (s *Staff) Sessions(ctx context.Context, account int64) ([]Session, error) {
	now := s.Now()
	var rows []Session
	err := s.Store.Read(ctx).Where("kind = ? AND owner_id = ? AND expires_at > ? AND seen_at > ?", StaffSession, account, now.UnixMilli(), now.Add(-idleLife).UnixMilli()).
		Order("seen_at DESC, id DESC").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list sessions of %d: %w", account, err)
	}
	return rows, nil
}

// End ends a session; ending none is no error.
func (s *Staff) End(ctx context.Context, token string) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("token_hash = ?", hash(token)).Delete(&Session{}).Error
	})
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndOne ends one of an account's own sessions. ErrNotYours.
func (s *Staff) EndOne(ctx context.Context, account, id int64) error {
	return s.endNoted(ctx, account, func(tx *gorm.DB) *gorm.DB { return tx.Where("id = ?", id) }, ErrNotYours)
}

// EndOthers ends all of an account's own sessions but one.
func (s *Staff) EndOthers(ctx context.Context, account, keep int64) error {
	return s.endNoted(ctx, account, func(tx *gorm.DB) *gorm.DB { return tx.Where("id <> ?", keep) }, nil)
}

func (s *Staff) endNoted(ctx context.Context, account int64, which func(tx *gorm.DB) *gorm.DB, none error) error {
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		ended := which(tx.Where("kind = ? AND owner_id = ?", StaffSession, account)).Delete(&Session{})
		if ended.Error != nil {
			return ended.Error
		}
		if ended.RowsAffected == 0 {
			return none
		}
		return s.noteOwn(tx, account, "staff.sessions_ended", map[string]any{"n": ended.RowsAffected})
	})
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// endAll ends the sessions of an account, in the transaction of what makes
// them worthless, but the one to keep; 0 keeps none.
func endAll(tx *gorm.DB, account, keep int64) error {
	return tx.Where("kind = ? AND owner_id = ? AND id <> ?", StaffSession, account, keep).Delete(&Session{}).Error
}

// noteOwn notes what somebody did to their own account.
func (s *Staff) noteOwn(tx *gorm.DB, account int64, action string, after map[string]any) error {
	d := audit.Deed{Action: action, Subject: "staff", SubjectID: account}
	if after != nil {
		d.After = after
	}
	return s.Trail.Note(tx, audit.Actor{Kind: audit.Staff, ID: account}, d)
}

// Sweep deletes what is over: sessions, ceremonies, and invitations that ran
// out a month ago.
func (s *Staff) Sweep(ctx context.Context) error {
	now := s.Now()
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return errors.Join(
			tx.Where("expires_at <= ? OR seen_at <= ?", now.UnixMilli(), now.Add(-idleLife).UnixMilli()).Delete(&Session{}).Error,
			tx.Where("expires_at <= ?", now.UnixMilli()).Delete(&ceremony{}).Error,
			tx.Where("expires_at <= ?", now.Add(-keepInvitation).UnixMilli()).Delete(&Invitation{}).Error)
	})
	if err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	return nil
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
