package schema

import "gorm.io/gorm"

// 0004 is where banners appear: the pages they were seen on, what came of
// each, and the hosts partners say are theirs.

// placement0004 is a page on which a partner's banner was seen, with sums of
// all its days. Path is "" for the pages of a host that are not told apart,
// host is "" where nobody said which page it was.
type placement0004 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false;index:placements_partner,priority:3;index:placements_newest,priority:2"`
	PartnerID int64  `gorm:"not null;uniqueIndex:placements_page,priority:1;index:placements_partner,priority:1"`
	Host      string `gorm:"not null;uniqueIndex:placements_page,priority:2"`
	Path      string `gorm:"not null;uniqueIndex:placements_page,priority:3"`
	Layouts   int64  `gorm:"not null"` // a bit for each
	FirstSeen int64  `gorm:"not null"`
	LastSeen  int64  `gorm:"not null;index:placements_partner,priority:2;index:placements_newest,priority:1"`
	Frames    int64  `gorm:"not null"`
	Clicks    int64  `gorm:"not null"`
}

// placementDay0004 is what was seen there on one day.
type placementDay0004 struct {
	PlacementID int64  `gorm:"primaryKey;autoIncrement:false"`
	Day         string `gorm:"primaryKey;index:placement_days_day"`
	Layout      int64  `gorm:"primaryKey;autoIncrement:false"`
	Frames      int64  `gorm:"not null"`
	Clicks      int64  `gorm:"not null"`
}

// partnerHost0004 is a host a partner says is its own, besides its website's.
type partnerHost0004 struct {
	PartnerID int64  `gorm:"primaryKey;autoIncrement:false"`
	Host      string `gorm:"primaryKey;index:partner_hosts_host"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
}

type signRequest0004 struct {
	PlacementID int64 `gorm:"not null;default:0"`
}

type signature0004 struct {
	PlacementID int64 `gorm:"not null;default:0"`
}

// partner0004 has the day its banner was last seen when its people were told
// that it is gone; "" when they never were.
type partner0004 struct {
	MissedSince string `gorm:"not null;default:''"`
}

func migrate0004(tx *gorm.DB) error {
	for name, table := range map[string]any{
		"placements": &placement0004{}, "placement_days": &placementDay0004{}, "partner_hosts": &partnerHost0004{},
	} {
		if err := tx.Table(name).Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	for _, added := range []struct {
		table, column string
		row           any
	}{
		{"sign_requests", "PlacementID", &signRequest0004{}},
		{"signatures", "PlacementID", &signature0004{}},
		{"partners", "MissedSince", &partner0004{}},
	} {
		if err := tx.Table(added.table).Migrator().AddColumn(added.row, added.column); err != nil {
			return err
		}
	}
	return nil
}
