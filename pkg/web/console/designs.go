package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/design"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// designsPage lists the designs of banners in their order of preference.
type designsPage struct {
	view.Page
	Designs []designEntry
	MayAct  bool
}

// designEntry is one of them. Shows says that banners show in it today.
type designEntry struct {
	*design.Design
	Shows bool
}

func designPath(id int64) string { return "/console/designs/" + strconv.FormatInt(id, 10) }

func (o *Console) showDesigns(c echo.Context, who *staff.Account) error {
	page := &designsPage{Page: o.base(c, who, "designs.page"), MayAct: who.Role.Covers(staff.Admin)}
	for _, d := range o.Designs.All() {
		page.Designs = append(page.Designs, designEntry{d, o.Designs.Offered(d.Code, o.Now())})
	}
	return o.Render(c, http.StatusOK, "console/designs", page)
}

// designPage is one design in every layout and theme, in one language.
type designPage struct {
	view.Page
	Design   *design.Design
	Shows    bool
	MayAct   bool
	Measures []measure
	Tongue   locale.Language // of the pictures
	Layouts  []shape
	History  []auditLine // the newest of it, oldest first
	Older    string      // address of all of it, "" where this is all
}

// measure is a contrast beside what it must be at least.
type measure struct{ What, Have, Need string }

// shape is a layout in each theme that a picture can have. Width and Height
// are those of the pictures, in CSS pixels.
type shape struct {
	Layout        string
	Width, Height int
	Pictures      []picture
}

type picture struct{ Theme, Path string }

func (o *Console) designOf(c echo.Context) (*design.Design, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, design.ErrNone
	}
	return o.Designs.ByID(id)
}

func (o *Console) newDesignPage(c echo.Context, who *staff.Account) (*designPage, error) {
	d, err := o.designOf(c)
	if err != nil {
		return nil, err
	}
	page := &designPage{Page: o.base(c, who, "designs.page"), Design: d, Shows: o.Designs.Offered(d.Code, o.Now()), MayAct: who.Role.Covers(staff.Admin)}
	page.Title = d.Code
	page.measure()
	asked := c.QueryParam("lang")
	if !o.Catalogues.Has(asked) {
		asked = page.Lang()
	}
	for _, l := range page.Languages {
		if l.Code == asked {
			page.Tongue, page.Layouts = l, shapesOf(d, asked)
		}
	}
	entries, more, err := o.Trail.Newest(c.Request().Context(), design.Subject, d.ID, entriesOnPage)
	if err != nil {
		return nil, err
	}
	if more && page.MayAct {
		page.Older = "/console/audit?about=" + design.Subject + ":" + strconv.FormatInt(d.ID, 10)
	}
	page.History, err = o.auditLines(c.Request().Context(), page.Locale, entries)
	return page, err
}

func (p *designPage) measure() {
	button, buttonErr := banner.ParseColour(p.Design.Button)
	figure, figureErr := banner.ParseColour(p.Design.Figure)
	if buttonErr != nil || figureErr != nil {
		return
	}
	l := banner.LegibilityOf(button, figure)
	add := func(what string, m banner.Measure) {
		p.Measures = append(p.Measures, measure{what, design.Ratio(m.Have), design.Ratio(m.Need)})
	}
	add(p.T("designs.measure_figure"), l.Figure)
	add(p.T("designs.measure_edge"), l.Edge)
	add(p.T("designs.measure_label"), l.Label)
}

// shapesOf are the pictures of a design in a language. The version in their
// address is that of the design, for a browser that keeps what it drew.
func shapesOf(d *design.Design, lang string) []shape {
	var all []shape
	for _, l := range banner.Layouts() {
		s := shape{Layout: l.String()}
		s.Width, s.Height = l.PictureSize()
		for _, theme := range []banner.Theme{banner.Light, banner.Dark} {
			path := designPath(d.ID) + "/pictures/" + l.String() + ".svg?lang=" + lang + "&theme=" + theme.String() + "&v=" + strconv.FormatInt(d.Version, 10)
			s.Pictures = append(s.Pictures, picture{theme.String(), path})
		}
		all = append(all, s)
	}
	return all
}

func (o *Console) showDesign(c echo.Context, who *staff.Account) error {
	page, err := o.newDesignPage(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/design", page)
}

func (o *Console) publishDesign(c echo.Context, who *staff.Account) error {
	return o.moveDesign(c, who, func(id, version int64) error { return o.Designs.Publish(c.Request().Context(), id, version, by(who)) })
}

func (o *Console) withdrawDesign(c echo.Context, who *staff.Account) error {
	return o.moveDesign(c, who, func(id, version int64) error { return o.Designs.Withdraw(c.Request().Context(), id, version, by(who)) })
}

// moveDesign runs a deed of a button on a design's page.
func (o *Console) moveDesign(c echo.Context, who *staff.Account, do func(id, version int64) error) error {
	v, err := web.Form(c, "version")
	page, pageErr := o.newDesignPage(c, who)
	if pageErr != nil {
		return pageErr
	}
	if err == nil {
		err = do(page.Design.ID, seen(v))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/design", page) })
	}
	return web.See(c, designPath(page.Design.ID))
}
