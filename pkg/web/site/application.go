package site

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// applicationPage is where an applicant sees how the application stands and
// adds to it. Each section has its form; what was typed into one that is
// refused stands in the fields below.
type applicationPage struct {
	view.Page
	Application *registry.Application
	Token       string
	MayWithdraw bool
	Partner     *registry.Partner // once approved
	Reason      texts.Version     // for declining, in the reader's language
	Asked       *asked
	Together    *together // nil while it stands for itself
	Resent      bool      // a moment ago
	Email       string    // the address to confirm
	Message     string
	Speaker     registry.Speaker
	Logo        *registry.Picture
	LogoAlt     string
}

// together is all that an applicant may know of the application theirs is
// handled together with: staff judged that both are of one organization, but
// whoever sent the other one need not know of this one.
type together struct {
	Reference string
	State     registry.State
}

// linked reads a link of the status page and the application it is for.
func (s *Site) linked(c echo.Context) (seal.Token, *registry.Application, error) {
	t, err := s.token(c, seal.ViewApplication)
	if err != nil {
		return t, nil, err
	}
	a, err := s.Registry.Linked(c.Request().Context(), t)
	return t, a, err
}

func (s *Site) newApplicationPage(c echo.Context, a *registry.Application) (*applicationPage, error) {
	ctx := c.Request().Context()
	page := &applicationPage{Page: s.base(c, "application.page"), Application: a, Token: c.Param("token"), Resent: c.QueryParam("resent") != "",
		MayWithdraw: registry.May(a.State, registry.WithdrawnByOrigin), Message: a.Message, LogoAlt: a.LogoAlt}
	page.Partner, _ = s.Register.ByID(a.PartnerID)
	page.Reason = s.Registry.Phrases.Text(a.Reason, page.Lang())
	contact, err := s.Registry.Contact(a)
	if err != nil {
		return nil, err
	}
	page.Email = contact.Email
	if !a.Open() {
		return page, nil
	}
	other, err := s.Registry.Together(ctx, a)
	if err != nil {
		return nil, err
	}
	if other != nil {
		page.Together = &together{other.Reference, other.State}
	} else { // of two that are together the other one is asked
		if page.Asked, err = s.asked(ctx, a, page.Lang()); err != nil {
			return nil, err
		}
	}
	if page.Speaker, err = s.Registry.Speaker(ctx, a); err != nil {
		return nil, err
	}
	if a.LogoID != 0 {
		page.Logo, err = s.Registry.Picture(ctx, a.LogoID)
	}
	return page, err
}

func (s *Site) showApplication(c echo.Context) error {
	_, a, err := s.linked(c)
	if err != nil {
		return err
	}
	page, err := s.newApplicationPage(c, a)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/application", page)
}

// refuseOn puts a refused form, whose labels begin so, back on the status
// page; keep sets what was typed.
func (s *Site) refuseOn(c echo.Context, a *registry.Application, labels string, err error, keep func(*applicationPage)) error {
	page, pageErr := s.newApplicationPage(c, a)
	if pageErr != nil {
		return pageErr
	}
	page.Labels = labels
	keep(page)
	return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/application", page) })
}

// seeStatus leads to the status page, to a part of it or with a word on it.
func (s *Site) seeStatus(c echo.Context, more string) error {
	return web.See(c, "/"+s.Lang(c)+"/application/"+c.Param("token")+more)
}

func (s *Site) withdrawApplication(c echo.Context) error {
	t, _, err := s.linked(c)
	if err != nil {
		return err
	}
	if _, err := s.Registry.WithdrawLink(c.Request().Context(), t); err != nil {
		return err
	}
	return s.seeStatus(c, "")
}

// resend mails the link to confirm once more.
func (s *Site) resend(c echo.Context) error {
	t, _, err := s.linked(c)
	if err == nil {
		err = s.Allow(c, web.ApplyLimit)
	}
	if err == nil {
		_, err = s.Registry.Resend(c.Request().Context(), t)
	}
	if err != nil {
		return err
	}
	return s.seeStatus(c, "?resent=1")
}

// correctAddress leads to the new status page, for the old one's link stops
// working.
func (s *Site) correctAddress(c echo.Context) error {
	t, a, err := s.linked(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "email")
	if err == nil {
		err = s.Allow(c, web.ApplyLimit)
	}
	var now *registry.Application
	if err == nil {
		now, err = s.Registry.CorrectAddress(c.Request().Context(), t, v.Get("email"))
	}
	if err != nil {
		return s.refuseOn(c, a, "applicant.", err, func(p *applicationPage) { p.Email = v.Get("email") })
	}
	return web.See(c, s.Registry.StatusLink(now)+"?resent=1")
}

func (s *Site) setMessage(c echo.Context) error {
	t, a, err := s.linked(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "message")
	if err == nil {
		_, err = s.Registry.SetMessage(c.Request().Context(), t, v.Get("message"))
	}
	if err != nil {
		return s.refuseOn(c, a, "applicant.", err, func(p *applicationPage) { p.Message = v.Get("message") })
	}
	return s.seeStatus(c, "#more")
}

// toConfirm finds the application a link to confirm is for. One that is too
// old still leads to an application that was confirmed in time.
func (s *Site) toConfirm(c echo.Context) (seal.Token, *registry.Application, error) {
	t, expired := s.token(c, seal.ConfirmApplication)
	if expired != nil && !errors.Is(expired, errExpired) {
		return t, nil, expired
	}
	a, err := s.Registry.Linked(c.Request().Context(), t)
	if err == nil && expired != nil && a.State == registry.Submitted {
		err = registry.ErrForgotten // or will be within the hour
	}
	return t, a, err
}

// showConfirmApplication has the button behind the mailed link.
func (s *Site) showConfirmApplication(c echo.Context) error {
	_, a, err := s.toConfirm(c)
	if err != nil {
		return err
	}
	if a.State != registry.Submitted {
		return web.See(c, s.Registry.StatusLink(a))
	}
	page := &applicationPage{Page: s.base(c, "application.confirm_page"), Application: a, Token: c.Param("token")}
	return s.Render(c, http.StatusOK, "site/application_confirm", page)
}

func (s *Site) confirmApplication(c echo.Context) error {
	t, a, err := s.toConfirm(c)
	if err == nil {
		a, err = s.Registry.ConfirmLink(c.Request().Context(), t)
	}
	if err != nil {
		return err
	}
	return web.See(c, s.Registry.StatusLink(a))
}
