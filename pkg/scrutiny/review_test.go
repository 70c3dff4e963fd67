package scrutiny_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/testkit"
)

// A group that turns out to be people is released by rule, also when a first
// try was cut short.
func TestWhatTurnsOutWellIsReleased(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		ctx, now := t.Context(), a.Now().UnixMilli()
		hash := fmt.Sprintf("%x", a.Keys.RangeKey("192.0.2.0/24")[:8])
		err := a.Store.Exec(ctx, "INSERT INTO holds (id, kind, rule, reason, figures, since, opened_at, seen_at, ended_at, by_kind, by_id, cleared) VALUES (1, 'range', ?, 'alike', '{}', ?, ?, ?, 0, '', 0, ?)",
			`{"ranges":["`+hash+`"]}`, now, now, now, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Scrutiny.Reload(ctx); err != nil {
			t.Fatal(err)
		}
		var rows []int64
		for i := range 60 {
			wait := time.Duration(20*math.Exp(.4*float64(i*7%12))) * time.Second // as people do
			if i%5 == 0 {
				wait = 0
			}
			rows = append(rows, sign(t, a, form(i*i*7919%99991, fmt.Sprintf("d%d.example", i%9), "192.0.2.0/24"), wait))
		}
		waits := rows[0]
		if got := state(t, a, rows[1]); got != "held alike" {
			t.Fatalf("under a hold: %q", got)
		}
		a.Clock.Advance(2 * time.Hour)
		// A server may say that it took a mail when its reader has confirmed.
		if err := a.Store.Exec(ctx, "UPDATE sign_requests SET sent_at = ? WHERE state = 'done'", a.Now().UnixMilli()); err != nil {
			t.Fatal(err)
		}
		cut := errors.New("cut short")
		broken := a.Scrutiny.Parts
		broken.Move = func(context.Context, scrutiny.Order) error { return cut }
		if s, err := scrutiny.Load(ctx, broken); err != nil {
			t.Fatal(err)
		} else if _, err := s.Examine(ctx); !errors.Is(err, cut) {
			t.Fatalf("a release that is cut short: %v", err)
		}
		found, err := a.Scrutiny.Examine(ctx)
		if err != nil || found.Released != 48 {
			t.Fatalf("found %+v, %v; want 48 released", found, err)
		}
		if _, err := a.Intake.Confirm(ctx, waits); err != nil {
			t.Fatal(err)
		}
		for _, row := range []int64{waits, rows[1], rows[59]} {
			if got := state(t, a, row); got != "counted" {
				t.Errorf("after the release: %q", got)
			}
		}
		a.MustVerify()
	})
}

