package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const (
	heldPath    = "/console/held"
	heldOnePath = "/console/held/one"
	// groupsOnPage and heldOnPage are how much one page lists.
	groupsOnPage, heldOnPage = 20, 50
)

// heldPage is the desk of held signatures: in groups, or of one of these one by
// one. The list is at the left, what is open at the right.
type heldPage struct {
	view.Page
	By      string // how they are grouped
	Ways    []string
	Figures appeal.HeldFigures
	Days    int
	Groups  []heldGroup
	Open    *heldGroup   // of the groups
	List    []sampleLine // one by one
	One     *sampleLine  // of these
	Key     string       // of the group that is read one by one
	Reasons []string
	Reason  string // that is offered for a refusal
	Words   string // as typed
	Until   int64  // of which moment the page is
	Next    string // address of the next page, "" on the last
	Up, On  string // address of what is above and below the open one
	Done    *appeal.Sweep
	MayAct  bool
	Action  string // where the list is sent to
	at      func(id int64) string
	due     func(since int64) int64
}

// Sampled hands samples to their table, together with the page's words.
func (p *heldPage) Sampled(samples []sampleLine) sampled { return sampled{p.Page, samples, true} }

// At is the address of one of the list, open.
func (p *heldPage) At(id int64) string { return p.at(id) }

// DueOf is when somebody must have decided about what is held since a time.
func (p *heldPage) DueOf(since int64) int64 { return p.due(since) }

// heldGroup is a group with its name and its samples in words.
type heldGroup struct {
	appeal.HeldGroup
	Title   string
	Own     bool // the title is a name
	Due     int64
	Late    bool
	Samples []sampleLine
}

// Link is an address of the desk, with what is asked of it: names and values in
// turn. A key may be empty: that of what is not known.
func (p *heldPage) Link(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" || pairs[i] == "key" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (o *Console) newHeld(c echo.Context, who *staff.Account) (*heldPage, error) {
	ctx := c.Request().Context()
	page := &heldPage{Page: o.base(c, who, "held.page"), By: c.QueryParam("by"), Ways: appeal.HeldBy, Reasons: appeal.Reasons(), Reason: appeal.ReasonStaff,
		Days: o.Appeal.Current().Retention.Held, Until: o.Now().UnixMilli(), MayAct: who.Role.Covers(staff.Moderator), due: o.Appeal.Current().HeldDue}
	page.Labels = "held."
	if !slices.Contains(appeal.HeldBy, page.By) {
		page.By = appeal.HeldBy[0]
	}
	var err error
	if page.Figures, err = o.Sweeps.Held(ctx); err != nil {
		return nil, err
	}
	if id := number(c.QueryParam("done")); id > 0 {
		page.Done, err = o.Sweeps.Find(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			page.Done, err = nil, nil // an old address
		}
		if page.Done != nil && page.Done.FromState != appeal.Held {
			page.Done = nil
		}
	}
	return page, err
}

// title names a group.
func (o *Console) title(p *heldPage, g appeal.HeldGroup) (words string, own bool) {
	switch {
	case g.Key == "" || p.By == "partner" && g.Key == "0": // of the others it is always known
		return p.T("held.without." + p.By), false
	case p.By == "reason":
		return p.T("reason." + g.Key), false
	case p.By == "country":
		return p.Country(g.Key), false
	case p.By == "day":
		day, _ := time.Parse(time.DateOnly, g.Key) // as it was written
		return p.Date(day.UnixMilli()), false
	case p.By == "partner":
		if name := o.partnerName(number(g.Key)); name != "" {
			return name, true
		}
		return g.Key, true
	case p.By == "domain" && len(g.Samples) > 0 && g.Samples[0].Domain != "":
		return g.Samples[0].Domain, true
	}
	return p.T("held.range", "Code", g.Key[:min(len(g.Key), 8)]), false
}

