package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// settingsPage is what the admins of a campaign choose.
type settingsPage struct {
	view.Page
	Overdue daysField
	Home    string      // the country whose partners are told apart
	Periods []daysField // for how long data are kept
	Saved   bool
}

// daysField asks for a whole number of days.
type daysField struct {
	Name, Value string
	Least, Most int
}

// daysInField is a field with the page it is on.
type daysInField struct {
	view.Page
	Days daysField
}

// Days hands a field to its template, together with the page's words.
func (p *settingsPage) Days(f daysField) daysInField { return daysInField{p.Page, f} }

// read takes what was typed; what is no number is 0, and refused as that. Of a
// field that was not sent it is what it was.
func (f *daysField) read(v web.Values) int {
	if v.Sent(f.Name) {
		f.Value = v.Get(f.Name)
	}
	n, _ := strconv.Atoi(strings.TrimSpace(f.Value))
	return n
}

func (o *Console) newSettings(c echo.Context, who *staff.Account) (*settingsPage, error) {
	page := &settingsPage{Page: o.base(c, who, "settings.page"), Saved: c.QueryParam("saved") == "1"}
	page.Labels = "settings.days."
	now, err := o.Registry.Settings(c.Request().Context())
	if err != nil {
		return nil, err
	}
	page.Overdue = daysField{"overdue_days", strconv.Itoa(now.OverdueDays), registry.LeastOverdueDays, registry.MostOverdueDays}
	page.Home = now.Home
	for _, p := range appeal.Periods {
		page.Periods = append(page.Periods, daysField{p.Key, strconv.Itoa(p.Of(o.Appeal.Current().Retention)), p.Least, p.Most})
	}
	return page, nil
}

func (o *Console) showSettings(c echo.Context, who *staff.Account) error {
	page, err := o.newSettings(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/settings", page)
}

func (o *Console) saveSettings(c echo.Context, who *staff.Account) error {
	names := []string{"overdue_days", "home"}
	for _, p := range appeal.Periods {
		names = append(names, p.Key)
	}
	v, refused := web.Form(c, names...)
	page, err := o.newSettings(c, who)
	if err != nil {
		return err
	}
	page.Overdue.Value = "" // it cannot be left out
	if v.Sent("home") {
		page.Home = v.Get("home")
	}
	settings, keep := registry.Settings{OverdueDays: page.Overdue.read(v), Home: page.Home}, o.Appeal.Current().Retention
	for i, p := range appeal.Periods {
		p.Set(&keep, page.Periods[i].read(v))
	}
	if refused == nil {
		refused = fault.Join(settings.Check(), keep.Check())
	}
	ctx := c.Request().Context()
	if refused == nil {
		refused = o.Registry.SaveSettings(ctx, settings, by(who))
	}
	if refused == nil {
		refused = o.Appeal.SetRetention(ctx, keep, by(who))
	}
	if refused != nil {
		return web.Refuse(refused, &page.Page, func(status int) error { return o.Render(c, status, "console/settings", page) })
	}
	return web.See(c, "/console/settings?saved=1")
}
