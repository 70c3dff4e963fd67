// Package app puts the program together: the data folder, the database, the
// domains, the web. The program and every test use the same Open, Run and
// Close.
package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/design"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/logo"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/schema"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/store"
	"olivebranch/pkg/web"
)

// Core is the campaign without its web: what the commands work on, also
// beside a running server, which notices their changes within a second.
type Core struct {
	Config     *config.Config
	Now        func() time.Time
	Store      *store.Store
	Keys       *seal.Keys
	Catalogues *locale.Catalogues
	Trail      audit.Trail
	Outbox     *outbox.Outbox
	Appeal     *appeal.Appeal
	Tally      *appeal.Tally
	Bulletins  *appeal.Bulletins
	Statements *appeal.Statements
	Signatures *appeal.Signatures
	Messages   *appeal.Messages
	Reports    *report.Reports
	Sweeps     *appeal.Sweeps
	Phrases    *registry.Phrases
	Designs    *design.Designs
	Register   *registry.Register
	Places     *placement.Places
	Registry   *registry.Registry
	Staff      *staff.Staff
	public     *public
	mailed     func()
}

// Faults of a data folder.
var (
	// ErrKeysMissing: without its keys nobody can read the database any more,
	// and new ones would hide that.
	ErrKeysMissing = errors.New("the database has rows, but its keys are missing; restore the folder keys from your backup")
	// ErrNotReady: migrate has not run.
	ErrNotReady = errors.New("the database is not up to date; run olivebranch migrate")
)

// OpenCore opens an existing campaign for a command. ErrNotReady.
func OpenCore(ctx context.Context, c *config.Config, now func() time.Time) (*Core, error) {
	built, err := catalogues()
	if err != nil {
		return nil, err
	}
	return openCore(ctx, c, now, built)
}

// openCore opens one that speaks other languages than the program is built
// with.
func openCore(ctx context.Context, c *config.Config, now func() time.Time, words *locale.Catalogues) (*Core, error) {
	if !c.Postgres() {
		if _, err := os.Stat(c.DatabasePath()); err != nil {
			return nil, fmt.Errorf("no campaign in %s: %w", c.Data, err)
		}
	}
	keys, err := seal.Load(c.KeysPath())
	if err != nil {
		return nil, err
	}
	s, err := openStore(ctx, c, now)
	if err != nil {
		return nil, err
	}
	if ok, err := schema.Current(ctx, s); err != nil || !ok {
		return nil, errors.Join(err, ErrNotReady, s.Close())
	}
	return newCore(ctx, c, now, s, keys, words)
}

func openStore(ctx context.Context, c *config.Config, now func() time.Time) (*store.Store, error) {
	return store.Open(ctx, store.Options{URL: c.Database, Path: c.DatabasePath(), Now: now})
}

// lockName is the file of the data folder's lock.
const lockName = "olivebranch.lock"

// LockData takes the data folder for this process alone. With PostgreSQL
// several copies may run, so nothing is locked.
func LockData(c *config.Config) (release func() error, err error) {
	if err := c.MakeData(); err != nil {
		return nil, err
	}
	if c.Postgres() {
		return func() error { return nil }, nil
	}
	lock, err := store.LockFile(filepath.Join(c.Data, lockName))
	if err != nil {
		return nil, err
	}
	return lock.Release, nil
}

