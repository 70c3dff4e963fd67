package appeal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/testkit"
)

// remind makes a round of reminders and expects how many were mailed.
func remind(t *testing.T, a *testkit.App, want int) {
	t.Helper()
	n, err := a.Intake.Remind(t.Context())
	if n == 0 && want > 0 && err == nil { // the program's own round may have been quicker
		var by int64
		err = a.Store.Read(t.Context()).Table("sign_requests").Where("reminded_at = ?", a.Clock.Now().UnixMilli()).Count(&by).Error
		n = int(by)
	}
	if err != nil || n != want {
		t.Fatalf("%d reminded, %v, want %d", n, err, want)
	}
}

// sent waits until nothing waits and returns the letters to an address, the
// newest first.
func sent(t *testing.T, a *testkit.App, to string) []mailer.Caught {
	t.Helper()
	a.Until("the mails are sent", func() bool { n, err := a.Outbox.Waiting(t.Context()); return err == nil && n == 0 })
	return slices.DeleteFunc(a.Mail.Letters(), func(l mailer.Caught) bool { return l.To != to })
}

func TestWhoHasNotConfirmedIsRemindedOnceAfterTwoDays(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("waits@example.org"))
		confirm(t, a, request(t, a, form("confirmed@example.org")), appeal.OutcomeConfirmed)
		if err := a.Signatures.Withdraw(t.Context(), request(t, a, form("withdrawn@example.org"))); err != nil {
			t.Fatal(err)
		}
		sent(t, a, "") // whose request the mailer is noting is passed over until the next round
		a.Clock.Advance(appeal.RemindAfter - time.Second)
		remind(t, a, 0)
		a.Clock.Advance(2 * time.Second)
		remind(t, a, 1)
		remind(t, a, 0)
		a.Clock.Advance(3 * 24 * time.Hour)
		remind(t, a, 0)
		letters := sent(t, a, "waits@example.org")
		if all := a.Mail.Letters(); len(letters) != 2 || len(all) > 4 {
			t.Errorf("%d letters to who waits, %d in all; want 2, and one at most to each of the others", len(letters), len(all))
		}
		if !strings.HasPrefix(letters[0].Subject, "Your signature is not confirmed yet") || !slices.Equal(letters[0].Links[:2], letters[1].Links) ||
			!strings.Contains(letters[0].Text, a.Keys.Code(row)) {
			t.Errorf("the reminder is %q with %v, want the links of the first letter %v and its code", letters[0].Subject, letters[0].Links, letters[1].Links)
		}
		confirm(t, a, row, appeal.OutcomeConfirmed)
		if p := find(t, a, row); p.Mails != 2 {
			t.Errorf("%d mails are counted, want 2", p.Mails)
		}
	})
}

func TestNobodyIsRemindedOfAnAppealThatEnded(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		request(t, a, form("waits@example.org"))
		sent(t, a, "")
		a.Clock.Advance(appeal.RemindAfter)
		a.Clock.Advance(time.Second)
		by := audit.Actor{Kind: audit.Operator}
		if err := a.Appeal.SetSunset(t.Context(), true, by); err != nil {
			t.Fatal(err)
		}
		remind(t, a, 0)
		if err := a.Appeal.SetSunset(t.Context(), false, by); err != nil {
			t.Fatal(err)
		}
		remind(t, a, 1)
	})
}

func TestAReminderIsOneOfTheFewMailsAnAddressGets(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("waits@example.org"))
		request(t, a, form("often@example.org"))
		for range appeal.MostMails - 1 {
			a.Clock.Advance(9 * time.Hour)
			request(t, a, form("often@example.org"))
		}
		a.Clock.Advance(13 * time.Hour)
		// The address gets its three mails of the day by another way.
		err := a.Store.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			for range 3 {
				m := outbox.Mail{Kind: outbox.ApplicationConfirm, Lang: "en", To: "waits@example.org", ToKey: a.Keys.MailKey(0, "waits@example.org"), Action: "/en/"}
				if err := a.Outbox.Enqueue(tx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		remind(t, a, 0)
		a.Clock.Advance(25 * time.Hour)
		remind(t, a, 1) // not who was mailed five times
		if letters := sent(t, a, "waits@example.org"); len(letters) != 5 {
			t.Errorf("%d letters", len(letters))
		}
		confirm(t, a, row, appeal.OutcomeConfirmed)
	})
}

// post is a mail server that can be down.
type post struct {
	mailer.Catcher
	down atomic.Bool
}

