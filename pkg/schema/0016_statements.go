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
	statements := []string{
		"CREATE TRIGGER number_statements_no_update BEFORE UPDATE ON number_statements BEGIN SELECT RAISE(ABORT, 'a statement is only added'); END",
		"CREATE TRIGGER number_statements_no_delete BEFORE DELETE ON number_statements BEGIN SELECT RAISE(ABORT, 'a statement is only added'); END",
	}
	if tx.Name() == "postgres" {
		statements = []string{
			"CREATE FUNCTION number_statements_only_added() RETURNS trigger LANGUAGE plpgsql AS " +
				"'BEGIN RAISE EXCEPTION ''a statement is only added''; END'",
			"CREATE TRIGGER number_statements_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON number_statements " +
				"FOR EACH STATEMENT EXECUTE FUNCTION number_statements_only_added()",
		}
	}
	for _, s := range statements {
		if err := tx.Exec(s).Error; err != nil {
			return err
		}
	}
	return nil
}
