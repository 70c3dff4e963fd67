package app_test

import (
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
)

// BenchmarkSweepWhileSigning previews, runs and undoes a sweep of a tenth of
// all signatures while 500 people sign in a second, and reports how long each
// took and how long who signed had to wait.
func BenchmarkSweepWhileSigning(b *testing.B) {
	t := newExportBench(b)
	by, nobody := audit.Actor{Kind: audit.Program}, int64(0)
	rule := appeal.Rule{Partner: &nobody, From: t.Now().AddDate(0, 0, -36).UnixMilli(), To: t.Now().UnixMilli()}
	l := t.signs(0)
	l.Rate = 500
	alone := l
	alone.Run += "alone"
	without := alone.start(b)
	time.Sleep(3 * time.Second) // of signing by itself, to compare with
	before := without().Took
	b.ReportMetric(float64(before[len(before)/2].Microseconds())/1000, "p50-alone-ms")
	b.ReportMetric(float64(before[len(before)*99/100].Microseconds())/1000, "p99-alone-ms")
	signing := l.start(b)
	took := func(what string, do func()) {
		began := time.Now()
		do()
		b.ReportMetric(time.Since(began).Seconds(), what+"-s")
	}
	ended := func(id int64) *appeal.Sweep {
		w, err := t.Sweeps.Await(b.Context(), id, time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		return w
	}
	for range b.N {
		var w *appeal.Sweep
		took("preview", func() {
			id, err := t.Sweeps.Preview(b.Context(), appeal.Wish{Rule: rule, To: appeal.Mark{State: appeal.Held, Reason: appeal.ReasonStaff}, By: by})
			if err != nil {
				b.Fatal(err)
			}
			w = ended(id)
		})
		took("run", func() {
			if err := t.Sweeps.Start(b.Context(), w.ID, by); err != nil {
				b.Fatal(err)
			}
			w = ended(w.ID)
		})
		b.ReportMetric(float64(w.Moved), "moved")
		took("undo", func() {
			if err := t.Sweeps.Undo(b.Context(), w.ID, by); err != nil {
				b.Fatal(err)
			}
			w = ended(w.ID)
		})
		if w.Back != w.Moved || w.Moved != w.Expected || w.Moved == 0 {
			b.Fatalf("of %d expected %d were moved and %d given back", w.Expected, w.Moved, w.Back)
		}
	}
	signing().reportTimes(b)
	b.ReportMetric(float64(fsyncTime(b, t.data).Microseconds()), "fsync-µs")
}
