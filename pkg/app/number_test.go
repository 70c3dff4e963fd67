package app_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// joins lets people sign directly on a day, so many days after the start.
func joins(t *testing.T, a *testkit.App, day, n int, origin string) {
	t.Helper()
	all := entries(t, fmt.Sprint(origin, day), 0, n)
	for i := range all {
		all[i].Origin, all[i].Confirmed = origin, testkit.Start.AddDate(0, 0, day)
	}
	if added, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), all); err != nil || added != n {
		t.Fatalf("%d added, %v", added, err)
	}
}

// TestTheNumberIsExplainedToWhoQuotesIt: with its date, what it is made of and
// what is left out.
func TestTheNumberIsExplainedToWhoQuotesIt(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		words := a.Catalogues.For("en")
		if p := a.Client().Get("/en/number"); p.Status != 200 || !p.Has(words.T("number.left")) || !p.Has(words.T("number.no_statement")) {
			t.Errorf("before anybody signed: status %d: %s", p.Status, p.Text())
		}
		a.AddPartner("Harbour Choir", "harbour-choir")
		joins(t, a, 0, 12, appeal.Online)
		joins(t, a, 1, 3, appeal.Paper)
		joins(t, a, 1, 2, appeal.Imported)
		holds(t, a, appeal.ReasonRange, 4)
		a.Clock.Advance(48 * time.Hour)
		if _, err := a.Bulletins.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, lang := range []string{"en", "ko", "ar"} {
			l := a.Catalogues.For(lang)
			now := a.Clock.Now()
			p := expect(t, a.Client().Get("/"+lang+"/number"), 200,
				l.T("meaning.counted", "N", 12, "AsOf", l.DateTime(now.UnixMilli())),
				l.T("number.paper", "N", 3), l.T("number.imported", "N", 2), l.T("number.partners", "N", 1),
				l.T("number.countries", "N", 1, "Day", l.Day(now.Format(time.DateOnly))),
				l.T("number.left_on", "Day", l.Day(now.Format(time.DateOnly))), l.T("bulletin.held")+" "+l.Number(4))
			if page := a.Client().Get("/" + lang + "/"); !page.Has(l.T("number.paper", "N", 3)) || page.Has(l.T("meaning.paper")) || page.Words("strong") != l.Number(17) {
				t.Errorf("%s: the front page says %s", lang, page.Text())
			}
			if p.Words("strong") != l.Number(17) || p.Has(l.T("meaning.paper")) {
				t.Errorf("%s: the number is %s, want %s: %s", lang, p.Words("strong"), l.Number(17), p.Text())
			}
		}
	})
}

// TestMilestonesMoveOn: what is reached is told with the day on which the
// signatures that count had reached it, also after some were swept out.
func TestMilestonesMoveOn(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	l := a.Catalogues.For("en")
	day := func(n int) string { return testkit.Start.AddDate(0, 0, n).Format(time.DateOnly) }
	told := func(n int64, on int) string { return l.T("progress.reached", "Milestone", n, "Day", l.Day(day(on))) }
	joins(t, a, 0, 9, appeal.Online)
	if p := expect(t, a.Client().Get("/en/"), 200, l.T("progress.next", "Milestone", 10)); p.Has("reached on") {
		t.Errorf("nothing is reached, and the page says: %s", p.Text())
	}
	joins(t, a, 3, 16, appeal.Online)
	joins(t, a, 5, 30, appeal.Online)
	expect(t, a.Client().Get("/en/"), 200, l.T("progress.next", "Milestone", 100), told(50, 5))
	expect(t, a.Client().Get("/en/number"), 200, l.Day(day(3))+" 10", l.Day(day(3))+" 25", l.Day(day(5))+" 50", l.T("progress.next", "Milestone", 100))

	var swept []int64
	if err := a.Store.Read(t.Context()).Table("signatures").Where("day = ?", day(3)).Limit(10).Pluck("id", &swept).Error; err != nil {
		t.Fatal(err)
	}
	if _, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: swept, From: appeal.Counted, To: appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonAlike}, By: operator}); err != nil {
		t.Fatal(err)
	}
	expect(t, a.Client().Get("/en/"), 200, l.T("progress.next", "Milestone", 50), told(25, 5))

	if err := a.Appeal.SetGoal(t.Context(), 40); err != nil {
		t.Fatal(err)
	}
	p := expect(t, a.Client().Get("/en/"), 200, l.T("progress.won", "Goal", 40), told(40, 5))
	if p.Has(l.T("progress.next", "Milestone", 40)) {
		t.Error("the goal is reached, and is the next milestone")
	}
	if p := a.Client().Get("/en/number"); p.Has("Next milestone") {
		t.Errorf("the goal is reached, and there is a next milestone: %s", p.Text())
	}
}

