package scrutiny_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/testkit"
)

var mina = audit.Actor{Kind: audit.Staff, ID: 7}

// watched runs a test on a campaign with limits on, on both databases.
func watched(t *testing.T, test func(t *testing.T, a *testkit.App)) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		c.Limits = "on"
		test(t, testkit.Run(t, c, func(o *app.Options) { o.Unexamined = true }))
	})
}

func form(i int, domain, addressRange string) appeal.Form {
	return appeal.Form{Name: fmt.Sprintf("Person %c%d", 'A'+i%26, i), Email: fmt.Sprintf("p%d@%s", i, domain), Country: "FR", Lang: "en",
		Consents: appeal.ConsentCount, Range: addressRange}
}

// sign sends a request and confirms it after a time.
func sign(t *testing.T, a *testkit.App, f appeal.Form, after time.Duration) int64 {
	t.Helper()
	row, err := a.Intake.Request(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	a.Clock.Advance(after)
	if after > 0 {
		if _, err := a.Intake.Confirm(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	return row
}

// state of a signature, with its reason.
func state(t *testing.T, a *testkit.App, row int64) string {
	t.Helper()
	var s struct{ State, Reason string }
	if err := a.Store.Read(t.Context()).Raw("SELECT state, reason FROM signatures WHERE id = ?", row).Scan(&s).Error; err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(s.State + " " + s.Reason)
}

func limit(t *testing.T, a *testkit.App, l scrutiny.Limit) {
	t.Helper()
	if err := a.Scrutiny.SaveLimit(t.Context(), l, mina); err != nil {
		t.Fatal(err)
	}
}

func seen(a *testkit.App, domain, addressRange, country string, partner int64) scrutiny.Seen {
	return scrutiny.Seen{PartnerID: partner, Country: country, Range: addressRange, DomainKey: a.Keys.DomainKey(domain), RangeKey: a.Keys.RangeKey(addressRange)}
}

// Each bucket runs hot by itself, and cools down after its period.
func TestABucketRunsHotByItself(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		for _, kind := range scrutiny.Kinds() {
			limit(t, a, scrutiny.Limit{Kind: kind, Minutes: 10, Ask: 1000, Examine: 0})
		}
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByRange, Minutes: 10, Ask: 8})
		for i := range 8 {
			if a.Scrutiny.Hot(seen(a, "other.example", "192.0.2.0/24", "KR", 5)) {
				t.Fatalf("hot after %d", i)
			}
			sign(t, a, form(i, fmt.Sprintf("d%d.example", i), "192.0.2.0/24"), 0)
		}
		if !a.Scrutiny.Hot(seen(a, "other.example", "192.0.2.0/24", "KR", 5)) {
			t.Error("eight from one range are not hot")
		}
		if a.Scrutiny.Hot(seen(a, "other.example", "198.51.100.0/24", "FR", 0)) {
			t.Error("another range is hot")
		}
		a.Clock.Advance(21 * time.Minute)
		if a.Scrutiny.Hot(seen(a, "other.example", "192.0.2.0/24", "KR", 5)) {
			t.Error("still hot after two periods")
		}
	})
}

// A carrier's prefix is one bucket with its own numbers, which its ranges have
// no others beside.
func TestACarriersPrefixIsOneBucket(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByRange, Minutes: 60, Ask: 5})
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByRange, Key: "203.0.112.7/20", Minutes: 60, Ask: 30, Note: "a carrier"})
		for i := range 29 {
			sign(t, a, form(i, fmt.Sprintf("d%d.example", i), fmt.Sprintf("203.0.%d.0/24", 112+i%4)), 0)
		}
		if a.Scrutiny.Hot(seen(a, "x.example", "203.0.113.0/24", "KR", 0)) {
			t.Error("a carrier's range is hot before its own limit")
		}
		sign(t, a, form(30, "d30.example", "203.0.119.0/24"), 0)
		if !a.Scrutiny.Hot(seen(a, "x.example", "203.0.127.0/24", "KR", 0)) {
			t.Error("a carrier's prefix is not counted as one")
		}
		if a.Scrutiny.Hot(seen(a, "x.example", "203.0.128.0/24", "KR", 0)) {
			t.Error("what lies outside the prefix is hot")
		}
	})
}

