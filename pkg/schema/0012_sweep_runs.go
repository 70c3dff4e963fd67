package schema

import "gorm.io/gorm"

// 0012 lets sweeps run by a rule: what the rule asks, what a look at it found,
// who runs it, and which sweep moved a signature last, so that an undo leaves
// alone what something else has moved since.

// sweep0012: Terms are sealed, JSON of what staff typed of people: names, mail
// domains, address ranges; NULL when it was erased. Words are staff's own, for
// the trail. Look is JSON of what the preview found.
type sweep0012 struct {
	Terms      []byte
	Words      string `gorm:"not null;default:''"`
	Look       string `gorm:"not null;default:''"`
	LeaseUntil int64  `gorm:"not null;default:0"`
}

// signature0012: SweepID is the sweep that gave it its state, 0 for none.
type signature0012 struct {
	SweepID int64 `gorm:"not null;default:0"`
}

// sweepItem0012: WasSweep is the sweep that had given it the state before.
type sweepItem0012 struct {
	WasSweep int64 `gorm:"not null;default:0"`
}

func migrate0012(tx *gorm.DB) error {
	for _, added := range []struct {
		table   string
		row     any
		columns []string
	}{
		{"sweeps", &sweep0012{}, []string{"Terms", "Words", "Look", "LeaseUntil"}},
		{"signatures", &signature0012{}, []string{"SweepID"}},
		{"sweep_items", &sweepItem0012{}, []string{"WasSweep"}},
	} {
		for _, column := range added.columns {
			if err := tx.Table(added.table).Migrator().AddColumn(added.row, column); err != nil {
				return err
			}
		}
	}
	if tx.Name() != "sqlite" {
		return nil
	}
	// So that groups of held signatures are found by the index of those, and not
	// by going through all.
	return tx.Exec("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('signatures', 'signatures_held', '100000 5')").Error
}
