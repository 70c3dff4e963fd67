package registry

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/store"
	"olivebranch/pkg/texts"
)

// PhraseKind says what a phrase is for.
type PhraseKind string

// The kinds of phrases.
const (
	Reason   PhraseKind = "reason"   // why an application is declined
	Question PhraseKind = "question" // what staff ask an applicant
)

// PhraseKinds in the order the console shows them.
var PhraseKinds = []PhraseKind{Question, Reason}

// ReasonSpam declines without a letter, since the address may be anybody's.
const ReasonSpam = "spam"

// builtIn are the phrases a campaign starts with, in the order they are
// offered. Each has a message registry.<kind>.<key> in every language, until
// staff write their own.
var builtIn = map[PhraseKind][]string{
	Reason:   {"not_an_organization", "not_verifiable", "against_the_appeal", "duplicate", "incomplete", ReasonSpam},
	Question: {"what_you_do", "who_leads", "independent_links", "show_control", "where_banner", "not_reachable"},
}

// BuiltIn are the keys of the phrases that come with the program.
func BuiltIn(kind PhraseKind) []string { return slices.Clone(builtIn[kind]) }

// Phrase is a sentence staff choose from a list and people read in their own
// language.
type Phrase struct {
	Key       string
	Kind      PhraseKind
	Position  int64
	Retired   bool // offered no longer; letters and pages of before still show it
	CreatedAt int64
	Texts     map[string]string `gorm:"-"` // by language
	Wording   texts.Wording     `gorm:"-"` // the same with their versions; shared, not to be changed
}

// PhraseTexts is what they are called among all texts of staff; the field is
// the key of the phrase.
const PhraseTexts = "phrase"

func phraseText(key string) texts.Of { return texts.Of{Kind: PhraseTexts, Field: key} }

// Phrases are the reasons and questions of a campaign, kept in memory. Safe
// for concurrent use.
type Phrases struct {
	store     *store.Store
	trail     audit.Trail
	words     func(lang, id string) string
	languages []string
	now       atomic.Pointer[phraseState]
}

type phraseState struct {
	version int64
	byKey   map[string]Phrase
}

// LoadPhrases reads what staff wrote. words is a message of the catalogues,
// languages are all that the campaign speaks.
func LoadPhrases(ctx context.Context, s *store.Store, trail audit.Trail, languages []string, words func(lang, id string) string) (*Phrases, error) {
	p := &Phrases{store: s, trail: trail, words: words, languages: languages}
	return p, p.Reload(ctx)
}

