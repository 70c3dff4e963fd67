package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// brings lets a partner bring signatures.
func brings(t *testing.T, a *testkit.App, partner int64, n int) {
	t.Helper()
	if added, err := a.Signatures.Add(t.Context(), a.Appeal.Current(), entries(t, fmt.Sprint("p", partner), partner, n)); err != nil || added != n {
		t.Fatalf("%d added, %v", added, err)
	}
}

// entries are n signatures through a partner, with addresses that begin so.
func entries(t testing.TB, from string, partner int64, n int) (out []appeal.Entry) {
	t.Helper()
	for i := range n {
		e := entry(t, fmt.Sprintf("%s-%d@example.org", from, i), "", false)
		e.PartnerID = partner
		out = append(out, e)
	}
	return out
}

// listed are the partners of partners.json with their signatures.
func listed(t *testing.T, a *testkit.App) map[string]int64 {
	t.Helper()
	var out struct {
		Partners []struct {
			Slug       string
			Signatures *int64
		}
	}
	if err := json.Unmarshal([]byte(a.Client().Get("/en/partners.json").Body), &out); err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for _, p := range out.Partners {
		all[p.Slug] = -1
		if p.Signatures != nil {
			all[p.Slug] = *p.Signatures
		}
	}
	return all
}

func TestCountsAndLinksFollowAMergeAndItsUndo(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		first, double := a.AddPartner("Harbour Choir", "harbour-choir"), a.AddPartner("The Harbour Choir e.V.", "harbour-choir-ev")
		brings(t, a, first.ID, 6)
		brings(t, a, double.ID, 5)
		desk := a.Enter(a.AddStaff("staff@example.org", staff.Reviewer))
		rooms := a.Client()
		enter := path(a.Link("contact@harbour-choir-ev.test", "", "/portal/enter/"))
		rooms.Get(enter).Submit(enter)

		apart := func(when string) {
			t.Helper()
			if got := listed(t, a); len(got) != 2 || got["harbour-choir"] != -1 || got["harbour-choir-ev"] != -1 {
				t.Errorf("%s: the list has %v", when, got)
			}
			if got := tallyOf(t, a, "harbour-choir-ev"); got.Partner != "harbour-choir-ev" || got.PartnerSignatures != nil {
				t.Errorf("%s: tally.json says %+v", when, got)
			}
			if p := a.Client().Get("/p/harbour-choir-ev?lang=en"); !p.Has("The Harbour Choir e.V.") {
				t.Errorf("%s: the short link leads to %s", when, p.URL)
			}
		}
		apart("before")
		link := "/console/partners/" + id(double.ID) + "/compare/" + id(first.ID)
		if p := desk.Get("/console/applications/" + id(double.ApplicationID)); !strings.Contains(p.Body, link) || !p.Has("same name") {
			t.Fatalf("the application does not lead to its double: %s", p.Text())
		}
		side := desk.Get(link)
		if !side.Has("The Harbour Choir e.V.") || !side.Has("contact@harbour-choir.test") {
			t.Fatalf("the comparison shows %s", side.Text())
		}
		merged := side.Submit("/merge")
		if merged.Status != 200 || !merged.Has(a.Catalogues.For("en").T("twins.undo")) {
			t.Fatalf("merging: status %d: %s", merged.Status, merged.Text())
		}
		if got := listed(t, a); len(got) != 1 || got["harbour-choir"] != 11 {
			t.Errorf("merged: the list has %v, want one with 11", got)
		}
		for _, slug := range []string{"harbour-choir", "harbour-choir-ev"} {
			if got := tallyOf(t, a, slug); got.Partner != "harbour-choir" || got.PartnerSignatures == nil || *got.PartnerSignatures != 11 {
				t.Errorf("merged: tally.json of %s says %+v", slug, got)
			}
			if p := a.Client().Get("/en/partners/" + slug); p.URL.Path != "/en/partners/harbour-choir" || !p.Has("11") {
				t.Errorf("merged: the page of %s is %s: %s", slug, p.URL.Path, p.Text())
			}
			if p := a.Client().Get("/embed/" + slug + "?layout=bar"); strings.Contains(p.Body, "e.V.") || !strings.Contains(p.Body, "Harbour Choir") {
				t.Errorf("merged: the banner of %s names the wrong partner", slug)
			}
			if p := a.Client().Get("/p/" + slug + "?lang=en"); p.URL.Query().Get("via") != "harbour-choir" {
				t.Errorf("merged: the short link of %s leads to %s", slug, p.URL)
			}
		}
		if p := rooms.Get("/portal"); !p.Has("11") || !p.Has(a.Catalogues.For("en").T("together.partner", "Name", "Harbour Choir")) {
			t.Errorf("merged: the portal says %s", p.Text())
		}
		confirm := a.Sign("/en/sign?via=harbour-choir-ev", "Mina Example", "mina@example.org")
		a.Client().Get(confirm).Submit(path(confirm))
		if n := a.Tally.PartnerSignatures(first.ID); n != 7 {
			t.Errorf("a signature through the merged partner's link counts for the wrong one: %d", n)
		}
		a.MustVerify()
		if p := desk.Get("/console/applications/" + id(double.ApplicationID)); !strings.Contains(p.Body, link) {
			t.Errorf("the application does not lead to the merge of its partner: %s", p.Text())
		}
		if undone := merged.Submit("/undo"); undone.Status != 200 {
			t.Fatalf("undoing: status %d: %s", undone.Status, undone.Text())
		}
		apart("after")
		if n := a.Tally.PartnerSignatures(double.ID); n != 5 {
			t.Errorf("after undoing the merged partner has %d signatures, want its own 5", n)
		}
		a.MustVerify()
	})
}

