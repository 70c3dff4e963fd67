package embeds_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestEveryAnswerHasTheHeadersOfAGuest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, want := range map[string][]string{
		"/embed/v1.js":             {"text/javascript; charset=utf-8", "public, max-age=3600, s-maxage=86400, stale-if-error=2592000", "*"},
		s.handler.Latest().Path:    {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "*"},
		"/embed/acme":              {"text/html; charset=utf-8", "public, max-age=60", ""},
		"/embed/acme/messages":     {"text/html; charset=utf-8", "public, max-age=60", ""},
		"/embed/nobody?lang=ko":    {"text/html; charset=utf-8", "public, max-age=60", ""},
		"/embed/acme/bar.svg":      {"image/svg+xml; charset=utf-8", "public, max-age=300", "*"},
		"/embed/acme/bar.png":      {"image/png", "public, max-age=300", "*"},
		"/embed/acme/label.svg":    {"image/svg+xml; charset=utf-8", "public, max-age=300", "*"},
		"/embed/acme/label.png":    {"image/png", "public, max-age=300", "*"},
		"/embed/acme/shields.json": {"application/json", "public, max-age=300", "*"},
		"/embed/acme/tally.json":   {"application/json", "public, max-age=15", "*"},
		"/embed/acme/whatever.svg": {"image/svg+xml; charset=utf-8", "public, max-age=300", "*"},
	} {
		r := s.get(path, "Cookie", "a=b")
		if r.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, r.Code)
		}
		h := r.Header()
		for i, name := range []string{"Content-Type", "Cache-Control", "Access-Control-Allow-Origin"} {
			if got := h.Get(name); got != want[i] {
				t.Errorf("%s: %s: %s, want %s", path, name, got, want[i])
			}
		}
		if h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
		// Browsers refuse "*" in frames of sandboxed pages; without the directive anybody may frame.
		if strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors") {
			t.Errorf("%s: %s", path, h.Get("Content-Security-Policy"))
		}
		if h.Get("Set-Cookie") != "" || h.Get("X-Frame-Options") != "" {
			t.Errorf("%s: %v", path, h)
		}
		if h.Get("Content-Length") != strconv.Itoa(r.Body.Len()) {
			t.Errorf("%s: Content-Length %s of %d", path, h.Get("Content-Length"), r.Body.Len())
		}
	}
}

func TestWhoHasTheAnswerAlreadyGets304AndHEADGetsNoBody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range append(everyShape(), "/embed/v1.js", s.handler.Latest().Path, "/embed/acme/tally.json", "/embed/acme/messages?lang=ko") {
		first := s.get(path)
		etag := first.Header().Get("Etag")
		if !fresh(etag) {
			t.Fatalf("%s: ETag %q", path, etag)
		}
		for _, known := range []string{etag, "W/" + etag, `"other", ` + etag, "*"} {
			r := s.get(path, "If-None-Match", known)
			if r.Code != http.StatusNotModified || r.Body.Len() > 0 || r.Header().Get("Etag") != etag || r.Header().Get("Cache-Control") == "" {
				t.Errorf("%s, If-None-Match %s: %d %v", path, known, r.Code, r.Header())
			}
		}
		if r := s.get(path, "If-None-Match", `"other"`); r.Code != http.StatusOK {
			t.Errorf("%s: %d for another ETag", path, r.Code)
		}
		head := s.do(http.MethodHead, path)
		if head.Code != http.StatusOK || head.Body.Len() > 0 || head.Header().Get("Content-Length") != first.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: %d %v", path, head.Code, head.Header())
		}
		if r := s.do(http.MethodPost, path); r.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, r.Code)
		}
	}
}

func TestDifferentDocumentsHaveDifferentETags(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seen := map[string]string{}
	for _, path := range everyShape() {
		r := s.get(path)
		etag := r.Header().Get("Etag")
		if body, ok := seen[etag]; ok && body != r.Body.String() {
			t.Errorf("%s: the ETag of another document", path)
		}
		seen[etag] = r.Body.String()
	}
}

func TestWhatIsNotThereIs404(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{
		"/embed/", "/embed/acme/bar.gif", "/embed/acme/bar", "/embed/acme/tally.xml", "/embed/v1.0000000000000000.js",
		strings.TrimSuffix(s.handler.Latest().Path, ".js"), "/embed/acme/bar.svg/x",
	} {
		if r := s.get(path); r.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Code)
		}
	}
}
