package appeal

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
	"olivebranch/pkg/texts"
)

// translationKind and translationField are where translations of messages
// stand among the texts by staff.
const (
	translationKind  = "message"
	translationField = "translation"
)

// Translation is what a message says in another language, as staff wrote it.
type Translation struct {
	Lang    string
	Version int64
	Body    string
	At      int64 // when it was written
	By      int64 // account
}

// In is the translation into a language, nil where there is none, or where the
// message is in that language itself.
func (m Message) In(lang string) *Translation {
	if m.Lang == lang {
		return nil
	}
	for i := range m.Said {
		if m.Said[i].Lang == lang {
			return &m.Said[i]
		}
	}
	return nil
}

// original stands for the words that were translated, so that the translation
// of words a partner has changed since is not shown.
func original(body string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(body))
	return int64(h.Sum64() >> 1)
}

// translate gives messages their newest translations.
func translate(db *gorm.DB, rows []Message) error {
	if len(rows) == 0 {
		return nil
	}
	at := make(map[int64]int, len(rows))
	for i, r := range rows {
		at[r.ID] = i
	}
	ids := make([]int64, 0, len(rows))
	for id := range at {
		ids = append(ids, id)
	}
	var versions []texts.Version
	err := db.Where("kind = ? AND owner_id IN ? AND field = ?", translationKind, ids, translationField).Order("version DESC").Find(&versions).Error
	if err != nil {
		return fmt.Errorf("read translations: %w", err)
	}
	seen := map[string]bool{}
	for _, t := range versions {
		key := fmt.Sprint(t.OwnerID, t.Lang)
		row := &rows[at[t.OwnerID]]
		if !seen[key] && t.Body != "" && t.BaseVersion == original(row.Body) {
			row.Said = append(row.Said, Translation{Lang: t.Lang, Version: t.Version, Body: t.Body, At: t.CreatedAt, By: t.StaffID})
		}
		seen[key] = true
	}
	for i := range rows {
		slices.SortFunc(rows[i].Said, func(a, b Translation) int { return strings.Compare(a.Lang, b.Lang) })
	}
	return nil
}

// Rendering is a translation as staff typed it.
type Rendering struct {
	Message int64
	Lang    string
	Version int64 // of the one it was made from, 0 for none
	Body    string
}

// Translate adds a version of a translation; no words take it away. Nothing
// happens when they are those it has. ErrNoMessage; ErrMessageMoved when
// somebody else has written since; Invalid at the field words.
func (m *Messages) Translate(ctx context.Context, r Rendering, by audit.Actor) error {
	body, err := plaintext.Clean(r.Body, plaintext.Message)
	if err != nil {
		refused := fault.Fields{}
		refused.Add("words", err)
		return refused.Err()
	}
	message, err := m.Find(ctx, r.Message)
	if err != nil {
		return err
	}
	var change store.Change
	err = m.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		change = store.Change{}
		if !message.Own { // whose message it is may take it away meanwhile
			if _, err := m.lock(tx, r.Message); err != nil {
				return err
			}
		}
		var last texts.Version
		err := tx.Where("kind = ? AND owner_id = ? AND field = ? AND lang = ?", translationKind, r.Message, translationField, r.Lang).
			Order("version DESC").Limit(1).Find(&last).Error
		if err != nil {
			return fmt.Errorf("read the translation of message %d: %w", r.Message, err)
		}
		base := original(message.Body)
		if last.Body == body && (last.BaseVersion == base || body == "") {
			return nil
		}
		if last.Version != r.Version {
			return ErrMessageMoved
		}
		err = texts.Archive{Store: m.store}.Add(tx, by, texts.Draft{Of: texts.Of{Kind: translationKind, OwnerID: r.Message, Field: translationField},
			Lang: r.Lang, Body: body, Seen: last.Version, BaseLang: message.Lang, BaseVersion: base})
		if err != nil {
			return fmt.Errorf("translate message %d: %w", r.Message, err)
		}
		deed := audit.Deed{Action: "message.translated", Subject: "message", SubjectID: r.Message, After: map[string]any{"lang": r.Lang, "version": last.Version + 1}}
		if err := (audit.Trail{Store: m.store}).Note(tx, by, deed); err != nil {
			return err
		}
		change, err = store.Bump(tx, store.TopicMessages)
		return err
	})
	if err != nil || change.N == 0 {
		return err
	}
	return m.renew(ctx, r.Message, change.N)
}

// TextVersion is the number of the newest translation of a message into a
// language, taken away or not; 0 for none.
func (m *Messages) TextVersion(ctx context.Context, message int64, lang string) (int64, error) {
	var n int64
	err := m.store.Read(ctx).Raw("SELECT COALESCE(MAX(version), 0) FROM texts WHERE kind = ? AND owner_id = ? AND field = ? AND lang = ?",
		translationKind, message, translationField, lang).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("read the versions of a translation: %w", err)
	}
	return n, nil
}

// deleteMessages erases the messages of a signature, with what they say in
// other languages and with the reports about them, which may quote them, and
// says how many there were. The messages go first: a translation that is being
// written has them locked, and is there once they are free.
func deleteMessages(tx *gorm.DB, signature int64) (int, error) {
	var ids []int64
	if err := tx.Raw("DELETE FROM messages WHERE signature_id = ? RETURNING id", signature).Scan(&ids).Error; err != nil {
		return 0, fmt.Errorf("delete messages: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	if err := tx.Exec("DELETE FROM texts WHERE kind = ? AND owner_id IN ?", translationKind, ids).Error; err != nil {
		return 0, fmt.Errorf("delete translations: %w", err)
	}
	if err := tx.Exec("DELETE FROM reports WHERE subject = 'message' AND subject_id IN ?", ids).Error; err != nil {
		return 0, fmt.Errorf("delete reports: %w", err)
	}
	return len(ids), nil
}
