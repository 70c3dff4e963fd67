package appeal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Terms are the texts that stand together on a page in one language, by the
// ids of their rows in texts, 0 where there is none. What somebody agrees to
// names them, so that it is known for ever which version of each text was
// read, and in which language: a text that nobody has translated is shown in
// another one. Rows are only added, one for each combination that ever stood
// on a page.
type Terms struct {
	ID           int64
	AppealID     int64
	Lang         string
	TitleID      int64
	BodyID       int64
	DemandsID    int64
	ConsentID    int64
	RecipientsID int64
	ControllerID int64
	CreatedAt    int64
}

// TableName names GORM's table.
func (Terms) TableName() string { return "terms" }

// texts are the terms without what tells two equal ones apart.
func (t Terms) texts() Terms {
	t.ID, t.CreatedAt = 0, 0
	return t
}

// Terms are those on the pages of a language now; zero for a language whose
// ticks have no wording.
func (c *Current) Terms(lang string) Terms { return c.terms[lang] }

// Agreed is the id of the terms somebody read on a page in the language: those
// the page named, which may be older than the newest, or if it named none that
// ever stood there, those of now.
func (c *Current) Agreed(named int64, lang string) int64 {
	if c.known[named] == lang && lang != "" {
		return named
	}
	return c.terms[lang].ID
}

// compose puts together what stands on the pages of each language whose ticks
// have a wording.
func (c *Current) compose() map[string]Terms {
	all := map[string]Terms{}
	for lang, wording := range c.texts[Consent] {
		if wording.Body == "" {
			continue
		}
		all[lang] = Terms{AppealID: c.ID, Lang: lang, ConsentID: wording.ID,
			TitleID: c.Text(Title, lang).ID, BodyID: c.Text(Body, lang).ID, DemandsID: c.Text(Demands, lang).ID,
			RecipientsID: c.Text(Recipients, lang).ID, ControllerID: c.Text(Controller, lang).ID}
	}
	return all
}

// readTerms finds the rows of what stands on the pages now, and returns what
// has no row yet.
func (c *Current) readTerms(db *gorm.DB) (missing []Terms, err error) {
	var rows []Terms
	if err := db.Where("appeal_id = ?", c.ID).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read terms: %w", err)
	}
	c.known, c.terms = make(map[int64]string, len(rows)), map[string]Terms{}
	byTexts := make(map[Terms]Terms, len(rows))
	for _, r := range rows {
		c.known[r.ID], byTexts[r.texts()] = r.Lang, r
	}
	composed := c.compose()
	for _, lang := range slices.Sorted(maps.Keys(composed)) {
		if row, ok := byTexts[composed[lang]]; ok {
			c.terms[lang] = row
		} else {
			missing = append(missing, composed[lang])
		}
	}
	return missing, nil
}

// writeTerms adds rows; another copy of the program may have been quicker.
func (a *Appeal) writeTerms(ctx context.Context, rows []Terms) error {
	err := a.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		for i := range rows {
			rows[i].ID, rows[i].CreatedAt = a.store.NewID(), tx.NowFunc().UnixMilli()
		}
		var texts []clause.Column
		for _, name := range []string{"appeal_id", "lang", "title_id", "body_id", "demands_id", "consent_id", "recipients_id", "controller_id"} {
			texts = append(texts, clause.Column{Name: name})
		}
		return tx.Clauses(clause.OnConflict{Columns: texts, DoNothing: true}).Create(&rows).Error
	})
	if err != nil {
		return fmt.Errorf("write terms: %w", err)
	}
	return nil
}

// readAgreed returns terms by id with their texts.
func readAgreed(db *gorm.DB, ids []int64) (map[int64]agreed, error) {
	var rows []Terms
	if err := db.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read terms: %w", err)
	}
	var textIDs []int64
	for _, r := range rows {
		textIDs = append(textIDs, r.ConsentID, r.RecipientsID)
	}
	var read []Text
	if err := db.Where("id IN ?", textIDs).Find(&read).Error; err != nil {
		return nil, fmt.Errorf("read the texts of terms: %w", err)
	}
	byID := map[int64]Text{}
	for _, t := range read {
		byID[t.ID] = t
	}
	out := make(map[int64]agreed, len(rows))
	for _, r := range rows {
		out[r.ID] = agreed{wording: byID[r.ConsentID], recipients: byID[r.RecipientsID]}
	}
	return out, nil
}

// agreed is what the ticks said under some terms.
type agreed struct{ wording, recipients Text }
