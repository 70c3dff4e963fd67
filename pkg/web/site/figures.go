package site

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/sheet"
	"olivebranch/pkg/view"
)

// Bounds of the page; the files have all rows.
const (
	partnersInBulletin = 40
	landsInBulletin    = 80
	daysInBulletin     = 30
	earlierBulletins   = 60
)

// figuresPage is the figures that are published once a day.
type figuresPage struct {
	view.Page
	None      bool // none was published yet
	Bulletin  appeal.Bulletin
	Past      bool // there is a later one
	Reasons   []reasonTable
	Countries []line
	Partners  []line
	Untold    int64  // partners of which no figure is listed
	More      bool   // the file lists more partners
	MoreLands bool   // and more countries
	Growth    *chart // nil before the first signature
	Days      *chart
	Busiest   int64 // day's figure
	Earlier   []appeal.Bulletin
}

// reasonTable is why signatures are in a state.
type reasonTable struct {
	State string
	N     int64
	Lines []line
}

// line is a row of a table with its bar. Link and Lang are a partner's.
type line struct {
	Label, Link, Lang string
	disclosure.Figure
	Share int // of the longest bar, in per cent
}

// shownChart hands a chart to its template.
type shownChart struct {
	Page    view.Page
	Chart   *chart
	Heading string // of the figures in its table
}

// linesTable hands a table to its template.
type linesTable struct {
	Page    view.Page
	Heading string // of the first column
	Lines   []line
	Rest    *linesTable // nil: that is all
}

// Tell puts a figure into words. Why some are covered is said once on the page.
func (t linesTable) Tell(f disclosure.Figure) string {
	if f.Telling == disclosure.Covered {
		return t.Page.T("bulletin.kept")
	}
	return tell(t.Page.Locale, f)
}

// linesAtOnce is how many rows of a long table are seen before it is opened.
const linesAtOnce = 12

// WithLines makes one.
func (p *figuresPage) WithLines(heading string, lines []line) linesTable {
	t := linesTable{Page: p.Page, Heading: heading, Lines: lines}
	if len(lines) > linesAtOnce+linesAtOnce/2 {
		rest := t
		t.Lines, rest.Lines = lines[:linesAtOnce], slices.Clone(lines[linesAtOnce:])
		for i := range rest.Lines {
			rest.Lines[i].Share = 0 // all are about as short
		}
		t.Rest = &rest
	}
	return t
}

// WithChart hands one to its template.
func (p *figuresPage) WithChart(c *chart, heading string) shownChart {
	return shownChart{p.Page, c, heading}
}

// bulletin is what the query asks for, the newest unless it names a day; past
// says that there is a newer one.
func (s *Site) bulletin(c echo.Context) (b appeal.Bulletin, past bool, err error) {
	ctx := c.Request().Context()
	newest, err := s.Bulletins.Latest(ctx)
	day := c.QueryParam("day")
	if err != nil || day == "" || day == newest.Day {
		return newest, false, err
	}
	b, err = s.Bulletins.On(ctx, day)
	return b, true, err
}

func (s *Site) showFigures(c echo.Context) error {
	b, past, err := s.bulletin(c)
	page := &figuresPage{Page: s.base(c, "bulletin.page"), Bulletin: b, Past: past}
	if errors.Is(err, appeal.ErrNoBulletin) && c.QueryParam("day") == "" {
		page.None = true
		return s.Render(c, http.StatusOK, "site/figures", page)
	}
	if err != nil {
		return err
	}
	if page.Earlier, err = s.Bulletins.Earlier(c.Request().Context(), b.Day, earlierBulletins); err != nil {
		return err
	}
	s.fillFigures(page)
	return s.Render(c, http.StatusOK, "site/figures", page)
}

