package console

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// decidePage is one verdict about to be given, with the letter it sends.
type decidePage struct {
	view.Page
	Application *registry.Application
	Verdict     registry.Verdict
	Back        string // query of the list one came from
	Slug        string
	Choices     []choice // reasons or questions
	Draft       draft
}

// choice is a phrase to choose, in the reader's language and in the
// applicant's.
type choice struct {
	Key          string
	Text, Theirs texts.Version // as staff and as the applicant read it
	Digit        int           // the key that chooses it; 0 for none
	Chosen       bool
}

func (o *Console) newDecidePage(c echo.Context, who *staff.Account, verdict registry.Verdict, get func(name string) string) (*decidePage, error) {
	a, err := o.application(c)
	if err != nil {
		return nil, err
	}
	page := &decidePage{Page: o.base(c, who, "console.verdict."+string(verdict)), Application: a, Verdict: verdict,
		Back: o.readFilter(c.QueryParams()).Link(), Slug: get("slug")}
	page.Labels = "console."
	page.Draft = o.newDraft(&page.Page, get, "console.words")
	kind, field := registry.Question, "question_"
	if verdict == registry.Refuse {
		kind = registry.Reason
	}
	if verdict != registry.Admit {
		for i, f := range o.Phrases.Offered(kind) {
			ch := choice{Key: f.Key, Text: f.Wording.In(page.Lang()), Theirs: f.Wording.In(a.MailLang), Chosen: get(field+f.Key) != "" || kind == registry.Reason && get("reason") == f.Key}
			if i < 9 {
				ch.Digit = i + 1
			}
			page.Choices = append(page.Choices, ch)
		}
	}
	return page, nil
}

// letters are the kinds of mail that verdicts send.
var letters = map[registry.Verdict]outbox.Kind{
	registry.Admit: outbox.ApplicationApproved, registry.Refuse: outbox.ApplicationDeclined, registry.Ask: outbox.ApplicationNeedsInfo,
}

// decision is what the page says so far.
func (p *decidePage) decision(who *staff.Account) registry.Decision {
	d := registry.Decision{Application: p.Application.ID, Version: p.Application.Version, Verdict: p.Verdict, By: by(who), Slug: p.Slug,
		Words: p.Draft.Words.Body, WordsLang: p.Draft.Words.Lang}
	for _, ch := range p.Choices {
		switch {
		case !ch.Chosen:
		case p.Verdict == registry.Refuse:
			d.Reason = ch.Key
		default:
			d.Questions = append(d.Questions, ch.Key)
		}
	}
	return d
}

// showDecide shows the letter that a verdict would send, beside its twin.
// What was typed so far comes in the query.
func (o *Console) showDecide(verdict registry.Verdict) handler {
	return func(c echo.Context, who *staff.Account) error {
		page, err := o.newDecidePage(c, who, verdict, c.QueryParam)
		if err != nil {
			return err
		}
		if !slices.Contains(page.Application.Verdicts(), verdict) {
			return o.refuse(c, who, registry.ErrMoved)
		}
		return o.renderDecide(c, who, http.StatusOK, page)
	}
}

func (o *Console) renderDecide(c echo.Context, who *staff.Account, status int, page *decidePage) error {
	a := page.Application
	contact, err := o.Registry.Contact(a)
	if err != nil {
		return err
	}
	d := page.decision(who)
	if d.Silent() || a.VerifiedAt == 0 && page.Verdict == registry.Refuse {
		page.Draft.None = "console.decide.no_letter"
	}
	args := a.LetterArgs(contact)
	maps.Copy(args, d.Args())
	page.Draft.Letter = o.twins(page.Page, letters[page.Verdict], []string{a.MailLang}, args)
	return o.Render(c, status, "console/decide", page)
}

