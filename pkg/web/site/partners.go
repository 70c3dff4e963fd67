package site

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// partnersOnPage is how many partners one page of the register lists.
const partnersOnPage = 100

// partnersPage is the register.
type partnersPage struct {
	view.Page
	Search, Country string
	Countries       []countryFacet
	Partners        []*registry.Partner
	Found, Total    int
	Next            string // address of the next page, "" on the last
}

// countryFacet is a country with how many partners it has.
type countryFacet struct {
	Code, Name string
	N          int
}

// query reads what the visitor asks of the register; what makes no sense asks
// nothing.
func (s *Site) query(c echo.Context) registry.Query {
	q := registry.Query{Lang: s.Lang(c), Country: c.QueryParam("country")}
	if s.Catalogues.For("en").Country(q.Country) == "" {
		q.Country = ""
	}
	if search, err := plaintext.Clean(c.QueryParam("q"), plaintext.OrganizationName); err == nil {
		q.Search = search
	}
	return q
}

// window cuts one page out of a list and says where the next begins, 0 if
// nowhere.
func window(c echo.Context, found []*registry.Partner) (page []*registry.Partner, next int) {
	from, err := strconv.Atoi(c.QueryParam("from"))
	if err != nil || from < 0 || from > len(found) {
		from = 0
	}
	to := min(len(found), from+partnersOnPage)
	if to < len(found) {
		next = to
	}
	return found[from:to], next
}

func (s *Site) showPartners(c echo.Context) error {
	q := s.query(c)
	page := &partnersPage{Page: s.base(c, "partners.page"), Search: q.Search, Country: q.Country, Total: s.Register.Len()}
	counts := s.Register.Countries()
	for _, country := range page.Locale.Countries() {
		if n := counts[country.Code]; n > 0 {
			page.Countries = append(page.Countries, countryFacet{country.Code, country.Name, n})
		}
	}
	found := s.Register.Find(q)
	page.Found = len(found)
	var next int
	if page.Partners, next = window(c, found); next > 0 {
		page.Next = "/" + page.Lang() + "/partners?" + nextQuery(q, next)
	}
	return s.Render(c, http.StatusOK, "site/partners", page)
}

func nextQuery(q registry.Query, next int) string {
	v := url.Values{"from": {strconv.Itoa(next)}}
	if q.Search != "" {
		v.Set("q", q.Search)
	}
	if q.Country != "" {
		v.Set("country", q.Country)
	}
	return v.Encode()
}

// partnerJSON and partnersJSON have the shape that DESIGN promises to callers.
type partnerJSON struct {
	Slug       string `json:"slug"`
	Name       string `json:"name"`
	Lang       string `json:"lang"`
	Country    string `json:"country"`
	Website    string `json:"website"`
	Since      string `json:"since"`
	Signatures *int64 `json:"signatures"` // null where not shown
}

type partnersJSON struct {
	Partners []partnerJSON `json:"partners"`
	Total    int           `json:"total"`
	Next     *string       `json:"next"`
}

func (s *Site) partnersJSON(c echo.Context) error {
	q := s.query(c)
	found := s.Register.Find(q)
	page, next := window(c, found)
	out := partnersJSON{Partners: make([]partnerJSON, 0, len(page)), Total: len(found)}
	for _, p := range page {
		row := partnerJSON{Slug: p.Slug, Name: p.Name, Lang: p.Profile.Lang, Country: p.Country, Website: p.Website,
			Since: time.UnixMilli(p.Since).UTC().Format(time.DateOnly)}
		if f := s.Told(p.ID); f.Telling == disclosure.Told {
			row.Signatures = &f.N
		}
		out.Partners = append(out.Partners, row)
	}
	if next > 0 {
		to := s.BaseURL.JoinPath(s.Lang(c), "partners.json").String() + "?" + nextQuery(q, next)
		out.Next = &to
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=60")
	c.Response().Header().Set("Access-Control-Allow-Origin", "*")
	return c.JSON(http.StatusOK, out)
}

// partnerPage is one partner.
type partnerPage struct {
	view.Page
	Partner  *registry.Partner
	Logo     *registry.Picture
	Figure   disclosure.Figure
	Messages []appeal.Message
}

func (s *Site) showPartner(c echo.Context) error {
	p, ok := s.Register.Active(c.Param("slug"))
	if !ok {
		return registry.ErrNoPartner
	}
	if p.Slug != c.Param("slug") {
		status := http.StatusMovedPermanently
		if s.Register.Lent(c.Param("slug")) { // a merge can be undone
			status = http.StatusFound
		}
		// Whoever keeps this for ever would turn in a circle when a partner takes its old slug back.
		c.Response().Header().Set("Cache-Control", "no-cache")
		return c.Redirect(status, "/"+s.Lang(c)+"/partners/"+p.Slug)
	}
	page := &partnerPage{Page: s.base(c, "partners.page"), Partner: p, Logo: s.Register.Logo(p), Figure: s.Told(p.ID)}
	page.Page.Title = p.Name
	page.Share = s.sharePartner(page.Page, p, page.Logo)
	return s.Render(c, http.StatusOK, "site/partner", page)
}

// privacyPage says who is responsible and what is kept.
type privacyPage struct {
	view.Page
	Controller, Recipients appeal.Text
	Keep                   appeal.Retention
	KeysDestroyed          int64 // since when; 0 while they are kept
}

func (s *Site) showPrivacy(c echo.Context) error {
	page := &privacyPage{Page: s.base(c, "privacy.page"), Keep: s.Appeal.Current().Retention, KeysDestroyed: s.Appeal.Current().KeysDestroyed}
	page.Controller = s.Appeal.Current().Text(appeal.Controller, page.Lang())
	page.Recipients = s.Appeal.Current().Text(appeal.Recipients, page.Lang())
	return s.Render(c, http.StatusOK, "site/privacy", page)
}