func (s *Site) fillFigures(page *figuresPage) {
	b := &page.Bulletin
	for _, t := range []reasonTable{{State: appeal.Held, N: b.Held}, {State: appeal.Invalid, N: b.Invalid}} {
		told := b.HeldBy
		if t.State == appeal.Invalid {
			told = b.InvalidBy
		}
		for _, r := range told {
			t.Lines = append(t.Lines, line{Label: page.T("reason." + r.Key), Figure: r.Figure()})
		}
		measure(t.Lines)
		page.Reasons = append(page.Reasons, t)
	}
	page.MoreLands = len(b.Countries) > landsInBulletin
	for _, country := range b.Countries[:min(len(b.Countries), landsInBulletin)] {
		page.Countries = append(page.Countries, line{Label: page.Country(country.Key), Figure: country.Figure()})
	}
	measure(page.Countries)
	shown := s.shownPartners(b)
	page.Untold = b.Unlisted + int64(len(b.Partners)-len(shown))
	page.More = len(shown) > partnersInBulletin
	for _, p := range shown[:min(len(shown), partnersInBulletin)] {
		page.Partners = append(page.Partners, line{Label: p.Name, Link: p.Slug, Lang: p.Profile.Lang, Figure: disclosure.Figure{N: p.n, Telling: disclosure.Told}})
	}
	measure(page.Partners)
	days := lastDays(b)
	page.Busiest = busiest(days)
	page.Days, page.Growth = daily(page.Locale, days), growing(page.Locale, b.Days, b.Day)
}

// toldPartner is a partner with the figure a bulletin told.
type toldPartner struct {
	*registry.Partner
	n int64
}

// shownPartners leaves out those that were told on that day and are not to be
// told today.
func (s *Site) shownPartners(b *appeal.Bulletin) []toldPartner {
	var out []toldPartner
	for _, t := range b.Partners {
		id, err := strconv.ParseInt(t.Key, 10, 64)
		p, known := s.Register.ByID(id)
		if err == nil && known && p.State == registry.Active && p.MergedInto == 0 && p.ShowSignatures {
			out = append(out, toldPartner{p, t.N})
		}
	}
	return out
}

// lastDays are those up to the bulletin's, each also without signatures.
func lastDays(b *appeal.Bulletin) []appeal.DayCount {
	n := map[string]int64{}
	for _, d := range b.Days {
		n[d.Day] = d.N
	}
	last, err := time.Parse(time.DateOnly, b.Day)
	if err != nil {
		return nil
	}
	out := make([]appeal.DayCount, daysInBulletin)
	for i := range out {
		day := last.AddDate(0, 0, i+1-daysInBulletin).Format(time.DateOnly)
		out[i] = appeal.DayCount{Day: day, N: n[day]}
	}
	return out
}

// measure gives each line its bar, of which what is more than nothing is seen.
func measure(lines []line) {
	var most int64
	for _, l := range lines {
		most = max(most, l.N)
	}
	for i := range lines {
		if lines[i].N > 0 {
			lines[i].Share = max(1, int(lines[i].N*100/most))
		}
	}
}

// bulletinJSON is the shape of figures.json. A figure is null where it is kept
// back, and told says why.
type bulletinJSON struct {
	Day       string      `json:"day"`
	AsOf      string      `json:"as_of"`
	Counted   int64       `json:"counted"`
	Waiting   int64       `json:"awaiting_confirmation"`
	Held      int64       `json:"under_review"`
	Invalid   int64       `json:"invalid"`
	Withdrawn int64       `json:"withdrawn"`
	HeldBy    []toldJSON  `json:"under_review_by_reason"`
	InvalidBy []toldJSON  `json:"invalid_by_reason"`
	Countries []toldJSON  `json:"countries"`
	Partners  []toldJSON  `json:"partners"`
	Days      []daysJSON  `json:"days"`
	Earlier   []earlyJSON `json:"earlier"`
}

type toldJSON struct {
	Key        string             `json:"key"`
	Signatures *int64             `json:"signatures"`
	Told       disclosure.Telling `json:"told"`
}

