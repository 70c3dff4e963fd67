package schema

import (
	"maps"
	"slices"

	"gorm.io/gorm"
)

// 0005 is what people agreed to: which texts stood on the page, as one row
// that sign requests and signatures name, and what they agreed to or took back
// later. It also lets requests be reminded of.

// terms0005 are the texts on a page in one language, by their ids in texts; 0
// where there was none.
type terms0005 struct {
	ID           int64  `gorm:"primaryKey;autoIncrement:false"`
	AppealID     int64  `gorm:"not null;uniqueIndex:terms_texts,priority:1"`
	Lang         string `gorm:"not null;uniqueIndex:terms_texts,priority:2"`
	TitleID      int64  `gorm:"not null;uniqueIndex:terms_texts,priority:3"`
	BodyID       int64  `gorm:"not null;uniqueIndex:terms_texts,priority:4"`
	DemandsID    int64  `gorm:"not null;uniqueIndex:terms_texts,priority:5"`
	ConsentID    int64  `gorm:"not null;uniqueIndex:terms_texts,priority:6"`
	RecipientsID int64  `gorm:"not null;uniqueIndex:terms_texts,priority:7"`
	ControllerID int64  `gorm:"not null;uniqueIndex:terms_texts,priority:8"`
	CreatedAt    int64  `gorm:"not null;autoCreateTime:false"`
}

// tickChange0005 is a tick given or taken back after signing. SignatureID may
// be that of a sign request.
type tickChange0005 struct {
	ID          int64 `gorm:"primaryKey;autoIncrement:false"`
	SignatureID int64 `gorm:"not null;index:tick_changes_signature"`
	Tick        int64 `gorm:"not null"`
	Given       bool  `gorm:"not null"`
	TermsID     int64 `gorm:"not null"`
	CreatedAt   int64 `gorm:"not null;autoCreateTime:false"`
}

type signRequest0005 struct {
	TermsID    int64 `gorm:"not null;default:0"`
	RemindedAt int64 `gorm:"not null;default:0"`
}

// signature0005: Mails is how many of the mails that anybody can ask for were
// sent about the signature, MailedAt when the last one was.
type signature0005 struct {
	TermsID  int64 `gorm:"not null;default:0"`
	Mails    int64 `gorm:"not null;default:0"`
	MailedAt int64 `gorm:"not null;default:0"`
}

// message0005: Renamed says that the name beside the message is another than
// the moderator saw.
type message0005 struct {
	Renamed bool `gorm:"not null;default:false"`
}

func migrate0005(tx *gorm.DB) error {
	for name, table := range map[string]any{"terms": &terms0005{}, "tick_changes": &tickChange0005{}, "terms_spans": &span0005{}} {
		if err := tx.Table(name).Migrator().CreateTable(table); err != nil {
			return err
		}
	}
	for _, added := range []struct {
		table   string
		row     any
		columns []string
	}{
		{"sign_requests", &signRequest0005{}, []string{"TermsID", "RemindedAt"}},
		{"signatures", &signature0005{}, []string{"TermsID", "Mails", "MailedAt"}},
		{"messages", &message0005{}, []string{"Renamed"}},
	} {
		for _, column := range added.columns {
			if err := tx.Table(added.table).Migrator().AddColumn(added.row, column); err != nil {
				return err
			}
		}
	}
	if err := writeTerms0005(tx); err != nil {
		return err
	}
	for _, table := range []string{"sign_requests", "signatures"} {
		// The texts that stood there when the person signed. Who was written in
		// with a time before the texts gets the first that have the versions.
		err := tx.Exec("UPDATE " + table + " SET terms_id = COALESCE(" +
			"(SELECT s.terms_id FROM terms_spans s WHERE " + sameVersions0005(table) + " AND s.since <= " + table + ".created_at ORDER BY s.since DESC LIMIT 1)," +
			"(SELECT s.terms_id FROM terms_spans s WHERE " + sameVersions0005(table) + " ORDER BY s.since LIMIT 1), 0)").Error
		if err != nil {
			return err
		}
		for _, column := range []string{"text_version", "consent_version"} {
			if err := tx.Exec("ALTER TABLE " + table + " DROP COLUMN " + column).Error; err != nil {
				return err
			}
		}
	}
	return tx.Exec("DROP TABLE terms_spans").Error
}