// Where staff say that all above a number is held, it is, with its reason.
func TestOverItsLimitABucketIsHeld(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByDomain, Key: "Flood.Example", Minutes: 60, Hold: 50})
		var last int64
		for i := range 51 {
			last = sign(t, a, form(i, "flood.example", fmt.Sprintf("10.1.%d.0/24", i)), time.Minute/10)
			want := "counted"
			if i == 50 {
				want = "held domain"
			}
			if got := state(t, a, last); got != want {
				t.Fatalf("number %d is %q, want %q", i+1, got, want)
			}
		}
		a.MustVerify()
	})
}

func TestLimitsHaveBounds(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		for name, l := range map[string]scrutiny.Limit{
			"kind":    {Kind: "colour", Minutes: 60},
			"key":     {Kind: scrutiny.ByRange, Key: "10.0.0.0/7", Minutes: 60},
			"minutes": {Kind: scrutiny.ByRange, Minutes: 0},
			"ask":     {Kind: scrutiny.ByRange, Minutes: 60, Ask: 1},
			"examine": {Kind: scrutiny.ByRange, Minutes: 60, Examine: 3},
			"hold":    {Kind: scrutiny.ByRange, Minutes: 60, Ask: 500, Hold: 60},
		} {
			var refused *fault.Error
			if err := a.Scrutiny.SaveLimit(t.Context(), l, mina); !errors.As(err, &refused) || refused.Fields[name] == nil || len(refused.Fields) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, key := range []string{"203.0.113.0/25", "::ffff:10.0.0.0/100", "2001:db8::/49", "10.0.0.1"} {
			if err := a.Scrutiny.SaveLimit(t.Context(), scrutiny.Limit{Kind: scrutiny.ByRange, Key: key, Minutes: 60}, mina); err == nil {
				t.Errorf("%s is taken for a prefix", key)
			}
		}
		rows, err := a.Scrutiny.Limits(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Scrutiny.RemoveLimit(t.Context(), rows[0].ID, mina); err == nil {
			t.Error("a default was removed")
		}
	})
}

// A machine on one range is held, with what of it was counted before, and what
// waits; when it is quiet the hold ends; the trail knows.
func TestAMachineIsHeldFromItsBeginning(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		var rows []int64
		for i := range 150 {
			rows = append(rows, sign(t, a, form(i, []string{"gmail.com", "mail.ru", "yahoo.com"}[i%3], "192.0.2.0/24"), time.Duration(10+i%7)*time.Second))
		}
		honest := sign(t, a, form(1000, "gmail.com", "198.51.100.0/24"), 20*time.Second)
		waits := sign(t, a, form(1001, "mail.ru", "192.0.2.0/24"), 0)
		a.Clock.Advance(6 * time.Minute)
		if state(t, a, rows[0]) != "counted" {
			t.Fatal("held before anything was examined")
		}
		found, err := a.Scrutiny.Examine(t.Context())
		if err != nil || found.Opened != 1 || found.Moved != 150 {
			t.Fatalf("found %+v, %v; want one group and its 150 signatures", found, err)
		}
		if _, err := a.Intake.Confirm(t.Context(), waits); err != nil {
			t.Fatal(err)
		}
		next := sign(t, a, form(1002, "naver.com", "192.0.2.0/24"), time.Minute)
		for _, row := range []int64{rows[0], rows[149], waits, next} {
			if got := state(t, a, row); got != "held alike" {
				t.Errorf("of the machine: %q", got)
			}
		}
		if got := state(t, a, honest); got != "counted" {
			t.Errorf("of somebody else: %q", got)
		}
		if !a.Scrutiny.Hot(seen(a, "x.example", "192.0.2.0/24", "KR", 0)) {
			t.Error("who comes from a group under hold is not asked for work")
		}
		alarms, err := a.Scrutiny.Alarms(t.Context(), false)
		if err != nil || len(alarms) != 1 || alarms[0].Kind != scrutiny.AlarmGroup {
			t.Errorf("alarms %+v, %v", alarms, err)
		}
		a.Clock.Advance(7 * time.Hour)
		if _, err := a.Scrutiny.Examine(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := state(t, a, sign(t, a, form(1003, "naver.com", "192.0.2.0/24"), time.Hour)); got != "counted" {
			t.Errorf("after a quiet time: %q", got)
		}
		a.MustVerify()
	})
}

