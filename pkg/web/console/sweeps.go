package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const (
	sweepsPath = "/console/sweeps"
	// sweepsOnPage is how many sweeps one page lists.
	sweepsOnPage = 20
	// minute is how times of a rule are typed, in UTC.
	minute = "2006-01-02T15:04"
	// awaited is how long an answer waits for a sweep that may be a small one.
	awaited = 2 * time.Second
)

// sweepsPage lists the sweeps, and has the form for one more.
type sweepsPage struct {
	view.Page
	Form    sweepForm
	Reasons []string
	Lands   []locale.Country
	Sweeps  []sweepLine
	Next    string // address of the next page, "" on the last
	MayAct  bool
}

// States are those a sweep can move signatures from and to.
func (p *sweepsPage) States() []string { return sweepStates }

var sweepStates = []string{appeal.Held, appeal.Invalid, appeal.Counted}

// sweepLine is a sweep in a list.
type sweepLine struct {
	*appeal.Sweep
	Who string // a name; "" for the program
}

// sweepForm is a sweep as typed.
type sweepForm struct {
	Domains, Ranges, Partner, Name, Country, From, To string
	Direct, Glob                                      bool
	State, Target, Reason, Words                      string
}

var sweepFields = []string{"domains", "ranges", "partner", "direct", "name", "glob", "country", "from", "to", "state", "target", "reason", "words"}

func readSweepForm(v web.Values) sweepForm {
	return sweepForm{Domains: v.Get("domains"), Ranges: v.Get("ranges"), Partner: strings.TrimSpace(v.Get("partner")), Name: v.Get("name"), Country: v.Get("country"),
		From: v.Get("from"), To: v.Get("to"), Direct: v.Ticked("direct"), Glob: v.Ticked("glob"),
		State: v.Get("state"), Target: v.Get("target"), Reason: v.Get("reason"), Words: v.Get("words")}
}

var (
	errSweepTime   = fault.New(fault.Invalid, "sweeps.time_bad")
	errSweepTarget = fault.New(fault.Invalid, "sweeps.target_required")
	errSweepReason = fault.New(fault.Invalid, "sweeps.reason_required")
)

// sweptPartner is whom staff mean: by name, or by short name also one that is
// no longer active.
func (o *Console) sweptPartner(typed string) (*registry.Partner, error) {
	if p, ok := o.Register.BySlug(strings.ToLower(typed)); ok {
		return p, nil
	}
	return o.Register.Named(typed)
}

// wish is what the form asks for. Invalid names its fields.
func (o *Console) wish(f sweepForm, by audit.Actor) (appeal.Wish, error) {
	refused := fault.Fields{}
	r := appeal.Rule{State: f.State, Country: f.Country,
		Typed: appeal.Typed{Domains: listed(f.Domains), Ranges: listed(f.Ranges), Name: f.Name, Glob: f.Glob && strings.TrimSpace(f.Name) != ""}}
	if f.Country != "" && !locale.IsCountry(f.Country) {
		refused.Add("country", fault.New(fault.Invalid, "country.bad"))
	}
	if f.Direct {
		r.Partner = new(int64)
	} else if f.Partner != "" {
		p, err := o.sweptPartner(f.Partner)
		if refused.Add("partner", err); err == nil {
			r.Partner = &p.ID
		}
	}
	var err error
	r.From, err = readMinute(f.From)
	refused.Add("from", err)
	r.To, err = readMinute(f.To)
	refused.Add("to", err)
	to := appeal.Mark{State: f.Target, Reason: f.Reason}
	switch {
	case !slices.Contains(sweepStates, f.Target):
		refused.Add("target", errSweepTarget)
	case f.Target == appeal.Counted:
		to.Reason = ""
	case !slices.Contains(appeal.Reasons(), f.Reason):
		refused.Add("reason", errSweepReason)
	}
	return appeal.Wish{Rule: r, To: to, Words: f.Words, By: by}, refused.Err()
}

// listed are the words of a list, one a line or with commas or spaces between.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\n\r\t", r) })
}

