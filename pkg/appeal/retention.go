package appeal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// Retention is for how long the data of people who sign are kept, in whole
// days. Custody carries it out.
type Retention struct {
	Unconfirmed int // a request that nobody confirms, and how its confirmation ended
	Ranges      int // the coded address range a form came from
	Addresses   int // the address of who wants neither news nor hand-over, after confirming
	Delivered   int // the address of all others, after the delivery
	Keys        int // the coded address, by which each is counted once, after the close
	Held        int // not kept for so long, but decided within: a signature that is held
}

// Period is one of the times of a Retention: the key of its setting, which is
// also the name of its field on forms, its bounds and its default.
type Period struct {
	Key                  string
	Least, Most, Default int
	of                   func(*Retention) *int
}

// Periods are those of a Retention, in the order of its fields. Nobody can
// confirm any more when the keys are destroyed, since the most that a request
// waits is the least that keys are kept; and a reminder after two days still
// comes in time. Held signatures are decided before the keys are destroyed.
var Periods = []Period{
	{"keep_unconfirmed", 3, 14, 7, func(r *Retention) *int { return &r.Unconfirmed }},
	{"keep_ranges", 1, 90, 30, func(r *Retention) *int { return &r.Ranges }},
	{"keep_addresses", 7, 365, 90, func(r *Retention) *int { return &r.Addresses }},
	{"keep_delivered", 1, 365, 30, func(r *Retention) *int { return &r.Delivered }},
	{"keep_keys", 14, 365, 30, func(r *Retention) *int { return &r.Keys }},
	{"decide_held", 1, 14, 7, func(r *Retention) *int { return &r.Held }},
}

// Of is the period's length in a Retention.
func (p Period) Of(r Retention) int { return *p.of(&r) }

// Set gives the period another length.
func (p Period) Set(r *Retention, days int) { *p.of(r) = days }

// check refuses a length out of bounds.
func (p Period) check(days int) error {
	if days < p.Least || days > p.Most {
		return fault.New(fault.Invalid, "settings.days_bad", "Min", p.Least, "Max", p.Most)
	}
	return nil
}

// Check refuses periods out of their bounds. Invalid names their keys.
func (r Retention) Check() error {
	refused := fault.Fields{}
	for _, p := range Periods {
		refused.Add(p.Key, p.check(p.Of(r)))
	}
	return refused.Err()
}

// RequestLife is how long a request waits for its confirmation.
func (r Retention) RequestLife() time.Duration { return days(r.Unconfirmed) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func readRetention(db *gorm.DB) (Retention, error) {
	var r Retention
	byKey := map[string]Period{}
	for _, p := range Periods {
		p.Set(&r, p.Default)
		byKey[p.Key] = p
	}
	var rows []settingRow
	if err := db.Where("key IN ?", slices.Collect(maps.Keys(byKey))).Find(&rows).Error; err != nil {
		return r, fmt.Errorf("read for how long data are kept: %w", err)
	}
	for _, row := range rows {
		p, known := byKey[row.Key]
		if n, err := strconv.Atoi(row.Value); known && err == nil && p.check(n) == nil {
			p.Set(&r, n)
		}
	}
	return r, nil
}

// SetRetention changes for how long data are kept. What is over by the new
// periods is erased at the next nightly run. Invalid names the keys of the
// periods that are out of bounds.
func (a *Appeal) SetRetention(ctx context.Context, r Retention, by audit.Actor) error {
	if err := r.Check(); err != nil {
		return err
	}
	err := a.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		now, err := readRetention(tx)
		if err != nil {
			return err
		}
		before, after := map[string]any{}, map[string]any{}
		for _, p := range Periods {
			if p.Of(now) != p.Of(r) {
				before[p.Key], after[p.Key] = p.Of(now), p.Of(r)
				if err := saveSetting(tx, p.Key, strconv.Itoa(p.Of(r))); err != nil {
					return err
				}
			}
		}
		if len(after) == 0 {
			return nil
		}
		err = audit.Trail{Store: a.store}.Note(tx, by, audit.Deed{Action: "settings.changed", Subject: "settings", Before: before, After: after})
		if err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil {
		return err
	}
	return a.Reload(ctx)
}

func saveSetting(tx *gorm.DB, key, value string) error {
	onKey := clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoUpdates: clause.AssignmentColumns([]string{"value"})}
	if err := tx.Clauses(onKey).Create(&settingRow{key, value}).Error; err != nil {
		return fmt.Errorf("save setting %s: %w", key, err)
	}
	return nil
}
