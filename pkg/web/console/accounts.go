package console

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// memberRow is an account in the list.
type memberRow struct {
	Page   view.Page
	Member staff.Member
}

// accountsPage lists the staff and who is invited; only admins see it.
type accountsPage struct {
	view.Page
	Members     []memberRow
	Invitations []staff.Invitation
	Now         int64
	Roles       []staff.Role
	Email       string // of the form, as typed
	Role        string
	MailLang    string
	Sent        bool
}

func (o *Console) newAccounts(c echo.Context, who *staff.Account) (*accountsPage, error) {
	ctx := c.Request().Context()
	page := &accountsPage{Page: o.base(c, who, "accounts.page"), Roles: staff.Roles, Now: o.Now().UnixMilli(),
		MailLang: who.Lang, Sent: c.QueryParam("sent") == "1"}
	page.Labels = "accounts.field."
	members, err := o.Staff.Members(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		page.Members = append(page.Members, memberRow{page.Page, m})
	}
	page.Invitations, err = o.Staff.Invitations(ctx)
	return page, err
}

func (o *Console) showAccounts(c echo.Context, who *staff.Account) error {
	page, err := o.newAccounts(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/accounts", page)
}

func (o *Console) invite(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "email", "role", "lang")
	if err == nil {
		err = o.Staff.Invite(c.Request().Context(), staff.NewInvitation{Email: v.Get("email"), Role: staff.Role(v.Get("role")), Lang: v.Get("lang")}, who)
	}
	if err == nil {
		return web.See(c, "/console/accounts?sent=1")
	}
	page, pageErr := o.newAccounts(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Email, page.Role, page.MailLang = v.Get("email"), v.Get("role"), v.Get("lang")
	return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/accounts", page) })
}

func (o *Console) resendInvitation(c echo.Context, who *staff.Account) error {
	return o.onInvitation(c, func(id int64) error { return o.Staff.Resend(c.Request().Context(), id, who) })
}

func (o *Console) revokeInvitation(c echo.Context, who *staff.Account) error {
	return o.onInvitation(c, func(id int64) error { return o.Staff.Revoke(c.Request().Context(), id, by(who)) })
}

func (o *Console) onInvitation(c echo.Context, do func(id int64) error) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return staff.ErrNoInvitation
	}
	if err := do(id); err != nil {
		return err
	}
	return web.See(c, "/console/accounts")
}

// memberPage is one account as admins see it.
type memberPage struct {
	view.Page
	Member  staff.Member
	Factors staff.Factors
	Roles   []staff.Role
	Role    string // as chosen
	Events  []event
}

func (o *Console) newMember(c echo.Context, who *staff.Account) (*memberPage, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, staff.ErrNoAccount
	}
	members, err := o.Staff.Members(c.Request().Context())
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(members, func(m staff.Member) bool { return m.ID == id })
	if at < 0 {
		return nil, staff.ErrNoAccount
	}
	page := &memberPage{Page: o.base(c, who, "accounts.page"), Member: members[at], Roles: staff.Roles, Role: string(members[at].Role)}
	page.Title = page.Member.Name
	if page.Factors, err = o.Staff.Factors(c.Request().Context(), id); err != nil {
		return nil, err
	}
	page.Events, err = o.events(c, id)
	return page, err
}

func (o *Console) showMember(c echo.Context, who *staff.Account) error {
	page, err := o.newMember(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/member", page)
}

// onMember does something to an account and shows it again.
func (o *Console) onMember(c echo.Context, who *staff.Account, do func(id int64, by audit.Actor) error) error {
	page, err := o.newMember(c, who)
	if err != nil {
		return err
	}
	if err := do(page.Member.ID, by(who)); err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/member", page) })
	}
	return web.See(c, "/console/accounts/"+c.Param("id"))
}

func (o *Console) setRole(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "role")
	return o.onMember(c, who, func(id int64, by audit.Actor) error {
		if err != nil {
			return err
		}
		return o.Staff.SetRole(c.Request().Context(), id, staff.Role(v.Get("role")), by)
	})
}

func (o *Console) disable(c echo.Context, who *staff.Account) error {
	return o.onMember(c, who, func(id int64, by audit.Actor) error { return o.Staff.Disable(c.Request().Context(), id, by) })
}

func (o *Console) enable(c echo.Context, who *staff.Account) error {
	return o.onMember(c, who, func(id int64, by audit.Actor) error { return o.Staff.Enable(c.Request().Context(), id, by) })
}

func (o *Console) resetFactors(c echo.Context, who *staff.Account) error {
	return o.onMember(c, who, func(id int64, by audit.Actor) error { return o.Staff.ResetFactors(c.Request().Context(), id, by) })
}