// What staff set free is not held again, neither by the same program nor by
// one that starts.
func TestWhatStaffSetFreeStaysFree(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		var rows []int64
		send := func(n int) {
			for i := range n {
				rows = append(rows, sign(t, a, form(len(rows), []string{"gmail.com", "mail.ru", "yahoo.com"}[i%3], "192.0.2.0/24"), time.Duration(10+i%7)*time.Second))
			}
			a.Clock.Advance(6 * time.Minute)
		}
		examine := func(s *scrutiny.Scrutiny) scrutiny.Found {
			found, err := s.Examine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		send(120)
		if found := examine(a.Scrutiny); found.Moved != 120 {
			t.Fatalf("found %+v", found)
		}
		if err := a.Scrutiny.Move(t.Context(), scrutiny.Order{IDs: rows, From: scrutiny.Held, To: scrutiny.Counted, Why: "a test"}); err != nil {
			t.Fatal(err)
		}
		starts := func() *scrutiny.Scrutiny {
			s, err := scrutiny.Load(t.Context(), a.Scrutiny.Parts)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		for _, s := range []*scrutiny.Scrutiny{a.Scrutiny, starts()} {
			if found := examine(s); found.Moved != 0 {
				t.Errorf("what was set free one by one is held again: %+v", found)
			}
		}
		var hold int64
		if err := a.Store.Read(t.Context()).Raw("SELECT id FROM holds WHERE ended_at = 0").Scan(&hold).Error; err != nil {
			t.Fatal(err)
		}
		if err := a.Scrutiny.EndHold(t.Context(), hold, mina); err != nil {
			t.Fatal(err)
		}
		send(120)
		for _, s := range []*scrutiny.Scrutiny{a.Scrutiny, starts()} {
			if found := examine(s); found.Opened != 0 || found.Moved != 0 {
				t.Errorf("the group that was set free is held again: %+v", found)
			}
		}
		if got := state(t, a, rows[len(rows)-1]); got != "counted" {
			t.Errorf("the last is %s", got)
		}
	})
}

// A copy of the program that looked before staff decided does not hold again
// what they set free.
func TestACopyThatLookedBeforeLeavesWhatStaffDecided(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		var rows []int64
		for i := range 120 {
			rows = append(rows, sign(t, a, form(i, []string{"gmail.com", "mail.ru", "yahoo.com"}[i%3], "192.0.2.0/24"), time.Duration(10+i%7)*time.Second))
		}
		a.Clock.Advance(6 * time.Minute)
		other, err := scrutiny.Load(ctx, a.Scrutiny.Parts)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := a.Scrutiny.Examine(ctx); err != nil || found.Moved != 120 {
			t.Fatalf("found %+v, %v", found, err)
		}
		_, err = a.Sweeps.Apply(ctx, appeal.Order{IDs: rows[:50], From: appeal.Held, To: appeal.Mark{State: appeal.Counted}, By: mina})
		if err != nil {
			t.Fatal(err)
		}
		found, err := other.Examine(ctx)
		if err != nil || found.Opened != 0 {
			t.Errorf("the other copy found %+v, %v; want it to know of the hold", found, err)
		}
		for i, want := range map[int]string{0: "counted", 49: "counted", 50: "held alike"} {
			if got := state(t, a, rows[i]); got != want {
				t.Errorf("number %d is %s, want %s", i, got, want)
			}
		}
		a.MustVerify()
	})
}

