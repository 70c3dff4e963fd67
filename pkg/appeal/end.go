package appeal

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// settingRow is a setting of the campaign. One that was never changed has none.
type settingRow struct{ Key, Value string }

func (settingRow) TableName() string { return "settings" }

// The settings that end an appeal.
const (
	keyLastDay = "last_day"
	keySunset  = "sunset"
)

// ending says when an appeal ends.
type ending struct {
	// LastDay is the last on which people can sign, as 2006-01-02, "" for
	// none: the day lasts until midnight UTC.
	LastDay string
	// Sunset says that the operator ended it at once, whatever the day.
	Sunset bool
	over   int64 // when the last day is, in Unix milliseconds; 0 without one
}

// Ended says whether the appeal takes no signatures any more; all banners then
// say thanks. Who signed in time can still confirm.
func (c *Current) Ended(now time.Time) bool {
	return c.State != Open || c.Sunset || c.over != 0 && now.UnixMilli() >= c.over
}

func readEnding(db *gorm.DB) (ending, error) {
	var e ending
	var rows []settingRow
	if err := db.Where("key IN ?", []string{keyLastDay, keySunset}).Find(&rows).Error; err != nil {
		return e, fmt.Errorf("read the end of the appeal: %w", err)
	}
	for _, row := range rows {
		switch row.Key {
		case keyLastDay:
			if day, err := time.Parse(time.DateOnly, row.Value); err == nil {
				e.LastDay, e.over = row.Value, day.AddDate(0, 0, 1).UnixMilli()
			}
		case keySunset:
			e.Sunset = row.Value != ""
		}
	}
	return e, nil
}

// ParseLastDay reads a day as 2006-01-02; "" is none. Invalid.
func ParseLastDay(day string) (string, error) {
	if day == "" {
		return "", nil
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", fault.New(fault.Invalid, "console.last_day_bad").Because(err)
	}
	return day, nil
}

// SetLastDay sets the last day on which people can sign, "" for none. A day
// that is over ends the appeal at once, a later one opens it again. Invalid
// names the field last_day.
func (a *Appeal) SetLastDay(ctx context.Context, day string, by audit.Actor) error {
	day, err := ParseLastDay(day)
	if err != nil {
		refused := fault.Fields{}
		refused.Add("last_day", err)
		return refused.Err()
	}
	return a.set(ctx, keyLastDay, day, by, func(e ending) any { return e.LastDay })
}

// SetSunset ends the appeal at once, or takes that back.
func (a *Appeal) SetSunset(ctx context.Context, on bool, by audit.Actor) error {
	value := ""
	if on {
		value = "yes"
	}
	return a.set(ctx, keySunset, value, by, func(e ending) any { return e.Sunset })
}

// set saves one of the settings and notes what it was and is; shown is how the
// audit trail tells it. Nothing happens when it is so already.
func (a *Appeal) set(ctx context.Context, key, value string, by audit.Actor, shown func(ending) any) error {
	changed := false
	err := a.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		before, err := readEnding(tx)
		if err != nil {
			return err
		}
		row := settingRow{key, value}
		onKey := clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoUpdates: clause.AssignmentColumns([]string{"value"})}
		if err := tx.Clauses(onKey).Create(&row).Error; err != nil {
			return fmt.Errorf("save the end of the appeal: %w", err)
		}
		after, err := readEnding(tx)
		if changed = before != after; err != nil || !changed {
			return err
		}
		err = audit.Trail{Store: a.store}.Note(tx, by, audit.Deed{Action: "settings.changed", Subject: "settings",
			Before: map[string]any{key: shown(before)}, After: map[string]any{key: shown(after)}})
		if err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil || !changed {
		return err
	}
	return a.Reload(ctx)
}
