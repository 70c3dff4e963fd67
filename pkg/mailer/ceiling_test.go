package mailer_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
)

func TestTheCeilingOfAMinuteHolds(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(100, outbox.SignConfirm, "signer")...)
		var s script
		for minute := range 3 {
			h.deliver(h.under(outbox.Ceilings{Minute: 30}, &s)) // as after a restart
			h.clock.Advance(30 * time.Second)
			h.deliver(h.under(outbox.Ceilings{Minute: 30}, &s))
			if n := len(s.letters()); n > 30*(minute+1) || n < 28*(minute+1) { // 95 of 100 are for confirmations
				h.t.Fatalf("%d letters in %d minutes", n, minute+1)
			}
			h.clock.Advance(32 * time.Second)
		}
	})
}

func TestTheCeilingOfADayRollsOn(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(100, outbox.SignConfirm, "signer")...)
		var s script
		m := h.under(outbox.Ceilings{Day: 40}, &s)
		for range 24 {
			h.deliver(m)
			h.clock.Advance(time.Hour)
		}
		if n := len(s.letters()); n != 38 {
			h.t.Fatalf("%d letters on the first day, want 38: two are kept for links", n)
		}
		h.clock.Advance(2 * time.Minute)
		h.deliver(m)
		if n := len(s.letters()); n != 76 {
			h.t.Errorf("%d letters when the day had rolled on, want 76", n)
		}
	})
}

func TestCopiesShareACeiling(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(200, outbox.PortalLink, "link")...)
		var s script
		var copies sync.WaitGroup
		for range 4 {
			m := h.under(outbox.Ceilings{Minute: 50, Day: 70}, &s)
			copies.Go(func() { h.deliver(m) })
		}
		copies.Wait()
		h.deliver(h.under(outbox.Ceilings{Minute: 50, Day: 70}, &s)) // one may pass over what another has just locked
		if n := len(s.letters()); n != 50 {
			h.t.Errorf("%d letters in a minute, want 50", n)
		}
		h.clock.Advance(2 * time.Minute)
		h.deliver(h.under(outbox.Ceilings{Minute: 50, Day: 70}, &s))
		if n := len(s.letters()); n != 70 {
			h.t.Errorf("%d letters on the day, want 70", n)
		}
	})
}

func TestUnderACeilingRoomIsKeptForWhatIsAwaited(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(200, outbox.SignReminder, "reminder")...)
		h.enqueue(h.many(30, outbox.ApplicationReceived, "letter")...)
		var s script
		m := h.under(outbox.Ceilings{Day: 100}, &s)
		h.deliver(m)
		if got := names(s.letters()); count(got, "letter") != 30 || count(got, "reminder") != 20 {
			h.t.Fatalf("%d letters and %d reminders, want 30 and 20: reminders end at half the ceiling", count(got, "letter"), count(got, "reminder"))
		}
		h.enqueue(h.many(50, outbox.ApplicationReceived, "more")...)
		h.deliver(m)
		if got := names(s.letters()); count(got, "more") != 30 {
			h.t.Fatalf("%d more letters, want 30: letters end at four fifths", count(got, "more"))
		}
		h.enqueue(h.many(50, outbox.SignConfirm, "signer")...)
		h.enqueue(h.many(10, outbox.PortalLink, "link")...)
		h.deliver(m)
		if got := names(s.letters()); count(got, "link") != 10 || count(got, "signer") < 7 || count(got, "signer") > 8 {
			h.t.Errorf("%d in all, %d links, %d confirmations; want all 10 links, and confirmations up to 95", len(got), count(got, "link"), count(got, "signer"))
		}
	})
}

func TestAnOutageUsesUpNoCeiling(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.many(30, outbox.SignConfirm, "signer")...)
		down := true
		s := script{answer: func(mailer.Letter) error {
			if down {
				return fmt.Errorf("%w: connection refused", mailer.ErrUnreachable)
			}
			return nil
		}}
		m := h.under(outbox.Ceilings{Day: 40}, &s)
		for range 30 {
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
				h.t.Fatalf("after the outage: %+v", r)
			}
		}
	})
}

// A ceiling and a hundred thousand waiting mails: what is looked at has an
// index, and no round sorts or reads them all.
func TestTheClaimReadsOnlyTheHeads(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	plan := func(query string, args ...any) (all []string) {
		var rows []struct{ Detail string }
		if err := h.Store.Read(t.Context()).Raw("EXPLAIN QUERY PLAN "+query, args...).Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all = append(all, r.Detail)
		}
		return all
	}
	got := plan("SELECT o.id, o.domain_key, o.not_before, o.tries, COALESCE(d.level, 0) AS level, COALESCE(d.until, 0) AS until"+
		" FROM outbox o LEFT JOIN mail_domains d ON d.domain_key = o.domain_key"+
		" WHERE o.state = 'waiting' AND o.urgency = ? AND o.not_before <= ? AND o.lease_until <= ? ORDER BY o.not_before, o.id LIMIT ?", 0, 5, 5, 60)
	want := []string{"SEARCH o USING INDEX outbox_due (state=? AND urgency=? AND not_before<?)", "SEARCH d USING INDEX mail_domains_key (domain_key=?) LEFT-JOIN"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the plan is %v, want %v", got, want)
	}
}
