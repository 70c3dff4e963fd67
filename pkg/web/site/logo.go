package site

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/web"
)

// setLogo takes a logo, or other words for the one that is there.
func (s *Site) setLogo(c echo.Context) error {
	t, a, err := s.linked(c)
	if err != nil {
		return err
	}
	if err := s.Allow(c, web.UploadLimit); err != nil {
		return err // before it is read: many at once would fill the memory
	}
	v, file, err := web.Upload(c, "logo", "logo_alt")
	if err == nil {
		_, err = s.Registry.SetLogo(c.Request().Context(), t, file, v.Get("logo_alt"))
	}
	if err != nil {
		return s.refuseOn(c, a, "applicant.", err, func(p *applicationPage) { p.LogoAlt = v.Get("logo_alt") })
	}
	return s.seeStatus(c, "#logo")
}

func (s *Site) removeLogo(c echo.Context) error {
	t, _, err := s.linked(c)
	if err == nil {
		_, err = s.Registry.RemoveLogo(c.Request().Context(), t)
	}
	if err != nil {
		return err
	}
	return s.seeStatus(c, "#logo")
}

// ownLogo shows an applicant the logo as it was kept.
func (s *Site) ownLogo(c echo.Context) error {
	_, a, err := s.linked(c)
	if err != nil {
		return err
	}
	i, err := s.Registry.Image(c.Request().Context(), a.LogoID)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, i.Type, i.Body)
}

// publicLogo shows everybody the logo of an active partner. Another logo has
// another address.
func (s *Site) publicLogo(c echo.Context) error {
	hash, isPNG := strings.CutSuffix(c.Param("file"), ".png")
	id, shown := s.Register.Shown(hash)
	if !isPNG || !shown {
		return registry.ErrNoImage
	}
	h := c.Response().Header()
	tag := `"` + hash + `"`
	if c.Request().Header.Get("If-None-Match") == tag {
		web.Immutable(h, tag)
		return c.NoContent(http.StatusNotModified)
	}
	i, err := s.Registry.Image(c.Request().Context(), id)
	if err != nil {
		return err
	}
	web.Immutable(h, tag)
	return c.Blob(http.StatusOK, i.Type, i.Body)
}
