package outbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	err := h.Store.InTx(h.t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Exec(statement, args...).Error })
	if err != nil {
		h.t.Fatal(err)
	}
}

// sent notes that so many were sent in the minute before now.
func (h *house) sent(n int) {
	minute := h.Now().Add(-time.Minute).UnixMilli()
	h.exec("INSERT INTO mail_spans (seconds, start, tried, sent) VALUES (60, ?, ?, ?)", minute-minute%60_000, n, n)
}

func (h *house) delay() outbox.Delay {
	h.t.Helper()
	d, err := h.Delay(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func (h *house) crowd(n int) {
	var mails []outbox.Mail
	for i := range n {
		mails = append(mails, h.mail(outbox.SignConfirm, fmt.Sprintf("p%d@example.org", i)))
	}
	h.enqueue(mails...)
}

func TestHowLateMailIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happens func(h *house)
		late    bool
		stuck   bool
		about   time.Duration
	}{
		"nothing waits":                    {func(*house) {}, false, false, 0},
		"a little waits and mail goes out": {func(h *house) { h.crowd(20); h.sent(100) }, false, false, 0},
		"much waits":                       {func(h *house) { h.crowd(1000); h.sent(100) }, true, false, 10 * time.Minute},
		"nothing goes out":                 {func(h *house) { h.crowd(5); h.clock.Advance(40 * time.Minute) }, true, true, 40 * time.Minute},
		"no server": {func(h *house) {
			h.exec("UPDATE mail_state SET down_since = ?", h.Now().UnixMilli())
			h.clock.Advance(3 * time.Hour)
		}, true, true, 3 * time.Hour},
		"a ceiling by minute": {func(h *house) { h.Ceilings.Minute = 10; h.crowd(300); h.sent(1000) }, true, false, 30 * time.Minute},
		"the ceiling of the day is used up": {func(h *house) {
			h.Ceilings.Day = 100
			h.sent(100)
			h.clock.Advance(20 * time.Hour)
			h.crowd(5)
		}, true, false, 4 * time.Hour},
		"only letters wait": {func(h *house) {
			h.enqueue(h.mail(outbox.ApplicationReceived, "a@example.org"))
			h.clock.Advance(time.Hour)
		}, false, false, 0},
		"one domain is held back": {func(h *house) {
			h.crowd(5)
			h.exec("UPDATE outbox SET not_before = ?", h.Now().Add(2*time.Hour).UnixMilli())
			h.clock.Advance(time.Hour)
		}, false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := sqliteHouse(t)
			c.happens(h)
			d := h.delay()
			if d.Late() != c.late || d.Stuck != c.stuck || c.late && (d.About < c.about*8/10 || d.About > c.about*12/10) {
				t.Errorf("late %v, stuck %v, about %v; want %v, %v, %v", d.Late(), d.Stuck, d.About, c.late, c.stuck, c.about)
			}
		})
	}
}

func TestTheDeskSeesTheQueueByKindAndAge(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.crowd(3)
		h.clock.Advance(2 * time.Hour)
		h.crowd(2)
		h.enqueue(h.mail(outbox.ApplicationReceived, "a@example.org"))
		h.sent(5)
		d, err := h.Desk(h.t.Context())
		if err != nil || len(d.Queue) != 2 {
			h.t.Fatalf("%+v, %v", d, err)
		}
		letters, confirmations := d.Queue[1], d.Queue[0]
		if letters.N != 1 || confirmations.N != 5 || confirmations.Ages != [4]int64{2, 0, 3, 0} || confirmations.Oldest != 2*time.Hour {
			h.t.Errorf("queue %+v", d.Queue)
		}
		if d.Hour.Sent != 5 || d.Day.Tried != 5 || d.Unnamed != 0 {
			h.t.Errorf("%+v", d)
		}
	})
}

func TestTheDeskNamesOnlyDomainsOfMany(t *testing.T) {
	eachDatabase(t, func(h *house) {
		signers := [][]byte{h.Keys.DomainKey("big.example"), h.Keys.DomainKey("family.example")}
		big, small := h.Keys.PostKey(signers[0]), h.Keys.PostKey(signers[1])
		today := h.Now().Format(time.DateOnly)
		h.exec("INSERT INTO mail_domains (id, domain_key, name, asked, points, level, until) VALUES (1, ?, ?, 20, 12, 1, ?)", big, outbox.SealName(h.Keys, 1, "big.example"), h.Now().Add(time.Hour).UnixMilli())
		h.exec("INSERT INTO mail_domains (id, domain_key, asked, points, level, until) VALUES (2, ?, 3, 0, 0, 0)", small)
		h.exec("INSERT INTO mail_days (day, domain_key, asked, confirmed, sent, deferred, refused) VALUES (?, ?, 20, 0, 21, 4, 1), (?, ?, 3, 0, 3, 0, 0), ('2026-02-01', ?, 500, 0, 500, 0, 0)", today, big, today, small, big)
		h.clock.Advance(time.Minute)
		n, err := h.CountConfirmed(h.t.Context(), func(_ context.Context, after, until int64) ([]outbox.Confirmed, error) {
			if after != 0 || until != h.Now().Add(-2*time.Second).UnixMilli() {
				h.t.Errorf("counted from %d to %d", after, until)
			}
			return []outbox.Confirmed{{DomainKey: signers[0], Day: today, N: 15}, {DomainKey: signers[1], Day: today, N: 3}}, nil
		})
		if err != nil || n != 18 {
			h.t.Fatal(n, err)
		}
		d, err := h.Desk(h.t.Context())
		if err != nil || len(d.Domains) != 1 {
			h.t.Fatalf("%+v, %v", d.Domains, err)
		}
		if f := d.Domains[0]; f.Name != "big.example" || f.Asked != 20 || f.Confirmed != 15 || f.Deferred != 4 || f.Refused != 1 || f.HeldUntil == 0 {
			h.t.Errorf("%+v", f)
		}
		if d.Unnamed != 1 || d.Others.Asked != 3 || d.Others.Confirmed != 3 {
			h.t.Errorf("others %+v of %d", d.Others, d.Unnamed)
		}
		h.clock.Advance(40 * 24 * time.Hour)
		if _, err := h.Purge(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		var left int64
		if err := h.Store.Read(h.t.Context()).Raw("SELECT (SELECT COUNT(*) FROM mail_domains) + (SELECT COUNT(*) FROM mail_days) + (SELECT COUNT(*) FROM mail_spans)").Scan(&left).Error; err != nil || left != 0 {
			h.t.Errorf("%d rows are left after forty days, %v", left, err)
		}
	})
}
