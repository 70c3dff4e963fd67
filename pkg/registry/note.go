package registry

import (
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Note is a row: what somebody remarked about an application or a partner. It
// stays as long as what it is about, but for what EraseContacts erases. AuthorID is a staff account's, or the link's with which a
// trusted reader came; Author, sealed, is the name a reader gave.
type Note struct {
	ID         int64
	Subject    string
	SubjectID  int64
	AuthorKind string // audit.Staff, audit.Reader, or audit.Applicant for an answer
	AuthorID   int64
	Author     []byte
	Body       string
	Lang       string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

const sealedNoteAuthor = "notes.author"

// Words are somebody's own, in the language they say.
type Words struct{ Body, Lang string }

// check cleans words. The fields refused are note and note_lang.
func (w Words) check(known Known) (Words, fault.Fields) {
	refused := fault.Fields{}
	body, err := plaintext.Required(w.Body, plaintext.Message)
	refused.Add("note", err)
	refused.Add("note_lang", chosen(w.Lang, known.Language, "mail_lang"))
	return Words{Body: body, Lang: w.Lang}, refused
}

// AddNote notes words of staff. Invalid with a sentence for each refused
// field; ErrNoApplication and ErrNoPartner.
func (r *Registry) AddNote(ctx context.Context, about About, words Words, by audit.Actor) error {
	words, refused := words.check(r.Known)
	if err := refused.Err(); err != nil {
		return err
	}
	return r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := exists(tx, about); err != nil {
			return err
		}
		n := Note{ID: r.Store.NewID(), AuthorKind: by.Kind, AuthorID: by.ID, Body: words.Body, Lang: words.Lang}
		return r.notedBy(tx, by, about, n, audit.Deed{Action: "note.added"})
	})
}

// note stores a note that is checked. One without an id gets one.
func (r *Registry) note(tx *gorm.DB, about About, n Note) error {
	if n.ID == 0 {
		n.ID = r.Store.NewID()
	}
	n.Subject, n.SubjectID, n.CreatedAt = about.Subject, about.ID, r.Now().UnixMilli()
	if err := tx.Create(&n).Error; err != nil {
		return fmt.Errorf("note on %s %d: %w", about.Subject, about.ID, err)
	}
	return nil
}

// notedBy stores a note and the deed of it.
func (r *Registry) notedBy(tx *gorm.DB, by audit.Actor, about About, n Note, d audit.Deed) error {
	if err := r.note(tx, about, n); err != nil {
		return err
	}
	d.Subject, d.SubjectID, d.After = about.Subject, about.ID, map[string]any{"note": strconv.FormatInt(n.ID, 10)}
	return r.Trail.Note(tx, by, d)
}

// exists refuses what there is no row of.
func exists(tx *gorm.DB, about About) error {
	table, missing := "applications", ErrNoApplication
	if about.Subject == OfPartner {
		table, missing = "partners", ErrNoPartner
	}
	var n int64
	if err := tx.Table(table).Where("id = ?", about.ID).Count(&n).Error; err != nil {
		return fmt.Errorf("look for %s %d: %w", about.Subject, about.ID, err)
	}
	if n == 0 {
		return missing
	}
	return nil
}

// NoteAuthor is the name under which a reader left a note; "" when it is
// erased, and on notes of staff, who have accounts.
func (r *Registry) NoteAuthor(n *Note) (string, error) {
	if n.Author == nil {
		return "", nil
	}
	name, err := r.Keys.Open(sealedNoteAuthor, n.ID, n.Author)
	return string(name), err
}
