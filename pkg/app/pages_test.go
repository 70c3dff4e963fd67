package app_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
	"olivebranch/pkg/view"
	"olivebranch/templates"
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
	a.Client().Get(w.status).Upload("/logo", "logo", picture(t), "logo_alt", "A choir")
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

// picture is a small one.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
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

// rooms opens the portal and the console; their language is the reader's.
func (w *world) rooms(pages map[string]*testkit.Page) {
	w.t.Helper()
	pages["site/speaker#agreed"] = w.Client().Get(w.speaker).Submit("/confirm")
	rep := w.Client()
	pages["portal/enter"] = rep.Get(path(w.Link("contact@harbour-choir.test", "", "/portal/enter/")))
	pages["portal/home"] = pages["portal/enter"].Submit(pages["portal/enter"].URL.Path)
	pages["console/sign_in"] = w.Client().Get("/console/sign-in")
	admin := w.Enter(w.admin)
	w.entrance(pages)
	w.accounts(pages, admin)
	pages["console/application#inbox"] = admin.Get("/console")
	pages["portal/generator"] = rep.Get("/portal/embed?site=wordpress&layout=box&theme=dark&lang=ar").Submit("/portal/embed/check", "url", "https://harbour-choir.test/")
	pages["portal/generator#refused"] = rep.Get("/portal/embed").Submit("/portal/embed/check", "url", "")
	pages["portal/poster"] = rep.Get("/portal/poster?lang=ko&paper=a5")
	rep.Get("/portal/profile").Upload("/portal/profile", "logo", picture(w.t), "version", "1", "name", "Harbour Choir", "website", "https://harbour.example/",
		"country", "KR", "kind", "peace", "about", "We sing.", "reach", "100_999", "placement", "Our page", "lang", "en", "logo_alt", "A harbour")
	pages["portal/profile"] = rep.Get("/portal/profile").Submit("/portal/profile", "about", "We sing and we march.", "country", "DE")
	pages["portal/profile#refused"] = pages["portal/profile"].Submit("/portal/profile", "name", "", "website", "")
	pages["portal/people"] = rep.Get("/portal/people").Submit("/portal/people", "contact_name", "Ada Example", "contact_role", "Chair", "email", "ada@example.org", "mail_lang", "en")
	pages["portal/people#refused"] = pages["portal/people"].Submit("/portal/people")
	pages["portal/me"] = rep.Get("/portal/me")
	pages["portal/places"] = rep.Get("/portal/places")
	pages["portal/places#refused"] = pages["portal/places"].Submit("/portal/hosts", "host", "not a website")
	pages["portal/places#none"] = rep.Get("/portal/places?after=1.1")
	pages["portal/partnership#refused"] = rep.Get("/portal/partnership").Submit("/portal/partnership/words")
	pages["portal/partnership"] = rep.Get("/portal/partnership").Submit("/portal/partnership/words", "words", "When do we begin?")
	application := "/console/applications/" + id(w.waiting.ID)
	pages["console/application"] = admin.Get(application)
	pages["console/application#none"] = admin.Get("/console?tab=withdrawn&q=nothing")
	pages["console/decide"] = admin.Get(application + "/approve")
	pages["console/decide#ask"] = admin.Get(application + "/ask?question_who_leads=1&words=Hello")
	pages["console/decide#refused"] = admin.Get(application + "/decline").Submit("/decline")
	pages["console/spam"] = admin.Get("/console/spam?id=" + id(w.waiting.ID))
	pages["console/spam#none"] = admin.Get("/console/spam")
	pages["console/phrases"] = admin.Get("/console/phrases")
	pages["console/phrase"] = admin.Get("/console/phrases/spam")
	pages["console/phrase#new"] = admin.Get("/console/phrases/new_question").Submit("/new_question")
	pages["console/compare"] = admin.Get(application + "/compare/" + id(w.partner("harbour-choir").ID))
	alarm, hold := w.Suspect(w.partner("harbour-choir").ID)
	pages["console/limits"] = admin.Get("/console/limits?edit=6")
	pages["console/limits#refused"] = admin.Post("/console/limits")
	pages["console/alarms"] = admin.Get("/console/alarms")
	admin.Post("/console/alarms/" + id(alarm) + "/done")
	admin.Post("/console/holds/" + id(hold) + "/end")
	pages["console/alarms#done"] = admin.Get("/console/alarms")
	pages["console/protected"] = admin.Get("/console/protected")
	pages["console/protected#refused"] = admin.Post("/console/protected")
	pages["console/decide"].Submit("/approve", "slug", "second-choir")
	pages["console/application#decided"] = admin.Get(application)
	pages["console/note"] = pages["console/application"].Submit("/notes", "note", "")
	var letter registry.Letter
	if err := w.Store.Read(w.t.Context()).Where("subject_id = ?", w.waiting.ID).Order("id").Take(&letter).Error; err != nil {
		w.t.Fatal(err)
	}
	pages["console/letter"] = admin.Get(application + "/letters/" + id(letter.ID))
	pages["console/audit"] = admin.Get("/console/audit")
	pages["console/audit#none"] = admin.Get("/console/audit?about=nobody")
	pages["console/figures"] = admin.Get("/console/figures")
	pages["console/mail"] = admin.Get("/console/mail")
	pages["console/mail#refused"] = admin.Post("/console/mail/free", "email", "not stopped@")
	pages["console/statements#refused"] = admin.Post("/console/statements")
	pages["console/statements"] = admin.Get("/console/statements").Submit("/console/statements", "sure", "1")
	pages["console/settings"] = admin.Get("/console/settings")
	pages["console/settings#refused"] = pages["console/settings"].Submit("/settings", "overdue_days", "x", "keep_keys", "1")
	w.wall(admin, pages)
	w.sweeps(admin, pages)
	w.designs(admin, rep, pages)
	w.partners(admin, pages)
	pages["console/translations"] = admin.Get("/console/translate?lang=ko")
	pages["console/translation"] = admin.Get("/console/translate/appeal.title/ko")
	pages["console/translation#original"] = admin.Get("/console/translate/appeal.title/en")
	pages["console/translation#refused"] = pages["console/translation"].Submit("from=en", "body", strings.Repeat("x", 200))
	pages["console/appeal"] = admin.Get("/console/appeal?lang=ko")
	pages["console/appeal#refused"] = pages["console/appeal"].Submit("/console/appeal?lang=ko", "last_day", "2020-01-01", "delivered_on", "2999-01-01")
	for name, p := range pages {
		if p == nil {
			delete(pages, name)
		}
	}
}

