package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/design"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// designEditPage makes a design, or a new version of one.
type designEditPage struct {
	view.Page
	Action                string // path of the form
	Back                  string
	New                   bool
	Form                  design.Design // as stored, or as typed
	Position              string
	Texts                 []designText
	MostSlogan, MostLabel int
}

// designText is what is typed in one language, with what stands where it is
// left empty.
type designText struct {
	Code, Name, Dir          string
	Slogan, Label            string
	AppealSlogan, UsualLabel string
}

func (o *Console) newDesignEdit(c echo.Context, who *staff.Account, title string, d design.Design) *designEditPage {
	page := &designEditPage{Page: o.base(c, who, title), Form: d, Position: strconv.FormatInt(d.Position, 10),
		MostSlogan: design.Slogan.Graphemes, MostLabel: design.Label.Graphemes}
	page.Labels = "designs."
	for _, l := range page.Languages {
		page.Texts = append(page.Texts, designText{l.Code, l.Name, l.Dir, d.Texts[l.Code].Slogan, d.Texts[l.Code].Label,
			o.Embed.Slogan(l.Code), o.Catalogues.For(l.Code).T("embed.sign")})
	}
	return page
}

// newDesign is the page of a design that is not there yet, in the built-in
// colours and behind all others.
func (o *Console) newDesign(c echo.Context, who *staff.Account) *designEditPage {
	d := design.Design{Position: 10}
	d.Button, d.Figure = banner.BuiltIn()
	if all := o.Designs.All(); len(all) > 0 {
		d.Position = all[len(all)-1].Position + 10
	}
	page := o.newDesignEdit(c, who, "designs.add", d)
	page.New, page.Action, page.Back = true, "/console/designs/new", "/console/designs"
	return page
}

func (o *Console) designEdit(c echo.Context, who *staff.Account) (*designEditPage, error) {
	d, err := o.designOf(c)
	if err != nil {
		return nil, err
	}
	page := o.newDesignEdit(c, who, "designs.edit", *d)
	page.Action, page.Back = designPath(d.ID)+"/edit", designPath(d.ID)
	return page, nil
}

func (o *Console) showNewDesign(c echo.Context, who *staff.Account) error {
	return o.Render(c, http.StatusOK, "console/design_edit", o.newDesign(c, who))
}

func (o *Console) showDesignEdit(c echo.Context, who *staff.Account) error {
	page, err := o.designEdit(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/design_edit", page)
}

func (o *Console) createDesign(c echo.Context, who *staff.Account) error {
	page := o.newDesign(c, who)
	var made *design.Design
	err := page.read(c)
	if err == nil {
		made, err = o.Designs.Create(c.Request().Context(), page.Form, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/design_edit", page) })
	}
	return web.See(c, designPath(made.ID))
}

func (o *Console) editDesign(c echo.Context, who *staff.Account) error {
	page, err := o.designEdit(c, who)
	if err != nil {
		return err
	}
	if err = page.read(c); err == nil {
		err = o.Designs.Change(c.Request().Context(), page.Form, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/design_edit", page) })
	}
	return web.See(c, page.Back)
}

// read takes what was typed onto the page.
func (p *designEditPage) read(c echo.Context) error {
	fields := []string{"version", "code", "position", "button", "figure", "first_day", "last_day"}
	for _, t := range p.Texts {
		fields = append(fields, "slogan_"+t.Code, "label_"+t.Code)
	}
	v, err := web.Form(c, fields...)
	p.Form.Version, p.Position = seen(v), v.Get("position")
	if p.New {
		p.Form.Code = v.Get("code")
	}
	var numberErr error
	if p.Form.Position, numberErr = strconv.ParseInt(strings.TrimSpace(p.Position), 10, 64); numberErr != nil {
		p.Form.Position = -1 // which is refused
	}
	p.Form.Button, p.Form.Figure, p.Form.FirstDay, p.Form.LastDay = v.Get("button"), v.Get("figure"), v.Get("first_day"), v.Get("last_day")
	p.Form.Texts = map[string]design.Text{}
	for i := range p.Texts {
		t := &p.Texts[i]
		t.Slogan, t.Label = v.Get("slogan_"+t.Code), v.Get("label_"+t.Code)
		p.Form.Texts[t.Code] = design.Text{Slogan: t.Slogan, Label: t.Label}
	}
	return err
}
