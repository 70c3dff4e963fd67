package schema

import "gorm.io/gorm"

// 0003 is what banners say and look like: the designs of staff, and what a
// partner makes of its own.

// design0003 has its days in UTC as 2006-01-02, the first and the last on which
// it shows; "" for no end on that side.
type design0003 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Code      string `gorm:"not null;uniqueIndex:designs_code"`
	State     string `gorm:"not null"`
	Position  int64  `gorm:"not null"`
	Button    string `gorm:"not null"`
	Figure    string `gorm:"not null"`
	FirstDay  string `gorm:"not null"`
	LastDay   string `gorm:"not null"`
	Version   int64  `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

type designText0003 struct {
	DesignID int64  `gorm:"primaryKey;autoIncrement:false"`
	Lang     string `gorm:"primaryKey"`
	Slogan   string `gorm:"not null"`
	Label    string `gorm:"not null"`
}

// partner0003: Design is the code of the one it chose, "" for whichever staff
// prefer.
type partner0003 struct {
	Design   string `gorm:"not null;default:''"`
	Line     string `gorm:"not null;default:''"`
	LineLang string `gorm:"not null;default:''"`
}

func migrate0003(tx *gorm.DB) error {
	if err := tx.Table("designs").Migrator().CreateTable(&design0003{}); err != nil {
		return err
	}
	if err := tx.Table("design_texts").Migrator().CreateTable(&designText0003{}); err != nil {
		return err
	}
	partners := tx.Table("partners").Migrator()
	for _, column := range []string{"Design", "Line", "LineLang"} {
		if err := partners.AddColumn(&partner0003{}, column); err != nil {
			return err
		}
	}
	return nil
}
