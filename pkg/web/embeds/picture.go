package embeds

import (
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
)

// redraw is how long a picture keeps its number.
const redraw = 5 * time.Minute

// labelName is that of the text badge among the layouts.
const labelName = "label"

// showPicture answers /embed/{slug}/{layout}.svg and .png, and the text badge. The number is rounded down to three
// figures.
func (h *Handler) showPicture(c echo.Context) error {
	name := c.Param("picture")
	kind := path.Ext(name)
	if kind != ".svg" && kind != ".png" {
		return echo.ErrNotFound
	}
	name = strings.TrimSuffix(name, kind)
	partner, known := h.partner(c)
	query := c.Request().URL.RawQuery
	q := h.question(query, partner, known)
	q.layout, q.theme = banner.LayoutOf(name), q.theme.Drawn()
	if page := param(query, "page"); q.layout == banner.Card && h.pages[page] != "" {
		q.page = page
	}
	total := h.drawn.total(h.now(), h.figures)
	values := banner.Values{Phrase: q.tongue.drawn.phrase(q.tongue, total)}
	var skeleton *banner.Skeleton
	var err error
	if name == labelName {
		q.variant = banner.OfCampaign
		skeleton = h.label(q, total)
	} else {
		values.Name, values.Line, values.LineLang = partner.Name, partner.Line, partner.LineLang
		skeleton, err = h.skeleton(pictureKind, q)
	}
	if err != nil {
		return err
	}
	if kind == ".svg" {
		return h.splice(c, &h.heads.picture, skeleton, &values)
	}
	return h.sendPNG(c, sitting{question: q, skeleton: skeleton, values: &values, key: pictureKey{
		shelf: q.shelf.serial, layout: q.layout, theme: q.theme, variant: q.variant, design: q.design, tongue: q.tongue.index,
		scale: scaleOf(query), total: total, name: values.Name, line: values.Line, lineLang: values.LineLang, label: name == labelName, page: q.page,
	}})
}

// sitting is what a PNG is drawn of.
type sitting struct {
	question
	skeleton *banner.Skeleton
	values   *banner.Values
	key      pictureKey
}

// etag is found without drawing.
func (s *sitting) etag() string {
	return etagOf((s.skeleton.Sum(s.values)*31+uint64(s.key.scale))*31 + banner.Revision)
}

// scaleOf is how many pixels a picture has for one of CSS, by "scale" in the query: 1 or 2.
func scaleOf(query string) int {
	if param(query, "scale") == "2" {
		return 2
	}
	return 1
}

// sendPNG answers with a kept picture, or draws it. While very many are being drawn it answers with the campaign's own
// where that is at hand, for a short time: nobody's page shows an error.
func (h *Handler) sendPNG(c echo.Context, s sitting) error {
	etag := s.etag()
	if matches(c.Request().Header, etag) {
		return notModified(c, &h.heads.png, etag)
	}
	picture, ok := h.gallery.find(s.key)
	if !ok && h.gallery.crowded() {
		if own, etag, ok := h.ownInstead(s); ok {
			return write(c, &h.heads.instead, etag, own)
		}
	}
	if !ok {
		var err error
		if picture, err = h.gallery.draw(s.key, s.skeleton, s.values); err != nil {
			return err
		}
	}
	return write(c, &h.heads.png, etag, picture)
}

// ownInstead finds the campaign's own picture of the same kind.
func (h *Handler) ownInstead(s sitting) ([]byte, string, bool) {
	s.variant, s.key.variant = banner.OfCampaign, banner.OfCampaign
	s.key.name, s.key.line, s.key.lineLang = "", "", ""
	picture, ok := h.gallery.find(s.key)
	if !ok || s.key.label {
		return nil, "", false
	}
	skeleton, err := h.skeleton(pictureKind, s.question)
	if err != nil {
		return nil, "", false
	}
	s.skeleton, s.values = skeleton, &banner.Values{Phrase: s.values.Phrase}
	return picture, s.etag(), true
}

// window holds the total that pictures show, which changes at most once in each five minutes of the clock,
// so that copies of the program agree on when.
type window struct {
	current atomic.Pointer[held]
}

type held struct {
	since time.Time
	total int64
}

func (w *window) total(now time.Time, figures Figures) int64 {
	since := now.Truncate(redraw)
	if last := w.current.Load(); last != nil && last.since.Equal(since) {
		return last.total
	}
	next := &held{since: since, total: banner.RoundDown(figures.Total())}
	w.current.Store(next)
	return next.total
}
