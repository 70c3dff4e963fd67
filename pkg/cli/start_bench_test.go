package cli

import (
	"os"
	"testing"
	"time"

	"olivebranch/pkg/testkit"
)

// BenchmarkStart starts the program on a data folder, the one that
// OLIVEBRANCH_BENCH_DATA names or a new one, until it says that it serves. It
// reports the memory that is the process's own then, in MB.
func BenchmarkStart(b *testing.B) {
	data := os.Getenv("OLIVEBRANCH_BENCH_DATA")
	if data == "" {
		data = b.TempDir()
	}
	must(b, data, "migrate")
	var took time.Duration
	memory := 0.0
	for b.Loop() {
		start := time.Now()
		s := serve(b, data)
		took += time.Since(start)
		memory = max(memory, testkit.RssAnon(b, s.pid))
		s.stop()
	}
	b.ReportMetric(took.Seconds()/float64(b.N)*1000, "start-ms")
	b.ReportMetric(memory, "RssAnon-MB")
}
