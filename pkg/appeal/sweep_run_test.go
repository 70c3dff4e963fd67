package appeal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

var (
	invalid = appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonStaff}
	held    = appeal.Mark{State: appeal.Held, Reason: appeal.ReasonAlike}
	counted = appeal.Mark{State: appeal.Counted}
)

// crowd are signatures that differ in all a rule can ask for.
func crowd(t *testing.T, a *testkit.App) map[string]int64 {
	t.Helper()
	people := map[string]appeal.Form{}
	for key, change := range map[string]func(*appeal.Form){
		"plain":     func(*appeal.Form) {},
		"domain":    func(f *appeal.Form) { f.Email = "x@spam.example" },
		"subdomain": func(f *appeal.Form) { f.Email = "x@a.spam.example" },
		"range":     func(f *appeal.Form) { f.Range = "198.51.100.0/24" },
		"neighbour": func(f *appeal.Form) { f.Range = "198.51.101.0/24" },
		"range6":    func(f *appeal.Form) { f.Range = "2001:db8:1::/48" },
		"partner":   func(f *appeal.Form) { f.PartnerID = 7 },
		"country":   func(f *appeal.Form) { f.Country = "VA" },
		"accent":    func(f *appeal.Form) { f.Name = "ÉLODIE Ｍartin" },
		"literal":   func(f *appeal.Form) { f.Name = "M*rtin Five" },
		"doubted":   func(f *appeal.Form) { f.Doubt = appeal.ReasonQuick },
	} {
		f := form(key + "@example.org")
		change(&f)
		people[key] = f
	}
	rows := map[string]int64{}
	for key, f := range people {
		rows[key] = signatures(t, a, f)[0]
	}
	a.Clock.Advance(time.Hour)
	f := form("later@example.org")
	f.PartnerID = 7
	rows["later"] = signatures(t, a, f)[0]
	a.Clock.Advance(time.Minute)
	return rows
}

