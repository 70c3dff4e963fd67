package app_test

import (
	"errors"
	"testing"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// A new campaign says in every language that it is new. Once its staff have
// written a text, no other language says so any more: it falls back to theirs.
func TestTheFirstWordsGiveWayToTheCampaigns(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		french := a.Catalogues.For("fr")
		visitor, author := a.Client(), a.Enter(a.AddStaff("author@example.org", staff.Admin))
		if p := visitor.Get("/fr/"); !p.Has(french.T("start.title")) || p.Has(french.T("layout.untranslated", "Language", "anglais")) {
			t.Errorf("the new campaign in French: %s", p.Text())
		}

		saved := author.Get("/console/appeal?lang=en").Submit("/console/appeal?lang=en", "campaign", "Open Letters", "title", "Let letters cross",
			"body", "No letter has crossed.", "controller", "Open Letters, 1 Some Street")
		if !saved.Has("Saved.") {
			t.Fatalf("the appeal was not saved: %d %s", saved.Status, saved.Text())
		}
		p := visitor.Get("/fr/")
		for _, first := range []string{"start.campaign", "start.title", "start.body", "start.controller"} {
			if p.Has(french.T(first)) {
				t.Errorf("French readers still get %s", first)
			}
		}
		if !p.Has("No letter has crossed.") || p.Attr("h1", "lang") != "en" || !p.Has(french.T("layout.untranslated", "Language", "anglais")) {
			t.Errorf("the appeal in French: %s", p.Text())
		}
		if p := visitor.Get("/fr/privacy"); !p.Has("1 Some Street") {
			t.Errorf("who is responsible, in French: %s", p.Text())
		}
		if p := author.Get("/console/translate?lang=fr&work=1"); !p.Has("Let letters cross") || !p.Has("missing") {
			t.Errorf("a translator does not see that French is missing: %s", p.Text())
		}

		author.Get("/console/translate/appeal.title/fr").Submit("from=en", "body", "Laissez passer les lettres")
		if got := a.Appeal.Current().Exact(appeal.Title, "fr"); got.Body != "Laissez passer les lettres" || got.BaseLang != "en" {
			t.Errorf("translated: %+v", got)
		}
	})
}

// A first start that ended between making the campaign and writing its texts
// is made up for by the next.
func TestAFirstStartThatWasCutShortIsFinished(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		clock := testkit.NewClock()
		if err := app.Migrate(t.Context(), c, clock.Now); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), store.Options{URL: c.Database, Path: c.DatabasePath(), Now: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(appeal.Create(t.Context(), s, "appeal", 1000), s.Close())
		if err != nil {
			t.Fatal(err)
		}
		a := testkit.Run(t, c)
		if words := a.Catalogues.For("ko").T("start.title"); !a.Client().Get("/ko/").Has(words) {
			t.Errorf("the campaign does not say %q", words)
		}
		if korean := a.Appeal.Current().Exact(appeal.Title, "ko"); korean.BaseLang != "en" || korean.BaseVersion != 1 {
			t.Errorf("the Korean title is no translation of the English one: %+v", korean)
		}
	})
}

// What an installation shows before anybody has come: no date of 1970, no
// filter of nothing, no search that found nothing.
func TestANewCampaignIsEmptyInGoodOrder(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	for _, lang := range []string{"en", "ko", "ar"} {
		l, visitor := a.Catalogues.For(lang), a.Client()
		front := visitor.Get("/" + lang + "/")
		if !front.Has(l.T("meaning.counted", "N", 0, "AsOf", l.DateTime(testkit.Start.UnixMilli()))) {
			t.Errorf("%s: the number is not as of now: %s", lang, front.Text())
		}
		if front.Has(l.T("appeal.partners", "N", 0)) || !front.Has(l.T("appeal.no_partners")) {
			t.Errorf("%s: the wall of no partners: %s", lang, front.Text())
		}
		if p := visitor.Get("/" + lang + "/partners"); p.Has(l.T("partners.none")) || p.Has(l.T("partners.search_button")) || !p.Has(l.T("appeal.no_partners")) {
			t.Errorf("%s: the register of no partners: %s", lang, p.Text())
		}
		if p := visitor.Get("/" + lang + "/messages"); p.Has(l.T("messages.show")) || !p.Has(l.T("messages.none")) {
			t.Errorf("%s: the wall of no messages: %s", lang, p.Text())
		}
	}
	staffed := a.Enter(a.AddStaff("first@example.org", staff.Admin))
	if p := staffed.Get("/console"); !p.Has("No organization has applied yet.") || p.Find("a", "href", "/console/appeal") == "" {
		t.Errorf("the first inbox: %s", p.Text())
	}
	if p := staffed.Get("/console/nothing-here"); p.Find("a", "href", "/console") == "" {
		t.Errorf("no way back to the console: %s", p.Text())
	}
	form := testkit.ApplicationForm("Reed Choir", "reed@example.org")
	a.Client().Get("/en/join").Submit("/en/join", form...)
	if p := staffed.Get("/console"); p.Has("No organization has applied yet.") {
		t.Error("after the first application the inbox still says there is none")
	}
}

func TestTheMailPageSaysThatThereIsNoServer(t *testing.T) {
	t.Parallel()
	noServer := func(o *app.Options) { o.Mail = nil }
	a := testkit.Run(t, testkit.SQLite(t), noServer)
	l := a.Catalogues.For("en")
	p := a.Enter(a.AddStaff("post@example.org", staff.Observer)).Get("/console/mail")
	if !p.Has(l.T("mailroom.no_server")) || p.Has(l.T("mailroom.on_time")) {
		t.Errorf("without a mail server: %s", p.Text())
	}
}
