package schema

import "gorm.io/gorm"

// 0010 is how mail goes out: whose domain a mail is for, how each domain takes
// mail, how many were sent when, and the addresses that take none.

// outbox0010: DomainKey is the keyed hash of the recipient's domain; NULL before
// the upgrade.
type outbox0010 struct {
	DomainKey []byte
}

// mailStop0010 is an address that nothing is mailed to until a time, as the
// outbox knows it.
type mailStop0010 struct {
	RecipientKey []byte `gorm:"primaryKey"`
	Reason       string `gorm:"not null"`
	StoppedAt    int64  `gorm:"not null"`
	Until        int64  `gorm:"not null;index:mail_stops_until"`
}

// mailDomain0010 is a domain mail is sent to. Name is sealed, NULL until so
// many people asked for mail there that it says nothing of one. Points are how
// much went wrong since a mail was taken; Level is how often mail was held
// back since, Until how long it is.
type mailDomain0010 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	DomainKey []byte `gorm:"not null;uniqueIndex:mail_domains_key"`
	Name      []byte
	Asked     int64 `gorm:"not null"`
	Points    int64 `gorm:"not null"`
	Level     int64 `gorm:"not null"`
	Until     int64 `gorm:"not null"`
}

// mailDay0010 counts what a domain was sent on a day (UTC), and how many of
// those who were asked confirmed.
type mailDay0010 struct {
	DomainKey []byte `gorm:"primaryKey"`
	Day       string `gorm:"primaryKey;index:mail_days_day"`
	Asked     int64  `gorm:"not null"`
	Confirmed int64  `gorm:"not null"`
	Sent      int64  `gorm:"not null"`
	Deferred  int64  `gorm:"not null"`
	Refused   int64  `gorm:"not null"`
}

// mailSpan0010 counts what was tried and taken in a span of 1 or 60 seconds,
// since Start in Unix milliseconds.
type mailSpan0010 struct {
	Seconds int64 `gorm:"primaryKey;autoIncrement:false"`
	Start   int64 `gorm:"primaryKey;autoIncrement:false"`
	Tried   int64 `gorm:"not null"`
	Sent    int64 `gorm:"not null"`
}

// mailState0010 has one row: since when no mail server is reached, 0 while one
// is, and up to which signature confirmations were counted by domain.
type mailState0010 struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"`
	DownSince int64 `gorm:"not null"`
	CountedTo int64 `gorm:"not null"`
}

func migrate0010(tx *gorm.DB) error {
	for name, table := range map[string]any{"mail_stops": &mailStop0010{}, "mail_domains": &mailDomain0010{},
		"mail_days": &mailDay0010{}, "mail_spans": &mailSpan0010{}, "mail_state": &mailState0010{}} {
		if err := tx.Table(name).Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	if err := tx.Table("outbox").Migrator().AddColumn(&outbox0010{}, "DomainKey"); err != nil {
		return err
	}
	statements := []string{
		// Confirmations are counted from here on; the mails before were not.
		"INSERT INTO mail_state (id, down_since, counted_to) SELECT 1, 0, COALESCE(MAX(confirmed_at), 0) FROM signatures",
	}
	if tx.Name() == "sqlite" {
		statements = append(statements, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('mail_days', 'sqlite_autoindex_mail_days_1', '1000000 30 1'), ('mail_days', 'mail_days_day', '1000000 30000')")
	}
	for _, s := range statements {
		if err := tx.Exec(s).Error; err != nil {
			return err
		}
	}
	return nil
}
