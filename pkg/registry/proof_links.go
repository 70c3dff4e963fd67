package registry

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// MostLinks is how many independent pages an applicant may name.
const MostLinks = 3

var (
	errLinkOwn   = fault.New(fault.Invalid, "proofs.page_own")
	errLinkTwice = fault.New(fault.Invalid, "proofs.page_twice")
)

// IndependentLinks are the pages about the organization that the applicant
// named.
func (a *Application) IndependentLinks() []string { return strings.Fields(a.Links) }

// SetLinks keeps the independent pages an applicant names, the first of which
// must be there; empty ones are passed over. Invalid with a sentence for each
// refused field, link_1 and so on; ErrMoved.
func (r *Registry) SetLinks(ctx context.Context, id int64, links []string) error {
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		if !a.Provable() {
			return ErrMoved
		}
		good, err := checkLinks(links, a.Website)
		if err != nil {
			return err
		}
		text := strings.Join(good, "\n")
		if text == a.Links {
			return nil
		}
		if err := tx.Model(&Application{}).Where("id = ?", id).Update("links", text).Error; err != nil {
			return fmt.Errorf("keep links: %w", err)
		}
		return r.Trail.Note(tx, audit.Actor{Kind: audit.Applicant}, audit.Deed{Action: "application.links", Subject: "application", SubjectID: id,
			Before: map[string]any{"links": a.IndependentLinks()}, After: map[string]any{"links": good}})
	})
	return err
}

func checkLinks(links []string, own string) ([]string, error) {
	refused := fault.Fields{}
	var good []string
	for i, link := range links[:min(len(links), MostLinks)] {
		if i > 0 && strings.Trim(link, " ") == "" {
			continue
		}
		site, err := address.ParseWebsite(link)
		switch {
		case err != nil:
		case address.SiteKey(site.URL) == address.SiteKey(own):
			err = errLinkOwn
		case slices.Contains(good, site.URL):
			err = errLinkTwice
		}
		refused.Add("link_"+strconv.Itoa(i+1), err)
		good = append(good, site.URL)
	}
	return good, refused.Err()
}
