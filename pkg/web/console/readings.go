package console

import (
	"context"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// readings are the links to an application that trusted readers have; the
// partial desk-readings shows them to who may make and end them.
type readings struct {
	Page  *view.Page
	At    string // page of the application
	Links []lent
	May   bool
}

type lent struct {
	registry.Reading
	URL, Lang string
}

// readings reads them. A link opens in the language of the application, if
// the site speaks it: that is what its reader reads.
func (o *Console) readings(ctx context.Context, who *staff.Account, page *view.Page, a *registry.Application) (*readings, error) {
	r := &readings{Page: page, At: pathOf(registry.About{Subject: registry.OfApplication, ID: a.ID}), May: who.Role.Covers(staff.Reviewer)}
	if !r.May {
		return r, nil
	}
	rows, err := o.Registry.Readings(ctx, a.ID)
	lang := o.Catalogues.For(a.Profile.Lang).Lang()
	for _, row := range rows {
		r.Links = append(r.Links, lent{row, o.BaseURL.Scheme + "://" + o.BaseURL.Host + o.Registry.ReadingLink(&row, lang), lang})
	}
	return r, err
}

// lendOut makes a link for a trusted reader.
func (o *Console) lendOut(c echo.Context, who *staff.Account) error {
	about, err := subjectOf(c, registry.OfApplication)
	if err != nil {
		return err
	}
	if _, err := o.Registry.LendOut(c.Request().Context(), about.ID, by(who)); err != nil {
		return err
	}
	return web.See(c, pathOf(about)+"#readings")
}

// takeBack ends a link before its time.
func (o *Console) takeBack(c echo.Context, who *staff.Account) error {
	about, err := subjectOf(c, registry.OfApplication)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("reading"), 10, 64)
	if err != nil {
		return echo.ErrNotFound
	}
	if err := o.Registry.EndReading(c.Request().Context(), about.ID, id, by(who)); err != nil {
		return err
	}
	return web.See(c, pathOf(about)+"#readings")
}