func (p *post) Send(ctx context.Context, l mailer.Letter) error {
	if p.down.Load() {
		return fmt.Errorf("%w: down", mailer.ErrUnreachable)
	}
	return p.Catcher.Send(ctx, l)
}

// onEachWithPost runs a test with a mail server that is down.
func onEachWithPost(t *testing.T, test func(t *testing.T, a *testkit.App, p *post)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		p := &post{}
		p.down.Store(true)
		test(t, testkit.Run(t, c, func(o *app.Options) { o.Mail = p }), p)
	})
}

func TestAReminderThatWaitsIsNotSentToWhoConfirmedMeanwhile(t *testing.T) {
	onEachWithPost(t, func(t *testing.T, a *testkit.App, p *post) {
		confirmed, waits := request(t, a, form("confirmed@example.org")), request(t, a, form("waits@example.org"))
		a.Clock.Advance(appeal.RemindAfter + time.Second)
		remind(t, a, 2)
		confirm(t, a, confirmed, appeal.OutcomeConfirmed)
		p.down.Store(false)
		a.Until("the mails are sent", func() bool {
			a.Clock.Advance(10 * time.Second) // until the next try is due
			n, err := a.Outbox.Waiting(t.Context())
			return err == nil && n == 0
		})
		reminded := map[string]int{}
		for _, l := range p.Letters() {
			if strings.HasPrefix(l.Subject, "Your signature is not confirmed yet") {
				reminded[l.To]++
			}
		}
		if reminded["confirmed@example.org"] != 0 || reminded["waits@example.org"] != 1 {
			t.Errorf("reminded are %v, want only who waits", reminded)
		}
		confirm(t, a, waits, appeal.OutcomeConfirmed)
	})
}

func TestRequestsGoAfterSevenDaysWithAllTheirData(t *testing.T) {
	onEachWithPost(t, func(t *testing.T, a *testkit.App, _ *post) {
		gone := form("gone@example.org")
		gone.Message = "Words that nobody confirmed"
		row := request(t, a, gone)
		setTicks(t, a, row, appeal.ConsentUpdates)
		// Somebody confirmed, changed a tick and stays; so does a second request
		// of theirs, found to be that signature's, until it is as old.
		stays := request(t, a, form("stays@example.org"))
		confirm(t, a, stays, appeal.OutcomeConfirmed)
		setTicks(t, a, stays, appeal.ConsentUpdates)
		second := request(t, a, form("stays@example.org"))
		setTicks(t, a, second, appeal.ConsentHandover)
		confirm(t, a, second, appeal.OutcomeAlready)
		a.Clock.Advance(appeal.RemindAfter + time.Second)
		remind(t, a, 1)
		other := request(t, a, form("other@example.org"))
		err := a.Store.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return a.Outbox.Enqueue(tx, outbox.Mail{Kind: outbox.ApplicationReceived, Lang: "en", To: "gone@example.org", ToKey: a.Keys.MailKey(0, "gone@example.org"), Action: "/en/"})
		})
		if err != nil {
			t.Fatal(err)
		}
		left := func() map[string]int64 {
			return map[string]int64{
				"requests": count(t, a, "sign_requests", "id = ?", row), "their changes": count(t, a, "tick_changes", "signature_id IN ?", []int64{row, second}),
				"changes of the signature": count(t, a, "tick_changes", "signature_id = ?", stays),
				"their mails":              count(t, a, "outbox", "recipient_key = ? AND kind <> ?", a.Keys.MailKey(0, "gone@example.org"), outbox.ApplicationReceived),
				"other mails":              count(t, a, "outbox", "recipient_key = ? AND kind = ?", a.Keys.MailKey(0, "gone@example.org"), outbox.ApplicationReceived),
				"others":                   count(t, a, "sign_requests", "id = ?", other), "mails of others": count(t, a, "outbox", "recipient_key = ?", a.Keys.MailKey(0, "other@example.org")),
			}
		}
		purge := func(want int64) {
			t.Helper()
			if n, err := a.Intake.Purge(t.Context()); err != nil || n != want {
				t.Errorf("%d requests went, %v, want %d", n, err, want)
			}
		}
		expect := func(what string, want map[string]int64) {
			t.Helper()
			for name, n := range left() {
				if n != want[name] {
					t.Errorf("%s: %d %s, want %d", what, n, name, want[name])
				}
			}
		}
		all := map[string]int64{"requests": 1, "their changes": 2, "changes of the signature": 1, "their mails": 2, "other mails": 1, "others": 1, "mails of others": 1}
		a.Clock.Advance(a.Appeal.Current().Retention.RequestLife() - appeal.RemindAfter - 2*time.Second)
		purge(0)
		expect("a second before", all)
		a.Clock.Advance(2 * time.Second)
		// One of its mails was sent: of that the key of the address is kept.
		if err := a.Store.Exec(t.Context(), "UPDATE outbox SET state = ?, envelope = NULL WHERE recipient_key = ? AND kind = ?", outbox.Sent, a.Keys.MailKey(0, "gone@example.org"), outbox.SignConfirm); err != nil {
			t.Fatal(err)
		}
		purge(3)
		expect("after seven days", map[string]int64{"changes of the signature": 1, "other mails": 1, "others": 1, "mails of others": 1})
		if _, err := a.Signatures.Find(t.Context(), row); !errors.Is(err, appeal.ErrNoSignature) {
			t.Errorf("the page of what is gone: %v", err)
		}
		a.MustVerify()
	})
}

func TestWhatIsErasedTakesItsWaitingMailsAlong(t *testing.T) {
	onEachWithPost(t, func(t *testing.T, a *testkit.App, _ *post) {
		for i, erase := range []func(context.Context, int64) error{a.Signatures.Forget, a.Signatures.Withdraw} {
			row, waits := request(t, a, form(address(i))), request(t, a, form(address(10+i)))
			confirm(t, a, row, appeal.OutcomeConfirmed)
			again := request(t, a, form(address(i))) // waits, and keeps its mail
			for _, id := range []int64{row, waits} {
				if err := erase(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
			if n := count(t, a, "outbox", "recipient_key = ?", a.Keys.MailKey(0, address(10+i))); n != 0 {
				t.Errorf("%d mails wait for who was never confirmed", n)
			}
			if n := count(t, a, "outbox", "recipient_key = ?", a.Keys.MailKey(0, address(i))); n != 1 {
				t.Errorf("%d mails wait, want that of the new request", n)
			}
			if p := find(t, a, again); !p.Waiting {
				t.Errorf("the new request is %+v", p)
			}
		}
	})
}

func TestThousandsAreRemindedAndGoInBoundedBatches(t *testing.T) {
	onEachWithPost(t, func(t *testing.T, a *testkit.App, _ *post) {
		const many = 1100 // more than two batches
		var group sync.WaitGroup
		for i := range many {
			group.Go(func() {
				if _, err := a.Intake.Request(context.Background(), form(address(i))); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		a.Clock.Advance(appeal.RemindAfter + time.Minute)
		remind(t, a, many)
		remind(t, a, 0)
		if n := count(t, a, "outbox", "kind = ?", outbox.SignReminder); n != many {
			t.Errorf("%d reminders", n)
		}
		a.Clock.Advance(a.Appeal.Current().Retention.RequestLife())
		if n, err := a.Intake.Purge(t.Context()); err != nil || n != many {
			t.Errorf("%d went, %v", n, err)
		}
		if n := count(t, a, "outbox", "state = ?", outbox.Waiting); n != 0 {
			t.Errorf("%d mails wait", n)
		}
	})
}

func TestAWaitingRequestIsMailedAgainWithinItsBounds(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("mina@example.org"))
		resend := func(key string) *fault.Error {
			t.Helper()
			err := a.Intake.Resend(t.Context(), row)
			var f *fault.Error
			if errors.As(err, &f) != (key != "") || key != "" && (f.Kind != fault.TooMany || f.Key != key) {
				t.Fatalf("%v, want %q", err, key)
			}
			return f
		}
		if f := resend("signature.resend_pause"); f.Args["N"] != int64(10) {
			t.Errorf("to wait %v minutes, want 10", f.Args["N"])
		}
		a.Clock.Advance(9*time.Minute + time.Second)
		if f := resend("signature.resend_pause"); f.Args["N"] != int64(1) {
			t.Errorf("to wait %v minutes, want 1", f.Args["N"])
		}
		a.Clock.Advance(time.Minute)
		resend("")
		resend("signature.resend_pause")
		a.Clock.Advance(appeal.MailPause + time.Second)
		resend("")
		a.Clock.Advance(appeal.MailPause + time.Second)
		resend("signature.resend_day")
		a.Clock.Advance(24 * time.Hour)
		resend("")
		a.Clock.Advance(appeal.MailPause + time.Second)
		resend("")
		a.Clock.Advance(24 * time.Hour)
		resend("signature.resend_most")
		letters := sent(t, a, "mina@example.org")
		if len(letters) != appeal.MostMails {
			t.Errorf("%d letters, want %d", len(letters), appeal.MostMails)
		}
		for _, l := range letters {
			if !slices.Equal(l.Links, letters[0].Links) || !strings.Contains(l.Text, a.Keys.Code(row)) {
				t.Errorf("a letter has other links or another code: %v", l.Links)
			}
		}
		confirm(t, a, row, appeal.OutcomeConfirmed)
		resend("")
		if n := len(sent(t, a, "mina@example.org")); n != appeal.MostMails {
			t.Errorf("a letter was sent about what is confirmed")
		}
		expired := request(t, a, form("late@example.org"))
		a.Clock.Advance(a.Appeal.Current().Retention.RequestLife())
		for _, id := range []int64{expired, 7} {
			if err := a.Intake.Resend(t.Context(), id); !errors.Is(err, appeal.ErrNoSignature) {
				t.Errorf("resend of what is gone: %v", err)
			}
		}
	})
}

func TestAFormAndAResendAtOnceSendOneMail(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		row := request(t, a, form("mina@example.org"))
		a.Clock.Advance(appeal.MailPause + time.Second)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { _, _ = a.Intake.Request(context.Background(), form("mina@example.org")) })
			group.Go(func() { _ = a.Intake.Resend(context.Background(), row) })
		}
		group.Wait()
		if n := len(sent(t, a, "mina@example.org")); n != 2 {
			t.Errorf("%d letters, want the first and one more", n)
		}
	})
}

