package schema

import "gorm.io/gorm"

// 0008 is how signatures come to be held or invalid, and back: why a row is,
// since when, and the sweeps that made it so, each with the rows it moved, so
// that it can be undone.

// signRequest0008: Doubt is why its signature will be held, ” if it will be
// counted; SentAt when the mail server took the first mail, 0 before.
type signRequest0008 struct {
	Doubt  string `gorm:"not null;default:''"`
	SentAt int64  `gorm:"not null;default:0"`
}

// signature0008: Reason is why it is held or invalid, ” otherwise; HeldAt
// since when it is held, 0 otherwise.
type signature0008 struct {
	Reason string `gorm:"not null;default:''"`
	HeldAt int64  `gorm:"not null;default:0"`
}

// sweep0008: Rule is JSON. The cursor (AtConfirmed, AtID) is how far its run
// has come through the signatures, in the order of their confirmation.
type sweep0008 struct {
	ID          int64  `gorm:"primaryKey;autoIncrement:false"`
	AppealID    int64  `gorm:"not null"`
	Rule        string `gorm:"not null"`
	FromState   string `gorm:"not null"`
	ToState     string `gorm:"not null"`
	Reason      string `gorm:"not null"`
	State       string `gorm:"not null;index:sweeps_state"`
	ByKind      string `gorm:"not null"`
	ByID        int64  `gorm:"not null"`
	Expected    int64  `gorm:"not null"`
	Looked      int64  `gorm:"not null"`
	Moved       int64  `gorm:"not null"`
	Back        int64  `gorm:"not null"`
	AtConfirmed int64  `gorm:"not null"`
	AtID        int64  `gorm:"not null"`
	Until       int64  `gorm:"not null"`
	CreatedAt   int64  `gorm:"not null;autoCreateTime:false;index:sweeps_created"`
	EndedAt     int64  `gorm:"not null"`
	UndoneAt    int64  `gorm:"not null"`
}

// sweepItem0008 is one signature a sweep moved; Was is the state it had before.
type sweepItem0008 struct {
	SweepID     int64  `gorm:"primaryKey;autoIncrement:false"`
	SignatureID int64  `gorm:"primaryKey;autoIncrement:false;index:sweep_items_signature"`
	Was         string `gorm:"not null"`
	WasReason   string `gorm:"not null"`
	WasHeldAt   int64  `gorm:"not null"`
}

func migrate0008(tx *gorm.DB) error {
	for name, table := range map[string]any{"sweeps": &sweep0008{}, "sweep_items": &sweepItem0008{}} {
		if err := tx.Table(name).Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	for _, added := range []struct {
		table   string
		row     any
		columns []string
	}{
		{"sign_requests", &signRequest0008{}, []string{"Doubt", "SentAt"}},
		{"signatures", &signature0008{}, []string{"Reason", "HeldAt"}},
	} {
		for _, column := range added.columns {
			if err := tx.Table(added.table).Migrator().AddColumn(added.row, column); err != nil {
				return err
			}
		}
	}
	// SQLite uses it only where a query has the condition word for word.
	return tx.Exec("CREATE INDEX signatures_held ON signatures (held_at) WHERE state = 'held'").Error
}
