package web_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// note adds an entry to the trail as the program would.
func (h *house) note(by audit.Actor, d audit.Deed) {
	h.t.Helper()
	h.must(h.Store.InTx(h.t.Context(), func(_ context.Context, tx *gorm.DB) error { return h.Trail.Note(tx, by, d) }))
}

func (h *house) applicationPath() string {
	return "/console/applications/" + strconv.FormatInt(h.received.ID, 10)
}

func TestTheTimelineNamesWhoDidWhatAndKnowsNoUnknownActions(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		reviewer := h.asStaff(staff.Reviewer)
		a := h.post(h.applicationPath()+"/notes", encode("note", "They sang\n\nin 2019.", "note_lang", "ko"), reviewer...)
		if a.status != http.StatusSeeOther {
			t.Fatalf("note: status %d: %s", a.status, a.text())
		}
		h.note(audit.Actor{Kind: "robot", ID: 9}, audit.Deed{Action: "application.beamed_up", Subject: "application", SubjectID: h.received.ID})
		page := h.get(h.applicationPath(), reviewer...)
		for _, words := range []string{"sent in", "address confirmed", "Note", "Tester (staff)", "They sang", "in 2019.", "application.beamed_up", "robot",
			"We have your application: Olivebranch"} {
			if !strings.Contains(page.text(), words) {
				t.Errorf("the timeline does not say %q: %s", words, page.text())
			}
		}
		if !strings.Contains(page.body, `<blockquote lang="ko" dir="auto" translate="no"><p>They sang</p><p>in 2019.</p>`) {
			t.Error("the note does not say its language")
		}
		observer := h.get(h.applicationPath(), h.asStaff(staff.Observer)...)
		if !strings.Contains(observer.text(), "They sang") || strings.Contains(observer.body, `/notes"`) || strings.Contains(observer.body, "/reading/") {
			t.Error("an observer reads the timeline, and may not add to it")
		}
		trail := h.get("/console/audit", h.asStaff(staff.Admin)...)
		if trail.status != http.StatusOK || !strings.Contains(trail.text(), "application.beamed_up") {
			t.Errorf("audit: status %d: %s", trail.status, trail.text())
		}
	})
}

func TestALetterStandsBesideItsTwin(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	a := h.apply("Bridge Builders", "bridge@example.org")
	h.must(h.Store.Exec(t.Context(), "UPDATE applications SET mail_lang = 'ar' WHERE id = ?", a.ID))
	_, err := h.Registry.ConfirmAddress(t.Context(), a.ID)
	h.must(err)
	h.must(h.Registry.Decline(t.Context(), registry.Decision{Application: a.ID, By: audit.Actor{Kind: audit.Staff}, Reason: "incomplete", Words: "Say <b>more</b>."}))
	var letter int64
	h.must(h.Store.Read(t.Context()).Model(&registry.Letter{}).Where("subject_id = ? AND kind = ?", a.ID, outbox.ApplicationDeclined).Pluck("id", &letter).Error)
	path := fmt.Sprintf("/console/applications/%d/letters/%d", a.ID, letter)
	page := h.get(path, h.asStaff(staff.Reviewer)...)
	arabic, english := strings.Index(page.body, `<div lang="ar" dir="rtl"`), strings.Index(page.body, `<div lang="en" dir="ltr"`)
	if page.status != http.StatusOK || arabic < 0 || english < arabic {
		t.Errorf("status %d, Arabic at %d, English at %d", page.status, arabic, english)
	}
	if n := strings.Count(page.body, "Say &lt;b&gt;more&lt;/b&gt;."); n != 2 {
		t.Errorf("staff's own words are there %d times, want as they are in both", n)
	}
	h.rows() // waits until all is sent
	sent := h.LetterTo("bridge@example.org", "")
	if !strings.Contains(page.text(), strings.TrimSpace(sent.Subject)) {
		t.Errorf("the letter that was sent, %q, is not the one shown", sent.Subject)
	}
	if strings.Contains(page.body, h.Registry.StatusLink(a)) {
		t.Error("a link of the applicant's is shown")
	}
	wrong := fmt.Sprintf("/console/applications/%d/letters/%d", h.received.ID, letter)
	if got := h.get(wrong, h.asStaff(staff.Reviewer)...); got.status != http.StatusNotFound {
		t.Errorf("through another application: status %d", got.status)
	}
}

