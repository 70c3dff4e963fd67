package registry

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbound"
)

// Look fetches a page that a representative names, to tell what stands there.
// Without a page, Sight is one of Sights and says why, with What.
type Look struct {
	Page  outbound.Page
	Sight string
	What  string
}

// LookAt is how a page looks from outside. Invalid names the field url where
// the address is none of the public web.
func (r *Registry) LookAt(ctx context.Context, page string) (Look, error) {
	refused := fault.Fields{}
	site, err := address.ParseWebsite(page)
	refused.Add("url", err)
	if err := refused.Err(); err != nil {
		return Look{}, err
	}
	got, err := r.Outside.Get(ctx, site.URL)
	switch {
	case err != nil:
		return Look{Sight: sawBy(err)}, nil
	case got.Status != http.StatusOK:
		return Look{Sight: sawStatus, What: strconv.Itoa(got.Status)}, nil
	}
	return Look{Page: got}, nil
}

// Slugs are the names of a partner in links, now and once.
func (r *Registry) Slugs(ctx context.Context, partner int64) ([]string, error) {
	var slugs []string
	if err := r.Store.Read(ctx).Model(&slugRow{}).Where("partner_id = ?", partner).Pluck("slug", &slugs).Error; err != nil {
		return nil, fmt.Errorf("read the slugs of partner %d: %w", partner, err)
	}
	return slugs, nil
}
