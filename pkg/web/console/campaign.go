package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// textsPage edits the appeal in one language.
type textsPage struct {
	view.Page
	Editing string // the language
	Texts   []textField
	Goal    string
	LastDay string // on which people can sign, as 2006-01-02
	// Delivered is the day on which signatures were handed over, as 2006-01-02.
	Delivered     string
	DeliveredDays int   // for so long addresses are kept after it
	Sunset        bool  // ended from the command line
	KeysDestroyed int64 // since when the appeal cannot be opened again; 0 while it can
	Saved         bool
}

// textField is a text with its newest English version beside it.
type textField struct {
	Field, Body, English string
	Rows                 int
}

// textLimits bound what staff write, in characters.
var textLimits = map[appeal.Field]plaintext.Limit{
	appeal.Campaign: {Graphemes: 60, Bytes: 240}, appeal.Title: {Graphemes: 150, Bytes: 600},
	appeal.Summary: {Graphemes: 400, Bytes: 1600}, appeal.Slogan: {Graphemes: 70, Bytes: 280},
	appeal.Body:       {Graphemes: 20_000, Bytes: 60_000, Lines: true},
	appeal.Demands:    {Graphemes: 2_000, Bytes: 8_000, Lines: true},
	appeal.Controller: {Graphemes: 300, Bytes: 1200, Lines: true}, appeal.Recipients: {Graphemes: 400, Bytes: 1600},
}

// indispensable texts are on every page; other languages fall back on the
// English ones.
var indispensable = map[appeal.Field]bool{appeal.Campaign: true, appeal.Title: true, appeal.Body: true}

func (o *Console) newTexts(c echo.Context, who *staff.Account) *textsPage {
	page := &textsPage{Page: o.base(c, who, "console.appeal"), Editing: c.QueryParam("lang"), Saved: c.QueryParam("saved") == "1"}
	page.Labels = "console.text."
	if !o.Catalogues.Has(page.Editing) {
		page.Editing = appeal.DefaultLang
	}
	current := o.Appeal.Current()
	page.Goal = strconv.FormatInt(current.Goal, 10)
	page.LastDay, page.Sunset = current.LastDay, current.Sunset
	page.Delivered, page.DeliveredDays, page.KeysDestroyed = current.Delivered, current.Retention.Delivered, current.KeysDestroyed
	for _, f := range appeal.Fields {
		rows := 2
		if textLimits[f].Lines {
			rows = 6
		}
		page.Texts = append(page.Texts, textField{string(f), current.Exact(f, page.Editing).Body, current.Exact(f, appeal.DefaultLang).Body, rows})
	}
	return page
}

func (o *Console) showTexts(c echo.Context, who *staff.Account) error {
	return o.Render(c, http.StatusOK, "console/appeal", o.newTexts(c, who))
}

func (o *Console) saveTexts(c echo.Context, who *staff.Account) error {
	names := []string{"goal", "last_day", "delivered_on"}
	for _, f := range appeal.Fields {
		names = append(names, string(f))
	}
	v, err := web.Form(c, names...)
	page := o.newTexts(c, who)
	bodies, goal, refusal := page.read(v, o.Appeal.Current(), o.Now())
	if err == nil {
		err = refusal
	}
	ctx := c.Request().Context()
	if err == nil {
		err = o.Appeal.SaveTexts(ctx, appeal.Bodies{page.Editing: bodies}, who.ID)
	}
	if err == nil {
		err = o.Appeal.SetGoal(ctx, goal)
	}
	if err == nil {
		err = o.Appeal.SetLastDay(ctx, page.LastDay, by(who))
	}
	if err == nil {
		err = o.Appeal.SetDelivered(ctx, page.Delivered, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/appeal", page) })
	}
	return web.See(c, "/console/appeal?saved=1&lang="+page.Editing)
}

// read takes what was typed onto the page, and returns the texts that were
// sent, cleaned, and the goal; the days stay on the page; or a fault with a
// sentence for each refused field.
func (p *textsPage) read(v web.Values, current *appeal.Current, now time.Time) (map[appeal.Field]string, int64, error) {
	refused, bodies := fault.Fields{}, map[appeal.Field]string{}
	for i := range p.Texts {
		field := appeal.Field(p.Texts[i].Field)
		needed := p.Editing == appeal.DefaultLang && indispensable[field]
		if !v.Sent(string(field)) && !needed {
			continue
		}
		p.Texts[i].Body = v.Get(string(field))
		clean := plaintext.Clean
		if needed {
			clean = plaintext.Required
		}
		body, err := clean(p.Texts[i].Body, textLimits[field])
		refused.Add(string(field), err)
		bodies[field] = body
	}
	p.Goal = v.Get("goal")
	goal, err := strconv.ParseInt(strings.TrimSpace(p.Goal), 10, 64)
	if err != nil || goal < 1 || goal > 10_000_000_000 {
		refused.Add("goal", fault.New(fault.Invalid, "console.goal_bad"))
	}
	if v.Sent("last_day") {
		p.LastDay = strings.TrimSpace(v.Get("last_day"))
	}
	refused.Add("last_day", current.CheckLastDay(p.LastDay, now))
	if v.Sent("delivered_on") {
		p.Delivered = strings.TrimSpace(v.Get("delivered_on"))
	}
	refused.Add("delivered_on", current.CheckDelivered(p.Delivered, now))
	return bodies, goal, refused.Err()
}
