package console

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/staff"
)

// drawDesign draws a design, published or not, as the banner of a partner that
// has a line of its own: the fullest one there is. Its words and its number are
// those of now.
func (o *Console) drawDesign(c echo.Context, _ *staff.Account) error {
	d, err := o.designOf(c)
	if err != nil {
		return err
	}
	name, ok := strings.CutSuffix(c.Param("picture"), ".svg")
	layout, lang := banner.LayoutOf(name), c.QueryParam("lang")
	if !ok || layout.String() != name || !o.Catalogues.Has(lang) {
		return echo.ErrNotFound
	}
	words := o.Catalogues.For(lang)
	drawn := banner.SVG(banner.Picture{Layout: layout, Theme: banner.ThemeOf(c.QueryParam("theme")), Variant: banner.WithLine, Design: d.Drawn()}, words, o.Embed)
	svg := drawn.Append(nil, &banner.Values{Name: words.T("designs.example_name"), NameLang: lang, Line: words.T("designs.example_line"), LineLang: lang,
		Phrase: banner.NewPhrase(words, banner.RoundDown(o.Tally.Total()))})
	c.Response().Header().Set("Content-Security-Policy", "default-src 'none'")
	return c.Blob(http.StatusOK, "image/svg+xml; charset=utf-8", svg)
}