// Reload reads all phrases anew.
func (p *Phrases) Reload(ctx context.Context) error {
	state := &phraseState{byKey: p.builtIn()}
	err := p.store.Snapshot(ctx, func(db *gorm.DB) error {
		change, err := store.Changed(db, store.TopicPhrases)
		if err != nil {
			return err
		}
		state.version = change.N
		var rows []Phrase
		if err := db.Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			row.Wording = state.byKey[row.Key].Wording
			state.byKey[row.Key] = row
		}
		written, err := texts.Newest(db, PhraseTexts)
		if err != nil {
			return err
		}
		for key, f := range state.byKey {
			state.byKey[key] = f.with(written[phraseText(key)])
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the reasons and questions: %w", err)
	}
	p.now.Store(state)
	return nil
}

func (p *Phrases) builtIn() map[string]Phrase {
	all := map[string]Phrase{}
	for kind, keys := range builtIn {
		for i, key := range keys {
			wording := texts.Wording{}
			for _, lang := range p.languages {
				v := texts.Version{Lang: lang, Body: p.words(lang, "registry."+string(kind)+"."+key)}
				if lang != texts.Default {
					v.BaseLang = texts.Default
				}
				wording[lang] = v
			}
			all[key] = Phrase{Key: key, Kind: kind, Position: int64(i+1) * positionStep, Wording: wording}
		}
	}
	return all
}

// with is the phrase with what staff wrote over what came with the program.
func (f Phrase) with(written texts.Wording) Phrase {
	both := texts.Wording{}
	maps.Copy(both, f.Wording)
	maps.Copy(both, written)
	f.Wording, f.Texts = both, map[string]string{}
	for lang, v := range both {
		f.Texts[lang] = v.Body
	}
	return f
}

// positionStep leaves room between two phrases.
const positionStep = 10

// Version is the value of the change counter the phrases are of.
func (p *Phrases) Version() int64 { return p.now.Load().version }

// All lists the phrases of a kind in order, retired ones last.
func (p *Phrases) All(kind PhraseKind) []Phrase {
	list := slices.Collect(maps.Values(p.now.Load().byKey))
	list = slices.DeleteFunc(list, func(f Phrase) bool { return f.Kind != kind })
	slices.SortFunc(list, func(a, b Phrase) int {
		if a.Retired != b.Retired {
			return map[bool]int{false: -1, true: 1}[a.Retired]
		}
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// Offered lists the phrases of a kind that staff may choose.
func (p *Phrases) Offered(kind PhraseKind) []Phrase {
	return slices.DeleteFunc(p.All(kind), func(f Phrase) bool { return f.Retired })
}

// Offers says whether staff may choose the phrase.
func (p *Phrases) Offers(kind PhraseKind, key string) bool {
	f, ok := p.now.Load().byKey[key]
	return ok && f.Kind == kind && !f.Retired
}

// Text is a phrase in a language, or in another where nobody wrote it in that;
// empty for a key there never was.
func (p *Phrases) Text(key, lang string) texts.Version {
	return p.now.Load().byKey[key].Wording.In(lang)
}

// Faults of phrases.
var (
	ErrNoPhrase = fault.New(fault.NotFound, "phrase.gone")
	errPosition = fault.New(fault.Invalid, "phrase.position_bad")
)

// PhraseLimit bounds one phrase in one language.
var PhraseLimit = plaintext.Limit{Graphemes: 400, Bytes: 1600}

// Save changes a phrase, or with an empty Key adds one. It must have a text in
// one language at least, which applicants in the others read. Invalid with a
// sentence for each refused field, named text_<lang> and position; ErrNoPhrase.
func (p *Phrases) Save(ctx context.Context, f Phrase, by audit.Actor) error {
	refused, bodies, some := fault.Fields{}, map[string]string{}, false
	for _, lang := range p.languages {
		body, err := plaintext.Clean(f.Texts[lang], PhraseLimit)
		refused.Add("text_"+lang, err)
		bodies[lang], some = body, some || body != "" || err != nil
	}
	if !some {
		refused.Add("text_"+texts.Default, fault.New(fault.Invalid, "text.required"))
	}
	if f.Position < 0 || f.Position > 9999 {
		refused.Add("position", errPosition)
	}
	if err := refused.Err(); err != nil {
		return err
	}
	before, known := p.now.Load().byKey[f.Key]
	switch {
	case f.Key == "" && slices.Contains(PhraseKinds, f.Kind):
		f.Key = string(f.Kind[:1]) + "_" + strconv.FormatInt(p.store.NewID(), 36)
	case !known:
		return ErrNoPhrase
	default:
		f.Kind = before.Kind
	}
	f.Texts = bodies
	err := p.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error { return p.write(tx, before, f, by) })
	if err != nil {
		return fmt.Errorf("save phrase %s: %w", f.Key, err)
	}
	return p.Reload(ctx)
}

func (p *Phrases) write(tx *gorm.DB, before, f Phrase, by audit.Actor) error {
	f.CreatedAt = cmp.Or(before.CreatedAt, tx.NowFunc().UnixMilli())
	whole := clause.OnConflict{Columns: []clause.Column{{Name: "key"}}, DoUpdates: clause.AssignmentColumns([]string{"position", "retired"})}
	if err := tx.Clauses(whole).Create(&f).Error; err != nil {
		return err
	}
	have := texts.Wording{}
	maps.Copy(have, before.Wording)
	for _, lang := range p.languages { // English first, of which the others are translations
		if f.Texts[lang] == before.Texts[lang] {
			continue // a text of the program stays the program's
		}
		draft := have.Draft(phraseText(f.Key), lang, f.Texts[lang])
		if err := p.archive().Add(tx, by, draft); err != nil {
			return err
		}
		have[lang] = texts.Version{Lang: lang, Version: draft.Seen + 1, BaseLang: draft.BaseLang, BaseVersion: draft.BaseVersion, Body: draft.Body}
	}
	was := map[string]any{}
	if before.Key != "" {
		was = map[string]any{"texts": before.Texts, "position": before.Position, "retired": before.Retired}
	}
	err := p.trail.Note(tx, by, audit.Deed{Action: "phrase.saved", Subject: "phrase",
		Before: was, After: map[string]any{"key": f.Key, "texts": f.Texts, "position": f.Position, "retired": f.Retired}})
	if err != nil {
		return err
	}
	_, err = store.Bump(tx, store.TopicPhrases)
	return err
}

func (p *Phrases) archive() texts.Archive { return texts.Archive{Store: p.store, Trail: p.trail} }

// Translate adds a version of a phrase in one language. ErrNoPhrase,
// texts.ErrMoved, Invalid.
func (p *Phrases) Translate(ctx context.Context, key string, draft texts.Draft, by audit.Actor) error {
	if _, known := p.now.Load().byKey[key]; !known {
		return ErrNoPhrase
	}
	body, err := plaintext.Clean(draft.Body, PhraseLimit)
	if err != nil {
		return err
	}
	draft.Of, draft.Body = phraseText(key), body
	err = p.store.InTx(ctx, func(_ context.Context, tx *gorm.DB) error {
		if err := p.archive().Save(tx, by, draft); err != nil {
			return err
		}
		_, err := store.Bump(tx, store.TopicPhrases)
		return err
	})
	if err != nil {
		return fmt.Errorf("translate phrase %s: %w", key, err)
	}
	return p.Reload(ctx)
}
