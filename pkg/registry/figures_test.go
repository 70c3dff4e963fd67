package registry_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/registry"
)

func TestFiguresCountStatesAgesTimesAndCountries(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		n := 0
		from := func(country string) func(*registry.Form) {
			return func(f *registry.Form) {
				n++
				f.Country, f.Contact.Email = country, fmt.Sprintf("a%d@harbour-choir.example", n)
			}
		}
		approve := func(country string, after time.Duration) {
			t.Helper()
			a := h.verified(from(country))
			h.clock.Advance(after)
			if _, err := h.Registry.Approve(t.Context(), registry.Decision{Application: a.ID, By: reviewer}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 10 { // March 1 to 2: one hour to ten hours
			approve("KR", time.Duration(i+1)*time.Hour)
		}
		h.clock.Advance(31 * day)
		approve("FR", 3*day) // April
		a := h.verified(from("FR"))
		h.clock.Advance(12 * time.Hour)
		if err := h.Registry.Decline(t.Context(), registry.Decision{Application: a.ID, By: reviewer, Reason: "spam"}); err != nil {
			t.Fatal(err)
		}
		h.verified(from("JP"))
		h.clock.Advance(8 * day)
		h.apply(from("JP"))
		f, err := h.Registry.Figures(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ages := map[registry.State][]int64{}
		for _, s := range f.Ages {
			if s.Total > 0 {
				ages[s.State] = s.N
			}
		}
		if want := map[registry.State][]int64{registry.Verified: {0, 0, 0, 1, 0, 0}, registry.Submitted: {1, 0, 0, 0, 0, 0},
			registry.Declined: {0, 0, 0, 1, 0, 0}, registry.Approved: {0, 0, 0, 1, 0, 10}}; !reflect.DeepEqual(ages, want) {
			t.Errorf("ages %v, want %v", ages, want)
		}
		if want := []registry.MonthDecided{{Month: "2026-04", N: 2, Median: 12 * time.Hour, NinetiethPercent: 3 * day},
			{Month: "2026-03", N: 10, Median: 5 * time.Hour, NinetiethPercent: 9 * time.Hour}}; !reflect.DeepEqual(f.Decided, want) {
			t.Errorf("decided %+v, want %+v", f.Decided, want)
		}
		if want := []registry.CountryCount{{Country: "KR", N: 10}, {Country: "FR", N: 1}}; !reflect.DeepEqual(f.Approvals, want) {
			t.Errorf("approvals %+v, want %+v", f.Approvals, want)
		}
	})
}

// fastFigures is what the page may take with 10,000 applications; measured
// are about 20 ms.
const fastFigures = 500 * time.Millisecond

func TestFiguresOfTenThousandApplicationsAreQuick(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		now := h.clock.Now().UnixMilli()
		var rows []registry.Application
		for i := range 10_000 {
			rows = append(rows, registry.Application{ID: h.Store.NewID(), Reference: fmt.Sprint("OB-", i), State: registry.States[i%len(registry.States)],
				Profile: registry.Profile{Country: "KR"}, SubmittedAt: now - int64(i)*1e6, VerifiedAt: now - int64(i)*1e6, DecidedAt: now - int64(i)*5e5})
		}
		err := h.tx(func(_ context.Context, tx *gorm.DB) error { return tx.CreateInBatches(rows, 500).Error })
		if err != nil {
			t.Fatal(err)
		}
		best := time.Hour
		for range 5 {
			start := time.Now()
			f, err := h.Registry.Figures(t.Context())
			if err != nil || f.Ages[0].Total != 1250 {
				t.Fatal(f.Ages, err)
			}
			best = min(best, time.Since(start))
		}
		if t.Logf("figures of 10,000 applications: %v", best); best > fastFigures {
			t.Errorf("the figures take %v", best)
		}
	})
}
