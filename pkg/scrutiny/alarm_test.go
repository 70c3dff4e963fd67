package scrutiny_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/testkit"
)

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
