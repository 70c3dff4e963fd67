package appeal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"olivebranch/pkg/plaintext"
)

// marking is the version of the rules by which contact data are found; with a
// higher one all messages are looked at again.
const marking = 1

// mostMarked is how many messages are looked at in one transaction.
const mostMarked = 500

// Mark looks for contact data in the messages that came since the last time,
// and for the language of those that wait, which came with that of the form.
// It says how many there were.
func (m *Messages) Mark(ctx context.Context) (int, error) {
	done := 0
	for {
		var rows []Message
		err := m.store.Read(ctx).Select("id", "lang", "body").Where("marking < ?", marking).Order("marking, id").Limit(mostMarked).Find(&rows).Error
		if err != nil {
			return done, fmt.Errorf("find messages to mark: %w", err)
		}
		if len(rows) == 0 {
			return done, nil
		}
		if err := m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return mark(tx, rows) }); err != nil {
			return done, fmt.Errorf("mark messages: %w", err)
		}
		done += len(rows)
	}
}

func mark(tx *gorm.DB, rows []Message) error {
	for _, r := range rows {
		found := map[plaintext.ContactKind]bool{}
		for _, c := range plaintext.Contacts(r.Body) {
			found[c.Kind] = true
		}
		var marks []string
		for _, k := range plaintext.ContactKinds() {
			if found[k] {
				marks = append(marks, string(k))
			}
		}
		// A moderator may have decided since the rows were read, and knows the
		// language better.
		err := tx.Exec("UPDATE messages SET lang = CASE WHEN marking = 0 AND state = ? THEN ? ELSE lang END, marks = ?, marking = ? WHERE id = ?",
			MessageWaiting, spokenIn(r.Body, r.Lang), strings.Join(marks, " "), marking, r.ID).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// scripts tell languages apart, roughly. The first language stands for those
// written in it, unless the form was in another of these.
var scripts = []struct {
	table *unicode.RangeTable
	langs []string
}{
	{unicode.Hangul, []string{"ko"}},
	{unicode.Hiragana, []string{"ja"}},
	{unicode.Katakana, []string{"ja"}},
	{unicode.Han, []string{"zh", "ja"}},
	{unicode.Arabic, []string{"ar", "fa", "ur"}},
	{unicode.Cyrillic, []string{"ru", "uk", "be", "bg", "sr", "kk", "mn"}},
	{unicode.Devanagari, []string{"hi", "ne", "mr"}},
	{unicode.Thai, []string{"th"}},
	{unicode.Greek, []string{"el"}},
	{unicode.Hebrew, []string{"he"}},
	{unicode.Latin, []string{"en", "fr", "es", "de", "id", "pt", "it", "nl", "tr", "vi", "pl", "sw"}},
}

// SpokenLanguages are the languages that are told apart; a moderator knows
// better.
func SpokenLanguages() []string {
	var all []string
	for _, s := range scripts {
		all = append(all, s.langs...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// spokenIn guesses the language of words that were sent with a form in form's:
// people write in their own whatever the page is in. Kana beside Han is
// Japanese, however few.
func spokenIn(words, form string) string {
	n := make([]int, len(scripts))
	for _, r := range words {
		for i, s := range scripts {
			if unicode.Is(s.table, r) {
				n[i]++
				break
			}
		}
	}
	const hiragana, katakana, han = 1, 2, 3
	if n[hiragana]+n[katakana] > 0 {
		n[hiragana] += n[katakana] + n[han]
		n[katakana], n[han] = 0, 0
	}
	n[len(n)-1] /= 3 // Latin letters are also in links and names, and three make a syllable
	most := -1
	for i := range n {
		if n[i] > 0 && (most < 0 || n[i] > n[most]) {
			most = i
		}
	}
	if most < 0 {
		return form
	}
	for _, l := range scripts[most].langs {
		if l == form {
			return form
		}
	}
	return scripts[most].langs[0]
}
