package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// homePage is the representative's desk: what a new partner does first, the
// figures, then the simplest code
// and the link; the others are in the generator.
type homePage struct {
	view.Page
	Partner     *registry.Partner
	First       []step // none when all are done
	Shown       bool   // visitors can see the partner
	Together    string // name of the partner it is merged into
	PublicState string
	Signatures  int64
	Told        disclosure.Figure // what visitors see of them
	Total       int64
	Since       int64
	Code        banner.Code
	Picture     string // address of the picture
	EmbedLang   string
}

func (p *Portal) showHome(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	base, err := p.page(c, rep, "portal.home")
	if err != nil {
		return err
	}
	page := &homePage{Page: base, Partner: partner,
		Shown: partner.State == registry.Active, PublicState: string(partner.State), Signatures: p.Tally.PartnerSignatures(p.Register.Family(partner.ID)...),
		Told: p.Told(partner.ID), Total: p.Tally.Total(), Since: partner.Since}
	if target, ok := p.Register.ByID(partner.MergedInto); ok {
		page.Together = target.Name
	}
	if page.First, err = p.firstSteps(c, partner, page.Signatures); err != nil {
		return err
	}
	page.EmbedLang = c.QueryParam("lang")
	if !p.Catalogues.Has(page.EmbedLang) {
		page.EmbedLang = rep.Lang
	}
	spot, words := banner.Spot{Base: p.origin(), Slug: partner.Slug}, p.Catalogues.For(page.EmbedLang)
	page.Code, page.Picture = banner.Codes(spot, words, p.Embed), spot.Picture(words, "svg")
	return p.Render(c, http.StatusOK, "portal/home", page)
}
