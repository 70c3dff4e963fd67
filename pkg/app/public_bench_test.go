package app_test

import (
	"fmt"
	"strings"
	"testing"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// BenchmarkTold asks what is told of a partner among 10,000, as every tally of a
// banner does: where many signed directly, where nobody did, and where nobody
// did and each answer is of other numbers.
func BenchmarkTold(b *testing.B) {
	a := testkit.Run(b, testkit.SQLite(b))
	var table strings.Builder
	table.WriteString("name,website,country,kind,about,reach\n")
	for i := range 10_000 {
		fmt.Fprintf(&table, "%s %d,https://group-%d.example,KR,peace,We sing.,100_999\n", testkit.CrowdName(i), i, i)
	}
	if _, err := a.Registry.Import(b.Context(), registry.Import{Table: []byte(table.String()), By: operator}); err != nil {
		b.Fatal(err)
	}
	all := a.Register.All()
	ask := func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			a.Told(all[i%len(all)].ID)
		}
	}
	b.Run("none signed directly", ask)
	b.Run("and the numbers are new", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			if _, err := a.Signatures.Add(b.Context(), a.Appeal.Current(), entries(b, fmt.Sprintf("new-%d-%d", b.N, i), all[i%len(all)].ID, 1)); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			a.Told(all[i%len(all)].ID)
		}
	})
	if _, err := a.Signatures.Add(b.Context(), a.Appeal.Current(), entries(b, "direct", 0, 50)); err != nil {
		b.Fatal(err)
	}
	b.Run("many signed directly", ask)
}
