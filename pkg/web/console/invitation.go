package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// invitationPage makes the account of who was invited.
type invitationPage struct {
	view.Page
	Token, Email, Name string
	Role               staff.Role
	Shortest           int
}

func (o *Console) newInvitation(c echo.Context) (*invitationPage, error) {
	i, err := o.Staff.Invitation(c.Request().Context(), c.Param("token"))
	if err != nil {
		return nil, err
	}
	lang := o.lang(i.Lang)
	page := &invitationPage{Page: o.Base(c, "console", lang, o.Catalogues.For(lang).T("invitation.page")), Token: c.Param("token"),
		Email: i.Email, Role: i.Role, Shortest: staff.ShortestPassword}
	page.Labels = "account.field."
	return page, nil
}

func (o *Console) showInvitation(c echo.Context) error {
	page, err := o.newInvitation(c)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/invitation", page)
}

func (o *Console) acceptInvitation(c echo.Context) error {
	page, err := o.newInvitation(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "name", "password")
	page.Name = v.Get("name")
	if err == nil {
		err = o.Allow(c, web.SignInLimit)
	}
	var who *staff.Account
	if err == nil {
		who, err = o.Staff.Accept(c.Request().Context(), page.Token, page.Name, v.Get("password"))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/invitation", page) })
	}
	return o.begin(c, who)
}
