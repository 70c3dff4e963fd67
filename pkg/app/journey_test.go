package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// tally is tally.json as callers rely on it.
type tally struct {
	Appeal            string `json:"appeal"`
	Partner           string `json:"partner"`
	PartnerSignatures *int64 `json:"partner_signatures"`
	Signatures        int64  `json:"signatures"`
	Goal              int64  `json:"goal"`
	NextMilestone     int64  `json:"next_milestone"`
	AsOf              string `json:"as_of"`
}

func tallyOf(t *testing.T, a *testkit.App, slug string) tally {
	t.Helper()
	var out tally
	if err := json.Unmarshal([]byte(a.Client().Get("/embed/"+slug+"/tally.json").Body), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheMainJob walks from the application to the risen counts as people
// without script would, in each language, on each database.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	for _, lang := range testkit.Languages(t) {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			testkit.OnEach(t, func(t *testing.T, c *config.Config) { mainJob(t, testkit.Run(t, c), lang) })
		})
	}
}

func mainJob(t *testing.T, a *testkit.App, lang string) {
	reviewer := a.AddStaff("staff@example.org", staff.Reviewer)
	const mail = "contact@choir.test"

	form := append(testkit.ApplicationForm("한빛 합창단", mail), "name_latin", "Hanbit Choir", "mail_lang", lang)
	status := a.Client().Get("/"+lang+"/join").Submit("/join", form...)
	if status.Status != 200 || !strings.Contains(status.Text(), "OB-2026-") {
		t.Fatalf("no reference number: %d %s", status.Status, status.Text())
	}
	a.Client().Get(a.Link(mail, "", "/confirm")).Submit("/confirm")

	desk := a.Enter(reviewer)
	inbox := desk.Get("/console")
	if !inbox.Has("한빛 합창단") {
		t.Fatalf("the inbox does not show the application: %s", inbox.Text())
	}
	waiting, err := a.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 1})
	if err != nil || len(waiting) != 1 {
		t.Fatalf("waiting: %v, %v", waiting, err)
	}
	desk.Get("/console/applications/"+id(waiting[0].ID)+"/approve").Submit("/approve", "slug", "hanbit")
	a.Settle()
	letter := a.LetterTo(mail, subjectOf(a, lang, "application_approved"))
	if letter.Lang != lang {
		t.Errorf("the letter is in %s, want %s", letter.Lang, lang)
	}

	rooms := a.Client()
	home := rooms.Get(letter.Links[0])
	home = home.Submit(home.URL.Path)
	if home.Attr("html", "lang") != lang || !strings.Contains(home.Body, "/embed/hanbit/bar.svg") || !strings.Contains(rooms.Get("/portal/embed").Body, "olive-embed") {
		t.Fatalf("the portal does not offer the codes: %s", home.Text())
	}
	if again := a.Client().Get(letter.Links[0]); again.Status != 410 {
		t.Errorf("the link signs in twice: status %d", again.Status)
	}

	short := a.Client().Get("/p/hanbit?lang=" + lang)
	if !short.Has("한빛 합창단") || short.URL.Path != "/"+lang+"/sign" {
		t.Fatalf("the short link leads to %s, which does not know the partner", short.URL)
	}
	for i := range 11 {
		person := fmt.Sprintf("person-%d@example.org", i)
		link := a.Sign("/"+lang+"/sign?via=hanbit", "Mina Example", person)
		a.Client().Get(link)
		if n := a.Tally.Total(); n != int64(i) {
			t.Fatalf("reading the link counted: %d", n)
		}
		a.Client().Get(link).Submit(path(link))
		if got := tallyOf(t, a, "hanbit"); got.Signatures != int64(i+1) || (got.PartnerSignatures != nil) != (i+1 >= 10) {
			t.Fatalf("after %d signatures tally.json says %+v", i+1, got)
		}
	}
	a.Until("the register knows the partner", func() bool {
		return a.Client().Get("/" + lang + "/partners?q=hanbit&country=KR").Has("한빛 합창단")
	})
	if p := a.Client().Get("/" + lang + "/partners/hanbit"); !p.Has(a.Catalogues.For(lang).Number(11)) {
		t.Errorf("the partner's page does not show what it brought: %s", p.Text())
	}

	leave := path(a.Link("person-0@example.org", "", "/signature/"))
	a.Client().Get(leave).Submit("/withdraw")
	stay := path(a.Link("person-1@example.org", "", "/signature/"))
	a.Client().Get(stay).Submit("/forget")
	if got := tallyOf(t, a, "hanbit"); got.Signatures != 10 {
		t.Errorf("after one withdrew and one was forgotten: %+v", got)
	}
	a.MustVerify()
}

// subjectOf is the first words of the subject of a kind of letter.
func subjectOf(a *testkit.App, lang, kind string) string {
	subject := a.Catalogues.For(lang).T("mail."+kind+".subject", "Campaign", "\x00")
	words, _, _ := strings.Cut(subject, "\x00")
	return strings.Trim(words, " :[]「」")
}

func TestAChangeByAnotherProcessIsNoticed(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		partner := a.AddPartner("Harbour Choir", "harbour-choir")
		other, err := app.OpenCore(t.Context(), c, a.Clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if _, err := other.Registry.SetState(t.Context(), registry.PartnerMove{Partner: partner.ID, Version: registry.AnyVersion, To: registry.Suspended, By: operator}); err != nil {
			t.Fatal(err)
		}
		a.Until("the partner is gone from the register", func() bool { return a.Register.Len() == 0 })
		if p := a.Client().Get("/embed/harbour-choir"); p.Status != 200 || strings.Contains(p.Body, "Harbour Choir") {
			t.Errorf("the frame of a suspended partner: status %d", p.Status)
		}
		if p := a.Client().Get("/en/partners/harbour-choir"); p.Status != 404 {
			t.Errorf("the page of a suspended partner: status %d", p.Status)
		}
		if err := other.AddSignatures(t.Context(), 3, func(int) {}); err != nil {
			t.Fatal(err)
		}
		a.Until("the tally follows", func() bool { return a.Tally.Total() == 3 })
	})
}

func TestADemoDoesNotTouchARealCampaign(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	if err := app.Migrate(t.Context(), c, testkit.NewClock().Now); err != nil {
		t.Fatal(err)
	}
	o, err := app.OpenCore(t.Context(), c, testkit.NewClock().Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.AddSignatures(t.Context(), 1, func(int) {}); err != nil {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	c.Demo = true
	if a, err := app.Open(t.Context(), c, app.Options{Now: testkit.NewClock().Now}); !errors.Is(err, app.ErrNotDemo) {
		t.Errorf("a demo on a real campaign: %v, %v", a, err)
	}
}
