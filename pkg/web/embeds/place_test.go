package embeds_test

import (
	"net/http"
	"strings"
	"testing"
)

// href is where the button of a frame leads.
func href(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<a href="`)
	if !ok {
		t.Fatalf("no button in\n%s", page)
	}
	href, _, _ := strings.Cut(rest, `"`)
	return href
}

func TestAFrameIsNotedWithThePageItStandsOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct{ path, referer, wantAt, wantReferer string }{
		{"/embed/acme?at=blog.example%2Fpeace", "https://other.example/", "blog.example%2Fpeace", ""},
		{"/embed/acme?at=blog.example/peace", "", "blog.example/peace", ""},
		{"/embed/acme", "https://blog.example/", "", "https://blog.example/"},
		{"/embed/acme?at=", "https://blog.example/", "", "https://blog.example/"},
		{"/embed/acme", "", "", ""},
		{"/embed/acme", base + ".evil.example/", "", base + ".evil.example/"},
		// What the loader never sends says nothing.
		{"/embed/acme?at=a.example&at=b.example", "", "", ""},
		{"/embed/acme?at=a.example%2F" + strings.Repeat("a", 600), "", "", ""},
		{"/embed/acme?at=a.example\"><script>", "", "", ""},
		{"/embed/acme?at=a.example/(x)", "", "", ""},
	} {
		s.places.seen = nil
		path, _, _ := strings.Cut(c.path, "?")
		r := s.with(c.path[len(path):], path, c.referer)
		if r != http.StatusOK || len(s.places.seen) != 1 {
			t.Errorf("%s: status %d, noted %v", c.path, r, s.places.seen)
			continue
		}
		if got := s.places.seen[0]; got.Partner != 1 || string(got.At) != c.wantAt || got.Referer != c.wantReferer || !got.Now.Equal(start) {
			t.Errorf("%s from %s: %+v", c.path, c.referer, got)
		}
	}
	s.places.seen = nil
	first := s.get("/embed/acme?at=blog.example%2F&layout=box")
	s.get("/embed/acme?at=blog.example%2F&layout=box", "If-None-Match", first.Header().Get("Etag"))
	if len(s.places.seen) != 2 || s.places.seen[1].Layout.String() != "box" {
		t.Errorf("one who has the frame already sees it too: %v", s.places.seen)
	}
	s.places.seen = nil
	s.do(http.MethodHead, "/embed/acme?at=blog.example%2F")
	s.get("/embed/all?at=blog.example%2F")
	s.get("/embed/nobody?at=blog.example%2F")
	s.get("/embed/acme", "Referer", base+"/portal")
	s.get("/embed/acme/bar.svg?at=blog.example%2F")
	if len(s.places.seen) != 0 {
		t.Errorf("noted %v", s.places.seen)
	}
}

// with asks for a path with a query that may be no good, and returns the status.
func (s *site) with(query, path, referer string) int {
	request := newRequest(path)
	request.URL.RawQuery = strings.TrimPrefix(query, "?")
	if referer != "" {
		request.Header.Set("Referer", referer)
	}
	return s.answer(request).Code
}

func TestOnAnothersPageAFrameHasNoName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, at := range []string{"acme.example", "acme.example%2Fpeace", "www.acme.example:8080/", "www.acme.example%3A8080%2F", "WWW.ACME.example%2F"} {
		page := s.mustGet(t, "/embed/small?at="+at)
		if strings.Contains(page, "Small Circle") || href(t, page) != base+"/en/" {
			t.Errorf("%s: %s", at, page)
		}
		if !strings.Contains(s.mustGet(t, "/embed/acme?at="+at), "ACME Foundation") {
			t.Errorf("%s: the one whose page it is has no name", at)
		}
	}
	if got := s.places.seen[0].Partner; got != 2 {
		t.Errorf("noted for %d: staff could not tell whose code it is", got)
	}
	for _, at := range []string{"notacme.example", "example", "acme.example.evil.example", ""} {
		if !strings.Contains(s.mustGet(t, "/embed/small?at="+at), "Small Circle") {
			t.Errorf("%q: no name", at)
		}
	}
	// Only the query decides what is sent.
	if !strings.Contains(s.mustGet(t, "/embed/small", "Referer", "https://acme.example/"), "Small Circle") {
		t.Error("the Referer decides what is sent")
	}
}