// TestAStatementStaysAsItIs: what was frozen reads the same whatever becomes of
// the signatures, the appeal and the words of the program.
func TestAStatementStaysAsItIs(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		joins(t, a, 0, 12, appeal.Online)
		first, err := a.Statements.Freeze(t.Context(), 0, operator)
		if err != nil || first.Name != testkit.Start.Format(time.DateOnly) || first.Counted != 12 {
			t.Fatalf("%+v, %v", first, err)
		}
		read := func(lang string) string {
			p := a.Client().Get("/" + lang + "/statements/" + first.Name)
			if p.Status != 200 {
				t.Fatalf("status %d: %s", p.Status, p.Text())
			}
			from, to := strings.Index(p.Body, "<article"), strings.Index(p.Body, "</article>")
			return p.Body[from:to]
		}
		before := map[string]string{}
		for _, l := range a.Catalogues.Languages() {
			before[l.Code] = read(l.Code)
			if words := a.Catalogues.For(l.Code); !strings.Contains(before[l.Code], words.Number(12)) || !strings.Contains(before[l.Code], words.DateTime(first.At)) {
				t.Errorf("in %s: %s", l.Code, before[l.Code])
			}
		}
		joins(t, a, 1, 5, appeal.Online)
		if err := a.Appeal.SaveText(t.Context(), appeal.Title, "en", "Another title", 0); err != nil {
			t.Fatal(err)
		}
		a.Statements.Words = func(appeal.Number) map[string]appeal.NumberWords { // a later program, which has lost a language
			return map[string]appeal.NumberWords{"en": {Heading: "Other words"}}
		}
		a.Clock.Advance(time.Hour)
		second, err := a.Statements.Freeze(t.Context(), first.ID, operator)
		if err != nil || second.Name != first.Name+"-2" || second.Counted != 17 {
			t.Fatalf("%+v, %v", second, err)
		}
		for lang, was := range before {
			if now := read(lang); now != was {
				t.Errorf("in %s it was\n%s\nand is\n%s", lang, was, now)
			}
		}
		p := expect(t, a.Client().Get("/ko/statements/"+second.Name), 200, "Other words", a.Catalogues.For("ko").T("statement.other_language"))
		if p.Attr("article", "lang") != "en" {
			t.Errorf("the words of another language have lang=%q", p.Attr("article", "lang"))
		}
		for _, change := range []string{"UPDATE number_statements SET counted = 1", "DELETE FROM number_statements"} {
			if err := a.Store.Exec(t.Context(), change); err == nil || !strings.Contains(err.Error(), "a statement is only added") {
				t.Errorf("%s: %v", change, err)
			}
		}
		expect(t, a.Client().Get("/en/number"), 200, a.Catalogues.For("en").T("number.signatures", "N", 12), a.Catalogues.For("en").T("number.signatures", "N", 17))
		for _, name := range []string{"2026-02-30", "x", first.Name + "-3", "%00", "..%2f"} {
			if p := a.Client().Get("/ko/statements/" + name); p.Status != 404 && p.Status != 400 {
				t.Errorf("%s: status %d", name, p.Status)
			}
		}
	})
}

// TestOneClickMakesOneStatement, also when several copies of the program are
// asked at once.
func TestOneClickMakesOneStatement(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		var made, refused atomic.Int64
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				_, err := a.Statements.Freeze(t.Context(), 0, operator)
				switch {
				case err == nil:
					made.Add(1)
				case errors.Is(err, appeal.ErrFrozenMeanwhile):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if list, err := a.Statements.List(t.Context()); err != nil || len(list) != 1 || made.Load() != 1 || refused.Load() != 7 {
			t.Errorf("%d made, %d refused, %d kept, %v", made.Load(), refused.Load(), len(list), err)
		}
	})
}

