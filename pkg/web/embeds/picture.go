package embeds

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
)

// redraw is how long a picture keeps its number.
const redraw = 5 * time.Minute

// showPicture answers /embed/{slug}/{layout}.svg. The number is rounded down to three figures.
func (h *Handler) showPicture(c echo.Context) error {
	layout, ok := strings.CutSuffix(c.Param("picture"), ".svg")
	if !ok {
		return echo.ErrNotFound
	}
	partner, known := h.partner(c)
	q := h.question(c.Request().URL.RawQuery, partner, known)
	q.layout, q.theme = banner.LayoutOf(layout), q.theme.Drawn()
	skeleton, err := h.skeleton(pictureKind, q)
	if err != nil {
		return err
	}
	return h.splice(c, &h.heads.picture, skeleton, &banner.Values{
		Name:   partner.Name,
		Line:   partner.Line,
		Phrase: q.tongue.drawn.phrase(q.tongue, h.drawn.total(h.now(), h.figures)),
	})
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