// Who undoes what a hold did ends it: no program that starts does it again.
func TestAnUndoneHoldStaysUndone(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		ctx := t.Context()
		var last int64
		for i := range 120 {
			last = sign(t, a, form(i, []string{"gmail.com", "mail.ru", "yahoo.com"}[i%3], "192.0.2.0/24"), time.Duration(10+i%7)*time.Second)
		}
		a.Clock.Advance(6 * time.Minute)
		if found, err := a.Scrutiny.Examine(ctx); err != nil || found.Moved != 120 {
			t.Fatalf("found %+v, %v", found, err)
		}
		sweeps, err := a.Sweeps.List(ctx, 0, 10)
		if err != nil || len(sweeps) != 1 {
			t.Fatal(sweeps, err)
		}
		if err := a.Sweeps.Undo(ctx, sweeps[0].ID, mina); err != nil {
			t.Fatal(err)
		}
		a.Until("the sweep is undone", func() bool { return state(t, a, last) == "counted" })
		starts, err := scrutiny.Load(ctx, a.Scrutiny.Parts)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := starts.Examine(ctx); err != nil || found != (scrutiny.Found{}) {
			t.Errorf("a program that starts found %+v, %v", found, err)
		}
		if got := state(t, a, last); got != "counted" {
			t.Errorf("%s, want counted", got)
		}
		a.MustVerify()
	})
}

// Staff end a hold, and what was held stays for them to decide.
func TestStaffEndAHold(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		_, hold := a.Suspect(0)
		f := form(1, "gmail.com", "192.0.2.0/24")
		f.Country = "AQ"
		if got := state(t, a, sign(t, a, f, time.Minute)); got != "held alike" {
			t.Fatalf("under a hold: %q", got)
		}
		var ids []int64
		if err := a.Store.Read(t.Context()).Raw("SELECT id FROM holds").Scan(&ids).Error; err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if err := a.Scrutiny.EndHold(t.Context(), id, mina); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Scrutiny.EndHold(t.Context(), hold, mina); !errors.Is(err, scrutiny.ErrNoHold) {
			t.Errorf("ended twice: %v", err)
		}
		f = form(2, "gmail.com", "192.0.2.0/24")
		f.Country = "AQ"
		if got := state(t, a, sign(t, a, f, time.Minute)); got != "counted" {
			t.Errorf("after the end: %q", got)
		}
	})
}

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

// An alarm is raised once, follows its figures, stays done for a day, and can
// be opened again.
func TestAnAlarmIsRaisedOnce(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		ctx, s := t.Context(), a.Scrutiny
		raise := func(n int) {
			t.Helper()
			if err := s.Alarm(ctx, "country", "VA", scrutiny.Figures{N: int64(n)}); err != nil {
				t.Fatal(err)
			}
		}
		open := func(want int) []scrutiny.AlarmRow {
			t.Helper()
			rows, err := s.Alarms(ctx, false)
			if err != nil || len(rows) != want || s.OpenAlarms() != int64(want) {
				t.Fatalf("%d open, %d counted, %v; want %d", len(rows), s.OpenAlarms(), err, want)
			}
			return rows
		}
		raise(50)
		raise(60)
		first := open(1)[0]
		if !strings.Contains(first.Figures, `"n":60`) {
			t.Errorf("figures %s", first.Figures)
		}
		if err := s.EndAlarm(ctx, first.ID, mina); err != nil {
			t.Fatal(err)
		}
		raise(70)
		open(0)
		a.Clock.Advance(25 * time.Hour)
		raise(80)
		open(1)
		if err := s.ReopenAlarm(ctx, first.ID, mina); err != nil {
			t.Fatal(err)
		}
		second := open(1)[0] // of the same cause there is one already
		if err := s.EndAlarm(ctx, second.ID, mina); err != nil {
			t.Fatal(err)
		}
		if err := s.ReopenAlarm(ctx, second.ID, mina); err != nil {
			t.Fatal(err)
		}
		open(1)
		if err := s.EndAlarm(ctx, 12345, mina); !errors.Is(err, scrutiny.ErrNoAlarm) {
			t.Errorf("an alarm that is none: %v", err)
		}
	})
}

