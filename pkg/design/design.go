// Package design keeps the designs of banners: what staff write, choose and
// publish, in memory for whoever draws. How a design looks is package banner's
// matter, which knows no database; which design a partner chose is the
// register's.
package design

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
	"olivebranch/pkg/texts"
)

// State is where a design stands.
type State string

// The states of a design.
const (
	Draft     State = "draft"
	Published State = "published"
	Withdrawn State = "withdrawn"
)

// States in the order of their life.
var States = []State{Draft, Published, Withdrawn}

// Subject is what a design is called in the audit trail.
const Subject = "design"

// Design is a row. Its code never changes: partners' choices and codes on
// their pages name it.
type Design struct {
	ID       int64
	Code     string
	State    State
	Position int64  // its place in the order of preference, the smallest first
	Button   string // colours as #rrggbb, for light paper
	Figure   string
	FirstDay string          // on which it shows, UTC, as 2006-01-02; "" for no beginning
	LastDay  string          // likewise; "" for no end
	Texts    map[string]Text `gorm:"-"` // by language
	Version  int64           // raised by each change

	CreatedAt int64
	wordings  map[string]texts.Wording // by field
}

// Text is what a design says in a language. What is empty the appeal and the
// catalogue say.
type Text struct{ Slogan, Label string }

// TextFields are its texts, as they are called among those of staff.
const (
	SloganField = "slogan"
	LabelField  = "label"
)

// Wording is one of its texts in all languages; shared, not to be changed.
func (d *Design) Wording(field string) texts.Wording { return d.wordings[field] }

func (d *Design) of(field string) texts.Of {
	return texts.Of{Kind: Subject, OwnerID: d.ID, Field: field}
}

// Designs are those of a campaign, kept in memory. Safe for concurrent use.
// What they return is shared and must not be changed.
type Designs struct {
	store     *store.Store
	trail     audit.Trail
	languages []string
	now       atomic.Pointer[state]
	window    window
}

// state is all designs as read at one time.
type state struct {
	version   int64
	all       []*Design // in order of preference
	published []*banner.Design
}

// ErrNone answers for an id that is no design's.
var ErrNone = fault.New(fault.NotFound, "designs.gone")

// Load reads all designs. languages are all that the campaign speaks, English
// first: what changes with it in another language is a translation of it.
func Load(ctx context.Context, s *store.Store, trail audit.Trail, languages []string) (*Designs, error) {
	d := &Designs{store: s, trail: trail, languages: languages}
	return d, d.Reload(ctx)
}

// Reload reads all designs anew.
func (d *Designs) Reload(ctx context.Context) error {
	read := &state{}
	err := d.store.Snapshot(ctx, func(db *gorm.DB) error {
		change, err := store.Changed(db, store.TopicDesigns)
		if err != nil {
			return err
		}
		read.version = change.N
		read.all, err = readAll(db)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the designs: %w", err)
	}
	slices.SortFunc(read.all, func(a, b *Design) int { return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID)) })
	for _, one := range read.all {
		if one.State == Published {
			read.published = append(read.published, one.Drawn())
		}
	}
	d.now.Store(read)
	return nil
}

// readAll reads the designs that match, all without conditions, with their
// texts.
func readAll(db *gorm.DB, where ...any) ([]*Design, error) {
	var rows []*Design
	if err := db.Find(&rows, where...).Error; err != nil {
		return nil, err
	}
	all, err := texts.Newest(db, Subject)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		row.Texts = map[string]Text{}
		row.wordings = map[string]texts.Wording{SloganField: all[row.of(SloganField)], LabelField: all[row.of(LabelField)]}
		for lang, v := range row.wordings[SloganField] {
			row.Texts[lang] = Text{Slogan: v.Body}
		}
		for lang, v := range row.wordings[LabelField] {
			row.Texts[lang] = Text{Slogan: row.Texts[lang].Slogan, Label: v.Body}
		}
	}
	return rows, nil
}

// Version is the value of the change counter the designs are of.
func (d *Designs) Version() int64 { return d.now.Load().version }

// All lists the designs in their order of preference.
func (d *Designs) All() []*Design { return d.now.Load().all }

// ByID finds a design. ErrNone.
func (d *Designs) ByID(id int64) (*Design, error) {
	for _, one := range d.All() {
		if one.ID == id {
			return one, nil
		}
	}
	return nil, ErrNone
}
