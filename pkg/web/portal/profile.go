package portal

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// page makes the base of a page for somebody who is signed in.
func (p *Portal) page(c echo.Context, rep *registry.Representative, title string) (view.Page, error) {
	name, err := p.Registry.Person(rep)
	page := p.Base(c, "portal", rep.Lang, p.Catalogues.For(rep.Lang).T(title))
	page.Staff = &view.Person{Name: name}
	return page, err
}

func by(rep *registry.Representative) audit.Actor {
	return audit.Actor{Kind: audit.Representative, ID: rep.ID}
}

// working leads partners that were suspended or have left to the page that
// says so; to the others it opens their pages.
func working(next handler) handler {
	return func(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
		if partner.State == registry.Suspended || partner.State == registry.Left {
			return web.See(c, registry.PartnershipPath)
		}
		return next(c, rep, partner)
	}
}

// profilePage is what visitors read about the partner, and what it wants them
// to read.
type profilePage struct {
	view.Page
	web.ProfileForm
	Partner *registry.Partner
	Version int64            // of the live profile, from which the form was made
	Change  *registry.Change // the newest that was sent; nil for none
	Refusal registry.Words   // why that one was refused
	Diff    web.Diff         // what it changes, while it waits
	Sent    bool
}

// Waits says whether a change waits for staff.
func (p *profilePage) Waits() bool {
	return p.Change != nil && p.Change.State == registry.ChangeWaiting
}

func (p *Portal) newProfile(c echo.Context, rep *registry.Representative, partner *registry.Partner) (*profilePage, error) {
	ctx := c.Request().Context()
	base, err := p.page(c, rep, "profile.page")
	if err != nil {
		return nil, err
	}
	page := &profilePage{Page: base, Partner: partner, Sent: c.QueryParam("sent") == "1"}
	page.Labels = "join."
	form := partner.Public()
	if page.Version, err = p.Registry.LiveVersion(ctx, partner.ID); err != nil {
		return nil, err
	}
	page.Change, err = p.Registry.NewestChange(ctx, partner.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	if page.Change != nil && page.Change.State == registry.ChangeRefused {
		if page.Refusal, _, err = p.Registry.Told(ctx, partner.ID, outbox.ChangeRefused); err != nil {
			return nil, err
		}
	}
	if page.Waits() {
		now, err := p.Registry.Rebase(ctx, page.Change, partner)
		if err != nil {
			return nil, err
		}
		form, page.Diff = now.Published, web.NewDiff(&page.Page, now.Live, now.Published)
	}
	page.ProfileForm = web.NewProfileForm(&page.Page, form, p.Register.AllNetworks())
	return page, nil
}

func (p *Portal) showProfile(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	page, err := p.newProfile(c, rep, partner)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, "portal/profile", page)
}

// sendProfile puts a change before staff.
func (p *Portal) sendProfile(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	if err := p.Allow(c, web.UploadLimit); err != nil {
		return err // before it is read: many at once would fill the memory
	}
	v, file, err := web.Upload(c, "logo", append([]string{"version"}, web.ProfileFields...)...)
	page, pageErr := p.newProfile(c, rep, partner)
	if pageErr != nil {
		return pageErr
	}
	page.Form = web.ReadProfile(v, page.Form)
	base, versionErr := strconv.ParseInt(v.Get("version"), 10, 64)
	if versionErr != nil {
		base = -1 // there is no such version
	}
	if err == nil {
		err = p.Registry.Propose(c.Request().Context(), rep, registry.Proposal{Base: base, Public: page.Form, NewLogo: web.ReadLogo(v, file)})
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/profile", page) })
	}
	return web.See(c, "/portal/profile?sent=1")
}

// showLogo shows a logo that the partner has, had, or waits for.
func (p *Portal) showLogo(c echo.Context, _ *registry.Representative, partner *registry.Partner) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return registry.ErrNoImage
	}
	i, err := p.Registry.PartnerImage(c.Request().Context(), partner.ID, id)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, i.Type, i.Body)
}

func (p *Portal) takeBack(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	if err := p.Registry.TakeBack(c.Request().Context(), partner.ID, by(rep)); err != nil {
		return err
	}
	return web.See(c, "/portal/profile")
}

// setFigures shows or hides how many signatures the partner brought.
func (p *Portal) setFigures(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	v, err := web.Form(c, "show")
	if err != nil {
		return err
	}
	if err := p.Registry.ShowSignatures(c.Request().Context(), partner.ID, v.Ticked("show"), by(rep)); err != nil {
		return err
	}
	return web.See(c, "/portal/profile")
}