// wall opens the pages about messages and what is reported.
func (w *world) wall(admin *testkit.Client, pages map[string]*testkit.Page) {
	w.t.Helper()
	pages["console/messages"] = admin.Get("/console/messages")
	pages["console/messages#refused"] = pages["console/messages"].Submit("/refuse", "reason", "")
	pages["console/messages#translated"] = pages["console/messages#refused"].Submit("/translate", "words", "Paix à tous.")
	pages["console/messages#decided"] = pages["console/messages#translated"].Submit("/refuse", "reason", "contact")
	pages["console/messages#refusals"] = admin.Get("/console/messages?list=refused")
	pages["console/messages#undone"] = pages["console/messages#decided"].Submit("/undo")
	pages["console/messages#late"] = pages["console/messages#undone"].Submit("/refuse", "reason", "unclear", "version", "0")
	pages["console/messages#none"] = admin.Get("/console/messages?list=marked")
	pages["console/messages#shown"] = admin.Get("/console/messages?list=shown")
	pages["console/messages#partners"] = admin.Get("/console/messages?list=partners")
	pages["console/reports#empty"] = admin.Get("/console/reports")
	shown := id(w.Messages.Shown()[0].ID)
	visitor := w.Client()
	for _, about := range []string{"partner=harbour-choir", "message=" + shown} {
		page := visitor.Get("/en/report?" + about)
		page.Submit("/en/report?"+about, "reason", "else", "words", "Look at this, please.")
	}
	pages["console/reports"] = admin.Get("/console/reports")
	pages["console/reports#refused"] = admin.Post("/console/reports/message/" + shown + "/hide")
	pages["console/reports#hidden"] = pages["console/reports"].Submit("/hide", "reason", "advert")
	pages["console/reports#dismissed"] = pages["console/reports"].Submit("/dismiss")
	admin.Get("/console/messages?list=refused").Submit("/show")
}

