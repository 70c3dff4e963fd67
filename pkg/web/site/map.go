package site

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/worldmap"
)

// paints are the colours of the map as a picture, those of the style sheet: a
// picture knows nothing of the page it stands on.
var paints = map[string]struct{ land, disc, edge string }{
	"light": {"#dcd8cc", "#1b64a7", "#fbfaf6"},
	"dark":  {"#33405c", "#7db8ee", "#11182a"},
}

// worldPicture is the map on a page, by the addresses of the register as it is
// now; in CSS pixels it is as large as it may get.
type worldPicture struct {
	Light, Dark   string
	Width, Height float64
}

func (s *Site) worldPicture() worldPicture {
	m, version := worldmap.Draw(nil), strconv.FormatInt(s.Register.Version(), 10)
	return worldPicture{"/map/light.svg?v=" + version, "/map/dark.svg?v=" + version, m.Width, m.Height}
}

// showMap is the map of all partners as one picture, which the appeal's page
// loads late: the outline of the land weighs as much as the page.
func (s *Site) showMap(c echo.Context) error {
	theme, isSVG := strings.CutSuffix(c.Param("file"), ".svg")
	paint, known := paints[theme]
	if !isSVG || !known {
		return echo.ErrNotFound
	}
	land, ok := s.Assets.Find(s.Assets.Path(worldmap.Land))
	if !ok {
		return echo.ErrNotFound
	}
	tag := fmt.Sprintf(`"%s-%d"`, theme, s.Register.Version())
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("ETag", tag)
	if c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	var discs strings.Builder
	fmt.Fprintf(&discs, `<g fill="%s" fill-opacity="0.6" stroke="%s" stroke-width="0.8">`, paint.disc, paint.edge)
	for _, d := range worldmap.Draw(s.Register.Look(registry.Query{Lang: locale.Default}).Counts.Countries).Discs {
		fmt.Fprintf(&discs, `<circle cx="%g" cy="%g" r="%g"/>`, d.X, d.Y, d.R)
	}
	discs.WriteString(`</g></svg>`)
	picture := strings.Replace(string(land.Body), `<path `, `<path fill="`+paint.land+`" `, 1)
	picture = strings.TrimSuffix(strings.TrimSpace(picture), "</svg>") + discs.String()
	return c.Blob(http.StatusOK, "image/svg+xml; charset=utf-8", []byte(picture))
}
