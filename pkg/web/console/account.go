package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// accountPage is everybody's own account.
type accountPage struct {
	view.Page
	Email    string
	Name     string // as typed
	MailLang string
	Role     staff.Role
	Shortest int
	Factors  staff.Factors
	Sessions []staff.Session
	This     int64 // the session in which the page was opened
	Events   []event
	Saved    bool
}

// event is a deed on an account, by the last part of its name.
type event struct {
	Deed string
	At   int64
	By   string
}

// mostEvents of an account are shown, the newest first.
const mostEvents = 20

func (o *Console) events(c echo.Context, account int64) ([]event, error) {
	var actions []string
	for _, deed := range staff.Deeds {
		actions = append(actions, "staff."+deed)
	}
	trail, err := o.Trail.Search(c.Request().Context(), audit.Query{Subject: "staff", SubjectID: account, Actions: actions}, audit.Key{}, mostEvents)
	out := make([]event, len(trail))
	for i, e := range trail {
		out[i] = event{strings.TrimPrefix(e.Action, "staff."), e.At, e.ActorKind}
	}
	return out, err
}

func (o *Console) newAccount(c echo.Context, who *staff.Account) (*accountPage, error) {
	ctx := c.Request().Context()
	page := &accountPage{Page: o.base(c, who, "account.page"), Email: who.Email, Name: who.Name, MailLang: who.Lang, Role: who.Role,
		Shortest: staff.ShortestPassword, This: session(c).ID, Saved: c.QueryParam("saved") == "1"}
	page.Labels = "account.field."
	var err error
	if page.Factors, err = o.Staff.Factors(ctx, who.ID); err != nil {
		return nil, err
	}
	if page.Sessions, err = o.Staff.Sessions(ctx, who.ID); err != nil {
		return nil, err
	}
	page.Events, err = o.events(c, who.ID)
	return page, err
}

func (o *Console) showAccount(c echo.Context, who *staff.Account) error {
	page, err := o.newAccount(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/account", page)
}

func (o *Console) saveAccount(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "name", "lang")
	if err == nil {
		err = o.Staff.Describe(c.Request().Context(), who.ID, v.Get("name"), v.Get("lang"))
	}
	return o.savedAccount(c, who, err, func(p *accountPage) { p.Name, p.MailLang = v.Get("name"), v.Get("lang") })
}

func (o *Console) changePassword(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "old", "password")
	if err == nil {
		err = o.Allow(c, web.SignInLimit)
	}
	if err == nil {
		err = o.Staff.ChangePassword(c.Request().Context(), session(c), v.Get("old"), v.Get("password"))
	}
	return o.savedAccount(c, who, err, func(*accountPage) {})
}

// savedAccount answers a form of the account: done, or refused with what was
// typed.
func (o *Console) savedAccount(c echo.Context, who *staff.Account, refusal error, fill func(p *accountPage)) error {
	if refusal == nil {
		return web.See(c, "/console/account?saved=1")
	}
	page, err := o.newAccount(c, who)
	if err != nil {
		return err
	}
	fill(page)
	return web.Refuse(refusal, &page.Page, func(status int) error { return o.Render(c, status, "console/account", page) })
}

func (o *Console) endOne(c echo.Context, who *staff.Account) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return staff.ErrNotYours
	}
	if err := o.Staff.EndOne(c.Request().Context(), who.ID, id); err != nil {
		return err
	}
	return web.See(c, "/console/account")
}

func (o *Console) endOthers(c echo.Context, who *staff.Account) error {
	if err := o.Staff.EndOthers(c.Request().Context(), who.ID, session(c).ID); err != nil {
		return err
	}
	return web.See(c, "/console/account")
}
