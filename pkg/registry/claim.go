package registry

import (
	"context"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// ErrClaimed answers who would claim what somebody else reads.
var ErrClaimed = fault.New(fault.Conflict, "application.claimed")

// Claim notes that a member of staff reads an application, so that others
// take the next one; an application that only waited comes into review by it,
// and its applicant is told. over takes it from somebody else. Claiming twice
// changes nothing. A claim keeps nobody from deciding. ErrClaimed, ErrMoved.
func (r *Registry) Claim(ctx context.Context, id int64, over bool, by audit.Actor) error {
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		switch {
		case a.ClaimedBy == by.ID:
			return nil
		case a.ClaimedBy != 0 && !over:
			return ErrClaimed
		case !a.Claimable():
			return ErrMoved
		}
		if err := r.setClaim(tx, a, by.ID, by, "application.claimed"); err != nil {
			return err
		}
		if a.State != Verified {
			return nil
		}
		return r.review(tx, a, by, nil)
	})
	return err
}

// Claimable says whether there is something to read for staff, or soon.
func (a *Application) Claimable() bool {
	return a.State == Verified || a.State == InReview || a.State == NeedsInfo
}

// Release gives a claim back. Releasing what one has not claimed changes
// nothing.
func (r *Registry) Release(ctx context.Context, id int64, by audit.Actor) error {
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if a.ClaimedBy != by.ID {
			return nil
		}
		return r.setClaim(tx, a, 0, by, "application.released")
	})
	return err
}

// setClaim writes who reads an application, if that is still as it was read.
func (r *Registry) setClaim(tx *gorm.DB, a *Application, to int64, by audit.Actor, action string) error {
	at := r.Now().UnixMilli()
	if to == 0 {
		at = 0
	}
	res := tx.Model(&Application{}).Where("id = ? AND claimed_by = ?", a.ID, a.ClaimedBy).Updates(map[string]any{"claimed_by": to, "claimed_at": at})
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return ErrClaimed
	}
	err := r.Trail.Note(tx, by, audit.Deed{Action: action, Subject: "application", SubjectID: a.ID,
		Before: map[string]any{"claimed_by": a.ClaimedBy}, After: map[string]any{"claimed_by": to}})
	a.ClaimedBy, a.ClaimedAt = to, at
	return err
}
