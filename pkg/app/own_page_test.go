package app_test

import (
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// TestAPersonChangesWhatTheySigned walks from the waiting request to the
// forgotten signature, on the page that every mail leads to.
func TestAPersonChangesWhatTheySigned(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		say := func(id string, pairs ...any) string { return a.Catalogues.For("en").T(id, pairs...) }
		a.Client().Get("/en/sign").Submit("/en/sign", append(testkit.SignForm("Mina Exmaple", "mina@example.org"), "message", "Peace to all.", "handover", "1")...)
		own := path(a.Link("mina@example.org", "", "/signature/"))
		link := path(a.Link("mina@example.org", "", "/confirm/"))
		person := a.Client()

		// While it waits: the same mail again, and the name.
		page := expect(t, person.Get(own), 200, say("signature.waiting"), "Mina Exmaple", "Peace to all.", say("sign.handover"))
		expect(t, page.Submit("/resend"), 429, say("signature.resend_pause", "N", int64(10)))
		a.Clock.Advance(appeal.MailPause + time.Second)
		expect(t, page.Submit("/resend"), 200, say("signature.done_resend"))
		a.Until("the second mail", func() bool { return len(a.Mail.Letters()) == 2 })
		refused := expect(t, page.Submit("/name", "name", "https://example.org"), 422, say("form.refused_title"))
		if !strings.Contains(refused.Body, `value="https://example.org"`) || !strings.Contains(refused.Body, `id="e-name"`) || !refused.Has("Mina Exmaple") {
			t.Errorf("the refused form does not keep the words, or hides the name: %s", refused.Text())
		}
		expect(t, refused.Submit("/name", "name", "Mina Example"), 200, say("signature.done_name"), "Mina Example")
		a.Client().Get(link).Submit("")

		// Confirmed: a moderator shows the message, and the page its name.
		queue, _, err := a.Messages.Desk(t.Context(), appeal.ListWaiting, appeal.MessageKey{}, 1)
		if err != nil || len(queue) != 1 {
			t.Fatalf("queue %v, %v", queue, err)
		}
		if err := a.Messages.Decide(t.Context(), appeal.Ruling{Message: queue[0].ID, Version: queue[0].Version, State: appeal.MessageShown}, audit.Actor{Kind: audit.Operator}); err != nil {
			t.Fatal(err)
		}
		public := func(name string, want bool) {
			t.Helper()
			if p := expect(t, a.Client().Get("/en/messages"), 200, "Peace to all."); p.Has(name) != want {
				t.Errorf("the public page names %s: %v, want %v", name, !want, want)
			}
		}
		public("Mina Example", false)
		page = expect(t, person.Get(own), 200, say("signature.counted"), "Mina Example")
		page = expect(t, page.Submit("/ticks", "show_name", "1"), 200, say("signature.done_ticks"), say("signature.tick_same", "Date", a.Catalogues.For("en").DateTime(a.Clock.Now().UnixMilli())))
		public("Mina Example", false) // until a moderator has seen it there
		page = expect(t, page.Submit("/name", "name", "Mina Corrected"), 200, "Mina Corrected")
		public("Mina Corrected", false)
		desk := a.Enter(a.AddStaff("moderator@example.org", "moderator"))
		if p := desk.Get("/console/messages"); !p.Has(say("console.message_renamed")) || !p.Has("Mina Corrected") {
			t.Errorf("the moderator does not see the new name: %s", p.Text())
		}
		queue, _, err = a.Messages.Desk(t.Context(), appeal.ListWaiting, appeal.MessageKey{}, 1)
		if err != nil || len(queue) != 1 {
			t.Fatalf("queue %v, %v", queue, err)
		}
		if err := a.Messages.Decide(t.Context(), appeal.Ruling{Message: queue[0].ID, Version: queue[0].Version, State: appeal.MessageShown}, audit.Actor{Kind: audit.Operator}); err != nil {
			t.Fatal(err)
		}
		public("Mina Corrected", true)
		page = expect(t, page.Submit("/ticks", "show_name", "", "handover", ""), 200, say("signature.tick_taken", "Date", a.Catalogues.For("en").DateTime(a.Clock.Now().UnixMilli())))
		public("Mina Corrected", false)

		// Held is the same page, and says the same on the first day.
		if err := a.Store.Exec(t.Context(), "UPDATE signatures SET state = 'held'"); err != nil {
			t.Fatal(err)
		}
		expect(t, person.Get(own).Submit("/name", "name", "Mina Held"), 200, say("signature.counted"), "Mina Held")
		expect(t, person.Get(own).Submit("/ticks", "updates", "1"), 200, say("signature.done_ticks"))
		if err := a.Store.Exec(t.Context(), "UPDATE signatures SET state = 'counted'"); err != nil {
			t.Fatal(err)
		}
		a.MustVerify()

		// Forgotten, then withdrawn: pages left open say what is so.
		for _, end := range []string{"forget", "withdraw"} {
			after := expect(t, person.Get(own).Submit("/"+end), 200)
			if after.Has("Mina") || strings.Contains(after.Body, "/name\"") || strings.Contains(after.Body, "/ticks\"") {
				t.Errorf("after %s the page still has something to change: %s", end, after.Text())
			}
			sentence := map[string]string{"forget": "signature.change_forgotten", "withdraw": "signature.change_withdrawn"}[end]
			expect(t, page.Submit("/name", "name", "Mina Again"), 409, say(sentence))
			expect(t, page.Submit("/ticks", "show_name", "1"), 409, say(sentence))
		}
		if p := expect(t, a.Client().Get("/en/messages"), 200); p.Has("Peace to all.") {
			t.Error("the message of who was forgotten is still shown")
		}
		a.MustVerify()
	})
}

