package scrutiny_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
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

// Who confirms while an examination doubts waiting requests never waits for it
// in a ring: both take them in the order of their keys.
func TestDoubtIsPutOnRequestsInTheOrderOfTheirKeys(t *testing.T) {
	t.Parallel()
	c := testkit.Postgres(t) // SQLite has one writer
	c.Limits = "on"
	a := testkit.Run(t, c, func(o *app.Options) { o.Unexamined = true })
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
		var mine int64
		if err := tx.Raw("SELECT pg_backend_pid()").Scan(&mine).Error; err != nil {
			return err
		}
		// Another transaction has to look: one sees for ever the connections
		// that there were when it looked first.
		a.Until("the examination to wait for the intake", func() (waits bool) {
			err := a.Store.Read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND ? = ANY(pg_blocking_pids(pid)))", mine).Scan(&waits).Error
			return err == nil && waits
		})
		return lock(keys[0])
	})
	if err := errors.Join(err, <-examined); err != nil {
		t.Error(err)
	}
}
