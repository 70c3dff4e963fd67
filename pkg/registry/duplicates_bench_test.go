package registry_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// BenchmarkDuplicates looks for the duplicates of applications among 10,000
// applications and 2,000 partners, and counts those of a page of 100.
func BenchmarkDuplicates(b *testing.B) {
	for name, settings := range map[string]func(testing.TB) *config.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) { benchDuplicates(b, settings(b)) })
	}
}

func benchDuplicates(b *testing.B, c *config.Config) {
	clock := testkit.NewClock()
	if err := app.Migrate(b.Context(), c, clock.Now); err != nil {
		b.Fatal(err)
	}
	core, err := app.OpenCore(b.Context(), c, clock.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = core.Close() })
	var all []registry.Application
	var partners []registry.Partner
	for i := range 12_000 {
		clock.Advance(time.Minute)
		f := form()
		f.Name, f.NameLatin, f.Website, f.About = testkit.CrowdName(i), "", fmt.Sprintf("https://site-%d.example", i/2), strings.Repeat("About us. ", 40)
		if i%3 == 0 {
			f.NameLatin = testkit.CrowdName(i + 1_000_000)
		}
		a := registry.Application{ID: core.Store.NewID(), Reference: fmt.Sprint("OB-", i), State: registry.Verified, Profile: f.Profile, EmailKey: fmt.Appendf(nil, "key %d", i/3)}
		if i < 2000 {
			p := registry.Partner{ID: a.ID, Slug: fmt.Sprint("p-", i), State: registry.Active, Profile: f.Profile}
			p.Refold()
			partners = append(partners, p)
			continue
		}
		a.Refold()
		all = append(all, a)
	}
	for rows := range slices.Chunk(all, 200) {
		if err := core.Store.InTx(b.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Create(&rows).Error }); err != nil {
			b.Fatal(err)
		}
	}
	for rows := range slices.Chunk(partners, 200) {
		if err := core.Store.InTx(b.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Create(&rows).Error }); err != nil {
			b.Fatal(err)
		}
	}
	if c.Postgres() { // which does so by itself after a while
		if err := core.Store.Exec(b.Context(), "ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
	median := func(b *testing.B, do func(i int) error) {
		var took []time.Duration
		for i := 0; b.Loop(); i++ {
			start := time.Now()
			if err := do(i); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
	}
	b.Run("one", func(b *testing.B) {
		median(b, func(i int) error {
			_, err := core.Registry.Duplicates(b.Context(), &all[i*37%len(all)])
			return err
		})
	})
	b.Run("page", func(b *testing.B) {
		median(b, func(i int) error {
			from := i * 100 % len(all)
			_, err := core.Registry.DuplicateCounts(b.Context(), all[from:from+100])
			return err
		})
	})
}
