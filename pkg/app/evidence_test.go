package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// applied is a campaign in an internet of its own, with two partners and an
// applicant whose site is http://choir.test, and the path of its status page.
func applied(t *testing.T, c *config.Config) (w *testkit.App, n *testkit.Internet, a *registry.Application, status string) {
	t.Helper()
	n = testkit.NewInternet(t)
	w = testkit.Run(t, c, n.Use)
	w.AddPartner("Harbour Choir", "harbour-choir")
	w.AddPartner("River School", "river-school")
	form := append(testkit.ApplicationForm("Second Choir", "mina@choir.test"), "website", "http://choir.test")
	page := w.Client().Get("/en/join").Submit("/en/join", form...)
	w.Client().Get(w.Link("mina@choir.test", "", "/confirm")).Submit("/confirm")
	waiting, err := w.Registry.Inbox(t.Context(), registry.InboxQuery{States: registry.Waiting, Most: 1})
	if err != nil || len(waiting) != 1 {
		t.Fatalf("inbox: %v, %v", waiting, err)
	}
	return w, n, &waiting[0], page.URL.Path
}

// signIn is staff's own browser.
func signIn(w *testkit.App, email string) *testkit.Client {
	return w.Enter(w.AddStaff(email, staff.Reviewer))
}

func expect(t *testing.T, p *testkit.Page, status int, words ...string) *testkit.Page {
	t.Helper()
	if p.Status != status {
		t.Fatalf("%s: status %d, want %d: %s", p.URL, p.Status, status, p.Text())
	}
	for _, w := range words {
		if !p.Has(w) {
			t.Errorf("%s lacks %q:\n%s", p.URL, w, p.Text())
		}
	}
	return p
}

// TestAnApplicantShowsWhoTheyAre walks from the status page to an olive sign
// on the desk, which comes only when both questions are answered.
func TestAnApplicantShowsWhoTheyAre(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		w, n, a, status := applied(t, c)
		code := w.Keys.ProofCode(a.ID)
		applicant, desk := w.Client(), signIn(w, "reviewer@example.org")
		open := func(words ...string) *testkit.Page {
			t.Helper()
			return expect(t, desk.Get("/console/applications/"+id(a.ID)), http.StatusOK, words...)
		}
		olive := func(p *testkit.Page) bool { return strings.Contains(p.Body, `class="evidence good"`) }

		// Control: the page says what to put where, and a press looks for it.
		expect(t, applicant.Get(status), http.StatusOK, "Show who you are")
		proof := expect(t, applicant.Get(status+"/proof"), http.StatusOK, "_olivebranch.choir.test", "http://choir.test/.well-known/olivebranch.txt", "The mail is at the website's own domain.")
		if !strings.Contains(proof.Body, code) {
			t.Fatal("the page does not show the code")
		}
		proof = expect(t, proof.Submit("/proof", "kind", "dns"), http.StatusOK, "Not found on March 1, 2026.", "There is no such record in DNS.")
		n.Text("_olivebranch.choir.test", code)
		expect(t, proof.Submit("/proof", "kind", "dns"), http.StatusTooManyRequests, "We looked a moment ago.")
		w.Clock.Advance(time.Minute)
		expect(t, proof.Submit("/proof", "kind", "dns"), http.StatusOK, "Found on March 1, 2026.", "What we looked for is there.")
		refused := expect(t, proof.Submit("/proof", "kind", "post", "url", "http://evil.test/x"), http.StatusUnprocessableEntity, "This page is not part of your website.")
		if !strings.Contains(refused.Body, `value="http://evil.test/x"`) {
			t.Error("the address typed is not kept")
		}
		if p := open("A TXT record in DNS", "Found on March 1, 2026."); olive(p) {
			t.Error("control alone looks good on the desk")
		}

		// Existence: pages of others, and partners that know them.
		expect(t, proof.Submit("/proof/links", "link_1", "https://choir.test/about"), http.StatusUnprocessableEntity, "This page is on your own site.")
		expect(t, proof.Submit("/proof/links", "link_1", "news.example/choir"), http.StatusOK)
		expect(t, proof.Submit("/proof/partners", "partner_1", "nobody"), http.StatusUnprocessableEntity, "no partner organization with this name")
		expect(t, proof.Submit("/proof/partners", "partner_1", "river school"), http.StatusOK)
		if p := open("https://news.example/choir", "Named by the applicant, not asked yet."); olive(p) {
			t.Error("control and the applicant's own words look good on the desk")
		}
		open().Submit("/vouch", "partner", "river-school") // one press: the button of the partner named
		expect(t, open("Asked; no answer yet.").Submit("/vouch", "partner", "River School"), http.StatusUnprocessableEntity, "This partner was asked already.")
		letter := w.LetterTo("contact@river-school.test", "Do you know")
		if strings.Contains(letter.Text, "mina@choir.test") || !strings.Contains(letter.Text, "Second Choir") {
			t.Errorf("the letter says:\n%s", letter.Text)
		}
		link := path(w.Link("contact@river-school.test", "Do you know", "/vouch/"))
		question := expect(t, w.Client().Get(link), http.StatusOK, "Do you know this organization?", "Second Choir", "http://choir.test", "River School")
		if question.Has("Mina Example") || strings.Contains(question.Body, "mina@choir.test") || question.Has(a.Reference) {
			t.Errorf("the page shows more than the public profile:\n%s", question.Text())
		}
		if p := open("Asked; no answer yet."); olive(p) {
			t.Error("reading the question answered it")
		}
		expect(t, question.Submit(link, "answer", "", "words", "Long walks."), http.StatusUnprocessableEntity, "Choose one of the answers.", "Long walks.")
		expect(t, question.Submit(link, "answer", "known", "words", "We sang together."), http.StatusOK, "Thank you.", "We know this organization.")
		expect(t, w.Client().Post(link, "answer", "doubts"), http.StatusGone)
		if p := open("Knows this organization.", "We sang together.", "a partner answered that it knows the organization"); !olive(p) {
			t.Error("both questions are answered, and the desk does not show it")
		}
		expect(t, applicant.Get(status+"/proof"), http.StatusOK, "We have written to:")

		// A second partner is asked, and the question taken back.
		expect(t, open().Submit("/vouch", "partner", "harbour-choir"), http.StatusOK)
		second := path(w.Link("contact@harbour-choir.test", "Do you know", "/vouch/"))
		expect(t, open().Submit("/withdraw"), http.StatusOK, "the question was taken back")
		expect(t, w.Client().Get(second), http.StatusGone, "This question is closed.")
		w.MustVerify()
	})
}

