package web_test

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// liveOf is where an open page of the desk asks what is new.
func liveOf(t *testing.T, a answer) string {
	t.Helper()
	found := regexp.MustCompile(`data-live="([^"]+)"`).FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("%s does not say where to ask", a.asked)
	}
	return html.UnescapeString(found[1])
}

func TestTheDeskTellsWhatOthersDid(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		me := h.asStaff(staff.Reviewer)
		at := liveOf(t, h.get("/console/applications/"+strconv.FormatInt(h.received.ID, 10), me...))
		look := func(header ...string) (answer, map[string]string, string) {
			t.Helper()
			a := h.get(at, append(header, me...)...)
			var said struct {
				N    map[string]string
				News string
			}
			if a.status == http.StatusOK {
				if err := json.Unmarshal([]byte(a.body), &said); err != nil {
					t.Fatalf("%s: %v", a.body, err)
				}
			}
			return a, said.N, said.News
		}
		first, n, news := look()
		if first.status != http.StatusOK || n["waiting"] == "" || news != "" || first.header.Get("Cache-Control") != "no-store" || len(first.body) > 300 {
			t.Fatalf("at first: status %d: %s", first.status, first.body)
		}
		if a, _, _ := look("If-None-Match", first.header.Get("ETag")); a.status != http.StatusNotModified || a.body != "" {
			t.Errorf("nothing new: status %d, %q", a.status, a.body)
		}
		h.must(h.Registry.Claim(t.Context(), h.received.ID, false, audit.Actor{Kind: audit.Staff, ID: h.member(staff.Reviewer).ID}))
		if _, _, news := look(); news != "" {
			t.Errorf("what I did is told to me: %s", news)
		}
		admin := h.member(staff.Admin)
		h.must(h.Registry.Claim(t.Context(), h.received.ID, true, audit.Actor{Kind: audit.Staff, ID: admin.ID}))
		if a, _, news := look("If-None-Match", first.header.Get("ETag")); a.status != http.StatusOK || !strings.Contains(news, admin.Name) ||
			!strings.Contains(news, h.Catalogues.For("en").T("console.did.application.claimed")) {
			t.Errorf("what another did: status %d: %q", a.status, news)
		}
		_, err := h.Registry.ConfirmAddress(t.Context(), h.sent.ID)
		h.must(err)
		if _, now, _ := look(); now["waiting"] == n["waiting"] || now["submitted"] == n["submitted"] {
			t.Errorf("the numbers stay: %v after %v", now, n)
		}
		for _, ask := range []string{"?open=x&seen=y", "?open=1", "?open=-1&seen=-1", "?open=999999999999999999999&seen=0"} {
			if a := h.get("/console/live"+ask, me...); a.status != http.StatusOK || !strings.Contains(a.body, `"news":""`) {
				t.Errorf("%s: status %d: %s", ask, a.status, a.body)
			}
		}
	})
}

// A page left open must not keep its reader signed in.
func TestAskingWhatIsNewIsNoUseOfASession(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	me := h.asStaff(staff.Observer)
	for range 4 {
		h.Clock.Advance(29 * time.Minute)
		if a := h.get("/console/live", me...); a.status != http.StatusOK {
			t.Fatalf("status %d", a.status)
		}
	}
	h.Clock.Advance(5 * time.Minute)
	if a := h.get("/console/live", me...); a.status != http.StatusSeeOther {
		t.Errorf("after two hours without use: status %d, want 303", a.status)
	}
}
