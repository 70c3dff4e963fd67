package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// partnerStatePage brings a partner into another state, with the letter that
// tells it so.
type partnerStatePage struct {
	view.Page
	Partner *registry.Partner
	Moves   []registry.PartnerState
	Move    registry.PartnerState // "" until one is chosen
	Draft   draft
}

func (o *Console) newPartnerState(c echo.Context, who *staff.Account, get func(name string) string) (*partnerStatePage, error) {
	p, err := o.partnerOf(c)
	if err != nil {
		return nil, err
	}
	page := &partnerStatePage{Page: o.base(c, who, "console.partners.move"), Partner: p}
	page.Labels = "console.partners."
	page.Draft = o.newDraft(&page.Page, get, "console.partners.words")
	page.Draft.Hint = "console.partners.words_hint"
	for _, to := range registry.PartnerStates {
		if registry.MayMove(by(who), p.State, to) {
			page.Moves = append(page.Moves, to)
			if string(to) == get("to") {
				page.Move = to
			}
		}
	}
	return page, nil
}

func (o *Console) renderPartnerState(c echo.Context, status int, page *partnerStatePage) error {
	page.Draft.Required = page.Move == registry.Suspended
	if page.Move != "" {
		if err := o.toPartner(c.Request().Context(), &page.Draft, page.Partner, registry.Notice{Kind: registry.Moved[page.Move]}); err != nil {
			return err
		}
	}
	return o.Render(c, status, "console/partner_state", page)
}

// showPartnerState shows the letter that a move would send, beside its twin.
// What was typed so far comes in the query.
func (o *Console) showPartnerState(c echo.Context, who *staff.Account) error {
	page, err := o.newPartnerState(c, who, c.QueryParam)
	if err != nil {
		return err
	}
	return o.renderPartnerState(c, http.StatusOK, page)
}

func (o *Console) movePartner(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "version", "to", "words", "words_lang")
	page, pageErr := o.newPartnerState(c, who, v.Get)
	if pageErr != nil {
		return pageErr
	}
	to := registry.PartnerState(v.Get("to"))
	if err == nil && !registry.KnownPartnerState(to) {
		err = (fault.Fields{"to": fault.New(fault.Invalid, "console.partners.to_required")}).Err()
	}
	if err == nil {
		_, err = o.Registry.SetState(c.Request().Context(), registry.PartnerMove{Partner: page.Partner.ID, Version: seen(v), To: to, By: by(who), Words: page.Draft.Words})
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.renderPartnerState(c, status, page) })
	}
	return web.See(c, pathOf(registry.About{Subject: registry.OfPartner, ID: page.Partner.ID}))
}
