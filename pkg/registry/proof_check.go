package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbound"
)

const (
	// proofPause is the least between two looks at one proof, so that nobody
	// uses us to trouble a site.
	proofPause = 20 * time.Second
	// proofWeek is after how long a found proof is looked at again.
	proofWeek = 7 * 24 * time.Hour
)

// Why a proof is not looked at.
var (
	errProofKind   = fault.New(fault.Invalid, "proofs.kind_bad")
	errProofOther  = fault.New(fault.Invalid, "proofs.page_elsewhere")
	errProofEcho   = fault.New(fault.Invalid, "proofs.page_echo")
	errProofBanner = fault.New(fault.Invalid, "proofs.banner_later")
	errProofSoon   = fault.New(fault.TooMany, "proofs.too_soon")
	errProofBusy   = fault.New(fault.Unavailable, "proofs.busy")
)

// CheckProof looks for a proof and keeps what was seen. page is where, for
// the kinds that need one; "" is the page of the last time. It may take
// fifteen seconds, and holds no transaction meanwhile.
//
// Invalid for kind or url; TooMany when the last look was a moment ago;
// Unavailable when so much is looked at that this was not, and nothing is kept;
// ErrMoved when no proof may be given any more.
func (r *Registry) CheckProof(ctx context.Context, id int64, kind ProofKind, page string, by audit.Actor) (*Proof, error) {
	a, err := r.Application(ctx, id)
	if err != nil {
		return nil, err
	}
	if !a.Provable() {
		return nil, ErrMoved
	}
	if !slices.Contains(ProofKinds, kind) {
		return nil, fault.Fields{"kind": errProofKind}.Err()
	}
	last, err := r.proof(ctx, id, kind)
	if err != nil {
		return nil, err
	}
	if page == "" {
		page = last.Target
	}
	c, err := r.claim(ctx, a, kind, page)
	if err != nil {
		return nil, err
	}
	if c.target == last.Target && r.Now().Sub(time.UnixMilli(last.CheckedAt)) < proofPause {
		return nil, errProofSoon
	}
	s, err := c.look(ctx, r.Outside)
	if err != nil {
		return nil, err
	}
	return r.noteProof(ctx, a, c, s, by)
}

// proof reads one; the zero Proof if nobody has looked yet.
func (r *Registry) proof(ctx context.Context, application int64, kind ProofKind) (Proof, error) {
	var p Proof
	err := r.Store.Read(ctx).Where("application_id = ? AND kind = ?", application, kind).Take(&p).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return Proof{}, fmt.Errorf("read proof %s of application %d: %w", kind, application, err)
	}
	return p, nil
}

// claim says what to look for and where. Invalid for url.
func (r *Registry) claim(ctx context.Context, a *Application, kind ProofKind, page string) (claim, error) {
	var slugs []string
	c := claim{kind: kind, codes: r.Keys.ProofCodes(a.ID)}
	var err error
	if c.site, err = r.Site(ctx, a); err != nil {
		return c, err
	}
	switch kind {
	case ProofDNS:
		c.target = c.site.Host
	case ProofMeta, ProofWellKnown:
		c.target, _ = ProofPlace(c.site, "", kind)
	case ProofEmbed:
		if slugs, err = r.Slugs(ctx, a.PartnerID); err != nil {
			return c, err
		}
		c.banner = func(page outbound.Page) bool { return r.HasBanner(page, slugs) }
	}
	if !kind.NeedsPage() {
		return c, nil
	}
	refused := fault.Fields{}
	at, err := address.ParseWebsite(page)
	refused.Add("url", err)
	switch {
	case len(refused) > 0:
	case kind == ProofEmbed && len(slugs) == 0:
		refused.Add("url", errProofBanner)
	case !partOfSite(at, c.site):
		refused.Add("url", errProofOther)
	case c.echoes(at.URL):
		refused.Add("url", errProofEcho)
	}
	c.target = at.URL
	return c, refused.Err()
}

// Site is the organization's site as it stands: that of the partner, once
// there is one.
func (r *Registry) Site(ctx context.Context, a *Application) (address.Website, error) {
	url := a.Website
	if a.PartnerID != 0 {
		var p Partner
		if err := r.Store.Read(ctx).Select("website").Where("id = ?", a.PartnerID).Take(&p).Error; err != nil {
			return address.Website{}, fmt.Errorf("read the site of partner %d: %w", a.PartnerID, err)
		}
		url = p.Website
	}
	site, err := address.ParseWebsite(url)
	if err != nil {
		return site, fmt.Errorf("the site of application %d: %w", a.ID, err)
	}
	return site, nil
}

// noteProof stores what a look saw, and notes in the trail what changed.
func (r *Registry) noteProof(ctx context.Context, a *Application, c claim, s sight, by audit.Actor) (*Proof, error) {
	var now Proof
	err := r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		last, err := r.proof(ctx, a.ID, c.kind)
		if err != nil {
			return err
		}
		was := last.State
		if last.Target != c.target {
			last = Proof{ID: last.ID, CreatedAt: last.CreatedAt} // of another address nothing is known
		}
		now = last.seen(s, r.Now().UnixMilli())
		now.ApplicationID, now.Kind, now.Target = a.ID, c.kind, c.target
		if now.ID == 0 {
			now.ID, now.CreatedAt = r.Store.NewID(), now.CheckedAt
		}
		one := clause.OnConflict{Columns: []clause.Column{{Name: "application_id"}, {Name: "kind"}},
			DoUpdates: clause.AssignmentColumns([]string{"target", "state", "detail", "found_at", "checked_at", "next_at"})}
		if err := tx.Clauses(one).Create(&now).Error; err != nil || now.State == was {
			return err
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "proof." + string(now.State), Subject: "application", SubjectID: a.ID,
			Before: map[string]any{"kind": c.kind, "state": was}, After: map[string]any{"kind": c.kind, "state": now.State}})
	})
	if err != nil {
		return nil, fmt.Errorf("keep proof %s of application %d: %w", c.kind, a.ID, err)
	}
	return &now, nil
}

// seen is the proof after a look. What was found once is looked at again.
func (p Proof) seen(s sight, at int64) Proof {
	p.State, p.Detail, p.CheckedAt, p.NextAt = p.after(s.state), s.detail, at, 0
	if s.state == ProofFound {
		p.FoundAt = at
	}
	if p.FoundAt != 0 {
		p.NextAt = at + proofWeek.Milliseconds()
	}
	return p
}
