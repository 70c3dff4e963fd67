package embeds

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
)

// longestOEmbed bounds the work on an oEmbed question, in bytes.
const longestOEmbed = 4096

// oembedAge is how many seconds others may keep an answer; the frame in it
// stays fresh by itself.
const oembedAge = 24 * 60 * 60

// room is a width and a height in CSS pixels.
type room struct{ width, height int }

// The room that others may offer: what lies beyond is clamped. The smallest
// banner fits into the least.
var least, most = room{88, 31}, room{1200, 1200}

// The heads of oEmbed answers. Scripts of any page may ask.
var (
	oembedJSON    = headOf("application/json; charset=utf-8", "public, max-age=300", "Access-Control-Allow-Origin", "*")
	oembedXML     = headOf("text/xml; charset=utf-8", "public, max-age=300", "Access-Control-Allow-Origin", "*")
	oembedRefusal = headOf("text/plain; charset=utf-8", "public, max-age=60", "Access-Control-Allow-Origin", "*")
)

// oembed is an answer as https://oembed.com has it, of the type rich.
type oembed struct {
	XMLName         xml.Name `json:"-" xml:"oembed"`
	Type            string   `json:"type" xml:"type"`
	Version         string   `json:"version" xml:"version"`
	Title           string   `json:"title" xml:"title"`
	AuthorName      string   `json:"author_name,omitempty" xml:"author_name,omitempty"`
	AuthorURL       string   `json:"author_url,omitempty" xml:"author_url,omitempty"`
	ProviderName    string   `json:"provider_name" xml:"provider_name"`
	ProviderURL     string   `json:"provider_url" xml:"provider_url"`
	CacheAge        int      `json:"cache_age" xml:"cache_age"`
	ThumbnailURL    string   `json:"thumbnail_url" xml:"thumbnail_url"`
	ThumbnailWidth  int      `json:"thumbnail_width" xml:"thumbnail_width"`
	ThumbnailHeight int      `json:"thumbnail_height" xml:"thumbnail_height"`
	HTML            string   `json:"html" xml:"html"`
	Width           int      `json:"width" xml:"width"`
	Height          int      `json:"height" xml:"height"`
}

// showOEmbed answers /oembed?url=…&format=…&maxwidth=…&maxheight=…: 404 for
// what is no page with a banner, 501 for a format there is not. A partner
// nobody knows is no error, as everywhere here.
func (h *Handler) showOEmbed(c echo.Context) error {
	raw := c.Request().URL.RawQuery
	if len(raw) > longestOEmbed {
		return refuseOEmbed(c, http.StatusNotFound)
	}
	ask, err := url.ParseQuery(raw)
	if err != nil {
		return refuseOEmbed(c, http.StatusNotFound)
	}
	page, ok := h.pageOf(ask.Get("url"))
	if !ok {
		return refuseOEmbed(c, http.StatusNotFound)
	}
	answer := h.oembed(page, room{clamp(ask.Get("maxwidth"), least.width, most.width), clamp(ask.Get("maxheight"), least.height, most.height)})
	var body []byte
	var d *head
	switch ask.Get("format") {
	case "", "json":
		d = &oembedJSON
		body, err = json.Marshal(answer)
	case "xml":
		d = &oembedXML
		if body, err = xml.Marshal(answer); err == nil {
			body = append([]byte(xml.Header), body...)
		}
	default:
		return refuseOEmbed(c, http.StatusNotImplemented)
	}
	if err != nil {
		return fmt.Errorf("write oEmbed: %w", err)
	}
	sum := fnv.New64a()
	sum.Write(body)
	return h.send(c, d, etagOf(sum.Sum64()), body)
}

func refuseOEmbed(c echo.Context, status int) error {
	header := c.Response().Header()
	for _, f := range oembedRefusal {
		header[f.name] = f.values
	}
	return c.NoContent(status)
}

// clamp reads a number of pixels as people and programs write it. What is none
// is no wish.
func clamp(s string, least, most int) int {
	f, err := strconv.ParseFloat(s, 64)
	if math.IsNaN(f) || err != nil && !math.IsInf(f, 0) {
		return most
	}
	return int(min(float64(most), max(float64(least), f)))
}

// page is one of ours that has a banner, as its address names it.
type page struct {
	slug   string // a partner's, present or former, or banner.Own
	tongue *tongue
	query  url.Values // may choose layout, theme and design
}