// entrance signs in for the first time, from the password to recovery codes,
// and again with a code.
func (w *world) entrance(pages map[string]*testkit.Page) {
	w.t.Helper()
	signIn := func(c *testkit.Client) *testkit.Page {
		return c.Get("/console/sign-in").Submit("/console/sign-in", "email", w.admin.Email, "password", testkit.Password)
	}
	c := w.Client()
	pages["console/factors#newcomer"] = signIn(c)
	pages["console/totp"] = c.Get("/console/factors/totp")
	pages["console/totp#refused"] = pages["console/totp"].Submit("/totp", "code", "12")
	phone := testkit.Authenticator{App: w.App, Secret: pages["console/totp"].Words("code")}
	pages["console/codes"] = pages["console/totp#refused"].Submit("/totp", "code", phone.Code(-1))
	pages["console/codes#made"] = pages["console/codes"].Submit("/codes")
	pages["console/second"] = signIn(w.Client())
	pages["console/second#refused"] = pages["console/second"].Submit("/second", "code", "000000")
	pages["console/factors"] = pages["console/second#refused"].Submit("/second", "code", phone.Code(0)).Open("/console/factors")
}

// accounts opens the pages on which staff look after accounts.
func (w *world) accounts(pages map[string]*testkit.Page, admin *testkit.Client) {
	w.t.Helper()
	pages["console/account"] = admin.Get("/console/account")
	pages["console/account#refused"] = pages["console/account"].Submit("/password")
	pages["console/accounts"] = admin.Get("/console/accounts").Submit("/invitations", "email", "new@example.org", "role", "reviewer")
	pages["console/accounts#refused"] = pages["console/accounts"].Submit("/invitations")
	pages["console/member"] = admin.Get("/console/accounts/" + id(w.admin.ID))
	pages["console/member#refused"] = pages["console/member"].Submit("/disable")
	pages["console/invitation"] = w.Client().Get(path(w.Link("new@example.org", "", "/console/invitation/")))
	pages["console/invitation#refused"] = pages["console/invitation"].Submit("/console/invitation/" + last(pages["console/invitation"].URL.Path))
}

// designs opens the pages of what banners look like.
func (w *world) designs(admin, rep *testkit.Client, pages map[string]*testkit.Page) {
	w.t.Helper()
	pages["console/designs#none"] = admin.Get("/console/designs")
	pages["console/design_edit"] = admin.Get("/console/designs/new")
	pages["console/design_edit#refused"] = pages["console/design_edit"].Submit("/new", "code", "728x90", "button", "#aaaaaa", "figure", "green", "last_day", "soon", "slogan_en", strings.Repeat("x", 71))
	published := pages["console/design_edit"].Submit("/new", "code", "dawn", "slogan_ko", "이제 평화로").Submit("/publish")
	pages["console/design_edit#published"] = published.Open(published.URL.Path + "/edit")
	pages["console/design"] = pages["console/design_edit#published"].Submit("/edit", "figure", "#8a3b12")
	pages["console/designs"] = admin.Get("/console/designs")
	rep.Get("/portal/design").Submit("/portal/design", "design", "dawn")
	pages["portal/look"] = rep.Get("/portal/design").Submit("/line", "line", "We sing because we wait.", "line_lang", "en")
	pages["portal/look#refused"] = pages["portal/look"].Submit("/line", "line", "", "line_lang", "?")
}

func last(p string) string { return p[strings.LastIndex(p, "/")+1:] }

