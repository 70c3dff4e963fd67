package appeal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

// heldFive are held signatures: three of one domain, range and partner, one of
// another each, and one whose owner had herself forgotten.
func heldFive(t *testing.T, a *testkit.App) []int64 {
	t.Helper()
	var rows []int64
	for i := range 5 {
		f := form(fmt.Sprintf("held-%d@burst.example", i))
		f.Doubt, f.PartnerID, f.Range = appeal.ReasonDomain, 7, "198.51.100.0/24"
		if i > 2 {
			f.Email, f.Doubt, f.PartnerID, f.Range, f.Country = address(i), appeal.ReasonQuick, 0, "203.0.113.0/24", "VA"
		}
		rows = append(rows, signatures(t, a, f)...)
		a.Clock.Advance(time.Minute)
	}
	if err := a.Signatures.Forget(t.Context(), rows[4]); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestHeldSignaturesAreDecidedInGroups(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		rows := heldFive(t, a)
		for by, want := range map[string][]int64{"reason": {3, 2}, "partner": {3, 2}, "domain": {3, 1, 1}, "range": {3, 1, 1}, "country": {3, 2}, "day": {5}} {
			groups, more, err := a.Sweeps.HeldGroups(t.Context(), by, appeal.HeldPlace{}, 10, true)
			if err != nil || more {
				t.Fatal(by, more, err)
			}
			var n []int64
			for i, g := range groups {
				n = append(n, g.N)
				list, err := a.Sweeps.HeldList(t.Context(), by, g.Key, appeal.Place{}, 10)
				if err != nil || int64(len(list)) != g.N {
					t.Errorf("%s %q: %d listed, %v", by, g.Key, len(list), err)
				}
				if i > 0 && g.Oldest < groups[i-1].Oldest {
					t.Errorf("%s: group %d is older than the one before", by, i)
				}
				// A page that ends behind the group before begins with this one.
				if i > 0 {
					rest, _, err := a.Sweeps.HeldGroups(t.Context(), by, appeal.HeldPlace{Oldest: groups[i-1].Oldest, Key: groups[i-1].Key}, 10, false)
					if err != nil || rest[0].Key != g.Key || rest[0].Samples[0].Name != "" {
						t.Errorf("%s: behind %q comes %+v, %v", by, groups[i-1].Key, rest, err)
					}
				}
			}
			if !slices.Equal(n, want) {
				t.Errorf("by %s: groups of %v, want %v", by, n, want)
			}
			if s := groups[0].Samples; len(s) != 3 || s[0].Name != "Mina Example" || s[0].Mail != "h…@burst.example" || s[0].Domain != "burst.example" {
				t.Errorf("by %s: samples %+v", by, s)
			}
			// The first group is decided, and given back.
			before := dump(t, a.Core)
			rule, err := a.Sweeps.HeldRule(t.Context(), by, groups[0].Key)
			if err != nil {
				t.Fatal(by, err)
			}
			id, err := a.Sweeps.Decide(t.Context(), appeal.Wish{Rule: rule, To: counted, By: program, Until: a.Clock.Now().UnixMilli()})
			if err != nil {
				t.Fatal(by, err)
			}
			if w := finished(t, a, id); w.Moved != want[0] {
				t.Errorf("by %s: %d released, want %d", by, w.Moved, want[0])
			}
			a.MustVerify()
			undo(t, a, id)
			if after := dump(t, a.Core); after != before {
				t.Errorf("by %s: undone, it is\n%s, and was\n%s", by, after, before)
			}
		}
		first, err := a.Sweeps.HeldList(t.Context(), "", "", appeal.Place{}, 2)
		if err != nil || len(first) != 2 || first[0].ID != rows[0] {
			t.Fatalf("the list begins with %+v: %v", first, err)
		}
		next, err := a.Sweeps.HeldList(t.Context(), "", "", appeal.Place{At: first[1].HeldAt, ID: first[1].ID}, 2)
		if err != nil || len(next) != 2 || next[0].ID != rows[2] {
			t.Errorf("it goes on with %+v: %v", next, err)
		}
		a.MustVerify()
	})
}

