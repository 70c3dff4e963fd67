// Package appeal is the text people sign and all that follows: sign requests,
// signatures, messages of solidarity, the intake that writes them in batches,
// and the tally. It leaves words to the catalogues, rendering and sending mail
// to package mailer and partners to package registry; it knows a partner by
// its id.
package appeal

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/store"
	"olivebranch/pkg/texts"
)

// States of an appeal.
const (
	Open   = "open"
	Closed = "closed"
)

// Consents are the ticks of the sign form, as bits.
type Consents int64

// The ticks. ConsentCount is required; the others are free.
const (
	ConsentCount    Consents = 1 << iota // count my signature; it shows a political opinion
	ConsentShowName                      // show my name in public
	ConsentHandover                      // give my name to the recipients
	ConsentUpdates                       // send me campaign news
)

// Has says whether a tick was made.
func (c Consents) Has(tick Consents) bool { return c&tick != 0 }

// Row is an appeal as stored.
type Row struct {
	ID        int64
	Slug      string
	Goal      int64
	State     string
	CreatedAt int64
	ClosedAt  int64 // since when its state is not open, as Custody noted it; 0 while it is
}

// TableName names GORM's table.
func (Row) TableName() string { return "appeals" }

// Current is the campaign's main appeal with its texts, as read at one time.
// Never changed after it was made.
type Current struct {
	Row
	ending
	Retention Retention
	texts     map[Field]texts.Wording
	terms     map[string]Terms // on the pages now, by language
	known     map[int64]string // language of all that ever stood there
	Version   int64            // of the change counter: other texts, other version
}

// Appeal keeps the main appeal in memory and changes it. Safe for concurrent
// use.
type Appeal struct {
	store   *store.Store
	current atomic.Pointer[Current]
}

// ErrNone says that the database holds no appeal yet.
var ErrNone = errors.New("there is no appeal")

// Load reads the main appeal. ErrNone before Create.
func Load(ctx context.Context, s *store.Store) (*Appeal, error) {
	a := &Appeal{store: s}
	return a, a.Reload(ctx)
}

// Current is the appeal as last read.
func (a *Appeal) Current() *Current { return a.current.Load() }

// Reload reads the appeal and its texts anew, and writes down what terms they
// make if nobody has.
func (a *Appeal) Reload(ctx context.Context) error {
	c, missing, err := a.read(ctx)
	for err == nil && len(missing) > 0 {
		if err = a.writeTerms(ctx, missing); err == nil {
			c, missing, err = a.read(ctx)
		}
	}
	if err != nil {
		return fmt.Errorf("read the appeal: %w", err)
	}
	a.current.Store(c)
	return nil
}

func (a *Appeal) read(ctx context.Context) (c *Current, missing []Terms, err error) {
	c = &Current{}
	err = a.store.Snapshot(ctx, func(db *gorm.DB) error {
		change, err := store.Changed(db, store.TopicAppeal)
		if err != nil {
			return err
		}
		c.Version = change.N
		if err := db.Order("id").Take(&c.Row).Error; err != nil {
			if errors.Is(err, gorm.ErrRecordNotFound) {
				return ErrNone
			}
			return err
		}
		if c.ending, err = readEnding(db); err != nil {
			return err
		}
		if c.Retention, err = readRetention(db); err != nil {
			return err
		}
		if c.texts, err = readTexts(db, c.ID); err != nil {
			return err
		}
		missing, err = c.readTerms(db)
		return err
	})
	return c, missing, err
}

// Create makes the main appeal; nothing happens when its slug exists.
func Create(ctx context.Context, s *store.Store, slug string, goal int64) error {
	return s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		row := Row{ID: s.NewID(), Slug: slug, Goal: goal, State: Open, CreatedAt: tx.NowFunc().UnixMilli()}
		onSlug := clause.OnConflict{Columns: []clause.Column{{Name: "slug"}}, DoNothing: true}
		if err := tx.Clauses(onSlug).Create(&row).Error; err != nil {
			return fmt.Errorf("create appeal %s: %w", slug, err)
		}
		_, err := store.Bump(tx, store.TopicAppeal)
		return err
	})
}

// SetGoal changes the number of signatures hoped for; at least 1.
func (a *Appeal) SetGoal(ctx context.Context, goal int64) error {
	err := a.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := tx.Model(&Row{}).Where("id = ?", a.Current().ID).Update("goal", max(goal, 1)).Error; err != nil {
			return fmt.Errorf("set the goal: %w", err)
		}
		_, err := store.Bump(tx, store.TopicAppeal)
		return err
	})
	if err != nil {
		return err
	}
	return a.Reload(ctx)
}

// ErrClosed answers who wants to sign when the appeal takes no signatures any
// more.
var ErrClosed = fault.New(fault.Conflict, "sign.closed")
