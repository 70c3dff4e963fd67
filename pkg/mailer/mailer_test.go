package mailer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
)

func TestTheUrgentGoFirstAndTheFutureWaits(t *testing.T) {
	eachDatabase(t, func(h *house) {
		later := h.mail(outbox.SignConfirm, "later@example.org")
		later.NotBefore = h.Now().Add(time.Hour).UnixMilli()
		var mails []outbox.Mail
		for i := range 25 {
			mails = append(mails, h.mail(outbox.ApplicationReceived, fmt.Sprintf("letter%d@example.org", i)))
		}
		h.enqueue(append(mails, later)...)
		h.clock.Advance(time.Second)
		h.enqueue(h.mail(outbox.SignConfirm, "urgent@example.org"))
		var s script
		m := h.mailer(&s)
		if n, err := m.DeliverDue(h.t.Context()); err != nil || n != 20 {
			h.t.Fatalf("first round took %d, %v", n, err)
		}
		urgent := false
		for _, l := range s.letters() {
			urgent = urgent || l.To == "urgent@example.org"
		}
		if !urgent {
			h.t.Error("the urgent mail was not in the first round")
		}
		h.deliver(m)
		if n := len(s.letters()); n != 26 {
			h.t.Errorf("%d letters, want 26", n)
		}
		h.clock.Advance(time.Hour)
		h.deliver(m)
		if l := s.letters(); len(l) != 27 || l[26].To != "later@example.org" {
			h.t.Errorf("the mail of the future: %d letters", len(l))
		}
	})
}

func TestATemporaryRefusalIsTriedAgainLaterAndLaterForThreeDays(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		s := script{answer: func(mailer.Letter) error { return errBusy }}
		m := h.mailer(&s)
		start := h.Now()
		var waits []time.Duration
		for h.deliver(m); h.only().State == "waiting"; h.deliver(m) {
			r := h.only()
			waits = append(waits, time.UnixMilli(r.NotBefore).Sub(h.Now()))
			if r.LastError != errBusy.Error() {
				h.t.Fatalf("last error %q", r.LastError)
			}
			h.clock.Advance(waits[len(waits)-1] - time.Millisecond)
			before := len(s.letters())
			h.deliver(m)
			if len(s.letters()) != before {
				h.t.Fatal("tried again too early")
			}
			h.clock.Advance(time.Millisecond)
		}
		for i := 1; i < 5; i++ {
			if waits[i] <= waits[i-1] {
				h.t.Errorf("the waits do not grow: %v", waits)
			}
		}
		if total := h.Now().Sub(start); total < 60*time.Hour || total > 72*time.Hour {
			h.t.Errorf("given up after %v", total)
		}
		if r := h.only(); r.State != "failed" || r.Envelope != nil || r.LastError == "" {
			h.t.Errorf("given up as %+v", r)
		}
		first := s.letters()[0]
		for _, l := range s.letters() {
			if l.MessageID != first.MessageID || l.Text != first.Text || l.HTML != first.HTML || l.Subject != first.Subject || !l.Date.Equal(first.Date) {
				h.t.Fatal("a later try is another letter")
			}
		}
	})
}

func TestAFinalRefusalIsFinal(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		s := script{answer: func(l mailer.Letter) error { return fmt.Errorf("%w: 550 no %s here", mailer.ErrRefused, l.To) }}
		h.deliver(h.mailer(&s))
		r := h.only()
		if r.State != "failed" || r.Envelope != nil || strings.Contains(r.LastError, "a@example.org") || !strings.Contains(r.LastError, "550") {
			h.t.Errorf("row %+v", r)
		}
	})
}

func TestAnOutageCostsNoTriesAndEndsAtOnce(t *testing.T) {
	eachDatabase(t, func(h *house) {
		for i := range 30 {
			h.enqueue(h.mail(outbox.SignConfirm, fmt.Sprintf("a%d@example.org", i)))
		}
		down := true
		s := script{answer: func(mailer.Letter) error {
			if down {
				return fmt.Errorf("%w: connection refused", mailer.ErrUnreachable)
			}
			return nil
		}}
		m := h.mailer(&s)
		for range 120 { // two hours
			if _, err := m.DeliverDue(h.t.Context()); err != nil {
				h.t.Fatal(err)
			}
			h.clock.Advance(time.Minute)
		}
		down = false
		h.clock.Advance(2 * time.Minute)
		h.deliver(m)
		for _, r := range h.rows() {
			if r.State != "sent" {
				h.t.Fatalf("two minutes after the outage: %+v", r)
			}
		}
	})
}

func TestTwoWorkersAtOnceSendOnceEach(t *testing.T) {
	eachDatabase(t, func(h *house) {
		const mails = 200
		for i := range mails {
			h.enqueue(h.mail(outbox.ApplicationReceived, fmt.Sprintf("a%d@example.org", i)))
		}
		var s script
		var workers sync.WaitGroup
		for range 4 {
			m := h.mailer(&s)
			workers.Go(func() { h.deliver(m) })
		}
		workers.Wait()
		h.deliver(h.mailer(&s)) // a worker may pass over rows that another has just locked
		seen := map[string]int{}
		for _, l := range s.letters() {
			seen[l.To]++
		}
		if len(seen) != mails || len(s.letters()) != mails {
			h.t.Errorf("%d letters to %d people, want %d", len(s.letters()), len(seen), mails)
		}
	})
}

