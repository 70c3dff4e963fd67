package registry

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/seal"
)

// State is where an application stands.
type State string

// The states of an application.
const (
	Draft             State = "draft"
	Submitted         State = "submitted" // its e-mail address is not confirmed yet
	Verified          State = "verified"
	InReview          State = "in_review"
	NeedsInfo         State = "needs_info"
	Approved          State = "approved"
	Declined          State = "declined"
	WithdrawnByOrigin State = "withdrawn"
)

// States in the order of an application's life.
var States = []State{Draft, Submitted, Verified, InReview, NeedsInfo, Approved, Declined, WithdrawnByOrigin}

// Waiting are the states in which staff have something to do.
var Waiting = []State{Verified, InReview}

// moves is the one table of what may follow what.
var moves = map[State][]State{
	Draft:     {Submitted, WithdrawnByOrigin},
	Submitted: {Verified, Declined, WithdrawnByOrigin},
	Verified:  {InReview, Approved, Declined, WithdrawnByOrigin},
	InReview:  {NeedsInfo, Approved, Declined, WithdrawnByOrigin},
	NeedsInfo: {InReview, Approved, Declined, WithdrawnByOrigin},
}

// May says whether an application may go from one state to another.
func May(from, to State) bool { return slices.Contains(moves[from], to) }

// ErrMoved answers when an application is not where the caller saw it any
// more, so that this move cannot be made.
var ErrMoved = fault.New(fault.Conflict, "application.moved")

// move is the only place where an application changes its state. It takes
// the row as read in this transaction; columns are what else changes. Of two
// at once one wins, the other gets ErrMoved.
func (r *Registry) move(tx *gorm.DB, a *Application, to State, by audit.Actor, columns map[string]any) error {
	if !May(a.State, to) {
		return ErrMoved
	}
	if a.MergedInto != 0 && to != Verified && to != WithdrawnByOrigin { // these are the applicant's own
		return ErrMerged
	}
	set := map[string]any{"state": to}
	maps.Copy(set, columns)
	if err := r.revise(tx, a, set); err != nil {
		return err
	}
	from := a.State
	a.State = to
	if to == Declined || to == WithdrawnByOrigin {
		if err := r.standAlone(tx, a, by); err != nil {
			return err
		}
	}
	return r.deed(tx, a, by, string(to), map[string]any{"state": from}, map[string]any{"state": to})
}

// revise changes columns of an application as it was read in this
// transaction. It makes a new version, so that nobody decides about what they
// have not seen; who comes second gets ErrMoved.
func (r *Registry) revise(tx *gorm.DB, a *Application, columns map[string]any) error {
	set := map[string]any{"version": a.Version + 1}
	maps.Copy(set, columns)
	res := tx.Model(&Application{}).Where("id = ? AND state = ? AND version = ?", a.ID, a.State, a.Version).Updates(set)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return ErrMoved
	}
	a.Version++
	return nil
}

// deed notes what was done to an application in the audit trail.
func (r *Registry) deed(tx *gorm.DB, a *Application, by audit.Actor, what string, before, after any) error {
	return r.Trail.Note(tx, by, audit.Deed{Action: "application." + what, Subject: "application", SubjectID: a.ID, Before: before, After: after})
}

// applicant is who acts on the pages behind an applicant's links.
var applicant = audit.Actor{Kind: audit.Applicant}

// change runs one deed on an application in one transaction.
func (r *Registry) change(ctx context.Context, id int64, do func(tx *gorm.DB, a *Application) error) (*Application, error) {
	return r.changeRead(ctx, func(ctx context.Context) (*Application, error) { return r.Application(ctx, id) }, do)
}

// changeLinked is change for who holds a link. ErrForgotten, ErrReplaced.
func (r *Registry) changeLinked(ctx context.Context, t seal.Token, do func(tx *gorm.DB, a *Application) error) (*Application, error) {
	return r.changeRead(ctx, func(ctx context.Context) (*Application, error) { return r.Linked(ctx, t) }, do)
}

func (r *Registry) changeRead(ctx context.Context, read func(ctx context.Context) (*Application, error), do func(tx *gorm.DB, a *Application) error) (*Application, error) {
	var a *Application
	err := r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		var err error
		if a, err = read(ctx); err != nil {
			return err
		}
		return do(tx, a)
	})
	if err != nil {
		return nil, fmt.Errorf("change an application: %w", err)
	}
	r.Mailed()
	return a, nil
}

// Next are the states that may follow one; none when it is the end.
func Next(state State) []State { return moves[state] }
