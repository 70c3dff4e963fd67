package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
)

// MostHosts is how many hosts a partner may list besides its website's.
const MostHosts = 50

// Host is a row: a host a partner says is its own.
type Host struct {
	PartnerID int64
	Host      string
	CreatedAt int64
}

// TableName names GORM's table.
func (Host) TableName() string { return "partner_hosts" }

// Faults of hosts.
var (
	errHost        = fault.New(fault.Invalid, "hosts.bad")
	errHostShared  = fault.New(fault.Invalid, "hosts.shared")
	errHostForeign = fault.New(fault.Invalid, "hosts.foreign")
	errHostMost    = fault.New(fault.Invalid, "hosts.most", "N", MostHosts)
	errHostOwner   = fault.New(fault.Invalid, "hosts.website")
)

// ownHosts says whose each host is: the partners that list it or have their
// website there, among those that take part.
func ownHosts(partners []*Partner, listed []Host) map[string][]int64 {
	own, takesPart := map[string][]int64{}, map[int64]bool{}
	add := func(host string, id int64) {
		if !slices.Contains(own[host], id) {
			own[host] = append(own[host], id)
		}
	}
	for _, p := range partners {
		if p.State != Active && p.State != Paused {
			continue
		}
		takesPart[p.ID] = true
		if host := p.SiteHost(); host != "" {
			add(host, p.ID)
		}
	}
	for _, h := range listed {
		if takesPart[h.PartnerID] {
			add(h.Host, h.PartnerID)
		}
	}
	return own
}

// SiteHost is the host of the partner's website, "" if many organizations
// share that, so that it says nothing about whose a page is.
func (p *Partner) SiteHost() string {
	if p.WebsiteHost == "" || address.Anybodys(p.WebsiteHost) {
		return ""
	}
	return address.BareHost(p.WebsiteHost)
}

// Standing is whose a host is, as seen from one partner.
type Standing string

// The standings. A host that nobody knows is never a wrong one.
const (
	HostOwn     Standing = "own"
	HostUnknown Standing = "unknown"
	HostForeign Standing = "foreign" // another partner's
)

// Owners are the partners whose a host is, or the nearest host above it that
// is anybody's; nobody's are those of site builders. The host is as DNS has
// it, without "www.".
func (r *Register) Owners(host string) []int64 {
	if address.Builders(host) {
		return nil
	}
	own := r.now.Load().hosts
	for ; host != ""; _, host, _ = strings.Cut(host, ".") {
		if ids := own[host]; ids != nil {
			return ids
		}
	}
	return nil
}

// Standing says how a host stands to a partner, and to those its signatures
// are shown together with.
func (r *Register) Standing(partner int64, host string) Standing {
	owners := r.Owners(host)
	if owners == nil {
		return HostUnknown
	}
	if slices.Contains(owners, partner) {
		return HostOwn
	}
	for _, id := range r.now.Load().family[partner] {
		if slices.Contains(owners, id) {
			return HostOwn
		}
	}
	return HostForeign
}

// Hosts are those a partner lists, in alphabetical order, without that of its
// website.
func (r *Register) Hosts(partner int64) []string { return r.now.Load().listed[partner] }

// cleanHost reads a host as people write it: alone, or in an address.
func cleanHost(s string) (string, error) {
	w, err := address.ParseWebsite(strings.TrimSpace(s))
	switch {
	case err != nil:
		return "", errHost.Because(err)
	case address.Anybodys(w.Host):
		return "", errHostShared
	}
	return address.BareHost(w.Host), nil
}

// ListHost notes that a host is a partner's own. What another partner has is
// for staff to move. Doing it twice changes nothing. Invalid for the field
// host.
func (r *Registry) ListHost(ctx context.Context, partner int64, host string, by audit.Actor) error {
	host, err := cleanHost(host)
	if err != nil {
		return refusedField("host", err)
	}
	_, err = r.changePartner(ctx, partner, AnyVersion, func(tx *gorm.DB, p *Partner) error {
		owners, err := nearestOwners(tx, host)
		if err != nil {
			return err
		}
		switch {
		case slices.ContainsFunc(owners, func(o Partner) bool { return o.ID == p.ID }):
			return errNothing
		case len(owners) > 0:
			return refusedField("host", errHostForeign)
		}
		var n int64
		if err := tx.Model(&Host{}).Where("partner_id = ?", p.ID).Count(&n).Error; err != nil {
			return err
		}
		if n >= MostHosts {
			return refusedField("host", errHostMost)
		}
		return r.addHost(tx, p.ID, host, by)
	})
	return unlessNothing(err)
}

// errNothing ends a transaction that would change nothing.
var errNothing = errors.New("nothing to change")

