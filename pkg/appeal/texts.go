package appeal

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/store"
	"olivebranch/pkg/texts"
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
const DefaultLang = texts.Default

// Text is one version of a field in one language.
type Text = texts.Version

// TextKind is what the appeal's texts are called among those of staff.
const TextKind = "appeal"

// of names a field among all texts of staff.
func (c *Current) of(field Field) texts.Of {
	return texts.Of{Kind: TextKind, OwnerID: c.ID, Field: string(field)}
}

// readTexts returns the newest version of every field and language.
func readTexts(db *gorm.DB, appealID int64) (map[Field]texts.Wording, error) {
	all, err := texts.Newest(db, TextKind)
	if err != nil {
		return nil, err
	}
	own := map[Field]texts.Wording{}
	for of, wording := range all {
		if of.OwnerID == appealID {
			silenceStart(wording)
			own[Field(of.Field)] = wording
		}
	}
	return own, nil
}

// silenceStart takes away what a new campaign says in the languages that its
// staff have not written yet, as soon as they have written one: readers of the
// others get the campaign's own words, not a program's that say it has none.
// The versions stay, so that the next one follows on them.
func silenceStart(w texts.Wording) {
	byStaff := false
	for _, v := range w {
		byStaff = byStaff || v.StaffID != 0
	}
	for lang, v := range w {
		if byStaff && v.StaffID == 0 && v.Version == 1 {
			v.Body = ""
			w[lang] = v
		}
	}
}

// Text returns a field in the language, or in DefaultLang, or in any; the
// result says which. Empty when nobody wrote it.
func (c *Current) Text(field Field, lang string) Text { return c.texts[field].In(lang) }

// Exact returns a field in just this language; zero when there is none.
func (c *Current) Exact(field Field, lang string) Text { return c.texts[field][lang] }

// Wording is a field in all languages; shared, not to be changed.
func (c *Current) Wording(field Field) texts.Wording { return c.texts[field] }

// Bodies are what fields are to say, by language.
type Bodies map[string]map[Field]string

// SaveText adds a version of a field; nothing happens when the body is the
// newest version's. staffID is 0 for the program itself.
func (a *Appeal) SaveText(ctx context.Context, field Field, lang, body string, staffID int64) error {
	return a.SaveTexts(ctx, Bodies{lang: {field: body}}, staffID)
}

// SaveTexts does the same for several fields and languages at once. What is
// written together with English is a translation of it.
func (a *Appeal) SaveTexts(ctx context.Context, bodies Bodies, staffID int64) error {
	by := audit.Actor{Kind: audit.Program}
	if staffID != 0 {
		by = audit.Actor{Kind: audit.Staff, ID: staffID}
	}
	return a.write(ctx, by, func(have map[Field]texts.Wording) (drafts []texts.Draft) {
		for _, lang := range append([]string{DefaultLang}, slices.Sorted(maps.Keys(bodies))...) {
			for field, body := range bodies[lang] {
				if have[field][lang].Body != body {
					d := have[field].Draft(a.Current().of(field), lang, body)
					drafts, have[field] = append(drafts, d), have[field].With(d)
				}
			}
		}
		return drafts
	})
}

// Translate adds a version of a field as a translator made it: what it is of
// comes from here, all else from the draft. texts.ErrMoved.
func (a *Appeal) Translate(ctx context.Context, field Field, d texts.Draft, by audit.Actor) error {
	d.Of = a.Current().of(field)
	return a.write(ctx, by, func(map[Field]texts.Wording) []texts.Draft { return []texts.Draft{d} })
}

// write adds the versions that somebody wants, knowing what is there.
func (a *Appeal) write(ctx context.Context, by audit.Actor, want func(have map[Field]texts.Wording) []texts.Draft) error {
	var drafts []texts.Draft
	err := a.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		have, err := readTexts(tx, a.Current().ID)
		if err != nil {
			return err
		}
		if drafts = want(have); len(drafts) == 0 {
			return nil
		}
		if err := (texts.Archive{Store: a.store, Trail: audit.Trail{Store: a.store}}).Save(tx, by, drafts...); err != nil {
			return err
		}
		_, err = store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil || len(drafts) == 0 {
		return err
	}
	return a.Reload(ctx)
}
