package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// protectedPage is the list of names that others like to pass for.
type protectedPage struct {
	view.Page
	Names []registry.ProtectedName
	Name  string // as typed
	May   bool
}

func (o *Console) newProtectedPage(c echo.Context, who *staff.Account) (*protectedPage, error) {
	page := &protectedPage{Page: o.base(c, who, "protected.page"), May: who.Role.Covers(staff.Reviewer)}
	page.Labels = "protected."
	var err error
	page.Names, err = o.Registry.ProtectedNames(c.Request().Context())
	return page, err
}

func (o *Console) showProtected(c echo.Context, who *staff.Account) error {
	page, err := o.newProtectedPage(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/protected", page)
}

func (o *Console) protect(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "name")
	page, pageErr := o.newProtectedPage(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Name = v.Get("name")
	if err == nil {
		err = o.Registry.Protect(c.Request().Context(), page.Name, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/protected", page) })
	}
	return web.See(c, "/console/protected")
}

func (o *Console) unprotect(c echo.Context, who *staff.Account) error {
	if err := o.Registry.Unprotect(c.Request().Context(), number(c.Param("id")), by(who)); err != nil {
		return err
	}
	return web.See(c, "/console/protected")
}
