// Package audit is the trail of who did what to which and when. It is only
// ever added to. The domains write to it inside the transaction of the deed.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Kinds of actors.
const (
	Staff          = "staff"
	Applicant      = "applicant"
	Representative = "representative"
	Operator       = "operator" // at the command line
	Program        = "program"
	Reader         = "reader" // somebody staff trust, with a link to one application
)

// Actor is who did it. ID is that of the staff account, the representative or
// the reader's link, 0 where there is none.
type Actor struct {
	Kind string
	ID   int64
}

// Entry is one deed. Before and After are JSON and hold nothing personal.
type Entry struct {
	ID        int64
	At        int64
	ActorKind string
	ActorID   int64
	Action    string
	Subject   string
	SubjectID int64
	Before    string
	After     string
}

// TableName names GORM's table.
func (Entry) TableName() string { return "audit_entries" }

// Trail writes and reads entries.
type Trail struct{ Store *store.Store }

// Deed is what is noted: an action such as "application.approved" on one row.
// Before and After are what changed, as values JSON can hold; nil for nothing.
type Deed struct {
	Action, Subject string
	SubjectID       int64
	Before, After   any
}

// Note adds an entry in the transaction of the deed.
func (t Trail) Note(tx *gorm.DB, by Actor, d Deed) error {
	before, err := text(d.Before)
	if err != nil {
		return err
	}
	after, err := text(d.After)
	if err != nil {
		return err
	}
	e := Entry{ID: t.Store.NewID(), At: tx.NowFunc().UnixMilli(), ActorKind: by.Kind, ActorID: by.ID,
		Action: d.Action, Subject: d.Subject, SubjectID: d.SubjectID, Before: before, After: after}
	if err := tx.Create(&e).Error; err != nil {
		return fmt.Errorf("note %s in the audit trail: %w", d.Action, err)
	}
	return nil
}

func text(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write audit value: %w", err)
	}
	return string(b), nil
}

// Newest lists what was done to one row last, at most so much, oldest first.
// More says that there is something before it.
func (t Trail) Newest(ctx context.Context, subject string, id int64, most int) (rows []Entry, more bool, err error) {
	rows, err = t.Search(ctx, Query{Subject: subject, SubjectID: id}, Key{}, most+1)
	if more = len(rows) > most; more {
		rows = rows[:most]
	}
	slices.Reverse(rows)
	return rows, more, err
}

// Since asks what was done to one row behind an entry, by others than one
// actor.
type Since struct {
	Subject   string
	SubjectID int64
	After     int64 // id of an entry; 0 for all
	But       Actor
}

// Latest is the newest entry that answers; one without an id when there is
// none.
func (t Trail) Latest(ctx context.Context, q Since) (Entry, error) {
	var e Entry
	err := t.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND id > ?", q.Subject, q.SubjectID, q.After).
		Where("NOT (actor_kind = ? AND actor_id = ?)", q.But.Kind, q.But.ID).Order("id DESC").Limit(1).Find(&e).Error
	if err != nil {
		return e, fmt.Errorf("read the newest of the audit trail of %s %d: %w", q.Subject, q.SubjectID, err)
	}
	return e, nil
}