func TestAnApplicantReadsWithWhatTheApplicationIsHandled(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	w := newWorld(t, a)
	other, _ := a.Register.ByID(w.partner("harbour-choir").ID)
	into, err := a.Registry.Application(t.Context(), other.ApplicationID)
	if err != nil {
		t.Fatal(err)
	}
	err = a.Registry.MergeApplications(t.Context(), registry.Merge{From: w.waiting.ID, Into: into.ID, FromVersion: w.waiting.Version, IntoVersion: into.Version, By: operator})
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range testkit.Languages(t) {
		p := a.Client().Get(in(lang, w.status))
		if !p.Has(a.Catalogues.For(lang).T("together.applicant", "Reference", into.Reference)) || p.Has("Harbour") || strings.Contains(p.Body, "harbour-choir.test") {
			t.Errorf("in %s the status page says %s", lang, p.Text())
		}
	}
	if l := a.LetterTo("second@choir.test", subjectOf(a, "en", "application_merged")); !strings.Contains(l.Text, into.Reference) || !strings.Contains(l.Text, w.waiting.Reference) {
		t.Errorf("the letter says %s", l.Text)
	}
}

func TestContactsAreComparedByReviewersOnly(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	w := newWorld(t, a)
	for role, may := range map[staff.Role]bool{staff.Observer: false, staff.Moderator: false, staff.Reviewer: true} {
		c := a.Enter(a.AddStaff(string(role)+"@example.org", role))
		if own := c.Get("/console/applications/" + id(w.waiting.ID)); own.Status != 200 || own.Has("second@choir.test") != may || own.Has("lea@choir.test") != may {
			t.Errorf("%s: status %d, sees contacts on the page of the application: %v", role, own.Status, own.Has("second@choir.test"))
		}
		p := c.Get("/console/applications/" + id(w.waiting.ID) + "/compare/" + id(w.partner("harbour-choir").ID))
		if p.Status != 200 || p.Has("second@choir.test") != may || p.Has("contact@harbour-choir.test") != may || p.Has("/merge") {
			t.Errorf("%s: status %d, sees contacts: %v", role, p.Status, p.Has("second@choir.test"))
		}
	}
}
