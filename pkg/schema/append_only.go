package schema

import (
	"fmt"

	"gorm.io/gorm"
)

// onlyAddedTo makes the database itself refuse to change or remove what is in
// a table, whoever asks: a mistake in the program, or somebody at the
// database's own command line. words say why, without an apostrophe.
func onlyAddedTo(tx *gorm.DB, table, words string) error {
	statements := []string{
		fmt.Sprintf("CREATE TRIGGER %s_no_update BEFORE UPDATE ON %[1]s BEGIN SELECT RAISE(ABORT, '%s'); END", table, words),
		fmt.Sprintf("CREATE TRIGGER %s_no_delete BEFORE DELETE ON %[1]s BEGIN SELECT RAISE(ABORT, '%s'); END", table, words),
	}
	if tx.Name() == "postgres" {
		statements = []string{
			fmt.Sprintf("CREATE FUNCTION %s_only_added() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''%s''; END'", table, words),
			fmt.Sprintf("CREATE TRIGGER %s_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON %[1]s FOR EACH STATEMENT EXECUTE FUNCTION %[1]s_only_added()", table),
		}
	}
	for _, s := range statements {
		if err := tx.Exec(s).Error; err != nil {
			return err
		}
	}
	return nil
}
