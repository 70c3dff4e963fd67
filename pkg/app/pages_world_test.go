package app_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// world is a campaign in which every page has something to show.
type world struct {
	*testkit.App
	t        *testing.T
	admin    *staff.Account
	waiting  *registry.Application // its address is confirmed
	asked    string                // the status page of one that is asked back
	status   string                // its status page, with a logo
	speaker  string                // the question to who speaks for it
	unsure   string                // the status page of one whose address is not confirmed
	draft    string                // a form half filled
	confirm  string                // an application not confirmed yet
	pending  string                // a confirmation link not used
	sent     string                // the page that asks for the code
	used     string                // a confirmation link that was used
	personal string                // the page of a counted signature
	vouch    string                // the question to a partner about the waiting application
	lent     string                // an application opened by a trusted reader
	unopened string                // one not opened yet
	held     string                // the page of a held signature, days later
	invalid  string                // the page of one that is not counted
	frozen   string                // the name of a statement
}

func newWorld(t *testing.T, a *testkit.App) *world {
	t.Helper()
	w := &world{App: a, t: t}
	a.AddPartner("Harbour Choir", "harbour-choir")
	a.AddPartner("River School", "river-school")
	w.seeBanners()
	w.admin = a.AddStaff("admin@example.org", staff.Admin)
	if err := a.Registry.Protect(t.Context(), "Harbour Choir", audit.Actor{Kind: audit.Program}); err != nil {
		t.Fatal(err)
	}
	applied := a.Client().Get("/en/join").Submit("/en/join", append(testkit.ApplicationForm("Second Choir", "second@choir.test"), "authorised", "")...)
	w.status = applied.URL.Path
	a.Client().Get(a.Link("second@choir.test", "", "/confirm")).Submit("/confirm")
	a.Client().Get(w.status).Submit("/speaker", "speaker_name", "Lea Speaker", "speaker_email", "lea@choir.test")
	w.speaker = path(a.Link("lea@choir.test", "", "/speaker/"))
	a.Client().Get(w.status).Upload("/logo", "logo", testkit.Picture(t), "logo_alt", "A choir")
	waiting, err := a.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 1})
	if err != nil || len(waiting) != 1 {
		t.Fatalf("inbox: %v %v", waiting, err)
	}
	w.waiting = &waiting[0]
	w.gatherEvidence()
	w.unsure = a.Client().Get("/en/join").Submit("/en/join", testkit.ApplicationForm("Third Choir", "third@choir.test")...).URL.Path
	w.confirm = path(a.Link("third@choir.test", "", "/confirm"))

	asked := a.Client().Get("/en/join").Submit("/en/join", testkit.ApplicationForm("Asked Choir", "asked@choir.test")...)
	w.asked = asked.URL.Path
	a.Client().Get(a.Link("asked@choir.test", "", "/confirm")).Submit("/confirm")
	waiting, err = a.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 5})
	if err != nil || len(waiting) != 2 {
		t.Fatalf("inbox: %v %v", waiting, err)
	}
	if err := a.Registry.AskBack(t.Context(), registry.Decision{Application: waiting[1].ID, Questions: []string{"who_leads"}, Words: "Who are you?", WordsLang: "en"}); err != nil {
		t.Fatal(err)
	}
	w.doubts()
	w.draft = a.Client().Get("/en/join").Submit("/en/join", "email", "fourth@choir.test", "later", "1").URL.Path
	w.lent, w.unopened = w.lend(true), w.lend(false)
	w.used = path(a.Sign("/en/sign", "Mina Example", "mina@example.org"))
	w.personal = a.Client().Get(w.used).Submit(w.used).URL.Path
	w.pending = path(a.Sign("/en/sign?via=harbour-choir", "Wait Example", "wait@example.org"))
	w.sent = a.Client().Get("/en/sign").Submit("/en/sign", testkit.SignForm("Sent Example", "sent@example.org")...).URL.Path
	_, err = a.Signatures.Add(t.Context(), a.Appeal.Current(), []appeal.Entry{shownMessage(t), waitingMessage(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Messages.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Bulletins.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	frozen, err := a.Statements.Freeze(t.Context(), 0, operator)
	if err != nil {
		t.Fatal(err)
	}
	w.frozen = frozen.Name
	return w
}

// seeBanners lets the banner of the choir be seen on pages of every standing.
func (w *world) seeBanners() {
	w.t.Helper()
	choir, rep := w.partner("harbour-choir"), audit.Actor{Kind: audit.Representative, ID: 1}
	for partner, host := range map[string]string{"harbour-choir": "songs.example", "river-school": "river.example"} {
		if err := w.Registry.ListHost(w.t.Context(), w.partner(partner).ID, host, rep); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, at := range []string{"harbour-choir.example%2Fpeace", "songs.example", "river.example%2F", "unknown.example%2F%ED%8F%89%ED%99%94", "x.filesusr.com", ""} {
		w.Places.Notes.See(placement.Sight{Partner: choir.ID, At: at, Now: w.Now()})
	}
	if _, err := w.Places.Write(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// doubts adds signatures that are held, one of them refused since.
func (w *world) doubts() {
	w.t.Helper()
	var rows []int64
	for i, reason := range []string{appeal.ReasonQuick, appeal.ReasonDomain, appeal.ReasonRange} {
		row, err := w.Intake.Request(w.t.Context(), appeal.Form{Name: "Quick Example", Email: "quick-" + strconv.Itoa(i) + "@example.org", Country: "KR", Lang: "en",
			Consents: appeal.ConsentCount, Range: "198.51.100.0/24", Doubt: reason})
		if err == nil {
			_, err = w.Intake.Confirm(w.t.Context(), row)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if _, err := w.Sweeps.Apply(w.t.Context(), appeal.Order{IDs: rows[1:2], From: appeal.Held, To: appeal.Mark{State: appeal.Invalid, Reason: appeal.ReasonDomain}, By: operator}); err != nil {
		w.t.Fatal(err)
	}
	// Their owners read what is so from the day after on.
	if err := w.Store.Exec(w.t.Context(), "UPDATE signatures SET confirmed_at = confirmed_at - ? WHERE id IN ?", 25*time.Hour.Milliseconds(), rows); err != nil {
		w.t.Fatal(err)
	}
	own := func(row int64) string {
		return "/en/signature/" + w.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: row})
	}
	w.held, w.invalid = own(rows[0]), own(rows[1])
}

// sweeps opens the pages about signatures that are held and moved together.
func (w *world) sweeps(admin *testkit.Client, pages map[string]*testkit.Page) {
	w.t.Helper()
	pages["console/held"] = admin.Get("/console/held")
	pages["console/held#range"] = admin.Get("/console/held?by=range")
	pages["console/held#refused"] = admin.Post("/console/held")
	pages["console/held_one"] = admin.Get("/console/held/one")
	pages["console/held_one#refused"] = admin.Post("/console/held/one")
	pages["console/sweeps#refused"] = admin.Post("/console/sweeps")
	w.Clock.Advance(time.Minute)
	pages["console/sweep#ready"] = admin.Get("/console/sweeps").Submit("/console/sweeps", "country", "KR", "name", "quick", "domains", "example.org", "ranges", "198.51.100.7", "target", "invalid", "reason", "staff", "words", "A burst.")
	pages["console/sweep#done"] = pages["console/sweep#ready"].Submit("/run")
	pages["console/held#none"] = admin.Get("/console/held")
	pages["console/sweep"] = pages["console/sweep#done"].Submit("/undo")
	pages["console/held_one#decided"] = admin.Get("/console/held/one").Submit("/console/held/one", "verdict", "release")
	pages["console/sweeps"] = admin.Get("/console/sweeps")
}

// gatherEvidence lets the waiting applicant give proofs, and a partner be
// asked about it and another be named.
func (w *world) gatherEvidence() {
	w.t.Helper()
	ctx, applicant := w.t.Context(), audit.Actor{Kind: audit.Applicant}
	for _, kind := range []registry.ProofKind{registry.ProofDNS, registry.ProofPost} {
		if _, err := w.Registry.CheckProof(ctx, w.waiting.ID, kind, w.waiting.Website+"/news", applicant); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.Registry.SetLinks(ctx, w.waiting.ID, []string{"https://news.example/choir"}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Registry.NamePartners(ctx, w.waiting.ID, []int64{w.partner("harbour-choir").ID}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Registry.AskPartner(ctx, w.waiting.ID, w.partner("river-school"), operator); err != nil {
		w.t.Fatal(err)
	}
	w.vouch = path(w.Link("contact@river-school.test", "Do you know", "/vouch/"))
}

func (w *world) partner(slug string) *registry.Partner {
	w.t.Helper()
	p, ok := w.Register.Active(slug)
	if !ok {
		w.t.Fatalf("no partner %s", slug)
	}
	return p
}

// lend makes a link for a trusted reader, who has left a remark if opened.
func (w *world) lend(opened bool) string {
	w.t.Helper()
	ctx, by := w.t.Context(), audit.Actor{Kind: audit.Staff, ID: 1}
	lent, err := w.Registry.LendOut(ctx, w.waiting.ID, by)
	if err != nil {
		w.t.Fatal(err)
	}
	if opened {
		err = errors.Join(w.Registry.Open(ctx, lent.ID), w.Registry.Remark(ctx, lent.ID, "Zed Reader", registry.Words{Body: "I know them.", Lang: "ko"}),
			w.Registry.AddNote(ctx, registry.About{Subject: registry.OfApplication, ID: w.waiting.ID}, registry.Words{Body: "Ask Zed.", Lang: "en"}, by))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return w.Registry.ReadingLink(lent, "en")
}

func path(link string) string {
	_, rest, _ := strings.Cut(link, "://")
	_, p, _ := strings.Cut(rest, "/")
	return "/" + p
}

// in puts a path's page into another language.
func in(lang, p string) string { return "/" + lang + p[len("/en"):] }

// pages opens every page in a language, by the template that shows it; a
// mark behind # tells variants apart.
func (w *world) pages(lang string) map[string]*testkit.Page {
	visitor := w.Client()
	get := func(p string) *testkit.Page { return visitor.Get(in(lang, p), "Accept-Language", lang) }
	pages := map[string]*testkit.Page{
		"site/appeal": get("/en/"), "site/sign": get("/en/sign?via=harbour-choir"), "site/sign#refused": visitor.Post("/" + lang + "/sign"),
		"site/unsubscribe":         get("/en/unsubscribe/" + outbox.StopToken(w.Keys, outbox.SignReminder, []byte("a reader"))),
		"site/unsubscribe#stopped": visitor.Post("/" + lang + "/unsubscribe/" + outbox.StopToken(w.Keys, outbox.BannerMissed, []byte(lang))),
		"site/sent":                get(w.sent), "site/confirm": get(w.pending), "site/confirm#used": get(w.used),
		"site/signature": get(w.personal), "site/signature#waiting": get(strings.Replace(w.signature(), "/en/", "/en/", 1)),
		"site/signature#held": get(w.held), "site/signature#invalid": get(w.invalid),
		"site/signature#refused": visitor.Get(in(lang, w.personal)).Submit("/name", "name", ""), "site/signature#again": visitor.Get(in(lang, w.signature())).Submit("/resend"),
		"site/signature_link": get("/en/signature?sent=1"), "site/signature_link#refused": visitor.Post("/" + lang + "/signature"),
		"site/partners": get("/en/partners"), "site/partners#none": get("/en/partners?q=nobodyhasthisname"), "site/partner": get("/en/partners/harbour-choir"),
		"site/messages": get("/en/messages"), "site/messages#none": get("/en/messages?language=cy"),
		"site/report": get("/en/report?partner=harbour-choir"), "site/report#refused": visitor.Post("/" + lang + "/report?partner=harbour-choir"), "site/report#sent": get("/en/report?partner=harbour-choir&sent=1"),
		"site/privacy": get("/en/privacy"), "site/figures": get("/en/figures"), "site/number": get("/en/number"), "site/statement": get("/en/statements/" + w.frozen), "site/embed": get("/en/embed"),
		"site/join": get("/en/join"), "site/join#refused": visitor.Post("/" + lang + "/join"),
		"site/application": get(w.status), "site/application#asked": get(w.asked), "site/application#refused": get(w.asked).Submit("/answer"), "site/application_confirm": get(w.confirm), "site/error": get("/en/nowhere"),
		"site/application#unsure": get(w.unsure + "?resent=1"), "site/join#draft": get(w.draft + "?saved=1"),
		"site/speaker": get(w.speaker), "site/proof": get(w.status + "/proof"), "site/proof#refused": visitor.Post(in(lang, w.status) + "/proof"),
		"site/vouch": get(w.vouch), "site/vouch#refused": visitor.Post(in(lang, w.vouch)),
		"portal/door": visitor.Get("/portal/enter?sent=1", "Accept-Language", lang), "portal/enter": nil, "portal/home": nil,
		"site/reading": get(w.lent), "site/reading#unopened": get(w.unopened), "site/reading#refused": visitor.Post(in(lang, w.lent) + "/remark"),
	}
	pages["site/report#message"] = get("/en/report?message=" + id(w.Messages.Shown()[0].ID))
	pages["site/erased"] = w.erase(lang)
	return pages
}

// signature is the page of the request that waits.
func (w *world) signature() string {
	w.t.Helper()
	return path(w.Link("wait@example.org", "", "/signature/"))
}

func (w *world) erase(lang string) *testkit.Page {
	w.t.Helper()
	mail := "erase-" + lang + "@example.org"
	w.Sign("/"+lang+"/sign", "Gone Example", mail)
	p := path(w.Link(mail, "", "/signature/"))
	return w.Client().Get(p).Submit("/withdraw")
}
