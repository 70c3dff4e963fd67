package registry

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
)

// Reasons for declining, in the order they are offered. Each has a message
// registry.reason.<reason>, which stands in the letter.
var Reasons = []string{"not_an_organization", "not_verifiable", "against_the_appeal", "duplicate", "incomplete", "spam"}

// Decision is what staff decided about an application. Version is that of the
// application as the decider saw it.
type Decision struct {
	Application int64
	Version     int64
	By          audit.Actor
	Slug        string // of the new partner; "" to derive it from the name
	Reason      string // one of Reasons; for declining
	Words       string // staff's own words in the letter, optional
}

// Decisions can be refused because of these fields.
var (
	errReason = fault.New(fault.Invalid, "decide.reason_required")
	errSlug   = fault.New(fault.Invalid, "slug.taken")
)

// Approve admits the organization: it makes the partner and its
// representative, and mails the letter with the link to the portal.
func (r *Registry) Approve(ctx context.Context, d Decision) (*Partner, error) {
	words, err := plaintext.Clean(d.Words, plaintext.Message)
	if err != nil {
		return nil, (fault.Fields{"words": err.(*fault.Error)}).Err()
	}
	var p *Partner
	_, err = r.change(ctx, d.Application, func(tx *gorm.DB, a *Application) error {
		if d.Version != 0 && d.Version != a.Version {
			return ErrMoved
		}
		var err error
		if p, err = r.admit(tx, a, d.Slug); err != nil {
			return err
		}
		decided := map[string]any{"decided_at": r.Now().UnixMilli(), "decided_by": d.By.ID, "partner_id": p.ID, "reason_words": words}
		if err := r.move(tx, a, Approved, d.By, decided); err != nil {
			return err
		}
		link, err := r.addRepresentative(tx, p, a)
		if err != nil {
			return err
		}
		if err := r.write(tx, a, outbox.ApplicationApproved, link, map[string]string{"Words": words}); err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicRegister)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.Changed()
	return p, nil
}

// Decline refuses an application and mails the reason.
func (r *Registry) Decline(ctx context.Context, d Decision) error {
	if !slices.Contains(Reasons, d.Reason) {
		return (fault.Fields{"reason": errReason}).Err()
	}
	words, err := plaintext.Clean(d.Words, plaintext.Message)
	if err != nil {
		return (fault.Fields{"words": err.(*fault.Error)}).Err()
	}
	_, err = r.change(ctx, d.Application, func(tx *gorm.DB, a *Application) error {
		if d.Version != 0 && d.Version != a.Version {
			return ErrMoved
		}
		decided := map[string]any{"decided_at": r.Now().UnixMilli(), "decided_by": d.By.ID, "reason": d.Reason, "reason_words": words}
		if err := r.move(tx, a, Declined, d.By, decided); err != nil {
			return err
		}
		if d.Reason == "spam" {
			return nil // no letter to an address that may be anybody's
		}
		return r.write(tx, a, outbox.ApplicationDeclined, r.StatusLink(a), map[string]string{"Reason": d.Reason, "Words": words})
	})
	return err
}

// Review takes an application into review.
func (r *Registry) Review(ctx context.Context, id int64, by audit.Actor) error {
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if a.State == InReview {
			return nil
		}
		return r.move(tx, a, InReview, by, nil)
	})
	return err
}

// AskBack notes that staff wait for an answer of the applicant.
func (r *Registry) AskBack(ctx context.Context, id int64, by audit.Actor) error {
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error { return r.move(tx, a, NeedsInfo, by, nil) })
	return err
}
