package registry

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
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
	Design         string // code of the design its banner shows in, "" for the one staff prefer
	Line           string // of its own on the banner, reviewed; "" for none
	LineLang       string
	Others         Statements // what it says in other languages than its Lang
	Networks       string     // slugs of those it belongs to, with spaces between
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
func (r *Registry) admit(tx *gorm.DB, a *Application, wish string, by audit.Actor) (*Partner, error) {
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
		p.Slug, err = deriveSlug(tx, a.Profile, "partner-"+strings.ToLower(a.Reference[len(a.Reference)-6:]), p.ID)
	}
	if err != nil {
		return nil, err
	}
	if err := tx.Create(p).Error; err != nil {
		return nil, fmt.Errorf("create partner %s: %w", p.Slug, err)
	}
	if err := r.keepVersion(tx, OfPartner, p.ID, p.Public(), by); err != nil {
		return nil, err
	}
	return p, handOver(tx, ownerApplication, a.ID, p.ID)
}

// takeSlug gives a partner a slug that is free, or was its own. Invalid for
// the field slug.
func (r *Registry) takeSlug(tx *gorm.DB, wish string, partner int64) (string, error) {
	if err := goodSlug(&wish); err != nil {
		return "", err
	}
	taken, err := insertSlug(tx, wish, partner)
	if err != nil || taken {
		return wish, err
	}
	var owner slugRow
	if err := tx.Where("slug = ?", wish).Take(&owner).Error; err != nil {
		return "", fmt.Errorf("whose slug is %s: %w", wish, err)
	}
	if owner.PartnerID != partner { // its own old ones may be taken back
		return "", refusedField("slug", errSlug)
	}
	return wish, nil
}

// goodSlug tidies what was typed and says whether it can be a slug.
func goodSlug(wish *string) error {
	*wish = strings.ToLower(strings.TrimSpace(*wish))
	return refusedField("slug", address.ValidSlug(*wish))
}

// deriveSlug proposes the Latin name, the name, and the website's host, in
// this order, else otherwise; then the same with numbers.
func deriveSlug(tx *gorm.DB, p Profile, otherwise string, partner int64) (string, error) {
	base := otherwise
	for _, s := range []string{p.NameLatin, p.Name, strings.ReplaceAll(p.WebsiteHost, ".", " ")} {
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

// PartnerMove asks that a partner go to another state.
type PartnerMove struct {
	Partner int64
	Version int64 // of the partner that was seen, or AnyVersion
	To      PartnerState
	By      audit.Actor
	Words   Words // to the partner, in the letter; staff who suspend must say why
}

// ownMoves are those a partner makes itself; the others are for staff. A
// pause is the partner's own choice, whoever pressed the button for it.
var ownMoves = map[PartnerState][]PartnerState{
	Active:    {Paused, Left},
	Paused:    {Active, Left},
	Suspended: {Left},
}

// MayMove says whether somebody may bring a partner from one state to another.
func MayMove(by audit.Actor, from, to PartnerState) bool {
	own := by.Kind != audit.Representative || slices.Contains(ownMoves[from], to)
	return own && slices.Contains(partnerMoves[from], to)
}

// Moved are the letters that tell of a partner's new state.
var Moved = map[PartnerState]outbox.Kind{
	Active: outbox.PartnerActive, Paused: outbox.PartnerPaused, Suspended: outbox.PartnerSuspended, Left: outbox.PartnerLeft,
}

// SetState is the only place where a partner changes its state. It writes to
// all who act for it. Invalid for the field words, ErrNoPartner,
// ErrPartnerMoved.
func (r *Registry) SetState(ctx context.Context, m PartnerMove) (*Partner, error) {
	words, err := r.ownWords(m.Words)
	if err == nil && words.Body == "" && m.To == Suspended && m.By.Kind == audit.Staff {
		err = fault.New(fault.Invalid, "text.required")
	}
	if err != nil {
		return nil, refusedField("words", err)
	}
	return r.changePartner(ctx, m.Partner, m.Version, func(tx *gorm.DB, p *Partner) error {
		from := p.State
		if !MayMove(m.By, from, m.To) {
			return ErrPartnerMoved
		}
		p.State = m.To
		if err := save(tx, p, map[string]any{"state": m.To}); err != nil {
			return err
		}
		err := r.Trail.Note(tx, m.By, audit.Deed{Action: "partner." + string(m.To), Subject: OfPartner, SubjectID: p.ID,
			Before: map[string]any{"state": from}, After: map[string]any{"state": m.To}})
		if err != nil {
			return err
		}
		return r.tell(tx, p, Notice{Kind: Moved[m.To], Words: words})
	})
}
