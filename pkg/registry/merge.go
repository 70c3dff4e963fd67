package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/store"
)

// Merge lets one row stand for another from now on. It is a pointer and
// nothing else: no row and no count moves, so it can be undone at any time.
// The versions are those of the rows as the decider saw them.
type Merge struct {
	From, Into               int64
	FromVersion, IntoVersion int64
	By                       audit.Actor
}

// Merges can be refused for these reasons.
var (
	ErrMerged    = fault.New(fault.Conflict, "twins.merged")     // one of them is merged already, or something into it
	ErrNoMerge   = fault.New(fault.Conflict, "twins.no_merge")   // one of them is not in a state for it
	ErrNotMerged = fault.New(fault.Conflict, "twins.not_merged") // nothing to undo
)

// pointer is what decides whether a row can be merged.
type pointer struct {
	ID, MergedInto, Version int64
	State                   string
}

// MayMergeApplications says whether the first can be merged into the second:
// it waits for a decision, and the second does or was approved. Whatever
// becomes of the second then is what the first reads on its status page. The
// contact of the first gets no rights by the merge, also not when the second
// is approved: nobody has checked that the two know of each other.
// ErrMerged, ErrNoMerge.
func MayMergeApplications(from, into *Application) error {
	return mayMerge(from.pointer(), into.pointer(), []State{Submitted, Verified, InReview, NeedsInfo}, []State{Verified, InReview, NeedsInfo, Approved})
}

// MayMergePartners says whether the first can be merged into the second,
// which must be active: it takes over the links of the first. ErrMerged,
// ErrNoMerge.
func MayMergePartners(from, into *Partner) error {
	return mayMerge(from.pointer(), into.pointer(), []PartnerState{Active, Paused, Suspended, Left}, []PartnerState{Active})
}

func (a *Application) pointer() pointer {
	return pointer{a.ID, a.MergedInto, a.Version, string(a.State)}
}
func (p *Partner) pointer() pointer { return pointer{p.ID, p.MergedInto, p.Version, string(p.State)} }

func mayMerge[S ~string](from, into pointer, fromStates, intoStates []S) error {
	switch {
	case from.MergedInto != 0 || into.MergedInto != 0:
		return ErrMerged
	case from.ID == into.ID || !slices.Contains(fromStates, S(from.State)) || !slices.Contains(intoStates, S(into.State)):
		return ErrNoMerge
	}
	return nil
}

// MergeApplications lets one application be handled together with another. It
// leaves the inbox; its applicant, if the address is confirmed, is told.
// ErrNoApplication, ErrMoved, ErrMerged, ErrNoMerge.
func (r *Registry) MergeApplications(ctx context.Context, m Merge) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		from, into, err := both[Application](tx, m, ErrNoApplication)
		if err != nil {
			return err
		}
		if err := MayMergeApplications(from, into); err != nil {
			return err
		}
		if err := r.point(tx, subjectApplication, m, from.pointer(), into.pointer()); err != nil {
			return err
		}
		if from.VerifiedAt == 0 {
			return nil // no letter to an address that may be anybody's
		}
		return r.write(tx, from, outbox.ApplicationMerged, r.StatusLink(from), map[string]string{outbox.ArgOther: into.Reference})
	})
	if err != nil {
		return fmt.Errorf("merge application %d into %d: %w", m.From, m.Into, err)
	}
	r.Mailed()
	return nil
}

// MergePartners lets one partner stand for another in public: its pages,
// links and banners lead to and count for it, and their signatures are shown
// as one number. Those who act for either are told. ErrNoPartner, ErrMoved, ErrMerged, ErrNoMerge.
func (r *Registry) MergePartners(ctx context.Context, m Merge) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		from, into, err := both[Partner](tx, m, ErrNoPartner)
		if err != nil {
			return err
		}
		if err := MayMergePartners(from, into); err != nil {
			return err
		}
		if err := r.point(tx, subjectPartner, m, from.pointer(), into.pointer()); err != nil {
			return err
		}
		if err := r.tell(tx, from, Notice{Kind: outbox.PartnerMerged, Other: into.Name}); err != nil {
			return err
		}
		if err := r.tell(tx, into, Notice{Kind: outbox.PartnerJoined, Other: from.Name}); err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicRegister)
		return err
	})
	if err != nil {
		return fmt.Errorf("merge partner %d into %d: %w", m.From, m.Into, err)
	}
	r.Changed()
	r.Mailed()
	return nil
}

// both reads the two rows of a merge, locked in the order of their ids, so
// that two merges at once neither wait in a ring nor make a chain.
func both[Row any](tx *gorm.DB, m Merge, gone error) (from, into *Row, err error) {
	rows := map[int64]*Row{}
	for _, id := range []int64{min(m.From, m.Into), max(m.From, m.Into)} {
		if rows[id], err = locked[Row](tx, id, gone); err != nil {
			return nil, nil, err
		}
	}
	return rows[m.From], rows[m.Into], nil
}

// locked reads a row and lets others wait for it.
func locked[Row any](tx *gorm.DB, id int64, gone error) (*Row, error) {
	row := new(Row)
	err := lock(tx).Where("id = ?", id).Take(row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, gone
	}
	return row, err
}

// tables of the subjects.
var tables = map[string]string{subjectApplication: "applications", subjectPartner: "partners"}

