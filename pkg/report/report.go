// Package report keeps what visitors say about a partner's listing or a
// message on the wall that should not stand there, until staff have decided.
// A report has a reason and, if its writer wants, some words; nothing in it
// says who wrote it. What becomes of its subject is for other packages.
package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// What a report can be about.
const (
	OfPartner = "partner"
	OfMessage = "message"
)

// States of a report.
const (
	Open      = "open"
	Dismissed = "dismissed" // nothing is wrong with its subject
	Upheld    = "upheld"    // something was done about it
)

// Kept is how long a report stays after the decision.
const Kept = 90 * 24 * time.Hour

// mostOpen is how many open reports about one subject are kept: what more
// there are says nothing new to staff, and would only fill the disk.
const mostOpen = 50

// reasons are those a visitor chooses from, by what is reported.
var reasons = map[string][]string{
	OfPartner: {"impostor", "no_support", "harmful", "wrong", "else"},
	OfMessage: {"insult", "contact", "person", "advert", "else"},
}

// Reasons are those for reports about a kind of subject.
func Reasons(subject string) []string { return reasons[subject] }

// Report is a row.
type Report struct {
	ID        int64
	Subject   string
	SubjectID int64
	Reason    string
	Words     string
	Lang      string // of the page it was written on
	State     string
	CreatedAt int64
	DecidedAt int64
	DecidedBy int64
}

// Form is what a visitor sends.
type Form struct {
	Subject   string
	SubjectID int64
	Reason    string
	Words     string
	Lang      string
}

// Reports keeps them.
type Reports struct {
	Store *store.Store
	Trail audit.Trail
	Now   func() time.Time
}

// Faults of reports.
var (
	// ErrMoved: somebody else has decided, or there never was a report.
	ErrMoved        = fault.New(fault.Conflict, "reports.moved")
	errReasonNeeded = fault.New(fault.Invalid, "report.reason_required")
)

// File keeps a report. Invalid at the fields reason and words.
func (r *Reports) File(ctx context.Context, f Form) error {
	refused := fault.Fields{}
	if !slices.Contains(Reasons(f.Subject), f.Reason) {
		refused.Add("reason", errReasonNeeded)
	}
	words, err := plaintext.Clean(f.Words, plaintext.Message)
	refused.Add("words", err)
	if err := refused.Err(); err != nil {
		return err
	}
	err = r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var open int64
		err := tx.Raw("SELECT COUNT(*) FROM (SELECT 1 AS one FROM reports WHERE state = 'open' AND subject = ? AND subject_id = ? LIMIT ?) AS part",
			f.Subject, f.SubjectID, mostOpen).Scan(&open).Error
		if err != nil || open >= mostOpen {
			return err
		}
		return tx.Create(&Report{ID: r.Store.NewID(), Subject: f.Subject, SubjectID: f.SubjectID, Reason: f.Reason, Words: words, Lang: f.Lang,
			State: Open, CreatedAt: r.Now().UnixMilli()}).Error
	})
	if err != nil {
		return fmt.Errorf("file a report about %s %d: %w", f.Subject, f.SubjectID, err)
	}
	return nil
}

// Case is all reports of a state about one subject.
type Case struct {
	Subject   string
	SubjectID int64
	N         int64
	First     int64 // when the first came
	Last      int64 // id of the newest
	DecidedAt int64
	DecidedBy int64
}

// mostCases is how many cases are listed.
const mostCases = 100

// Cases lists cases: open ones, the longest waiting first, or those decided,
// the newest first.
func (r *Reports) Cases(ctx context.Context, state string) ([]Case, error) {
	order := "first, last"
	if state != Open {
		order = "decided_at DESC, last DESC"
	}
	var cases []Case
	err := r.Store.Read(ctx).Raw("SELECT subject, subject_id, COUNT(*) AS n, MIN(created_at) AS first, MAX(id) AS last, MAX(decided_at) AS decided_at, MAX(decided_by) AS decided_by"+
		" FROM reports WHERE state = ? GROUP BY subject, subject_id ORDER BY "+order+" LIMIT ?", state, mostCases).Scan(&cases).Error
	if err != nil {
		return nil, fmt.Errorf("list %s reports: %w", state, err)
	}
	return cases, nil
}

// Of reads the reports of a state about one subject, oldest first.
func (r *Reports) Of(ctx context.Context, subject string, id int64, state string) ([]Report, error) {
	var rows []Report
	err := r.Store.Read(ctx).Where("subject = ? AND subject_id = ? AND state = ?", subject, id, state).Order("created_at, id").Limit(mostOpen).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the reports about %s %d: %w", subject, id, err)
	}
	return rows, nil
}

// Waiting counts the subjects about which something is open, up to a hundred.
func (r *Reports) Waiting(ctx context.Context) (int64, error) {
	var n int64
	err := r.Store.Read(ctx).Raw("SELECT COUNT(*) FROM (SELECT DISTINCT subject, subject_id FROM reports WHERE state = 'open' LIMIT ?) AS part", mostCases).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count open reports: %w", err)
	}
	return n, nil
}

// Verdict closes the open reports about a subject that came no later than Last,
// which is the newest that was read.
type Verdict struct {
	Subject   string
	SubjectID int64
	Last      int64
	State     string // Dismissed or Upheld
}

// Decide closes a case. ErrMoved when nothing of it is open.
func (r *Reports) Decide(ctx context.Context, v Verdict, by audit.Actor) error {
	return r.turn(ctx, v.State, v, by, func(tx *gorm.DB) *gorm.DB {
		return tx.Where("state = ? AND id <= ?", Open, v.Last).Updates(map[string]any{"state": v.State, "decided_at": tx.NowFunc().UnixMilli(), "decided_by": by.ID})
	})
}

// Reopen opens a decided case again. ErrMoved.
func (r *Reports) Reopen(ctx context.Context, subject string, id int64, by audit.Actor) error {
	return r.turn(ctx, "reopened", Verdict{Subject: subject, SubjectID: id}, by, func(tx *gorm.DB) *gorm.DB {
		return tx.Where("state <> ?", Open).Updates(map[string]any{"state": Open, "decided_at": 0, "decided_by": 0})
	})
}

func (r *Reports) turn(ctx context.Context, deed string, v Verdict, by audit.Actor, do func(tx *gorm.DB) *gorm.DB) error {
	if Reasons(v.Subject) == nil {
		return ErrMoved // there are no reports about such
	}
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := do(tx.Model(&Report{}).Where("subject = ? AND subject_id = ?", v.Subject, v.SubjectID))
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return ErrMoved
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "report." + deed, Subject: v.Subject, SubjectID: v.SubjectID, After: map[string]any{"reports": res.RowsAffected}})
	})
	if err != nil {
		return fmt.Errorf("decide the reports about %s %d: %w", v.Subject, v.SubjectID, err)
	}
	return nil
}

// Forget deletes the reports that were decided long ago, and says how many.
func (r *Reports) Forget(ctx context.Context) (int64, error) {
	var n int64
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		res := tx.Where("state IN ? AND decided_at < ?", []string{Dismissed, Upheld}, r.Now().Add(-Kept).UnixMilli()).Delete(&Report{})
		n = res.RowsAffected
		return res.Error
	})
	if err != nil {
		return 0, fmt.Errorf("forget old reports: %w", err)
	}
	return n, nil
}
