package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// partnerPage is one partner, with what staff may do.
type partnerPage struct {
	view.Page
	Partner    *registry.Partner
	Signatures int64
	People     []person
	Words      []registry.Note // to staff
	Timeline   *timeline
	Twins      doubles
	Versions   []registry.Version
	From, To   int64 // versions that are compared
	Diff       web.Diff
	Change     *registry.Change // that waits; nil for none
	Logo       *registry.Picture
	MayAct     bool
	Slug       string // as typed
}

// person acts for a partner, as staff see it.
type person struct {
	registry.Contact
	SignedIn bool
}

// partnerOf finds the partner a path names.
func (o *Console) partnerOf(c echo.Context) (*registry.Partner, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, registry.ErrNoPartner
	}
	p, ok := o.Register.ByID(id)
	if !ok {
		return nil, registry.ErrNoPartner
	}
	return p, nil
}

func (o *Console) newPartner(c echo.Context, who *staff.Account) (*partnerPage, error) {
	p, err := o.partnerOf(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	page := &partnerPage{Page: o.base(c, who, "console.partner"), Partner: p, Slug: p.Slug, Signatures: o.Tally.PartnerSignatures(o.Register.Family(p.ID)...),
		MayAct: who.Role.Covers(staff.Reviewer)}
	page.Title, page.Labels, page.Logo = p.Name, "console.partners.", o.Register.Logo(p)
	if page.MayAct {
		if page.People, err = o.people(c, p.ID); err != nil {
			return nil, err
		}
	}
	if page.Words, err = o.Registry.WordsOf(ctx, p.ID); err != nil {
		return nil, err
	}
	if page.Timeline, err = o.timeline(c, who, &page.Page, registry.About{Subject: registry.OfPartner, ID: p.ID}); err != nil {
		return nil, err
	}
	page.Twins = doubles{partner: p.ID}
	page.Twins.Into, page.Twins.From = o.mergesOf(p)
	if page.Twins.Found, err = o.Registry.PartnerDuplicates(ctx, p); err != nil {
		return nil, err
	}
	if page.Versions, err = o.Registry.PartnerVersions(ctx, p.ID); err != nil {
		return nil, err
	}
	page.compare(c)
	page.Change, err = o.Registry.NewestChange(ctx, p.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound || err == nil && page.Change.State != registry.ChangeWaiting {
		page.Change = nil
	}
	if fault.KindOf(err) == fault.NotFound {
		err = nil
	}
	return page, err
}

// compare shows what changed between the versions that are asked for, else
// with the newest.
func (p *partnerPage) compare(c echo.Context) {
	find := func(param string, otherwise int) registry.Version {
		n, _ := strconv.ParseInt(c.QueryParam(param), 10, 64)
		for _, v := range p.Versions {
			if v.N == n {
				return v
			}
		}
		return p.Versions[min(otherwise, len(p.Versions)-1)]
	}
	if len(p.Versions) < 2 {
		return
	}
	from, to := find("from", 1), find("to", 0)
	p.From, p.To, p.Diff = from.N, to.N, web.NewDiff(&p.Page, from.Public, to.Public)
}

// people are those who act for a partner: names, and no addresses.
func (o *Console) people(c echo.Context, partner int64) ([]person, error) {
	reps, err := o.Registry.Representatives(c.Request().Context(), partner)
	if err != nil {
		return nil, err
	}
	people := make([]person, len(reps))
	for i := range reps {
		contact, err := o.Registry.ContactOf(&reps[i])
		if err != nil {
			return nil, err
		}
		contact.Email = ""
		people[i] = person{contact, reps[i].SignedIn()}
	}
	return people, nil
}

func (o *Console) showPartner(c echo.Context, who *staff.Account) error {
	page, err := o.newPartner(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/partner", page)
}

// seen is the version a form says it was made from; a form that does not say
// has seen none there is.
func seen(v web.Values) int64 {
	n, err := strconv.ParseInt(v.Get("version"), 10, 64)
	if err != nil || n < 0 {
		return -2
	}
	return n
}

func (o *Console) renamePartner(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "version", "slug")
	page, pageErr := o.newPartner(c, who)
	if pageErr != nil {
		return pageErr
	}
	if v.Sent("slug") {
		page.Slug = v.Get("slug")
	}
	if err == nil {
		_, err = o.Registry.Rename(c.Request().Context(), page.Partner.ID, seen(v), v.Get("slug"), by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/partner", page) })
	}
	return web.See(c, "/console/partners/"+c.Param("id"))
}

// partnerEditPage changes what is public.
type partnerEditPage struct {
	view.Page
	web.ProfileForm
	Partner        *registry.Partner
	Version        int64
	ShowSignatures bool
	MostLine       int // characters
}

func (o *Console) newPartnerEdit(c echo.Context, who *staff.Account) (*partnerEditPage, error) {
	p, err := o.partnerOf(c)
	if err != nil {
		return nil, err
	}
	page := &partnerEditPage{Page: o.base(c, who, "console.partners.edit"), Partner: p, Version: p.Version, ShowSignatures: p.ShowSignatures, MostLine: registry.MostLine}
	page.ProfileForm = web.NewProfileForm(&page.Page, p.Public(), o.Register.AllNetworks())
	page.Labels = "join."
	return page, nil
}

func (o *Console) showPartnerEdit(c echo.Context, who *staff.Account) error {
	page, err := o.newPartnerEdit(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/partner_edit", page)
}

func (o *Console) editPartner(c echo.Context, who *staff.Account) error {
	v, file, err := web.Upload(c, "logo", append([]string{"version", "show_signatures", "line", "line_lang"}, web.ProfileFields...)...)
	page, pageErr := o.newPartnerEdit(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Form, page.ShowSignatures = web.ReadProfile(v, page.Form), v.Ticked("show_signatures")
	page.Form.Line, page.Form.LineLang = v.Get("line"), v.Get("line_lang")
	if err == nil {
		_, err = o.Registry.EditPartner(c.Request().Context(), registry.Edit{Partner: page.Partner.ID, Version: seen(v), Public: page.Form,
			NewLogo: web.ReadLogo(v, file), ShowSignatures: page.ShowSignatures, By: by(who)})
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/partner_edit", page) })
	}
	return web.See(c, "/console/partners/"+c.Param("id"))
}
