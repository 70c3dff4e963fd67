package console

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
)

// mostInInbox is how many applications one page of the inbox lists.
const mostInInbox = 50

// tabWaiting is the first tab: what waits for staff. The others are states.
const tabWaiting = "waiting"

// tabs are the states with a tab of their own, in their order.
var tabs = []registry.State{registry.NeedsInfo, registry.Submitted, registry.Approved, registry.Declined, registry.WithdrawnByOrigin}

// filter is what of the inbox is shown; it is the query of every address of
// the desk, so that a view can be kept as a bookmark.
type filter struct {
	Tab     string
	Search  string
	Country string
	Kind    string
	Lang    string
	Claimed string // mine, nobody, or ""
	Overdue bool
	after   registry.Place
	overdue int64 // what waits since before this time is overdue, Unix milliseconds
}

// filter reads the filter of a page, with what the settings say is overdue.
func (o *Console) filter(c echo.Context) (filter, error) {
	f := o.readFilter(c.QueryParams())
	settings, err := o.Registry.Settings(c.Request().Context())
	f.overdue = o.Now().AddDate(0, 0, -settings.OverdueDays).UnixMilli()
	return f, err
}

// readFilter takes what it knows from a query; the rest asks nothing.
func (o *Console) readFilter(q url.Values) filter {
	f := filter{Tab: q.Get("tab"), Search: q.Get("q"), Country: q.Get("country"), Kind: q.Get("kind"), Lang: q.Get("lang"),
		Claimed: q.Get("claimed"), Overdue: q.Get("overdue") == "1"}
	if !slices.Contains(tabs, registry.State(f.Tab)) {
		f.Tab = tabWaiting
	}
	if len(f.Search) > mostSearchBytes {
		f.Search = ""
	}
	f.Search = strings.ToValidUTF8(f.Search, "")
	if !locale.IsCountry(f.Country) {
		f.Country = ""
	}
	if !slices.Contains(registry.Kinds, f.Kind) {
		f.Kind = ""
	}
	if !o.Catalogues.Has(f.Lang) {
		f.Lang = ""
	}
	if f.Claimed != "mine" && f.Claimed != "nobody" {
		f.Claimed = ""
	}
	f.after = registry.ParsePlace(q.Get("after"))
	return f
}

// mostSearchBytes bounds a search.
const mostSearchBytes = 300

// Narrowed says whether more is asked than a tab.
func (f filter) Narrowed() bool {
	return f.Search+f.Country+f.Kind+f.Lang+f.Claimed != "" || f.Overdue
}

// Link is the query of the filter and of the part of the list that is shown,
// with its question mark.
func (f filter) Link() string {
	if f.after == (registry.Place{}) {
		return f.with("tab", f.Tab)
	}
	return f.with("after", f.after.String())
}

// Fields are the values the filter has in an address, by their names.
func (f filter) Fields() map[string]string {
	fields := map[string]string{"tab": f.Tab, "q": f.Search, "country": f.Country, "kind": f.Kind, "lang": f.Lang, "claimed": f.Claimed}
	if f.Overdue {
		fields["overdue"] = "1"
	}
	if f.Tab == tabWaiting {
		fields["tab"] = ""
	}
	maps.DeleteFunc(fields, func(_, value string) bool { return value == "" })
	return fields
}

