package console

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/web"
)

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