// finished waits until a sweep is in a state in which nobody works on it.
func finished(t *testing.T, a *testkit.App, id int64) *appeal.Sweep {
	t.Helper()
	var w *appeal.Sweep
	a.Until("the sweep to end", func() bool {
		var err error
		if w, err = a.Sweeps.Find(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		changes, err := a.Store.Changes(context.Background())
		return err == nil && !w.Active() && a.Tally.Version() == changes[store.TopicTally]
	})
	return w
}

// preview counts what a rule means.
func preview(t *testing.T, a *testkit.App, rule appeal.Rule, to appeal.Mark) *appeal.Sweep {
	t.Helper()
	id, err := a.Sweeps.Preview(t.Context(), appeal.Wish{Rule: rule, To: to, Words: "a test", By: program})
	if err != nil {
		t.Fatalf("%+v: %v", rule, err)
	}
	return finished(t, a, id)
}

func run(t *testing.T, a *testkit.App, rule appeal.Rule, to appeal.Mark) *appeal.Sweep {
	t.Helper()
	w := preview(t, a, rule, to)
	if err := a.Sweeps.Start(t.Context(), w.ID, program); err != nil {
		t.Fatal(err)
	}
	return finished(t, a, w.ID)
}

func undo(t *testing.T, a *testkit.App, id int64) *appeal.Sweep {
	t.Helper()
	if err := a.Sweeps.Undo(t.Context(), id, program); err != nil {
		t.Fatal(err)
	}
	return finished(t, a, id)
}

// dump is all that a sweep may change, in one text.
func dump(t *testing.T, a *app.Core) string {
	t.Helper()
	var rows, tallies []string
	if err := a.Store.Read(t.Context()).Raw("SELECT id || ' ' || state || ' ' || reason || ' ' || held_at || ' ' || sweep_id FROM signatures ORDER BY id").Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	if err := a.Store.Read(t.Context()).Raw("SELECT kind || ' ' || key || ' ' || n FROM tallies WHERE n <> 0 ORDER BY kind, key").Scan(&tallies).Error; err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(rows, tallies, a.Tally.Total())
}

func typed(t appeal.Typed) appeal.Rule { return appeal.Rule{Typed: t} }

func TestARuleFindsWhatItAsksFor(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		began := a.Clock.Now().UnixMilli()
		rows := crowd(t, a)
		partner, direct, hour := int64(7), int64(0), time.Hour.Milliseconds()
		for name, c := range map[string]struct {
			rule appeal.Rule
			want []string
		}{
			"a domain, and not those below it":   {typed(appeal.Typed{Domains: []string{"@SPAM.example"}}), []string{"domain"}},
			"two domains":                        {typed(appeal.Typed{Domains: []string{"spam.example", "a.spam.example"}}), []string{"domain", "subdomain"}},
			"an address is the range it is in":   {typed(appeal.Typed{Ranges: []string{"198.51.100.77"}}), []string{"range"}},
			"a prefix":                           {typed(appeal.Typed{Ranges: []string{"198.51.100.0/24"}}), []string{"range"}},
			"a narrower prefix":                  {typed(appeal.Typed{Ranges: []string{"198.51.100.128/25"}}), []string{"range"}},
			"a wider prefix":                     {typed(appeal.Typed{Ranges: []string{"198.51.0.0/16"}}), []string{"range", "neighbour"}},
			"a prefix of IPv6":                   {typed(appeal.Typed{Ranges: []string{"2001:db8:1:2::/64"}}), []string{"range6"}},
			"a wider one of IPv6":                {typed(appeal.Typed{Ranges: []string{"2001:db8::/44"}}), []string{"range6"}},
			"a partner":                          {appeal.Rule{Partner: &partner}, []string{"partner", "later"}},
			"a partner, for a time":              {appeal.Rule{Partner: &partner, From: began, To: began + hour}, []string{"partner"}},
			"from a minute on":                   {appeal.Rule{Partner: &partner, From: began + hour}, []string{"later"}},
			"a country":                          {appeal.Rule{Country: "VA"}, []string{"country"}},
			"a country without a partner":        {appeal.Rule{Country: "VA", Partner: &direct}, []string{"country"}},
			"a part of a name, however written":  {typed(appeal.Typed{Name: "elodie mart"}), []string{"accent"}},
			"a star is a star":                   {typed(appeal.Typed{Name: "m*rtin"}), []string{"literal"}},
			"a star is anything, in a pattern":   {typed(appeal.Typed{Name: "*m*rtin*", Glob: true}), []string{"accent", "literal"}},
			"a pattern is for the whole name":    {typed(appeal.Typed{Name: "m*rtin", Glob: true}), nil},
			"one letter":                         {typed(appeal.Typed{Name: "elodie m?rtin", Glob: true}), []string{"accent"}},
			"a state":                            {appeal.Rule{State: appeal.Held}, []string{"doubted"}},
			"a reason":                           {appeal.Rule{Reason: appeal.ReasonQuick}, []string{"doubted"}},
			"a reason nobody had":                {appeal.Rule{Reason: appeal.ReasonNames}, nil},
			"a held one of a country, by then":   {appeal.Rule{State: appeal.Held, Country: "KR", To: began + hour}, []string{"doubted"}},
			"a held one of a country, later":     {appeal.Rule{State: appeal.Held, Country: "KR", From: began + hour}, nil},
			"a domain at a time, and no partner": {appeal.Rule{Typed: appeal.Typed{Domains: []string{"spam.example"}}, Partner: &partner}, nil},
		} {
			before := dump(t, a.Core)
			w := preview(t, a, c.rule, invalid)
			look, err := w.LookOf()
			if err != nil {
				t.Fatal(err)
			}
			want := map[int64]bool{}
			for _, key := range c.want {
				want[rows[key]] = true
			}
			if w.State != appeal.SweepReady || w.Expected != int64(len(want)) || len(look.Samples) != len(want) {
				t.Errorf("%s: %s, %d found, samples %v", name, w.State, w.Expected, look.Samples)
			}
			if dump(t, a.Core) != before {
				t.Errorf("%s: the preview changed something", name)
			}
			if len(want) == 0 {
				if err := a.Sweeps.Start(t.Context(), w.ID, program); !errors.Is(err, appeal.ErrSweepEnd) {
					t.Errorf("%s: a sweep of nothing begins: %v", name, err)
				}
				continue
			}
			if err := a.Sweeps.Start(t.Context(), w.ID, program); err != nil {
				t.Fatal(err)
			}
			if w = finished(t, a, w.ID); w.State != appeal.SweepDone || w.Moved != int64(len(want)) {
				t.Errorf("%s: %s, %d moved", name, w.State, w.Moved)
			}
			for key, id := range rows {
				if s := signature(t, a, id); (s.State == appeal.Invalid) != want[id] {
					t.Errorf("%s: %s is %s now", name, key, s.State)
				}
			}
			a.MustVerify()
			if w = undo(t, a, w.ID); w.State != appeal.SweepUndone || w.Back != w.Moved {
				t.Errorf("%s: %s, of %d moved %d are back", name, w.State, w.Moved, w.Back)
			}
			if after := dump(t, a.Core); after != before {
				t.Errorf("%s: undone, it is\n%s, and was\n%s", name, after, before)
			}
		}
		a.MustVerify()
	})
}

