package portal

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// partnershipPage says how the partnership stands, changes that, and takes
// words to staff. It is open in every state.
type partnershipPage struct {
	view.Page
	Partner *registry.Partner
	Why     registry.Words // what staff said when they suspended
	Moves   []registry.PartnerState
	Words   string
	Written []registry.Note // by the partner, to staff
}

func (p *Portal) newPartnership(c echo.Context, rep *registry.Representative, partner *registry.Partner) (*partnershipPage, error) {
	ctx := c.Request().Context()
	base, err := p.page(c, rep, "partnership.page")
	if err != nil {
		return nil, err
	}
	page := &partnershipPage{Page: base, Partner: partner}
	page.Labels = "partnership."
	for _, to := range registry.PartnerStates {
		if registry.MayMove(by(rep), partner.State, to) {
			page.Moves = append(page.Moves, to)
		}
	}
	if partner.State == registry.Suspended {
		if page.Why, _, err = p.Registry.Told(ctx, partner.ID, outbox.PartnerSuspended); err != nil {
			return nil, err
		}
	}
	page.Written, err = p.Registry.WordsOf(ctx, partner.ID)
	return page, err
}

func (p *Portal) showPartnership(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	page, err := p.newPartnership(c, rep, partner)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, "portal/partnership", page)
}

// onPartnership runs a deed of the page's forms and shows the page again.
func (p *Portal) onPartnership(c echo.Context, rep *registry.Representative, partner *registry.Partner, do func(v web.Values) error) error {
	v, err := web.Form(c, "version", "to", "sure", "words")
	page, pageErr := p.newPartnership(c, rep, partner)
	if pageErr != nil {
		return pageErr
	}
	page.Words = v.Get("words")
	if err == nil {
		err = do(v)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return p.Render(c, status, "portal/partnership", page) })
	}
	return web.See(c, registry.PartnershipPath)
}

// move pauses, resumes or ends the partnership, at the partner's wish.
func (p *Portal) move(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onPartnership(c, rep, partner, func(v web.Values) error {
		to := registry.PartnerState(v.Get("to"))
		version, err := strconv.ParseInt(v.Get("version"), 10, 64)
		switch {
		case !registry.KnownPartnerState(to):
			return (fault.Fields{"to": fault.New(fault.Invalid, "partnership.to_required")}).Err()
		case to == registry.Left && !v.Ticked("sure"):
			return (fault.Fields{"sure": fault.New(fault.Invalid, "partnership.sure_required")}).Err()
		case err != nil || version < 0:
			return registry.ErrPartnerMoved
		}
		_, err = p.Registry.SetState(c.Request().Context(), registry.PartnerMove{Partner: partner.ID, Version: version, To: to, By: by(rep)})
		return err
	})
}

func (p *Portal) write(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	return p.onPartnership(c, rep, partner, func(v web.Values) error {
		return p.Registry.WriteToStaff(c.Request().Context(), rep, v.Get("words"))
	})
}