// readMinute reads a time as typed, in Unix milliseconds; 0 for none.
func readMinute(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(minute, s)
	if err != nil || t.UnixMilli() <= 0 {
		return 0, errSweepTime
	}
	return t.UnixMilli(), nil
}

func (o *Console) newSweepsPage(c echo.Context, who *staff.Account) (*sweepsPage, error) {
	ctx := c.Request().Context()
	page := &sweepsPage{Page: o.base(c, who, "sweeps.page"), Reasons: appeal.Reasons(), MayAct: who.Role.Covers(staff.Reviewer)}
	page.Labels, page.Lands = "sweeps.field.", page.Countries()
	before := max(number(c.QueryParam("before")), 0)
	rows, err := o.Sweeps.List(ctx, before, sweepsOnPage+1)
	if err != nil {
		return nil, err
	}
	if len(rows) > sweepsOnPage {
		rows = rows[:sweepsOnPage]
		page.Next = sweepsPath + "?before=" + strconv.FormatInt(rows[sweepsOnPage-1].ID, 10)
	}
	names, err := o.names(ctx)
	for i := range rows {
		page.Sweeps = append(page.Sweeps, sweepLine{&rows[i], whoOf(names, rows[i].By())})
	}
	return page, err
}

// whoOf names a member of staff; "" for the program.
func whoOf(names map[int64]string, by audit.Actor) string {
	if by.Kind != audit.Staff {
		return ""
	}
	return names[by.ID]
}

func (o *Console) showSweeps(c echo.Context, who *staff.Account) error {
	page, err := o.newSweepsPage(c, who)
	if err != nil {
		return err
	}
	q := c.QueryParam // an alarm leads here with what it is about
	page.Form = sweepForm{Domains: q("domains"), Partner: q("partner"), Country: q("country"), From: q("from"), To: q("to")}
	return o.Render(c, http.StatusOK, "console/sweeps", page)
}

// previewSweep begins to count what a sweep would move, and leads to where that
// is told.
func (o *Console) previewSweep(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, sweepFields...)
	page, pageErr := o.newSweepsPage(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Form = readSweepForm(v)
	ctx := c.Request().Context()
	var wish appeal.Wish
	if err == nil {
		wish, err = o.wish(page.Form, by(who))
	}
	var id int64
	if err == nil {
		id, err = o.Sweeps.Preview(ctx, wish)
	}
	if err == nil {
		_, err = o.Sweeps.Await(ctx, id, awaited)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/sweeps", page) })
	}
	return web.See(c, sweepPath(id))
}

func sweepPath(id int64) string { return sweepsPath + "/" + strconv.FormatInt(id, 10) }

// sweepPage is one sweep: what it asks for, what its preview found, how far it
// is.
type sweepPage struct {
	view.Page
	Sweep   *appeal.Sweep
	Rule    appeal.Rule
	Partner string // the rule's
	Who     string
	Counts  []tally
	Samples []sampleLine
	All     int64 // signatures there are, of which a preview looks at some
	MayAct  bool
	MaySee  bool // who they are
}

// Sampled hands the samples to their table, together with the page's words.
func (p *sweepPage) Sampled() sampled { return sampled{Page: p.Page, Samples: p.Samples} }

// tally is a table of what a preview found.
type tally struct {
	Heading string
	Rows    []tallyRow
	More    int // that are not shown
}

type tallyRow struct {
	Words string
	Own   bool // its words are a name
	N     int64
}

// mostTallied is how many rows such a table has.
const mostTallied = 15

// sampleLine is a signature as staff see it, with its partner's name.
type sampleLine struct {
	appeal.Sample
	Partner string
}

// sampled is a table of samples with the page it stands on.
type sampled struct {
	view.Page
	Samples []sampleLine
	AllHeld bool // so that only the reason tells one from another
}

// WithRange is whether a range of addresses is known of any.
func (s sampled) WithRange() bool {
	return slices.ContainsFunc(s.Samples, func(l sampleLine) bool { return l.Range != "" })
}

// partnerName names a partner; "" for none, or one that is not in the register
// any more.
func (o *Console) partnerName(id int64) string {
	if p, ok := o.Register.ByID(id); ok {
		return p.Name
	}
	return ""
}

