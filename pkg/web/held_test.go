package web_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// signs confirms a form through the site, and returns the page it leads to.
func (h *house) signs(mail, doubt string) (row int64, path string) {
	h.t.Helper()
	row, err := h.Intake.Request(h.t.Context(), appeal.Form{Name: person + " Example", Email: mail, Country: "KR", Lang: "en", Consents: appeal.ConsentCount, Range: "192.0.2.0/24", Doubt: doubt})
	h.must(err)
	a := h.post("/en/confirm/"+h.token(seal.ConfirmSignature, row), "")
	if a.status != http.StatusSeeOther {
		h.t.Fatalf("confirm: status %d: %s", a.status, a.text())
	}
	return row, a.header.Get("Location")
}

// Whoever stuffs the count must not learn from the pages which tries were
// caught: for a day they say the same, to the letter.
func TestTheOwnPageSaysTheSameToAllWhoHaveJustConfirmed(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		own := regexp.MustCompile(`/signature/[^/"]+|[a-z]+@example\.org`)
		_, first := h.signs("first@example.org", "")
		_, held := h.signs("other@example.org", appeal.ReasonQuick)
		for _, lang := range languages {
			at := func(path string) string {
				return own.ReplaceAllString(h.get(strings.Replace(path, "/en/", "/"+lang+"/", 1)).body, "…")
			}
			if one, other := at(first), at(held); one != other {
				t.Errorf("%s: the pages differ:\n%s\n%s", lang, one, other)
			}
		}
		const sentence = "Confirmed. Signatures enter the public count after checks."
		if a := h.get(held); !strings.Contains(a.text(), sentence) {
			t.Errorf("just confirmed: %s", a.text())
		}
		h.Clock.Advance(24*time.Hour - time.Second)
		if a := h.get(held); !strings.Contains(a.text(), sentence) || strings.Contains(a.text(), "It is not counted yet") {
			t.Errorf("after most of a day: %s", a.text())
		}
		h.Clock.Advance(time.Second)
		if a := h.get(held); !strings.Contains(a.text(), "under review. It is not counted yet. We decide about it by March 8, 2026") {
			t.Errorf("after a day: %s", a.text())
		}
		if a := h.get(first); !strings.Contains(a.text(), sentence) {
			t.Errorf("the counted one after a day: %s", a.text())
		}
		h.Clock.Advance(6 * 24 * time.Hour)
		if a := h.get(held); !strings.Contains(a.text(), "and are late") {
			t.Errorf("after seven days: %s", a.text())
		}
	})
}

func TestWhoIsNotCountedReadsWhyAndWhomToWriteTo(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	h.must(h.Appeal.SaveText(t.Context(), appeal.Controller, "en", "Peace Office, office@peace.example", 0))
	row, path := h.signs("first@example.org", appeal.ReasonNames)
	decide := func(from string, to appeal.Mark) {
		t.Helper()
		_, err := h.Sweeps.Apply(t.Context(), appeal.Order{IDs: []int64{row}, From: from, To: to, By: audit.Actor{Kind: audit.Program}})
		h.must(err)
	}
	decide(appeal.Held, appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonNames})
	a := h.get(path)
	for _, words := range []string{"We do not count this signature. Reason: Part of a group whose names look copied from a list.", "If this is wrong, please write to the address below", "office@peace.example"} {
		if !strings.Contains(a.text(), words) {
			t.Errorf("it does not say %q: %s", words, a.text())
		}
	}
	if strings.Contains(a.body, "/forget") {
		t.Error("it offers to keep counted what is not")
	}
	decide(appeal.Invalid, appeal.Mark{State: appeal.Counted})
	if a := h.get(path); !strings.Contains(a.text(), "Confirmed. Signatures enter the public count") {
		t.Errorf("released: %s", a.text())
	}
}

