package registry

import (
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
)

// Settings are what the admins of a campaign choose.
type Settings struct {
	OverdueDays int // after so many days of waiting an application is overdue
}

// Bounds and default of OverdueDays.
const (
	LeastOverdueDays, MostOverdueDays = 1, 90
	defaultOverdueDays                = 7
)

// settingRow is one setting. One that was never changed has none.
type settingRow struct{ Key, Value string }

func (settingRow) TableName() string { return "settings" }

const keyOverdueDays = "overdue_days"

// Settings reads them; they are few, and read anew each time.
func (r *Registry) Settings(ctx context.Context) (Settings, error) {
	s := Settings{OverdueDays: defaultOverdueDays}
	var rows []settingRow
	if err := r.Store.Read(ctx).Where("key = ?", keyOverdueDays).Find(&rows).Error; err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	for _, row := range rows {
		if days, err := strconv.Atoi(row.Value); err == nil && days >= LeastOverdueDays && days <= MostOverdueDays {
			s.OverdueDays = days
		}
	}
	return s, nil
}

// Check refuses what is out of bounds. Invalid names the field overdue_days.
func (s Settings) Check() error {
	if s.OverdueDays < LeastOverdueDays || s.OverdueDays > MostOverdueDays {
		return (fault.Fields{"overdue_days": fault.New(fault.Invalid, "settings.overdue_bad", "Min", LeastOverdueDays, "Max", MostOverdueDays)}).Err()
	}
	return nil
}

// SaveSettings changes them. Invalid, see Check.
func (r *Registry) SaveSettings(ctx context.Context, s Settings, by audit.Actor) error {
	if err := s.Check(); err != nil {
		return err
	}
	return r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		before, err := r.Settings(ctx)
		if err != nil || before == s {
			return err
		}
		row := settingRow{keyOverdueDays, strconv.Itoa(s.OverdueDays)}
		onKey := clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoUpdates: clause.AssignmentColumns([]string{"value"})}
		if err := tx.Clauses(onKey).Create(&row).Error; err != nil {
			return fmt.Errorf("save settings: %w", err)
		}
		return r.Trail.Note(tx, by, audit.Deed{Action: "settings.changed", Subject: "settings",
			Before: map[string]any{keyOverdueDays: before.OverdueDays}, After: map[string]any{keyOverdueDays: s.OverdueDays}})
	})
}
