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
)

// Kinds of sessions.
const (
	StaffSession  = "staff"
	PortalSession = "portal"
)

// Lives of sessions: without use, and in all.
const (
	idleLife     = 2 * time.Hour
	absoluteLife = 12 * time.Hour
	// seenEvery bounds how often the time of last use is written.
	seenEvery = time.Minute
)

// Session is a row: somebody signed in. Only the hash of its token is stored.
type Session struct {
	ID        int64
	TokenHash []byte
	Kind      string
	OwnerID   int64
	CreatedAt int64
	SeenAt    int64
	ExpiresAt int64
}

// ErrNoSession says that nobody is signed in with this token.
var ErrNoSession = errors.New("no such session")

// Begin makes a session for its owner, a staff account or a representative,
// and returns the token for the cookie: 32 random bytes in base64url.
func (s *Staff) Begin(ctx context.Context, kind string, owner int64) (string, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	token := base64.RawURLEncoding.EncodeToString(raw)
	now := s.Now()
	row := Session{ID: s.Store.NewID(), TokenHash: hash(token), Kind: kind, OwnerID: owner,
		CreatedAt: now.UnixMilli(), SeenAt: now.UnixMilli(), ExpiresAt: now.Add(absoluteLife).UnixMilli()}
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return tx.Create(&row).Error })
	if err != nil {
		return "", fmt.Errorf("begin session: %w", err)
	}
	return token, nil
}

// Session finds a session that is neither idle nor expired. ErrNoSession.
func (s *Staff) Session(ctx context.Context, kind, token string) (*Session, error) {
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
	if row.SeenAt <= now.Add(-seenEvery).UnixMilli() {
		err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
			return tx.Model(&Session{}).Where("id = ?", row.ID).Update("seen_at", now.UnixMilli()).Error
		})
		if err != nil {
			return nil, fmt.Errorf("note that a session is used: %w", err)
		}
	}
	return &row, nil
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

// Sweep deletes sessions that are over.
func (s *Staff) Sweep(ctx context.Context) error {
	now := s.Now()
	err := s.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Where("expires_at <= ? OR seen_at <= ?", now.UnixMilli(), now.Add(-idleLife).UnixMilli()).Delete(&Session{}).Error
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