func sameVersions0005(table string) string {
	return "s.appeal_id = " + table + ".appeal_id AND s.lang = " + table + ".lang AND s.text_version = " + table + ".text_version AND s.consent_version = " + table + ".consent_version"
}

// span0005 says which terms stood on the pages of a language from a moment on.
// Its table lives as long as the migration.
type span0005 struct {
	AppealID       int64  `gorm:"primaryKey;autoIncrement:false"`
	Lang           string `gorm:"primaryKey"`
	TextVersion    int64  `gorm:"primaryKey;autoIncrement:false"`
	ConsentVersion int64  `gorm:"primaryKey;autoIncrement:false"`
	Since          int64  `gorm:"primaryKey;autoIncrement:false"`
	TermsID        int64  `gorm:"not null"`
}

// shown0005 are the texts of one appeal at one moment, by field and language.
type shown0005 map[[2]string]text0001

// text is a field as a page in the language had it: in that language, else in
// English, else in any.
func (s shown0005) text(field, lang string) text0001 {
	for _, l := range []string{lang, "en"} {
		if t := s[[2]string{field, l}]; t.Body != "" {
			return t
		}
	}
	var first text0001
	for key, t := range s {
		if key[0] == field && t.Body != "" && (first.ID == 0 || t.Lang < first.Lang) {
			first = t
		}
	}
	return first
}

func (s shown0005) terms(appeal int64, lang string) terms0005 {
	return terms0005{AppealID: appeal, Lang: lang, TitleID: s.text("title", lang).ID, BodyID: s.text("body", lang).ID, DemandsID: s.text("demands", lang).ID,
		ConsentID: s[[2]string{"consent", lang}].ID, RecipientsID: s.text("recipients", lang).ID, ControllerID: s.text("controller", lang).ID}
}

// writeTerms0005 walks through the history of the texts and writes what stood
// on the pages of each language, and since when.
func writeTerms0005(tx *gorm.DB) error {
	var rows []text0001
	if err := tx.Table("texts").Where("kind = 'appeal'").Order("owner_id, created_at, version, id").Find(&rows).Error; err != nil {
		return err
	}
	known := map[terms0005]int64{}
	var all []terms0005
	var spans []span0005
	now := shown0005{}
	for i, t := range rows {
		if i > 0 && rows[i-1].OwnerID != t.OwnerID {
			now = shown0005{}
		}
		now[[2]string{t.Field, t.Lang}] = t
		if i+1 < len(rows) && rows[i+1].OwnerID == t.OwnerID && rows[i+1].CreatedAt == t.CreatedAt {
			continue // saved at the same moment
		}
		for _, lang := range slices.Sorted(maps.Keys(now.consents())) {
			terms := now.terms(t.OwnerID, lang)
			if known[terms] == 0 {
				made := terms
				made.ID, made.CreatedAt = t.CreatedAt<<22|int64(len(all)), t.CreatedAt // as store.NewID made it then
				known[terms], all = made.ID, append(all, made)
			}
			spans = append(spans, span0005{AppealID: t.OwnerID, Lang: lang, TextVersion: now.text("body", lang).Version,
				ConsentVersion: now[[2]string{"consent", lang}].Version, Since: t.CreatedAt, TermsID: known[terms]})
		}
	}
	const some = 500
	for table, rows := range map[string]any{"terms": all, "terms_spans": spans} {
		if len(all) == 0 {
			break
		}
		if err := tx.Table(table).CreateInBatches(rows, some).Error; err != nil {
			return err
		}
	}
	return nil
}

// consents are the languages whose ticks have a wording.
func (s shown0005) consents() map[string]bool {
	langs := map[string]bool{}
	for key, t := range s {
		if key[0] == "consent" && t.Body != "" {
			langs[key[1]] = true
		}
	}
	return langs
}