// Another copy of the program sees limits, holds and alarms, and a program
// that starts counts what the last period brought.
func TestAProgramThatStartsKnowsWhatCame(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		limit(t, a, scrutiny.Limit{Kind: scrutiny.ByRange, Minutes: 60, Ask: 10})
		for i := range 10 {
			sign(t, a, form(i, fmt.Sprintf("d%d.example", i), "192.0.2.0/24"), time.Minute)
		}
		again, err := scrutiny.Load(t.Context(), a.Scrutiny.Parts)
		if err != nil {
			t.Fatal(err)
		}
		if !again.Hot(seen(a, "x.example", "192.0.2.0/24", "KR", 0)) {
			t.Error("the one that starts does not know that a range is hot")
		}
	})
}

// Who confirms within two seconds after the mail was sent is held; where mail
// is caught, or limits are off, nobody is too quick.
func TestWhoConfirmsWithinTwoSecondsIsHeld(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		c.Limits = "on"
		a := testkit.Run(t, c, func(o *app.Options) { o.Mail, o.Unexamined = lost{}, true })
		for _, one := range []struct {
			sent, after time.Duration
			want        string
		}{{0, time.Second, "held quick"}, {0, 3 * time.Second, "counted"}, {time.Minute, time.Second, "held quick"}, {time.Minute, 2 * time.Second, "counted"}, {time.Minute, time.Hour, "counted"}} {
			row := sign(t, a, form(int(one.sent+one.after), "gmail.com", "192.0.2.0/24"), 0)
			a.Until("the mail to be taken, before the clock moves", func() bool {
				var sent int64
				err := a.Store.Read(t.Context()).Raw("SELECT sent_at FROM sign_requests WHERE id = ?", row).Scan(&sent).Error
				return err == nil && sent != 0
			})
			if one.sent > 0 {
				a.Clock.Advance(one.sent)
				if err := a.Store.Exec(t.Context(), "UPDATE sign_requests SET sent_at = ? WHERE id = ?", a.Now().UnixMilli(), row); err != nil {
					t.Fatal(err)
				}
			}
			a.Clock.Advance(one.after)
			if _, err := a.Intake.Confirm(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			if got := state(t, a, row); got != one.want {
				t.Errorf("sent after %v, confirmed %v later: %q, want %q", one.sent, one.after, got, one.want)
			}
		}
		a.MustVerify()
	})
}

// Which ranges a group had is erased after its time, and an alarm with it.
func TestGroupsAndAlarmsAreForgotten(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		alarm, hold := a.Suspect(0)
		if err := errors.Join(a.Scrutiny.EndHold(t.Context(), hold, mina), a.Scrutiny.EndAlarm(t.Context(), alarm, mina)); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			before time.Time
			want   int64
		}{{a.Now(), 0}, {a.Now().Add(time.Second), 2}, {a.Now().Add(time.Second), 0}} {
			if n, err := a.Scrutiny.Forget(t.Context(), c.before); err != nil || n != c.want {
				t.Errorf("before %v: %d forgotten, %v; want %d", c.before, n, err, c.want)
			}
		}
	})
}

