package app_test

import (
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/staff"
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
