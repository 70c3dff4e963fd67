package registry_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"olivebranch/pkg/address"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

// over is a context that ended.
func over() context.Context {
	ctx, end := context.WithCancel(context.Background())
	end()
	return ctx
}

func TestTheDoorAnswersBeforeItLooksAnybodyUp(t *testing.T) {
	t.Parallel()
	var asked []string
	d := registry.NewDoor(func(ctx context.Context, to address.Mail) error {
		if err := ctx.Err(); err != nil {
			t.Errorf("%s is answered with a context that ended", to)
		}
		asked = append(asked, to.String())
		return errors.New("the first is out of luck")
	})
	for _, email := range []string{"known@choir.example", "nobody@choir.example"} {
		if err := d.Ask(email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	wantField(t, d.Ask("no address"), "email", "email.bad")
	if len(asked) != 0 {
		t.Errorf("looked up before the answer: %v", asked)
	}
	d.Run(over())
	if !slices.Equal(asked, []string{"known@choir.example", "nobody@choir.example"}) {
		t.Errorf("a program that stops leaves somebody at the door: only %v were answered", asked)
	}
	for range 256 {
		if err := d.Ask("many@choir.example"); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Ask("many@choir.example"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("at a door that is full: %v, want Unavailable", err)
	}
}

func TestTheDoorSendsALinkToWhoActsForAPartner(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("choir")
		before := len(h.letters())
		d := registry.NewDoor(h.Registry.SendSignInLink)
		for _, email := range []string{contact, "nobody@choir.example"} {
			if err := d.Ask(email); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(h.letters()) - before; n != 0 {
			t.Errorf("%d letters before the answer", n)
		}
		d.Run(over())
		if kind, _, _ := h.letter(); kind != outbox.PortalLink || len(h.letters()) != before+1 {
			t.Errorf("%d letters, the newest %s; want one with a link", len(h.letters())-before, kind)
		}
	})
}