// What is out of the ordinary, but not a machine's, is not held; the desk sees
// it, with the name of the domain and the partner.
func TestTheDeskSeesWhatIsOutOfTheOrdinary(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		for i := range 130 {
			f := form(i*i*31%99991, "students.example", fmt.Sprintf("10.3.%d.0/24", i))
			f.PartnerID = 77
			wait := time.Duration(0) // hardly anybody confirms
			if i%8 == 0 {
				wait = time.Duration(10+i*i%200) * time.Second
			}
			sign(t, a, f, wait)
		}
		if _, err := a.Scrutiny.Examine(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(3 * time.Hour)
		if _, err := a.Scrutiny.Examine(t.Context()); err != nil {
			t.Fatal(err)
		}
		kinds := map[string]string{}
		rows, err := a.Scrutiny.Alarms(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			kinds[r.Kind] = r.Figures
		}
		for kind, words := range map[string]string{scrutiny.AlarmDomain: `"domain":"students.example"`, scrutiny.AlarmBurst: `"partner":"77"`, scrutiny.AlarmPartner: `"kind":"lost"`} {
			if !strings.Contains(kinds[kind], words) {
				t.Errorf("the alarm %s has %s, want %s in it", kind, kinds[kind], words)
			}
		}
		if kinds[scrutiny.AlarmGroup] != "" {
			t.Errorf("held: %s", kinds[scrutiny.AlarmGroup])
		}
	})
}

// A country is seen long before it has more signatures than people, and held
// from where that is no petition any more.
func TestACountryOfFewPeopleIsSeenThenHeld(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		var last int64
		send := func(from, to int) {
			for i := from; i < to; i++ {
				f := form(i*i*31%99991, fmt.Sprintf("d%d.example", i), fmt.Sprintf("10.4.%d.0/24", i))
				f.Country = "VA" // of a thousand
				last = sign(t, a, f, time.Duration(20+i*i%900)*time.Second)
			}
			if _, err := a.Scrutiny.Examine(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		kinds := func() (out []string) {
			rows, err := a.Scrutiny.Alarms(t.Context(), false)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				out = append(out, r.Kind)
			}
			return out
		}
		send(0, 60)
		if got := kinds(); len(got) != 1 || got[0] != scrutiny.AlarmCountry || state(t, a, last) != "counted" {
			t.Fatalf("at 60: %v, %s", got, state(t, a, last))
		}
		send(60, 110)
		if got := state(t, a, last); got != "held country" {
			t.Errorf("at 110: %s, alarms %v", got, kinds())
		}
		a.MustVerify()
	})
}

// Who confirms while an examination doubts waiting requests never waits for it
// in a ring: both take them in the order of their keys.
func TestDoubtIsPutOnRequestsInTheOrderOfTheirKeys(t *testing.T) {
	watched(t, func(t *testing.T, a *testkit.App) {
		if !a.Store.Postgres() {
			t.Skip("SQLite has one writer")
		}
		ctx, now := t.Context(), a.Now().UnixMilli()
		rows := map[string]int64{} // by their keys
		var keys []string
		for i := 0; len(keys) < 2; i++ { // the later row has the smaller key
			f := form(i, "gmail.com", "192.0.2.0/24")
			mail, err := address.ParseMail(f.Email)
			if err != nil {
				t.Fatal(err)
			}
			if key := string(a.Keys.MailKey(a.Appeal.Current().ID, mail.Folded())); len(keys) == 0 || key < keys[0] {
				keys = append(keys, key)
				rows[key] = sign(t, a, f, 0)
			}
		}
		err := a.Store.Exec(ctx, "INSERT INTO holds (id, kind, rule, reason, figures, since, opened_at, seen_at, ended_at, by_kind, by_id, cleared) VALUES (1, 'country', ?, 'alike', '{}', ?, ?, ?, 0, '', 0, ?)",
			`{"country":"FR"}`, now, now, now, false)
		if err != nil {
			t.Fatal(err)
		}
		examined := make(chan error, 1)
		err = a.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { // as the intake does
			lock := func(key string) error {
				return tx.Exec("SELECT id FROM sign_requests WHERE id = ? FOR UPDATE", rows[key]).Error
			}
			if err := lock(keys[1]); err != nil {
				return err
			}
			go func() {
				_, err := a.Scrutiny.Examine(ctx)
				examined <- err
			}()
			for waits := false; !waits; {
				err := tx.Raw("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))").Scan(&waits).Error
				if err != nil {
					return err
				}
			}
			return lock(keys[0])
		})
		if err := errors.Join(err, <-examined); err != nil {
			t.Error(err)
		}
	})
}
