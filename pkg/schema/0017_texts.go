package schema

import "gorm.io/gorm"

// 0017 brings all texts of staff into one table, each with the language it was
// translated from, so that a translator sees what is missing and what changed.

// text0017 is what texts gets: BaseLang is "" of an original.
type text0017 struct {
	BaseLang string `gorm:"not null;default:''"`
}

// moved0017 is a text of a design or a phrase as it was kept until now.
type moved0017 struct {
	Kind, Field, Lang, Body string
	OwnerID, CreatedAt      int64
}

func migrate0017(tx *gorm.DB) error {
	if err := tx.Table("texts").Migrator().AddColumn(&text0017{}, "BaseLang"); err != nil {
		return err
	}
	// BaseVersion was that of English until now, whatever the language.
	if err := tx.Exec("UPDATE texts SET base_lang = 'en' WHERE kind = 'appeal' AND lang <> 'en' AND base_version > 0").Error; err != nil {
		return err
	}
	var rows []moved0017
	err := tx.Raw("SELECT 'design' AS kind, 'slogan' AS field, t.lang, t.slogan AS body, t.design_id AS owner_id, d.created_at FROM design_texts t JOIN designs d ON d.id = t.design_id WHERE t.slogan <> ''" +
		" UNION ALL SELECT 'design', 'label', t.lang, t.label, t.design_id, d.created_at FROM design_texts t JOIN designs d ON d.id = t.design_id WHERE t.label <> ''" +
		" UNION ALL SELECT 'phrase', t.phrase_key, t.lang, t.body, 0, p.created_at FROM phrase_texts t JOIN phrases p ON p.key = t.phrase_key WHERE t.body <> ''" +
		" ORDER BY kind, owner_id, field, lang").Scan(&rows).Error
	if err != nil {
		return err
	}
	english := map[moved0017]bool{} // whose English there is
	whose := func(r moved0017) moved0017 {
		return moved0017{Kind: r.Kind, OwnerID: r.OwnerID, Field: r.Field}
	}
	for _, r := range rows {
		english[whose(r)] = english[whose(r)] || r.Lang == "en"
	}
	for i, r := range rows {
		row := map[string]any{"id": r.CreatedAt<<22 | int64(i), // as store.NewID made it then
			"kind": r.Kind, "owner_id": r.OwnerID, "field": r.Field, "lang": r.Lang, "version": 1, "base_lang": "", "base_version": 0,
			"body": r.Body, "staff_id": 0, "created_at": r.CreatedAt}
		if r.Lang != "en" && (r.Kind == "phrase" || english[whose(r)]) { // a phrase has English from the program, version 0
			row["base_lang"] = "en"
			if english[whose(r)] {
				row["base_version"] = 1
			}
		}
		if err := tx.Table("texts").Create(row).Error; err != nil {
			return err
		}
	}
	for _, table := range []string{"design_texts", "phrase_texts"} {
		if err := tx.Migrator().DropTable(table); err != nil {
			return err
		}
	}
	return nil
}