// What no text of a database holds is no group.
func TestAKeyThatIsNoTextIsNoGroup(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		for _, by := range []string{"reason", "partner", "country", "day", "domain"} {
			for _, key := range []string{"a\x00", "\xff"} {
				if _, err := a.Sweeps.HeldList(t.Context(), by, key, appeal.Place{}, 1); fault.KindOf(err) != fault.NotFound {
					t.Errorf("%s %q: %v", by, key, err)
				}
				if _, err := a.Sweeps.HeldRule(t.Context(), by, key); fault.KindOf(err) != fault.NotFound {
					t.Errorf("a rule for %s %q: %v", by, key, err)
				}
				if _, _, err := a.Sweeps.HeldGroups(t.Context(), by, appeal.HeldPlace{Key: key}, 1, false); fault.KindOf(err) != fault.NotFound {
					t.Errorf("behind %s %q: %v", by, key, err)
				}
			}
		}
	})
}

// What came to be held after somebody looked is not decided with what they saw.
func TestAGroupIsDecidedAsItWasSeen(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		f := form(address(1))
		f.Doubt = appeal.ReasonQuick
		seen := signatures(t, a, f)[0]
		at := a.Clock.Now().UnixMilli()
		a.Clock.Advance(time.Second)
		f.Email = address(2)
		late := signatures(t, a, f)[0]
		a.Clock.Advance(time.Minute)
		rule, err := a.Sweeps.HeldRule(t.Context(), "reason", appeal.ReasonQuick)
		if err != nil {
			t.Fatal(err)
		}
		id, err := a.Sweeps.Decide(t.Context(), appeal.Wish{Rule: rule, To: invalid, By: program, Until: at})
		if err != nil {
			t.Fatal(err)
		}
		finished(t, a, id)
		if one, other := signature(t, a, seen).State, signature(t, a, late).State; one != appeal.Invalid || other != appeal.Held {
			t.Errorf("what was seen is %s, what came later is %s", one, other)
		}
	})
}

func TestHeldSignaturesThatAreOverdueRaiseAnAlarm(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var alarms []string
		a.Sweeps.Alarm = func(_ context.Context, kind, key string, figures any) error {
			alarms = append(alarms, fmt.Sprint(kind, key, figures))
			return nil
		}
		f := form(address(1))
		f.Doubt = appeal.ReasonQuick
		signatures(t, a, f)
		tend := func() int64 {
			t.Helper()
			if _, err := a.Sweeps.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
			n, err := a.Sweeps.Overdue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		a.Clock.Advance(7*day - time.Minute)
		if n := tend(); n != 0 || len(alarms) != 0 {
			t.Errorf("a minute before: %d overdue, %v", n, alarms)
		}
		a.Clock.Advance(time.Minute)
		if n := tend(); n != 1 || len(alarms) != 1 {
			t.Errorf("then: %d overdue, %v", n, alarms)
		}
		keep := a.Appeal.Current().Retention
		keep.Held = 9
		must(t, a.Appeal.SetRetention(t.Context(), keep, admin))
		if n := tend(); n != 0 {
			t.Errorf("with nine days: %d overdue", n)
		}
	})
}

// As long as nobody has decided about a signature, all that a decision needs is
// kept; then it goes the way of the others.
func TestNothingOfWhatIsHeldIsErasedBeforeItIsDecided(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		for _, row := range []struct {
			mail  string
			ticks appeal.Consents
		}{{"plain@example.org", 0}, {"updates@example.org", appeal.ConsentUpdates}} {
			f := form(row.mail)
			f.Consents |= row.ticks
			f.Doubt = appeal.ReasonQuick
			signatures(t, a, f)
		}
		a.Clock.Advance(day)
		must(t, a.Appeal.SetDelivered(t.Context(), testkit.Start.Format(time.DateOnly), admin))
		must(t, a.Appeal.SetSunset(t.Context(), true, admin))
		a.Clock.Advance(200 * day)
		night(t, a)
		var rows []int64
		must(t, a.Store.Read(t.Context()).Model(&appeal.Signature{}).Order("id").Pluck("id", &rows).Error)
		for _, row := range rows {
			if got := left(t, a, row); got != "nadr" {
				t.Errorf("while it is held, %q is left of %d", got, row)
			}
		}
		id, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows, From: appeal.Held, To: counted, By: program})
		if err != nil || id == 0 {
			t.Fatal(id, err)
		}
		night(t, a)
		for _, row := range rows {
			if got := left(t, a, row); got != "" {
				t.Errorf("after it was decided, %q is left of %d", got, row)
			}
		}
	})
}

