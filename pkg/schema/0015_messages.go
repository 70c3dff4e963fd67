package schema

import "gorm.io/gorm"

// 0015 is how messages are moderated, and the reports about messages and
// partners.

// message0015: Version counts what a moderator must have seen before deciding.
// Reason is why a message was refused; Was is what it was before the last
// decision, for taking that back. Marks are the kinds of contact data found in
// it by rules of version Marking, 0 for not looked at yet.
type message0015 struct {
	Version int64  `gorm:"not null;default:0"`
	Reason  string `gorm:"not null;default:''"`
	Was     string `gorm:"not null;default:''"`
	Marks   string `gorm:"not null;default:''"`
	Marking int64  `gorm:"not null;default:0"`
}

// report0015 is what a visitor said about a message or a partner; nothing in
// it says who.
type report0015 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Subject   string `gorm:"not null"`
	SubjectID int64  `gorm:"not null"`
	Reason    string `gorm:"not null"`
	Words     string `gorm:"not null"`
	Lang      string `gorm:"not null"`
	State     string `gorm:"not null;index:reports_state,priority:1"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false;index:reports_state,priority:2"`
	DecidedAt int64  `gorm:"not null"`
	DecidedBy int64  `gorm:"not null"`
}

func migrate0015(tx *gorm.DB) error {
	if err := tx.Table("reports").Migrator().CreateTable(&report0015{}); err != nil {
		return err
	}
	for _, column := range []string{"Version", "Reason", "Was", "Marks", "Marking"} {
		if err := tx.Table("messages").Migrator().AddColumn(&message0015{}, column); err != nil {
			return err
		}
	}
	statements := []string{
		// Until now a message did not know through which partner its writer came.
		"UPDATE messages SET partner_id = (SELECT s.partner_id FROM signatures s WHERE s.id = messages.signature_id)" +
			" WHERE partner_id = 0 AND EXISTS (SELECT 1 FROM signatures s WHERE s.id = messages.signature_id AND s.partner_id <> 0)",
		"CREATE INDEX messages_marking ON messages (marking, id)",
		"CREATE INDEX messages_marked ON messages (state, created_at) WHERE marks <> ''",
		"CREATE INDEX messages_renamed ON messages (created_at, id) WHERE renamed",
		"CREATE INDEX reports_open ON reports (subject, subject_id) WHERE state = 'open'",
	}
	if tx.Name() == "sqlite" {
		// Nearly all messages are of one marking, and of one state.
		statements = append(statements, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES"+
			" ('messages', 'messages_marking', '100000 50000 1'), ('messages', 'messages_state', '100000 30000 2'), ('messages', 'messages_marked', '1000 300 2'), ('messages', 'messages_renamed', '100 2 1'),"+
			" ('messages', 'messages_signature', '100000 1'), ('reports', 'reports_state', '10000 3000 1')")
	}
	for _, s := range statements {
		if err := tx.Exec(s).Error; err != nil {
			return err
		}
	}
	return nil
}
