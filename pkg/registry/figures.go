package registry

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Figures are what the people of a campaign ask about their own work.
type Figures struct {
	Ages      []StateAges
	Decided   []MonthDecided // newest month first, at most twelve
	Approvals []CountryCount // most first
}

// AgeDays are where the buckets of ages end, in days; the last has no end.
var AgeDays = []int{1, 3, 7, 14, 30}

// StateAges counts the applications in one state by how long they have waited:
// in the states in which staff have something to do since it became their
// turn, in others since they were sent in.
type StateAges struct {
	State State
	N     []int64 // by bucket: one more than AgeDays
	Total int64
}

// MonthDecided is how long the decisions of a month took, from when the
// address was confirmed.
type MonthDecided struct {
	Month                    string // 2026-01, UTC
	N                        int
	Median, NinetiethPercent time.Duration
}

// CountryCount is how many approved applications came from a country.
type CountryCount struct {
	Country string
	N       int64
}

// Figures counts, all at one moment.
func (r *Registry) Figures(ctx context.Context) (Figures, error) {
	var f Figures
	err := r.Store.Snapshot(ctx, func(db *gorm.DB) (err error) {
		if f.Ages, err = r.ages(db); err != nil {
			return err
		}
		if f.Decided, err = r.monthsDecided(db); err != nil {
			return err
		}
		return db.Model(&Application{}).Select("country, COUNT(*) AS n").Where("state = ?", Approved).
			Group("country").Order("n DESC, country").Scan(&f.Approvals).Error
	})
	if err != nil {
		return f, fmt.Errorf("count the figures: %w", err)
	}
	return f, nil
}

func (r *Registry) ages(db *gorm.DB) ([]StateAges, error) {
	const since = "CASE WHEN waiting_since > 0 AND state IN ? THEN waiting_since WHEN submitted_at > 0 THEN submitted_at ELSE created_at END"
	bucket, args := "CASE", []any{}
	for i, days := range AgeDays {
		bucket += fmt.Sprintf(" WHEN since > ? THEN %d", i)
		args = append(args, r.Now().AddDate(0, 0, -days).UnixMilli())
	}
	var rows []struct {
		State  State
		Bucket int
		N      int64
	}
	err := db.Raw("SELECT state, "+bucket+fmt.Sprintf(" ELSE %d END AS bucket, COUNT(*) AS n", len(AgeDays))+
		" FROM (SELECT state, "+since+" AS since FROM applications WHERE merged_into = 0) AS aged GROUP BY 1, 2", append(args, Waiting)...).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]StateAges, len(States))
	for i, s := range States {
		out[i] = StateAges{State: s, N: make([]int64, len(AgeDays)+1)}
	}
	for _, row := range rows {
		if i := slices.Index(States, row.State); i >= 0 {
			out[i].N[row.Bucket] += row.N
			out[i].Total += row.N
		}
	}
	return out, nil
}

// monthsShown is how many months of decisions are looked at.
const monthsShown = 12

func (r *Registry) monthsDecided(db *gorm.DB) ([]MonthDecided, error) {
	now := r.Now().UTC()
	first := time.Date(now.Year(), now.Month()-monthsShown+1, 1, 0, 0, 0, 0, time.UTC)
	var rows []struct{ VerifiedAt, DecidedAt int64 }
	err := db.Model(&Application{}).Select("verified_at, decided_at").
		Where("state IN ? AND verified_at > 0 AND decided_at >= ?", []State{Approved, Declined}, first.UnixMilli()).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	took := map[string][]time.Duration{}
	for _, row := range rows {
		month := time.UnixMilli(row.DecidedAt).UTC().Format("2006-01")
		took[month] = append(took[month], time.Duration(row.DecidedAt-row.VerifiedAt)*time.Millisecond)
	}
	var out []MonthDecided
	for _, month := range slices.Backward(slices.Sorted(maps.Keys(took))) {
		all := took[month]
		slices.Sort(all)
		out = append(out, MonthDecided{Month: month, N: len(all), Median: percentile(all, 50), NinetiethPercent: percentile(all, 90)})
	}
	return out, nil
}

// percentile is the smallest value that so many per cent of the sorted values
// do not exceed (nearest rank); 0 of none.
func percentile[T cmp.Ordered](sorted []T, percent float64) T {
	var zero T
	if len(sorted) == 0 {
		return zero
	}
	rank := int(math.Ceil(percent / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}
