package app_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// published is figures.json as callers rely on it.
type published struct {
	Day                 string
	AsOf                string `json:"as_of"`
	Counted             int64
	Waiting             int64 `json:"awaiting_confirmation"`
	Held                int64 `json:"under_review"`
	Invalid, Withdrawn  int64
	HeldBy              []publishedFigure `json:"under_review_by_reason"`
	InvalidBy           []publishedFigure `json:"invalid_by_reason"`
	Countries, Partners []publishedFigure
	Days                []struct {
		Day        string
		Signatures int64
	}
	Earlier []struct{ Day, URL string }
}

type publishedFigure struct {
	Key        string
	Signatures *int64
	Told       string
}

func (f publishedFigure) String() string {
	if f.Signatures == nil {
		return f.Told
	}
	return fmt.Sprint(*f.Signatures)
}

func figuresOf(t *testing.T, a *testkit.App, query string) (out published) {
	t.Helper()
	p := a.Client().Get("/en/figures.json" + query)
	if p.Status != 200 {
		t.Fatalf("figures.json%s: status %d: %s", query, p.Status, p.Body)
	}
	if err := json.Unmarshal([]byte(p.Body), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// by finds a figure by its key.
func by(list []publishedFigure, key string) string {
	for _, f := range list {
		if f.Key == key {
			return f.String()
		}
	}
	return "not listed"
}

// holds lets people sign whose signatures are held for a reason.
func holds(t *testing.T, a *testkit.App, reason string, n int) {
	t.Helper()
	for i := range n {
		row, err := a.Intake.Request(t.Context(), appeal.Form{Name: "Mina Example", Email: fmt.Sprintf("%s-%d@example.org", reason, i), Country: "KR", Lang: "en",
			Consents: appeal.ConsentCount, Range: "192.0.2.0/24", Doubt: reason})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Intake.Confirm(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
}

// publishes lets four copies of the program want to publish at once, and says
// how many did.
func publishes(t *testing.T, a *testkit.App) int64 {
	t.Helper()
	var made atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			ok, err := a.Bulletins.Publish(t.Context())
			if err != nil {
				t.Error(err)
			}
			if ok {
				made.Add(1)
			}
		})
	}
	group.Wait()
	return made.Load()
}

// TestTheNewestBulletinIsKeptAtHandForAMinute, for pages that are read often:
// that of this copy of the program is there at once, that of another a minute
// later.
func TestTheNewestBulletinIsKeptAtHandForAMinute(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	other := &appeal.Bulletins{Store: a.Store, Appeal: a.Appeal, Now: a.Now, Partners: a.Bulletins.Partners}
	reads := func(who *appeal.Bulletins, want string) {
		t.Helper()
		if b, err := who.Current(t.Context()); err != nil || b.Day != want {
			t.Errorf("the newest is of %q, %v, want %q", b.Day, err, want)
		}
	}
	reads(a.Bulletins, "")
	reads(other, "")
	if made, err := a.Bulletins.Publish(t.Context()); err != nil || !made {
		t.Fatal(made, err)
	}
	today := a.Clock.Now().Format(time.DateOnly)
	reads(a.Bulletins, today)
	reads(other, "")
	a.Clock.Advance(time.Minute)
	reads(other, today)
}

func TestTheFiguresOfADay(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		words := a.Catalogues.For("en")
		if p := a.Client().Get("/en/figures"); p.Status != 200 || !p.Has(words.T("bulletin.soon")) {
			t.Errorf("before the first figures: status %d: %s", p.Status, p.Text())
		}
		if p := a.Client().Get("/en/figures.json"); p.Status != 404 {
			t.Errorf("before the first figures figures.json has status %d", p.Status)
		}
		choir, school := a.AddPartner("Harbour Choir", "harbour-choir"), a.AddPartner("River School", "river-school")
		brings(t, a, choir.ID, 33)
		brings(t, a, school.ID, 4)
		brings(t, a, 0, 25)
		holds(t, a, appeal.ReasonRange, 60)
		holds(t, a, appeal.ReasonDomain, 40)
		holds(t, a, appeal.ReasonAlike, 30)
		holds(t, a, appeal.ReasonQuick, 2)
		a.Sign("/en/sign", "Waiting Example", "waits@example.org")
		leave := a.Sign("/en/sign", "Leaving Example", "leaves@example.org")
		a.Client().Get(leave).Submit(path(leave))
		a.Client().Get(path(a.Link("leaves@example.org", "", "/signature/"))).Submit("/withdraw")

		if n := publishes(t, a); n != 1 {
			t.Fatalf("the figures were made %d times", n)
		}
		first := figuresOf(t, a, "")
		if first.Day != "2026-03-01" || first.Counted != 62 || first.Waiting != 1 || first.Held != 132 || first.Invalid != 0 || first.Withdrawn != 1 {
			t.Errorf("the whole is %+v", first)
		}
		for _, tt := range []struct{ what, got, want string }{
			{"range", by(first.HeldBy, appeal.ReasonRange), "60"},
			{"domain", by(first.HeldBy, appeal.ReasonDomain), "covered"},
			{"alike", by(first.HeldBy, appeal.ReasonAlike), "covered"},
			{"quick", by(first.HeldBy, appeal.ReasonQuick), "few"},
			{"names", by(first.HeldBy, appeal.ReasonNames), "few"},
			{"the choir", by(first.Partners, "harbour-choir"), "33"},
			{"the school", by(first.Partners, "river-school"), "not listed"},
			{"France", by(first.Countries, "FR"), "62"},
		} {
			if tt.got != tt.want {
				t.Errorf("%s is told as %s, want %s", tt.what, tt.got, tt.want)
			}
		}
		if len(first.InvalidBy) != 0 || len(first.Days) != 1 || first.Days[0].Signatures != 62 {
			t.Errorf("invalid %v, days %v", first.InvalidBy, first.Days)
		}
		page := a.Client().Get("/en/figures")
		for _, want := range []string{"Harbour Choir", words.T("reason.range"), words.T("bulletin.none_invalid"), "132", words.T("partner.under_ten"), words.T("bulletin.kept"),
			words.T("bulletin.unlisted", "N", 1)} {
			if !page.Has(want) {
				t.Errorf("the page lacks %q: %s", want, page.Text())
			}
		}
		if page.Has("River School") {
			t.Error("the page names a partner whose figure is small")
		}

		holds(t, a, appeal.ReasonNames, 1)
		a.Clock.Advance(11 * time.Hour)
		if n := publishes(t, a); n != 0 || figuresOf(t, a, "").Held != 132 {
			t.Error("the figures change within a day")
		}
		a.Clock.Advance(2 * time.Hour)
		if err := a.Registry.ShowSignatures(t.Context(), choir.ID, false, operator); err != nil {
			t.Fatal(err)
		}
		if n := publishes(t, a); n != 1 {
			t.Fatalf("the figures of the next day were made %d times", n)
		}
		second := figuresOf(t, a, "")
		if second.Day != "2026-03-02" || second.Held != 133 || len(second.Earlier) != 1 || second.Earlier[0].Day != first.Day || len(second.Partners) != 0 {
			t.Errorf("the next day: %+v", second)
		}
		old := figuresOf(t, a, "?day="+first.Day)
		if old.Held != 132 || len(old.Partners) != 0 {
			t.Errorf("the first day is now %+v: what a partner hides is hidden for the days before too", old)
		}
		if p := a.Client().Get("/en/figures?day=" + first.Day); p.Status != 200 || p.Has("Harbour Choir") || !p.Has(words.T("bulletin.newest")) {
			t.Errorf("the page of the first day: status %d: %s", p.Status, p.Text())
		}
		for _, day := range []string{"2026-02-28", "yesterday", "%00", "2026-03-01'--"} {
			if p := a.Client().Get("/ko/figures?day=" + day); p.Status != 404 || !p.Has(a.Catalogues.For("ko").T("bulletin.none")) {
				t.Errorf("day %s: status %d: %s", day, p.Status, p.Text())
			}
		}
		table := a.Client().Get("/en/figures.csv")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.Body, "\uFEFF"))).ReadAll()
		if err != nil || len(rows) < 15 || strings.Join(rows[1], ",") != "2026-03-02,counted,,62,told" || !strings.Contains(table.Body, "2026-03-02,under_review_by_reason,quick,,few\r\n") {
			t.Errorf("the table: %v\n%s", err, table.Body)
		}
		a.MustVerify()
	})
}
