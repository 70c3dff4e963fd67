package web

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/view"
)

// Lang is the language of a request: that of its path, else the browser's.
func (s *Server) Lang(c echo.Context) string {
	if l := c.Param("lang"); s.Catalogues.Has(l) {
		return l
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Request().URL.Path, "/"), "/")
	if s.Catalogues.Has(first) {
		return first
	}
	return s.Catalogues.Match(c.Request().Header.Get("Accept-Language"))
}

// longestQuery bounds what a page repeats of its address for each language.
const longestQuery = 512

// Base makes the base of a page in a language. title is in that language.
func (s *Server) Base(c echo.Context, area, lang, title string) view.Page {
	l := s.Catalogues.For(lang)
	u := c.Request().URL
	name, nameLang := s.Campaign(lang)
	p := view.Page{Locale: l, Title: title, Campaign: name, CampaignLang: nameLang, Area: area,
		Path: strings.TrimPrefix(u.Path, "/"+lang), Languages: s.Catalogues.Languages(), Consoles: s.Catalogues.Console(), Demo: s.Demo}
	if u.RawQuery != "" && len(u.RawQuery) <= longestQuery {
		p.Query = "?" + u.RawQuery
	}
	if area == "site" {
		p.Closed = s.Closed != nil && s.Closed()
		p.OtherScript = s.Catalogues.OtherScript(c.Request().Header.Get("Accept-Language"), lang)
		// Set, not added: an error page may follow a page. Pages are compressed.
		c.Response().Header().Set("Vary", "Accept-Encoding, Accept-Language")
	}
	if s.Late != nil {
		p.Late = s.Late()
	}
	return s.Views.Base(p)
}

// Render writes a page with a status.
func (s *Server) Render(c echo.Context, status int, name string, data any) error {
	var b bytes.Buffer
	if err := s.Views.Render(&b, name, data); err != nil {
		return err
	}
	if c.Response().Header().Get("Cache-Control") == "" {
		c.Response().Header().Set("Cache-Control", "no-cache")
	}
	if status == http.StatusServiceUnavailable {
		retryLater(c)
	}
	return c.HTMLBlob(status, b.Bytes())
}

// retryLater says when to try again what cannot be done now.
func retryLater(c echo.Context) {
	if h := c.Response().Header(); h.Get("Retry-After") == "" {
		h.Set("Retry-After", "5")
	}
}

// Refuse puts a refused form back on its page: fill sets the fault on the
// page's base and renders it with status 422. What is no refusal of the form
// is returned.
func Refuse(err error, page *view.Page, render func(status int) error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	switch f.Kind {
	case fault.Invalid:
		if page.Refused = f.Fields; len(f.Fields) == 0 {
			page.Problem = f
		}
		return render(http.StatusUnprocessableEntity)
	case fault.TooMany, fault.Unavailable, fault.Conflict:
		page.Problem = f
		return render(statuses[f.Kind])
	}
	return err
}

// See answers a form that was done: go and look at the result.
func See(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }
