package registry

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
)

// Reading is a row: a link with which somebody whom staff trust, and who
// reads the language, sees an application without its contacts.
type Reading struct {
	ID            int64
	ApplicationID int64
	StaffID       int64
	ExpiresAt     int64
	EndedAt       int64
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
}

// ReadingLife is how long such a link is good.
const ReadingLife = 7 * 24 * time.Hour

// mostRemarks is how many remarks one link takes.
const mostRemarks = 20

// Why a reader's link is refused, apart from a token that is damaged.
var (
	ErrReadingExpired = fault.New(fault.Gone, "reading.expired")
	ErrReadingEnded   = fault.New(fault.Gone, "reading.ended")
	ErrReadingFull    = fault.New(fault.TooMany, "reading.full")
)

// LendOut makes a link to an application for a trusted reader.
func (r *Registry) LendOut(ctx context.Context, application int64, by audit.Actor) (*Reading, error) {
	now := r.Now()
	reading := &Reading{ID: r.Store.NewID(), ApplicationID: application, StaffID: by.ID,
		ExpiresAt: now.Add(ReadingLife).UnixMilli(), CreatedAt: now.UnixMilli()}
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := exists(tx, About{OfApplication, application}); err != nil {
			return err
		}
		if err := tx.Create(reading).Error; err != nil {
			return err
		}
		return r.noteReading(tx, by, reading, audit.Deed{Action: "reading.made"})
	})
	if err != nil {
		return nil, fmt.Errorf("lend out application %d: %w", application, err)
	}
	return reading, nil
}

// EndReading ends a link to an application before its time. Ending one twice
// changes nothing; ErrNoApplication when the link is another's.
func (r *Registry) EndReading(ctx context.Context, application, id int64, by audit.Actor) error {
	err := r.Store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		var reading Reading
		err := lock(tx).Where("id = ? AND application_id = ?", id, application).Take(&reading).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return ErrNoApplication
		}
		if err != nil || reading.EndedAt > 0 {
			return err
		}
		if err := tx.Model(&Reading{}).Where("id = ?", id).Update("ended_at", r.Now().UnixMilli()).Error; err != nil {
			return err
		}
		return r.noteReading(tx, by, &reading, audit.Deed{Action: "reading.ended"})
	})
	if err != nil {
		return fmt.Errorf("take back the reading %d: %w", id, err)
	}
	return nil
}

// lock makes transactions that read a row to change it wait for each other.
func lock(tx *gorm.DB) *gorm.DB { return tx.Clauses(clause.Locking{Strength: "UPDATE"}) }

// noteReading notes what was done with a link, on its application.
func (r *Registry) noteReading(tx *gorm.DB, by audit.Actor, reading *Reading, d audit.Deed) error {
	d.Subject, d.SubjectID = OfApplication, reading.ApplicationID
	d.After = map[string]any{"reading": strconv.FormatInt(reading.ID, 10)}
	return r.Trail.Note(tx, by, d)
}

// Readings lists the links to an application that are good now.
func (r *Registry) Readings(ctx context.Context, application int64) ([]Reading, error) {
	var rows []Reading
	err := r.Store.Read(ctx).Where("application_id = ? AND ended_at = 0 AND expires_at > ?", application, r.Now().UnixMilli()).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list the readings of application %d: %w", application, err)
	}
	return rows, nil
}

// ReadingLink is the path of a link, in a language.
func (r *Registry) ReadingLink(reading *Reading, lang string) string {
	return "/" + lang + "/reading/" + r.Keys.Token(seal.Token{Purpose: seal.ReadApplication, Row: reading.ID, Expires: time.UnixMilli(reading.ExpiresAt)})
}

