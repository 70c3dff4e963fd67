package console

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
)

// Post counts the mail, and frees addresses; *outbox.Outbox does.
type Post interface {
	ByKind(ctx context.Context) ([]outbox.KindFigures, error)
	Desk(ctx context.Context) (outbox.Desk, error)
	Free(ctx context.Context, email string, by audit.Actor) error
}

// figuresPage is what the people of a campaign ask about their own work, each
// question with its table, and with a chart where that helps.
type figuresPage struct {
	view.Page
	Figures registry.Figures
	Buckets []string // of ages, as the last part of a message's id
	Mail    []mailFigures
	States  chart
	Times   chart
	Lands   chart
}

// mailFigures is how a kind of mail fares, by what such a mail is about.
type mailFigures struct {
	outbox.KindFigures
	Subject string
}

// ageBuckets name the buckets of registry.AgeDays.
var ageBuckets = []string{"day", "days_3", "week", "weeks_2", "month", "more"}

func (o *Console) showFigures(c echo.Context, who *staff.Account) error {
	ctx := c.Request().Context()
	page := &figuresPage{Page: o.base(c, who, "figures.page"), Buckets: ageBuckets}
	var err error
	if page.Figures, err = o.Registry.Figures(ctx); err != nil {
		return err
	}
	mail, err := o.Post.ByKind(ctx)
	if err != nil {
		return err
	}
	for _, m := range mail {
		page.Mail = append(page.Mail, mailFigures{m, o.Press.Preview(m.Kind, page.Lang(), nil).Subject})
	}
	page.sortApprovals()
	page.draw()
	return o.Render(c, http.StatusOK, "console/figures", page)
}

// sortApprovals puts countries with as many approvals as others in the
// reader's alphabet.
func (p *figuresPage) sortApprovals() {
	collator := p.Collator()
	slices.SortStableFunc(p.Figures.Approvals, func(a, b registry.CountryCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), collator.CompareString(p.Country(a.Country), p.Country(b.Country)))
	})
}

// draw makes the charts of the tables.
func (p *figuresPage) draw() {
	p.States.Label, p.Times.Label, p.Lands.Label = p.T("figures.by_state"), p.T("figures.time"), p.T("figures.by_country")
	for _, s := range p.Figures.Ages {
		p.States.add(p.T("console.state."+string(s.State)), p.Number(s.Total), float64(s.Total))
	}
	for _, m := range p.Figures.Decided {
		p.Times.add(p.Month(m.Month), p.Days(m.Median), m.Median.Hours())
	}
	for _, l := range p.Figures.Approvals[:min(len(p.Figures.Approvals), mostBars)] {
		p.Lands.add(p.Country(l.Country), p.Number(l.N), float64(l.N))
	}
}

// Month writes a month that is stored as 2026-01.
func (p *figuresPage) Month(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return p.T("figures.month", "Month", t.Format("1"), "Year", t.Format("2006"))
}

// Days writes a length of time in days, with one decimal place.
func (p *figuresPage) Days(d time.Duration) string {
	return p.T("figures.days", "N", math.Round(d.Hours()/24*10)/10)
}

// mostBars is how many bars a chart has; the table beside it has them all.
const mostBars = 20

// chart is horizontal bars, each below its label, so that labels of any
// length and script fit. The longest bar is as wide as the chart.
type chart struct {
	Label string
	Bars  []bar
	most  float64
}

type bar struct {
	Label, Value string
	n            float64
	c            *chart
	i            int
}

// Measures of a chart, in units of its view box.
const (
	chartWidth, barHeight, barRow = 400, 12, 40
)

func (c *chart) add(label, value string, n float64) {
	c.most = max(c.most, n)
	c.Bars = append(c.Bars, bar{label, value, n, c, len(c.Bars)})
}

// Width and Height are the chart's.
func (c *chart) Width() int  { return chartWidth }
func (c *chart) Height() int { return barRow * len(c.Bars) }

// TextY and Y are where a bar's label and the bar itself stand.
func (b bar) TextY() int  { return b.i*barRow + 14 }
func (b bar) Y() int      { return b.i*barRow + 20 }
func (b bar) Height() int { return barHeight }

// Width is in proportion to the value; what is more than nothing is seen.
func (b bar) Width() int {
	if b.n <= 0 {
		return 0
	}
	return max(2, int(math.Round(b.n/b.c.most*chartWidth)))
}
