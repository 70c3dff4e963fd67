package console

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
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

// applicationPage is one application beside the list.
type applicationPage struct {
	view.Page
	Inbox       inbox
	Application *registry.Application
	Contact     registry.Contact
	Partner     *registry.Partner
	Trail       []audit.Entry
	Reasons     []string
	MayReview   bool
	MayDecide   bool
	Slug        string
	Reason      string
	Words       string
}

func (o *Console) newApplicationPage(c echo.Context, who *staff.Account) (*applicationPage, error) {
	ctx := c.Request().Context()
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, registry.ErrNoApplication
	}
	page := &applicationPage{Page: o.base(c, who, "console.application"), Reasons: registry.Reasons}
	if page.Application, err = o.Registry.Application(ctx, id); err != nil {
		return nil, err
	}
	if page.Contact, err = o.Registry.Contact(page.Application); err != nil {
		return nil, err
	}
	if page.Trail, err = o.Trail.Of(ctx, "application", id); err != nil {
		return nil, err
	}
	if page.Inbox, err = o.inbox(c); err != nil {
		return nil, err
	}
	page.Title = page.Application.Name
	page.Partner, _ = o.Register.ByID(page.Application.PartnerID)
	reviewer := who.Role.Covers(staff.Reviewer)
	page.MayReview = reviewer && registry.May(page.Application.State, registry.InReview)
	page.MayDecide = reviewer && registry.May(page.Application.State, registry.Declined)
	return page, nil
}

func (o *Console) showApplication(c echo.Context, who *staff.Account) error {
	page, err := o.newApplicationPage(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/application", page)
}

// decide runs a decision and opens the next application that waits. A refused
// one is shown again with what was typed.
func (o *Console) decide(c echo.Context, who *staff.Account, do func(d registry.Decision) error) error {
	v, err := web.Form(c, "version", "slug", "reason", "words")
	page, pageErr := o.newApplicationPage(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Slug, page.Reason, page.Words = v.Get("slug"), v.Get("reason"), v.Get("words")
	version, versionErr := strconv.ParseInt(v.Get("version"), 10, 64)
	if versionErr != nil || version < 1 {
		version = -1 // who does not say what was seen has seen no version there is
	}
	if err == nil {
		err = do(registry.Decision{Application: page.Application.ID, Version: version, By: by(who),
			Slug: page.Slug, Reason: page.Reason, Words: page.Words})
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/application", page) })
	}
	next, err := o.Registry.Inbox(c.Request().Context(), registry.Waiting, 1)
	if err != nil || len(next) == 0 {
		return web.See(c, "/console")
	}
	return web.See(c, "/console/applications/"+strconv.FormatInt(next[0].ID, 10))
}

func (o *Console) approve(c echo.Context, who *staff.Account) error {
	return o.decide(c, who, func(d registry.Decision) error {
		_, err := o.Registry.Approve(c.Request().Context(), d)
		return err
	})
}

func (o *Console) decline(c echo.Context, who *staff.Account) error {
	return o.decide(c, who, func(d registry.Decision) error { return o.Registry.Decline(c.Request().Context(), d) })
}

// review takes an application into review, so that others see it is read.
func (o *Console) review(c echo.Context, who *staff.Account) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return registry.ErrNoApplication
	}
	if err := o.Registry.Review(c.Request().Context(), id, by(who)); err != nil {
		return err
	}
	return web.See(c, "/console/applications/"+c.Param("id"))
}