// partners opens the pages of what becomes of partners.
func (w *world) partners(admin *testkit.Client, pages map[string]*testkit.Page) {
	w.t.Helper()
	choir, _ := w.Register.BySlug("harbour-choir")
	at := "/console/partners/" + id(choir.ID)
	pages["console/partner_edit"] = admin.Get(at + "/edit")
	pages["console/partner#edited"] = pages["console/partner_edit"].Submit("/edit", "name", "Harbour Chorus", "about", "We march.")
	pages["console/partner#edited"].Submit("/rename", "slug", "harbour-chorus")
	pages["console/partner_state#empty"] = admin.Get(at + "/state")
	pages["console/partner_state"] = admin.Get(at + "/state?to=suspended&words=%EC%95%88%EB%85%95&words_lang=ko")
	pages["console/partner_state#refused"] = pages["console/partner_state"].Submit("/state", "to", "suspended", "words", "")
	pages["console/partner"] = pages["console/partner_state"].Submit("/state", "to", "suspended", "words", "Please look at your site.")
	pages["console/partner#refused"] = pages["console/partner"].Submit("/rename", "slug", "p-728x90")
	pages["console/partners"] = admin.Get("/console/partners?imported=2")
	pages["console/partners#owing"] = admin.Get("/console/partners?owing=1")
	pages["console/places"] = admin.Get("/console/placements?host=unknown.example")
	pages["console/places#one"] = admin.Get("/console/placements?partner=" + id(choir.ID))
	pages["console/places#refused"] = pages["console/places#one"].Submit("/hosts", "host", "river.example", "slug", "nobody")
	pages["console/places#none"] = admin.Get("/console/placements?after=1.1")
	pages["console/partners#none"] = admin.Get("/console/partners?q=nobodyhasthisname&state=left")
	changes, _, err := w.Registry.ChangesWaiting(w.t.Context(), 1)
	if err != nil || len(changes) != 1 {
		w.t.Fatalf("changes: %v, %v", changes, err)
	}
	pages["console/changes#queue"] = admin.Get("/console/changes")
	pages["console/changes"] = admin.Get("/console/changes/" + id(changes[0].ID))
	pages["console/change_decide#publish"] = admin.Get("/console/changes/" + id(changes[0].ID) + "/publish")
	pages["console/change_decide"] = admin.Get("/console/changes/" + id(changes[0].ID) + "/refuse")
	pages["console/change_decide#refused"] = pages["console/change_decide"].Submit("/refuse")
	pages["console/changes#empty"] = pages["console/change_decide#refused"].Submit("/refuse", "words", "Not this one.")
	pages["console/import"] = admin.Get("/console/partners/import")
	pages["console/import#refused"] = pages["console/import"].Submit("/import", "csv", "name,nothing\nx,y")
	pages["console/import#checked"] = pages["console/import"].Submit("/import", "csv", "name,website,country,kind,about,reach\nHouse,house.example,KR,faith,x,under_100", "do", "check")
	pages["portal/home#suspended"], pages["portal/partnership#suspended"] = nil, nil
	if rep := pages["portal/partnership"]; rep != nil {
		pages["portal/home#suspended"], pages["portal/partnership#suspended"] = rep.Open("/portal"), rep.Open("/portal/profile")
	}
}

func TestEveryPageHasItsLanguageAndOneHeading(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.Run(t, testkit.SQLite(t)))
	for _, lang := range testkit.Languages(t) {
		pages := w.pages(lang)
		for name, p := range pages {
			if p == nil {
				continue
			}
			if p.Attr("html", "lang") != lang || p.Attr("html", "dir") != w.Catalogues.For(lang).Dir() {
				t.Errorf("%s in %s has lang=%q dir=%q", name, lang, p.Attr("html", "lang"), p.Attr("html", "dir"))
			}
			headings := 0
			p.Each(func(n *html.Node) {
				if n.Data == "h1" {
					headings++
				}
			})
			if headings != 1 {
				t.Errorf("%s in %s has %d first headings", name, lang, headings)
			}
			if p.Status >= 500 || len(p.Header["Set-Cookie"]) > 0 {
				t.Errorf("%s in %s: status %d, cookies %v", name, lang, p.Status, p.Header["Set-Cookie"])
			}
		}
	}
	if missing := w.Catalogues.Misses(); len(missing) > 0 {
		t.Errorf("messages missing: %v", missing)
	}
}

// TestTheSummaryTellsItsPointsApart: a list of "please fill this in" helps
// nobody.
func TestTheSummaryTellsItsPointsApart(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	for _, lang := range testkit.Languages(t) {
		seen := map[string]bool{}
		a.Client().Post("/" + lang + "/join").Each(func(n *html.Node) {
			for _, at := range n.Attr {
				if at.Key == "href" && strings.HasPrefix(at.Val, "#f-") {
					point := n.FirstChild.Data
					if seen[point] {
						t.Errorf("in %s the summary says twice: %s", lang, point)
					}
					seen[point] = true
				}
			}
		})
		if len(seen) < 10 {
			t.Errorf("in %s the summary of an empty application has %d points", lang, len(seen))
		}
	}
}

