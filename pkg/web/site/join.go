package site

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// joinPage is the application form, new or as a draft was left.
type joinPage struct {
	view.Page
	Action    string // where the form is sent, behind the language
	Form      registry.Form
	Countries []locale.Country
	Kinds     []string
	Reaches   []string
	Until     time.Time // when the draft is forgotten; zero for a new form
	Saved     bool      // a moment ago
}

// Pledged keeps the tick of a refused form.
func (p *joinPage) Pledged() bool { return p.Form.Consents&registry.ConsentPledge != 0 }

// Consented says whether the second tick was made.
func (p *joinPage) Consented() bool { return p.Form.Consents&registry.ConsentContact != 0 }

// Authorised says whether the third, which is optional, was made.
func (p *joinPage) Authorised() bool { return p.Form.Consents&registry.ConsentAuthorised != 0 }

func (s *Site) newJoinPage(c echo.Context, f registry.Form) *joinPage {
	page := &joinPage{Page: s.base(c, "join.page"), Action: "/join", Form: f, Kinds: registry.Kinds, Reaches: registry.Reaches}
	page.Labels = "join."
	page.Fields = []string{"name", "name_latin", "website", "country", "kind", "about", "reach",
		"contact_name", "contact_role", "email", "mail_lang", "pledge", "placement", "consent"}
	page.Countries = page.Locale.Countries()
	if page.Form.Contact.Lang == "" {
		page.Form.Contact.Lang = page.Lang()
	}
	return page
}

func (s *Site) showJoin(c echo.Context) error {
	return s.Render(c, http.StatusOK, "site/join", s.newJoinPage(c, registry.Form{}))
}

// join sends the form in, or keeps it for later.
func (s *Site) join(c echo.Context) error {
	form, later, err := s.readJoinForm(c)
	page := s.newJoinPage(c, form)
	if err == nil {
		err = s.Allow(c, web.ApplyLimit)
	}
	var next string
	if err == nil && later {
		next, err = s.saved(s.Registry.SaveDraft(c.Request().Context(), form))
	} else if err == nil {
		next, err = s.sent(s.Registry.Apply(c.Request().Context(), form))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/join", page) })
	}
	return web.See(c, next)
}

// saved and sent are where a form leads that was kept, or sent in.
func (s *Site) saved(a *registry.Application, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return s.Registry.DraftLink(a) + "?saved=1", nil
}

func (s *Site) sent(a *registry.Application, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return s.Registry.StatusLink(a), nil
}

// readJoinForm reads what was typed, also from a form that is refused, and
// which of the two buttons was pressed.
func (s *Site) readJoinForm(c echo.Context) (form registry.Form, later bool, err error) {
	v, err := web.Form(c, "name", "name_latin", "website", "country", "kind", "about", "reach", "contact_name", "contact_role",
		"email", "mail_lang", "placement", "pledge", "consent", "authorised", "later")
	return registry.Form{
		Profile: registry.Profile{
			Name: v.Get("name"), NameLatin: v.Get("name_latin"), Website: v.Get("website"), Country: v.Get("country"), Kind: v.Get("kind"),
			About: v.Get("about"), Reach: v.Get("reach"), Placement: v.Get("placement"), Lang: s.Lang(c),
		},
		Contact: registry.Contact{Name: v.Get("contact_name"), Role: v.Get("contact_role"), Email: v.Get("email"), Lang: v.Get("mail_lang")},
		Consents: v.Bit("pledge", registry.ConsentPledge) | v.Bit("consent", registry.ConsentContact) |
			v.Bit("authorised", registry.ConsentAuthorised),
		Range: web.Range(c),
	}, v.Ticked("later"), err
}
