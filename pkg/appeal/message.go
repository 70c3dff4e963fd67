package appeal

import (
	"context"
	"fmt"
	"sync/atomic"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/store"
)

// States of a message of solidarity.
const (
	MessageWaiting = "waiting"
	MessageShown   = "shown"
	MessageRefused = "refused"
)

// Message is words of solidarity, from a person who signed or from a partner.
type Message struct {
	ID          int64
	AppealID    int64
	SignatureID int64
	PartnerID   int64
	Country     string
	Lang        string
	Body        string
	State       string
	CreatedAt   int64
	DecidedAt   int64
	DecidedBy   int64
	Renamed     bool   // the name beside it is another than the moderator saw
	Person      string `gorm:"-"` // the name, when the person wants it shown
}

// mostShown is how many messages are kept in memory for the public pages.
const mostShown = 500

// Messages moderates messages and keeps those shown in memory, newest first.
// Safe for concurrent use.
type Messages struct {
	store *store.Store
	keys  *seal.Keys
	shown atomic.Pointer[[]Message]
}

// LoadMessages reads the messages that are shown.
func LoadMessages(ctx context.Context, s *store.Store, k *seal.Keys) (*Messages, error) {
	m := &Messages{store: s, keys: k}
	return m, m.Reload(ctx)
}

// Shown are the messages visitors may read, newest first.
func (m *Messages) Shown() []Message { return *m.shown.Load() }

// Reload reads them anew.
func (m *Messages) Reload(ctx context.Context) error {
	rows, err := m.List(ctx, MessageShown, mostShown)
	if err != nil {
		return err
	}
	m.shown.Store(&rows)
	return nil
}

// spoken is the condition for messages of who is counted, and of partners.
// Those of signatures that are held or invalid wait with these, unseen.
const spoken = "(signature_id = 0 OR EXISTS (SELECT 1 FROM signatures s WHERE s.id = messages.signature_id AND s.state = 'counted'))"

// List returns messages of a state, newest first, with the names that may be
// shown.
func (m *Messages) List(ctx context.Context, state string, most int) ([]Message, error) {
	return m.list(m.store.Read(ctx), m.store.Read(ctx).Where("state = ?", state).Where(spoken), most)
}

// Queue returns the messages a moderator has to look at, newest first: those
// that wait, and those shown beside which a name has come or changed since.
func (m *Messages) Queue(ctx context.Context, most int) ([]Message, error) {
	return m.list(m.store.Read(ctx), m.store.Read(ctx).Where("(state = ? OR (state = ? AND renamed))", MessageWaiting, MessageShown).Where(spoken), most)
}

func (m *Messages) list(db, which *gorm.DB, most int) ([]Message, error) {
	rows := []Message{}
	if err := which.Order("created_at DESC, id DESC").Limit(most).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	ids := make([]int64, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.SignatureID)
	}
	var signed []Signature
	if err := db.Select("id", "name", "consents").Where("id IN ?", ids).Find(&signed).Error; err != nil {
		return nil, fmt.Errorf("find who wrote messages: %w", err)
	}
	names := map[int64]string{}
	for _, s := range signed {
		if !s.Consents.Has(ConsentShowName) {
			continue
		}
		name, err := m.keys.Open(sealedName, s.ID, s.Name)
		if err != nil {
			return nil, err
		}
		names[s.ID] = string(name)
	}
	for i := range rows {
		rows[i].Person = names[rows[i].SignatureID]
	}
	return rows, nil
}

// ErrNoMessage answers for a message that does not exist any more.
var ErrNoMessage = fault.New(fault.NotFound, "error.not_found")

// Decide shows or refuses a message. ErrNoMessage.
func (m *Messages) Decide(ctx context.Context, id int64, state string, by audit.Actor) error {
	err := m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Model(&Message{}).Where("id = ?", id).Updates(map[string]any{
			"state": state, "decided_at": tx.NowFunc().UnixMilli(), "decided_by": by.ID, "renamed": false,
		})
		if res.Error != nil {
			return fmt.Errorf("decide message %d: %w", id, res.Error)
		}
		if res.RowsAffected == 0 {
			return ErrNoMessage
		}
		err := audit.Trail{Store: m.store}.Note(tx, by, audit.Deed{Action: "message." + state, Subject: "message", SubjectID: id})
		if err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicMessages)
		return err
	})
	if err != nil {
		return err
	}
	return m.Reload(ctx)
}
