package schema

import "gorm.io/gorm"

// appendOnly0002 holds the audit trail to what it is for.
func appendOnly0002(tx *gorm.DB) error {
	return onlyAddedTo(tx, "audit_entries", "the audit trail is only added to")
}
