package console

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// mostInQueue is how many changes are listed.
const mostInQueue = 100

// changesPage is the queue of what partners want to change, with one opened.
type changesPage struct {
	view.Page
	Changes   []waitingChange
	All       int64
	Change    *registry.Change // opened; nil for none
	Partner   *registry.Partner
	Conflicts bool
	Diff      web.Diff
	MayDecide bool
}

// waitingChange is a change in the list.
type waitingChange struct {
	registry.Change
	Partner *registry.Partner
	Open    bool
}

func (o *Console) newChanges(c echo.Context, who *staff.Account) (*changesPage, error) {
	ctx := c.Request().Context()
	page := &changesPage{Page: o.base(c, who, "console.changes.page"), MayDecide: who.Role.Covers(staff.Reviewer)}
	page.Labels = "console.changes."
	list, all, err := o.Registry.ChangesWaiting(ctx, mostInQueue)
	if err != nil {
		return nil, err
	}
	page.All = all
	for _, change := range list {
		if p, ok := o.Register.ByID(change.PartnerID); ok {
			page.Changes = append(page.Changes, waitingChange{change, p, c.Param("id") == strconv.FormatInt(change.ID, 10)})
		}
	}
	if c.Param("id") == "" {
		return page, nil
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, registry.ErrNoChange
	}
	if page.Change, err = o.Registry.Change(ctx, id); err != nil {
		return nil, err
	}
	p, ok := o.Register.ByID(page.Change.PartnerID)
	if !ok {
		return nil, registry.ErrNoPartner
	}
	now, err := o.Registry.Rebase(ctx, page.Change, p)
	if err != nil {
		return nil, err
	}
	page.Partner, page.Title, page.Conflicts = p, p.Name, len(now.Conflicts) > 0
	page.Diff = web.NewDiff(&page.Page, now.Live, now.Published, now.Conflicts...)
	return page, nil
}

func (o *Console) showChanges(c echo.Context, who *staff.Account) error {
	page, err := o.newChanges(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/changes", page)
}

// ending is one of the two ends that staff give a change.
type ending struct {
	Name   string // in paths and message ids
	Kind   outbox.Kind
	Refuse bool
	decide func(r *registry.Registry, ctx context.Context, d registry.ChangeDecision) error
}

var (
	publishing = ending{"publish", outbox.ChangePublished, false, (*registry.Registry).PublishChange}
	refusing   = ending{"refuse", outbox.ChangeRefused, true, (*registry.Registry).RefuseChange}
)

// changeDecisionPage is an end about to be given, with the letter it sends.
type changeDecisionPage struct {
	changesPage
	Ending ending
	Draft  draft
}

func (o *Console) newChangeDecision(c echo.Context, who *staff.Account, e ending, get func(name string) string) (*changeDecisionPage, error) {
	queue, err := o.newChanges(c, who)
	if err != nil {
		return nil, err
	}
	page := &changeDecisionPage{changesPage: *queue, Ending: e}
	label := "console.words"
	if e.Refuse {
		label = "console.changes.words"
	}
	page.Draft = o.newDraft(&page.Page, get, label)
	page.Draft.Required = e.Refuse
	return page, nil
}

func (o *Console) renderChangeDecision(c echo.Context, status int, page *changeDecisionPage) error {
	if err := o.toPartner(c.Request().Context(), &page.Draft, page.Partner, registry.Notice{Kind: page.Ending.Kind}); err != nil {
		return err
	}
	return o.Render(c, status, "console/change_decide", page)
}

// showChangeDecision shows the letter that an end would send, beside its twin.
// What was typed so far comes in the query.
func (o *Console) showChangeDecision(e ending) handler {
	return func(c echo.Context, who *staff.Account) error {
		page, err := o.newChangeDecision(c, who, e, c.QueryParam)
		if err != nil {
			return err
		}
		return o.renderChangeDecision(c, http.StatusOK, page)
	}
}

// decideChange gives a change its end, and opens the next one.
func (o *Console) decideChange(e ending) handler {
	return func(c echo.Context, who *staff.Account) error {
		v, err := web.Form(c, "version", "words", "words_lang")
		page, pageErr := o.newChangeDecision(c, who, e, v.Get)
		if pageErr != nil {
			return pageErr
		}
		if err == nil {
			err = e.decide(o.Registry, c.Request().Context(), registry.ChangeDecision{Change: page.Change.ID, Version: seen(v), By: by(who), Words: page.Draft.Words})
		}
		if err != nil {
			return web.Refuse(err, &page.Page, func(status int) error { return o.renderChangeDecision(c, status, page) })
		}
		for _, next := range page.Changes {
			if !next.Open {
				return web.See(c, "/console/changes/"+strconv.FormatInt(next.ID, 10))
			}
		}
		return web.See(c, "/console/changes")
	}
}
