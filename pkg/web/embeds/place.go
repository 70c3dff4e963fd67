package embeds

import (
	"net/http"
	"strings"

	"olivebranch/pkg/banner"
)

// longestAt is the longest word about a page that is taken, in bytes of the query. The loader sends 200 characters
// at most, which percent signs can make three times as long.
const longestAt = 600

// At is what a query says of the page a frame is on, host and path, as it stands there: percent-encoded, and of
// nothing but what may stand in an address. Anybody can send it. Empty when nothing is said.
type At string

// pageOf reads it. What could not have come from the loader is as good as nothing.
func pageOf(rawQuery string) At {
	at := param(rawQuery, "at")
	if len(at) > longestAt {
		return ""
	}
	for i := range len(at) {
		if !inAddress[at[i]] {
			return ""
		}
	}
	return At(at)
}

// inAddress are RFC 3986's unreserved characters, with the slash, the colon, the percent sign, and the plus by which
// forms write a space.
var inAddress = func() (table [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:%+" {
		table[c] = true
	}
	return table
}()

// note tells where a frame is shown. The campaign's own pages show banners to look at.
func (h *Handler) note(r *http.Request, partner int64, layout banner.Layout, at At) {
	s := Sight{Partner: partner, Layout: layout, At: at, Now: h.now()}
	if at == "" {
		if values := r.Header["Referer"]; len(values) == 1 {
			s.Referer = values[0]
		}
		if rest, ok := strings.CutPrefix(s.Referer, h.origin); ok && (rest == "" || rest[0] == '/') {
			return
		}
	}
	h.places.See(s)
}
