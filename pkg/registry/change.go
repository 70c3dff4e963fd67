package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// ChangeState is where a change that a partner wants stands.
type ChangeState string

// The states of a change. All but the first are its end.
const (
	ChangeWaiting   ChangeState = "waiting"
	ChangePublished ChangeState = "published"
	ChangeRefused   ChangeState = "refused"
	ChangeReplaced  ChangeState = "replaced" // by a newer one
	ChangeTakenBack ChangeState = "taken_back"
)

// Change is a row: what a partner wants visitors to read. Version is that of
// the profile it was made against, Profile is JSON.
type Change struct {
	ID               int64
	PartnerID        int64
	State            ChangeState
	Version          int64
	Profile          string
	RepresentativeID int64
	Reason           string // staff's words when refused
	StaffID          int64
	CreatedAt        int64
	DecidedAt        int64
}

// TableName names GORM's table.
func (Change) TableName() string { return "partner_changes" }

// Faults of changes.
var (
	ErrNoChange     = fault.New(fault.NotFound, "changes.gone")
	errChangeMoved  = fault.New(fault.Conflict, "changes.moved")
	errNoPublishing = fault.New(fault.Conflict, "changes.closed")
)

// Rebased is a change as it would be published now.
type Rebased struct {
	Live      Public   // what visitors read now
	Published Public   // what they would read
	Conflicts []string // fields that somebody else changed meanwhile
}

// LiveVersion is the number of the version that visitors read, 0 when none
// was kept yet.
func (r *Registry) LiveVersion(ctx context.Context, partner int64) (int64, error) {
	var n int64
	err := r.Store.Read(ctx).Model(&versionRow{}).Where("subject = ? AND subject_id = ?", OfPartner, partner).
		Select("COALESCE(MAX(version), 0)").Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("read the live version of partner %d: %w", partner, err)
	}
	return n, nil
}

// Proposal is a profile as a partner wants it to be. Base is the version of
// the profile that was seen, from LiveVersion; the logo is that which was seen
// with it, live or waiting, unless another is wished for.
type Proposal struct {
	Base int64
	Public
	NewLogo LogoWish
}

// Propose puts what a partner wants to change before staff; the live profile
// stays until they publish it. A newer wish replaces the one that waits.
// Invalid with a sentence for each refused field; Conflict for a base there is
// not, and for partners that visitors may not see.
func (r *Registry) Propose(ctx context.Context, rep *Representative, w Proposal) error {
	wish, picture, err := r.checkedWish(ctx, w.Public, w.NewLogo)
	if err != nil {
		return err
	}
	by := audit.Actor{Kind: audit.Representative, ID: rep.ID}
	err = r.onChanges(ctx, rep.PartnerID, func(ctx context.Context, tx *gorm.DB, p *Partner) error {
		if p.State != Active && p.State != Paused {
			return errNoPublishing
		}
		base, err := r.keepLive(ctx, tx, p, w.Base)
		if err != nil {
			return err
		}
		made, err := r.partnerVersion(ctx, p.ID, base)
		if errors.Is(err, ErrNoVersion) {
			return ErrPartnerMoved
		}
		if err != nil {
			return err
		}
		c := Change{ID: r.Store.NewID(), PartnerID: p.ID, State: ChangeWaiting, Version: base,
			RepresentativeID: rep.ID, CreatedAt: r.Now().UnixMilli()}
		if len(Differences(made.Public, wish)) == 0 {
			return r.endWaiting(tx, p.ID, ChangeReplaced) // it wants what there is
		}
		if err := bring(tx, wish, picture, &c); err != nil {
			return err
		}
		if err := r.endWaiting(tx, p.ID, ChangeReplaced); err != nil {
			return err
		}
		profile, err := json.Marshal(wish)
		if err != nil {
			return err
		}
		c.Profile = string(profile)
		if err := tx.Create(&c).Error; err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "partner.change_sent", Subject: OfPartner, SubjectID: p.ID})
	})
	if err != nil {
		return fmt.Errorf("propose a change of partner %d: %w", rep.PartnerID, err)
	}
	return nil
}

// onChanges runs a deed on a partner's changes; two at once wait for each
// other.
func (r *Registry) onChanges(ctx context.Context, partner int64, do func(ctx context.Context, tx *gorm.DB, p *Partner) error) error {
	return r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := wait(tx, partner); err != nil {
			return err
		}
		var p Partner
		if err := tx.Where("id = ?", partner).Take(&p).Error; err != nil {
			return err
		}
		return do(ctx, tx, &p)
	})
}

// keepLive keeps the live profile as a version where that was not done yet:
// the partner was there before versions were kept, or before their logos were.
// It returns the base of who saw the newest version there was.
func (r *Registry) keepLive(ctx context.Context, tx *gorm.DB, p *Partner, base int64) (int64, error) {
	before, err := r.LiveVersion(ctx, p.ID)
	if err != nil {
		return 0, err
	}
	if err := r.keepVersion(tx, OfPartner, p.ID, p.Public(), program); err != nil || base != before {
		return base, err
	}
	return r.LiveVersion(ctx, p.ID)
}

// endWaiting ends what waits, and its picture with it.
func (r *Registry) endWaiting(tx *gorm.DB, partner int64, state ChangeState) error {
	if err := tx.Where("owner = ? AND owner_id IN (?)", ownerChange, waitingOf(tx, partner)).Delete(&Image{}).Error; err != nil {
		return fmt.Errorf("delete the logo that waits: %w", err)
	}
	return tx.Model(&Change{}).Where("partner_id = ? AND state = ?", partner, ChangeWaiting).
		Updates(map[string]any{"state": state, "decided_at": r.Now().UnixMilli()}).Error
}

