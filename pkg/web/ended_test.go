package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

func TestAfterTheLastDayNobodySignsAndBannersSayThanks(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	admin := h.asStaff(staff.Admin)
	for _, day := range []string{"2026-02-30", "2026-02-28", "soon", "1"} {
		if a := h.post("/console/appeal", encode("goal", "100", "last_day", day, "campaign", "Appeal", "title", "Peace", "body", "Peace."), admin...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", day, a.status)
		} else if got, _ := a.field("last_day"); got != day {
			t.Errorf("%s: the form now holds %q", day, got)
		}
	}
	a := h.post("/console/appeal", encode("goal", "100", "last_day", "2026-03-01", "campaign", "Appeal", "title", "Peace", "body", "Peace."), admin...)
	if a.status != http.StatusSeeOther || h.Appeal.Current().LastDay != "2026-03-01" {
		t.Fatalf("status %d, last day %q", a.status, h.Appeal.Current().LastDay)
	}
	frame, form := "/embed/harbour-choir", "/en/sign?via=harbour-choir"
	if !strings.Contains(h.get(frame).body, "Harbour Choir") || !strings.Contains(h.get(form).body, `name="consent"`) {
		t.Fatal("the last day is not over, and the appeal is closed")
	}
	if !strings.Contains(h.get("/en/partners").body, `href="/en/sign"`) {
		t.Error("the header does not lead to the form")
	}
	h.Clock.Advance(12 * time.Hour) // midnight
	h.checkEnded(frame, form)

	admin = h.asStaff(staff.Admin) // the other session has gone to sleep
	if h.post("/console/appeal", encode("goal", "100", "campaign", "Appeal", "title", "Peace", "body", "Peace."), admin...); h.Appeal.Current().LastDay == "" {
		t.Error("a form without the field took the last day away")
	}
	h.post("/console/appeal", encode("goal", "100", "last_day", "", "campaign", "Appeal", "title", "Peace", "body", "Peace."), admin...)
	if !strings.Contains(h.get(form).body, `name="consent"`) {
		t.Error("the appeal does not open again")
	}
	h.must(h.Appeal.SetSunset(t.Context(), true, audit.Actor{Kind: audit.Operator}))
	h.checkEnded(frame, form)
	if a := h.get("/console/appeal", admin...); !strings.Contains(a.text(), "ended from the command line") {
		t.Error("the console does not tell")
	}
}

// checkEnded looks at what visitors see after the end.
func (h *house) checkEnded(frame, form string) {
	h.t.Helper()
	if strings.Contains(h.get(frame).body, "Harbour Choir") || h.get(frame).body != h.get("/embed/all").body {
		h.t.Error("the frame asks for signatures after the end")
	}
	before := h.rows()
	for _, at := range []string{form, "/ko/", "/ar/sign"} {
		if a := h.get(at); a.status != http.StatusOK || strings.Contains(a.body, `name="consent"`) {
			h.t.Errorf("%s: status %d, and the form", at, a.status)
		}
	}
	if strings.Contains(h.get("/en/partners").body, `href="/en/sign"`) {
		h.t.Error("the header still asks people to sign")
	}
	a := h.post("/en/sign", encode(testkit.SignForm(person+" Late", "late@example.org")...))
	if a.status != http.StatusConflict || !strings.Contains(a.text(), "Thank you to all who signed") {
		h.t.Errorf("a late signature: status %d: %s", a.status, a.text())
	}
	h.checkUnchanged("a late signature", before)
}
