package console

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

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
	Words     string
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

func (o *Console) publishChange(c echo.Context, who *staff.Account) error {
	return o.decideChange(c, who, o.Registry.PublishChange)
}

func (o *Console) refuseChange(c echo.Context, who *staff.Account) error {
	return o.decideChange(c, who, o.Registry.RefuseChange)
}

// decideChange runs a decision, and opens the queue again.
func (o *Console) decideChange(c echo.Context, who *staff.Account, do func(ctx context.Context, d registry.ChangeDecision) error) error {
	v, err := web.Form(c, "version", "words")
	page, pageErr := o.newChanges(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Words = v.Get("words")
	if err == nil {
		err = do(c.Request().Context(), registry.ChangeDecision{Change: page.Change.ID, Version: seen(v), By: by(who), Words: page.Words})
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/changes", page) })
	}
	for _, next := range page.Changes {
		if !next.Open {
			return web.See(c, "/console/changes/"+strconv.FormatInt(next.ID, 10))
		}
	}
	return web.See(c, "/console/changes")
}