// TakeBack withdraws the change that waits, if any, at the partner's wish.
func (r *Registry) TakeBack(ctx context.Context, partner int64, by audit.Actor) error {
	return r.onChanges(ctx, partner, func(_ context.Context, tx *gorm.DB, p *Partner) error {
		if err := r.endWaiting(tx, p.ID, ChangeTakenBack); err != nil {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "partner.change_taken_back", Subject: OfPartner, SubjectID: p.ID})
	})
}

// NewestChange reads the newest change of a partner that was not replaced or
// taken back. ErrNoChange.
func (r *Registry) NewestChange(ctx context.Context, partner int64) (*Change, error) {
	return r.change1(ctx, "partner_id = ? AND state IN ?", partner, []ChangeState{ChangeWaiting, ChangePublished, ChangeRefused})
}

// Change reads one that waits. ErrNoChange.
func (r *Registry) Change(ctx context.Context, id int64) (*Change, error) {
	return r.change1(ctx, "id = ? AND state = ?", id, ChangeWaiting)
}

func (r *Registry) change1(ctx context.Context, where string, args ...any) (*Change, error) {
	var c Change
	err := r.Store.Read(ctx).Where(where, args...).Order("id DESC").Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNoChange
	}
	if err != nil {
		return nil, fmt.Errorf("read a change: %w", err)
	}
	return &c, nil
}

// ChangesWaiting lists the changes that wait for staff, longest first, and
// counts them.
func (r *Registry) ChangesWaiting(ctx context.Context, most int) (list []Change, all int64, err error) {
	db := r.Store.Read(ctx)
	if err = db.Where("state = ?", ChangeWaiting).Order("created_at, id").Limit(most).Find(&list).Error; err == nil {
		err = db.Model(&Change{}).Where("state = ?", ChangeWaiting).Count(&all).Error
	}
	if err != nil {
		return nil, 0, fmt.Errorf("list changes: %w", err)
	}
	return list, all, nil
}

// Wish is what the partner wants visitors to read.
func (c *Change) Wish() (Public, error) {
	var wish Public
	if err := json.Unmarshal([]byte(c.Profile), &wish); err != nil {
		return wish, fmt.Errorf("read change %d: %w", c.ID, err)
	}
	return wish, nil
}

// Rebase carries a change over to what visitors read now.
func (r *Registry) Rebase(ctx context.Context, c *Change, p *Partner) (Rebased, error) {
	wish, err := c.Wish()
	if err != nil {
		return Rebased{}, err
	}
	base, err := r.partnerVersion(ctx, c.PartnerID, c.Version)
	if err != nil {
		return Rebased{}, err
	}
	out := Rebased{Live: p.Public()}
	out.Published, out.Conflicts = rebase(base.Public, wish, out.Live)
	return out, nil
}

// ChangeDecision is what staff decided about a change.
type ChangeDecision struct {
	Change  int64
	Version int64 // of the partner that was seen
	By      audit.Actor
	Words   Words // to the partner; who refuses must say why
}

// PublishChange makes what the partner wants its public profile, and writes to
// all who act for it. ErrNoChange, ErrPartnerMoved.
func (r *Registry) PublishChange(ctx context.Context, d ChangeDecision) error {
	return r.decideChange(ctx, d, ChangePublished, outbox.ChangePublished, func(ctx context.Context, tx *gorm.DB, c *Change, p *Partner) error {
		now, err := r.Rebase(ctx, c, p)
		if err != nil {
			return err
		}
		public, err := now.Published.checked(r.Known)
		if err != nil {
			return err
		}
		if err := handOver(tx, ownerChange, c.ID, p.ID); err != nil {
			return err
		}
		return r.publish(tx, p, public, audit.Actor{Kind: audit.Representative, ID: c.RepresentativeID}, nil)
	})
}

// RefuseChange leaves the profile as it is, and tells the partner why. Invalid
// for the field words, ErrNoChange, ErrPartnerMoved.
func (r *Registry) RefuseChange(ctx context.Context, d ChangeDecision) error {
	if _, err := plaintext.Required(d.Words.Body, plaintext.Message); err != nil {
		return refusedField("words", err)
	}
	return r.decideChange(ctx, d, ChangeRefused, outbox.ChangeRefused, func(context.Context, *gorm.DB, *Change, *Partner) error { return nil })
}

func (r *Registry) decideChange(ctx context.Context, d ChangeDecision, state ChangeState, kind outbox.Kind, do func(ctx context.Context, tx *gorm.DB, c *Change, p *Partner) error) error {
	words, err := r.ownWords(d.Words)
	if err != nil {
		return refusedField("words", err)
	}
	c, err := r.Change(ctx, d.Change)
	if err != nil {
		return err
	}
	_, err = r.changePartner(ctx, c.PartnerID, d.Version, func(tx *gorm.DB, p *Partner) error {
		res := tx.Model(&Change{}).Where("id = ? AND state = ?", c.ID, ChangeWaiting).
			Updates(map[string]any{"state": state, "reason": words.Body, "staff_id": d.By.ID, "decided_at": r.Now().UnixMilli()})
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return errChangeMoved
		}
		if err := do(store.With(ctx, tx), tx, c, p); err != nil {
			return err
		}
		if err := dropImages(tx, ownerChange, c.ID); err != nil {
			return err
		}
		err := r.Trail.Note(tx, d.By, audit.Deed{Action: "partner.change_" + string(state), Subject: OfPartner, SubjectID: p.ID})
		if err != nil {
			return err
		}
		return r.tell(tx, p, Notice{Kind: kind, Words: words})
	})
	return err
}
