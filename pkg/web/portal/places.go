package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// placesPage is where the partner's banner appears, and whose websites are
// the partner's.
type placesPage struct {
	view.Page
	Website string // host of the partner's own, "" if it shares that with others
	Hosts   []string
	Host    string // as typed
	Places  []web.Place
	Foreign bool   // one of them is on another partner's website
	Unknown bool   // one is on a website nobody says is theirs
	Next    string // what asks for the next page, "" on the last
}

func (p *Portal) newPlaces(c echo.Context, rep *registry.Representative, partner *registry.Partner) (*placesPage, error) {
	ctx := c.Request().Context()
	base, err := p.page(c, rep, "places.page")
	if err != nil {
		return nil, err
	}
	page := &placesPage{Page: base, Website: partner.SiteHost(), Hosts: p.Register.Hosts(partner.ID)}
	page.Labels = "places."
	rows, next, err := p.Places.List(ctx, placement.Query{Partner: partner.ID, After: web.PlacesAfter(c), Most: web.PlacesOnPage})
	if err != nil {
		return nil, err
	}
	page.Next = web.AfterPlaces(next)
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	signatures, err := p.Tally.PlacementSignatures(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		place := web.NewPlace(p.Register, rows[i], signatures[rows[i].ID])
		page.Foreign = page.Foreign || place.Standing == registry.HostForeign
		page.Unknown = page.Unknown || place.Standing == registry.HostUnknown
		page.Places = append(page.Places, place)
	}
	return page, nil
}

func (p *Portal) showPlaces(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	page, err := p.newPlaces(c, rep, partner)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, "portal/places", page)
}

// onHosts runs a deed of the page's forms and shows the page again.
func (p *Portal) onHosts(c echo.Context, rep *registry.Representative, partner *registry.Partner, do func(host string) error) error {
	v, err := web.Form(c, "host")
	page, pageErr := p.newPlaces(c, rep, partner)
	if pageErr != nil {
		return pageErr
	}
	page.Host = v.Get("host")
	if err == nil {
		err = do(page.Host)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/places", page) })
	}
	return web.See(c, registry.PlacesPath)
}

// listHost takes a website as the partner's own, typed or from the list.
func (p *Portal) listHost(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onHosts(c, rep, partner, func(host string) error {
		return p.Registry.ListHost(c.Request().Context(), partner.ID, host, by(rep))
	})
}

func (p *Portal) dropHost(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onHosts(c, rep, partner, func(host string) error {
		return p.Registry.DropHost(c.Request().Context(), partner.ID, host, by(rep))
	})
}