// holdOf writes a hold as an examination some hours from now would.
func holdOf(t *testing.T, a *testkit.App, id int64, kind, rule, reason string, opens time.Duration) {
	t.Helper()
	now := a.Now().UnixMilli()
	err := a.Store.Exec(t.Context(), "INSERT INTO holds (id, kind, rule, reason, figures, since, opened_at, seen_at, ended_at, by_kind, by_id, cleared) VALUES (?, ?, ?, ?, '{\"evidence\":[{}]}', ?, ?, ?, 0, '', 0, ?)",
		id, kind, rule, reason, now, now+opens.Milliseconds(), now, false)
	if err == nil {
		err = a.Scrutiny.Reload(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// asPeople is how long people let the mail wait; some never see it.
func asPeople(i int) time.Duration {
	if i%7 == 3 {
		return 0
	}
	return time.Duration(20*math.Exp(.35*float64(i*7%12))) * time.Second
}

// New domains whose people let the mail wait after all are released by rule;
// those of a machine are not, whatever it sends later.
func TestNewDomainsThatTurnOutWellAreReleased(t *testing.T) {
	for name, c := range map[string]struct {
		wait func(i int) time.Duration
		want string
	}{"people": {asPeople, "counted"}, "a machine": {func(i int) time.Duration { return time.Duration(10+i%7) * time.Second }, "held alike"}} {
		t.Run(name, func(t *testing.T) {
			watched(t, func(t *testing.T, a *testkit.App) {
				domain := func(i int) string { return fmt.Sprintf("new%d.example", i%10) }
				var keys []string
				for i := range 10 {
					keys = append(keys, fmt.Sprintf("%q", fmt.Sprintf("%x", a.Keys.DomainKey(domain(i))[:8])))
				}
				opens := 4 * time.Hour
				holdOf(t, a, 1, scrutiny.GroupNewDomains, `{"domains":[`+strings.Join(keys, ",")+`]}`, "alike", opens)
				begin := a.Now()
				var rows []int64
				for i := range 50 {
					rows = append(rows, sign(t, a, form(i*i*7919%99991, domain(i), fmt.Sprintf("10.8.%d.0/24", i)), c.wait(i)))
				}
				a.Clock.Advance(begin.Add(opens + time.Minute).Sub(a.Now()))
				for i := range 10 { // sent to free the others
					rows = append(rows, sign(t, a, form(100_000+i, domain(i), "10.9.9.0/24"), 3*time.Minute))
				}
				a.Clock.Advance(2 * time.Hour)
				// As when the hold opened.
				if err := a.Store.Exec(t.Context(), "UPDATE signatures SET held_at = ? WHERE state = 'held'", a.Now().UnixMilli()); err != nil {
					t.Fatal(err)
				}
				if _, err := a.Scrutiny.Examine(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, row := range []int64{rows[0], rows[49], rows[59]} {
					if got := state(t, a, row); got != c.want {
						t.Errorf("%s, want %s", got, c.want)
					}
				}
				a.MustVerify()
			})
		})
	}
}

// The rest of an address range goes free with the group it was held for.
func TestWhatIsNearAGroupThatTurnsOutWellIsReleased(t *testing.T) {
	for _, cleared := range []bool{true, false} {
		t.Run(fmt.Sprintf("cleared=%v", cleared), func(t *testing.T) {
			watched(t, func(t *testing.T, a *testkit.App) {
				ctx := t.Context()
				hash := func(key []byte) string { return fmt.Sprintf("%x", key[:8]) }
				holdOf(t, a, 1, scrutiny.GroupDomain, `{"domains":["`+hash(a.Keys.DomainKey("firm.example"))+`"]}`, "alike", 0)
				holdOf(t, a, 2, scrutiny.GroupNear, `{"ranges":["`+hash(a.Keys.RangeKey("192.0.2.0/24"))+`"]}`, "alike", 0)
				for i := range 8 {
					sign(t, a, form(i*7919, "firm.example", "192.0.2.0/24"), asPeople(i))
				}
				rest := sign(t, a, form(1, "gmail.com", "192.0.2.0/24"), time.Minute)
				a.Clock.Advance(2 * time.Hour)
				err := a.Store.Exec(ctx, "UPDATE holds SET ended_at = ?, by_kind = 'program', cleared = ? WHERE id = 1", a.Now().UnixMilli(), cleared)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := a.Scrutiny.Examine(ctx); err != nil {
					t.Fatal(err)
				}
				want := map[bool]string{true: "counted", false: "held alike"}[cleared]
				if got := state(t, a, rest); got != want {
					t.Errorf("the rest of the range is %s, want %s", got, want)
				}
				a.MustVerify()
			})
		})
	}
}

// A country is released when staff called so many invalid that its people can
// have signed the rest.
func TestACountryIsReleasedWhenTheRestIsLikely(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		holdOf(t, a, 1, scrutiny.GroupPeople, `{"country":"VA"}`, "country", 0)
		var rows []int64
		for i := range 110 {
			f := form(i*i*31%99991, fmt.Sprintf("d%d.example", i), fmt.Sprintf("10.4.%d.0/24", i))
			f.Country = "VA"
			rows = append(rows, sign(t, a, f, time.Duration(20+i*i%90)*time.Second))
		}
		a.Clock.Advance(2 * time.Hour)
		for _, want := range []string{"held country", "counted"} {
			if _, err := a.Scrutiny.Examine(ctx); err != nil {
				t.Fatal(err)
			}
			if got := state(t, a, rows[0]); got != want {
				t.Fatalf("%s, want %s", got, want)
			}
			_, err := a.Sweeps.Apply(ctx, appeal.Order{IDs: rows[50:], From: appeal.Held, To: appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonStaff}, By: mina})
			if err != nil {
				t.Fatal(err)
			}
		}
		a.MustVerify()
	})
}
