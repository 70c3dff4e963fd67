package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// signedAndForgotten are the pages of two who signed; the second had herself
// forgotten.
func (h *house) signedAndForgotten() (signed, forgotten string) {
	h.t.Helper()
	var pages []string
	for _, mail := range []string{"stays@example.org", "goes@example.org"} {
		row, err := h.Intake.Request(h.t.Context(), appeal.Form{Name: "Mina Example", Email: mail, Country: "KR", Lang: "en", Consents: appeal.ConsentCount})
		h.must(err)
		_, err = h.Intake.Confirm(h.t.Context(), row)
		h.must(err)
		pages = append(pages, "/signature/"+h.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: row}))
	}
	if a := h.post("/en"+pages[1]+"/forget", ""); a.status != http.StatusSeeOther {
		h.t.Fatalf("forget: status %d", a.status)
	}
	return pages[0], pages[1]
}

func TestPagesSayTheDaysInForce(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	admin := h.asStaff(staff.Admin)
	signed, forgotten := h.signedAndForgotten()
	a := h.post("/console/settings", encode("overdue_days", "7", "keep_unconfirmed", "5", "keep_ranges", "1", "keep_addresses", "102", "keep_delivered", "2", "keep_keys", " 15 ", "decide_held", "6"), admin...)
	if a.status != http.StatusSeeOther || h.Appeal.Current().Retention != (appeal.Retention{Unconfirmed: 5, Ranges: 1, Addresses: 102, Delivered: 2, Keys: 15, Held: 6}) {
		t.Fatalf("status %d, now %+v", a.status, h.Appeal.Current().Retention)
	}
	for path, all := range map[string][]string{
		"/en/privacy":  {"after 5 days", "after 1 day.", "102 days after you confirmed", "2 days after the signatures", "15 days after the appeal closes"},
		"/ko/privacy":  {"5일이 지나면", "1일이 지나면", "102일이 지나면", "2일이 지나면", "15일이 지나면"},
		"/ar/privacy":  {"بعد ٥ أيام", "بعد يوم واحد", "بعد ١٠٢ يوم من", "بعد يومين", "بعد ١٥ يومًا"},
		"/en" + signed: {"destroyed 15 days after the appeal closes"}, "/en" + forgotten: {"destroyed 15 days after the appeal closes"},
		"/ko" + signed: {"마감되고 15일이 지나면"}, "/ko" + forgotten: {"마감되고 15일이 지나면"},
		"/ar" + signed: {"بعد ١٥ يومًا من إغلاق"}, "/ar" + forgotten: {"بعد ١٥ يومًا من إغلاق"},
	} {
		page := h.get(path)
		for _, words := range all {
			if !strings.Contains(page.text(), words) {
				t.Errorf("%s does not say %q: %s", path, words, page.text())
			}
		}
	}
	late, err := h.Intake.Request(t.Context(), appeal.Form{Name: "Late Example", Email: "late@example.org", Country: "KR", Lang: "ar", Consents: appeal.ConsentCount})
	h.must(err)
	if letter := h.LetterTo("late@example.org", ""); !strings.Contains(letter.Text, "لمدة ٥ أيام") {
		t.Errorf("the mail says %s", letter.Text)
	}
	link := "/en/confirm/" + h.Keys.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: late, Expires: h.Clock.Now().Add(5 * 24 * time.Hour)})
	h.Clock.Advance(5 * 24 * time.Hour)
	if a := h.get(link); a.status != http.StatusGone || !strings.Contains(a.text(), "within 5 days") {
		t.Errorf("a link that is too old: status %d: %s", a.status, a.text())
	}
}

func TestPeriodsOutOfBoundsAreRefusedBesideTheirFields(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	admin, before := h.asStaff(staff.Admin), h.Appeal.Current().Retention
	for _, p := range appeal.Periods {
		for _, days := range []string{strconv.Itoa(p.Least - 1), strconv.Itoa(p.Most + 1), "-1", "", "7.5", "seven", "9999999999999999999999"} {
			a := h.post("/console/settings", encode("overdue_days", "0", p.Key, days), admin...)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="e-`+p.Key+`"`) || !strings.Contains(a.body, `id="e-overdue_days"`) {
				t.Errorf("%s %q: status %d: %s", p.Key, days, a.status, a.text())
			}
			if got, _ := a.field(p.Key); got != days {
				t.Errorf("%s %q: the form now holds %q", p.Key, days, got)
			}
		}
	}
	if a := h.post("/console/settings", encode("overdue_days", "8"), admin...); a.status != http.StatusSeeOther || h.Appeal.Current().Retention != before {
		t.Errorf("a form without them: status %d, %+v", a.status, h.Appeal.Current().Retention)
	}
}

func TestStaffSayWhenSignaturesWereHandedOver(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	admin := h.asStaff(staff.Admin)
	send := func(day string) answer {
		return h.post("/console/appeal", encode("goal", "100", "delivered_on", day, "campaign", "Appeal", "title", "Peace", "body", "Peace."), admin...)
	}
	for _, day := range []string{"2026-03-02", "2026-02-30", "soon"} {
		if a := send(day); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="e-delivered_on"`) {
			t.Errorf("%s: status %d", day, a.status)
		} else if got, _ := a.field("delivered_on"); got != day {
			t.Errorf("%s: the form now holds %q", day, got)
		}
	}
	if a := send("2026-03-01"); a.status != http.StatusSeeOther || h.Appeal.Current().Delivered != "2026-03-01" {
		t.Errorf("status %d, delivered on %q", a.status, h.Appeal.Current().Delivered)
	}
	if a := h.get("/console/audit", admin...); !strings.Contains(a.text(), "Handed over on") {
		t.Errorf("the trail does not tell: %s", a.text())
	}
}

func TestWhoOpensAnAppealWithoutItsKeysIsToldWhyNot(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	signed, forgotten := h.signedAndForgotten()
	h.must(h.Appeal.SetSunset(t.Context(), true, audit.Actor{Kind: audit.Operator}))
	h.Clock.Advance(30 * 24 * time.Hour)
	_, err := (&appeal.Custody{Store: h.Store, Appeal: h.Appeal, Now: h.Clock.Now}).Run(t.Context())
	h.must(err)
	admin := h.asStaff(staff.Admin)
	for path, words := range map[string]string{
		"/en/privacy": "were destroyed on March 31, 2026", "/ko/privacy": "2026년 3월 31일에 모두 없앴습니다", "/ar/privacy": "أُتلفت في",
		"/en" + signed: "is destroyed already", "/en" + forgotten: "the code made from your address is destroyed",
		"/ko" + signed: "이미 없앴습니다", "/ar" + forgotten: "وأُتلف الرمز", "/console/appeal": "nobody could tell who has signed already",
	} {
		if a := h.get(path, admin...); !strings.Contains(a.text(), words) {
			t.Errorf("%s does not say %q: %s", path, words, a.text())
		}
	}
	a := h.post("/console/appeal", encode("goal", "100", "last_day", "2027-01-01", "campaign", "Appeal", "title", "Peace", "body", "Peace."), admin...)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "cannot be opened again") {
		t.Errorf("status %d: %s", a.status, a.text())
	}
	if a := h.get("/en/sign"); strings.Contains(a.body, `name="consent"`) {
		t.Error("the form is open")
	}
}
