package appeal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// States of a message of solidarity.
const (
	MessageWaiting = "waiting"
	MessageShown   = "shown"
	MessageRefused = "refused"
)

// wasRenamed is the state, for taking a decision back, of one that was shown
// beside a name nobody had looked at.
const wasRenamed = "renamed"

// MessageReasons are why a message is refused, in the order of the desk's keys.
func MessageReasons() []string {
	return []string{"contact", "insult", "advert", "person", "elsewhere", "unclear"}
}

// Message is words of solidarity, from a person who signed or from a partner.
type Message struct {
	ID          int64
	AppealID    int64
	SignatureID int64
	PartnerID   int64 // whose it is, or through whom the person came; 0 for nobody
	Country     string
	Lang        string
	Body        string
	State       string
	CreatedAt   int64
	DecidedAt   int64
	DecidedBy   int64
	Renamed     bool   // the name beside it is another than the moderator saw
	Version     int64  // of what a moderator looks at
	Reason      string // why it is refused
	Was         string
	Marks       string // see Marked
	Marking     int64
	Person      string        `gorm:"-"` // the name, when the person wants it shown
	Own         bool          `gorm:"-"` // the words are the partner's
	Said        []Translation `gorm:"-"` // the newest in each language
}

// Marked are the kinds of contact data that were found in a message.
func (m Message) Marked() []string { return strings.Fields(m.Marks) }

// Undoable says whether its last decision can still be taken back.
func (m Message) Undoable(now time.Time) bool {
	return m.Was != "" && now.Sub(time.UnixMilli(m.DecidedAt)) < undoMessage
}

// undoMessage is how long a decision can be taken back.
const undoMessage = time.Minute

// Faults of deciding.
var (
	// ErrNoMessage answers for a message that does not exist any more.
	ErrNoMessage = fault.New(fault.NotFound, "error.not_found")
	// ErrMessageMoved: it is another than the moderator saw, or was decided about.
	ErrMessageMoved = fault.New(fault.Conflict, "console.wall.moved")
	// ErrMessageKept: the minute is over.
	ErrMessageKept   = fault.New(fault.Conflict, "console.wall.too_late")
	errMessageReason = fault.New(fault.Invalid, "console.wall.no_reason")
)

// Ruling is what a moderator decides about a message as it was seen.
type Ruling struct {
	Message int64
	Version int64  // of the message on the moderator's page
	State   string // MessageShown or MessageRefused
	Reason  string // of a refusal
	Lang    string // the message is in; "" for the one it has
}

// Decide shows or refuses a message. ErrNoMessage, ErrMessageMoved; Invalid
// for a refusal without a reason, at the field reason.
func (m *Messages) Decide(ctx context.Context, r Ruling, by audit.Actor) error {
	var after any
	switch {
	case r.State == MessageShown:
		r.Reason = ""
	case slices.Contains(MessageReasons(), r.Reason):
		after = map[string]string{"reason": r.Reason}
	default:
		refused := fault.Fields{}
		refused.Add("reason", errMessageReason)
		return refused.Err()
	}
	return m.turn(ctx, r.Message, by, func(tx *gorm.DB, old Message) (audit.Deed, error) {
		if old.Version != r.Version {
			return audit.Deed{}, ErrMessageMoved
		}
		was := old.State
		if old.Renamed {
			was = wasRenamed
		}
		if r.Lang == "" {
			r.Lang = old.Lang
		}
		return audit.Deed{Action: "message." + r.State, After: after}, tx.Updates(map[string]any{
			"state": r.State, "lang": r.Lang, "reason": r.Reason, "was": was, "renamed": false, "version": old.Version + 1,
			"decided_at": tx.NowFunc().UnixMilli(), "decided_by": by.ID,
		}).Error
	})
}

// Undo takes the last decision about a message back, within a minute.
// ErrNoMessage, ErrMessageKept.
func (m *Messages) Undo(ctx context.Context, id int64, by audit.Actor) error {
	return m.turn(ctx, id, by, func(tx *gorm.DB, old Message) (audit.Deed, error) {
		if !old.Undoable(tx.NowFunc()) || old.DecidedBy != by.ID {
			return audit.Deed{}, ErrMessageKept
		}
		state := old.Was
		if state == wasRenamed {
			state = MessageShown
		}
		return audit.Deed{Action: "message.undone", Before: map[string]string{"state": old.State}, After: map[string]string{"state": state}},
			tx.Updates(map[string]any{"state": state, "renamed": old.Was == wasRenamed, "was": "", "reason": "", "version": old.Version + 1}).Error
	})
}

// turn runs one change of a message in a transaction; do gets the row to
// change, locked, and says what is noted of it.
func (m *Messages) turn(ctx context.Context, id int64, by audit.Actor, do func(tx *gorm.DB, old Message) (audit.Deed, error)) error {
	var change store.Change
	err := m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		old, err := m.lock(tx, id)
		if err != nil {
			return err
		}
		deed, err := do(tx.Model(&Message{}).Where("id = ?", id), old)
		if err != nil {
			return fmt.Errorf("change message %d: %w", id, err)
		}
		deed.Subject, deed.SubjectID = "message", id
		if err := (audit.Trail{Store: m.store}).Note(tx, by, deed); err != nil {
			return err
		}
		change, err = store.Bump(tx, store.TopicMessages)
		return err
	})
	if err != nil {
		return err
	}
	return m.renew(ctx, id, change.N)
}

// lock reads a message of a person for a change; on PostgreSQL it locks the
// row, on SQLite the transaction is alone anyway. ErrNoMessage.
func (m *Messages) lock(tx *gorm.DB, id int64) (Message, error) {
	query := "SELECT * FROM messages WHERE id = ?"
	if m.store.Postgres() {
		query += " FOR UPDATE"
	}
	var rows []Message
	if err := tx.Raw(query, id).Scan(&rows).Error; err != nil {
		return Message{}, fmt.Errorf("read message %d: %w", id, err)
	}
	if len(rows) == 0 {
		return Message{}, ErrNoMessage
	}
	return rows[0], nil
}
