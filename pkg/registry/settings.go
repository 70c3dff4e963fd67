package registry

import (
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// Settings are what the admins of a campaign choose.
type Settings struct {
	OverdueDays int    // after so many days of waiting an application is overdue
	Home        string // the country whose partners the register tells apart, "" for none
}

// Bounds and default of OverdueDays.
const (
	LeastOverdueDays, MostOverdueDays = 1, 90
	defaultOverdueDays                = 7
)

// settingRow is one setting. One that was never changed has none.
type settingRow struct{ Key, Value string }

func (settingRow) TableName() string { return "settings" }

const (
	keyOverdueDays = "overdue_days"
	keyHome        = "home"
)

// Settings reads them; they are few, and read anew each time.
func (r *Registry) Settings(ctx context.Context) (Settings, error) {
	return readSettings(r.Store.Read(ctx))
}

func readSettings(db *gorm.DB) (Settings, error) {
	s := Settings{OverdueDays: defaultOverdueDays}
	var rows []settingRow
	if err := db.Where("key IN ?", []string{keyOverdueDays, keyHome}).Find(&rows).Error; err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	for _, row := range rows {
		days, err := strconv.Atoi(row.Value)
		switch {
		case row.Key == keyHome:
			s.Home = row.Value
		case err == nil && days >= LeastOverdueDays && days <= MostOverdueDays:
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

// SaveSettings changes them. Invalid, see Check; and for the field home, for
// what is no country.
func (r *Registry) SaveSettings(ctx context.Context, s Settings, by audit.Actor) error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.Home != "" && !r.Known.Country(s.Home) {
		return refusedField(keyHome, fault.New(fault.Invalid, "country.bad"))
	}
	err := r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		before, err := readSettings(tx)
		if err != nil || before == s {
			return err
		}
		rows := []settingRow{{keyHome, s.Home}, {keyOverdueDays, strconv.Itoa(s.OverdueDays)}}
		onKey := clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoUpdates: clause.AssignmentColumns([]string{"value"})}
		if err := tx.Clauses(onKey).Create(&rows).Error; err != nil {
			return fmt.Errorf("save settings: %w", err)
		}
		if _, err := store.Bump(tx, store.TopicRegister); err != nil {
			return err
		}
		was, is := changed(before, s)
		return r.Trail.Note(tx, by, audit.Deed{Action: "settings.changed", Subject: "settings", Before: was, After: is})
	})
	if err == nil {
		r.Changed()
	}
	return err
}

// changed are the settings that are not the same, as the audit trail notes them.
func changed(before, after Settings) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	if before.OverdueDays != after.OverdueDays {
		was[keyOverdueDays], is[keyOverdueDays] = before.OverdueDays, after.OverdueDays
	}
	if before.Home != after.Home {
		was[keyHome], is[keyHome] = before.Home, after.Home
	}
	return was, is
}
