package embeds

import (
	"encoding/json"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/disclosure"
)

// showTally answers with the numbers, for the frame and for whoever else asks.
func (h *Handler) showTally(c echo.Context) error {
	partner, known := h.partner(c)
	buffer := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buffer)
	*buffer = h.appendTally((*buffer)[:0], partner, known)
	return h.sendJSON(c, &h.heads.tally, *buffer)
}

func (h *Handler) sendJSON(c echo.Context, d *head, body []byte) error {
	sum := fnv.New64a()
	sum.Write(body)
	return h.send(c, d, etagOf(sum.Sum64()), body)
}

// appendTally writes {"appeal","partner","partner_signatures","signatures","goal","next_milestone","as_of"}.
// partner is empty for the campaign's own banner; its figure is null when it is unknown or not told.
func (h *Handler) appendTally(dst []byte, partner Partner, known bool) []byte {
	total, goal := h.figures.Total(), h.figures.Goal()
	dst = append(dst, `{"appeal":`...)
	dst = appendJSON(dst, h.appeal.Slug())
	dst = append(dst, `,"partner":`...)
	dst = appendJSON(dst, partner.Slug)
	dst = append(dst, `,"partner_signatures":`...)
	if f := h.figures.PartnerSignatures(partner.ID); known && f.Telling == disclosure.Told {
		dst = strconv.AppendInt(dst, f.N, 10)
	} else {
		dst = append(dst, "null"...)
	}
	dst = append(dst, `,"signatures":`...)
	dst = strconv.AppendInt(dst, total, 10)
	dst = append(dst, `,"goal":`...)
	dst = strconv.AppendInt(dst, goal, 10)
	dst = append(dst, `,"next_milestone":`...)
	dst = strconv.AppendInt(dst, banner.NextMilestone(total, goal), 10)
	dst = append(dst, `,"as_of":"`...)
	dst = h.figures.AsOf().UTC().AppendFormat(dst, time.RFC3339)
	return append(dst, `"}`...)
}

func appendJSON(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // not with a string
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
