package appeal_test

import (
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

func TestAnAppealEndsAfterItsLastDay(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		ctx, by := t.Context(), audit.Actor{Kind: audit.Operator}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		at := func(s string) time.Time {
			t.Helper()
			moment, err := time.Parse(time.RFC3339, s)
			must(err)
			return moment
		}
		ended := func(moment string, want bool) {
			t.Helper()
			if got := a.Appeal.Current().Ended(at(moment)); got != want {
				t.Errorf("at %s ended is %v", moment, got)
			}
		}
		ended("2999-01-01T00:00:00Z", false)
		must(a.Appeal.SetLastDay(ctx, "2026-03-31", by))
		ended("2026-03-31T23:59:59.999Z", false)
		ended("2026-04-01T08:59:59+09:00", false)
		ended("2026-04-01T00:00:00Z", true)
		ended("2026-04-01T09:00:00+09:00", true)
		must(a.Appeal.SetLastDay(ctx, "2026-03-31", by)) // once more changes nothing
		must(a.Appeal.SetLastDay(ctx, "", by))
		ended("2999-01-01T00:00:00Z", false)
		must(a.Appeal.SetSunset(ctx, true, by))
		ended("2026-01-01T00:00:00Z", true)
		must(a.Appeal.SetSunset(ctx, false, by))
		ended("2026-01-01T00:00:00Z", false)

		var noted []audit.Entry
		must(a.Store.Read(ctx).Where("subject = 'settings'").Order("id").Find(&noted).Error)
		want := []string{`{"last_day":""} {"last_day":"2026-03-31"}`, `{"last_day":"2026-03-31"} {"last_day":""}`,
			`{"sunset":false} {"sunset":true}`, `{"sunset":true} {"sunset":false}`}
		for i, e := range noted {
			if i >= len(want) || e.Action != "settings.changed" || e.ActorKind != audit.Operator || e.Before+" "+e.After != want[i] {
				t.Errorf("noted %+v", e)
			}
		}
		if len(noted) != len(want) {
			t.Errorf("%d entries, want %d", len(noted), len(want))
		}
	})
}

func TestWhatIsNoDayToComeDoesNotEndAnAppeal(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		for _, day := range []string{"2026-02-28", "1026-03-31", "tomorrow", "2026-02-30", "2026-1-1", "2026-03-31T00:00:00Z", "'; DROP TABLE settings", "\x00"} {
			err := a.Appeal.SetLastDay(t.Context(), day, audit.Actor{Kind: audit.Operator})
			if fault.KindOf(err) != fault.Invalid || a.Appeal.Current().LastDay != "" {
				t.Errorf("%q: %v", day, err)
			}
		}
	})
}

func TestWhoSignedInTimeConfirmsAfterTheEnd(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form(address(1)))
		if err := a.Appeal.SetSunset(t.Context(), true, audit.Actor{Kind: audit.Operator}); err != nil {
			t.Fatal(err)
		}
		confirm(t, a, row, appeal.OutcomeConfirmed)
		if a.Tally.Total() != 1 {
			t.Errorf("%d counted", a.Tally.Total())
		}
		a.MustVerify()
	})
}
