package schema

import "gorm.io/gorm"

// appendOnly0002 makes the database itself refuse to change or remove what is
// in the audit trail, whoever asks: a mistake in the program, or somebody at
// the database's own command line who forgot what the trail is for.
func appendOnly0002(tx *gorm.DB) error {
	statements := []string{
		"CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END",
		"CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END",
	}
	if tx.Name() == "postgres" {
		statements = []string{
			"CREATE FUNCTION audit_entries_only_added() RETURNS trigger LANGUAGE plpgsql AS " +
				"'BEGIN RAISE EXCEPTION ''the audit trail is only added to''; END'",
			"CREATE TRIGGER audit_entries_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries " +
				"FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_only_added()",
		}
	}
	for _, s := range statements {
		if err := tx.Exec(s).Error; err != nil {
			return err
		}
	}
	return nil
}
