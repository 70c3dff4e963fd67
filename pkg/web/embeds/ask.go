package embeds

import (
	"strings"

	"olivebranch/pkg/banner"
)

// longestQuery bounds the work on a query, in bytes; a longer one asks for nothing.
const longestQuery = 1024

// question is what the query asks for, with defaults where it asks for what there is not.
type question struct {
	shelf   *shelf // of the designs in force when it was asked
	layout  banner.Layout
	theme   banner.Theme
	tongue  *tongue
	variant banner.Variant
	design  int    // its place in the set
	page    string // of the site, whose title stands on the card instead of a slogan; "" for none
}

// question reads what is asked for about a partner, or about the campaign if
// that is not known. The design is the one of the query, else the partner's
// choice, else the one staff prefer.
func (h *Handler) question(rawQuery string, partner Partner, known bool) question {
	s := h.shelf()
	q := question{
		shelf:  s,
		layout: banner.LayoutOf(param(rawQuery, "layout")),
		theme:  banner.ThemeOf(param(rawQuery, "theme")),
		tongue: h.tongues.of(param(rawQuery, "lang")),
		design: s.designs.Index(param(rawQuery, "design"), partner.Design),
	}
	switch {
	case h.ended(h.now()), param(rawQuery, "ended") != "": // for all, or where the site owner set a day
		q.variant = banner.Ended
	case !known:
		q.variant = banner.OfCampaign
	case partner.Line != "":
		q.variant = banner.WithLine
	}
	return q
}

// param is the value of a key that stands in the query once, as it stands there: no value that means
// anything here is ever encoded. A key that is there twice is as good as absent.
func param(rawQuery, key string) string {
	if len(rawQuery) > longestQuery {
		return ""
	}
	found, seen := "", false
	for rest := rawQuery; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		name, value, _ := strings.Cut(pair, "=")
		if name != key {
			continue
		}
		if seen {
			return ""
		}
		found, seen = value, true
	}
	return found
}
