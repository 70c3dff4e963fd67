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

// CheckLastDay refuses what is no day as 2006-01-02, nor empty for none, and a
// day that is over unless it stands so already: a slip of the year would end
// the campaign. Invalid.
func (c *Current) CheckLastDay(day string, now time.Time) error {
	if day == "" || day == c.LastDay {
		return nil
	}
	parsed, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return fault.New(fault.Invalid, "console.last_day_bad").Because(err)
	}
	if !now.Before(parsed.AddDate(0, 0, 1)) {
		return fault.New(fault.Invalid, "console.last_day_over")
	}
	return nil
}

// SetLastDay sets the last day on which people can sign, "" for none. An appeal
// that has ended opens again with a later day. Invalid names the field
// last_day.
func (a *Appeal) SetLastDay(ctx context.Context, day string, by audit.Actor) error {
	refused := fault.Fields{}
	refused.Add("last_day", a.Current().CheckLastDay(day, a.store.Read(ctx).NowFunc()))
	if err := refused.Err(); err != nil {
		return err
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