// Migrate makes the data folder, the keys and the database where they are
// missing, and brings the schema up to date. The caller holds LockData.
func Migrate(ctx context.Context, c *config.Config, now func() time.Time) (err error) {
	if err := c.MakeData(); err != nil {
		return err
	}
	if _, err := os.Stat(restoringPath(c)); err == nil {
		return ErrRestoring
	}
	if err := makePrivate(c); err != nil {
		return err
	}
	s, err := openStore(ctx, c, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	current, err := schema.Current(ctx, s)
	if err != nil {
		return err
	}
	keys, err := loadKeys(ctx, c, s, current)
	if err != nil {
		return err
	}
	if err := schema.Migrate(ctx, s); err != nil {
		return err
	}
	return plantCanary(ctx, s, keys)
}

// makePrivate creates the database file for its owner only; SQLite gives the
// files beside it the same mode.
func makePrivate(c *config.Config) error {
	if c.Postgres() {
		return nil
	}
	f, err := os.OpenFile(c.DatabasePath(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return f.Close()
}

// loadKeys reads the keys, and makes new ones only for an empty database.
func loadKeys(ctx context.Context, c *config.Config, s *store.Store, migrated bool) (*seal.Keys, error) {
	if migrated && !seal.Exists(c.KeysPath()) {
		var n int64
		if err := s.Read(ctx).Table("canaries").Count(&n).Error; err != nil {
			return nil, err
		}
		if n > 0 {
			return nil, ErrKeysMissing
		}
	}
	if !seal.Exists(c.KeysPath()) {
		return seal.Create(c.KeysPath())
	}
	return seal.Load(c.KeysPath())
}

func newCore(ctx context.Context, c *config.Config, now func() time.Time, s *store.Store, keys *seal.Keys, words *locale.Catalogues) (_ *Core, err error) {
	o := &Core{Config: c, Now: now, Store: s, Keys: keys, Catalogues: words.Clone(), Trail: audit.Trail{Store: s}, mailed: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	o.Outbox = &outbox.Outbox{Store: s, Keys: keys, Now: now, Ceilings: outbox.Ceilings{Minute: c.MailPerMinute, Day: c.MailPerDay}}
	if err := o.loadAppeal(ctx); err != nil {
		return nil, err
	}
	if o.Tally, err = appeal.LoadTally(ctx, s, o.Appeal.Current().ID); err != nil {
		return nil, err
	}
	o.Register, err = registry.LoadRegister(ctx, s, registry.World{Alphabet: func(lang string) registry.Alphabet { return o.Catalogues.For(lang) }, Regions: locale.RegionsOf})
	if err != nil {
		return nil, err
	}
	if o.Messages, err = appeal.LoadMessages(ctx, s, keys, o.partnersWords); err != nil {
		return nil, err
	}
	if o.Phrases, err = o.loadPhrases(ctx); err != nil {
		return nil, err
	}
	if o.Designs, err = design.Load(ctx, s, o.Trail, o.languages()); err != nil {
		return nil, err
	}
	o.Reports = &report.Reports{Store: s, Trail: o.Trail, Now: now}
	o.public = &public{tally: o.Tally, register: o.Register}
	o.Bulletins = &appeal.Bulletins{Store: s, Appeal: o.Appeal, Now: now, Partners: o.public.publish}
	o.Statements = &appeal.Statements{Store: s, Appeal: o.Appeal, Bulletins: o.Bulletins, Trail: o.Trail, Partners: o.Register.Len, Words: o.numberWords}
	o.Places = &placement.Places{Store: s, Notes: &placement.Notes{}}
	o.Signatures = &appeal.Signatures{Store: s, Keys: keys, Appeal: o.Appeal, Tally: o.Tally, Messages: o.Messages, Outbox: o.Outbox, Now: now}
	o.Sweeps = appeal.NewSweeps(appeal.SweepParts{Store: s, Keys: keys, Appeal: o.Appeal, Tally: o.Tally, Messages: o.Messages, Now: now})
	o.Staff = &staff.Staff{Store: s, Keys: keys, Outbox: o.Outbox, Trail: o.Trail, Now: now, PasswordEnough: c.Demo,
		Speaks: o.Catalogues.Has, Mailed: func() { o.mailed() }}
	o.Registry = &registry.Registry{Store: s, Keys: keys, Outbox: o.Outbox, Trail: o.Trail, Phrases: o.Phrases, Logos: logo.NewReader(), Now: now,
		Known:   registry.Known{Country: locale.IsCountry, Language: o.Catalogues.Has, Network: o.Register.IsNetwork, Design: func(code string) bool { return o.Designs.Offered(code, now()) }},
		Changed: o.registerChanged, Mailed: func() { o.mailed() }}
	return o, nil
}

// languages are the codes of all that the campaign speaks.
func (o *Core) languages() []string {
	var all []string
	for _, l := range o.Catalogues.Languages() {
		all = append(all, l.Code)
	}
	return all
}

func (o *Core) loadPhrases(ctx context.Context) (*registry.Phrases, error) {
	return registry.LoadPhrases(ctx, o.Store, o.Trail, o.languages(), func(lang, id string) string { return o.Catalogues.For(lang).T(id) })
}

// loadAppeal reads the appeal. A new campaign gets one that says it is new, and
// every start keeps the wording of the ticks that this program shows.
func (o *Core) loadAppeal(ctx context.Context) (err error) {
	o.Appeal, err = appeal.Load(ctx, o.Store)
	if errors.Is(err, appeal.ErrNone) {
		if err = appeal.Create(ctx, o.Store, "appeal", firstGoal); err == nil {
			o.Appeal, err = appeal.Load(ctx, o.Store)
		}
	}
	if err != nil {
		return err
	}
	isNew := len(o.Appeal.Current().Wording(appeal.Title)) == 0 // also where the first start was cut short
	bodies := appeal.Bodies{}
	for _, l := range o.Catalogues.Languages() {
		w := o.Catalogues.For(l.Code)
		bodies[l.Code] = map[appeal.Field]string{
			appeal.Consent: w.T("sign.consent") + "\n" + w.T("sign.show_name") + "\n" + w.T("sign.handover") + "\n" + w.T("sign.updates"),
		}
		if isNew {
			maps.Copy(bodies[l.Code], firstTexts(w))
		}
	}
	return o.Appeal.SaveTexts(ctx, bodies, 0)
}

// firstGoal is that of a campaign whose staff have not set one.
const firstGoal = 1_000_000

// firstTexts are what a campaign says before its staff have written anything.
func firstTexts(w *locale.Locale) map[appeal.Field]string {
	return map[appeal.Field]string{
		appeal.Campaign: w.T("start.campaign"), appeal.Title: w.T("start.title"), appeal.Summary: w.T("start.summary"),
		appeal.Body: w.T("start.body"), appeal.Slogan: w.T("start.slogan"), appeal.Controller: w.T("start.controller"),
	}
}

func (o *Core) registerChanged() {
	// A change that cannot be read now is read by the watcher in a moment.
	if o.Register.Reload(context.Background()) == nil {
		_ = o.Messages.Follow(context.Background())
	}
}

// partnersWords are the messages of solidarity of active partners, which were
// reviewed with the rest of what these say of themselves.
func (o *Core) partnersWords() []appeal.Message {
	var words []appeal.Message
	for _, p := range o.Register.All() {
		if p.State == registry.Active && p.MergedInto == 0 && p.Message != "" {
			words = append(words, appeal.Message{ID: p.ID, PartnerID: p.ID, Country: p.Country, Lang: p.Profile.Lang, Body: p.Message,
				State: appeal.MessageShown, CreatedAt: p.Since, Own: true})
		}
	}
	return words
}

// Campaign is the campaign's name in a language.
func (o *Core) Campaign(lang string) string {
	return o.Appeal.Current().Text(appeal.Campaign, lang).Body
}

// numberWords say what the number means, in all languages.
func (o *Core) numberWords(n appeal.Number) map[string]appeal.NumberWords {
	out := map[string]appeal.NumberWords{}
	for _, lang := range o.languages() {
		out[lang] = web.NumberWords(o.Catalogues.For(lang), o.Appeal.Current(), n)
	}
	return out
}

func (o *Core) campaignIn(lang string) (name, in string) {
	text := o.Appeal.Current().Text(appeal.Campaign, lang)
	return text.Body, text.Lang
}

// PartnerSlug names a partner in tables; "" if there is none.
func (o *Core) PartnerSlug(id int64) string {
	if p, ok := o.Register.ByID(id); ok {
		return p.Slug
	}
	return ""
}

// Told is what the public is told of what a partner brought.
func (o *Core) Told(partner int64) disclosure.Figure { return o.public.Partner(partner) }

// Close ends the connections.
func (o *Core) Close() error { return o.Store.Close() }

// tx runs do in a write transaction, for what belongs to no domain.
func tx(ctx context.Context, s *store.Store, do func(tx *gorm.DB) error) error {
	return s.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return do(tx) })
}