func unlessNothing(err error) error {
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

func (r *Registry) addHost(tx *gorm.DB, partner int64, host string, by audit.Actor) error {
	row := Host{PartnerID: partner, Host: host, CreatedAt: r.Now().UnixMilli()}
	once := clause.OnConflict{Columns: []clause.Column{{Name: "partner_id"}, {Name: "host"}}, DoNothing: true}
	if err := tx.Clauses(once).Create(&row).Error; err != nil {
		return fmt.Errorf("list host %s: %w", host, err)
	}
	return r.Trail.Note(tx, by, audit.Deed{Action: "partner.host_added", Subject: OfPartner, SubjectID: partner, After: map[string]any{"host": host}})
}

func (r *Registry) dropHost(tx *gorm.DB, partner int64, host string, by audit.Actor) error {
	res := tx.Where("partner_id = ? AND host = ?", partner, host).Delete(&Host{})
	if res.Error != nil || res.RowsAffected == 0 {
		return errors.Join(res.Error, errNothing)
	}
	return r.Trail.Note(tx, by, audit.Deed{Action: "partner.host_removed", Subject: OfPartner, SubjectID: partner, Before: map[string]any{"host": host}})
}

// hostOwners are the partners that take part and list a host, or have their
// website there.
func hostOwners(tx *gorm.DB, host string) ([]Partner, error) {
	var listing []int64
	if err := tx.Model(&Host{}).Where("host = ?", host).Pluck("partner_id", &listing).Error; err != nil {
		return nil, fmt.Errorf("find who lists host %s: %w", host, err)
	}
	var found []Partner
	err := tx.Where("state IN ?", []PartnerState{Active, Paused}).
		Where("website_host IN ? OR id IN ?", []string{host, "www." + host}, listing).Order("id").Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find whose host %s is: %w", host, err)
	}
	return slices.DeleteFunc(found, func(p Partner) bool { return p.SiteHost() != host && !slices.Contains(listing, p.ID) }), nil
}

// nearestOwners are the owners of a host, or of the nearest host above it that
// has any.
func nearestOwners(tx *gorm.DB, host string) ([]Partner, error) {
	for ; strings.Contains(host, "."); _, host, _ = strings.Cut(host, ".") {
		if owners, err := hostOwners(tx, host); err != nil || len(owners) > 0 {
			return owners, err
		}
	}
	return nil, nil
}

// DropHost takes a host from a partner's list. Doing it twice changes nothing.
func (r *Registry) DropHost(ctx context.Context, partner int64, host string, by audit.Actor) error {
	_, err := r.changePartner(ctx, partner, AnyVersion, func(tx *gorm.DB, p *Partner) error {
		return r.dropHost(tx, p.ID, host, by)
	})
	return unlessNothing(err)
}

// MoveHost makes a host one partner's alone: staff's answer to a banner on
// somebody else's site. Invalid for the field host; also when it is the host
// of another partner's website, which that one has to change first.
func (r *Registry) MoveHost(ctx context.Context, to int64, host string, by audit.Actor) error {
	host, err := cleanHost(host)
	if err != nil {
		return refusedField("host", err)
	}
	_, err = r.changePartner(ctx, to, AnyVersion, func(tx *gorm.DB, p *Partner) error {
		owners, err := hostOwners(tx, host)
		if err != nil {
			return err
		}
		already := false
		for _, o := range owners {
			switch {
			case o.ID == p.ID:
				already = true
			case o.SiteHost() == host:
				return refusedField("host", errHostOwner)
			default:
				if err := r.dropHost(tx, o.ID, host, by); err != nil {
					return err
				}
			}
		}
		if already {
			if len(owners) == 1 {
				return errNothing
			}
			return nil
		}
		return r.addHost(tx, p.ID, host, by)
	})
	return unlessNothing(err)
}

// Miss writes to who acts for a partner that its banner has not been seen
// since a day, once for that day; it says whether it did. Only partners whose
// banner shows their name are written to.
func (r *Registry) Miss(ctx context.Context, partner int64, since string) (bool, error) {
	missed := false
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		// No new version: nobody decides anything by it.
		res := tx.Model(&Partner{}).Where("id = ? AND state = ? AND merged_into = 0 AND missed_since <> ?", partner, Active, since).Update("missed_since", since)
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		var p Partner
		if err := tx.Where("id = ?", partner).Take(&p).Error; err != nil {
			return err
		}
		missed = true
		return r.tellAt(tx, &p, Notice{Kind: outbox.BannerMissed}, PlacesPath)
	})
	if err != nil {
		return false, fmt.Errorf("miss the banner of partner %d: %w", partner, err)
	}
	if missed {
		r.Mailed()
	}
	return missed, nil
}

// PlacesPath is the page where representatives see where their banner appears.
const PlacesPath = "/portal/places"
