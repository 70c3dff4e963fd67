package site

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/web"
)

// draftOf finds the draft a mailed link is for. One that was sent in since
// comes with the fault ErrMoved.
func (s *Site) draftOf(c echo.Context) (seal.Token, *registry.Application, error) {
	t, err := s.token(c, seal.ContinueDraft)
	if errors.Is(err, errExpired) {
		err = registry.ErrForgotten // or will be within the hour
	}
	if err != nil {
		return t, nil, err
	}
	a, err := s.Registry.Linked(c.Request().Context(), t)
	if err == nil && a.State != registry.Draft {
		err = registry.ErrMoved
	}
	return t, a, err
}

func (s *Site) newDraftPage(c echo.Context, a *registry.Application, f registry.Form) *joinPage {
	page := s.newJoinPage(c, f)
	page.Action, page.Until, page.Saved = "/draft/"+c.Param("token"), a.DraftUntil(), c.QueryParam("saved") != ""
	return page
}

func (s *Site) showDraft(c echo.Context) error {
	_, a, err := s.draftOf(c)
	if errors.Is(err, registry.ErrMoved) {
		return web.See(c, s.Registry.StatusLink(a))
	}
	if err != nil {
		return err
	}
	form, err := s.Registry.DraftForm(a)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/join", s.newDraftPage(c, a, form))
}

// draft keeps the form once more, or sends it in.
func (s *Site) draft(c echo.Context) error {
	t, a, err := s.draftOf(c)
	if errors.Is(err, registry.ErrMoved) {
		return web.See(c, s.Registry.StatusLink(a))
	}
	if err != nil {
		return err
	}
	form, later, err := s.readJoinForm(c)
	page := s.newDraftPage(c, a, form)
	if err == nil {
		err = s.Allow(c, web.ApplyLimit)
	}
	var next string
	if err == nil && later {
		next, err = s.saved(s.Registry.ChangeDraft(c.Request().Context(), t, form))
	} else if err == nil {
		next, err = s.sent(s.Registry.SendDraft(c.Request().Context(), t, form))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/join", page) })
	}
	return web.See(c, next)
}
