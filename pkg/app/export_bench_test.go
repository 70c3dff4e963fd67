package app_test

import (
	"io"
	"os"
	"runtime"
	"testing"

	"olivebranch/pkg/appeal"
)

// exported is how many signatures a fresh campaign gets for these benchmarks.
const exported = 300_000

func newExportBench(b *testing.B) *bench {
	t := newBench(b)
	if t.before == 0 {
		if err := t.AddSignatures(b.Context(), exported, func(int) {}); err != nil {
			b.Fatal(err)
		}
	}
	return t
}

// export writes all signatures as CSV, for a purpose, and reports how many
// rows were read in a second, the memory that took, and the size of the WAL.
func (t *bench) export(purpose appeal.Purpose) {
	t.b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	largest, wal := before.HeapInuse, int64(0)
	look := func(int) {
		runtime.ReadMemStats(&after)
		largest = max(largest, after.HeapInuse)
		if f, err := os.Stat(t.Config.DatabasePath() + "-wal"); err == nil {
			wal = max(wal, f.Size())
		}
	}
	t.b.ResetTimer()
	rows := int64(0)
	for range t.b.N {
		_, err := t.Signatures.Export(t.b.Context(), appeal.Export{AppealID: t.Appeal.Current().ID, Purpose: purpose, To: io.Discard, Partner: t.PartnerSlug, Done: look})
		if err != nil {
			t.b.Fatal(err)
		}
		rows += t.Tally.Total()
	}
	t.b.StopTimer()
	t.b.ReportMetric(float64(rows)/t.b.Elapsed().Seconds(), "rows/s")
	t.b.ReportMetric(float64(largest-before.HeapInuse)/(1<<20), "heap-MB")
	t.b.ReportMetric(float64(wal)/(1<<20), "wal-MB")
}

func BenchmarkExport(b *testing.B) {
	for _, purpose := range appeal.Purposes {
		b.Run(string(purpose), func(b *testing.B) { newExportBench(b).export(purpose) })
	}
}

func BenchmarkExportWhileSigning(b *testing.B) {
	t := newExportBench(b)
	signing := t.signs(0).start(b)
	t.export(appeal.ForHandover)
	t.rate("requests/s", signing())
}