func TestATrustedReaderSeesNobodyAndLeavesARemark(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		reviewer := h.asStaff(staff.Reviewer)
		if a := h.post(h.applicationPath()+"/readings", "", reviewer...); a.status != http.StatusSeeOther {
			t.Fatalf("lend out: status %d", a.status)
		}
		links, err := h.Registry.Readings(t.Context(), h.received.ID)
		h.must(err)
		link := h.Registry.ReadingLink(&links[len(links)-1], "en")
		if page := h.get(h.applicationPath(), reviewer...); !strings.Contains(page.body, h.BaseURL.String()+link) {
			t.Error("the link is not on the page of the application")
		}
		before := h.rows()
		closed := h.get(link)
		if closed.status != http.StatusOK || strings.Contains(closed.body, "River School") || !strings.Contains(closed.header.Get("X-Robots-Tag"), "noindex") || closed.header.Get("Cache-Control") != "no-store" {
			t.Errorf("before it is opened: status %d, %v: %s", closed.status, closed.header, closed.text())
		}
		h.checkUnchanged("looking at the link", before)
		h.post(link+"/open", "")
		h.post(link+"/open", "")
		open := h.get(strings.Replace(link, "/en/", "/ko/", 1))
		if open.lang() != "ko" || !strings.Contains(open.text(), "River School") || !strings.Contains(open.text(), "We sing.") {
			t.Errorf("opened: %s", open.text())
		}
		for _, secret := range []string{person, "Chair", "river@", "example.org"} {
			if strings.Contains(open.body, secret) {
				t.Errorf("the reader sees %q", secret)
			}
		}
		said := h.post(link+"/remark", encode("reader_name", person+" Reader", "note", "I know this school.", "note_lang", "en"))
		if said.status != http.StatusSeeOther {
			t.Fatalf("remark: status %d: %s", said.status, said.text())
		}
		page := h.get(h.applicationPath(), reviewer...)
		if !strings.Contains(page.text(), "I know this school.") || !strings.Contains(page.text(), person+" Reader") || strings.Count(page.text(), "application opened") != 2 { // the house's own reader opened once too
			t.Errorf("the timeline: %s", page.text())
		}
		reading := strconv.FormatInt(links[len(links)-1].ID, 10)
		if a := h.post(h.applicationPath()+"/readings/"+reading+"/end", "", reviewer...); a.status != http.StatusSeeOther {
			t.Fatalf("end: status %d", a.status)
		}
		other := h.Registry.ReadingLink(h.lent, "en")
		sentences := map[string]bool{}
		refuse := func(what, path string, status int) {
			t.Helper()
			for _, a := range []answer{h.get(path), h.post(path+"/open", ""), h.post(path+"/remark", encode("reader_name", "Zed", "note", "x", "note_lang", "en"))} {
				if a.status != status || strings.Contains(a.body, "School") {
					t.Errorf("%s: %s: status %d: %s", what, a.asked, a.status, a.text())
				}
				sentences[a.text()] = true
			}
		}
		refuse("ended", link, http.StatusGone)
		refuse("of another purpose", strings.Replace(h.Registry.StatusLink(h.received), "/application/", "/reading/", 1), http.StatusNotFound)
		damaged := other[:len(other)-1] + "x"
		if damaged == other {
			damaged = other[:len(other)-1] + "y"
		}
		refuse("damaged", damaged, http.StatusNotFound)
		h.Clock.Advance(registry.ReadingLife)
		refuse("expired", other, http.StatusGone)
		if len(sentences) != 3 {
			t.Errorf("%d sentences for three reasons: %v", len(sentences), sentences)
		}
	})
}

func TestRemarksAreLimitedByWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	c.Limits = "on"
	h := furnished(t, c)
	status := 0
	for range 11 {
		status = h.post(h.Registry.ReadingLink(h.lent, "en")+"/remark", encode("reader_name", person, "note", "x", "note_lang", "en")).status
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the eleventh remark: status %d, want 429", status)
	}
}

