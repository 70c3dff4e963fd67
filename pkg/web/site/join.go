package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// joinPage is the application form.
type joinPage struct {
	view.Page
	Form      registry.Form
	Countries []locale.Country
	Kinds     []string
	Reaches   []string
}

// Pledged and Consented keep the ticks of a refused form.
func (p *joinPage) Pledged() bool { return p.Form.Consents&registry.ConsentPledge != 0 }

// Consented says whether the second tick was made.
func (p *joinPage) Consented() bool { return p.Form.Consents&registry.ConsentContact != 0 }

func (s *Site) newJoinPage(c echo.Context, f registry.Form) *joinPage {
	page := &joinPage{Page: s.base(c, "join.page"), Form: f, Kinds: registry.Kinds, Reaches: registry.Reaches}
	page.Labels = "join."
	page.Countries = page.Locale.Countries()
	if page.Form.Contact.Lang == "" {
		page.Form.Contact.Lang = page.Lang()
	}
	return page
}

func (s *Site) showJoin(c echo.Context) error {
	return s.Render(c, http.StatusOK, "site/join", s.newJoinPage(c, registry.Form{}))
}

func (s *Site) join(c echo.Context) error {
	v, err := web.Form(c, "name", "name_latin", "website", "country", "kind", "about", "reach", "contact_name", "contact_role",
		"email", "mail_lang", "placement", "message", "pledge", "consent")
	form := readJoinForm(v)
	form.Lang, form.Range = s.Lang(c), web.Range(c)
	page := s.newJoinPage(c, form)
	again := func(status int) error { return s.Render(c, status, "site/join", page) }
	if err == nil {
		err = s.Allow(c, web.ApplyLimit)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, again)
	}
	a, err := s.Registry.Apply(c.Request().Context(), form)
	if err != nil {
		return web.Refuse(err, &page.Page, again)
	}
	return web.See(c, s.Registry.StatusLink(a))
}

func readJoinForm(v web.Values) registry.Form {
	return registry.Form{
		Profile: registry.Profile{
			Name: v.Get("name"), NameLatin: v.Get("name_latin"), Website: v.Get("website"), Country: v.Get("country"),
			Kind: v.Get("kind"), About: v.Get("about"), Reach: v.Get("reach"), Placement: v.Get("placement"),
		},
		Contact: registry.Contact{Name: v.Get("contact_name"), Role: v.Get("contact_role"), Email: v.Get("email"), Lang: v.Get("mail_lang")},
		Message: v.Get("message"), Consents: v.Bit("pledge", registry.ConsentPledge) | v.Bit("consent", registry.ConsentContact),
	}
}

// applicationPage is where an applicant sees how the application stands.
type applicationPage struct {
	view.Page
	Application *registry.Application
	Token       string
	MayWithdraw bool
	Partner     *registry.Partner // once approved
	Reason      string            // for declining, in the reader's language
	Asked       *asked
}

// applicationOf finds the application a status link is for.
func (s *Site) applicationOf(c echo.Context) (*registry.Application, error) {
	t, err := s.token(c, seal.ViewApplication)
	if err != nil {
		return nil, err
	}
	a, err := s.Registry.Application(c.Request().Context(), t.Row)
	if err != nil {
		return nil, err
	}
	if uint16(a.Counter) != t.Counter {
		return nil, errExpired
	}
	return a, nil
}

func (s *Site) showApplication(c echo.Context) error {
	a, err := s.applicationOf(c)
	if err != nil {
		return err
	}
	page, err := s.newApplicationPage(c, a)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/application", page)
}

func (s *Site) newApplicationPage(c echo.Context, a *registry.Application) (*applicationPage, error) {
	page := &applicationPage{Page: s.base(c, "application.page"), Application: a, Token: c.Param("token"),
		MayWithdraw: registry.May(a.State, registry.WithdrawnByOrigin)}
	page.Labels = "answer."
	page.Partner, _ = s.Register.ByID(a.PartnerID)
	page.Reason = s.Registry.Phrases.Text(a.Reason, page.Lang())
	var err error
	page.Asked, err = s.asked(c.Request().Context(), a, page.Lang())
	return page, err
}

func (s *Site) withdrawApplication(c echo.Context) error {
	a, err := s.applicationOf(c)
	if err != nil {
		return err
	}
	if _, err := s.Registry.Withdraw(c.Request().Context(), a.ID); err != nil {
		return err
	}
	return web.See(c, "/"+s.Lang(c)+"/application/"+c.Param("token"))
}

// showConfirmApplication has the button behind the mailed link.
func (s *Site) showConfirmApplication(c echo.Context) error {
	row, err := s.row(c, seal.ConfirmApplication)
	if err != nil {
		return err
	}
	a, err := s.Registry.Application(c.Request().Context(), row)
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
	row, err := s.row(c, seal.ConfirmApplication)
	if err != nil {
		return err
	}
	a, err := s.Registry.ConfirmAddress(c.Request().Context(), row)
	if err != nil {
		return err
	}
	return web.See(c, s.Registry.StatusLink(a))
}
