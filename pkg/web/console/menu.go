package console

import (
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/view"
)

// nook is a room of the console as its menu knows it, and where else pages
// stand that belong to it.
type nook struct {
	name, path string
	more       []string
}

// parts are the groups of the menu: who answers applications, keeps the count
// honest or writes for the campaign finds together what that takes.
var parts = []struct {
	name   string
	places []nook
}{
	{"console.nav.applications", []nook{
		{"console.inbox", "/console", []string{"/console/applications", "/console/spam"}},
		{"console.phrases.page", "/console/phrases", nil},
		{"protected.page", "/console/protected", nil},
		{"figures.page", "/console/figures", nil},
	}},
	{"console.partners.page", []nook{
		{"console.nav.register", "/console/partners", nil},
		{"console.changes.page", "/console/changes", nil},
		{"console.places.page", placesPath, nil},
	}},
	{"console.nav.signatures", []nook{
		{"held.page", heldPath, nil},
		{"alarms.page", alarmsPath, nil},
		{"sweeps.page", sweepsPath, nil},
		{"limits.page", limitsPath, nil},
	}},
	{"console.messages", []nook{
		{"console.nav.wall", messagesPath, nil},
		{"reports.page", reportsPath, nil},
	}},
	{"console.nav.campaign", []nook{
		{"console.appeal", "/console/appeal", nil},
		{"translate.page", translatePath, nil},
		{"designs.page", "/console/designs", nil},
		{"statements.page", statementsPath, nil},
	}},
	{"console.nav.office", []nook{
		{"mailroom.page", "/console/mail", nil},
		{"accounts.page", "/console/accounts", nil},
		{"settings.page", "/console/settings", nil},
		{"audit.page", "/console/audit", nil},
	}},
}

// holds says whether a page belongs to the place. Below the inbox stands the
// whole console.
func (p nook) holds(page string) bool {
	below := p.more
	if p.path != "/console" {
		below = append([]string{p.path}, below...)
	}
	for _, path := range below {
		if page == path || strings.HasPrefix(page, path+"/") {
			return true
		}
	}
	return page == p.path
}

// openHere counts what is open in the places that say so, each with the
// message about it. What cannot be counted now is not worth an error page.
func (o *Console) openHere(c echo.Context) map[string]waiting {
	ctx := c.Request().Context()
	late, _ := o.Sweeps.Overdue(ctx)
	reports, _ := o.Reports.Waiting(ctx)
	return map[string]waiting{heldPath: {"held.late", late}, alarmsPath: {"alarms.open", o.Scrutiny.OpenAlarms()}, reportsPath: {"reports.open", reports}}
}

type waiting struct {
	message string
	n       int64
}

// menu is what of the console a person may see, by the table of rights.
func (o *Console) menu(c echo.Context, p view.Page, may func(role string) bool) view.Menu {
	var menu view.Menu
	open := o.openHere(c)
	for _, part := range parts {
		group := view.Group{Name: p.T(part.name)}
		for _, place := range part.places {
			if !may(string(o.rights[place.path])) {
				continue
			}
			room := view.Room{Name: p.T(place.name), Path: place.path, Here: place.holds(p.Path), Exact: p.Path == place.path}
			if w := open[place.path]; w.n > 0 {
				room.N, room.Waiting = w.n, p.T(w.message, "N", w.n)
			}
			group.Rooms = append(group.Rooms, room)
		}
		if len(group.Rooms) > 0 {
			menu = append(menu, group)
		}
	}
	return menu
}
