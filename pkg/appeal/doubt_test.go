package appeal_test

import (
	"sync"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/testkit"
)

// doubted is the form of an address, sent without the proof of work.
func doubted(email string) appeal.Form {
	f := form(email)
	f.Doubt = appeal.ReasonUnproven
	return f
}

// state is that of a signature, and why it has it.
func state(t *testing.T, a *testkit.App, row int64) (s appeal.Signature) {
	t.Helper()
	if err := a.Store.Read(t.Context()).Where("id = ?", row).Take(&s).Error; err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhoeverProvesAWaitingRequestFreesItOfTheDoubtAndNobodyAddsOne(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		for i, c := range []struct {
			name  string
			forms []appeal.Form
			state string
		}{
			{"unproven", []appeal.Form{doubted(address(0))}, appeal.Held},
			{"unproven twice", []appeal.Form{doubted(address(1)), doubted(address(1))}, appeal.Held},
			{"unproven, then proven", []appeal.Form{doubted(address(2)), form(address(2))}, appeal.Counted},
			{"proven, then a stranger's without", []appeal.Form{form(address(3)), doubted(address(3))}, appeal.Counted},
			{"unproven, proven, unproven", []appeal.Form{doubted(address(4)), form(address(4)), doubted(address(4))}, appeal.Counted},
		} {
			var row int64
			for _, f := range c.forms {
				row = request(t, a, f)
			}
			before := a.Tally.Total()
			confirm(t, a, row, appeal.OutcomeConfirmed)
			got := state(t, a, row)
			if got.State != c.state || (got.Reason == appeal.ReasonUnproven) != (c.state == appeal.Held) || (got.HeldAt != 0) != (c.state == appeal.Held) {
				t.Errorf("%d, %s: %s for %q since %d", i, c.name, got.State, got.Reason, got.HeldAt)
			}
			if counted := a.Tally.Total() - before; (counted == 1) != (c.state == appeal.Counted) {
				t.Errorf("%s: the total rose by %d", c.name, counted)
			}
		}
		a.MustVerify()
	})
}

// All of them may share a batch, in any order.
func TestAProvenFormAmongManyAtOnceIsEnough(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		var all sync.WaitGroup
		rows := make([]int64, 40)
		for i := range rows {
			all.Go(func() {
				f := doubted("crowd@example.org")
				if i == 20 {
					f = form("crowd@example.org")
				}
				rows[i] = request(t, a, f)
			})
		}
		all.Wait()
		confirm(t, a, rows[0], appeal.OutcomeConfirmed)
		if got := state(t, a, rows[0]); got.State != appeal.Counted {
			t.Errorf("it is %s for %q", got.State, got.Reason)
		}
		a.MustVerify()
	})
}

// Another doubt is not for a browser to dispel.
func TestProofOfWorkDispelsNoOtherDoubt(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		f := form(address(0))
		f.Doubt = appeal.ReasonNames
		request(t, a, f)
		row := request(t, a, form(address(0)))
		confirm(t, a, row, appeal.OutcomeConfirmed)
		if got := state(t, a, row); got.State != appeal.Held || got.Reason != appeal.ReasonNames {
			t.Errorf("it is %s for %q", got.State, got.Reason)
		}
	})
}
