package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/schedule"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

const every = 24 * time.Hour

// lease is how long a job belongs to the copy of the program that runs it.
const lease = time.Hour

// copies are two copies of the program beside each other, with one clock.
type copies struct {
	t     *testing.T
	clock *testkit.Clock
	store [2]*store.Store
}

func onEach(t *testing.T, test func(t *testing.T, c *copies)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, conf *config.Config) {
		if err := conf.MakeData(); err != nil {
			t.Fatal(err)
		}
		c := &copies{t: t, clock: testkit.NewClock()}
		for i := range c.store {
			s, err := store.Open(t.Context(), store.Options{URL: conf.Database, Path: conf.DatabasePath(), Now: c.clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			c.store[i] = s
		}
		if err := schema.Migrate(t.Context(), c.store[0]); err != nil {
			t.Fatal(err)
		}
		test(t, c)
	})
}

// schedule is that of one copy, with one daily job.
func (c *copies) schedule(i int, run func(ctx context.Context) (string, error)) *schedule.Schedule {
	return &schedule.Schedule{Store: c.store[i], Now: c.clock.Now, Jobs: []schedule.Job{{Name: "sweep", Every: every, Run: run}}}
}

func (c *copies) runDue(s *schedule.Schedule) {
	c.t.Helper()
	if err := s.RunDue(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *copies) last(s *schedule.Schedule) schedule.Row {
	c.t.Helper()
	row, err := s.Last(c.t.Context(), "sweep")
	if err != nil {
		c.t.Fatal(err)
	}
	return row
}

func TestAJobRunsOnceEveryPeriod(t *testing.T) {
	onEach(t, func(t *testing.T, c *copies) {
		runs := 0
		s := c.schedule(0, func(context.Context) (string, error) { runs++; return fmt.Sprintf("run %d", runs), nil })
		if row := c.last(s); row != (schedule.Row{Name: "sweep"}) {
			t.Errorf("before anything: %+v", row)
		}
		want := func(n int, when string) {
			t.Helper()
			c.runDue(s)
			if runs != n {
				t.Errorf("%s: %d runs, want %d", when, runs, n)
			}
		}
		want(0, "on a new campaign")
		c.clock.Advance(every - time.Millisecond)
		want(0, "just before it is due")
		c.clock.Advance(time.Millisecond)
		want(1, "when it is due")
		want(1, "right after it ran")
		at := c.clock.Now()
		if row := c.last(s); row.LastResult != "run 1" || row.LastAt != at.UnixMilli() || row.NextAt != at.Add(every).UnixMilli() || row.LeaseUntil != 0 {
			t.Errorf("afterwards: %+v", row)
		}
		c.clock.Advance(10 * every) // the machine was off
		want(2, "ten periods later")
		want(2, "right after that")
	})
}

func TestOfTwoCopiesOneRunsAJob(t *testing.T) {
	onEach(t, func(t *testing.T, c *copies) {
		var runs atomic.Int64
		run := func(context.Context) (string, error) { runs.Add(1); return "", nil }
		both := [2]*schedule.Schedule{c.schedule(0, run), c.schedule(1, run)}
		for round := range int64(5) {
			var group sync.WaitGroup
			for _, s := range both {
				for range 3 {
					group.Go(func() {
						if err := s.RunDue(context.Background()); err != nil {
							t.Error(err)
						}
					})
				}
			}
			group.Wait()
			if runs.Load() != round {
				t.Errorf("after round %d: %d runs", round, runs.Load())
			}
			c.clock.Advance(every)
		}
	})
}

func TestAJobBelongsToWhoRunsItUntilTheLeaseIsOver(t *testing.T) {
	onEach(t, func(t *testing.T, c *copies) {
		others := 0
		other := c.schedule(1, func(context.Context) (string, error) { others++; return "the other's", nil })
		mine := c.schedule(0, func(context.Context) (string, error) {
			if row := c.last(other); row.LeaseUntil != c.clock.Now().Add(lease).UnixMilli() {
				t.Errorf("while it runs: %+v", row)
			}
			c.clock.Advance(lease - time.Millisecond)
			c.runDue(other)
			if others != 0 {
				t.Error("the other copy ran a job that is being run")
			}
			c.clock.Advance(time.Millisecond)
			c.runDue(other)
			if others != 1 {
				t.Error("the other copy did not take over when the lease was over")
			}
			return "mine", nil
		})
		c.runDue(mine)
		c.clock.Advance(every)
		c.runDue(mine)
		c.runDue(other)
		if others != 1 {
			t.Errorf("the other copy ran it %d times, want once", others)
		}
	})
}

func TestAFailedJobIsNotedAndTriedAgainInItsTime(t *testing.T) {
	onEach(t, func(t *testing.T, c *copies) {
		fails := true
		s := c.schedule(0, func(context.Context) (string, error) {
			if fails {
				return "half done", errors.New("disk full")
			}
			return "done", nil
		})
		c.runDue(s)
		c.clock.Advance(every)
		c.runDue(s)
		row := c.last(s)
		if row.LastResult != "failed: disk full" || row.LastAt != c.clock.Now().UnixMilli() || row.LeaseUntil != 0 || row.NextAt != c.clock.Now().Add(every).UnixMilli() {
			t.Errorf("after a failure: %+v", row)
		}
		fails = false
		c.clock.Advance(every)
		c.runDue(s)
		if row := c.last(s); row.LastResult != "done" {
			t.Errorf("after the next run: %+v", row)
		}
	})
}

func TestOneJobsFailureDoesNotKeepOthersFromRunning(t *testing.T) {
	onEach(t, func(t *testing.T, c *copies) {
		ran := ""
		job := func(name string, err error) schedule.Job {
			return schedule.Job{Name: name, Every: every, Run: func(context.Context) (string, error) { ran += name; return "", err }}
		}
		s := &schedule.Schedule{Store: c.store[0], Now: c.clock.Now, Jobs: []schedule.Job{job("a", nil), job("b", errors.New("no")), job("c", nil)}}
		c.runDue(s)
		c.clock.Advance(every)
		c.runDue(s)
		if ran != "abc" {
			t.Errorf("ran %q, want abc", ran)
		}
	})
}

func TestWithoutADatabaseNothingRuns(t *testing.T) {
	onEach(t, func(t *testing.T, c *copies) {
		s := c.schedule(0, func(context.Context) (string, error) { t.Error("ran without a claim"); return "", nil })
		c.runDue(s)
		c.clock.Advance(every)
		if err := c.store[0].Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.RunDue(t.Context()); err == nil {
			t.Error("nobody was told")
		}
	})
}

func TestRunStartsWithWhatIsDueAndStopsWhenItShall(t *testing.T) {
	onEach(t, func(t *testing.T, c *copies) {
		ran := make(chan struct{}, 1)
		s := c.schedule(0, func(context.Context) (string, error) { ran <- struct{}{}; return "", nil })
		c.runDue(s)
		c.clock.Advance(every)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		<-ran
		testkit.Until(t, "the result", func() bool { return c.last(s).LastAt != 0 })
		stop()
		<-done
	})
}
