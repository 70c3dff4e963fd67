package app_test

import (
	"strings"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

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
	rep.Get("/portal/profile").Upload("/portal/profile", "logo", testkit.Picture(w.t), "version", "1", "name", "Harbour Choir", "website", "https://harbour.example/",
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