// point sets the pointer, when both are as the decider saw them and nothing
// is merged into the one that goes: a chain would lead nobody anywhere.
func (r *Registry) point(tx *gorm.DB, subject string, m Merge, from, into pointer) error {
	if from.Version != m.FromVersion || into.Version != m.IntoVersion {
		return ErrMoved
	}
	var children int64
	if err := tx.Table(tables[subject]).Where("merged_into = ?", from.ID).Count(&children).Error; err != nil {
		return err
	}
	if children > 0 {
		return ErrMerged
	}
	return r.turn(tx, subject, from, into.ID, m.By)
}

// standAlone ends the merges into an application that ends without a partner:
// those merged into it come back to the desk, each for itself.
func (r *Registry) standAlone(tx *gorm.DB, a *Application, by audit.Actor) error {
	var merged []Application
	if err := tx.Where("merged_into = ?", a.ID).Order("id").Find(&merged).Error; err != nil {
		return err
	}
	for i := range merged {
		if err := r.turn(tx, subjectApplication, merged[i].pointer(), 0, by); err != nil {
			return err
		}
		if err := r.tellUnmerged(tx, &merged[i], a); err != nil {
			return err
		}
	}
	return nil
}

// tellUnmerged tells the applicant, while there is something to wait for and
// the address is confirmed, that the application stands for itself again. Why
// that is may be the other's affair.
func (r *Registry) tellUnmerged(tx *gorm.DB, a, from *Application) error {
	if !a.Open() {
		return nil
	}
	return r.write(tx, a, outbox.ApplicationUnmerged, r.StatusLink(a), map[string]string{outbox.ArgOther: from.Reference})
}

// turn makes a row point elsewhere and notes it.
func (r *Registry) turn(tx *gorm.DB, subject string, from pointer, into int64, by audit.Actor) error {
	res := tx.Table(tables[subject]).Where("id = ? AND version = ? AND merged_into = ?", from.ID, from.Version, from.MergedInto).
		Updates(map[string]any{"merged_into": into, "version": from.Version + 1})
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return ErrMoved
	}
	deed := audit.Deed{Action: subject + ".merged", Subject: subject, SubjectID: from.ID, After: map[string]any{"into": strconv.FormatInt(into, 10)}}
	if into == 0 {
		deed.Action, deed.Before, deed.After = subject+".unmerged", map[string]any{"into": strconv.FormatInt(from.MergedInto, 10)}, nil
	}
	return r.Trail.Note(tx, by, deed)
}

// UnmergeApplication undoes a merge, and tells the applicant; version is that
// of the merged application as the decider saw it. ErrNoApplication, ErrMoved, ErrNotMerged.
func (r *Registry) UnmergeApplication(ctx context.Context, id, version int64, by audit.Actor) error {
	err := r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		a, err := locked[Application](tx, id, ErrNoApplication)
		if err != nil {
			return err
		}
		if err := r.unpoint(tx, subjectApplication, a.pointer(), version, by); err != nil {
			return err
		}
		into, err := r.Application(ctx, a.MergedInto)
		if err != nil {
			return err
		}
		return r.tellUnmerged(tx, a, into)
	})
	if err != nil {
		return fmt.Errorf("undo the merge of application %d: %w", id, err)
	}
	r.Mailed()
	return nil
}

// UnmergePartner does the same for a partner; those who act for either are
// told. ErrNoPartner, ErrMoved,
// ErrNotMerged.
func (r *Registry) UnmergePartner(ctx context.Context, id, version int64, by audit.Actor) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		p, err := locked[Partner](tx, id, ErrNoPartner)
		if err != nil {
			return err
		}
		if err := r.unpoint(tx, subjectPartner, p.pointer(), version, by); err != nil {
			return err
		}
		into := new(Partner)
		if err := tx.Where("id = ?", p.MergedInto).Take(into).Error; err != nil {
			return err
		}
		for _, told := range [][2]*Partner{{p, into}, {into, p}} {
			if err := r.tell(tx, told[0], Notice{Kind: outbox.PartnerUnmerged, Other: told[1].Name}); err != nil {
				return err
			}
		}
		_, err = store.Bump(tx, store.TopicRegister)
		return err
	})
	if err != nil {
		return fmt.Errorf("undo the merge of partner %d: %w", id, err)
	}
	r.Changed()
	r.Mailed()
	return nil
}

func (r *Registry) unpoint(tx *gorm.DB, subject string, from pointer, version int64, by audit.Actor) error {
	switch {
	case from.MergedInto == 0:
		return ErrNotMerged
	case from.Version != version:
		return ErrMoved
	}
	return r.turn(tx, subject, from, 0, by)
}

// Together is the application with which one is handled together; nil if it
// stands for itself.
func (r *Registry) Together(ctx context.Context, a *Application) (*Application, error) {
	if a.MergedInto == 0 {
		return nil, nil
	}
	target, err := r.Application(ctx, a.MergedInto)
	if errors.Is(err, ErrNoApplication) {
		return nil, nil // forgotten since
	}
	return target, err
}

// MergedApplications are those that are merged into one, oldest first.
func (r *Registry) MergedApplications(ctx context.Context, id int64) ([]Application, error) {
	var rows []Application
	err := r.Store.Read(ctx).Where("merged_into = ?", id).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what is merged into application %d: %w", id, err)
	}
	return rows, nil
}