func TestTheTrailIsFilteredByItsAddress(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		admin := h.asStaff(staff.Admin)
		h.note(audit.Actor{Kind: audit.Staff, ID: h.member(staff.Admin).ID}, audit.Deed{Action: "partner.suspended", Subject: "partner", SubjectID: h.partner.ID,
			Before: map[string]any{"state": "active"}, After: map[string]any{"state": "suspended"}})
		rows := func(query string) int {
			t.Helper()
			a := h.get("/console/audit?"+query, admin...)
			if a.status != http.StatusOK {
				t.Errorf("%s: status %d", query, a.status)
			}
			_, body, _ := strings.Cut(a.body, "<tbody>")
			return strings.Count(body, "<tr>")
		}
		all := rows("")
		for query, want := range map[string]int{
			"about=harbour-choir": 1, "about=" + h.received.Reference: 6, "about=application:" + strconv.FormatInt(h.received.ID, 10): 6,
			"about=" + strings.ToLower(h.received.Reference) + "&group=reading": 2, "actor=reader": 1, "actor=" + strconv.FormatInt(h.member(staff.Admin).ID, 10): 2,
			"about=nobody": 0, "about=%25": 0, "group=%25": 0, "group=%27+OR+1=1": 0, "from=2026-03-01&to=2026-03-01": all, "from=2026-03-02": 0, "to=2026-02-28": 0,
			"actor=nonsense": all, "from=x&to=2026-13-01": all, "before=x": all, "before=-1": all, "before=1-1": 0, "sort=id;drop": all,
		} {
			if got := rows(query); got != want {
				t.Errorf("%s: %d entries, want %d", query, got, want)
			}
		}
		page := h.get("/console/audit?about=harbour-choir", admin...)
		for _, words := range []string{"suspended", "State: active → suspended", "Harbour Choir", "Tester"} {
			if !strings.Contains(page.text(), words) {
				t.Errorf("it does not say %q: %s", words, page.text())
			}
		}
	})
}

func TestTheTrailIsPagedAndExportedWhole(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		admin := h.asStaff(staff.Admin)
		const n = 2500
		h.must(h.Store.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			for i := range n {
				if err := h.Trail.Note(tx, audit.Actor{Kind: audit.Program}, audit.Deed{Action: "job.done", Subject: "job", SubjectID: int64(i)}); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, hostile := range []string{"=HYPERLINK(1)", "\t=1", "＝1", "+1", "-1", "@SUM", " =1", "a\r\nb\"c,d"} {
			h.note(audit.Actor{Kind: hostile}, audit.Deed{Action: "job.odd", Subject: "job", SubjectID: -5})
		}
		h.Clock.Advance(time.Hour)
		seen := 0
		for next := "/console/audit?group=job"; next != ""; {
			a := h.get(next, admin...)
			_, body, _ := strings.Cut(a.body, "<tbody>")
			seen += strings.Count(body, "<tr>")
			_, rest, more := strings.Cut(a.body, `rel="next" href="`)
			link, _, _ := strings.Cut(rest, `"`)
			if next = strings.ReplaceAll(link, "&amp;", "&"); !more {
				next = ""
			}
		}
		if seen != n+8 {
			t.Errorf("%d entries on all pages, want %d", seen, n+8)
		}
		a := h.get("/console/audit.csv?group=job", admin...)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("status %d, %v", a.status, a.header)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
		h.must(err)
		if len(rows) != n+9 || rows[0][0] != "at" || rows[1][0] != testkit.Start.Format(time.RFC3339) {
			t.Errorf("%d rows, first %q %q", len(rows), rows[0], rows[1])
		}
		for _, row := range rows {
			for _, cell := range row {
				if lead := strings.TrimLeft(cell, " "); lead != "" && strings.ContainsAny(lead[:1], "=+-@\t") || strings.HasPrefix(cell, "＝") {
					t.Errorf("a spreadsheet may take %q for a formula", cell)
				}
			}
		}
		if one := h.get("/console/audit.csv?about=harbour-choir", admin...); strings.Count(one.body, "\n") != 1 {
			t.Errorf("an export of nothing: %q", one.body)
		}
	})
}

func TestSettingsAreForAdminsAndInBounds(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	admin := h.asStaff(staff.Admin)
	for _, days := range []string{"0", "91", "-3", "7.5", "seven", "9999999999999999999999"} {
		if a := h.post("/console/settings", encode("overdue_days", days), admin...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", days, a.status)
		} else if got, _ := a.field("overdue_days"); got != days {
			t.Errorf("%s: the form now holds %q", days, got)
		}
	}
	a := h.post("/console/settings", encode("overdue_days", " 9 "), admin...)
	now, err := h.Registry.Settings(t.Context())
	if h.must(err); a.status != http.StatusSeeOther || now.OverdueDays != 9 {
		t.Errorf("status %d, now %+v", a.status, now)
	}
}
