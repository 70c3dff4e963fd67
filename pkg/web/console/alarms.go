package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const alarmsPath = "/console/alarms"

// alarmsPage is what staff should look at: what is open, and what was done.
type alarmsPage struct {
	view.Page
	Open, Done []alarm
	MayAct     bool
}

// alarm is one, with what its figures say.
type alarm struct {
	view.Page
	scrutiny.AlarmRow
	Figures scrutiny.Figures
	Partner *registry.Partner
	Hold    *scrutiny.Hold // the group it is about; nil if it is about none
	Who     string         // who has done with it
	MayAct  bool
}

// Heading is the sentence an alarm begins with. That of another room's alarm
// shows its figures by their names.
func (a alarm) Heading() string {
	if a.Hold != nil {
		return a.T("alarms.group." + a.Hold.Kind)
	}
	if slices.Contains(scrutiny.AlarmKinds(), a.Kind) {
		return a.T("alarms.kind." + a.Kind)
	}
	id := "alarms.of." + a.Kind
	if !a.Has(id) {
		return a.T("alarms.of_other", "Kind", a.Kind)
	}
	var pairs []any
	for name, v := range members(a.AlarmRow.Figures) {
		if n, ok := v.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				v = whole
			}
		}
		pairs = append(pairs, strings.ToUpper(name[:1])+name[1:], v)
	}
	return a.T(id, pairs...)
}

// alarmRooms are where alarms of other rooms are seen to, by what their kinds
// begin with.
var alarmRooms = map[string]*view.Room{"held": {Name: "held.page", Path: heldPath}, "mail": {Name: "mailroom.page", Path: "/console/mail"}}

// Room is where an alarm is seen to, by the message of its name; nil for here.
func (a alarm) Room() *view.Room {
	of, _, _ := strings.Cut(a.Kind, "_")
	return alarmRooms[of]
}

// Sweep is the address of the form for a sweep with the alarm's rule in it.
func (a alarm) Sweep() string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("domains", a.Figures.Domain)
	set("country", a.Figures.Country)
	if a.Partner != nil {
		set("partner", a.Partner.Slug)
	}
	if len(v) == 0 && a.Figures.From == 0 {
		return ""
	}
	for name, ms := range map[string]int64{"from": a.Figures.From, "to": a.Figures.Until} {
		if ms != 0 {
			set(name, time.UnixMilli(ms).UTC().Format(minute))
		}
	}
	return sweepsPath + "?" + v.Encode() + "#f-domains"
}

func (o *Console) showAlarms(c echo.Context, who *staff.Account) error {
	page := &alarmsPage{Page: o.base(c, who, "alarms.page"), MayAct: who.Role.Covers(staff.Reviewer)}
	for _, list := range []struct {
		done bool
		to   *[]alarm
	}{{false, &page.Open}, {true, &page.Done}} {
		rows, err := o.Scrutiny.Alarms(c.Request().Context(), list.done)
		if err != nil {
			return err
		}
		for _, row := range rows {
			one, err := o.newAlarm(c, page, row)
			if err != nil {
				return err
			}
			*list.to = append(*list.to, one)
		}
	}
	return o.Render(c, http.StatusOK, "console/alarms", page)
}

func (o *Console) newAlarm(c echo.Context, page *alarmsPage, row scrutiny.AlarmRow) (alarm, error) {
	a := alarm{Page: page.Page, AlarmRow: row, MayAct: page.MayAct}
	// The figures of other rooms' alarms have other members, which are left out.
	_ = json.Unmarshal([]byte(row.Figures), &a.Figures)
	a.Partner, _ = o.Register.ByID(a.Figures.Partner)
	if row.Kind == scrutiny.AlarmGroup {
		h, err := o.Scrutiny.Hold(c.Request().Context(), number(row.Key))
		if err != nil {
			return a, err
		}
		a.Hold = &h
	}
	if row.DoneBy != 0 {
		names, err := o.names(c.Request().Context())
		if err != nil {
			return a, err
		}
		a.Who = names[row.DoneBy]
	}
	return a, nil
}

func (o *Console) endAlarm(c echo.Context, who *staff.Account) error {
	if err := o.Scrutiny.EndAlarm(c.Request().Context(), number(c.Param("id")), by(who)); err != nil {
		return err
	}
	return web.See(c, alarmsPath)
}

func (o *Console) reopenAlarm(c echo.Context, who *staff.Account) error {
	if err := o.Scrutiny.ReopenAlarm(c.Request().Context(), number(c.Param("id")), by(who)); err != nil {
		return err
	}
	return web.See(c, alarmsPath)
}

func (o *Console) endHold(c echo.Context, who *staff.Account) error {
	if err := o.Scrutiny.EndHold(c.Request().Context(), number(c.Param("id")), by(who)); err != nil {
		return err
	}
	return web.See(c, alarmsPath)
}

// Seconds is a time in whole seconds.
func (a alarm) Seconds(s float64) string { return a.Number(int64(s + .5)) }
