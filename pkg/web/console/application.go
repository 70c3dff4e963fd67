package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
)

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
