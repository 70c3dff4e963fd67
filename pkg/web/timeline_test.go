package web_test

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// led is where the link with such words leads; "" when there is none.
func led(body, words string) string {
	before, _, found := strings.Cut(body, ">"+words+"</a>")
	if !found {
		return ""
	}
	_, link, _ := strings.Cut(before[strings.LastIndex(before, "<a "):], `href="`)
	link, _, _ = strings.Cut(link, `"`)
	return html.UnescapeString(link)
}

func TestALongTimelineIsReadInPages(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		reviewer := h.asStaff(staff.Reviewer)
		for i := range 120 {
			h.note(audit.Actor{Kind: audit.Program}, audit.Deed{Action: fmt.Sprintf("robot.moved_%03d", i), Subject: registry.OfApplication, SubjectID: h.received.ID})
		}
		at := h.applicationPath() + "?q=river"
		told, pages := "", 0
		for ; at != ""; pages++ {
			page := h.get(strings.TrimSuffix(at, "#trail"), reviewer...)
			if page.status != http.StatusOK || pages > 5 {
				t.Fatalf("%s: status %d", at, page.status)
			}
			if n := strings.Count(page.body, `<li>`+"\n"+`<p><span class="quiet">`); n > 50 {
				t.Errorf("page %d tells %d events", pages, n)
			}
			if pages > 0 && led(page.body, "Newest entries") != h.applicationPath()+"?q=river#trail" {
				t.Errorf("from page %d the newest are at %q", pages, led(page.body, "Newest entries"))
			}
			told += page.body
			if at = led(page.body, "Older entries"); at != "" && !strings.Contains(at, "q=river") {
				t.Errorf("the filter of the list is lost: %s", at)
			}
		}
		if pages != 3 || !strings.Contains(told, "address confirmed") {
			t.Errorf("%d pages, or they do not reach back to the beginning", pages)
		}
		for i := range 120 {
			if n := strings.Count(told, fmt.Sprintf(">robot.moved_%03d<", i)); n != 1 {
				t.Errorf("deed %d is told %d times", i, n)
			}
		}
		beside := h.get(h.applicationPath()+"/compare/"+strconv.FormatInt(h.sent.ID, 10), reviewer...)
		if n := strings.Count(beside.body, "robot.moved_"); n != 20 || led(beside.body, "Older entries") != h.applicationPath()+"#trail" {
			t.Errorf("the comparison tells %d deeds, and the older ones are at %q", n, led(beside.body, "Older entries"))
		}
		for _, nonsense := range []string{"x", "1-", "-1-2", "99999999999999999999-1", "1-1%27"} {
			if a := h.get(h.applicationPath()+"?before="+nonsense, reviewer...); a.status != http.StatusOK {
				t.Errorf("before=%s: status %d", nonsense, a.status)
			}
		}
	})
}