// What staff typed of people is kept no longer than what it was looked for in.
func TestWhatWasTypedForASweepIsErased(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		signatures(t, a, form(address(1)))
		a.Clock.Advance(time.Minute)
		w := run(t, a, typed(appeal.Typed{Name: "mina", Domains: []string{"example.org"}}), held)
		old := preview(t, a, typed(appeal.Typed{Name: "mina"}), invalid)
		if w.Rule != `{"domains":1,"named":true}` {
			t.Errorf("in the clear stands %s", w.Rule)
		}
		a.Clock.Advance(2 * day)
		if _, err := a.Sweeps.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Sweeps.Find(t.Context(), old.ID); err != appeal.ErrNoSweep {
			t.Errorf("a preview of the day before yesterday is there: %v", err)
		}
		if rule, err := a.Sweeps.RuleOf(w); err != nil || rule.Typed.Name != "mina" {
			t.Errorf("after two days: %+v, %v", rule, err)
		}
		a.Clock.Advance(30 * day)
		if _, err := a.Sweeps.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
		w, err := a.Sweeps.Find(t.Context(), w.ID)
		if err != nil || w.Terms != nil {
			t.Errorf("after a month: %v, %v", w, err)
		}
		if rule, err := a.Sweeps.RuleOf(w); err != nil || rule.Typed.Name != "" || rule.Domains != 1 {
			t.Errorf("after a month: %+v, %v", rule, err)
		}
		if w = undo(t, a, w.ID); w.Back != 1 {
			t.Errorf("it cannot be undone any more: %+v", w)
		}
	})
}

// Messages of who is held or refused are not on the wall, and nobody has to
// moderate them, until they count again.
func TestMessagesFollowTheirSignatures(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		f := form(address(1))
		f.Message, f.Consents = "Peace to all of you.", f.Consents|appeal.ConsentShowName
		row := signatures(t, a, f)[0]
		queue := func() int {
			t.Helper()
			rows, _, err := a.Messages.Desk(t.Context(), appeal.ListWaiting, appeal.MessageKey{}, 9)
			must(t, err)
			return len(rows)
		}
		move := func(from string, to appeal.Mark) int64 {
			t.Helper()
			id, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: []int64{row}, From: from, To: to, By: program})
			if err != nil || id == 0 {
				t.Fatal(id, err)
			}
			return id
		}
		if queue() != 1 {
			t.Fatal("nobody is asked to look at it")
		}
		move(appeal.Counted, held)
		if queue() != 0 {
			t.Error("the message of a held signature waits for a moderator")
		}
		move(appeal.Held, counted)
		waiting, _, err := a.Messages.Desk(t.Context(), appeal.ListWaiting, appeal.MessageKey{}, 1)
		must(t, err)
		must(t, a.Messages.Decide(t.Context(), appeal.Ruling{Message: waiting[0].ID, Version: waiting[0].Version, State: appeal.MessageShown}, admin))
		if n := len(a.Messages.Shown()); n != 1 {
			t.Fatalf("%d messages on the wall", n)
		}
		other, err := appeal.LoadMessages(t.Context(), a.Store, a.Keys, func() []appeal.Message { return nil })
		must(t, err)
		version := func() int64 {
			all, err := a.Store.Changes(t.Context())
			must(t, err)
			return all["messages"]
		}
		was := version()
		mistake := move(appeal.Counted, invalid)
		if n := len(a.Messages.Shown()); n != 0 || version() == was {
			t.Errorf("%d messages on the wall, change %d after %d", n, version(), was)
		}
		must(t, other.Reload(t.Context()))
		if n := len(other.Shown()); n != 0 {
			t.Errorf("another copy shows %d", n)
		}
		undo(t, a, mistake)
		a.Until("the message to be back", func() bool { return len(a.Messages.Shown()) == 1 })
		a.MustVerify()
	})
}

// A table for the hand-over or for news has nobody who is held or refused.
func TestTablesOfPeopleHaveOnlyWhoIsCounted(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		f := form(address(1))
		f.Consents |= appeal.ConsentHandover | appeal.ConsentUpdates
		rows := signatures(t, a, f)
		for i, doubt := range []string{appeal.ReasonQuick, appeal.ReasonNames} {
			f.Email, f.Doubt = address(2+i), doubt
			rows = append(rows, signatures(t, a, f)...)
		}
		if _, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows[2:], From: appeal.Held, To: invalid, By: program}); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(time.Minute)
		for _, purpose := range []appeal.Purpose{appeal.ForHandover, appeal.ForUpdates} {
			if table := export(t, a, purpose); len(table) != 1 || table[0]["id"] != fmt.Sprint(rows[0]) {
				t.Errorf("for %s: %v", purpose, table)
			}
		}
		states := map[string]int{}
		for _, row := range export(t, a, appeal.ForFigures) {
			states[row["state"]]++
		}
		if fmt.Sprint(states) != "map[counted:1 held:1 invalid:1]" {
			t.Errorf("for figures: %v", states)
		}
	})
}
