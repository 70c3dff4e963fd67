package embeds

import (
	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
)

// labelled is the text badge of a number.
type labelled struct {
	total    int64
	skeleton *banner.Skeleton
}

// label finds the text badge, or makes it; it is the same for all partners.
func (h *Handler) label(q question, total int64) *banner.Skeleton {
	place := (q.design*banner.NumThemes+int(q.theme))*len(h.tongues.all) + q.tongue.index
	cell := &q.shelf.labels[place]
	if last := cell.Load(); last != nil && last.total == total {
		return last.skeleton
	}
	next := &labelled{total, banner.Label(q.shelf.designs.All()[q.design], q.theme, q.tongue, h.appeal, total)}
	cell.Store(next)
	return next.skeleton
}

// showShield answers in the format of the endpoint badges of shields.io, with the number that pictures show.
func (h *Handler) showShield(c echo.Context) error {
	partner, known := h.partner(c)
	q := h.question(c.Request().URL.RawQuery, partner, known)
	buffer := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buffer)
	b := append((*buffer)[:0], `{"schemaVersion":1,"label":`...)
	b = appendJSON(b, h.appeal.Campaign(q.tongue.Lang()))
	b = append(b, `,"message":`...)
	b = appendJSON(b, banner.Signatures(q.tongue, h.drawn.total(h.now(), h.figures)))
	b = append(b, `,"color":`...)
	b = appendJSON(b, q.shelf.designs.All()[q.design].FigureColour())
	*buffer = append(b, '}')
	return h.sendJSON(c, &h.heads.shield, *buffer)
}
