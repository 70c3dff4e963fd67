package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/web"
)

// checked is what was found on a page of the partner's.
type checked struct {
	URL      string // after redirects
	Ways     []string
	Troubles []string
	Sight    string // why there is no page; "" where there is one
}

// Good says that the banner is there and nothing keeps it from showing.
func (c *checked) Good() bool { return len(c.Ways) > 0 && len(c.Troubles) == 0 }

// check looks at a page of the partner's and says what it found and what to
// mend. It changes nothing, but it is asked for by POST since it makes us ask
// another site.
func (p *Portal) check(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	v, twice := web.Form(c, "url", "site", "lang", "layout", "theme", "design")
	page, err := p.generator(c, rep, partner, v)
	if err != nil {
		return err
	}
	page.CheckURL = v.Get("url")
	look := registry.Look{}
	if err = twice; err == nil {
		look, err = p.Registry.LookAt(c.Request().Context(), page.CheckURL)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/generator", page) })
	}
	page.Checked = &checked{URL: look.Page.URL}
	if look.Sight != "" {
		page.Checked.Sight = page.T("generator.unread."+look.Sight, "What", look.What)
		return p.Render(c, http.StatusOK, "portal/generator", page)
	}
	slugs, err := p.Registry.Slugs(c.Request().Context(), partner.ID)
	if err != nil {
		return err
	}
	found := banner.Inspect(look.Page.Body, look.Page.Header, p.origin(), slugs)
	if look.Page.Cut && len(found.Troubles) > 0 {
		found.Troubles = append(found.Troubles, banner.Trouble{Fault: banner.CutOff})
	}
	for _, w := range found.Ways {
		page.Checked.Ways = append(page.Checked.Ways, page.T("inspect.found."+string(w)))
	}
	for _, t := range found.Troubles {
		page.Checked.Troubles = append(page.Checked.Troubles, page.T("inspect.fault."+string(t.Fault), "What", t.What))
	}
	return p.Render(c, http.StatusOK, "portal/generator", page)
}
