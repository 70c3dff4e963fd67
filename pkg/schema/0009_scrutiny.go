package schema

import (
	"gorm.io/gorm"
)

// 0009 is how the program tells what people signed from what machines did: the
// limits staff edit, the mail domains ever seen, the groups under hold, and
// the alarms at the desk.

// limit0009 is a limit: the default of its kind where Key is ”.
type limit0009 struct {
	ID      int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind    string `gorm:"not null;uniqueIndex:limits_key,priority:1"`
	Key     string `gorm:"not null;uniqueIndex:limits_key,priority:2"`
	Minutes int64  `gorm:"not null"`
	Ask     int64  `gorm:"not null"`
	Examine int64  `gorm:"not null"`
	Hold    int64  `gorm:"not null"`
	Note    string `gorm:"not null"`
}

// seenDomain0009 is a mail domain, as a keyed hash, and when the first request
// came from it.
type seenDomain0009 struct {
	DomainKey []byte `gorm:"primaryKey"`
	FirstAt   int64  `gorm:"not null"`
}

// hold0009 is a group whose signatures are held. Rule and Figures are JSON.
type hold0009 struct {
	ID       int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind     string `gorm:"not null"`
	Rule     string `gorm:"not null"`
	Reason   string `gorm:"not null"`
	Figures  string `gorm:"not null"`
	Since    int64  `gorm:"not null"`
	OpenedAt int64  `gorm:"not null"`
	SeenAt   int64  `gorm:"not null"`
	EndedAt  int64  `gorm:"not null;index:holds_ended"`
	ByKind   string `gorm:"not null"`
	ByID     int64  `gorm:"not null"`
	Cleared  bool   `gorm:"not null"`
}

// alarm0009: Figures is JSON. DoneAt is 0 while it is open.
type alarm0009 struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind      string `gorm:"not null"`
	Key       string `gorm:"not null"`
	Figures   string `gorm:"not null"`
	CreatedAt int64  `gorm:"not null;autoCreateTime:false"`
	SeenAt    int64  `gorm:"not null"`
	DoneAt    int64  `gorm:"not null;index:alarms_done"`
	DoneBy    int64  `gorm:"not null"`
}

// wellKnown0009 are domains that millions have their mail with.
var wellKnown0009 = []string{
	"gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "live.com", "icloud.com", "me.com", "aol.com", "msn.com",
	"naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com", "mail.ru", "yandex.ru", "rambler.ru", "bk.ru", "list.ru", "inbox.ru",
	"qq.com", "163.com", "126.com", "sina.com", "yahoo.co.jp", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp",
	"gmx.de", "gmx.net", "web.de", "t-online.de", "freenet.de", "orange.fr", "free.fr", "wanadoo.fr", "laposte.net", "sfr.fr", "hotmail.fr", "yahoo.fr",
	"libero.it", "hotmail.it", "hotmail.es", "hotmail.co.uk", "yahoo.co.uk", "btinternet.com", "yahoo.co.in", "rediffmail.com", "yahoo.co.id",
	"uol.com.br", "bol.com.br", "terra.com.br", "yahoo.com.br", "proton.me", "protonmail.com", "comcast.net", "att.net", "verizon.net",
}

func migrate0009(tx *gorm.DB) error {
	for name, table := range map[string]any{"limits": &limit0009{}, "seen_domains": &seenDomain0009{}, "holds": &hold0009{}, "alarms": &alarm0009{}} {
		if err := tx.Table(name).Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	rows := []limit0009{
		{Kind: "range", Minutes: 60, Ask: 60, Examine: 40},
		{Kind: "domain", Minutes: 60, Ask: 60, Examine: 40},
		{Kind: "partner", Minutes: 60, Ask: 500, Examine: 100},
		{Kind: "partner", Key: "direct", Minutes: 60, Ask: 5000, Examine: 200},
		{Kind: "country", Minutes: 60, Ask: 5000, Examine: 200},
	}
	for _, domain := range wellKnown0009 {
		rows = append(rows, limit0009{Kind: "domain", Key: domain, Minutes: 60, Ask: 5000, Examine: 200})
	}
	for i := range rows {
		rows[i].ID = int64(i + 1)
	}
	if err := tx.Table("limits").Create(&rows).Error; err != nil {
		return err
	}
	for _, statement := range []string{
		"CREATE UNIQUE INDEX alarms_open ON alarms (kind, key) WHERE done_at = 0",
		"INSERT INTO seen_domains (domain_key, first_at) SELECT substr(domain_key, 1, 8), MIN(created_at) FROM signatures WHERE domain_key IS NOT NULL GROUP BY substr(domain_key, 1, 8)",
	} {
		if err := tx.Exec(statement).Error; err != nil {
			return err
		}
	}
	return nil
}
