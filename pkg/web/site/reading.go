package site

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// readingPage shows an application, without its contacts, to somebody staff
// trust.
type readingPage struct {
	view.Page
	Token       string
	Opened      bool // before that only the button is shown: programs open links too
	Application *registry.Application
	Expires     int64
	Name        string // typed
	Words       registry.Words
	Noted       bool
}

// unlisted keeps a page out of search engines, should its address get there.
func unlisted(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("X-Robots-Tag", "noindex, nofollow")
		return next(c)
	}
}

// readingID reads the token in the path.
func (s *Site) readingID(c echo.Context) (int64, error) {
	t, err := s.token(c, seal.ReadApplication)
	if errors.Is(err, errExpired) {
		return 0, registry.ErrReadingExpired.Because(err)
	}
	return t.Row, err
}

func (s *Site) newReading(c echo.Context) (*readingPage, int64, error) {
	id, err := s.readingID(c)
	if err != nil {
		return nil, 0, err
	}
	ctx := c.Request().Context()
	reading, a, err := s.Registry.Reading(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	page := &readingPage{Page: s.base(c, "reading.page"), Token: c.Param("token"), Application: a, Expires: reading.ExpiresAt}
	page.Labels, page.Words.Lang = "reading.", page.Lang()
	page.Opened, err = s.Registry.Opened(ctx, reading)
	return page, id, err
}

func (s *Site) showReading(c echo.Context) error {
	page, _, err := s.newReading(c)
	if err != nil {
		return err
	}
	page.Noted = c.QueryParam("noted") == "1"
	return s.Render(c, http.StatusOK, "site/reading", page)
}

// openReading is the button behind the link.
func (s *Site) openReading(c echo.Context) error {
	id, err := s.readingID(c)
	if err != nil {
		return err
	}
	if err := s.Registry.Open(c.Request().Context(), id); err != nil {
		return err
	}
	return web.See(c, "/"+s.Lang(c)+"/reading/"+c.Param("token"))
}

// remark takes what the reader says about the application.
func (s *Site) remark(c echo.Context) error {
	v, err := web.Form(c, "reader_name", "note", "note_lang")
	page, id, pageErr := s.newReading(c)
	if pageErr != nil {
		return pageErr
	}
	page.Name, page.Words = v.Get("reader_name"), registry.Words{Body: v.Get("note"), Lang: v.Get("note_lang")}
	if err == nil {
		err = s.Allow(c, web.ReadingLimit)
	}
	if err == nil {
		err = s.Registry.Remark(c.Request().Context(), id, page.Name, page.Words)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/reading", page) })
	}
	return web.See(c, "/"+page.Lang()+"/reading/"+page.Token+"?noted=1")
}