// Reading reads a link that is good, and its application. ErrReadingExpired;
// ErrReadingEnded, also when the applicant took the application back.
func (r *Registry) Reading(ctx context.Context, id int64) (*Reading, *Application, error) {
	var reading Reading
	err := r.Store.Read(ctx).Where("id = ?", id).Take(&reading).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil, ErrReadingEnded
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the reading %d: %w", id, err)
	}
	switch {
	case reading.EndedAt > 0:
		return nil, nil, ErrReadingEnded
	case reading.ExpiresAt <= r.Now().UnixMilli():
		return nil, nil, ErrReadingExpired
	}
	a, err := r.Application(ctx, reading.ApplicationID)
	if errors.Is(err, ErrNoApplication) || err == nil && a.State == WithdrawnByOrigin {
		return nil, nil, ErrReadingEnded
	}
	return &reading, a, err
}

// Opened says whether the reader has opened the application.
func (r *Registry) Opened(ctx context.Context, reading *Reading) (bool, error) {
	var n int64
	err := r.Store.Read(ctx).Model(&audit.Entry{}).Where("subject = ? AND subject_id = ? AND action = ? AND actor_id = ?",
		OfApplication, reading.ApplicationID, "reading.opened", reading.ID).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("ask whether the reading %d was opened: %w", reading.ID, err)
	}
	return n > 0, nil
}

// Open notes, once, that the reader opened the application.
func (r *Registry) Open(ctx context.Context, id int64) error {
	return r.read(ctx, id, func(ctx context.Context, tx *gorm.DB, reading *Reading) error {
		opened, err := r.Opened(ctx, reading)
		if err != nil || opened {
			return err
		}
		return r.noteReading(tx, reader(reading), reading, audit.Deed{Action: "reading.opened"})
	})
}

// reader is who comes with a link.
func reader(reading *Reading) audit.Actor { return audit.Actor{Kind: audit.Reader, ID: reading.ID} }

// read does something with a link that is good, one after the other.
func (r *Registry) read(ctx context.Context, id int64, do func(ctx context.Context, tx *gorm.DB, reading *Reading) error) error {
	return r.Store.InTx(ctx, func(ctx context.Context, tx *gorm.DB) error {
		if err := lock(tx).Where("id = ?", id).Find(&Reading{}).Error; err != nil {
			return fmt.Errorf("lock the reading %d: %w", id, err)
		}
		reading, _, err := r.Reading(ctx, id)
		if err != nil {
			return err
		}
		return do(ctx, tx, reading)
	})
}

// Remark notes what a trusted reader says about the application. Invalid with
// a sentence for each refused field, those of AddNote and reader_name;
// ErrReadingFull after twenty.
func (r *Registry) Remark(ctx context.Context, id int64, name string, words Words) error {
	words, refused := words.check(r.Known)
	name, err := plaintext.Name(name, plaintext.PersonName)
	refused.Add("reader_name", err)
	if err := refused.Err(); err != nil {
		return err
	}
	return r.read(ctx, id, func(_ context.Context, tx *gorm.DB, reading *Reading) error {
		var had int64
		if err := tx.Model(&Note{}).Where("subject = ? AND subject_id = ? AND author_kind = ? AND author_id = ?",
			OfApplication, reading.ApplicationID, audit.Reader, reading.ID).Count(&had).Error; err != nil {
			return fmt.Errorf("count the remarks of a reader: %w", err)
		}
		if had >= mostRemarks {
			return ErrReadingFull
		}
		n := Note{ID: r.Store.NewID(), AuthorKind: audit.Reader, AuthorID: reading.ID, Body: words.Body, Lang: words.Lang}
		n.Author = r.Keys.Seal(sealedNoteAuthor, n.ID, []byte(name))
		return r.notedBy(tx, reader(reading), About{OfApplication, reading.ApplicationID}, n, audit.Deed{Action: "note.remarked"})
	})
}

// OwnMail says whether the contact's address is at the site's own domain.
// Only then may others than staff see the domain: any other may be a
// person's.
func (a *Application) OwnMail() bool {
	host := strings.TrimPrefix(a.WebsiteHost, "www.")
	return a.EmailDomain != "" && (a.EmailDomain == host || strings.HasSuffix(host, "."+a.EmailDomain))
}
