package schema

import "gorm.io/gorm"

// 0014 is what partners say of themselves in other languages than their own,
// and the networks they belong to.

// partner0014: Others is JSON, empty for none. Networks are slugs with spaces
// between.
type partner0014 struct {
	Others   string `gorm:"not null;default:''"`
	Networks string `gorm:"not null;default:''"`
}

func migrate0014(tx *gorm.DB) error {
	for _, column := range []string{"Others", "Networks"} {
		if err := tx.Table("partners").Migrator().AddColumn(&partner0014{}, column); err != nil {
			return err
		}
	}
	return nil
}
