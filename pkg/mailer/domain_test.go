package mailer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
)

func at(domain string) func(mailer.Letter) bool {
	return func(l mailer.Letter) bool { return strings.HasSuffix(l.To, "@"+domain) }
}

func (s *script) to(domain string) (n int) {
	for _, l := range s.letters() {
		if at(domain)(l) {
			n++
		}
	}
	return n
}

func (h *house) people(n int, domain string) (all []outbox.Mail) {
	for i := range n {
		all = append(all, h.mail(outbox.SignConfirm, fmt.Sprintf("p%d@%s", i, domain)))
	}
	return all
}

func TestADomainThatPutsOffIsTriedLessAndThenAtFullSpeed(t *testing.T) {
	eachDatabase(t, func(h *house) {
		ill := true
		s := script{answer: func(l mailer.Letter) error {
			if ill && at("ill.example")(l) {
				return errBusy
			}
			return nil
		}}
		m := h.mailer(&s)
		h.enqueue(h.people(200, "ill.example")...)
		h.enqueue(h.people(200, "well.example")...)
		h.deliver(m)
		if n, others := s.to("ill.example"), s.to("well.example"); n > 40 || others != 200 {
			h.t.Fatalf("%d tries at the domain that puts off, %d of 200 letters to others", n, others)
		}
		before := s.to("ill.example")
		for range 60 { // an hour
			h.clock.Advance(time.Minute)
			h.deliver(m)
		}
		if n := s.to("ill.example") - before; n < 3 || n > 30 {
			h.t.Fatalf("%d probes in an hour, want a few", n)
		}
		ill = false
		h.clock.Advance(32 * time.Minute)
		h.deliver(m) // probes
		h.clock.Advance(2 * time.Minute)
		h.deliver(m)
		sent := 0
		for _, r := range h.rows() {
			if r.State == "sent" {
				sent++
			}
		}
		if sent < 400-20 { // some have a longer wait of their own
			h.t.Errorf("%d of 400 sent soon after it was well again", sent)
		}
	})
}

func TestAGreylistingDomainGetsItsMailAtTheSecondTry(t *testing.T) {
	eachDatabase(t, func(h *house) {
		var mu sync.Mutex
		seen := map[string]time.Time{}
		s := script{answer: func(l mailer.Letter) error {
			mu.Lock()
			defer mu.Unlock()
			if first, known := seen[l.To]; !known || h.Now().Sub(first) < time.Minute {
				if !known {
					seen[l.To] = h.Now()
				}
				return errBusy
			}
			return nil
		}}
		m := h.mailer(&s)
		h.enqueue(h.people(60, "grey.example")...)
		for range 45 {
			h.deliver(m)
			h.clock.Advance(time.Minute)
		}
		for _, r := range h.rows() {
			if r.State != "sent" {
				h.t.Fatalf("after 45 minutes: %s after %d tries", r.State, r.Tries)
			}
		}
	})
}