// TestTheLinkIsAskedForWithoutTellingWhoSigned compares the answers to an
// address that signed and one that did not.
func TestTheLinkIsAskedForWithoutTellingWhoSigned(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	link := path(a.Sign("/en/sign", "Mina Example", "mina@example.org"))
	a.Client().Get(link).Submit("")
	a.Clock.Advance(appeal.MailPause + time.Second)
	answers := map[string]string{}
	for _, email := range []string{"mina@example.org", "nobody@example.org"} {
		p := expect(t, a.Client().Get("/en/privacy").Open("/en/signature").Submit("/en/signature", "email", email), 200, a.Catalogues.For("en").T("signature_link.sent"))
		answers[email] = p.Body
	}
	if answers["mina@example.org"] != answers["nobody@example.org"] {
		t.Error("the two answers differ")
	}
	letter := a.LetterTo("mina@example.org", subjectOf(a, "en", "sign_link"))
	expect(t, a.Client().Get(letter.Links[0]), 200, "Mina Example", a.Catalogues.For("en").T("signature.counted"))
	expect(t, a.Client().Get("/en/signature").Submit("/en/signature", "email", "nobody"), 422)
}

// TestTheSignFormNamesTheTextsOnItsPage: who opened the form before a text was
// changed agreed to the old one.
func TestTheSignFormNamesTheTextsOnItsPage(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	for _, at := range []string{"/ko/", "/ko/sign"} {
		page, read := a.Client().Get(at), a.Appeal.Current().Terms("ko").ID
		if err := a.Appeal.SaveText(t.Context(), appeal.Recipients, "en", "The UN, as "+at+" was open.", 0); err != nil {
			t.Fatal(err)
		}
		if read == a.Appeal.Current().Terms("ko").ID {
			t.Fatal("the texts are the same")
		}
		page.Submit("/ko/sign", testkit.SignForm("Mina Example", "mina"+strings.ReplaceAll(at, "/", "-")+"@example.org")...)
		var stored int64
		if err := a.Store.Read(t.Context()).Table("sign_requests").Order("id DESC").Limit(1).Pluck("terms_id", &stored).Error; err != nil || stored != read {
			t.Errorf("from %s the terms %d are stored, want %d, %v", at, stored, read, err)
		}
	}
}
