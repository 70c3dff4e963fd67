package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const limitsPath = "/console/limits"

// limitsPage is the table of limits, with a form for one.
type limitsPage struct {
	view.Page
	Kinds []limitKind
	Form  limitForm
	Saved bool
}

// limitKind is the limits of one kind, its default first.
type limitKind struct {
	Kind string
	Rows []limitRow
}

// limitRow is a limit, with the name of what it is about.
type limitRow struct {
	scrutiny.Limit
	Name string // a partner's or a country's; "" where the key says it
}

// limitForm is a limit as typed.
type limitForm struct{ Kind, Key, Minutes, Ask, Examine, Hold, Note string }

func (o *Console) newLimits(c echo.Context, who *staff.Account) (*limitsPage, error) {
	page := &limitsPage{Page: o.base(c, who, "limits.page"), Saved: c.QueryParam("saved") == "1"}
	page.Labels = "limits.field."
	rows, err := o.Scrutiny.Limits(c.Request().Context())
	if err != nil {
		return nil, err
	}
	for _, kind := range scrutiny.Kinds() {
		page.Kinds = append(page.Kinds, limitKind{Kind: kind})
	}
	edit := number(c.QueryParam("edit"))
	page.Form = limitForm{Kind: scrutiny.ByRange, Minutes: "60", Ask: "60", Examine: "40", Hold: "0"}
	for _, l := range rows {
		for i := range page.Kinds {
			if page.Kinds[i].Kind == l.Kind {
				page.Kinds[i].Rows = append(page.Kinds[i].Rows, limitRow{l, o.limitName(page.Page, l)})
			}
		}
		if l.ID == edit {
			n := func(n int64) string { return strconv.FormatInt(n, 10) }
			page.Form = limitForm{l.Kind, l.Key, n(l.Minutes), n(l.Ask), n(l.Examine), n(l.Hold), l.Note}
		}
	}
	return page, nil
}

// limitName is what people call what a limit is about.
func (o *Console) limitName(page view.Page, l scrutiny.Limit) string {
	switch l.Kind {
	case scrutiny.ByCountry:
		return page.Country(l.Key)
	case scrutiny.ByPartner:
		if p, ok := o.Register.ByID(number(l.Key)); ok {
			return p.Name
		}
	}
	return ""
}

func (o *Console) showLimits(c echo.Context, who *staff.Account) error {
	page, err := o.newLimits(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/limits", page)
}

func (o *Console) saveLimit(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "kind", "key", "minutes", "ask", "examine", "hold", "note")
	page, pageErr := o.newLimits(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Form = limitForm{v.Get("kind"), v.Get("key"), v.Get("minutes"), v.Get("ask"), v.Get("examine"), v.Get("hold"), v.Get("note")}
	if err == nil {
		err = o.Scrutiny.SaveLimit(c.Request().Context(), o.limit(page.Form), by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/limits", page) })
	}
	return web.See(c, limitsPath+"?saved=1")
}

// limit reads a form; what is no number is -1, and refused as that. A partner
// may be typed as its short name.
func (o *Console) limit(f limitForm) scrutiny.Limit {
	n := func(text string) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	key := strings.TrimSpace(f.Key)
	if f.Kind == scrutiny.ByPartner {
		if p, ok := o.Register.BySlug(strings.ToLower(key)); ok {
			key = strconv.FormatInt(p.ID, 10)
		}
	}
	return scrutiny.Limit{Kind: f.Kind, Key: key, Minutes: n(f.Minutes), Ask: n(f.Ask), Examine: n(f.Examine), Hold: n(f.Hold), Note: f.Note}
}

func (o *Console) removeLimit(c echo.Context, who *staff.Account) error {
	if err := o.Scrutiny.RemoveLimit(c.Request().Context(), number(c.Param("id")), by(who)); err != nil {
		return err
	}
	return web.See(c, limitsPath+"?saved=1")
}
