package portal

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// peoplePage is who acts for the partner.
type peoplePage struct {
	view.Page
	People []person
	New    registry.Contact // as typed
}

// person is one of them.
type person struct {
	registry.Contact
	ID       int64
	SignedIn bool
	Me       bool
}

func (p *Portal) newPeople(c echo.Context, rep *registry.Representative, partner *registry.Partner) (*peoplePage, error) {
	base, err := p.page(c, rep, "people.page")
	if err != nil {
		return nil, err
	}
	page := &peoplePage{Page: base, New: registry.Contact{Lang: rep.Lang}}
	page.Labels = "join."
	reps, err := p.Registry.Representatives(c.Request().Context(), partner.ID)
	if err != nil {
		return nil, err
	}
	for i := range reps {
		contact, err := p.Registry.ContactOf(&reps[i])
		if err != nil {
			return nil, err
		}
		page.People = append(page.People, person{contact, reps[i].ID, reps[i].SignedIn(), reps[i].ID == rep.ID})
	}
	return page, nil
}

func (p *Portal) showPeople(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	page, err := p.newPeople(c, rep, partner)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, "portal/people", page)
}

var personFields = []string{"contact_name", "contact_role", "email", "mail_lang"}

func readPerson(v web.Values) registry.Contact {
	return registry.Contact{Name: v.Get("contact_name"), Role: v.Get("contact_role"), Email: v.Get("email"), Lang: v.Get("mail_lang")}
}

// onPeople runs a deed of the page's forms and shows the page again.
func (p *Portal) onPeople(c echo.Context, rep *registry.Representative, partner *registry.Partner, do func(typed registry.Contact) error) error {
	v, err := web.Form(c, personFields...)
	page, pageErr := p.newPeople(c, rep, partner)
	if pageErr != nil {
		return pageErr
	}
	typed := readPerson(v)
	if err == nil {
		err = do(typed)
	}
	if err != nil {
		page.New = typed
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/people", page) })
	}
	return web.See(c, "/portal/people")
}

func (p *Portal) addPerson(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onPeople(c, rep, partner, func(typed registry.Contact) error {
		if err := p.Allow(c, web.SignInLimit); err != nil {
			return err
		}
		return p.Registry.AddPerson(c.Request().Context(), partner, typed, by(rep))
	})
}

func (p *Portal) removePerson(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onPeople(c, rep, partner, func(registry.Contact) error {
		id, err := strconv.ParseInt(c.Param("id"), 10, 64)
		if err != nil {
			return registry.ErrNoPerson
		}
		return p.Registry.RemovePerson(c.Request().Context(), partner.ID, id, by(rep))
	})
}

// mePage is what a representative says of themselves.
type mePage struct {
	view.Page
	Me registry.Contact // as stored, or as typed
}

func (p *Portal) newMe(c echo.Context, rep *registry.Representative) (*mePage, error) {
	base, err := p.page(c, rep, "people.me")
	if err != nil {
		return nil, err
	}
	page := &mePage{Page: base}
	page.Labels = "join."
	page.Me, err = p.Registry.ContactOf(rep)
	return page, err
}

func (p *Portal) showMe(c echo.Context, rep *registry.Representative, _ *registry.Partner) error {
	page, err := p.newMe(c, rep)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, "portal/me", page)
}

func (p *Portal) changeMe(c echo.Context, rep *registry.Representative, _ *registry.Partner) error {
	v, err := web.Form(c, personFields...)
	page, pageErr := p.newMe(c, rep)
	if pageErr != nil {
		return pageErr
	}
	page.Me = readPerson(v)
	if err == nil {
		err = p.Registry.ChangePerson(c.Request().Context(), rep, page.Me)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/me", page) })
	}
	return web.See(c, "/portal/people")
}