func TestAWorkerThatDiedIsReplacedAndDoesNotSpoilItsSuccessor(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		begun, finish := make(chan bool), make(chan bool)
		stuck := script{answer: func(mailer.Letter) error { close(begun); <-finish; return errBusy }}
		var late sync.WaitGroup
		first := h.mailer(&stuck)
		late.Go(func() { h.deliver(first) })
		<-begun
		var idle script
		third := h.mailer(&idle)
		h.deliver(third)
		if len(idle.letters()) != 0 {
			h.t.Fatal("sent while another had it")
		}
		h.clock.Advance(time.Hour)
		taken, end := make(chan bool), make(chan bool)
		s := script{answer: func(mailer.Letter) error { close(taken); <-end; return nil }}
		second := h.mailer(&s)
		var successor sync.WaitGroup
		successor.Go(func() { h.deliver(second) })
		<-taken
		close(finish)
		late.Wait()
		h.clock.Advance(10 * time.Minute)
		h.deliver(third)
		if len(idle.letters()) != 0 {
			h.t.Error("the late worker gave away what was its successor's")
		}
		close(end)
		successor.Wait()
		if r := h.only(); r.State != "sent" || s.letters()[0].MessageID != stuck.letters()[0].MessageID {
			h.t.Errorf("in the end it is %s", r.State)
		}
	})
}

func TestRunSendsWhatIsCommittedAndEndsWithItsContext(t *testing.T) {
	eachDatabase(t, func(h *house) {
		got := make(chan string, 100)
		s := script{answer: func(l mailer.Letter) error { got <- l.To; return nil }}
		m := h.mailer(&s)
		ctx, cancel := context.WithCancel(h.t.Context())
		defer cancel()
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		for i := range 45 {
			h.enqueue(h.mail(outbox.ApplicationReceived, fmt.Sprintf("a%d@example.org", i)))
			m.Wake()
		}
		for range 45 {
			<-got
		}
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
		for _, r := range h.rows() {
			if r.State != "sent" {
				h.t.Errorf("after the end: %+v", r)
			}
		}
	})
}

func TestWhatWasNotBegunIsPutBackAtTheEnd(t *testing.T) {
	eachDatabase(t, func(h *house) {
		for i := range 20 {
			h.enqueue(h.mail(outbox.ApplicationReceived, fmt.Sprintf("a%d@example.org", i)))
		}
		ctx, cancel := context.WithCancel(h.t.Context())
		defer cancel()
		s := script{answer: func(mailer.Letter) error { cancel(); return nil }}
		if _, err := h.mailer(&s).DeliverDue(ctx); err != nil && !errors.Is(err, context.Canceled) {
			h.t.Fatal(err)
		}
		if n := len(s.letters()); n == 20 {
			h.t.Fatal("all were sent after the end was called")
		}
		var rest script
		h.deliver(h.mailer(&rest))
		if n := len(s.letters()) + len(rest.letters()); n != 20 {
			h.t.Errorf("%d letters in all, want 20", n)
		}
	})
}

func TestAnEnvelopeThatDoesNotOpenFails(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"), h.mail(outbox.SignConfirm, "b@example.org"))
		err := h.Store.InTx(h.t.Context(), func(_ context.Context, tx *gorm.DB) error {
			rows := h.rows()
			return tx.Exec("UPDATE outbox SET envelope = ? WHERE id = ?", rows[1].Envelope, rows[0].ID).Error
		})
		if err != nil {
			h.t.Fatal(err)
		}
		var s script
		h.deliver(h.mailer(&s))
		if rows := h.rows(); rows[0].State != "failed" || rows[1].State != "sent" || len(s.letters()) != 1 {
			h.t.Errorf("states %s and %s, %d letters", rows[0].State, rows[1].State, len(s.letters()))
		}
	})
}

func TestNothingPersonalIsInTheOutboxBeforeOrAfterSending(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	m := h.mail(outbox.SignConfirm, "zebra.secret@example.org")
	m.Args["Name"] = "Quagga"
	h.enqueue(m)
	if len(h.only().Envelope) == 0 {
		t.Fatal("no envelope while it waits")
	}
	h.deliver(h.mailer(&script{}))
	if r := h.only(); r.State != "sent" || r.Envelope != nil {
		t.Errorf("after sending: %s, envelope of %d bytes", r.State, len(r.Envelope))
	}
	for _, file := range h.Store.Files() {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"zebra", "Quagga", "/en/confirm"} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%q is in the database in the clear", secret)
			}
		}
	}
}

func TestTheCatcherKeepsTheLastFiveHundredNewestFirst(t *testing.T) {
	t.Parallel()
	var c mailer.Catcher
	for i := range 503 {
		if err := c.Send(t.Context(), mailer.Letter{To: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	got := c.Letters()
	if len(got) != 500 || got[0].To != "502" || got[499].To != "3" || got[0].Links == nil {
		t.Errorf("%d letters, from %s to %s", len(got), got[0].To, got[len(got)-1].To)
	}
}
