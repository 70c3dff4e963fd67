package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Query is what somebody asks of the trail. Empty fields ask nothing.
type Query struct {
	ActorKind string
	ActorID   int64
	Group     string // of actions: what stands before the dot, as application
	Subject   string
	SubjectID int64
	From, To  int64 // Unix milliseconds; To is the first moment not wanted
	Actions   []string
	Without   []string // actions not wanted
}

// Key is an entry's place in the trail.
type Key struct{ At, ID int64 }

// Older narrows a query to rows before the key, which have their time in a
// column and an id; a zero key leaves all of them.
func (k Key) Older(db *gorm.DB, at string) *gorm.DB {
	if k == (Key{}) {
		return db
	}
	return db.Where(at+" < ? OR "+at+" = ? AND id < ?", k.At, k.At, k.ID)
}

// Key is where the entry stands.
func (e Entry) Key() Key { return Key{e.At, e.ID} }

// Search lists entries that answer a query, newest first, at most so many:
// those before a key, or from the newest when it is zero.
func (t Trail) Search(ctx context.Context, q Query, before Key, most int) ([]Entry, error) {
	db := q.where(t.Store.Read(ctx))
	db = before.Older(db, "at")
	var rows []Entry
	if err := db.Order("at DESC, id DESC").Limit(most).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("search the audit trail: %w", err)
	}
	return rows, nil
}

func (q Query) where(db *gorm.DB) *gorm.DB {
	for _, c := range []struct {
		asked bool
		sql   string
		value any
	}{
		{q.ActorKind != "", "actor_kind = ?", q.ActorKind},
		{q.ActorID != 0, "actor_id = ?", q.ActorID},
		{q.Group != "", `action LIKE ? ESCAPE '\'`, likeLiteral.Replace(q.Group) + ".%"},
		{q.Subject != "", "subject = ?", q.Subject},
		{q.SubjectID != 0, "subject_id = ?", q.SubjectID},
		{q.From != 0, "at >= ?", q.From},
		{q.To != 0, "at < ?", q.To},
		{q.Actions != nil, "action IN ?", q.Actions},
		{q.Without != nil, "action NOT IN ?", q.Without},
	} {
		if c.asked {
			db = db.Where(c.sql, c.value)
		}
	}
	return db
}

var likeLiteral = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// Groups are those of the actions in the trail, in alphabetical order.
func (t Trail) Groups(ctx context.Context) ([]string, error) {
	var actions []string
	if err := t.Store.Read(ctx).Model(&Entry{}).Distinct().Order("action").Pluck("action", &actions).Error; err != nil {
		return nil, fmt.Errorf("list the actions of the audit trail: %w", err)
	}
	for i, a := range actions {
		actions[i], _, _ = strings.Cut(a, ".")
	}
	slices.Sort(actions)
	return slices.Compact(actions), nil
}
