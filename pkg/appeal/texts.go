package appeal

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"olivebranch/pkg/store"
)

// Field is a text of the appeal that staff write, in any languages.
type Field string

// The fields. Consent is not written by staff: it is the wording of the ticks
// as the catalogue had it, kept so that a signature can name what was read.
const (
	Title      Field = "title"
	Campaign   Field = "campaign"
	Summary    Field = "summary"
	Body       Field = "body"
	Demands    Field = "demands" // one on each line
	Slogan     Field = "slogan"
	Controller Field = "controller" // who is responsible for the data, with address
	Recipients Field = "recipients"
	Consent    Field = "consent"
)

// Fields are those staff edit, in the order of the page.
var Fields = []Field{Campaign, Title, Summary, Body, Demands, Slogan, Controller, Recipients}

// DefaultLang is the language every text falls back to.
const DefaultLang = "en"

// Text is one version of a field in one language.
type Text struct {
	ID      int64
	Lang    string
	Version int64
	Body    string
}

type textKey struct {
	field Field
	lang  string
}

// textRow is append-only: a change is a new version.
type textRow struct {
	ID          int64
	Kind        string
	OwnerID     int64
	Field       Field
	Lang        string
	Version     int64
	BaseVersion int64
	Body        string
	StaffID     int64
	CreatedAt   int64
}

func (textRow) TableName() string { return "texts" }

func (r textRow) text() Text { return Text{ID: r.ID, Lang: r.Lang, Version: r.Version, Body: r.Body} }

const textKind = "appeal"

// readTexts returns the newest version of every field and language.
func readTexts(db *gorm.DB, appealID int64) (map[textKey]Text, error) {
	var rows []textRow
	err := db.Where("kind = ? AND owner_id = ?", textKind, appealID).Order("version").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	texts := map[textKey]Text{}
	for _, r := range rows {
		texts[textKey{r.Field, r.Lang}] = r.text()
	}
	return texts, nil
}

// Text returns a field in the language, or in DefaultLang, or in any; the
// result says which. Empty when nobody wrote it.
func (c *Current) Text(field Field, lang string) Text {
	for _, l := range []string{lang, DefaultLang} {
		if t := c.texts[textKey{field, l}]; t.Body != "" {
			return t
		}
	}
	var first Text
	for k, t := range c.texts {
		if k.field == field && t.Body != "" && (first.Lang == "" || t.Lang < first.Lang) {
			first = t
		}
	}
	return first
}

// Exact returns a field in just this language; zero when there is none.
func (c *Current) Exact(field Field, lang string) Text { return c.texts[textKey{field, lang}] }

// SaveText adds a version of a field; nothing happens when the body is the
// newest version's.
func (a *Appeal) SaveText(ctx context.Context, field Field, lang, body string, staffID int64) error {
	return a.SaveTexts(ctx, lang, map[Field]string{field: body}, staffID)
}

// SaveTexts does the same for several fields of a language at once.
func (a *Appeal) SaveTexts(ctx context.Context, lang string, bodies map[Field]string, staffID int64) error {
	changed := false
	err := a.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		have, err := readTexts(tx, a.Current().ID)
		if err != nil {
			return err
		}
		var rows []textRow
		for field, body := range bodies {
			last := have[textKey{field, lang}]
			if last.Body == body {
				continue
			}
			rows = append(rows, textRow{ID: a.store.NewID(), Kind: textKind, OwnerID: a.Current().ID, Field: field, Lang: lang,
				Version: last.Version + 1, BaseVersion: have[textKey{field, DefaultLang}].Version, Body: body,
				StaffID: staffID, CreatedAt: tx.NowFunc().UnixMilli()})
		}
		if len(rows) == 0 {
			return nil
		}
		changed = true
		if err := tx.Create(&rows).Error; err != nil {
			return fmt.Errorf("save texts in %s: %w", lang, err)
		}
		_, err = store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil || !changed {
		return err
	}
	return a.Reload(ctx)
}
