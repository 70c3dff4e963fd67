package schema

import "gorm.io/gorm"

// 0016 is the statements of what the number was on a day, frozen by staff. The
// database itself refuses to change or remove one: whoever quoted it has its
// address.

// statement0016: Body is the figures and the words in every language, in JSON,
// as they stood.
type statement0016 struct {
	ID       int64  `gorm:"primaryKey;autoIncrement:false"`
	AppealID int64  `gorm:"not null;uniqueIndex:number_statements_name"`
	Name     string `gorm:"not null;uniqueIndex:number_statements_name"`
	At       int64  `gorm:"not null"`
	Counted  int64  `gorm:"not null"`
	Body     string `gorm:"not null"`
}

func migrate0016(tx *gorm.DB) error {
	if err := tx.Table("number_statements").Migrator().CreateTable(&statement0016{}); err != nil {
		return err
	}
	return onlyAddedTo(tx, "number_statements", "a statement is only added")
}