// TestStaffFreezeTheNumber: who may, sees first what is published for good.
func TestStaffFreezeTheNumber(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	l := a.Catalogues.For("en")
	joins(t, a, 0, 12, appeal.Online)
	if p := a.Enter(a.AddStaff("reviewer@example.org", staff.Reviewer)).Get("/console/statements"); !p.Has(l.T("statements.admins")) || strings.Contains(p.Body, `name="sure"`) {
		t.Errorf("a reviewer is offered to freeze: %s", p.Text())
	}
	admin := a.Enter(a.AddStaff("admin@example.org", staff.Admin))
	page := expect(t, admin.Get("/console/statements"), 200, l.T("meaning.counted", "N", 12, "AsOf", l.DateTime(a.Clock.Now().UnixMilli())))
	expect(t, page.Submit("/console/statements"), 422, l.T("text.required"))
	made := expect(t, page.Submit("/console/statements", "sure", "1"), 200, l.T("statements.made"))
	expect(t, made.Open("/en/statements/"+a.Clock.Now().Format(time.DateOnly)), 200, l.T("number.heading", "AsOf", l.DateTime(a.Clock.Now().UnixMilli())))
	expect(t, page.Submit("/console/statements", "sure", "1"), 409, l.T("statements.meanwhile"))
	expect(t, admin.Get("/console/audit"), 200, l.T("console.did.statement.frozen"), a.Clock.Now().Format(time.DateOnly))
}

// TestAClosedAppealStaysReadable: pages say until when people could sign, and
// nothing asks for more.
func TestAClosedAppealStaysReadable(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	a := testkit.Demo(t)
	until := a.Clock.Now().UnixMilli()
	a.Clock.Advance(time.Hour)
	if err := a.Appeal.SetSunset(t.Context(), true, operator); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "ko", "ar"} {
		l := a.Catalogues.For(lang)
		for _, at := range []string{"/", "/sign"} {
			p := expect(t, a.Client().Get("/"+lang+at), 200, l.T("sign.closed"), l.T("closed.until", "Date", l.Date(until)), l.T("closed.stays"))
			if p.Has(l.T("sign.heading")) && strings.Contains(p.Body, `action="/`+lang+`/sign"`) {
				t.Errorf("%s%s asks for a signature", lang, at)
			}
			if _, words := passedOn(t, p); at == "/" && !strings.HasPrefix(words, l.T("share.words_closed", "Title", a.Appeal.Current().Text(appeal.Title, lang).Body)) {
				t.Errorf("%s asks to pass on: %s", lang, words)
			}
			if p.Words("progress") != "" {
				t.Errorf("%s%s has a bar to the next milestone", lang, at)
			}
			if strings.Contains(p.Text(), l.T("progress.next", "Milestone", 50_000)) {
				t.Errorf("%s%s hopes for the next milestone", lang, at)
			}
		}
		for _, at := range []string{"/number", "/figures", "/partners", "/partners/handeul-peace-yard", "/messages", "/privacy", "/embed"} {
			expect(t, a.Client().Get("/"+lang+at), 200)
		}
	}
}

// TestThePrivacyPageSaysWhatTheProgramDoes: the times that are no settings are
// those of the program, in every language.
func TestThePrivacyPageSaysWhatTheProgramDoes(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	inDays := func(d time.Duration) int64 { return int64(d / (24 * time.Hour)) }
	if registry.ConfirmLife != registry.DraftLife {
		t.Error("the page names one time for applications that are not sent and not confirmed")
	}
	for _, lang := range a.Catalogues.Languages() {
		l := a.Catalogues.For(lang.Code)
		for id, days := range map[string][]int64{
			"privacy.applications_text": {inDays(registry.ConfirmLife), inDays(registry.EraseAfter)},
			"privacy.keep_mail":         {inDays(outbox.StoppedLongest), outbox.KeepDays},
		} {
			p := expect(t, a.Client().Get("/"+lang.Code+"/privacy"), 200, strings.Join(strings.Fields(l.T(id)), " "))
			for _, n := range days {
				if !strings.Contains(l.T(id), l.Number(n)) && !strings.Contains(l.T(id), fmt.Sprint(n)) {
					t.Errorf("in %s %s does not say %d days: %s", lang.Code, id, n, p.Text())
				}
			}
		}
	}
}
