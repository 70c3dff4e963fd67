package console

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const placesPath = "/console/placements"

// placesPage is where banners appear: all partners', or one's.
type placesPage struct {
	view.Page
	Partner *registry.Partner // nil for all
	Website string            // host of its own website
	Hosts   []string          // it lists besides
	Places  []place
	Next    string // address of the next page, "" on the last
	MayAct  bool
	Host    string // as typed, or as chosen from the list
	Slug    string // as typed
}

// place is one, with whose banner it is.
type place struct {
	web.Place
	Partner *registry.Partner // nil for one that is not in the register any more
}

func (o *Console) newPlaces(c echo.Context, who *staff.Account) (*placesPage, error) {
	ctx := c.Request().Context()
	page := &placesPage{Page: o.base(c, who, "console.places.page"), MayAct: who.Role.Covers(staff.Reviewer), Host: c.QueryParam("host")}
	page.Labels = "console.places."
	q := placement.Query{After: web.PlacesAfter(c), Most: web.PlacesOnPage}
	if asked := c.QueryParam("partner"); asked != "" {
		id := number(asked)
		p, ok := o.Register.ByID(id)
		if !ok {
			return nil, registry.ErrNoPartner
		}
		page.Partner, page.Website, page.Hosts, q.Partner = p, p.SiteHost(), o.Register.Hosts(id), id
	}
	rows, next, err := o.Places.List(ctx, q)
	if err != nil {
		return nil, err
	}
	if after := web.AfterPlaces(next); after != "" {
		page.Next = page.At(url.Values{"after": {after}})
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	signatures, err := o.Tally.PlacementSignatures(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		p, _ := o.Register.ByID(rows[i].PartnerID)
		page.Places = append(page.Places, place{web.NewPlace(o.Register, rows[i], signatures[rows[i].ID]), p})
	}
	return page, nil
}

// At is the address of this list with something more asked of it.
func (p *placesPage) At(v url.Values) string {
	if p.Partner != nil {
		v.Set("partner", strconv.FormatInt(p.Partner.ID, 10))
	}
	if len(v) == 0 {
		return placesPath
	}
	return placesPath + "?" + v.Encode()
}

// Choose is the address at which the form is about a host.
func (p *placesPage) Choose(host string) string {
	return p.At(url.Values{"host": {host}}) + "#f-host"
}

func (o *Console) showPlaces(c echo.Context, who *staff.Account) error {
	page, err := o.newPlaces(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/places", page)
}

var (
	errNoSuchPartner = fault.New(fault.Invalid, "console.places.no_partner")
	errNoHost        = fault.New(fault.Invalid, "hosts.bad")
)

// giveHost makes a website one partner's alone.
func (o *Console) giveHost(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "host", "slug")
	page, pageErr := o.newPlaces(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Host, page.Slug = v.Get("host"), v.Get("slug")
	to, ok := o.Register.BySlug(page.Slug)
	if err == nil && !ok {
		refused := fault.Fields{"slug": errNoSuchPartner}
		if page.Host == "" {
			refused["host"] = errNoHost
		}
		err = refused.Err()
	}
	if err == nil {
		err = o.Registry.MoveHost(c.Request().Context(), to.ID, page.Host, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/places", page) })
	}
	return web.See(c, placesPath+"?partner="+strconv.FormatInt(to.ID, 10))
}
