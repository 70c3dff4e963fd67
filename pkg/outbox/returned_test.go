package outbox_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/bounce"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
)

// about is a report on the mail of a row, with a status.
func (h *house) about(id int64, status string) bounce.Report {
	r := bounce.Report{Texts: []string{"<" + outbox.Mark(h.Keys, id) + "@appeal.example.org>"}, Standard: true}
	if status != "" {
		r.Failures = []bounce.Failure{{Status: status}}
	}
	return r
}

func (h *house) report(r bounce.Report) outbox.Returned {
	h.t.Helper()
	what, err := h.TakeReport(h.t.Context(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return what
}

// reaches says whether a mail to an address is taken in.
func (h *house) reaches(to string) bool {
	h.t.Helper()
	before := len(h.rows())
	h.enqueue(h.mail(outbox.ApplicationReceived, to))
	return len(h.rows()) > before
}

func TestOnlyAReportOnAMailOfOursStopsItsAddress(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		id := h.rows()[0].ID
		h.takeOut()
		forged := h.about(id, "5.1.1")
		forged.Texts = []string{fmt.Sprintf("<ob.%d.%s@appeal.example.org>", id, h.Keys.MailMark(id+1)), fmt.Sprintf("ob.%d.00000000000000000000", id), "a@example.org"}
		for _, c := range []struct {
			name   string
			report bounce.Report
			want   outbox.Returned
		}{
			{"a forged one", forged, outbox.NotOurs},
			{"of a mail there never was", h.about(12345, "5.1.1"), outbox.NotOurs},
			{"a delay", h.about(id, ""), outbox.NoReport},
			{"a refusal of ours", h.about(id, "5.7.1"), outbox.Counted},
		} {
			if got := h.report(c.report); got != c.want || !h.reaches("a@example.org") {
				h.t.Errorf("%s: %s, want %s and no stop", c.name, got, c.want)
			}
		}
		h.enqueue(h.mail(outbox.SignConfirm, "b@example.org"))
		rows := h.rows()
		b := rows[len(rows)-1].ID
		for range 2 {
			if got := h.report(h.about(b, "5.1.1")); got != outbox.Stopped {
				h.t.Errorf("unknown user: %s", got)
			}
		}
		if h.reaches("B+tag@example.org") || !h.reaches("c@example.org") {
			h.t.Error("the wrong addresses are stopped")
		}
		var refused int64
		if err := h.Store.Read(h.t.Context()).Raw("SELECT SUM(refused) FROM mail_days").Scan(&refused).Error; err != nil || refused != 2 {
			h.t.Errorf("%d refusals counted, want 2: each mail once; %v", refused, err)
		}
	})
}

func TestAFullMailboxIsStoppedForAWeek(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		if got := h.report(h.about(h.rows()[0].ID, "5.2.2")); got != outbox.Stopped {
			h.t.Errorf("it is %s", got)
		}
		h.clock.Advance(6 * 24 * time.Hour)
		if h.reaches("a@example.org") {
			h.t.Error("mail goes there after six days")
		}
		h.clock.Advance(25 * time.Hour)
		if !h.reaches("a@example.org") {
			h.t.Error("no mail goes there after a week")
		}
	})
}

func TestStaffLetMailGoToAnAddressAgain(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"))
		h.report(h.about(h.rows()[0].ID, "5.1.1"))
		by := audit.Actor{Kind: audit.Staff, ID: 7}
		if err := h.Free(h.t.Context(), "b@example.org", by); !errors.Is(err, outbox.ErrNotStopped) {
			h.t.Errorf("freed what was not stopped: %v", err)
		}
		if err := h.Free(h.t.Context(), "a@", by); fault.KindOf(err) != fault.Invalid {
			h.t.Errorf("freed what is no address: %v", err)
		}
		if err := h.Free(h.t.Context(), "A@example.org", by); err != nil {
			h.t.Fatal(err)
		}
		if !h.reaches("a@example.org") {
			h.t.Error("no mail goes there")
		}
		var entries []audit.Entry
		if err := h.Store.Read(h.t.Context()).Find(&entries).Error; err != nil || len(entries) != 1 || entries[0].Action != "mail.freed" || entries[0].ActorID != 7 || entries[0].Before+entries[0].After != "" {
			h.t.Errorf("the trail has %+v, %v", entries, err)
		}
	})
}
