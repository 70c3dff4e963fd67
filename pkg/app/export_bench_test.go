package app_test

import (
	"io"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/testkit"
)

// BenchmarkExport writes all signatures of a campaign as CSV, names unsealed.
func BenchmarkExport(b *testing.B) {
	a := testkit.Run(b, testkit.SQLite(b))
	if err := a.AddSignatures(b.Context(), 200_000, func(int) {}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	rows := 0
	for b.Loop() {
		n, err := a.Signatures.Export(b.Context(), appeal.Export{AppealID: a.Appeal.Current().ID, Purpose: appeal.ForHandover, To: io.Discard,
			Partner: func(int64) string { return "" }})
		if err != nil {
			b.Fatal(err)
		}
		rows += n
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