func (o *Console) sampleLines(samples []appeal.Sample) []sampleLine {
	lines := make([]sampleLine, len(samples))
	for i, s := range samples {
		lines[i] = sampleLine{s, o.partnerName(s.PartnerID)}
	}
	return lines
}

func (o *Console) newSweepPage(c echo.Context, who *staff.Account) (*sweepPage, error) {
	ctx := c.Request().Context()
	sweep, err := o.Sweeps.Find(ctx, number(c.Param("id")))
	if err != nil {
		return nil, err
	}
	page := &sweepPage{Page: o.base(c, who, "sweeps.single"), Sweep: sweep, MayAct: who.Role.Covers(staff.Reviewer), MaySee: who.Role.Covers(staff.Moderator)}
	if page.Rule, err = o.Sweeps.RuleOf(sweep); err != nil {
		return nil, err
	}
	if page.Rule.Partner != nil {
		page.Partner = o.partnerName(*page.Rule.Partner)
	}
	names, err := o.names(ctx)
	if err != nil {
		return nil, err
	}
	page.Who = whoOf(names, sweep.By())
	for _, state := range []string{appeal.Counted, appeal.Held, appeal.Invalid, appeal.Withdrawn} {
		page.All += o.Tally.Get(appeal.ByState, state)
	}
	look, err := sweep.LookOf()
	if err != nil {
		return nil, err
	}
	page.count(o, look)
	samples, err := o.Sweeps.Samples(ctx, look.Samples, page.MaySee)
	page.Samples = o.sampleLines(samples)
	return page, err
}

// count makes the tables of a preview.
func (p *sweepPage) count(o *Console, look appeal.Look) {
	add := func(heading string, of map[string]int64, row func(key string) tallyRow, less func(a, b string) int) {
		if len(of) == 0 {
			return
		}
		keys := make([]string, 0, len(of))
		for key := range of {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, less)
		t := tally{Heading: p.T(heading), More: max(len(keys)-mostTallied, 0)}
		for _, key := range keys[:len(keys)-t.More] {
			r := row(key)
			r.N = of[key]
			t.Rows = append(t.Rows, r)
		}
		p.Counts = append(p.Counts, t)
	}
	most := func(of map[string]int64) func(a, b string) int {
		return func(a, b string) int {
			if of[a] != of[b] {
				return int(of[b] - of[a])
			}
			return strings.Compare(a, b)
		}
	}
	add("sweeps.by.state", look.States, func(key string) tallyRow { return tallyRow{Words: p.T("sweeps.state_of." + key)} }, most(look.States))
	add("sweeps.by.country", look.Countries, func(key string) tallyRow { return tallyRow{Words: p.Country(key)} }, most(look.Countries))
	add("sweeps.by.partner", look.Partners, func(key string) tallyRow {
		if key == appeal.Direct {
			return tallyRow{Words: p.T("sweeps.direct")}
		}
		if name := o.partnerName(number(key)); name != "" {
			return tallyRow{Words: name, Own: true}
		}
		return tallyRow{Words: key, Own: true}
	}, most(look.Partners))
	add("sweeps.by.day", look.Days, func(key string) tallyRow {
		day, _ := time.Parse(time.DateOnly, key) // as it was written
		return tallyRow{Words: p.Date(day.UnixMilli())}
	}, func(a, b string) int { return strings.Compare(b, a) })
}

func (o *Console) showSweep(c echo.Context, who *staff.Account) error {
	page, err := o.newSweepPage(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/sweep", page)
}

// turnSweep is a button on the page of a sweep.
func (o *Console) turnSweep(turn func(ctx context.Context, id int64, by audit.Actor) error) handler {
	return func(c echo.Context, who *staff.Account) error {
		ctx, id := c.Request().Context(), number(c.Param("id"))
		err := turn(ctx, id, by(who))
		if err == nil {
			_, err = o.Sweeps.Await(ctx, id, awaited)
		}
		if err != nil {
			page, pageErr := o.newSweepPage(c, who)
			if pageErr != nil {
				return pageErr
			}
			return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/sweep", page) })
		}
		return web.See(c, sweepPath(id))
	}
}
