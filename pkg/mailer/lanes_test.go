package mailer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/testkit"
)

// many are mails of a kind to different people, at domains of a hundred each.
func (h *house) many(n int, kind outbox.Kind, name string) (all []outbox.Mail) {
	h.t.Helper()
	for i := range n {
		all = append(all, h.mail(kind, fmt.Sprintf("%s%d@%s%d.example", name, i, name, i/100)))
	}
	return all
}

// names are to whom letters went, in order, without their numbers.
func names(letters []mailer.Letter) (all []string) {
	for _, l := range letters {
		name, _, _ := strings.Cut(l.To, "@")
		all = append(all, strings.TrimRight(name, "0123456789"))
	}
	return all
}

func count(all []string, name string) (n int) {
	for _, a := range all {
		if a == name {
			n++
		}
	}
	return n
}

// round is one round, and to whom its letters went.
func (h *house) round(m *mailer.Mailer, s *script) []string {
	h.t.Helper()
	before := len(s.letters())
	if _, err := m.DeliverDue(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return names(s.letters()[before:])
}

func TestAnInvitationPassesAHundredThousandConfirmations(t *testing.T) {
	eachDatabase(t, func(h *house) {
		n := 2000
		if testkit.Long() {
			n = 100_000
		}
		for range n / 1000 {
			h.enqueue(h.many(1000, outbox.SignConfirm, "signer")...)
			h.clock.Advance(time.Millisecond)
		}
		h.enqueue(h.mail(outbox.StaffInvitation, "staff@example.org"))
		var s script
		if got := h.round(h.mailer(&s), &s); count(got, "staff") != 1 || count(got, "signer") != 19 {
			h.t.Errorf("the first round of %d went to %v", n, got)
		}
	})
}

func TestAFloodOfLinksLeavesConfirmationsTheirTurns(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(100, outbox.PortalLink, "link")...)
		h.enqueue(h.many(100, outbox.SignConfirm, "signer")...)
		var s script
		m := h.mailer(&s)
		if got := append(h.round(m, &s), h.round(m, &s)...); count(got, "signer") != 20 || count(got, "link") != 20 {
			h.t.Errorf("two rounds went to %v", got)
		}
	})
}

func TestRemindersNeverDelayLettersOfTheDay(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(50, outbox.SignReminder, "reminder")...)
		h.clock.Advance(time.Hour)
		h.enqueue(h.many(45, outbox.ApplicationReceived, "letter")...)
		h.enqueue(h.many(5, outbox.SignConfirm, "signer")...)
		var s script
		h.deliver(h.mailer(&s))
		got := names(s.letters())
		if count(got[:20], "signer") != 5 || count(got[:60], "letter") != 45 || count(got[:40], "reminder") != 0 || len(got) != 100 {
			h.t.Errorf("they went to %v", got)
		}
	})
}

func TestNothingStarvesBehindWhatIsMoreUrgent(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(30, outbox.SignReminder, "reminder")...)
		h.enqueue(h.many(30, outbox.ApplicationReceived, "letter")...)
		var s script
		m := h.mailer(&s)
		perRound := func(rounds int) (letters, reminders int) {
			h.enqueue(h.many(20*rounds, outbox.SignConfirm, "signer")...) // there are always more confirmations than turns
			var got []string
			for range rounds {
				got = append(got, h.round(m, &s)...)
			}
			return count(got, "letter"), count(got, "reminder")
		}
		for _, step := range []struct {
			after              time.Duration
			letters, reminders int
		}{{0, 0, 0}, {4 * time.Hour, 20, 0}, {20 * time.Hour, 10, 10}} { // in ten rounds; ten letters are left on the last day
			h.clock.Advance(step.after)
			if letters, reminders := perRound(10); letters != step.letters || reminders != step.reminders {
				h.t.Errorf("after %v more, ten rounds had %d letters and %d reminders, want %d and %d", step.after, letters, reminders, step.letters, step.reminders)
			}
		}
	})
}
