package console

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
)

// mostInInbox is how many applications one page of the inbox lists.
const mostInInbox = 200

// tab is a heading of the inbox with its live number.
type tab struct {
	Name   string // waiting, or a state
	N      int64
	Active bool
}

// entry is an application in the list.
type entry struct {
	registry.Application
	Days int // since it was sent in
}

// inbox is the list at the left, on every page of applications.
type inbox struct {
	Tabs    []tab
	Tab     string
	Entries []entry
}

// inboxPage is the inbox with nothing opened.
type inboxPage struct {
	view.Page
	Inbox inbox
}

// tabs of the inbox: first what waits for staff, then each state.
func statesOf(tabName string) (string, []registry.State) {
	if slices.Contains(registry.States, registry.State(tabName)) {
		return tabName, []registry.State{registry.State(tabName)}
	}
	return "waiting", registry.Waiting
}

func (o *Console) inbox(c echo.Context) (inbox, error) {
	ctx := c.Request().Context()
	name, states := statesOf(c.QueryParam("tab"))
	counts, err := o.Registry.CountByState(ctx)
	if err != nil {
		return inbox{}, err
	}
	var waiting int64
	for _, s := range registry.Waiting {
		waiting += counts[s]
	}
	in := inbox{Tab: name, Tabs: []tab{{"waiting", waiting, name == "waiting"}}}
	for _, s := range []registry.State{registry.NeedsInfo, registry.Submitted, registry.Approved, registry.Declined, registry.WithdrawnByOrigin} {
		in.Tabs = append(in.Tabs, tab{string(s), counts[s], name == string(s)})
	}
	list, err := o.Registry.Inbox(ctx, states, mostInInbox)
	if err != nil {
		return inbox{}, err
	}
	for _, a := range list {
		in.Entries = append(in.Entries, entry{a, int(o.Now().UnixMilli()-a.SubmittedAt) / (24 * 3600 * 1000)})
	}
	return in, nil
}

func (o *Console) showInbox(c echo.Context, who *staff.Account) error {
	in, err := o.inbox(c)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/inbox", &inboxPage{Page: o.base(c, who, "console.inbox"), Inbox: in})
}
