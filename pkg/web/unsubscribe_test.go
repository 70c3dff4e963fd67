package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/testkit"
)

func (h *house) stopToken() string {
	h.t.Helper()
	m, err := address.ParseMail("contact@harbour-choir.test")
	h.must(err)
	return outbox.StopToken(h.Keys, outbox.BannerMissed, h.Keys.MailKey(0, m.Folded()))
}

// reminded signs, does not confirm, and is reminded two days later; the link
// to stop that stands in the letter.
func reminded(t *testing.T, a *testkit.App, lang, email string) (link string) {
	t.Helper()
	if p := a.Client().Post("/"+lang+"/sign", testkit.SignForm("Mina Example", email)...); !strings.Contains(p.URL.Path, "/sign/sent/") {
		t.Fatalf("sign: status %d: %s", p.Status, p.Text())
	}
	a.Until("the first letter to be sent", func() bool { n, err := a.Outbox.Waiting(t.Context()); return err == nil && n == 0 })
	a.Clock.Advance(appeal.RemindAfter + time.Minute)
	if n, err := a.Intake.Remind(t.Context()); err != nil || n != 1 {
		t.Fatalf("reminded %d, %v", n, err)
	}
	return a.Link(email, "", "/unsubscribe/")
}

func stops(t *testing.T, a *testkit.App) (n int64) {
	t.Helper()
	if err := a.Store.Read(t.Context()).Table("unsubscribed").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// oneClick is what mail providers send for their users: not a browser, so with
// none of its headers.
var oneClick = map[string]struct{ kind, body string }{
	"urlencoded": {urlencoded, "List-Unsubscribe=One-Click"},
	"multipart":  {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"},
}

func TestAReminderIsStoppedByAMailProviderOrByHandAndComesAgain(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		for _, lang := range languages {
			words, email := a.Catalogues.For(lang), "mina-"+lang+"@example.org"
			link := reminded(t, a, lang, email)
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				if p := a.Client().Do(method, link, "", ""); p.Status != http.StatusOK || stops(t, a) != 0 {
					t.Fatalf("%s: status %d, %d stopped: reading changes nothing", method, p.Status, stops(t, a))
				}
			}
			p := a.Client().Get(link)
			if !p.Has(words.T("unsubscribe.kind.sign_reminder")) || !p.Has(words.T("unsubscribe.stays")) {
				t.Errorf("%s: %s", lang, p.Text())
			}
			for name, by := range oneClick {
				if p := a.Client().Do(http.MethodPost, link, by.kind, by.body); p.Status != http.StatusOK || p.URL.String() != link || stops(t, a) != 1 {
					t.Errorf("%s: status %d at %s, %d stopped", name, p.Status, p.URL, stops(t, a))
				}
			}
			if p = a.Client().Get(link); !p.Has(words.T("unsubscribe.stopped")) || !p.Has(words.T("unsubscribe.stopped_kind.sign_reminder")) {
				t.Errorf("%s: %s", lang, p.Text())
			}
			if p = p.Submit("/again"); !p.Has(words.T("unsubscribe.button")) || stops(t, a) != 0 {
				t.Errorf("again: status %d, %d stopped: %s", p.Status, stops(t, a), p.Text())
			}
			if p = p.Submit("/unsubscribe/" + link[strings.LastIndexByte(link, '/')+1:]); !p.Has(words.T("unsubscribe.stopped")) || stops(t, a) != 1 {
				t.Errorf("by hand: status %d, %d stopped: %s", p.Status, stops(t, a), p.Text())
			}
			p.Submit("/again")
		}
		a.MustVerify()
	})
}

// Another site that a reader is looking at must not stop anything.
func TestABrowserOnAnotherSiteStopsNothing(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	link := reminded(t, a, "en", "mina@example.org")
	for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		if p := a.Client().Do(http.MethodPost, link, urlencoded, "List-Unsubscribe=One-Click", header...); p.Status != http.StatusForbidden || stops(t, a) != 0 {
			t.Errorf("%v: status %d, %d stopped", header, p.Status, stops(t, a))
		}
	}
}

func TestAMailThatWaitedWhenItWasStoppedIsNotSent(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		m, err := address.ParseMail("mina@example.org")
		if err != nil {
			t.Fatal(err)
		}
		key := a.Keys.MailKey(0, m.Folded())
		if p := a.Client().Do(http.MethodPost, "/en/unsubscribe/"+outbox.StopToken(a.Keys, outbox.SignReminder, key), urlencoded, ""); p.Status != http.StatusOK {
			t.Fatalf("status %d", p.Status)
		}
		if p := a.Client().Post("/en/sign", testkit.SignForm("Mina Example", "mina@example.org")...); !strings.Contains(p.URL.Path, "/sign/sent/") {
			t.Fatalf("sign: status %d", p.Status)
		}
		a.LetterTo("mina@example.org", "") // what was asked for comes
		a.Until("it to be noted", func() bool { n, err := a.Outbox.Waiting(t.Context()); return err == nil && n == 0 })
		a.Clock.Advance(appeal.RemindAfter + time.Minute)
		if _, err := a.Intake.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.Until("the outbox to be empty", func() bool { n, err := a.Outbox.Waiting(t.Context()); return err == nil && n == 0 })
		if n := len(a.Mail.Letters()); n != 1 {
			t.Errorf("%d letters, want the first alone", n)
		}
	})
}

func TestWhoWithdrawsLeavesNoStopBehind(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		a := testkit.Run(t, c)
		link := reminded(t, a, "en", "mina@example.org")
		a.Client().Do(http.MethodPost, link, urlencoded, "List-Unsubscribe=One-Click")
		if stops(t, a) != 1 {
			t.Fatal("nothing was stopped")
		}
		a.Client().Get(a.Link("mina@example.org", "", "/signature/")).Submit("/withdraw")
		if n := stops(t, a); n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}