// fillGroups reads the groups, and opens that of the key, or the first.
func (o *Console) fillGroups(c echo.Context, p *heldPage, key string) error {
	oldest, behind, _ := strings.Cut(c.QueryParam("after"), ".")
	groups, more, err := o.Sweeps.HeldGroups(c.Request().Context(), p.By, appeal.HeldPlace{Oldest: max(number(oldest), 0), Key: behind}, groupsOnPage, p.MayAct)
	if err != nil {
		return err
	}
	open := 0
	for i, g := range groups {
		group := heldGroup{HeldGroup: g, Samples: o.sampleLines(g.Samples)}
		group.Title, group.Own = o.title(p, g)
		group.Due = p.due(g.Oldest)
		group.Late = group.Due <= p.Until
		p.Groups = append(p.Groups, group)
		if g.Key == key {
			open = i
		}
	}
	link := func(i int) string {
		return p.Link(heldPath, "by", p.By, "after", c.QueryParam("after"), "key", p.Groups[i].Key)
	}
	if more {
		last := groups[len(groups)-1]
		p.Next = p.Link(heldPath, "by", p.By, "after", strconv.FormatInt(last.Oldest, 10)+"."+last.Key)
	}
	if len(groups) == 0 {
		return nil
	}
	p.Open = &p.Groups[open]
	if p.By == "reason" {
		p.Reason = p.Open.Key
	}
	if open > 0 {
		p.Up = link(open - 1)
	}
	if open+1 < len(groups) {
		p.On = link(open + 1)
	}
	return nil
}

func (o *Console) showHeld(c echo.Context, who *staff.Account) error {
	page, err := o.newHeld(c, who)
	if err == nil {
		err = o.fillGroups(c, page, c.QueryParam("key"))
	}
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/held", page)
}

// verdicts on held signatures, as buttons send them.
const (
	release = "release"
	refuse  = "invalid"
)

var errHeldVerdict = fault.New(fault.Invalid, "held.no_verdict")

// verdict is what a button and its fields say should become of held signatures.
func verdict(v web.Values) (appeal.Mark, error) {
	switch v.Get("verdict") {
	case release:
		return appeal.Mark{State: appeal.Counted}, nil
	case refuse:
		if !slices.Contains(appeal.Reasons(), v.Get("reason")) {
			return appeal.Mark{}, errSweepReason
		}
		return appeal.Mark{State: appeal.Invalid, Reason: v.Get("reason")}, nil
	}
	return appeal.Mark{}, errHeldVerdict
}

// decideHeld decides about a group as it was when its page was made.
func (o *Console) decideHeld(c echo.Context, who *staff.Account) error {
	ctx := c.Request().Context()
	v, err := web.Form(c, "verdict", "reason", "by", "key", "until", "words")
	var to appeal.Mark
	if err == nil {
		to, err = verdict(v)
	}
	var rule appeal.Rule
	if err == nil {
		rule, err = o.Sweeps.HeldRule(ctx, v.Get("by"), v.Get("key"))
	}
	var id int64
	until := max(number(v.Get("until")), 1)
	if err == nil {
		id, err = o.Sweeps.Decide(ctx, appeal.Wish{Rule: rule, To: to, Words: v.Get("words"), By: by(who), Until: until})
	}
	if err == nil {
		_, err = o.Sweeps.Await(ctx, id, awaited)
	}
	page, pageErr := o.newHeld(c, who)
	if pageErr != nil {
		return pageErr
	}
	if slices.Contains(appeal.HeldBy, v.Get("by")) {
		page.By = v.Get("by")
	}
	if err != nil {
		page.Words = v.Get("words")
		page.Until = until
		if fillErr := o.fillGroups(c, page, v.Get("key")); fillErr != nil {
			return fillErr
		}
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/held", page) })
	}
	return web.See(c, page.Link(heldPath, "by", page.By, "done", strconv.FormatInt(id, 10)))
}