func TestWhoHasLostTheLinkGetsItByMail(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		counted, forgotten, withdrawn := request(t, a, form("counted@example.org")), request(t, a, form("forgotten@example.org")), request(t, a, form("withdrawn@example.org"))
		for _, row := range []int64{counted, forgotten, withdrawn} {
			confirm(t, a, row, appeal.OutcomeConfirmed)
		}
		request(t, a, form("waits@example.org"))
		sent(t, a, "") // what still waits goes with who is forgotten
		if err := errors.Join(a.Signatures.Forget(t.Context(), forgotten), a.Signatures.Withdraw(t.Context(), withdrawn)); err != nil {
			t.Fatal(err)
		}
		ask := func(email string) {
			t.Helper()
			if err := a.Links.Ask(email); err != nil {
				t.Fatal(err)
			}
		}
		const marker = "marker@example.org" // answered after those who asked before
		marked := request(t, a, form(marker))
		confirm(t, a, marked, appeal.OutcomeConfirmed)
		letters := func(to string) []mailer.Caught {
			t.Helper()
			if err := a.Store.Exec(t.Context(), "UPDATE signatures SET mails = 1, mailed_at = 0 WHERE id = ?", marked); err != nil {
				t.Fatal(err)
			}
			if err := a.Store.Exec(t.Context(), "DELETE FROM outbox WHERE recipient_key = ?", a.Keys.MailKey(0, marker)); err != nil {
				t.Fatal(err)
			}
			ask(marker)
			a.Until("the door has answered", func() bool {
				return count(t, a, "outbox", "recipient_key = ?", a.Keys.MailKey(0, marker)) == 1
			})
			return sent(t, a, to)
		}
		sent(t, a, marker)
		a.Clock.Advance(appeal.MailPause + time.Second)
		for _, to := range []string{"Counted@example.org", "forgotten+x@example.org", "withdrawn@example.org", "waits@example.org", "nobody@example.org"} {
			ask(to)
		}
		for to, want := range map[string]int{"counted@example.org": 2, "forgotten+x@example.org": 1, "withdrawn@example.org": 1, "waits@example.org": 2, "nobody@example.org": 0} {
			if got := letters(to); len(got) != want {
				t.Errorf("%d letters to %s, want %d", len(got), to, want)
			}
		}
		l := letters("counted@example.org")[0]
		if !strings.HasPrefix(l.Subject, "The link to your signature") || len(l.Links) != 1 || !strings.Contains(l.Links[0], "/en/signature/") {
			t.Errorf("the letter is %q with %v", l.Subject, l.Links)
		}
		// Within the pause nothing is sent, and five mails are all.
		for want := 2; want <= appeal.MostMails+1; want++ {
			ask("counted@example.org")
			if got := letters("counted@example.org"); len(got) != min(want, appeal.MostMails) {
				t.Errorf("%d letters, want %d", len(got), min(want, appeal.MostMails))
			}
			a.Clock.Advance(25 * time.Hour)
		}
		if err := a.Links.Ask("nobody"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("what is no address: %v", err)
		}
	})
}
