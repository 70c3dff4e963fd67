package embeds

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/banner"
)

// head is the response headers of one kind of answer. Values are made once and shared; nobody writes into them.
type head []field

type field struct {
	name   string // in canonical form
	values []string
}

type heads struct {
	picture, png, instead, tally, shield, latest, frozen head
}

// frameHead is that of frames with a policy.
func frameHead(policy string) head {
	return headOf("text/html; charset=utf-8", "public, max-age=60",
		"Content-Security-Policy", policy,
		// The button leads to this site, which may know that one of its frames was pressed.
		"Referrer-Policy", "strict-origin",
		// Pages that isolate themselves take only frames that do too.
		"Cross-Origin-Embedder-Policy", "require-corp")
}

func newHeads() heads {
	return heads{
		picture: headOf("image/svg+xml; charset=utf-8", "public, max-age=300",
			"Content-Security-Policy", "default-src 'none'",
			"Access-Control-Allow-Origin", "*"),
		png: headOf("image/png", "public, max-age=300",
			"Access-Control-Allow-Origin", "*"),
		// In place of another picture, which will be there soon.
		instead: headOf("image/png", "public, max-age=15",
			"Access-Control-Allow-Origin", "*"),
		shield: headOf("application/json", "public, max-age=300",
			"Access-Control-Allow-Origin", "*"),
		tally: headOf("application/json", "public, max-age=15",
			"Access-Control-Allow-Origin", "*"),
		latest: headOf("text/javascript; charset=utf-8", "public, max-age=3600, s-maxage=86400, stale-if-error=2592000",
			"Access-Control-Allow-Origin", "*",
			"Vary", "Accept-Encoding"),
		frozen: headOf("text/javascript; charset=utf-8", "public, max-age=31536000, immutable",
			"Access-Control-Allow-Origin", "*",
			"Vary", "Accept-Encoding"),
	}
}

func headOf(contentType, caching string, more ...string) head {
	all := append([]string{
		"Content-Type", contentType,
		"Cache-Control", caching,
		"Cross-Origin-Resource-Policy", "cross-origin",
		"X-Content-Type-Options", "nosniff",
	}, more...)
	var h head
	for i := 0; i < len(all); i += 2 {
		h = append(h, field{name: http.CanonicalHeaderKey(all[i]), values: []string{all[i+1]}})
	}
	return h
}

// splice answers with a skeleton and its values, which are not spliced for a visitor who has them already.
func (h *Handler) splice(c echo.Context, d *head, s *banner.Skeleton, v *banner.Values) error {
	etag := etagOf(s.Sum(v))
	if matches(c.Request().Header, etag) {
		return notModified(c, d, etag)
	}
	buffer := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buffer)
	*buffer = s.Append((*buffer)[:0], v)
	return write(c, d, etag, *buffer)
}

// send answers with a body, or says that the visitor has it.
func (h *Handler) send(c echo.Context, d *head, etag string, body []byte) error {
	if matches(c.Request().Header, etag) {
		return notModified(c, d, etag)
	}
	return write(c, d, etag, body)
}

func notModified(c echo.Context, d *head, etag string) error {
	d.set(c.Response().Header(), etag)
	c.Response().WriteHeader(http.StatusNotModified)
	return nil
}

func write(c echo.Context, d *head, etag string, body []byte) error {
	header := c.Response().Header()
	d.set(header, etag)
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(body)
	return err
}

func (d *head) set(header http.Header, etag string) {
	for i := range *d {
		header[(*d)[i].name] = (*d)[i].values
	}
	header["Etag"] = []string{etag}
}

func etagOf(sum uint64) string {
	var buffer [18]byte
	return string(append(strconv.AppendUint(append(buffer[:0], '"'), sum, 36), '"'))
}

// matches says whether If-None-Match names the ETag. Comparison is weak, as RFC 9110 (13.1.2) has it.
func matches(header http.Header, etag string) bool {
	for _, line := range header["If-None-Match"] {
		for rest := line; rest != ""; {
			var one string
			one, rest, _ = strings.Cut(rest, ",")
			one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
			if one == etag || one == "*" {
				return true
			}
		}
	}
	return false
}