func TestARuleThatMeansTooMuchOrNothingIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		partner := int64(7)
		for name, c := range map[string]struct {
			rule  appeal.Rule
			to    appeal.Mark
			field string // "" for none in particular
		}{
			"nothing":              {appeal.Rule{}, invalid, ""},
			"a time alone":         {appeal.Rule{From: 1, To: 2}, invalid, ""},
			"all that counts":      {appeal.Rule{State: appeal.Counted}, invalid, ""},
			"the state it goes to": {appeal.Rule{State: appeal.Invalid}, invalid, "state"},
			"withdrawn ones":       {appeal.Rule{State: appeal.Withdrawn, Partner: &partner}, invalid, "state"},
			"no such domain":       {typed(appeal.Typed{Domains: []string{"not a domain"}}), invalid, "domains"},
			"no such range":        {typed(appeal.Typed{Ranges: []string{"300.1.2.3"}}), invalid, "ranges"},
			"half the internet":    {typed(appeal.Typed{Ranges: []string{"0.0.0.0/1"}}), invalid, "ranges"},
			"any name":             {typed(appeal.Typed{Name: "**", Glob: true}), invalid, "name"},
			"an end before":        {appeal.Rule{Partner: &partner, From: 5, To: 5}, invalid, "to"},
			"no reason":            {appeal.Rule{Partner: &partner}, appeal.Mark{State: appeal.Held}, "reason"},
		} {
			_, err := a.Sweeps.Preview(t.Context(), appeal.Wish{Rule: c.rule, To: c.to, By: program})
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || (c.field != "" && f.Fields[c.field] == nil) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// What comes in after the preview was begun is not what somebody said yes to.
func TestASweepMovesWhatItsPreviewSaw(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		rows := signatures(t, a, through(form(address(1)), 7), through(form(address(2)), 7), through(form(address(3)), 7))
		a.Clock.Advance(time.Minute)
		partner := int64(7)
		w := preview(t, a, appeal.Rule{Partner: &partner}, held)
		late := signatures(t, a, through(form(address(4)), 7))
		if err := a.Signatures.Withdraw(t.Context(), rows[0]); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(time.Minute)
		if err := a.Sweeps.Start(t.Context(), w.ID, program); err != nil {
			t.Fatal(err)
		}
		if w = finished(t, a, w.ID); w.Expected != 3 || w.Moved != 2 {
			t.Errorf("of %d expected %d were moved", w.Expected, w.Moved)
		}
		for i, want := range []string{appeal.Withdrawn, appeal.Held, appeal.Held, appeal.Counted} {
			if s := signature(t, a, append(rows, late...)[i]); s.State != want {
				t.Errorf("row %d is %s, want %s", i, s.State, want)
			}
		}
		a.MustVerify()
	})
}

// An undo leaves alone what was decided since, and what its owner withdrew.
func TestAnUndoLeavesWhatHasMovedSince(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var forms []appeal.Form
		for i := range 6 {
			forms = append(forms, through(form(address(i)), 7))
		}
		forms[5].Doubt = appeal.ReasonQuick
		rows := signatures(t, a, forms...)
		since := signature(t, a, rows[5]).HeldAt
		a.Clock.Advance(time.Minute)
		partner := int64(7)
		w := run(t, a, appeal.Rule{Partner: &partner}, invalid)
		if w.Moved != 6 {
			t.Fatalf("%d moved", w.Moved)
		}
		if err := a.Signatures.Withdraw(t.Context(), rows[0]); err != nil {
			t.Fatal(err)
		}
		if err := a.Signatures.Forget(t.Context(), rows[1]); err != nil {
			t.Fatal(err)
		}
		// One was released and refused again, with the same reason, another held,
		// and a third released in a sweep that was undone.
		released, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows[2:3], From: appeal.Invalid, To: counted, By: program})
		if err != nil || released == 0 {
			t.Fatal(err)
		}
		for _, o := range []appeal.Order{{IDs: rows[2:3], From: appeal.Counted, To: invalid, By: program}, {IDs: rows[3:4], From: appeal.Invalid, To: held, By: program}} {
			if _, err := a.Sweeps.Apply(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		mistake, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows[4:5], From: appeal.Invalid, To: counted, By: program})
		if err != nil {
			t.Fatal(err)
		}
		undo(t, a, mistake)
		a.MustVerify()
		if w = undo(t, a, w.ID); w.Back != 3 || w.State != appeal.SweepUndone {
			t.Errorf("%s: of %d moved %d are back", w.State, w.Moved, w.Back)
		}
		for i, want := range []appeal.Mark{{State: appeal.Withdrawn}, counted, invalid, held, counted, {State: appeal.Held, Reason: appeal.ReasonQuick}} {
			if s := signature(t, a, rows[i]); s.State != want.State || s.Reason != want.Reason {
				t.Errorf("row %d is %s %s, want %+v", i, s.State, s.Reason, want)
			}
		}
		if s := signature(t, a, rows[5]); s.HeldAt != since {
			t.Errorf("it is held since %d, and was since %d", s.HeldAt, since)
		}
		a.MustVerify()
		if err := a.Sweeps.Undo(t.Context(), w.ID, program); !errors.Is(err, appeal.ErrSweepEnd) {
			t.Errorf("an undo a second time: %v", err)
		}
	})
}

