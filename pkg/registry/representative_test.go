package registry_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/address"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
)

// token is that of the sign-in link in the newest letter.
func (h *house) token() string {
	h.t.Helper()
	_, _, e := h.letter()
	text, ok := strings.CutPrefix(e.Action, "/portal/enter/")
	if !ok {
		h.t.Fatalf("the newest letter leads to %s", e.Action)
	}
	return text
}

// enter does what the portal does with a link.
func (h *house) enter(text string) (*registry.Representative, error) {
	parsed, err := h.Keys.Parse(seal.SignInToPortal, text, h.clock.Now())
	if err != nil {
		return nil, err
	}
	return h.Registry.UseSignInLink(h.t.Context(), parsed)
}

func (h *house) send(email string) {
	h.t.Helper()
	mail, err := address.ParseMail(email)
	if err == nil {
		err = h.Registry.SendSignInLink(h.t.Context(), mail)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

const contact = "zebulon.quux@harbour-choir.example"

func TestASignInLinkWorksOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		link := h.token()
		rep, err := h.enter(link)
		if err != nil || rep.PartnerID != p.ID || rep.Role != "Chair" || rep.Lang != "ko" {
			t.Fatalf("%+v, %v", rep, err)
		}
		if name, err := h.Registry.Person(rep); err != nil || name != "Zebulon Quux" {
			t.Errorf("signed in is %q, %v", name, err)
		}
		if _, err := h.enter(link); !errors.Is(err, registry.ErrLinkUsed) {
			t.Errorf("a second time: %v, want ErrLinkUsed", err)
		}
		h.send(contact)
		if next := h.token(); next == link {
			t.Error("the next link is the used one")
		} else if _, err := h.enter(next); err != nil {
			t.Errorf("the next link: %v", err)
		}
	})
}

func TestALinkUsedManyTimesAtOnceSignsInOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("choir")
		link := h.token()
		var in atomic.Int64
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := h.enter(link); err == nil {
					in.Add(1)
				} else if !errors.Is(err, registry.ErrLinkUsed) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if in.Load() != 1 {
			t.Errorf("%d were let in, want 1", in.Load())
		}
	})
}

func TestASignInLinkExpires(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("choir")
		first := h.token()
		h.clock.Advance(registry.FirstSignInLife)
		if _, err := h.enter(first); !errors.Is(err, seal.ErrExpired) {
			t.Errorf("that of the approval after fourteen days: %v, want ErrExpired", err)
		}
		h.send(contact)
		asked := h.token()
		h.clock.Advance(registry.SignInLife)
		if _, err := h.enter(asked); !errors.Is(err, seal.ErrExpired) {
			t.Errorf("one asked for after an hour: %v, want ErrExpired", err)
		}
		h.send(contact)
		asked = h.token()
		h.clock.Advance(registry.SignInLife - time.Second)
		if _, err := h.enter(asked); err != nil {
			t.Errorf("one asked for, a second before the hour is over: %v", err)
		}
	})
}

func TestUsingOneLinkRevokesTheOthers(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("choir")
		letter := h.token()
		h.send(contact)
		if _, err := h.enter(h.token()); err != nil {
			t.Fatal(err)
		}
		if _, err := h.enter(letter); !errors.Is(err, registry.ErrLinkUsed) {
			t.Errorf("the older link: %v, want ErrLinkUsed", err)
		}
		h.send(contact)
		if err := h.Store.Exec(t.Context(), "DELETE FROM representatives"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.enter(h.token()); !errors.Is(err, registry.ErrLinkUsed) {
			t.Errorf("of somebody who is gone: %v, want ErrLinkUsed", err)
		}
	})
}

func TestAskingForALinkTellsNobodyWhoIsKnown(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.partner("choir")
		before := len(h.letters())
		for _, unknown := range []string{"nobody@harbour-choir.example", "zebulon.quux@other.example"} {
			h.send(unknown)
		}
		if n := len(h.letters()) - before; n != 0 {
			t.Errorf("%d letters to people nobody knows", n)
		}
		h.send(strings.ToUpper(contact))
		if n := len(h.letters()) - before; n != 1 {
			t.Errorf("%d letters to somebody who is known, want 1", n)
		}
		kind, lang, e := h.letter()
		if kind != outbox.PortalLink || lang != "ko" || e.To != "Zebulon.Quux@harbour-choir.example" || e.Args[outbox.ArgName] != "Zebulon Quux" {
			t.Errorf("the letter is %s in %s to %s for %v", kind, lang, e.To, e.Args)
		}
	})
}

func TestWhoActsForTwoPartnersGetsALinkToEach(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		want := map[int64]bool{h.partner("choir").ID: true, h.partner("sailors").ID: true}
		before := len(h.letters())
		h.clock.Advance(day)
		h.send(contact)
		for _, row := range h.letters()[before:] {
			e, err := row.Open(h.Keys)
			if err != nil {
				t.Fatal(err)
			}
			rep, err := h.enter(strings.TrimPrefix(e.Action, "/portal/enter/"))
			if err != nil || !want[rep.PartnerID] {
				t.Errorf("%+v, %v", rep, err)
				continue
			}
			delete(want, rep.PartnerID)
		}
		if len(want) != 0 {
			t.Errorf("no link to %v", want)
		}
	})
}