type daysJSON struct {
	Day        string `json:"day"`
	Signatures int64  `json:"signatures"`
}

type earlyJSON struct {
	Day string `json:"day"`
	URL string `json:"url"`
}

func toldRows(told []appeal.Told) []toldJSON {
	out := make([]toldJSON, len(told))
	for i, t := range told {
		out[i] = toldJSON{Key: t.Key, Told: t.Telling}
		if t.Telling == disclosure.Told {
			out[i].Signatures = &t.N
		}
	}
	return out
}

// tables are the bulletin as both files have it.
func (s *Site) tables(b *appeal.Bulletin) bulletinJSON {
	out := bulletinJSON{Day: b.Day, AsOf: time.UnixMilli(b.At).UTC().Format(time.RFC3339), Counted: b.Counted, Waiting: b.Waiting, Held: b.Held, Invalid: b.Invalid,
		Withdrawn: b.Withdrawn, HeldBy: toldRows(b.HeldBy), InvalidBy: toldRows(b.InvalidBy), Countries: toldRows(b.Countries),
		Partners: []toldJSON{}, Days: make([]daysJSON, len(b.Days)), Earlier: []earlyJSON{}}
	for _, p := range s.shownPartners(b) {
		out.Partners = append(out.Partners, toldJSON{p.Slug, &p.n, disclosure.Told})
	}
	for i, d := range b.Days {
		out.Days[i] = daysJSON{d.Day, d.N}
	}
	return out
}

func (s *Site) figuresJSON(c echo.Context) error {
	b, _, err := s.bulletin(c)
	if err != nil {
		return err
	}
	earlier, err := s.Bulletins.Earlier(c.Request().Context(), b.Day, earlierBulletins)
	if err != nil {
		return err
	}
	out := s.tables(&b)
	for _, e := range earlier {
		out.Earlier = append(out.Earlier, earlyJSON{e.Day, s.BaseURL.JoinPath(s.Lang(c), "figures.json").String() + "?day=" + e.Day})
	}
	forEverybody(c)
	return c.JSON(http.StatusOK, out)
}

// forEverybody lets other sites read a file, and caches keep it for a minute.
func forEverybody(c echo.Context) {
	c.Response().Header().Set("Cache-Control", "public, max-age=60")
	c.Response().Header().Set("Access-Control-Allow-Origin", "*")
}

func (s *Site) figuresCSV(c echo.Context) error {
	b, _, err := s.bulletin(c)
	if err != nil {
		return err
	}
	t := s.tables(&b)
	var text strings.Builder
	w := sheet.NewWriter(&text)
	row := func(table, key string, n *int64, told disclosure.Telling) {
		cell := ""
		if n != nil {
			cell = strconv.FormatInt(*n, 10)
		}
		err = errors.Join(err, w.Row(t.Day, table, key, cell, string(told)))
	}
	err = w.Row("day", "table", "key", "signatures", "told")
	row("counted", "", &t.Counted, disclosure.Told)
	row("awaiting_confirmation", "", &t.Waiting, disclosure.Told)
	row("under_review", "", &t.Held, disclosure.Told)
	row("invalid", "", &t.Invalid, disclosure.Told)
	row("withdrawn", "", &t.Withdrawn, disclosure.Told)
	for _, part := range []struct {
		name string
		rows []toldJSON
	}{{"under_review_by_reason", t.HeldBy}, {"invalid_by_reason", t.InvalidBy}, {"countries", t.Countries}, {"partners", t.Partners}} {
		for _, r := range part.rows {
			row(part.name, r.Key, r.Signatures, r.Told)
		}
	}
	for _, d := range t.Days {
		row("days", d.Day, &d.Signatures, disclosure.Told)
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		return err
	}
	forEverybody(c)
	c.Response().Header().Set("Content-Disposition", `attachment; filename="figures-`+t.Day+`.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", []byte(text.String()))
}
