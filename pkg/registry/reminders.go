package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// remindAfter is when an applicant is reminded of an address not confirmed.
var remindAfter = []time.Duration{2 * 24 * time.Hour, 5 * 24 * time.Hour}

// program is who does what nobody asked for.
var program = audit.Actor{Kind: audit.Program}

// tendAtOnce is how many rows are looked up at a time; each is then changed
// in a transaction of its own.
const tendAtOnce = 200

// Remind mails those who have not confirmed their address after two and after
// five days, once each, and says how many.
func (r *Registry) Remind(ctx context.Context) (int, error) {
	now := r.Now().UnixMilli()
	n, err := r.tend(ctx, func(db *gorm.DB) *gorm.DB {
		due := db.Where("1 = 0")
		for sent, after := range remindAfter {
			due = due.Or("reminders = ? AND submitted_at <= ?", sent, now-after.Milliseconds())
		}
		return db.Where("state = ?", Submitted).Where(due)
	}, r.remind)
	if err != nil {
		return n, fmt.Errorf("remind applicants: %w", err)
	}
	return n, nil
}

func (r *Registry) remind(tx *gorm.DB, a *Application) error {
	due := int64(0)
	for _, after := range remindAfter {
		if a.SubmittedAt <= r.Now().UnixMilli()-after.Milliseconds() {
			due++
		}
	}
	// No new version: staff who look at it have seen all there is.
	res := tx.Model(&Application{}).Where("id = ? AND state = ? AND reminders = ?", a.ID, Submitted, a.Reminders).Update("reminders", due)
	if res.Error != nil || res.RowsAffected == 0 {
		return errors.Join(res.Error, ErrMoved)
	}
	if err := r.write(tx, a, outbox.ApplicationReminder, r.confirmLink(a), nil); err != nil {
		return err
	}
	return r.deed(tx, a, program, "reminded", nil, map[string]any{"reminders": due})
}

// Forget deletes drafts and applications that were not sent in or confirmed
// within fourteen days, with all that hangs on them, and says how many. Of
// each only the entries in the audit trail stay, which name nobody.
func (r *Registry) Forget(ctx context.Context) (int, error) {
	now := r.Now()
	n, err := r.tend(ctx, func(db *gorm.DB) *gorm.DB {
		return db.Where(db.Where("state = ? AND created_at <= ?", Draft, now.Add(-DraftLife).UnixMilli()).
			Or("state = ? AND submitted_at <= ?", Submitted, now.Add(-ConfirmLife).UnixMilli()).
			Or("state IN ? AND verified_at = 0 AND created_at <= ?", []State{WithdrawnByOrigin, Declined}, now.Add(-ConfirmLife).UnixMilli()))
	}, r.forget)
	if err != nil {
		return n, fmt.Errorf("forget applications: %w", err)
	}
	return n, nil
}

// belongings are the rows that hang on an application, by table.
var belongings = []struct{ table, where string }{
	{"images", "owner = 'application' AND owner_id = ?"},
	{"notes", "subject = 'application' AND subject_id = ?"},
	{"letters", "subject = 'application' AND subject_id = ?"},
	{"profile_versions", "subject = 'application' AND subject_id = ?"},
	{"decisions", "application_id = ?"},
	{"readings", "application_id = ?"},
	{"proofs", "application_id = ?"},
	{"vouches", "application_id = ?"},
}

func (r *Registry) forget(tx *gorm.DB, a *Application) error {
	res := tx.Where("id = ? AND state = ? AND version = ?", a.ID, a.State, a.Version).Delete(&Application{})
	if res.Error != nil || res.RowsAffected == 0 {
		return errors.Join(res.Error, ErrMoved)
	}
	for _, b := range belongings {
		if err := tx.Exec("DELETE FROM "+b.table+" WHERE "+b.where, a.ID).Error; err != nil {
			return fmt.Errorf("delete from %s: %w", b.table, err)
		}
	}
	if err := tx.Model(&Application{}).Where("merged_into = ?", a.ID).Update("merged_into", 0).Error; err != nil {
		return err
	}
	if err := r.discard(tx, a); err != nil {
		return err
	}
	return r.deed(tx, a, program, "forgotten", map[string]any{"state": a.State}, nil)
}

// tend finds the applications that some work is due for and does it to each.
// Somebody else may be quicker; that is no error.
func (r *Registry) tend(ctx context.Context, due func(db *gorm.DB) *gorm.DB, work func(tx *gorm.DB, a *Application) error) (int, error) {
	done, after := 0, int64(0)
	for {
		var ids []int64
		db := r.Store.Read(ctx).Session(&gorm.Session{NewDB: true})
		err := due(db).Model(&Application{}).Where("id > ?", after).Order("id").Limit(tendAtOnce).Pluck("id", &ids).Error
		if err != nil {
			return done, err
		}
		for _, id := range ids {
			after = id
			switch _, err := r.change(ctx, id, work); {
			case err == nil:
				done++
			case !errors.Is(err, ErrMoved) && !errors.Is(err, ErrNoApplication):
				return done, err
			}
		}
		if len(ids) < tendAtOnce {
			return done, nil
		}
	}
}

// discard takes the letters about an application that wait for its contact
// out of the outbox. Its links tell which they are.
func (r *Registry) discard(tx *gorm.DB, a *Application) error {
	return r.Outbox.Discard(tx, a.EmailKey, func(e outbox.Envelope) bool {
		for _, part := range append(strings.Split(e.Action, "/"), strings.Split(e.Manage, "/")...) {
			for _, purpose := range []seal.Purpose{seal.ViewApplication, seal.ConfirmApplication, seal.ContinueDraft} {
				// An old link is refused with what it said.
				if t, _ := r.Keys.Parse(purpose, part, r.Now()); t.Row == a.ID {
					return true
				}
			}
		}
		return false
	})
}