// Two lines of six are always there for others.
func TestADomainThatHangsDoesNotHoldBackOthers(t *testing.T) {
	eachDatabase(t, func(h *house) {
		end := make(chan bool)
		got := make(chan string, 500)
		s := script{answer: func(l mailer.Letter) error {
			if at("hangs.example")(l) {
				<-end
				return errors.New("timeout")
			}
			got <- l.To
			return nil
		}}
		h.enqueue(h.people(100, "hangs.example")...)
		h.enqueue(h.people(100, "well.example")...)
		m := h.mailer(&s)
		ctx, cancel := context.WithCancel(h.t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		for range 100 {
			select {
			case <-got:
			case <-time.After(30 * time.Second):
				h.t.Fatal("others wait for the domain that hangs")
			}
		}
		if n := s.to("hangs.example"); n > 4 {
			h.t.Errorf("%d letters hang, want 4 at most", n)
		}
		cancel()
		close(end)
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
}

func TestWhatARefusalSaysOfTheAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code    int
		status  gosmtp.EnhancedCode
		words   string
		state   string
		stopped bool
	}{
		"no such user":         {550, gosmtp.EnhancedCode{5, 1, 1}, "user unknown", "failed", true},
		"no such user, vague":  {550, gosmtp.NoEnhancedCode, "Requested action not taken: no such user here", "failed", true},
		"null MX":              {556, gosmtp.EnhancedCode{5, 1, 10}, "domain does not accept mail", "failed", true},
		"mailbox full":         {552, gosmtp.EnhancedCode{5, 2, 2}, "over quota", "failed", true},
		"policy":               {550, gosmtp.EnhancedCode{5, 7, 1}, "recipient address rejected by policy", "waiting", false},
		"block list":           {554, gosmtp.NoEnhancedCode, "Service unavailable; client host blocked using a list; no such user", "waiting", false},
		"authentication":       {530, gosmtp.EnhancedCode{5, 7, 0}, "authentication required", "waiting", false},
		"relaying":             {550, gosmtp.NoEnhancedCode, "relaying denied", "waiting", false},
		"content":              {554, gosmtp.EnhancedCode{5, 6, 0}, "message refused", "failed", false},
		"nothing to go by":     {550, gosmtp.NoEnhancedCode, "no", "failed", false},
		"temporarily":          {450, gosmtp.EnhancedCode{4, 1, 1}, "user unknown for now", "waiting", false},
		"mailbox full for now": {452, gosmtp.EnhancedCode{4, 2, 2}, "mailbox full", "waiting", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := sqliteHouse(t)
			p := post{onRcpt: func(string) error { return &gosmtp.SMTPError{Code: c.code, EnhancedCode: c.status, Message: c.words} }}
			p.open(t)
			h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
			m := h.mailer(h.smtp("smtp://" + p.addr))
			h.deliver(m)
			if r := h.only(); r.State != c.state {
				t.Errorf("it is %s (%s), want %s", r.State, r.LastError, c.state)
			}
			h.enqueue(h.mail(outbox.ApplicationReceived, "A+x@example.org"))
			if taken := len(h.rows()) == 2; taken == c.stopped {
				t.Errorf("another mail to the address was taken: %v", taken)
			}
		})
	}
}

func TestNothingWaitsForAnAddressThatIsStopped(t *testing.T) {
	eachDatabase(t, func(h *house) {
		later := h.mail(outbox.ApplicationReceived, "a@example.org")
		later.NotBefore = h.Now().Add(time.Hour).UnixMilli()
		h.enqueue(later, h.mail(outbox.SignConfirm, "a@example.org"), h.mail(outbox.SignConfirm, "b@example.org"))
		s := script{answer: func(l mailer.Letter) error {
			if l.To == "a@example.org" {
				return fmt.Errorf("%w: 550 5.1.1", mailer.ErrNobody)
			}
			return nil
		}}
		m := h.mailer(&s)
		h.deliver(m)
		h.clock.Advance(2 * time.Hour)
		h.deliver(m)
		if n := len(s.letters()); n != 2 {
			h.t.Errorf("%d letters, want 2", n)
		}
		for _, r := range h.rows() {
			if r.State == "waiting" || r.Envelope != nil {
				h.t.Errorf("%s is %s", r.Kind, r.State)
			}
		}
		h.clock.Advance(181 * 24 * time.Hour)
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		if !slices.ContainsFunc(h.rows(), func(r stored) bool { return r.State == "waiting" }) {
			h.t.Error("it is stopped for ever")
		}
	})
}

func TestTheNameOfADomainIsKeptOnceTenPeopleAsked(t *testing.T) {
	eachDatabase(t, func(h *house) {
		var s script
		m := h.with(func(o *mailer.Options) {
			o.Sender, o.Taken = &s, everyoneIsNew
		})
		named := func() int64 {
			var n int64
			if err := h.Store.Read(h.t.Context()).Table("mail_domains").Where("name IS NOT NULL").Count(&n).Error; err != nil {
				h.t.Fatal(err)
			}
			return n
		}
		h.enqueue(h.people(9, "family.example")...)
		h.deliver(m)
		if named() != 0 {
			h.t.Error("nine people give a domain its name")
		}
		h.enqueue(h.mail(outbox.SignConfirm, "tenth@family.example"))
		h.deliver(m)
		var all []outbox.Domain
		if err := h.Store.Read(h.t.Context()).Find(&all).Error; err != nil || len(all) != 1 {
			h.t.Fatalf("%d domains, %v", len(all), err)
		}
		if name, err := all[0].Open(h.Keys); err != nil || name != "family.example" || all[0].Asked != 10 {
			h.t.Errorf("%q, %d asked, %v", name, all[0].Asked, err)
		}
	})
}
