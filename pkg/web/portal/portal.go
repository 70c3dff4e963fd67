// Package portal is the rooms of partners' representatives: signing in by a
// mailed link, the embed codes, and what the banner brought.
package portal

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/design"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const cookie = "portal"

// Portal has what the portal needs.
type Portal struct {
	*web.Server
	Keys     *seal.Keys
	Registry *registry.Registry
	Door     *registry.Door
	Register *registry.Register
	Tally    *appeal.Tally
	Told     func(partner int64) disclosure.Figure // to the public, of what a partner brought
	Places   *placement.Places
	Embed    banner.Appeal
	Designs  *design.Designs
	Files    Files
	Sessions *staff.Staff
	Now      func() time.Time

	packing sync.Mutex
}

// Routes registers every page of the portal.
func (p *Portal) Routes() {
	g := p.Echo.Group("/portal") // its middleware would turn 405 into 404
	reads := []string{http.MethodGet, http.MethodHead}
	g.Match(reads, "", p.signedIn(p.showHome), web.NoStore)
	g.Match(reads, "/enter", p.showDoor, web.NoStore)
	g.POST("/enter", p.askLink, web.NoStore)
	g.Match(reads, "/enter/:token", p.showEnter, web.NoStore)
	g.POST("/enter/:token", p.enter, web.NoStore, web.Button)
	g.POST("/leave", p.leave, web.NoStore, web.Button)

	inside := func(method, path string, h handler, m ...echo.MiddlewareFunc) {
		methods := []string{method}
		if method == http.MethodGet {
			methods = reads
		}
		g.Match(methods, path, p.signedIn(h), append(m, web.NoStore)...)
	}
	inside(http.MethodGet, "/embed", working(p.showGenerator))
	inside(http.MethodPost, "/embed/check", working(p.check))
	inside(http.MethodGet, "/qr.svg", working(p.showQR))
	inside(http.MethodGet, "/qr.png", working(p.showQR))
	inside(http.MethodGet, "/poster", working(p.showPoster))
	inside(http.MethodGet, "/profile", working(p.showProfile))
	inside(http.MethodPost, "/profile", working(p.sendProfile))
	inside(http.MethodGet, "/logos/:id", p.showLogo)
	inside(http.MethodPost, "/profile/take-back", working(p.takeBack), web.Button)
	inside(http.MethodPost, "/profile/figures", working(p.setFigures))
	inside(http.MethodGet, "/design", working(p.showLook))
	inside(http.MethodPost, "/design", working(p.chooseDesign))
	inside(http.MethodPost, "/design/line", working(p.sendLine))
	inside(http.MethodPost, "/design/line/remove", working(p.removeLine), web.Button)
	inside(http.MethodGet, "/people", working(p.showPeople))
	inside(http.MethodPost, "/people", working(p.addPerson))
	inside(http.MethodPost, "/people/:id/remove", working(p.removePerson))
	inside(http.MethodGet, "/places", working(p.showPlaces))
	inside(http.MethodPost, "/hosts", working(p.listHost))
	inside(http.MethodPost, "/hosts/remove", working(p.dropHost))
	inside(http.MethodGet, "/me", p.showMe)
	inside(http.MethodPost, "/me", p.changeMe)
	inside(http.MethodGet, "/embed.zip", working(p.sendPack))
	inside(http.MethodGet, "/partnership", p.showPartnership)
	inside(http.MethodPost, "/partnership", p.move)
	inside(http.MethodPost, "/partnership/words", p.write)
}

// handler is a page for somebody who is signed in.
type handler func(c echo.Context, rep *registry.Representative, partner *registry.Partner) error

