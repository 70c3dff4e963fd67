package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// settingsPage is what the admins of a campaign choose.
type settingsPage struct {
	view.Page
	OverdueDays string
	Least, Most int
	Saved       bool
}

func (o *Console) newSettings(c echo.Context, who *staff.Account) *settingsPage {
	page := &settingsPage{Page: o.base(c, who, "settings.page"), Saved: c.QueryParam("saved") == "1",
		Least: registry.LeastOverdueDays, Most: registry.MostOverdueDays}
	page.Labels = "settings."
	return page
}

func (o *Console) showSettings(c echo.Context, who *staff.Account) error {
	page := o.newSettings(c, who)
	now, err := o.Registry.Settings(c.Request().Context())
	if err != nil {
		return err
	}
	page.OverdueDays = strconv.Itoa(now.OverdueDays)
	return o.Render(c, http.StatusOK, "console/settings", page)
}

func (o *Console) saveSettings(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "overdue_days")
	page := o.newSettings(c, who)
	page.OverdueDays = v.Get("overdue_days")
	days, _ := strconv.Atoi(strings.TrimSpace(page.OverdueDays)) // what is no number is 0, and refused as that
	if err == nil {
		err = o.Registry.SaveSettings(c.Request().Context(), registry.Settings{OverdueDays: days}, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/settings", page) })
	}
	return web.See(c, "/console/settings?saved=1")
}
