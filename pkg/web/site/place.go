package site

import (
	"log/slog"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
)

// page reads the page a visitor comes from, as the banner there named it. What
// cannot be one is no page.
func (s *Site) page(at string) placement.Page {
	page, _ := placement.Parse(at)
	if page.Host == s.Places.Host {
		return placement.Page{}
	}
	return page
}

// foreign says that a page is another partner's, so that nothing there counts
// for this one.
func (s *Site) foreign(p *registry.Partner, page placement.Page) bool {
	return s.Register.Standing(p.ID, page.Host) == registry.HostForeign
}

// credit is the query by which the form knows the partner whose banner led
// here, and the page it stands on, for which the click is noted.
func (s *Site) credit(c echo.Context, p *registry.Partner) string {
	page := s.page(c.QueryParam("at"))
	if s.foreign(p, page) {
		return ""
	}
	q := look(c)
	q.Set("via", p.Slug)
	if page.Known() {
		if c.Request().Method == http.MethodGet {
			s.Places.Notes.Click(p.ID, page.At(), s.Now())
		}
		q.Set("at", page.At())
	}
	return "?" + q.Encode()
}

// look is what an address says of the banner that an editor is to put in its
// place; it goes on to the page that says where the banner is found.
func look(c echo.Context) url.Values {
	q := url.Values{}
	for _, name := range []string{"layout", "theme", "design"} {
		if v := c.QueryParam(name); v != "" && len(v) <= longestLook {
			q.Set(name, v)
		}
	}
	return q
}

// longestLook is as long as the name of a design may be.
const longestLook = 60

// placement finds where the banner stands that led to a form; 0 if nobody has
// seen one there. A signature is worth more than to know that, so it does not
// fail.
func (s *Site) placement(c echo.Context, p *registry.Partner, at string) int64 {
	page := s.page(at)
	if p == nil || !page.Known() || s.foreign(p, page) {
		return 0
	}
	id, err := s.Places.FindClicked(c.Request().Context(), p.ID, page, s.Now())
	if err != nil {
		slog.Warn("find the page of a banner", "error", err)
	}
	return id
}
