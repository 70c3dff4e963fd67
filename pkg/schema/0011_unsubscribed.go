package schema

import "gorm.io/gorm"

// 0011 is which mails people want no more.

// unsubscribed0011: Key is made from the recipient's key, which is made from
// the address, and stands nowhere else.
type unsubscribed0011 struct {
	Key  []byte `gorm:"primaryKey"`
	Kind string `gorm:"primaryKey"`
	At   int64  `gorm:"not null"`
}

func migrate0011(tx *gorm.DB) error {
	return tx.Table("unsubscribed").Migrator().CreateTable(&unsubscribed0011{})
}
