// Package embeds serves what stands on other people's sites: the loader script, the frame, the pictures and the
// tally. All of it is public, has no session and no cookie, and is answered from memory: the parts that do not
// differ between partners are made once for each layout, language and theme (see package banner).
//
// Any GET here gets a banner: a slug, layout, language or theme nobody knows means the campaign's own banner
// in the default shape, never an error on somebody else's page. Only the query decides what is sent,
// for caches keep one copy for everybody.
package embeds

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
)

// Figures are the counts, in memory, following commits.
type Figures interface {
	Total() int64
	Goal() int64 // 0: none
	PartnerSignatures(partnerID int64) disclosure.Figure
	AsOf() time.Time // of the last change
}

// Register finds partners in memory, by a present or a former slug; only those that may be shown.
type Register interface {
	Partner(slug string) (Partner, bool)
}

// Partner is what an embed says about one.
type Partner struct {
	ID       int64
	Slug     string // the present one
	Name     string
	Lang     string // of the name; may be empty
	Design   string // the code of the one it chose; empty: none
	Line     string // of its own, reviewed; may be empty
	LineLang string
}

// Designs are those that show now. The set is another one after a change.
type Designs interface {
	Running(now time.Time) *banner.Designs
}

// Places learn where frames are shown, and know whose pages are whose.
type Places interface {
	// Foreign says that a page is known to be another partner's. at is what the query says of the page, encoded.
	Foreign(partner int64, at At) bool
	// See notes that a frame was shown. It is called for every frame, must be quick, and keeps no part of the
	// request's memory.
	See(s Sight)
}

// Sight is a frame shown. At is what the query says of the page; if that is nothing, Referer is the header.
type Sight struct {
	Partner int64
	Layout  banner.Layout
	At      At
	Referer string
	Now     time.Time
}

// Options are all required but Ended.
type Options struct {
	BaseURL   string // as https://appeal.example.org, without a slash at the end
	Words     *locale.Catalogues
	Appeal    banner.Appeal
	Figures   Figures
	Register  Register
	Designs   Designs
	Ended     func(now time.Time) bool // whether the campaign is over; nil: never
	Places    Places
	Wall      Wall
	Templates fs.FS // with embeds/frame.html and embeds/wall.html
	Static    fs.FS // with embed/v1.js, embed/releases, embed/frame.js, embed/frame.css, embed/wall.css
	Now       func() time.Time
	Pens      *banner.Pens
	Room      int // bytes of PNG pictures kept in memory
}

// Handler answers for /embed/ and /oembed. It is safe for concurrent use.
type Handler struct {
	base     string
	origin   string
	appeal   banner.Appeal
	figures  Figures
	register Register
	designs  Designs
	ended    func(now time.Time) bool
	places   Places
	wall     Wall
	now      func() time.Time
	tongues  *tongues
	frame    *frame
	walls    *walls
	loader   *loader
	stock    stock
	drawn    window
	gallery  *gallery
	buffers  sync.Pool
	heads    heads
	sources  map[string]body
	inside   *echo.Echo
}

// New prepares scripts, style and template; it fails when one is missing or does not parse.
func New(o Options) (*Handler, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	h := &Handler{base: o.BaseURL, appeal: o.Appeal, figures: o.Figures, register: o.Register, designs: o.Designs, ended: o.Ended, places: o.Places, wall: o.Wall, now: o.Now, origin: base.Scheme + "://" + base.Host}
	if h.ended == nil {
		h.ended = func(time.Time) bool { return false }
	}
	h.buffers.New = func() any { return new([]byte) }
	h.tongues = newTongues(o.Words)
	if h.frame, err = newFrame(o.Templates, o.Static); err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	if h.walls, err = newWalls(o.Templates, o.Static, h.frame); err != nil {
		return nil, fmt.Errorf("wall: %w", err)
	}
	if h.loader, err = newLoader(o.Static); err != nil {
		return nil, fmt.Errorf("loader: %w", err)
	}
	if h.sources, err = readSources(o.Static); err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	h.heads = newHeads()
	h.gallery = newGallery(o.Pens, o.Room)
	h.inside = newInside(h)
	return h, nil
}

// Router is an *echo.Echo or an *echo.Group.
type Router interface {
	Match(methods []string, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) []*echo.Route
}

// Routes adds the addresses, all of them for GET and HEAD. They must not get a cookie or X-Frame-Options
// from any middleware, and need no access log.
func (h *Handler) Routes(r Router) {
	get := func(path string, handler echo.HandlerFunc) {
		r.Match([]string{http.MethodGet, http.MethodHead}, path, handler)
	}
	get("/embed/v1.js", h.latestLoader)
	get("/embed/v1.:release", h.frozenLoader)
	get("/embed/source/:file", h.showSource)
	get("/embed/:slug", h.showFrame)
	get("/embed/:slug/tally.json", h.showTally)
	get("/embed/:slug/shields.json", h.showShield)
	get("/embed/:slug/messages", h.showWall)
	get("/embed/:slug/:picture", h.showPicture)
	get("/oembed", h.showOEmbed)
}

// partner finds whom an embed is for; none means the campaign's own.
func (h *Handler) partner(c echo.Context) (Partner, bool) {
	slug := c.Param("slug")
	if slug == banner.Own {
		return Partner{}, false
	}
	return h.register.Partner(slug)
}
