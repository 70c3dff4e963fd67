package registry

import (
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
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
	set := map[string]any{"state": to, "version": a.Version + 1}
	for name, value := range columns {
		set[name] = value
	}
	res := tx.Model(&Application{}).Where("id = ? AND state = ? AND version = ?", a.ID, a.State, a.Version).Updates(set)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return ErrMoved
	}
	from := a.State
	a.State, a.Version = to, a.Version+1
	return r.Trail.Note(tx, by, audit.Deed{Action: "application." + string(to), Subject: "application", SubjectID: a.ID,
		Before: map[string]any{"state": from}, After: map[string]any{"state": to}})
}

// Next are the states that may follow one; none when it is the end.
func Next(state State) []State { return moves[state] }
