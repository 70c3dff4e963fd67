package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
)

// decided are the kinds that their readers may stop; every other kind is sent
// whatever they say. A new kind is put into one of the two lists of the
// package, and here.
var decided = []outbox.Kind{outbox.ApplicationReminder, outbox.BannerMissed, outbox.SignReminder, outbox.VouchRequest}

func TestEveryKindIsDecided(t *testing.T) {
	t.Parallel()
	var stoppable []outbox.Kind
	for _, k := range outbox.Kinds() {
		if !outbox.Decided(k) {
			t.Errorf("nobody has decided whether readers may stop mails %s", k)
		}
		if k.Stoppable() {
			stoppable = append(stoppable, k)
		}
	}
	if !slices.Equal(stoppable, decided) {
		t.Errorf("readers may stop %v, want %v", stoppable, decided)
	}
}

// subscription is that of a mail, by the token that its links carry.
func (h *house) subscription(m outbox.Mail) outbox.Subscription {
	h.t.Helper()
	s, err := h.Subscription(outbox.StopToken(h.Keys, m.Kind, m.ToKey))
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestWhatIsStoppedIsLeftOutAndNothingElse(t *testing.T) {
	eachDatabase(t, func(h *house) {
		reminder, banner := h.mail(outbox.SignReminder, "a@example.org"), h.mail(outbox.BannerMissed, "a@example.org")
		for range 2 { // it may be said twice
			if err := h.Stop(h.t.Context(), h.subscription(banner)); err != nil {
				h.t.Fatal(err)
			}
		}
		h.enqueue(reminder, banner, h.mail(outbox.BannerMissed, "b@example.org"), h.mail(outbox.BannerMissed, "A+news@example.org"), h.mail(outbox.SignConfirm, "a@example.org"))
		want := []string{"banner_missed b@example.org", "sign_confirm a@example.org", "sign_reminder a@example.org"}
		if got := h.sorted(); !slices.Equal(got, want) {
			h.t.Errorf("enqueued %v, want %v", got, want)
		}
		if err := h.Resume(h.t.Context(), h.subscription(banner)); err != nil {
			h.t.Fatal(err)
		}
		h.enqueue(banner)
		if got := h.sorted(); !slices.Contains(got, "banner_missed a@example.org") {
			h.t.Errorf("sent again: %v", got)
		}
	})
}

// sorted are the mails that wait: kind and recipient.
func (h *house) sorted() (all []string) {
	h.t.Helper()
	for _, r := range h.rows() {
		e, err := r.Open(h.Keys)
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, string(r.Kind)+" "+e.To)
	}
	slices.Sort(all)
	return all
}

func TestAMailThatWaitsIsUnwantedOnceItsReaderStopsIt(t *testing.T) {
	eachDatabase(t, func(h *house) {
		m := h.mail(outbox.SignReminder, "a@example.org")
		h.enqueue(m)
		e, err := h.rows()[0].Open(h.Keys)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, want := range []bool{false, true} {
			if got, err := h.Unwanted(h.t.Context(), m.Kind, e); err != nil || got != want {
				h.t.Errorf("unwanted %v, %v; want %v", got, err, want)
			}
			if err := h.Stop(h.t.Context(), h.subscription(m)); err != nil {
				h.t.Fatal(err)
			}
		}
		if got, err := h.Unwanted(h.t.Context(), outbox.SignConfirm, e); err != nil || got {
			h.t.Errorf("what was asked for: unwanted %v, %v", got, err)
		}
	})
}

func TestOneStatementLooksForAllThatWasStopped(t *testing.T) {
	eachDatabase(t, func(h *house) {
		var mails []outbox.Mail
		for i := range 2500 {
			mails = append(mails, h.mail(outbox.BannerMissed, fmt.Sprintf("a%d@example.org", i)))
		}
		for _, i := range []int{0, 999, 1000, 2499} {
			if err := h.Stop(h.t.Context(), h.subscription(mails[i])); err != nil {
				h.t.Fatal(err)
			}
		}
		h.enqueue(mails...)
		if n := len(h.rows()); n != 2496 {
			h.t.Errorf("%d mails, want 2496", n)
		}
	})
}

func TestForgettingAPersonForgetsWhatWasStopped(t *testing.T) {
	eachDatabase(t, func(h *house) {
		a, b := h.mail(outbox.BannerMissed, "a@example.org"), h.mail(outbox.BannerMissed, "b@example.org")
		for _, m := range []outbox.Mail{a, b} {
			if err := h.Stop(h.t.Context(), h.subscription(m)); err != nil {
				h.t.Fatal(err)
			}
		}
		err := h.Store.InTx(h.t.Context(), func(_ context.Context, tx *gorm.DB) error { return h.ForgetStops(tx, [][]byte{a.ToKey}) })
		if err != nil {
			h.t.Fatal(err)
		}
		for m, want := range map[*outbox.Mail]bool{&a: false, &b: true} {
			if _, got, err := h.Stopped(h.t.Context(), h.subscription(*m)); err != nil || got != want {
				h.t.Errorf("%s is stopped: %v, %v; want %v", m.To, got, err, want)
			}
		}
		if n, err := h.ForgetAllStops(h.t.Context()); err != nil || n != 1 {
			h.t.Errorf("forgot %d, %v", n, err)
		}
	})
}

func TestAStopTokenIsGoodForOneKindAndOneAddress(t *testing.T) {
	t.Parallel()
	h, other := sqliteHouse(t), sqliteHouse(t)
	m := h.mail(outbox.BannerMissed, "a@example.org")
	good := outbox.StopToken(h.Keys, m.Kind, m.ToKey)
	if again := outbox.StopToken(h.Keys, m.Kind, m.ToKey); again != good {
		t.Error("a repeated mail has another token")
	}
	bad := map[string]string{
		"empty": "", "cut": good[:len(good)-1], "longer": good + "A", "doubled": good + good, "huge": strings.Repeat("A", 1<<20), "line break": good[:8] + "\n" + good[8:],
		"of another campaign": outbox.StopToken(other.Keys, m.Kind, m.ToKey), "a kind that cannot be stopped": outbox.StopToken(h.Keys, outbox.SignConfirm, m.ToKey),
		"no kind": outbox.StopToken(h.Keys, "", m.ToKey), "a link of a mail": h.Keys.Token(seal.Token{Purpose: seal.ViewSignature, Row: 1}),
		"another purpose": h.Keys.Bound(seal.Vouch, append(h.Keys.StopKey(m.ToKey), m.Kind...)),
	}
	for i := range good {
		flipped := []byte(good)
		flipped[i] = map[bool]byte{true: 'B', false: 'A'}[flipped[i] == 'A']
		bad["one character changed: "+fmt.Sprint(i)] = string(flipped)
	}
	for name, token := range bad {
		if s, err := h.Subscription(token); !errors.Is(err, outbox.ErrSubscription) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if s, err := h.Subscription(good + ">."); err != nil || s.Kind != m.Kind {
		t.Errorf("with what a mail program sticks to it: %v, %v", s, err)
	}
	if _, err := h.Keys.Rotate(seal.TokenRing); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Subscription(good); err != nil {
		t.Errorf("after a rotation of the keys: %v", err)
	}
}
