package console

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// applicationPage is one application beside the list; or, with a nil
// Application, an empty list.
type applicationPage struct {
	view.Page
	Inbox       inbox
	Application *registry.Application
	Contact     registry.Contact // for reviewers; else empty
	Partner     *registry.Partner
	Timeline    *timeline
	Readings    *readings
	Twins       doubles
	Decided     *pending      // by whoever; can still be taken back
	Reason      texts.Version // for declining, in the reader's language
	ClaimedBy   string
	Mine        bool // claimed by who reads this
	MayClaim    bool
	MayGoOn     bool               // without waiting for an answer
	Verdicts    []registry.Verdict // that may be made now
	Applicant   applicantPart
	Evidence    evidence
}

// fillApplication completes a page. Without an application it opens the first
// of the list, if there is one.
func (o *Console) fillApplication(c echo.Context, who *staff.Account, page *applicationPage) error {
	ctx, in := c.Request().Context(), &page.Inbox
	f, err := o.filter(c)
	if err != nil {
		return err
	}
	in.filter = f
	q := o.query(f, who)
	// Nothing of these needs the other, and a database may well be elsewhere.
	var beside errgroup.Group
	beside.Go(func() error { return o.count(ctx, who, in, q) })
	list, err := o.Registry.Inbox(ctx, q)
	var open int64
	if page.Application == nil && len(list) > 0 {
		page.Application = &list[0]
	}
	if page.Application != nil {
		open = page.Application.ID
	}
	beside.Go(func() error { return o.fill(ctx, who, in, list, open) })
	if page.Application != nil && err == nil {
		err = o.fillOpen(c, who, page)
	}
	return cmp.Or(beside.Wait(), err)
}

// fillOpen completes what stands of the open application.
func (o *Console) fillOpen(c echo.Context, who *staff.Account, page *applicationPage) error {
	ctx, a := c.Request().Context(), page.Application
	var err error
	reviewer := who.Role.Covers(staff.Reviewer)
	if reviewer {
		if page.Contact, err = o.Registry.Contact(a); err != nil {
			return err
		}
	}
	if page.Timeline, err = o.timeline(c, who, &page.Page, registry.About{Subject: registry.OfApplication, ID: a.ID}); err != nil {
		return err
	}
	if page.Readings, err = o.readings(ctx, who, &page.Page, a); err != nil {
		return err
	}
	if page.Twins, err = o.applicationTwins(ctx, a); err != nil {
		return err
	}
	if page.Applicant, err = o.applicantPart(ctx, a); err != nil {
		return err
	}
	if s := &page.Applicant.Speaker; !reviewer && s.Name != "" {
		s.Name, s.Email = "…", ""
	}
	if page.Decided, err = o.decidedOn(ctx, a.ID); err != nil {
		return err
	}
	if page.Evidence, err = o.evidenceOf(ctx, who, a); err != nil {
		return err
	}
	names, err := o.names(ctx)
	if err != nil {
		return err
	}
	page.ClaimedBy, page.Mine = names[a.ClaimedBy], a.ClaimedBy == who.ID
	page.Reason = o.Phrases.Text(a.Reason, page.Lang())
	page.Partner, _ = o.Register.ByID(a.PartnerID)
	if reviewer && page.Decided == nil {
		page.MayClaim = a.ClaimedBy != who.ID && a.Claimable()
		page.MayGoOn = a.State == registry.NeedsInfo
		page.Verdicts = a.Verdicts()
	}
	return nil
}

func (o *Console) newApplicationPage(c echo.Context, who *staff.Account) (*applicationPage, error) {
	a, err := o.application(c)
	if err != nil {
		return nil, err
	}
	page := &applicationPage{Page: o.base(c, who, "console.application"), Application: a}
	page.Title = a.Name
	return page, o.fillApplication(c, who, page)
}

// application is the one the path names.
func (o *Console) application(c echo.Context) (*registry.Application, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, registry.ErrNoApplication
	}
	return o.Registry.Application(c.Request().Context(), id)
}

func (o *Console) showApplication(c echo.Context, who *staff.Account) error {
	page, err := o.newApplicationPage(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/application", page)
}

// claim takes an application for who is signed in.
func (o *Console) claim(c echo.Context, who *staff.Account) error {
	return o.act(c, who, func(a *registry.Application) error {
		return o.Registry.Claim(c.Request().Context(), a.ID, false, by(who))
	})
}

// takeOver claims an application that somebody else reads.
func (o *Console) takeOver(c echo.Context, who *staff.Account) error {
	return o.act(c, who, func(a *registry.Application) error {
		return o.Registry.Claim(c.Request().Context(), a.ID, true, by(who))
	})
}

func (o *Console) release(c echo.Context, who *staff.Account) error {
	return o.act(c, who, func(a *registry.Application) error { return o.Registry.Release(c.Request().Context(), a.ID, by(who)) })
}

// goOn takes an application back into review without the applicant's answer.
func (o *Console) goOn(c echo.Context, who *staff.Account) error {
	return o.act(c, who, func(a *registry.Application) error { return o.Registry.Review(c.Request().Context(), a.ID, by(who)) })
}

// act does something to the application of the path and shows it again. Who
// came too late reads who was first.
func (o *Console) act(c echo.Context, who *staff.Account, do func(a *registry.Application) error) error {
	a, err := o.application(c)
	if err != nil {
		return err
	}
	if err := do(a); err != nil {
		return o.refuse(c, who, err)
	}
	return web.See(c, applicationPath(a.ID)+o.readFilter(c.QueryParams()).Link())
}

// refuse shows the application with the reason why a deed was refused.
func (o *Console) refuse(c echo.Context, who *staff.Account, err error) error {
	page, pageErr := o.newApplicationPage(c, who)
	if pageErr != nil {
		return pageErr
	}
	err = o.whoWasFirst(c.Request().Context(), page.Locale, page.Application, err)
	return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/application", page) })
}
