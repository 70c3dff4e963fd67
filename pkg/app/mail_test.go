package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/app"
	"olivebranch/pkg/config"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// away is a mail server that cannot be reached.
type away struct{}

func (away) Send(context.Context, mailer.Letter) error {
	return fmt.Errorf("%w: connection refused", mailer.ErrUnreachable)
}

func TestPagesSayWhenMailIsLateAndOnlyThen(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t), func(o *app.Options) { o.Mail = away{} })
	sent := a.Client().Post("/en/sign", testkit.SignForm("Min-ji", "a@example.org")...)
	if strings.Contains(sent.Text(), "have not been able") {
		t.Error("mail is late at once")
	}
	a.Until("the outage to be noted", func() bool {
		var since int64
		err := a.Store.Read(t.Context()).Raw("SELECT down_since FROM mail_state").Row().Scan(&since)
		return err == nil && since > 0
	})
	a.Clock.Advance(40 * time.Minute)
	for lang, words := range map[string]string{"en": "not been able to send mail for about 40 minutes", "ko": "40분쯤 전부터", "ar": "تعذّر علينا إرسال البريد"} {
		a.Until("the page to say it in "+lang, func() bool {
			return a.Client().Post("/"+lang+"/sign", testkit.SignForm("Min-ji", "b"+lang+"@example.org")...).Has(words)
		})
	}
	a.Until("the desk to be told", func() bool {
		open, err := a.Scrutiny.Alarms(t.Context(), false)
		return err == nil && len(open) == 1 && open[0].Kind == "mail_late"
	})
	if !a.Client().Post("/en/signature", "email", "a@example.org").Has("about 40 minutes") || !a.Client().Post("/portal/enter", "email", "a@example.org").Has("about 40 minutes") {
		t.Error("the other pages of awaited mails do not say it")
	}
	if a.Client().Get("/en/").Has("about 40 minutes") {
		t.Error("a page where nobody waits for mail says it")
	}
}

func TestReportsInAMailboxStopAddresses(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		c.MailReports = filepath.Join(t.TempDir(), "Maildir")
		for _, d := range []string{"new", "cur", "tmp"} {
			if err := os.MkdirAll(filepath.Join(c.MailReports, d), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		a := testkit.Run(t, c)
		a.Sign("/en/sign", "Min-ji", "gone@example.org")
		var id int64
		if err := a.Store.Read(t.Context()).Raw("SELECT id FROM outbox").Row().Scan(&id); err != nil {
			t.Fatal(err)
		}
		put := func(name, mark string) {
			report := "From: mailer-daemon@mx.example\nContent-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n\n--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + mark + "@localhost>\n\n--x--\n"
			if err := os.WriteFile(filepath.Join(c.MailReports, "new", name), []byte(report), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := a.CollectReports(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		mails := func() (n int64) {
			if err := a.Store.Read(t.Context()).Raw("SELECT COUNT(*) FROM outbox").Row().Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		admin := a.Enter(a.AddStaff("admin@example.org", staff.Admin))
		again := func() *testkit.Page {
			a.Clock.Advance(11 * time.Minute)
			return a.Client().Post("/en/sign", testkit.SignForm("Min-ji", "gone@example.org")...)
		}
		put("forged", fmt.Sprintf("ob.%d.00112233445566778899", id))
		if before := again().Text(); mails() != 2 {
			t.Fatal("a forged report stopped an address")
		} else {
			put("true", outbox.Mark(a.Keys, id))
			if after := again().Text(); mails() != 2 || after != before {
				t.Errorf("%d mails after the address was stopped; or the page differs:\n%s\n%s", mails(), before, after)
			}
		}
		if page := admin.Get("/console/mail"); !page.Has("Do not exist 1") {
			t.Errorf("the desk does not count it:\n%s", page.Text())
		}
		if page := admin.Get("/console/mail").Submit("/console/mail/free", "email", "gone@example.org"); !page.Has("Mail goes to the address again") {
			t.Errorf("not freed:\n%s", page.Text())
		}
		if again(); mails() != 3 {
			t.Error("it is still stopped")
		}
		if page := admin.Get("/console/audit"); !page.Has("mail let go to an address again") || page.Has("gone@example.org") {
			t.Error("the trail does not have it, or has the address")
		}
		a.MustVerify()
	})
}

func TestTheDeskSeesWhoConfirmedByDomain(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		c.MailPerDay, c.Limits = 5000, "off"
		a := testkit.Run(t, c)
		for i := range 12 {
			link := a.Sign("/en/sign", "Min-ji", fmt.Sprintf("p%d@mail.example", i))
			if i < 6 {
				a.Client().Get(link).Submit(path(link))
			}
		}
		a.Sign("/en/sign", "Min-ji", "alone@family.example")
		a.Until("all mail to be sent", func() bool { return unsent(a) == 0 })
		a.Clock.Advance(time.Hour)
		if n, err := a.Outbox.CountConfirmed(t.Context(), a.Signatures.ConfirmedByDomain); err != nil || n > 6 {
			t.Fatal(n, err)
		}
		page := a.Enter(a.AddStaff("staff@example.org", staff.Observer)).Get("/console/mail")
		if !page.Has("mail.example 12 6 50% 12 0 0") || !page.Has("1 other domain 1 0 0% 1 0 0") || page.Has("family.example") || !page.Has("24 hours 13 13 5,000") || page.Has("Let mail go there") {
			t.Errorf("the desk reads:\n%s", page.Text())
		}
		a.MustVerify()
	})
}
