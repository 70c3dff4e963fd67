package appeal

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// spoken is the condition for messages of who is counted, and of partners.
// Those of signatures that are held or invalid wait with these, unseen.
const spoken = "(signature_id = 0 OR EXISTS (SELECT 1 FROM signatures s WHERE s.id = messages.signature_id AND s.state = 'counted'))"

// Lists of the moderators' desk.
const (
	ListWaiting  = "waiting"  // to be looked at, oldest first
	ListMarked   = "marked"   // those of them in which contact data were found
	ListShown    = "shown"    // newest first
	ListRefused  = "refused"  // newest first
	ListPartners = "partners" // words of partners, newest first
)

// MessageLists are all, in the order of the desk.
func MessageLists() []string {
	return []string{ListWaiting, ListMarked, ListShown, ListRefused, ListPartners}
}

// rowsOf are the conditions of each list, word for word those of an index: a
// list is what answers one of them.
var rowsOf = map[string][]string{
	ListWaiting: {"state = 'waiting'", "renamed"},
	ListMarked:  {"state = 'waiting' AND marks <> ''"},
	ListShown:   {"state = 'shown'"},
	ListRefused: {"state = 'refused'"},
}

// oldestFirst are the lists of what waits.
func oldestFirst(list string) bool { return list == ListWaiting || list == ListMarked }

// Desk reads a list behind a key; from its start for a zero one. More says
// that it goes on.
func (m *Messages) Desk(ctx context.Context, list string, behind MessageKey, most int) (rows []Message, more bool, err error) {
	db := m.store.Read(ctx)
	if list == ListPartners {
		rows = m.ofPartners(behind)
	} else if rows, err = m.queue(db, list, behind, most+1); err != nil {
		return nil, false, err
	}
	if more = len(rows) > most; more {
		rows = rows[:most]
	}
	return rows, more, translate(db, rows)
}

func (m *Messages) ofPartners(behind MessageKey) []Message {
	var rows []Message
	for _, p := range m.wall.Load().own {
		if behind == (MessageKey{}) || newer(p.Key(), behind) > 0 {
			rows = append(rows, p)
		}
	}
	slices.SortFunc(rows, func(a, b Message) int { return newer(a.Key(), b.Key()) })
	return rows
}

func (m *Messages) queue(db *gorm.DB, list string, behind MessageKey, most int) ([]Message, error) {
	order, beyond := "created_at DESC, id DESC", "(created_at, id) < (?, ?)"
	if oldestFirst(list) {
		order, beyond = "created_at, id", "(created_at, id) > (?, ?)"
	}
	var rows []Message
	for _, condition := range rowsOf[list] {
		which := db.Where(condition).Where(spoken).Order(order).Limit(most)
		if behind != (MessageKey{}) {
			which = which.Where(beyond, behind.At, behind.ID)
		}
		some, err := m.list(db, which)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	slices.SortFunc(rows, func(a, b Message) int {
		if oldestFirst(list) {
			return newer(b.Key(), a.Key())
		}
		return newer(a.Key(), b.Key())
	})
	return rows[:min(len(rows), most)], nil
}

// mostCounted is up to where the desk counts what waits.
const mostCounted = 1000

// Waits counts a list of what waits, up to 1,000.
func (m *Messages) Waits(ctx context.Context, list string) (int64, error) {
	var n int64
	for _, condition := range rowsOf[list] {
		var some int64
		err := m.store.Read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 AS one FROM messages WHERE "+condition+" AND "+spoken+" LIMIT ?) AS part", mostCounted).Scan(&some).Error
		if err != nil {
			return 0, fmt.Errorf("count messages: %w", err)
		}
		n += some
	}
	return min(n, mostCounted), nil
}

// Find reads one message whatever its state, a partner's too. ErrNoMessage.
func (m *Messages) Find(ctx context.Context, id int64) (Message, error) {
	db := m.store.Read(ctx)
	var rows []Message
	if own, ok := m.wall.Load().own[id]; ok {
		rows = []Message{own}
	} else {
		var err error
		if rows, err = m.list(db, db.Where("id = ?", id)); err != nil {
			return Message{}, err
		}
	}
	if len(rows) == 0 {
		return Message{}, ErrNoMessage
	}
	return rows[0], translate(db, rows)
}

// list reads messages with the names that may be shown.
func (m *Messages) list(db, which *gorm.DB) ([]Message, error) {
	rows := []Message{}
	if err := which.Find(&rows).Error; err != nil {
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
