package console

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// mailPage is how mail goes: what waits, what was sent beside the ceilings, how
// domains take it, and which addresses do not.
type mailPage struct {
	view.Page
	Desk    outbox.Desk
	Queue   []queueRow
	Ages    []string // as the last part of a message's id
	Traffic []trafficRow
	Email   string
	May     bool // free an address
	Freed   bool
	None    bool // no mail goes out at all
}

type queueRow struct {
	outbox.Queue
	Subject string
}

// trafficRow is a window of time, with the ceiling of that window; 0 for none.
type trafficRow struct {
	outbox.Traffic
	Window  string // as the last part of a message's id
	Ceiling int
	Capped  bool // operators set ceilings for such a window
}

// mailAges name the parts of outbox.Ages.
var mailAges = []string{"minutes_10", "hour", "day", "more"}

func (o *Console) newMail(c echo.Context, who *staff.Account) (*mailPage, error) {
	page := &mailPage{Page: o.base(c, who, "mailroom.page"), Ages: mailAges, Freed: c.QueryParam("freed") == "1", None: o.NoMail}
	page.Labels = "mailroom.free."
	page.May = page.Staff.May("reviewer")
	var err error
	if page.Desk, err = o.Post.Desk(c.Request().Context()); err != nil {
		return nil, err
	}
	for _, q := range page.Desk.Queue {
		page.Queue = append(page.Queue, queueRow{q, o.Press.Preview(q.Kind, page.Lang(), nil).Subject})
	}
	page.Traffic = []trafficRow{
		{page.Desk.Minute, "minute", page.Desk.Ceilings.Minute, true},
		{page.Desk.Hour, "hour", 0, false},
		{page.Desk.Day, "day", page.Desk.Ceilings.Day, true},
	}
	return page, nil
}

func (o *Console) showMail(c echo.Context, who *staff.Account) error {
	page, err := o.newMail(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/mail", page)
}

// freeAddress lets mail go to one address again that was stopped.
func (o *Console) freeAddress(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "email")
	page, pageErr := o.newMail(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Email = v.Get("email")
	if err == nil && page.Email == "" {
		refused := fault.Fields{}
		refused.Add("email", fault.New(fault.Invalid, "text.required"))
		err = refused.Err()
	}
	if err == nil {
		err = o.Post.Free(c.Request().Context(), page.Email, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/mail", page) })
	}
	return web.See(c, "/console/mail?freed=1")
}

// Long writes a length of time in the unit that says it best.
func (p *mailPage) Long(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return p.T("mailroom.minutes", "N", int(d/time.Minute))
	case d < 48*time.Hour:
		return p.T("mailroom.hours", "N", int(d/time.Hour))
	}
	return p.T("mailroom.days", "N", int(d/(24*time.Hour)))
}

// Share writes the part of those asked that confirmed; – for none asked.
func (p *mailPage) Share(d outbox.DomainFigures) string {
	if d.Asked == 0 {
		return "–"
	}
	return p.Percent(min(float64(d.Confirmed)/float64(d.Asked), 1))
}