// with is the query of the filter with one value changed.
func (f filter) with(name, value string) string {
	v := url.Values{}
	for key, now := range f.Fields() {
		v.Set(key, now)
	}
	v.Set(name, value)
	if value == "" || name == "tab" && value == tabWaiting {
		v.Del(name)
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// query is what the filter asks of the registry, for somebody on staff.
func (o *Console) query(f filter, who *staff.Account) registry.InboxQuery {
	q := registry.InboxQuery{States: registry.Waiting, Search: f.Search, Country: f.Country, Kind: f.Kind, Lang: f.Lang, After: f.after, Most: mostInInbox}
	if f.Tab != tabWaiting {
		state := registry.State(f.Tab)
		q.States, q.Newest = []registry.State{state}, len(registry.Next(state)) == 0
	}
	switch f.Claimed {
	case "mine":
		q.Claimed = who.ID
	case "nobody":
		q.Claimed = registry.Unclaimed
	}
	if f.Overdue {
		q.Before = f.overdue
	}
	return q
}

// tab is a heading of the inbox with its live number.
type tab struct {
	Name   string // waiting, or a state
	Link   string
	N      int64
	Active bool
}

// entry is an application in the list.
type entry struct {
	registry.Application
	Days      int // since it became staff's turn, or was begun
	Overdue   bool
	ClaimedBy string // a name, "" for nobody
	Signals   []signal
	Open      bool
}

// signal is what can be told of an application at a glance. Good is kept for
// those who control their address and are known to exist.
type signal struct {
	Class string // good, wait, bad, or "" for what only informs
	Text  string
}

// signals reads those of a page of the list, in a constant number of queries.
func (o *Console) signals(ctx context.Context, words *locale.Locale, list []registry.Application) (map[int64][]signal, error) {
	ids := make([]int64, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	signs, err := o.Registry.ProofSummaries(ctx, ids)
	if err != nil {
		return nil, err
	}
	doubles, err := o.Registry.DuplicateCounts(ctx, list)
	if err != nil {
		return nil, err
	}
	flags, err := o.Registry.Flags(ctx, list...)
	if err != nil {
		return nil, err
	}
	all := map[int64][]signal{}
	for _, id := range ids {
		say := func(so bool, class, text string, pairs ...any) {
			if so {
				all[id] = append(all[id], signal{class, words.T(text, pairs...)})
			}
		}
		s := signs[id]
		say(s.Good(), "good", "console.signals.good")
		say(s.Controlled() && !s.Good(), "", "console.signals.controls")
		say(s.Vouched() && !s.Good(), "", "console.signals.vouched")
		say(s.Lost > 0, "wait", "console.signals.lost")
		say(s.Doubts > 0, "bad", "console.signals.doubts")
		say(doubles[id] > 0, "wait", "console.signals.doubles", "N", doubles[id])
		say(len(flags[id]) > 0, "bad", "console.signals.flagged")
	}
	return all, nil
}

// inbox is the list at the left, on every page of applications.
type inbox struct {
	filter
	Tabs     []tab
	Unused   bool // nobody has ever applied
	Entries  []entry
	More     string // query of the next part of the list; "" if there is none
	Facets   registry.Facets
	Mine     int64
	Nobody   int64
	Previous string // path of the application above the open one
	Next     string
	Pending  []pending
	Live     string // address of what is new since; see live.go
}

// count reads what the list counts: tabs and facets, at the same time.
func (o *Console) count(ctx context.Context, who *staff.Account, in *inbox, q registry.InboxQuery) error {
	q.After = registry.Place{}
	var g errgroup.Group
	g.Go(func() error { return o.countTabs(ctx, in) })
	g.Go(func() (err error) {
		in.Facets, err = o.Registry.Facets(ctx, q)
		in.Mine, in.Nobody = in.Facets.Claimed[who.ID], in.Facets.Claimed[0]
		return err
	})
	return g.Wait()
}

// fill completes the list beside an open application, 0 for none.
func (o *Console) fill(ctx context.Context, who *staff.Account, in *inbox, list []registry.Application, open int64) (err error) {
	if len(list) == mostInInbox {
		in.More = in.with("after", list[len(list)-1].Place().String())
	}
	if in.Live, err = o.liveOf(ctx, open); err != nil {
		return err
	}
	if in.Pending, err = o.pending(ctx, who); err != nil {
		return err
	}
	return o.fillEntries(ctx, o.Catalogues.For(o.lang(who.Lang)), in, list, open)
}

func (o *Console) countTabs(ctx context.Context, in *inbox) error {
	counts, err := o.Registry.CountByState(ctx)
	if err != nil {
		return err
	}
	var waiting int64
	for _, s := range registry.Waiting {
		waiting += counts[s]
	}
	in.Unused = true
	for _, n := range counts {
		in.Unused = in.Unused && n == 0
	}
	in.Tabs = []tab{{tabWaiting, in.with("tab", tabWaiting), waiting, in.Tab == tabWaiting}}
	for _, s := range tabs {
		in.Tabs = append(in.Tabs, tab{string(s), in.with("tab", string(s)), counts[s], in.Tab == string(s)})
	}
	return nil
}

// fillEntries makes the lines of the list, and the paths to the neighbours of
// the open one.
func (o *Console) fillEntries(ctx context.Context, words *locale.Locale, in *inbox, list []registry.Application, open int64) error {
	names, err := o.names(ctx)
	if err != nil {
		return err
	}
	signals, err := o.signals(ctx, words, list)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(a registry.Application) bool { return a.ID == open })
	for i, a := range list {
		since := a.WaitingSince
		if since == 0 {
			since = a.CreatedAt
		}
		in.Entries = append(in.Entries, entry{Application: a, Days: int(o.Now().UnixMilli()-since) / (24 * 3600 * 1000),
			Overdue: slices.Contains(registry.Waiting, a.State) && since < in.overdue, ClaimedBy: names[a.ClaimedBy], Signals: signals[a.ID], Open: i == at})
	}
	path := func(i int) string { return applicationPath(list[i].ID) + in.Link() }
	if at > 0 {
		in.Previous = path(at - 1)
	}
	if at+1 < len(list) {
		in.Next = path(at + 1)
	}
	return nil
}

func applicationPath(id int64) string {
	return "/console/applications/" + strconv.FormatInt(id, 10)
}

// names are those of all staff, by account.
func (o *Console) names(ctx context.Context) (map[int64]string, error) {
	list, err := o.Staff.List(ctx)
	names := map[int64]string{}
	for _, a := range list {
		names[a.ID] = a.Name
	}
	return names, err
}

// showInbox shows the list with its first application open beside it.
func (o *Console) showInbox(c echo.Context, who *staff.Account) error {
	page := &applicationPage{Page: o.base(c, who, "console.inbox")}
	if err := o.fillApplication(c, who, page); err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/application", page)
}

// firstOf asks for the first application of a query alone.
func (o *Console) firstOf(q registry.InboxQuery) registry.InboxQuery {
	q.Most = 1
	return q
}

// next is the path of what to read after an application: the one behind it in
// the same list, else the first.
func (o *Console) next(c echo.Context, who *staff.Account, a *registry.Application) (string, error) {
	ctx := c.Request().Context()
	f, err := o.filter(c)
	if err != nil {
		return "", err
	}
	for _, after := range []registry.Place{a.Place(), {}} {
		q := o.firstOf(o.query(f, who))
		q.After = after
		list, err := o.Registry.Inbox(ctx, q)
		if err != nil {
			return "", err
		}
		if len(list) > 0 && list[0].ID != a.ID {
			return applicationPath(list[0].ID) + f.Link(), nil
		}
	}
	return "/console" + f.Link(), nil
}