// decide gives a verdict, which can be taken back for a minute, and opens the
// next application. A refused one is shown again with what was typed.
func (o *Console) decide(verdict registry.Verdict) handler {
	return func(c echo.Context, who *staff.Account) error {
		fields := []string{"version", "slug", "reason", "words", "words_lang"}
		for _, f := range o.Phrases.Offered(registry.Question) {
			fields = append(fields, "question_"+f.Key)
		}
		v, err := web.Form(c, fields...)
		page, pageErr := o.newDecidePage(c, who, verdict, v.Get)
		if pageErr != nil {
			return pageErr
		}
		if err == nil {
			err = o.giveVerdict(c, who, page, v.Get("version"))
		}
		if err != nil {
			return web.Refuse(err, &page.Page, func(status int) error { return o.renderDecide(c, who, status, page) })
		}
		to, err := o.next(c, who, page.Application)
		if err != nil {
			return err
		}
		return web.See(c, to)
	}
}

func (o *Console) giveVerdict(c echo.Context, who *staff.Account, page *decidePage, seen string) error {
	d := page.decision(who)
	var err error
	if d.Version, err = strconv.ParseInt(seen, 10, 64); err != nil || d.Version < 1 {
		d.Version = -1 // who does not say what was seen has seen no version there is
	}
	_, err = o.Registry.Decide(c.Request().Context(), d)
	return o.whoWasFirst(c.Request().Context(), page.Locale, page.Application, err)
}

// whoWasFirst puts into a refusal because of somebody else who that was, and
// what they did.
func (o *Console) whoWasFirst(ctx context.Context, words *locale.Locale, a *registry.Application, err error) error {
	if !errors.Is(err, registry.ErrMoved) && !errors.Is(err, registry.ErrClaimed) {
		return err
	}
	trail, trailErr := o.Trail.Search(ctx, audit.Query{Subject: registry.OfApplication, SubjectID: a.ID, Group: registry.OfApplication}, audit.Key{}, 1)
	names, namesErr := o.names(ctx)
	if trailErr != nil || namesErr != nil || len(trail) == 0 {
		return errors.Join(err, trailErr, namesErr)
	}
	last := trail[0]
	return fault.New(fault.Conflict, "console.moved_by", "Who", o.actor(words, last, names), "What", words.T("console.did."+last.Action), "When", words.DateTime(last.At)).Because(err)
}

// actor is who did what an entry of the trail says.
func (o *Console) actor(words *locale.Locale, e audit.Entry, names map[int64]string) string {
	if name := names[e.ActorID]; e.ActorKind == audit.Staff && name != "" {
		return name
	}
	return words.T("console.by." + e.ActorKind)
}

// pending is a batch of decisions that can still be taken back.
type pending struct {
	Batch   int64
	Verdict registry.Verdict
	N       int
	Name    string // of the organization, when it is one
	Lang    string
	By      string
	DueAt   int64
	Left    int // seconds until then
}

// pending lists what who is signed in decided just now.
func (o *Console) pending(ctx context.Context, who *staff.Account) ([]pending, error) {
	rulings, err := o.Registry.PendingOf(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	var list []pending
	for _, v := range rulings {
		at := slices.IndexFunc(list, func(p pending) bool { return p.Batch == v.BatchID })
		if at >= 0 {
			list[at].N++
			continue
		}
		a, err := o.Registry.Application(ctx, v.ApplicationID)
		if err != nil {
			return nil, err
		}
		list = append(list, pending{Batch: v.BatchID, Verdict: v.Kind, N: 1, Name: a.Name, Lang: a.Profile.Lang, By: who.Name,
			DueAt: v.DueAt, Left: int(max(0, v.DueAt-o.Now().UnixMilli()) / 1000)})
	}
	return list, nil
}

// decidedOn is the decision on an application that is not carried out yet;
// nil for none.
func (o *Console) decidedOn(ctx context.Context, id int64) (*pending, error) {
	rulings, err := o.Registry.Decisions(ctx, id)
	if err != nil || len(rulings) == 0 || rulings[0].State != registry.Pending {
		return nil, err
	}
	names, err := o.names(ctx)
	v := rulings[0]
	return &pending{Batch: v.BatchID, Verdict: v.Kind, N: 1, By: names[v.StaffID], DueAt: v.DueAt}, err
}

// undo takes back decisions made together.
func (o *Console) undo(c echo.Context, who *staff.Account) error {
	batch, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrNotFound
	}
	if _, err := o.Registry.Undo(c.Request().Context(), batch, by(who)); err != nil {
		return err
	}
	return web.See(c, "/console"+o.readFilter(c.QueryParams()).Link())
}
