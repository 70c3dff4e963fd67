package console

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
)

// partnersOnPage is how many partners one page lists.
const partnersOnPage = 50

// partnersPage lists all partners, whatever their state.
type partnersPage struct {
	view.Page
	Query     registry.Roster
	Tabs      []partnerTab
	Countries []partnerCountry
	Partners  []*registry.Partner
	Found     int
	Next      string // address of the next page, "" on the last
	Export    string // address of what was found, as CSV
	Waiting   int64  // changes that wait for review
	Imported  int
}

// partnerTab is a state with how many partners stand in it.
type partnerTab struct {
	State  registry.PartnerState // "" for all
	Owing  bool                  // those who never placed the banner, instead
	N      int
	To     string
	Active bool
}

type partnerCountry struct {
	Code, Name string
	N          int
}

// roster reads what staff ask for; what makes no sense asks nothing.
func (o *Console) roster(c echo.Context) (registry.Roster, error) {
	q := registry.Roster{State: registry.PartnerState(c.QueryParam("state")), Country: c.QueryParam("country")}
	if o.Catalogues.For("en").Country(q.Country) == "" {
		q.Country = ""
	}
	if !registry.KnownPartnerState(q.State) {
		q.State = ""
	}
	if search, err := plaintext.Clean(c.QueryParam("q"), plaintext.OrganizationName); err == nil {
		q.Search = search
	}
	if c.QueryParam("owing") != "1" {
		return q, nil
	}
	var err error
	q.Owing, err = o.placed(c)
	return q, err
}

// placed are the partners whose banner was seen.
func (o *Console) placed(c echo.Context) (*registry.Placed, error) {
	placed, err := o.Places.Placed(c.Request().Context())
	return (*registry.Placed)(&placed), err
}

// rosterAt is the address that asks for it.
func rosterAt(path string, q registry.Roster, after int64) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Search, "state": string(q.State), "country": q.Country} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Owing != nil {
		v.Set("owing", "1")
	}
	if after != 0 {
		v.Set("after", strconv.FormatInt(after, 10))
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (o *Console) showPartners(c echo.Context, who *staff.Account) error {
	q, err := o.roster(c)
	if err != nil {
		return err
	}
	found, _ := o.Register.Roster(q)
	page := &partnersPage{Page: o.base(c, who, "console.partners.page"), Query: q, Found: len(found), Export: rosterAt("/console/partners.csv", q, 0)}
	page.Imported, _ = strconv.Atoi(c.QueryParam("imported"))
	standing, owing := q, q
	standing.Owing, owing.State = nil, ""
	if owing.Owing, err = o.placed(c); err != nil {
		return err
	}
	_, states := o.Register.Roster(standing)
	all := 0
	for _, n := range states {
		all += n
	}
	for _, s := range append([]registry.PartnerState{""}, registry.PartnerStates...) {
		n, to := states[s], standing
		if to.State = s; s == "" {
			n = all
		}
		page.Tabs = append(page.Tabs, partnerTab{State: s, N: n, To: rosterAt("/console/partners", to, 0), Active: s == q.State && q.Owing == nil})
	}
	promised, _ := o.Register.Roster(owing)
	page.Tabs = append(page.Tabs, partnerTab{N: len(promised), To: rosterAt("/console/partners", owing, 0), Active: q.Owing != nil, Owing: true})
	counts := o.Register.RosterCountries()
	for _, country := range page.Locale.Countries() {
		if n := counts[country.Code]; n > 0 {
			page.Countries = append(page.Countries, partnerCountry{country.Code, country.Name, n})
		}
	}
	after, _ := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	var next int64
	if page.Partners, next = registry.After(found, after, partnersOnPage); next != 0 {
		page.Next = rosterAt("/console/partners", q, next)
	}
	if _, page.Waiting, err = o.Registry.ChangesWaiting(c.Request().Context(), 1); err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/partners", page)
}

// exportPartners answers with what a search found, as CSV without contacts.
func (o *Console) exportPartners(c echo.Context, _ *staff.Account) error {
	q, err := o.roster(c)
	if err != nil {
		return err
	}
	found, _ := o.Register.Roster(q)
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="partners.csv"`)
	c.Response().WriteHeader(http.StatusOK)
	return o.Registry.ExportPartners(c.Request().Context(), c.Response(), found, false)
}