// many are signatures of one partner, made without the form.
func many(t *testing.T, a *app.Core, n int) {
	t.Helper()
	entries := make([]appeal.Entry, n)
	for i := range entries {
		entries[i] = entry(t, address(i))
		entries[i].PartnerID = 7
		entries[i].Confirmed = testkit.Start.Add(-time.Duration(i%9) * time.Hour)
	}
	if _, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), entries); err != nil {
		t.Fatal(err)
	}
}

func TestASweepGoesOnWhereItWasAndCanBeStopped(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		clock := testkit.NewClock()
		if err := app.Migrate(t.Context(), c, clock.Now); err != nil {
			t.Fatal(err)
		}
		a, err := app.OpenCore(t.Context(), c, clock.Now) // nobody works on its sweeps but this test
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		verify := func() {
			t.Helper()
			if found, err := a.Verify(t.Context()); err != nil || len(found) > 0 {
				t.Errorf("verify: %v %v", found, err)
			}
		}
		many(t, a, 2300)
		clock.Advance(time.Minute)
		before := dump(t, a)
		partner := int64(7)
		work := func(s *appeal.Sweeps, steps int) {
			t.Helper()
			for range steps {
				if _, err := s.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		state := func(id int64) *appeal.Sweep {
			w, err := a.Sweeps.Find(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		id, err := a.Sweeps.Preview(t.Context(), appeal.Wish{Rule: appeal.Rule{Partner: &partner}, To: held, By: program})
		if err != nil {
			t.Fatal(err)
		}
		work(a.Sweeps, 1)
		if err := a.Sweeps.Start(t.Context(), id, program); err != nil {
			t.Fatal(err)
		}
		work(a.Sweeps, 2)
		if w := state(id); w.Moved != 500 || w.State != appeal.SweepRunning {
			t.Fatalf("%s, %d moved", w.State, w.Moved)
		}
		verify()
		// Another copy of the program, or this one after a crash, leaves it alone
		// as long as somebody may still be working on it.
		other := appeal.NewSweeps(a.Sweeps.SweepParts)
		work(other, 1)
		if w := state(id); w.Moved != 500 {
			t.Errorf("two work on it: %d moved", w.Moved)
		}
		clock.Advance(2 * time.Minute)
		work(other, 1)
		if w := state(id); w.Moved != 750 {
			t.Errorf("nobody took it over: %d moved", w.Moved)
		}
		work(a.Sweeps, 1)
		if w := state(id); w.Moved != 750 {
			t.Errorf("it was taken over, and two work on it: %d moved", w.Moved)
		}
		if err := a.Sweeps.Cancel(t.Context(), id, program); err != nil {
			t.Fatal(err)
		}
		work(other, 2)
		if w := state(id); w.Moved != 750 || w.State != appeal.SweepCancelled {
			t.Errorf("%s, %d moved", w.State, w.Moved)
		}
		verify()
		if err := a.Sweeps.Undo(t.Context(), id, program); err != nil {
			t.Fatal(err)
		}
		work(a.Sweeps, 2)
		if w := state(id); w.Back != 500 || w.State != appeal.SweepUndoing {
			t.Errorf("%s, %d are back", w.State, w.Back)
		}
		verify()
		clock.Advance(2 * time.Minute)
		work(other, 2)
		if w := state(id); w.Back != 750 || w.State != appeal.SweepUndone {
			t.Errorf("%s, %d are back", w.State, w.Back)
		}
		verify()
		if dump(t, a) != before {
			t.Error("undone, it is not as it was")
		}
	})
}