func TestModeratorsDecideAboutHeldSignaturesAndReviewersSweep(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		h.Clock.Advance(time.Minute)
		moderator, reviewer, observer := h.asStaff(staff.Moderator), h.asStaff(staff.Reviewer), h.asStaff(staff.Observer)
		if a := h.get("/console/held", observer...); a.status != http.StatusOK || !strings.Contains(a.text(), "Confirmed sooner after its mail") || strings.Contains(a.text(), person+" Doubt") || strings.Contains(a.body, "<button name=\"verdict\"") {
			t.Errorf("an observer sees how many, and nobody: status %d: %s", a.status, a.text())
		}
		if a := h.get("/console/held", moderator...); !strings.Contains(a.text(), person+" Doubt") || !strings.Contains(a.text(), "d…@example.org") || strings.Contains(a.text(), "doubted@") {
			t.Errorf("a moderator sees who, and no address: %s", a.text())
		}
		total := h.Tally.Total()
		until := strconv.FormatInt(h.Clock.Now().UnixMilli(), 10)
		a := h.post("/console/held", encode("verdict", "release", "by", "domain", "key", h.code("domain"), "until", until, "words", "Real people."), moderator...)
		if a.status != http.StatusSeeOther {
			t.Fatalf("release: status %d: %s", a.status, a.text())
		}
		done := h.get(a.header.Get("Location"), moderator...)
		if !strings.Contains(done.text(), "1 signature is released and counted") || !strings.Contains(done.text(), "Undo") {
			t.Errorf("it does not say what was done: %s", done.text())
		}
		h.Until("the count to follow", func() bool { return h.Tally.Total() == total+1 })
		h.MustVerify()
		var sweep appeal.Sweep
		h.must(h.Store.Read(t.Context()).Order("id DESC").Take(&sweep).Error)
		if a := h.post("/console/held/undo/"+strconv.FormatInt(sweep.ID, 10), "", moderator...); a.status != http.StatusSeeOther {
			t.Errorf("undo: status %d", a.status)
		}
		h.Until("the count to follow", func() bool { return h.Tally.Total() == total })
		h.MustVerify()

		// A moderator may neither sweep what counts, nor undo such a sweep.
		form := encode("domains", "example.org", "state", "counted", "target", "held", "reason", "staff", "words", "A test.")
		if a := h.post("/console/sweeps", form, moderator...); a.status != http.StatusForbidden {
			t.Errorf("a moderator sweeps: status %d", a.status)
		}
		a = h.post("/console/sweeps", form, reviewer...)
		if a.status != http.StatusSeeOther {
			t.Fatalf("preview: status %d: %s", a.status, a.text())
		}
		at := a.header.Get("Location")
		page := h.get(at, reviewer...)
		if !strings.Contains(page.text(), "2 signatures would move") || !strings.Contains(page.text(), person+" Example") || strings.Contains(h.get(at, observer...).text(), person+" Example") {
			t.Errorf("the preview: %s", page.text())
		}
		if h.Tally.Total() != total {
			t.Error("the preview moved something")
		}
		if a := h.post(at+"/run", "", reviewer...); a.status != http.StatusSeeOther {
			t.Errorf("run: status %d", a.status)
		}
		h.Until("the count to follow", func() bool { return h.Tally.Total() == total-2 })
		if page := h.get(at, reviewer...); !strings.Contains(page.text(), "Done: 2 signatures were moved") {
			t.Errorf("after the run: %s", page.text())
		}
		if a := h.post(strings.Replace(at, "/console/sweeps/", "/console/held/undo/", 1), "", moderator...); a.status != http.StatusNotFound {
			t.Errorf("a moderator undoes a sweep of what counted: status %d", a.status)
		}
		if a := h.post(at+"/run", "", reviewer...); a.status != http.StatusConflict {
			t.Errorf("run again: status %d", a.status)
		}
		h.MustVerify()
		if a := h.post(at+"/undo", "", reviewer...); a.status != http.StatusSeeOther {
			t.Errorf("undo: status %d", a.status)
		}
		h.Until("the count to follow", func() bool { return h.Tally.Total() == total })
		h.MustVerify()
		trail := h.get("/console/audit?group=sweep", h.asStaff(staff.Admin)...).text()
		for _, words := range []string{"sweep begun", "sweep done", "sweep undone", "Real people.", "A test."} {
			if !strings.Contains(trail, words) {
				t.Errorf("the trail does not say %q: %s", words, trail)
			}
		}
	})
}

// code is the key under which the held signature is grouped.
func (h *house) code(by string) string {
	h.t.Helper()
	groups, _, err := h.Sweeps.HeldGroups(h.t.Context(), by, appeal.HeldPlace{}, 1, false)
	h.must(err)
	return groups[0].Key
}

func TestOverdueSignaturesStandInTheNavigation(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	h.Clock.Advance(7*24*time.Hour - time.Minute)
	if a := h.get("/console/messages", h.asStaff(staff.Observer)...); strings.Contains(a.text(), "overdue") {
		t.Errorf("a minute before: %s", a.text())
	}
	h.Clock.Advance(time.Minute)
	if a := h.get("/console/messages", h.asStaff(staff.Observer)...); !strings.Contains(a.text(), "Held signatures 1 overdue") {
		t.Errorf("then: %s", a.text())
	}
}