// pageOf reads an address: of the appeal, of a partner, of the form that a
// banner leads to, or a short link.
func (h *Handler) pageOf(address string) (page, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || !h.ours(u) {
		return page{}, false
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return page{}, false
	}
	p := page{slug: banner.Own, tongue: h.tongues.of(query.Get("lang")), query: query}
	first, rest, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/"), "/")
	if first == "p" {
		p.slug = rest
		return p, rest != "" && !strings.Contains(rest, "/")
	}
	if first != "" {
		one := h.tongues.byCode[strings.ToLower(first)]
		if one == nil || one.Lang() != first {
			return page{}, false
		}
		p.tongue = one
	}
	slug, partner := strings.CutPrefix(rest, "partners/")
	switch {
	case rest == "":
	case rest == "sign" && query.Get("via") != "":
		p.slug = query.Get("via")
	case rest == "sign":
	case partner && slug != "" && !strings.Contains(slug, "/"):
		p.slug = slug
	default:
		return page{}, false
	}
	return p, true
}

// ours says whether an address is on this site, whatever its scheme.
func (h *Handler) ours(u *url.URL) bool {
	_, own, _ := strings.Cut(h.origin, "://")
	bare := func(host string) string { return strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443") }
	return strings.EqualFold(bare(u.Host), bare(own))
}

// oembed writes the answer for a page, as large as there is room.
func (h *Handler) oembed(p page, within room) oembed {
	lang := p.tongue.Lang()
	partner, known := h.register.Partner(p.slug)
	if p.slug == banner.Own {
		known = false
	}
	slug := banner.Own
	o := oembed{Type: "rich", Version: "1.0", CacheAge: oembedAge,
		ProviderName: h.appeal.Campaign(lang), ProviderURL: h.base + "/" + lang + "/"}
	o.Title = p.tongue.T("embed.link", "Campaign", o.ProviderName)
	switch {
	case h.ended(h.now()):
		o.Title = p.tongue.T("embed.thanks")
	case known:
		slug = partner.Slug
		o.AuthorName, o.AuthorURL = partner.Name, h.base+"/"+lang+"/partners/"+url.PathEscape(slug)
	}
	layout := layoutFor(p.query.Get("layout"), within)
	width, height := frameSize(layout, within)
	look := url.Values{"lang": {lang}, "theme": {banner.ThemeOf(p.query.Get("theme")).String()}}
	if d := h.shelf().designs; p.query.Get("design") != "" {
		look.Set("design", d.All()[d.Index(p.query.Get("design"))].Code)
	}
	at := h.base + "/embed/" + url.PathEscape(slug)
	drawn := pictureFor(within)
	o.ThumbnailURL = at + "/" + drawn.String() + ".png?" + look.Encode()
	o.ThumbnailWidth, o.ThumbnailHeight = drawn.PictureSize()
	look.Set("layout", layout.String())
	o.Width, o.Height = width, height
	o.HTML = fmt.Sprintf(`<iframe src="%s" title="%s" width="%d" height="%d" loading="lazy" style="border:0"></iframe>`,
		banner.Escape(at+"?"+look.Encode()), banner.Escape(o.Title), width, height)
	return o
}

// preferred are the layouts of frames when none is asked for, with the least
// width in which each is the best.
var preferred = []struct {
	layout banner.Layout
	width  int
}{{banner.Bar, 480}, {banner.Box, 300}, {banner.Bar, narrowestBar}, {banner.Tall, 160}, {banner.Badge, 0}}

// The widths of a bar that can be read, and that is no wider than its picture.
const narrowestBar, widestBar = 240, 720

// layoutFor is the layout asked for, or the best one that fits.
func layoutFor(name string, within room) banner.Layout {
	fits := func(l banner.Layout) bool {
		width := l.FrameWidth()
		if l == banner.Bar || l == banner.Wide {
			width = narrowestBar
		}
		return width <= within.width && l.Height() <= within.height
	}
	// What holds on to the window's edge has none to hold on to in a frame.
	if asked := banner.LayoutOf(name); asked.String() == name && asked != banner.Sticky && fits(asked) {
		return asked
	}
	for _, p := range preferred {
		if within.width >= p.width && fits(p.layout) {
			return p.layout
		}
	}
	return banner.Badge
}

func frameSize(l banner.Layout, within room) (width, height int) {
	width = l.FrameWidth()
	if width == 0 {
		width = widestBar
	}
	return min(width, within.width), l.Height()
}

// pictureFor is the largest picture that fits: thumbnails must, too.
func pictureFor(within room) banner.Layout {
	for _, l := range []banner.Layout{banner.Card, banner.Box} {
		if width, height := l.PictureSize(); width <= within.width && height <= within.height {
			return l
		}
	}
	return banner.Badge
}
