package registry_test

import (
	"errors"
	"strings"
	"testing"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
)

// unauthorised applies for somebody else's organization.
func unauthorised(f *registry.Form) { f.Consents &^= registry.ConsentAuthorised }

const speaker = "lea.lantern@harbour-choir.example"

// named is an application whose speaker was asked, with the question's link.
func (h *house) named() (*registry.Application, seal.Token) {
	h.t.Helper()
	a, err := h.Registry.NameSpeaker(h.t.Context(), h.verified(unauthorised).Link(), "Lea Lantern", speaker)
	if err != nil {
		h.t.Fatal(err)
	}
	return a, h.link(seal.ConfirmSpeaker, "/ko/speaker/")
}

func (h *house) approve(a *registry.Application) error {
	_, err := h.Registry.Approve(h.t.Context(), registry.Decision{Application: a.ID, By: reviewer})
	return err
}

func TestNobodyIsAdmittedForWhomNobodySpeaks(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a, link := h.named()
		before := h.written()
		if err := h.approve(a); !errors.Is(err, registry.ErrSpeakerMissing) || h.written() != before {
			t.Errorf("before the speaker answers: %v", err)
		}
		_, err := h.Registry.Decide(ctx, registry.Decision{Application: a.ID, Version: a.Version, Verdict: registry.Admit, By: reviewer})
		if !errors.Is(err, registry.ErrSpeakerMissing) || h.written() != before {
			t.Errorf("deciding for later: %v", err)
		}
		kind, lang, e := h.letter()
		if kind != outbox.SpeakerConfirm || lang != "ko" || e.To != speaker || e.Args[outbox.ArgName] != "Lea Lantern" || e.Args[outbox.ArgReference] != a.Reference {
			t.Errorf("the question is %s in %s to %s, %v", kind, lang, e.To, e.Args)
		}
		if asked, err := h.Registry.SpeakerAsked(ctx, link); err != nil || asked.ID != a.ID {
			t.Errorf("behind the link: %v", err)
		}
		for range 2 {
			if err := h.Registry.SpeakFor(ctx, link); err != nil {
				t.Fatal(err)
			}
		}
		who, err := h.Registry.Speaker(ctx, h.application(a.ID))
		if err != nil || who != (registry.Speaker{Name: "Lea Lantern", Email: speaker, ConfirmedAt: h.clock.Now().UnixMilli()}) {
			t.Errorf("the desk sees %+v, %v", who, err)
		}
		if err := h.approve(a); err != nil {
			t.Fatal(err)
		}
		if n := h.count("representatives"); n != 2 {
			t.Errorf("%d representatives, want 2", n)
		}
		h.clock.Advance(2 * day)
		h.send(speaker)
		rep, err := h.enter(h.token())
		if err != nil {
			t.Fatal(err)
		}
		if name, err := h.Registry.Person(rep); err != nil || name != "Lea Lantern" {
			t.Errorf("the speaker signs in as %q, %v", name, err)
		}
		want := `representative application.speaker_confirmed  `
		if got := h.trail("application", a.ID); strings.Count(strings.Join(got, "\n"), want) != 1 {
			t.Errorf("noted %q", got)
		}
	})
}

func TestWhoRefusesToSpeakIsErasedAndAnotherMayBeNamed(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a, link := h.named()
		if err := h.Registry.RefuseToSpeak(ctx, link); err != nil {
			t.Fatal(err)
		}
		now := h.application(a.ID)
		who, err := h.Registry.Speaker(ctx, now)
		if err != nil || who != (registry.Speaker{Refused: true}) || now.SpeakerEmail != nil || now.SpeakerKey != nil {
			t.Errorf("left: %+v, %v", who, err)
		}
		for what, err := range map[string]error{"reading": second(h.Registry.SpeakerAsked(ctx, link)), "agreeing": h.Registry.SpeakFor(ctx, link), "refusing": h.Registry.RefuseToSpeak(ctx, link)} {
			if !errors.Is(err, registry.ErrSpeakerGone) {
				t.Errorf("%s after the answer: %v", what, err)
			}
		}
		if _, err := h.Registry.NameSpeaker(ctx, a.Link(), "Second Speaker", "second@harbour-choir.example"); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.SpeakFor(ctx, h.link(seal.ConfirmSpeaker, "/ko/speaker/")); err != nil {
			t.Error(err)
		}
		if err := h.approve(a); err != nil {
			t.Error(err)
		}
	})
}

func TestOnlyTheLastOneNamedIsAsked(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, old := h.named()
		if _, err := h.Registry.NameSpeaker(t.Context(), a.Link(), "Other Speaker", "other@harbour-choir.example"); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.SpeakFor(t.Context(), old); !errors.Is(err, registry.ErrSpeakerGone) {
			t.Errorf("the one before: %v", err)
		}
		if h.application(a.ID).SpeakerAt != 0 {
			t.Error("it was noted all the same")
		}
	})
}

func TestASpeakerIsSomebodyElseAndNamedInTime(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a := h.verified(unauthorised)
		name := func(a *registry.Application, name, mail string) error {
			return second(h.Registry.NameSpeaker(ctx, a.Link(), name, mail))
		}
		before := h.count("outbox")
		wantField(t, name(a, "Lea", strings.ToUpper(contact[:7])+contact[7:]), "speaker_email", "speaker.same")
		wantField(t, name(a, "Lea", "a@b"), "speaker_email", "email.bad")
		wantField(t, name(a, "=Lea", speaker), "speaker_name", "text.formula")
		unconfirmed := h.apply(unauthorised, func(f *registry.Form) { f.Contact.Email = "x@y.example" })
		if err := name(unconfirmed, "Lea", speaker); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("before the address is confirmed: %v", err)
		}
		authorised := h.verified(func(f *registry.Form) { f.Contact.Email = "z@y.example" })
		if err := name(authorised, "Lea", speaker); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("by who speaks for it: %v", err)
		}
		if h.count("outbox") != before+3 {
			t.Errorf("%d letters, want those of the two other applications", h.count("outbox")-before)
		}
		if _, err := h.Registry.Withdraw(ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		if err := name(a, "Lea", speaker); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("after it is withdrawn: %v", err)
		}
	})
}

func TestAQuestionEndsWithItsApplication(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, link := h.named()
		if _, err := h.Registry.Withdraw(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.SpeakFor(t.Context(), link); !errors.Is(err, registry.ErrSpeakerGone) {
			t.Errorf("speaking for what is withdrawn: %v", err)
		}
	})
}
