package web_test

import (
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

var ofMap = regexp.MustCompile(`/map/(?:light|dark)\.svg\?v=\d+`)

// The appeal shows the map of the register as it is: each theme has a picture
// of its own, which changes its address with the register.
func TestTheMapOfTheAppealFollowsTheRegister(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	pictures := func() []string { return ofMap.FindAllString(h.get("/ko/").body, -1) }
	discs := func(path string) int {
		a := h.get(path)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "image/svg+xml") || xml.Unmarshal([]byte(a.body), new(struct{})) != nil || !strings.Contains(a.body, `id="land"`) {
			t.Fatalf("%s: status %d, %s", path, a.status, a.header.Get("Content-Type"))
		}
		if again := h.get(path, "If-None-Match", a.header.Get("ETag")); again.status != http.StatusNotModified {
			t.Errorf("%s again: status %d", path, again.status)
		}
		return strings.Count(a.body, "<circle ")
	}
	lands := map[string]bool{}
	for _, p := range h.Register.Find(registry.Query{Lang: "ko"}) {
		lands[p.Country] = true
	}
	before := pictures()
	if len(before) != 2 || before[0] == before[1] {
		t.Fatalf("pictures %q", before)
	}
	for _, path := range before {
		if n := discs(path); n != len(lands) {
			t.Errorf("%s: %d discs for %d countries", path, n, len(lands))
		}
	}
	for _, p := range h.Register.Find(registry.Query{Lang: "ko"}) {
		if _, err := h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: p.ID, Version: registry.AnyVersion, To: registry.Suspended, By: audit.Actor{Kind: audit.Program}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := discs(before[0]); n != 0 {
		t.Errorf("nobody is left, and the map has %d discs", n)
	}
	for _, path := range []string{"/map/other.svg", "/map/light.png", "/map/light"} {
		if a := h.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}
