package registry

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/store"
)

// Verdict is what was decided.
type Verdict string

// The verdicts.
const (
	Admit  Verdict = "approve"
	Refuse Verdict = "decline"
	Ask    Verdict = "ask"
)

// Verdicts in the order the desk offers them.
var Verdicts = []Verdict{Admit, Ask, Refuse}

// leadsTo is the state a verdict brings an application into.
var leadsTo = map[Verdict]State{Admit: Approved, Refuse: Declined, Ask: NeedsInfo}

// Decision is what staff decided about an application. Version is that of the
// application as the decider saw it, 0 to take it as it stands.
type Decision struct {
	Application int64
	Version     int64
	Verdict     Verdict
	By          audit.Actor
	Slug        string   // of the new partner; "" to derive it from the name
	Reason      string   // key of a phrase; for declining
	Questions   []string // keys of phrases; for asking
	Words       string   // staff's own words in the letter; optional, except for asking without questions
	WordsLang   string   // of these words
}

// Decisions can be refused because of these fields.
var (
	errReason   = fault.New(fault.Invalid, "decide.reason_required")
	errQuestion = fault.New(fault.Invalid, "decide.question_required")
	errSlug     = fault.New(fault.Invalid, "slug.taken")
)

// clean returns the decision as it will be kept, or a fault with a sentence
// for each refused field.
func (r *Registry) clean(d Decision) (Decision, error) {
	refused := fault.Fields{}
	words, err := r.ownWords(Words{d.Words, d.WordsLang})
	refused.Add("words", err)
	d.Words, d.WordsLang = words.Body, words.Lang
	switch d.Verdict {
	case Refuse:
		if !r.Phrases.Offers(Reason, d.Reason) {
			refused.Add("reason", errReason)
		}
	case Ask:
		asked := func(key string) bool { return !slices.Contains(d.Questions, key) }
		kept := slices.DeleteFunc(keysOf(r.Phrases.Offered(Question)), asked)
		if d.Questions = kept; len(kept) == 0 && d.Words == "" {
			refused.Add("questions", errQuestion)
		}
	}
	return d, refused.Err()
}

func keysOf(phrases []Phrase) []string {
	keys := make([]string, len(phrases))
	for i, f := range phrases {
		keys[i] = f.Key
	}
	return keys
}

// Approve admits the organization at once: it makes the partner and its
// representative, and mails the letter with the link to the portal.
func (r *Registry) Approve(ctx context.Context, d Decision) (*Partner, error) {
	d.Verdict = Admit
	p, err := r.act(ctx, d)
	return p, err
}

// Decline refuses an application at once and mails the reason.
func (r *Registry) Decline(ctx context.Context, d Decision) error {
	d.Verdict = Refuse
	_, err := r.act(ctx, d)
	return err
}

// AskBack asks the applicant at once; the application waits for the answer.
func (r *Registry) AskBack(ctx context.Context, d Decision) error {
	d.Verdict = Ask
	_, err := r.act(ctx, d)
	return err
}

// act makes a decision real, in one transaction.
func (r *Registry) act(ctx context.Context, d Decision) (*Partner, error) {
	d, err := r.clean(d)
	if err != nil {
		return nil, err
	}
	var p *Partner
	_, err = r.change(ctx, d.Application, func(tx *gorm.DB, a *Application) error {
		if d.Version != 0 && d.Version != a.Version {
			return ErrMoved
		}
		v := r.ruling(a, d)
		v.State, v.DueAt, v.SettledAt = Settled, v.CreatedAt, v.CreatedAt
		var err error
		if p, err = r.carryOut(tx, a, d); err != nil {
			return err
		}
		return tx.Create(v).Error
	})
	if err == nil && p != nil {
		r.Changed()
	}
	return p, err
}

// carryOut does what a clean decision says, in the caller's transaction. The
// partner is nil unless one was admitted.
func (r *Registry) carryOut(tx *gorm.DB, a *Application, d Decision) (*Partner, error) {
	switch d.Verdict {
	case Admit:
		return r.approve(tx, a, d)
	case Refuse:
		return nil, r.decline(tx, a, d)
	}
	return nil, r.ask(tx, a, d)
}

// decided are the columns that a decision sets.
func (r *Registry) decided(d Decision) map[string]any {
	return map[string]any{"decided_at": r.Now().UnixMilli(), "decided_by": d.By.ID, "reason": d.Reason,
		"reason_words": d.Words, "words_lang": d.WordsLang, "claimed_by": 0, "claimed_at": 0}
}

func (r *Registry) approve(tx *gorm.DB, a *Application, d Decision) (*Partner, error) {
	p, err := r.admit(tx, a, d.Slug, d.By)
	if err != nil {
		return nil, err
	}
	columns := r.decided(d)
	columns["partner_id"] = p.ID
	if err := r.move(tx, a, Approved, d.By, columns); err != nil {
		return nil, err
	}
	link, err := r.addRepresentative(tx, p, a)
	if err != nil {
		return nil, err
	}
	if err := r.write(tx, a, outbox.ApplicationApproved, link, d.Args()); err != nil {
		return nil, err
	}
	_, err = store.Bump(tx, store.TopicRegister)
	return p, err
}

func (r *Registry) decline(tx *gorm.DB, a *Application, d Decision) error {
	if err := r.move(tx, a, Declined, d.By, r.decided(d)); err != nil {
		return err
	}
	if d.Silent() || a.VerifiedAt == 0 {
		return nil // its address may be anybody's
	}
	return r.write(tx, a, outbox.ApplicationDeclined, r.StatusLink(a), d.Args())
}

// Review takes an application into review without claiming it; one that was
// asked back goes on without an answer.
func (r *Registry) Review(ctx context.Context, id int64, by audit.Actor) error {
	_, err := r.change(ctx, id, func(tx *gorm.DB, a *Application) error {
		switch a.State {
		case InReview:
			return nil
		case NeedsInfo:
			return r.review(tx, a, by, map[string]any{"waiting_since": r.Now().UnixMilli()})
		}
		return r.review(tx, a, by, nil)
	})
	return err
}

func (r *Registry) review(tx *gorm.DB, a *Application, by audit.Actor, columns map[string]any) error {
	if err := r.move(tx, a, InReview, by, columns); err != nil {
		return err
	}
	return r.write(tx, a, outbox.ApplicationInReview, r.StatusLink(a), nil)
}

// ask takes the application into review first, if it is not: who asks has
// read it. The letter about the questions says enough.
func (r *Registry) ask(tx *gorm.DB, a *Application, d Decision) error {
	if a.State == Verified {
		if err := r.move(tx, a, InReview, d.By, nil); err != nil {
			return err
		}
	}
	if err := r.move(tx, a, NeedsInfo, d.By, nil); err != nil {
		return err
	}
	return r.write(tx, a, outbox.ApplicationNeedsInfo, r.StatusLink(a), d.Args())
}

// Silent says that no letter goes out: the address of spam may be anybody's.
func (d Decision) Silent() bool { return d.Verdict == Refuse && d.Reason == ReasonSpam }

// Args are what the letter about the decision says besides. Reason and
// questions are keys, which the mailer puts into the reader's language.
func (d Decision) Args() map[string]string {
	return map[string]string{outbox.ArgReason: d.Reason, outbox.ArgQuestions: strings.Join(d.Questions, ","), outbox.ArgWords: d.Words, outbox.ArgWordsLang: d.WordsLang}
}
