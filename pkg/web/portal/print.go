package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// qrModule is the side of a square of the PNG in pixels: sharp on a page of
// A4 at 300 dpi.
const qrModule = 16

// showQR draws the short link as a QR code, as SVG or PNG.
func (p *Portal) showQR(c echo.Context, _ *registry.Representative, partner *registry.Partner) error {
	link := banner.LinkOf(p.origin(), partner.Slug)
	if strings.HasSuffix(c.Path(), ".png") {
		drawn, err := banner.QRPNG(link, qrModule)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "image/png", drawn)
	}
	drawn, err := banner.QRSVG(link)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/svg+xml; charset=utf-8", drawn)
}

// posterPage is a poster or a flyer, to be printed from the browser.
type posterPage struct {
	view.Page
	Partner                 *registry.Partner
	Paper                   string // a4 or a5
	Papers                  []string
	PrintLang               string
	PrintDir                string
	Campaign, Slogan, Title string
	In                      banner.Langs // that these three are in
	Scan, With, Short       string       // in the language of the poster
}

// Foreign are the languages of what the poster says in another than its own.
func (p *posterPage) Foreign() (langs []string) {
	for _, l := range []string{p.In.Campaign, p.In.Slogan, p.In.Title} {
		if l != p.PrintLang && !slices.Contains(langs, l) {
			langs = append(langs, l)
		}
	}
	return langs
}

func (p *Portal) showPoster(c echo.Context, rep *registry.Representative, partner *registry.Partner) error {
	base, err := p.page(c, rep, "poster.page")
	if err != nil {
		return err
	}
	lang := c.QueryParam("lang")
	if !p.Catalogues.Has(lang) {
		lang = rep.Lang
	}
	words, design := p.Catalogues.For(lang), p.Designs.Running(p.Now()).All()[0]
	link := banner.LinkOf(p.origin(), partner.Slug)
	_, short, _ := strings.Cut(link, "://")
	page := &posterPage{Page: base, Partner: partner, Paper: "a4", Papers: []string{"a4", "a5"}, PrintLang: lang, PrintDir: words.Dir(),
		Campaign: p.Embed.Campaign(lang), Slogan: design.Slogan(lang, p.Embed), Title: p.Embed.Title(lang), In: p.Embed.Langs(lang),
		Scan: words.T("poster.scan"), With: words.T("poster.with"), Short: short}
	page.In.Slogan = design.SloganLang(lang, p.Embed)
	if c.QueryParam("paper") == "a5" {
		page.Paper = "a5"
	}
	return p.Render(c, http.StatusOK, "portal/poster", page)
}