// An application that asks for more is not finished.
func TestTheApplicationHasTwelveFieldsAtMost(t *testing.T) {
	t.Parallel()
	fields := 0
	testkit.Run(t, testkit.SQLite(t)).Client().Get("/en/join").Each(func(n *html.Node) {
		tick := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "type" && a.Val == "checkbox" })
		if slices.Contains([]string{"input", "select", "textarea"}, n.Data) && !tick {
			fields++
		}
	})
	if fields > 12 || fields < 10 {
		t.Errorf("the form has %d fields", fields)
	}
}

// mostBytes is the bound of a public page with all it loads, without logos
// and the map, which come late, and before compression.
const mostBytes = 60_000

func TestAPublicPageIsSmall(t *testing.T) {
	t.Parallel()
	a := testkit.Demo(t)
	for _, lang := range testkit.Languages(t) {
		for _, p := range []string{"/", "/sign", "/join", "/partners", "/partners/handeul-peace-yard", "/messages", "/figures", "/number", "/privacy", "/embed"} {
			page := a.Client().Get("/" + lang + p)
			size := len(page.Body)
			page.Each(func(n *html.Node) {
				for _, at := range n.Attr {
					if strings.HasPrefix(at.Val, "/static/") {
						size += len(a.Client().Get(at.Val).Body)
					}
				}
			})
			if page.Status != 200 || size > mostBytes {
				t.Errorf("/%s%s: status %d, %d bytes, want at most %d", lang, p, page.Status, size, mostBytes)
			}
		}
	}
}

func TestEveryTemplateIsRendered(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	c.Demo = true
	demo := testkit.Run(t, c)
	fresh := testkit.Run(t, testkit.SQLite(t))
	w := newWorld(t, testkit.Run(t, testkit.SQLite(t)))
	pages := w.pages("en")
	w.rooms(pages)
	pages["site/mail"] = demo.Client().Get("/demo/mail")
	first, err := fresh.FirstAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pages["console/first"] = fresh.Client().Get(first)
	views, err := view.Load(templates.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range views.Names() {
		if p := pages[name]; p == nil || p.Doc == nil || p.Attr("h1", "class") == "missing" {
			t.Errorf("no test renders %s", name)
		}
	}
}

// TestEveryVisibleWordIsAMessage reads every page in a language in which each
// message is marked, and looks for words without the mark. What people wrote
// stands in elements with translate="no"; numbers and addresses have no
// words.
func TestEveryVisibleWordIsAMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.Run(t, testkit.SQLite(t), func(o *app.Options) { o.Pseudo = true }))
	pages := w.pages("en")
	w.rooms(pages)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		for _, words := range unmarked(pages[name].Doc, false) {
			t.Errorf("%s shows words that are no message: %q", name, words)
		}
	}
}

var (
	message   = regexp.MustCompile(`(?s)⟦.*?⟧`)
	spoken    = []string{"alt", "title", "aria-label", "placeholder", "data-done", "data-cancelled", "data-broken"}
	wordless  = []string{"script", "style", "noscript", "textarea", "option"}
	languages = []string{"English", "한국어", "العربية", "Bahasa Indonesia", "Deutsch", "Español", "Français", "Русский", "日本語", "简体中文"}
)

// unmarked lists the words below a node that stand outside a message.
func unmarked(n *html.Node, exempt bool) []string {
	var found []string
	check := func(text string) {
		rest := strings.TrimSpace(message.ReplaceAllString(text, ""))
		if strings.ContainsFunc(rest, unicode.IsLetter) && !slices.Contains(languages, rest) {
			found = append(found, rest)
		}
	}
	if n.Type == html.TextNode && !exempt {
		check(n.Data)
	}
	if n.Type == html.ElementNode {
		for _, a := range n.Attr {
			exempt = exempt || a.Key == "translate" && a.Val == "no"
		}
		exempt = exempt || slices.Contains(wordless, n.Data)
		for _, a := range n.Attr {
			if slices.Contains(spoken, a.Key) && !exempt {
				check(a.Val)
			}
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		found = append(found, unmarked(child, exempt)...)
	}
	return found
}
