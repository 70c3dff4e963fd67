package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// PartnerState is where a partner stands.
type PartnerState string

// The states of a partner. Paused is its own choice, suspended is ours.
const (
	Active    PartnerState = "active"
	Paused    PartnerState = "paused"
	Suspended PartnerState = "suspended"
	Left      PartnerState = "left"
)

// partnerMoves is the one table of what may follow what.
var partnerMoves = map[PartnerState][]PartnerState{
	Active:    {Paused, Suspended, Left},
	Paused:    {Active, Suspended, Left},
	Suspended: {Active, Left},
	Left:      {Active},
}

// Partner is a row: an admitted organization.
type Partner struct {
	ID             int64
	Slug           string
	State          PartnerState
	Profile        `gorm:"embedded"`
	NameFolded     string
	Message        string
	ApplicationID  int64
	ShowSignatures bool
	Version        int64
	Since          int64
	CreatedAt      int64
	Skeleton       string // of the name, by which look-alikes are found
	LatinSkeleton  string // of the name in Latin letters, if there is one
	SiteKey        string // what two organizations with one site share
	Folding        int64  // version of the rules that made these three and NameFolded
	MergedInto     int64  // the partner that stands for this one, 0 for none
	LogoID         int64
	LogoAlt        string
}

// slugRow is a slug that leads to a partner, now or once.
type slugRow struct {
	Slug      string
	PartnerID int64
}

func (slugRow) TableName() string { return "partner_slugs" }

// ErrNoPartner answers for a slug or id that is no partner's.
var ErrNoPartner = fault.New(fault.NotFound, "partner.gone")

// admit makes the partner of an application, with its logo. A slug given by
// staff must be free; a derived one gets a number until it is.
// ErrSpeakerMissing.
func (r *Registry) admit(tx *gorm.DB, a *Application, wish string) (*Partner, error) {
	if !a.Represented() {
		return nil, ErrSpeakerMissing
	}
	now := r.Now().UnixMilli()
	p := &Partner{
		ID: r.Store.NewID(), State: Active, Profile: a.Profile, Message: a.Message, ApplicationID: a.ID,
		ShowSignatures: true, Since: now, CreatedAt: now, LogoID: a.LogoID, LogoAlt: a.LogoAlt,
	}
	p.Refold()
	var err error
	if wish != "" {
		p.Slug, err = r.takeSlug(tx, wish, p.ID)
	} else {
		p.Slug, err = r.deriveSlug(tx, a, p.ID)
	}
	if err != nil {
		return nil, err
	}
	if err := tx.Create(p).Error; err != nil {
		return nil, fmt.Errorf("create partner %s: %w", p.Slug, err)
	}
	return p, handOverLogo(tx, a, p)
}

func (r *Registry) takeSlug(tx *gorm.DB, wish string, partner int64) (string, error) {
	wish = strings.ToLower(strings.TrimSpace(wish))
	refused := fault.Fields{}
	refused.Add("slug", address.ValidSlug(wish))
	if err := refused.Err(); err != nil {
		return "", err
	}
	taken, err := insertSlug(tx, wish, partner)
	if err == nil && !taken {
		refused.Add("slug", errSlug)
		err = refused.Err()
	}
	return wish, err
}

// deriveSlug proposes the Latin name, the name, and the website's host, in
// this order, then the same with numbers.
func (r *Registry) deriveSlug(tx *gorm.DB, a *Application, partner int64) (string, error) {
	base := "partner-" + strings.ToLower(a.Reference[len(a.Reference)-6:])
	for _, s := range []string{a.NameLatin, a.Name, strings.ReplaceAll(a.WebsiteHost, ".", " ")} {
		if slug := address.Slug(s); slug != "" && address.ValidSlug(slug) == nil {
			base = slug
			break
		}
	}
	for n := 1; n < 1000; n++ {
		slug := base
		if n > 1 {
			suffix := "-" + strconv.Itoa(n)
			slug = base + suffix
			if room := 60 - len(suffix); len(base) > room {
				slug = address.Slug(base[:room]) + suffix // the cut may leave half a word that is denied
			}
		}
		if taken, err := insertSlug(tx, slug, partner); err != nil || taken {
			return slug, err
		}
	}
	return "", fmt.Errorf("no free slug near %q", base)
}

// insertSlug takes a slug if it is free, and says whether it did.
func insertSlug(tx *gorm.DB, slug string, partner int64) (bool, error) {
	onSlug := clause.OnConflict{Columns: []clause.Column{{Name: "slug"}}, DoNothing: true}
	res := tx.Clauses(onSlug).Create(&slugRow{Slug: slug, PartnerID: partner})
	if res.Error != nil {
		return false, fmt.Errorf("take slug %s: %w", slug, res.Error)
	}
	return res.RowsAffected == 1, nil
}

// SetState moves a partner to another state. ErrNoPartner; ErrMoved when the
// table of moves has no such move.
func (r *Registry) SetState(ctx context.Context, slug string, to PartnerState, by audit.Actor) (*Partner, error) {
	var p Partner
	err := r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		err := tx.Where("id = (SELECT partner_id FROM partner_slugs WHERE slug = ?)", slug).Take(&p).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return ErrNoPartner
		}
		if err != nil {
			return err
		}
		from := p.State
		if !slices.Contains(partnerMoves[from], to) {
			return ErrMoved
		}
		res := tx.Model(&Partner{}).Where("id = ? AND state = ? AND version = ?", p.ID, from, p.Version).
			Updates(map[string]any{"state": to, "version": p.Version + 1})
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return ErrMoved
		}
		p.State = to
		err = r.Trail.Note(tx, by, audit.Deed{Action: "partner." + string(to), Subject: "partner", SubjectID: p.ID,
			Before: map[string]any{"state": from}, After: map[string]any{"state": to}})
		if err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicRegister)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("set partner %s to %s: %w", slug, to, err)
	}
	r.Changed()
	return &p, nil
}
