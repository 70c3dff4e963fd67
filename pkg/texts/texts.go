// Package texts keeps what staff write for the public: versions of a field in
// each language, only ever added to. A version knows which version of which
// other language it was translated from, so that a translator sees what is
// missing and what changed since. Who may write, how long a text may be and
// where it stands is left to the domains whose texts they are.
package texts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
)

// Default is the language a text falls back to.
const Default = "en"

// Of is whose text it is and which: the title of an appeal, the slogan of a
// design.
type Of struct {
	Kind    string
	OwnerID int64
	Field   string
}

// Version is a row. Without a BaseLang it is an original.
type Version struct {
	ID int64
	Of
	Lang        string
	Version     int64 // from 1; 0 is a text that comes with the program
	BaseLang    string
	BaseVersion int64
	Body        string
	StaffID     int64
	CreatedAt   int64
}

// TableName names GORM's table.
func (Version) TableName() string { return "texts" }

// Wording is the newest version of a text in each language.
type Wording map[string]Version

// In returns the text in a language, or in Default, or in the first there is;
// the result says which. Zero when nobody wrote it.
func (w Wording) In(lang string) Version {
	for _, l := range append([]string{lang, Default}, slices.Sorted(maps.Keys(w))...) {
		if v := w[l]; v.Body != "" {
			return v
		}
	}
	return Version{}
}

// Original is what the others are translations of: the one in Default where
// that is an original, else the first, and where there is none what readers
// fall back to.
func (w Wording) Original() Version {
	for _, l := range append([]string{Default}, slices.Sorted(maps.Keys(w))...) {
		if v := w[l]; v.Body != "" && v.BaseLang == "" {
			return v
		}
	}
	return w.In(Default)
}

// Standing is how a translation stands to what it was made from.
type Standing string

// The standings.
const (
	Missing  Standing = "missing"  // nobody wrote it
	Outdated Standing = "outdated" // what it was made from has changed since
	Current  Standing = "current"
)

// Standings in the order in which they want work.
var Standings = []Standing{Missing, Outdated, Current}

// Standing of the text in a language.
func (w Wording) Standing(lang string) Standing {
	v := w[lang]
	switch {
	case v.Body == "":
		return Missing
	case v.BaseLang != "" && w[v.BaseLang].Version > v.BaseVersion:
		return Outdated
	}
	return Current
}

// Newest reads the newest versions of all texts of a kind.
func Newest(db *gorm.DB, kind string) (map[Of]Wording, error) {
	var rows []Version
	err := db.Where("kind = ?", kind).Where("version = (SELECT MAX(n.version) FROM texts n WHERE n.kind = texts.kind" +
		" AND n.owner_id = texts.owner_id AND n.field = texts.field AND n.lang = texts.lang)").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the texts of %s: %w", kind, err)
	}
	all := map[Of]Wording{}
	for _, r := range rows {
		if all[r.Of] == nil {
			all[r.Of] = Wording{}
		}
		all[r.Of][r.Lang] = r
	}
	return all, nil
}

var errNone = fault.New(fault.NotFound, "versions.gone")

// Draft is what somebody wants a text to say in a language: the version after
// that which is there, translated from the original unless it is one.
func (w Wording) Draft(of Of, lang, body string) Draft {
	d := Draft{Of: of, Lang: lang, Body: body, Seen: w[lang].Version}
	original := w.Original()
	itself := w[lang].Body != "" && w[lang].BaseLang == ""
	if lang != Default && !itself && original.Body != "" && original.Lang != lang {
		d.BaseLang, d.BaseVersion = original.Lang, original.Version
	}
	return d
}

// With is the wording as it will be once a draft is saved.
func (w Wording) With(d Draft) Wording {
	next := Wording{d.Lang: d.version()}
	for lang, v := range w {
		if lang != d.Lang {
			next[lang] = v
		}
	}
	return next
}

// Draft is a version to be. Seen is the version that its writer had before
// them; of two writers at once one is refused.
type Draft struct {
	Of
	Lang, Body  string
	Seen        int64
	BaseLang    string // "" for an original
	BaseVersion int64
}

// version is what becomes of a draft.
func (d Draft) version() Version {
	return Version{Of: d.Of, Lang: d.Lang, Version: d.Seen + 1, BaseLang: d.BaseLang, BaseVersion: d.BaseVersion, Body: d.Body}
}

// ErrMoved: somebody else has written a version meanwhile.
var ErrMoved = fault.New(fault.Conflict, "translate.moved")

// Archive has all versions.
type Archive struct {
	Store *store.Store
	Trail audit.Trail
}

// At reads one version. NotFound.
func (a Archive) At(ctx context.Context, of Of, lang string, version int64) (Version, error) {
	var v Version
	err := a.Store.Read(ctx).Where("kind = ? AND owner_id = ? AND field = ? AND lang = ? AND version = ?", of.Kind, of.OwnerID, of.Field, lang, version).Take(&v).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return v, errNone
	}
	if err != nil {
		return v, fmt.Errorf("read version %d of the text %s: %w", version, of.Field, err)
	}
	return v, nil
}

// Add writes versions in the transaction of who calls, who notes it in the
// trail. Bodies have been cleaned. ErrMoved.
func (a Archive) Add(tx *gorm.DB, by audit.Actor, drafts ...Draft) error {
	rows := make([]Version, 0, len(drafts))
	for _, d := range drafts {
		row := d.version()
		row.ID, row.StaffID, row.CreatedAt = a.Store.NewID(), by.ID, tx.NowFunc().UnixMilli()
		rows = append(rows, row)
	}
	if err := tx.Create(&rows).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return ErrMoved.Because(err)
	} else if err != nil {
		return fmt.Errorf("save %d texts: %w", len(rows), err)
	}
	return nil
}

// Save is Add with a note in the trail for each, which names the version: what
// it says stands in the table for ever. What comes with the program is not
// noted. ErrMoved.
func (a Archive) Save(tx *gorm.DB, by audit.Actor, drafts ...Draft) error {
	if err := a.Add(tx, by, drafts...); err != nil || by.Kind == audit.Program {
		return err
	}
	for _, d := range drafts {
		err := a.Trail.Note(tx, by, audit.Deed{Action: "text.saved", Subject: d.Kind, SubjectID: d.OwnerID,
			Before: map[string]any{"version": d.Seen}, After: map[string]any{"field": d.Field, "lang": d.Lang, "version": d.Seen + 1}})
		if err != nil {
			return err
		}
	}
	return nil
}
