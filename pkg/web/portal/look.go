package portal

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// lookPage is what the partner makes of its banner: the design it chose and
// the line of its own.
type lookPage struct {
	view.Page
	Partner        *registry.Partner
	Offers         []offer // the preferred one first
	Choice         string  // code of the design, "" for whichever is preferred
	Resting        bool    // what it chose does not show now
	Line, LineLang string  // as typed, or that which waits, or the live one
	Waits          *registry.Public
	Most           int // characters of a line
	Saved, Sent    bool
}

// whichever is what the form says for no design in particular; no design can
// have this code.
const whichever = "any"

// Whichever is that for the template.
func (*lookPage) Whichever() string { return whichever }

// offer is a design a partner may choose.
type offer struct{ Code, Slogan string }

func (p *Portal) newLook(c echo.Context, rep *registry.Representative, partner *registry.Partner) (*lookPage, error) {
	base, err := p.page(c, rep, "look.page")
	if err != nil {
		return nil, err
	}
	page := &lookPage{Page: base, Partner: partner, Choice: partner.Design, Resting: partner.Design != "", Line: partner.Line, LineLang: partner.LineLang,
		Most: registry.MostLine, Saved: c.QueryParam("saved") == "1", Sent: c.QueryParam("sent") == "1"}
	page.Labels = "join."
	for _, d := range p.Designs.Running(p.Now()).All() {
		if d.Code == "" {
			continue // the built-in one, which shows where there is no other
		}
		page.Offers = append(page.Offers, offer{d.Code, d.Slogan(page.Lang(), p.Embed)})
		page.Resting = page.Resting && d.Code != partner.Design
	}
	if page.LineLang == "" {
		page.LineLang = partner.Profile.Lang
	}
	return page, page.findWaiting(c, p.Registry)
}

// findWaiting shows the line that waits for staff.
func (p *lookPage) findWaiting(c echo.Context, r *registry.Registry) error {
	ctx := c.Request().Context()
	change, err := r.NewestChange(ctx, p.Partner.ID)
	if errors.Is(err, registry.ErrNoChange) || err == nil && change.State != registry.ChangeWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := r.Rebase(ctx, change, p.Partner)
	if err == nil && now.Published.Line != "" && now.Published.Line != p.Partner.Line {
		p.Waits = &now.Published
		p.Line, p.LineLang = now.Published.Line, now.Published.LineLang
	}
	return err
}

func (p *Portal) showLook(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	page, err := p.newLook(c, rep, partner)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, "portal/look", page)
}

// chooseDesign changes how the banner looks, at once.
func (p *Portal) chooseDesign(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onLook(c, rep, partner, "?saved=1", func(page *lookPage, v web.Values) error {
		switch page.Choice = v.Get("design"); page.Choice {
		case "":
			return (fault.Fields{"design": fault.New(fault.Invalid, "look.design_required")}).Err()
		case whichever:
			page.Choice = ""
		}
		return p.Registry.ChooseDesign(c.Request().Context(), partner.ID, page.Choice, by(rep))
	})
}

// sendLine puts a line before staff.
func (p *Portal) sendLine(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onLook(c, rep, partner, "?sent=1", func(page *lookPage, v web.Values) error {
		page.Line, page.LineLang = v.Get("line"), v.Get("line_lang")
		return p.Registry.ProposeLine(c.Request().Context(), rep, page.Line, page.LineLang)
	})
}

// onLook runs a deed of the page's forms and shows the page again.
func (p *Portal) onLook(c echo.Context, rep *registry.Representative, partner *registry.Partner, done string, do func(page *lookPage, v web.Values) error) error {
	v, err := web.Form(c, "design", "line", "line_lang")
	page, pageErr := p.newLook(c, rep, partner)
	if pageErr != nil {
		return pageErr
	}
	if err == nil {
		err = do(page, v)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/look", page) })
	}
	return web.See(c, "/portal/design"+done)
}

func (p *Portal) removeLine(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	if err := p.Registry.RemoveLine(c.Request().Context(), partner.ID, by(rep)); err != nil {
		return err
	}
	return web.See(c, "/portal/design")
}