// fillList reads a group one by one, and opens one: that of the address, or the
// first.
func (o *Console) fillList(c echo.Context, p *heldPage) error {
	by := ""
	if c.QueryParams().Has("key") {
		by, p.Key = p.By, c.QueryParam("key")
	}
	rows, err := o.Sweeps.HeldList(c.Request().Context(), by, p.Key, heldAfter(c), heldOnPage+1)
	if err != nil {
		return err
	}
	link := func(pairs ...string) string {
		all := []string{"by", by}
		if by != "" {
			all = append(all, "key", p.Key)
		}
		return p.Link(heldOnePath, append(all, pairs...)...)
	}
	if len(rows) > heldOnPage {
		rows = rows[:heldOnPage]
		last := rows[heldOnPage-1]
		p.Next = link("after", strconv.FormatInt(last.HeldAt, 10)+"."+strconv.FormatInt(last.ID, 10))
	}
	if p.List = o.sampleLines(rows); len(rows) == 0 {
		return nil
	}
	open := max(slices.IndexFunc(rows, func(s appeal.Sample) bool { return s.ID == number(c.QueryParam("open")) }), 0)
	p.One, p.Reason = &p.List[open], p.List[open].Reason
	p.Action = link("after", c.QueryParam("after"))
	p.at = func(id int64) string { return link("after", c.QueryParam("after"), "open", strconv.FormatInt(id, 10)) }
	if open > 0 {
		p.Up = p.at(rows[open-1].ID)
	}
	if open+1 < len(rows) {
		p.On = p.at(rows[open+1].ID)
	}
	return nil
}

func heldAfter(c echo.Context) appeal.Place {
	at, id, _ := strings.Cut(c.QueryParam("after"), ".")
	return appeal.Place{At: max(number(at), 0), ID: max(number(id), 0)}
}

func (o *Console) showHeldOne(c echo.Context, who *staff.Account) error {
	page, err := o.newHeld(c, who)
	if err == nil {
		err = o.fillList(c, page)
	}
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/held_one", page)
}

var errHeldNone = fault.New(fault.Invalid, "held.none_chosen")

// decideHeldOnes decides about those that were chosen. The query says which
// list they are of.
func (o *Console) decideHeldOnes(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "verdict", "reason", "words")
	var to appeal.Mark
	if err == nil {
		to, err = verdict(v)
	}
	picked, twice := v.Picked("pick_")
	var ids []int64
	for _, raw := range picked[:min(len(picked), heldOnPage)] {
		ids = append(ids, number(raw))
	}
	if err == nil {
		err = twice
	}
	if err == nil && len(ids) == 0 {
		err = errHeldNone
	}
	var sweep int64
	if err == nil {
		sweep, err = o.Sweeps.Apply(c.Request().Context(), appeal.Order{IDs: ids, From: appeal.Held, To: to, Why: v.Get("words"), By: by(who)})
	}
	if err == nil && sweep == 0 {
		err = appeal.ErrSweepEnd
	}
	page, pageErr := o.newHeld(c, who)
	if pageErr == nil {
		pageErr = o.fillList(c, page)
	}
	if pageErr != nil {
		return pageErr
	}
	if err != nil {
		page.Words = v.Get("words")
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/held_one", page) })
	}
	q := c.QueryParams()
	q.Del("open")
	q.Set("done", strconv.FormatInt(sweep, 10))
	return web.See(c, heldOnePath+"?"+q.Encode())
}

// undoHeld takes a decision about held signatures back.
func (o *Console) undoHeld(c echo.Context, who *staff.Account) error {
	ctx, id := c.Request().Context(), number(c.Param("id"))
	sweep, err := o.Sweeps.Find(ctx, id)
	if err == nil && sweep.FromState != appeal.Held {
		err = appeal.ErrNoSweep // other sweeps are for reviewers
	}
	if err == nil {
		err = o.Sweeps.Undo(ctx, id, by(who))
	}
	if err == nil {
		_, err = o.Sweeps.Await(ctx, id, awaited)
	}
	if err != nil {
		return err
	}
	return web.See(c, heldPath+"?done="+strconv.FormatInt(id, 10))
}
