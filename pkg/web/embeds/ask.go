package embeds

import (
	"strings"

	"olivebranch/pkg/banner"
)

// longestQuery bounds the work on a query, in bytes; a longer one asks for nothing.
const longestQuery = 1024

// question is what the query asks for, with defaults where it asks for what there is not.
type question struct {
	layout banner.Layout
	theme  banner.Theme
	tongue *tongue
}

func (h *Handler) question(rawQuery string) question {
	return question{
		layout: banner.LayoutOf(param(rawQuery, "layout")),
		theme:  banner.ThemeOf(param(rawQuery, "theme")),
		tongue: h.tongues.of(param(rawQuery, "lang")),
	}
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
