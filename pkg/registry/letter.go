package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
)

// About is what letters, notes and audit entries are about.
type About struct {
	Subject string // OfApplication or OfPartner
	ID      int64
}

// Subjects of letters, notes and audit entries.
const (
	OfApplication = "application"
	OfPartner     = "partner"
)

// Letter is a row: what was written to an applicant or a partner, so that it
// can be read again in any language. Args, sealed, are those of the mail; a
// letter that the outbox left out, because the address had its share of the
// day, is kept like the others.
type Letter struct {
	ID        int64
	Subject   string
	SubjectID int64
	Kind      outbox.Kind
	Lang      string
	Args      []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

const sealedLetterArgs = "letters.args"

// ownWords checks staff's own words for a letter. Their language is dropped
// when there are none, or when it is none we know.
func (r *Registry) ownWords(w Words) (Words, error) {
	body, err := plaintext.Clean(w.Body, plaintext.Message)
	if w.Body = body; body == "" || !r.Known.Language(w.Lang) {
		w.Lang = ""
	}
	return w, err
}

// ErrNoLetter answers for a letter that was never written about this.
var ErrNoLetter = fault.New(fault.NotFound, "letters.gone")

// keepLetter stores what a mail said, in the transaction that writes it. Codes and
// links, with which somebody could act, are not kept. A letter to others than
// the applicant is kept without their name: it is not for them to be found
// here, and they may have it erased.
func (r *Registry) keepLetter(tx *gorm.DB, about About, m outbox.Mail) error {
	args := maps.Clone(m.Args)
	delete(args, outbox.ArgCode)
	plain, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("keep letter %s: %w", m.Kind, err)
	}
	l := Letter{ID: r.Store.NewID(), Subject: about.Subject, SubjectID: about.ID, Kind: m.Kind, Lang: m.Lang, CreatedAt: r.Now().UnixMilli()}
	l.Args = r.Keys.Seal(sealedLetterArgs, l.ID, plain)
	if err := tx.Create(&l).Error; err != nil {
		return fmt.Errorf("keep letter %s: %w", m.Kind, err)
	}
	return nil
}

// Letter reads a letter about something, with its args. ErrNoLetter.
func (r *Registry) Letter(ctx context.Context, about About, id int64) (*Letter, map[string]string, error) {
	var l Letter
	err := r.Store.Read(ctx).Where("id = ? AND subject = ? AND subject_id = ?", id, about.Subject, about.ID).Take(&l).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil, ErrNoLetter
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read letter %d: %w", id, err)
	}
	args, err := r.letterArgs(&l)
	return &l, args, err
}

// letterArgs unseals what a letter said.
func (r *Registry) letterArgs(l *Letter) (map[string]string, error) {
	plain, err := r.Keys.Open(sealedLetterArgs, l.ID, l.Args)
	var args map[string]string
	if err == nil {
		err = json.Unmarshal(plain, &args)
	}
	if err != nil {
		return nil, fmt.Errorf("open letter %d: %w", l.ID, err)
	}
	return args, nil
}
