package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
)

func TestARolledBackTransactionLeavesNoMails(t *testing.T) {
	eachDatabase(t, func(h *house) {
		boom := errors.New("the cause was not to be")
		err := h.Store.InTx(h.t.Context(), func(_ context.Context, tx *gorm.DB) error {
			if err := h.Enqueue(tx, h.mail(outbox.SignConfirm, "a@example.org")); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			h.t.Fatal(err)
		}
		if n := len(h.rows()); n != 0 {
			h.t.Fatalf("%d mails", n)
		}
	})
}

func TestAnAddressGetsThreeMailsADayWhoeverAsks(t *testing.T) {
	eachDatabase(t, func(h *house) {
		sign, join, portal := h.mail(outbox.SignConfirm, "a@example.org"), h.mail(outbox.ApplicationConfirm, "A@example.org"), h.mail(outbox.PortalLink, "a+x@example.org")
		other := h.mail(outbox.SignConfirm, "b@example.org")
		h.enqueue(sign, other)
		h.enqueue(join, sign, portal, other, sign)
		h.enqueue(sign)
		count := func() map[string]int {
			n := map[string]int{}
			for _, to := range h.takeOut() {
				n[strings.ToLower(strings.Replace(to, "+x", "", 1))]++
			}
			return n
		}
		if n := count(); n["a@example.org"] != 3 || n["b@example.org"] != 2 {
			h.t.Errorf("got %v, want 3 and 2", n)
		}
		h.clock.Advance(23 * time.Hour)
		h.enqueue(sign)
		if n := count(); n["a@example.org"] != 0 {
			h.t.Errorf("a fourth mail within the day: %v", n)
		}
		h.clock.Advance(2 * time.Hour)
		h.enqueue(sign)
		if n := count(); n["a@example.org"] != 1 {
			h.t.Errorf("none after the day: %v", n)
		}
	})
}

func TestLettersByStaffNeitherCountNorAreLeftOut(t *testing.T) {
	eachDatabase(t, func(h *house) {
		letter, sign := h.mail(outbox.ApplicationApproved, "a@example.org"), h.mail(outbox.SignConfirm, "a@example.org")
		h.enqueue(letter, letter, letter, letter, sign, sign, sign, sign, letter)
		h.enqueue(letter)
		n := map[outbox.Kind]int{}
		for _, r := range h.rows() {
			n[r.Kind]++
		}
		if n[outbox.ApplicationApproved] != 6 || n[outbox.SignConfirm] != 3 {
			h.t.Errorf("got %v, want 6 letters and 3 mails", n)
		}
	})
}

func TestTheCapHoldsWhenAllAskAtOnce(t *testing.T) {
	eachDatabase(t, func(h *house) {
		var all sync.WaitGroup
		for range 24 {
			all.Go(func() {
				h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"), h.mail(outbox.SignConfirm, "b@example.org"))
			})
		}
		all.Wait()
		if n := len(h.rows()); n != 6 {
			h.t.Errorf("%d mails for two addresses, want 6", n)
		}
	})
}

func TestThousandsOfMailsGoInAtOnce(t *testing.T) {
	eachDatabase(t, func(h *house) {
		var mails []outbox.Mail
		for i := range 3500 {
			mails = append(mails, h.mail(outbox.SignConfirm, fmt.Sprintf("a%d@example.org", i)))
		}
		h.enqueue(mails...)
		if n := len(h.rows()); n != len(mails) {
			h.t.Errorf("%d rows, want %d", n, len(mails))
		}
	})
}

func TestNothingPersonalIsInTheOutbox(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	m := h.mail(outbox.SignConfirm, "zebra.secret@example.org")
	m.Args["Name"] = "Quagga"
	h.enqueue(m)
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

func TestAnEnvelopeOpensWithItsOwnRowOnly(t *testing.T) {
	eachDatabase(t, func(h *house) {
		m := h.mail(outbox.SignConfirm, "a@example.org")
		h.enqueue(m, h.mail(outbox.SignConfirm, "b@example.org"))
		rows := h.rows()
		e, err := rows[0].Open(h.Keys)
		if err != nil {
			h.t.Fatal(err)
		}
		want := outbox.Envelope{To: m.To, Args: m.Args, Action: m.Action, Manage: m.Manage, Due: h.Now().UnixMilli()}
		if !reflect.DeepEqual(e, want) {
			h.t.Errorf("opened as %+v, want %+v", e, want)
		}
		rows[0].Envelope = rows[1].Envelope
		if e, err := rows[0].Open(h.Keys); err == nil {
			h.t.Errorf("another row's envelope opened as %+v", e)
		}
	})
}

func TestAMailThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	for name, spoil := range map[string]func(*outbox.Mail){
		"unknown kind":      func(m *outbox.Mail) { m.Kind = "spam" },
		"two addresses":     func(m *outbox.Mail) { m.To = "a@example.org, b@example.org" },
		"header in address": func(m *outbox.Mail) { m.To = "a@example.org\r\nBcc: b@example.org" },
		"no key":            func(m *outbox.Mail) { m.ToKey = nil },
		"foreign link":      func(m *outbox.Mail) { m.Action = "//evil.example/" },
		"absolute link":     func(m *outbox.Mail) { m.Action = "https://evil.example/" },
		"backslash":         func(m *outbox.Mail) { m.Manage = "/\\evil.example" },
		"line break":        func(m *outbox.Mail) { m.Manage = "/x\r\ny" },
	} {
		t.Run(name, func(t *testing.T) {
			m := h.mail(outbox.SignConfirm, "a@example.org")
			spoil(&m)
			err := h.Store.InTx(t.Context(), func(_ context.Context, tx *gorm.DB) error { return h.Enqueue(tx, m) })
			if err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestPurgeKeepsWhatWaitsAndWhatCounts(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "old@example.org"))
		h.takeOut()
		h.enqueue(h.mail(outbox.SignConfirm, "waiting@example.org"))
		h.clock.Advance(9 * 24 * time.Hour)
		h.enqueue(h.mail(outbox.PortalLink, "new@example.org"))
		n, err := h.Purge(h.t.Context())
		if err != nil || n != 1 {
			h.t.Fatalf("purged %d, %v; want 1", n, err)
		}
		if rows := h.rows(); len(rows) != 2 || rows[0].State != outbox.Waiting {
			h.t.Errorf("left: %+v", rows)
		}
	})
}

func TestOnlyWhatIsNotSentWaits(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "sent@example.org"))
		h.takeOut()
		h.enqueue(h.mail(outbox.SignConfirm, "a@example.org"), h.mail(outbox.ApplicationReceived, "b@example.org"))
		if n, err := h.Waiting(h.t.Context()); err != nil || n != 2 {
			h.t.Errorf("%d wait, %v; want 2", n, err)
		}
	})
}
