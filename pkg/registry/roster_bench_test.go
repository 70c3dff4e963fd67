package registry_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// BenchmarkRoster asks for a page of ten thousand partners, as staff do, and
// says how long it took to take them in and to write them out.
func BenchmarkRoster(b *testing.B) {
	const partners = 10_000
	h := newHouse(b, testkit.SQLite(b))
	var table strings.Builder
	table.WriteString("name,website,country,kind,about,reach\n")
	for i := range partners {
		fmt.Fprintf(&table, "Friedenshaus Köln %d,https://house-%d.example,%s,peace,We sing for peace.,under_100\n", i, i, []string{"KR", "DE", "EG"}[i%3])
	}
	begin := time.Now()
	if _, err := h.Registry.Import(b.Context(), registry.Import{Table: []byte(table.String()), By: reviewer}); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d partners taken in within %v", partners, time.Since(begin).Round(time.Millisecond))
	var out bytes.Buffer
	begin = time.Now()
	if err := h.Registry.ExportPartners(b.Context(), &out, h.Register.All(), true); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d bytes written out within %v", out.Len(), time.Since(begin).Round(time.Millisecond))
	for name, q := range map[string]registry.Roster{"all": {}, "search": {Search: "koln 99"}, "filter": {State: registry.Active, Country: "DE"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				found, _ := h.Register.Roster(q)
				if page, _ := registry.After(found, found[len(found)/2].ID, 50); len(page) == 0 {
					b.Fatal("nothing found")
				}
			}
		})
	}
}
