package schema

import "gorm.io/gorm"

// 0013 is the figures that are published once a day.

// bulletin0013: Body is the tables in JSON, as they were told; the other
// columns stand in the list of earlier days.
type bulletin0013 struct {
	AppealID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Day       string `gorm:"primaryKey"`
	At        int64  `gorm:"not null"`
	Counted   int64  `gorm:"not null"`
	Waiting   int64  `gorm:"not null"`
	Held      int64  `gorm:"not null"`
	Invalid   int64  `gorm:"not null"`
	Withdrawn int64  `gorm:"not null"`
	Body      string `gorm:"not null"`
}

func migrate0013(tx *gorm.DB) error {
	if err := tx.Table("bulletins").Migrator().CreateTable(&bulletin0013{}); err != nil {
		return err
	}
	// SQLite uses it only where a query has the condition word for word.
	return tx.Exec("CREATE INDEX signatures_invalid ON signatures (reason) WHERE state = 'invalid'").Error
}
