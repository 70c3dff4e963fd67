package schema

import (
	"strconv"

	"gorm.io/gorm"
)

// 0006 is what the nightly run needs to find what is kept no longer among
// millions of signatures, and since when an appeal is closed.

// appeal0006 has since when its state is not open any more, 0 while it is.
type appeal0006 struct {
	ClosedAt int64 `gorm:"not null;default:0"`
}

func migrate0006(tx *gorm.DB) error {
	if err := tx.Table("appeals").Migrator().AddColumn(&appeal0006{}, "ClosedAt"); err != nil {
		return err
	}
	// A sunset said only that it was, not since when: its time starts here.
	now := strconv.FormatInt(tx.NowFunc().UnixMilli(), 10)
	if err := tx.Exec("UPDATE settings SET value = ? WHERE key = 'sunset' AND value = 'yes'", now).Error; err != nil {
		return err
	}
	for _, index := range []string{
		"CREATE INDEX signatures_ranges ON signatures (created_at) WHERE range_key IS NOT NULL",
		"CREATE INDEX signatures_unasked ON signatures (confirmed_at) WHERE (consents & 12) = 0" +
			" AND (email IS NOT NULL OR (name IS NOT NULL AND (consents & 2) = 0))",
	} {
		if err := tx.Exec(index).Error; err != nil {
			return err
		}
	}
	return nil
}
