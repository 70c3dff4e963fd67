package app_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// copies are several copies of the program on one PostgreSQL database.
func copies(t *testing.T, n int) []*testkit.App {
	t.Helper()
	c := testkit.Postgres(t)
	all := make([]*testkit.App, n)
	for i := range all {
		one := *c
		all[i] = testkit.Run(t, &one, func(o *app.Options) { o.Now = time.Now })
	}
	return all
}

func person(i int) appeal.Form {
	return appeal.Form{Name: "Mina Example", Email: fmt.Sprintf("person-%d@example.org", i), Country: "KR", Lang: "en",
		Consents: appeal.ConsentCount, Range: "192.0.2.0/24"}
}

// Everybody signs at every copy at once, and confirms at every copy at once;
// the copies then agree on the number within a second.
func TestCopiesCountEachPersonOnceAndAgree(t *testing.T) {
	t.Parallel()
	all := copies(t, 3)
	const people = 300
	var told atomic.Int64
	var group sync.WaitGroup
	for i := range people {
		for _, a := range all {
			group.Go(func() {
				row, err := a.Intake.Request(context.Background(), person(i))
				if err != nil {
					t.Errorf("request: %v", err)
					return
				}
				for _, b := range all {
					outcome, err := b.Intake.Confirm(context.Background(), row)
					if err != nil {
						t.Errorf("confirm: %v", err)
					}
					if outcome == appeal.OutcomeConfirmed {
						told.Add(1)
					}
				}
			})
		}
	}
	group.Wait()
	last := time.Now()
	for i, a := range all {
		a.Until("the number of all copies", func() bool { return a.Tally.Total() == people })
		if took := time.Since(last); took > time.Second {
			t.Logf("copy %d took %v to agree", i, took)
		}
	}
	if told.Load() != people {
		t.Errorf("%d were told that their click confirmed, want %d", told.Load(), people)
	}
	all[0].MustVerify()
}

// What a copy refuses with the index gone is not counted either: the index and
// no look-up decides who is counted.
func TestWithoutItsIndexNothingIsCounted(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		row, err := a.Intake.Request(t.Context(), person(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Store.Exec(t.Context(), "DROP INDEX signatures_once"); err != nil {
			t.Fatal(err)
		}
		if outcome, err := a.Intake.Confirm(t.Context(), row); err == nil || outcome != "" {
			t.Errorf("confirmed without the index: %q", outcome)
		}
		if n := a.Tally.Total(); n != 0 {
			t.Errorf("%d counted without the index", n)
		}
		found, err := a.Verify(t.Context())
		if err != nil || len(found) != 1 || found[0].Invariant != 3 {
			t.Errorf("verify found %v, %v", found, err)
		}
	})
}
