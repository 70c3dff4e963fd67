package mailer_test

import (
	"testing"

	"olivebranch/pkg/mailer"
	"olivebranch/pkg/outbox"
)

func TestMailsThatADeadProgramHadClaimedGoOutAtOnce(t *testing.T) {
	eachDatabase(t, func(h *house) {
		h.enqueue(h.mail(outbox.SignConfirm, "mina@example.org"))
		if err := h.Store.Exec(h.t.Context(), "UPDATE outbox SET lease_until = ?, tries = 1", h.clock.Now().UnixMilli()+1000); err != nil { // as claim does
			h.t.Fatal(err)
		}
		caught := &mailer.Catcher{}
		m := h.mailer(caught)
		if n, err := m.DeliverDue(h.t.Context()); err != nil || n != 0 {
			h.t.Fatalf("while it is claimed: %d, %v", n, err)
		}
		if err := m.TakeBack(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		if n, err := m.DeliverDue(h.t.Context()); err != nil || n != 1 {
			h.t.Errorf("taken back: %d, %v, want 1", n, err)
		}
		if n := len(caught.Letters()); n != 1 {
			h.t.Errorf("%d letters, want 1", n)
		}
	})
}
