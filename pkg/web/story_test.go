package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

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
	page := h.get(path, h.asStaff(staff.Observer)...)
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
	if got := h.get(wrong, h.asStaff(staff.Observer)...); got.status != http.StatusNotFound {
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
		refuse("damaged", other[:len(other)-1]+"x", http.StatusNotFound)
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
