package appeal_test

import (
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/testkit"
)

// signatures confirms so many forms, and returns their rows.
func signatures(t *testing.T, a *testkit.App, forms ...appeal.Form) []int64 {
	t.Helper()
	rows := make([]int64, len(forms))
	for i, f := range forms {
		rows[i] = request(t, a, f)
		confirm(t, a, rows[i], appeal.OutcomeConfirmed)
	}
	return rows
}

// signature reads a row.
func signature(t *testing.T, a *testkit.App, id int64) appeal.Signature {
	t.Helper()
	var s appeal.Signature
	if err := a.Store.Read(t.Context()).Where("id = ?", id).Take(&s).Error; err != nil {
		t.Fatal(err)
	}
	return s
}

func through(f appeal.Form, partner int64) appeal.Form {
	f.PartnerID = partner
	return f
}

var program = audit.Actor{Kind: audit.Program}

func TestAnOrderMovesSignaturesAndTheirTallies(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		day := a.Clock.Now().UTC().Format(time.DateOnly)
		rows := signatures(t, a, through(form(address(1)), 7), through(form(address(2)), 7), form(address(3)))
		if err := a.Signatures.Withdraw(t.Context(), rows[2]); err != nil {
			t.Fatal(err)
		}
		a.Clock.Advance(48 * time.Hour)
		held := appeal.Mark{State: appeal.Held, Reason: appeal.ReasonAlike}
		id, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows, From: appeal.Counted, To: held, Why: "made by a machine", By: program})
		if err != nil || id == 0 {
			t.Fatal(id, err)
		}
		for i, want := range []string{appeal.Held, appeal.Held, appeal.Withdrawn} {
			if s := signature(t, a, rows[i]); s.State != want || (s.HeldAt != 0) != (want == appeal.Held) || (s.Reason == appeal.ReasonAlike) != (want == appeal.Held) {
				t.Errorf("row %d is %s for %q since %d, want %s", i, s.State, s.Reason, s.HeldAt, want)
			}
		}
		if n := a.Tally.Total(); n != 0 {
			t.Errorf("%d are counted", n)
		}
		if n := a.Tally.Get(appeal.ByState, appeal.Held); n != 2 {
			t.Errorf("%d are held", n)
		}
		a.MustVerify()

		again, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows, From: appeal.Counted, To: held, By: program})
		if err != nil || again != 0 {
			t.Errorf("nothing is left to move, but sweep %d did: %v", again, err)
		}
		released, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows[:1], From: appeal.Held, To: appeal.Mark{State: appeal.Counted}, By: program})
		if err != nil || released == 0 {
			t.Fatal(released, err)
		}
		// It enters the count of the day on which it was confirmed.
		if n := a.Tally.Get(appeal.ByDay, day); n != 1 || a.Tally.Total() != 1 {
			t.Errorf("the day of its confirmation counts %d, of %d", n, a.Tally.Total())
		}
		var partnerDay int64
		if err := a.Store.Read(t.Context()).Raw("SELECT n FROM tallies WHERE kind = ? AND key = ?", appeal.ByPartnerDay, "7/"+day).Scan(&partnerDay).Error; err != nil || partnerDay != 1 {
			t.Errorf("its partner's day counts %d: %v", partnerDay, err)
		}
		a.MustVerify()
		entries, _, err := a.Trail.Newest(t.Context(), appeal.SweepSubject, id, 5)
		if err != nil || len(entries) != 1 || entries[0].Action != "sweep.applied" {
			t.Errorf("the trail says %v: %v", entries, err)
		}
	})
}

func TestAnOrderOfThousandsGoesInChunks(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var entries []appeal.Entry
		for i := range 1234 {
			entries = append(entries, entry(t, address(i)))
		}
		if _, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), entries); err != nil {
			t.Fatal(err)
		}
		var ids []int64
		if err := a.Store.Read(t.Context()).Model(&appeal.Signature{}).Order("id DESC").Pluck("id", &ids).Error; err != nil {
			t.Fatal(err)
		}
		id, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: append(ids, ids[:10]...), From: appeal.Counted, To: appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonNames}, By: program})
		if err != nil {
			t.Fatal(err)
		}
		var sweep appeal.Sweep
		if err := a.Store.Read(t.Context()).Where("id = ?", id).Take(&sweep).Error; err != nil || sweep.Moved != 1234 {
			t.Errorf("the sweep says it moved %d: %v", sweep.Moved, err)
		}
		if n := a.Tally.Get(appeal.ByState, appeal.Invalid); n != 1234 || a.Tally.Total() != 0 {
			t.Errorf("%d are invalid, %d counted", n, a.Tally.Total())
		}
		a.MustVerify()
	})
}

func TestAMarkThatIsNoneIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		rows := signatures(t, a, form(address(1)))
		for _, to := range []appeal.Mark{{State: appeal.Held}, {State: appeal.Held, Reason: "weather"}, {State: appeal.Counted, Reason: appeal.ReasonStaff}, {State: appeal.Withdrawn}, {}} {
			_, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows, From: appeal.Counted, To: to, By: program})
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", to, err)
			}
		}
		if s := signature(t, a, rows[0]); s.State != appeal.Counted {
			t.Errorf("it is %s now", s.State)
		}
	})
}