func TestTheQuestionToAPartnerOpensWithItsOwnLinkOnly(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		w, _, a, _ := applied(t, c)
		p, _ := w.Register.Active("river-school")
		v, err := w.Registry.AskPartner(t.Context(), a.ID, p, operator)
		if err != nil {
			t.Fatal(err)
		}
		try := func(what, token string, want int) {
			t.Helper()
			for _, page := range []*testkit.Page{w.Client().Get("/en/vouch/" + token), w.Client().Post("/en/vouch/"+token, "answer", "known")} {
				if page.Status != want {
					t.Errorf("%s: status %d, want %d", what, page.Status, want)
				}
			}
		}
		soon := w.Clock.Now().Add(time.Hour)
		for purpose := seal.ConfirmSignature; purpose <= seal.AcceptInvitation; purpose++ {
			if purpose != seal.Vouch {
				try("purpose "+id(int64(purpose)), w.Keys.Token(seal.Token{Purpose: purpose, Row: v.ID, Expires: soon}), http.StatusNotFound)
			}
		}
		good := w.Keys.Token(seal.Token{Purpose: seal.Vouch, Row: v.ID, Expires: soon})
		try("another counter", w.Keys.Token(seal.Token{Purpose: seal.Vouch, Row: v.ID, Expires: soon, Counter: 1}), http.StatusGone)
		try("another row", w.Keys.Token(seal.Token{Purpose: seal.Vouch, Row: a.ID, Expires: soon}), http.StatusGone)
		try("too late", w.Keys.Token(seal.Token{Purpose: seal.Vouch, Row: v.ID, Expires: w.Clock.Now()}), http.StatusGone)
		for _, place := range []string{"/en/application/" + good, "/en/application/" + good + "/proof", "/en/application/" + good + "/confirm"} {
			expect(t, w.Client().Get(place), http.StatusNotFound)
		}
		w.Clock.Advance(registry.VouchLife)
		mailed := path(w.Link("contact@river-school.test", "Do you know", "/vouch/"))
		expect(t, w.Client().Get(mailed), http.StatusGone, "expired")
		if now, err := w.Registry.Vouch(t.Context(), v.ID); err != nil || now.State != registry.VouchAsked {
			t.Errorf("the question is %+v, %v", now, err)
		}
	})
}

// TestTheWeeklyLookIsAJob: the periodic work finds out by itself that a
// partner's tag is gone.
func TestTheWeeklyLookIsAJob(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		w, n, a, status := applied(t, c)
		ctx := t.Context()
		n.Page("choir.test/", `<meta name="olivebranch" content="`+w.Keys.ProofCode(a.ID)+`">`)
		expect(t, w.Client().Get(status+"/proof").Submit("/proof", "kind", "meta"), http.StatusOK, "Found on March 1, 2026.")
		if _, err := w.Registry.Approve(ctx, registry.Decision{Application: a.ID, By: operator, Slug: "second-choir"}); err != nil {
			t.Fatal(err)
		}
		n.Page("choir.test/", "a new site")
		week := func(words string) {
			t.Helper()
			w.Clock.Advance(7*24*time.Hour + time.Minute)
			if err := w.Jobs.RunDue(ctx); err != nil {
				t.Fatal(err)
			}
			w.Until("the proof to be looked at", func() bool { return w.Client().Get(status + "/proof").Has(words) })
		}
		if err := w.Jobs.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		week("Found. Seen on March 1, 2026, but not when we looked on March 8, 2026.")
		week("Found before, but not any more. Last look on March 15, 2026.")
		desk := signIn(w, "reviewer@example.org")
		expect(t, desk.Get("/console/applications/"+id(a.ID)), http.StatusOK, "a proof of the address was lost", "Found before, but not any more.")
	})
}