// signedIn leads to the door who has no session, or acts for no partner that
// may use the portal any more.
func (p *Portal) signedIn(next handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		if c.Request().Method == http.MethodPost {
			if err := p.Allow(c, web.RoomLimit); err != nil {
				return err
			}
		}
		session, err := p.Sessions.Session(ctx, staff.PortalSession, web.SessionToken(c, cookie))
		if errors.Is(err, staff.ErrNoSession) {
			return web.See(c, "/portal/enter")
		}
		if err != nil {
			return err
		}
		rep, err := p.Registry.Representative(ctx, session.OwnerID)
		if fault.KindOf(err) == fault.Gone {
			return web.See(c, "/portal/enter")
		}
		if err != nil {
			return err
		}
		partner, ok := p.Register.ByID(rep.PartnerID)
		if !ok {
			return registry.ErrNoPartner
		}
		return next(c, rep, partner)
	}
}

// doorPage asks for an address and says that a link was mailed.
type doorPage struct {
	view.Page
	Email string
	Sent  bool
}

func (p *Portal) newDoor(c echo.Context) *doorPage {
	lang := p.Lang(c)
	return &doorPage{Page: p.Base(c, "portal", lang, p.Catalogues.For(lang).T("portal.door"))}
}

func (p *Portal) showDoor(c echo.Context) error {
	page := p.newDoor(c)
	page.Sent = c.QueryParam("sent") == "1"
	return p.Render(c, http.StatusOK, "portal/door", page)
}

// askLink has a sign-in link mailed. The answer is the same, and as quick,
// whether or not the address acts for a partner.
func (p *Portal) askLink(c echo.Context) error {
	v, err := web.Form(c, "email")
	page := p.newDoor(c)
	page.Email = v.Get("email")
	if err == nil {
		err = p.Allow(c, web.SignInLimit)
	}
	if err == nil {
		err = p.Door.Ask(page.Email)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/door", page) })
	}
	return web.See(c, "/portal/enter?sent=1")
}

// enterPage has the button behind the mailed link.
type enterPage struct {
	view.Page
	Token   string
	Partner *registry.Partner
}

// link reads the token and who it is for, without spending it.
func (p *Portal) link(c echo.Context) (seal.Token, *registry.Representative, error) {
	t, err := p.Keys.Parse(seal.SignInToPortal, c.Param("token"), p.Now())
	if err != nil {
		return t, nil, registry.ErrLinkUsed.Because(err)
	}
	rep, err := p.Registry.Representative(c.Request().Context(), t.Row)
	if err == nil && !rep.Fits(t) {
		err = registry.ErrLinkUsed
	}
	return t, rep, err
}

func (p *Portal) showEnter(c echo.Context) error {
	_, rep, err := p.link(c)
	if err != nil {
		return p.refuseLink(c, err)
	}
	page := &enterPage{Page: p.Base(c, "portal", rep.Lang, p.Catalogues.For(rep.Lang).T("portal.enter")), Token: c.Param("token")}
	page.Partner, _ = p.Register.ByID(rep.PartnerID)
	return p.Render(c, http.StatusOK, "portal/enter", page)
}

// refuseLink shows the door with the reason, so that a new link is one field
// away.
func (p *Portal) refuseLink(c echo.Context, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Gone {
		return err
	}
	page := p.newDoor(c)
	page.Problem = f
	return p.Render(c, http.StatusGone, "portal/door", page)
}

func (p *Portal) enter(c echo.Context) error {
	if err := p.Allow(c, web.SignInLimit); err != nil {
		return err
	}
	t, _, err := p.link(c)
	if err != nil {
		return p.refuseLink(c, err)
	}
	rep, err := p.Registry.UseSignInLink(c.Request().Context(), t)
	if err != nil {
		return p.refuseLink(c, err)
	}
	token, err := p.Sessions.Begin(c.Request().Context(), staff.PortalSession, rep.ID, c.Request().UserAgent())
	if err != nil {
		return err
	}
	web.SetSession(c, cookie, token)
	return web.See(c, "/portal")
}

func (p *Portal) leave(c echo.Context) error {
	if token := web.SessionToken(c, cookie); token != "" {
		if err := p.Sessions.End(c.Request().Context(), token); err != nil {
			return err
		}
	}
	web.EndSession(c, cookie)
	return web.See(c, "/portal/enter")
}
