package registry_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
)

// half is a form that somebody leaves off in the middle.
func half() registry.Form {
	return registry.Form{Profile: registry.Profile{Name: "Harbour Ch", About: "We", Website: "harbour", Country: "KR", Lang: "en"},
		Contact: registry.Contact{Name: "Zebulon", Email: contact, Lang: "ko"}, Consents: registry.ConsentPledge}
}

// link is the token of the newest letter's link, whose path begins so.
func (h *house) link(purpose seal.Purpose, prefix string) seal.Token {
	h.t.Helper()
	_, _, e := h.letter()
	rest, ok := strings.CutPrefix(e.Action, prefix)
	text, _, _ := strings.Cut(rest, "/")
	t, err := h.Keys.Parse(purpose, text, h.clock.Now())
	if !ok || err != nil {
		h.t.Fatalf("the newest letter leads to %s: %v", e.Action, err)
	}
	return t
}

func TestAFormHalfFilledIsKeptAndOpenedByItsLink(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, err := h.Registry.SaveDraft(t.Context(), half())
		if err != nil {
			t.Fatal(err)
		}
		stored := h.application(a.ID)
		if stored.State != registry.Draft || stored.Profile != (registry.Profile{}) || stored.ContactRole != "" || stored.Consents != 0 {
			t.Errorf("stored in the clear: %+v", stored)
		}
		if raw := h.everything(); bytes.Contains(raw, []byte("Harbour Ch")) || bytes.Contains(raw, []byte("ebulon")) {
			t.Error("what was typed is in the clear")
		}
		kind, lang, e := h.letter()
		if kind != outbox.ApplicationDraft || lang != "ko" || e.To != contact {
			t.Errorf("the letter is %s in %s to %s", kind, lang, e.To)
		}
		link := h.link(seal.ContinueDraft, "/ko/draft/")
		if !link.Expires.Equal(h.clock.Now().Add(14 * day)) {
			t.Errorf("the link is good until %v", link.Expires)
		}
		found, err := h.Registry.Linked(t.Context(), link)
		if err != nil || found.ID != a.ID {
			t.Fatalf("behind the link: %v", err)
		}
		if f, err := h.Registry.DraftForm(found); err != nil || f != half() {
			t.Errorf("the form opens as %+v, %v", f, err)
		}

		more := half()
		more.Name = "Harbour Choir"
		if _, err := h.Registry.ChangeDraft(t.Context(), link, more); err != nil {
			t.Fatal(err)
		}
		if f, err := h.Registry.DraftForm(h.application(a.ID)); err != nil || f.Name != "Harbour Choir" {
			t.Errorf("saved again, the form opens as %+v, %v", f, err)
		}
		if h.count("applications") != 1 || h.count("outbox") != 1 || h.count("audit_entries") != 0 {
			t.Errorf("%d rows, %d letters, %d entries", h.count("applications"), h.count("outbox"), h.count("audit_entries"))
		}
	})
}

func TestADraftNeedsAnAddressAndWordsThatCanBeKept(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		only := registry.Form{Profile: registry.Profile{Lang: "ko"}, Contact: registry.Contact{Email: contact}}
		if _, err := h.Registry.SaveDraft(t.Context(), only); err != nil {
			t.Errorf("an address alone: %v", err)
		}
		odd := half()
		odd.Country, odd.Contact.Lang = "nowhere", "../../etc"
		a, err := h.Registry.SaveDraft(t.Context(), odd)
		if err != nil || a.MailLang != "en" {
			t.Fatalf("choices nobody offered: %v, letters in %q", err, a.MailLang)
		}
		if f, err := h.Registry.DraftForm(a); err != nil || f.Country != "" {
			t.Errorf("the country is now %q, %v", f.Country, err)
		}
		rows := h.count("applications")
		for _, c := range []struct {
			field, key string
			change     func(*registry.Form)
		}{
			{"email", "email.required", func(f *registry.Form) { f.Contact.Email = "" }},
			{"email", "email.bad", func(f *registry.Form) { f.Contact.Email = "a@b" }},
			{"name", "text.encoding", func(f *registry.Form) { f.Name = "\xff" }},
			{"about", "text.long", func(f *registry.Form) { f.About = strings.Repeat("x", 60_000) }},
			{"placement", "text.control", func(f *registry.Form) { f.Placement = "a\u202eb" }},
			{"website", "url.long", func(f *registry.Form) { f.Website = "https://a.example/" + strings.Repeat("x", 3000) }},
		} {
			f := half()
			c.change(&f)
			_, err := h.Registry.SaveDraft(t.Context(), f)
			wantField(t, err, c.field, c.key)
		}
		if h.count("applications") != rows {
			t.Error("a refused draft was kept")
		}
	})
}

func TestADraftIsSentInOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a, err := h.Registry.SaveDraft(t.Context(), half())
		if err != nil {
			t.Fatal(err)
		}
		link := h.link(seal.ContinueDraft, "/ko/draft/")
		h.clock.Advance(13 * day)
		_, err = h.Registry.SendDraft(t.Context(), link, half())
		if err == nil || h.application(a.ID).State != registry.Draft {
			t.Errorf("half filled it is sent: %v", err)
		}
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() { _, err := h.Registry.SendDraft(t.Context(), link, form()); errs <- err }()
		}
		sent := 0
		for range cap(errs) {
			if err := <-errs; err == nil {
				sent++
			} else if !errors.Is(err, registry.ErrMoved) {
				t.Errorf("who comes second: %v", err)
			}
		}
		now := h.application(a.ID)
		if c, err := h.Registry.Contact(now); sent != 1 || now.State != registry.Submitted || now.Name != "Harbour Choir" || now.Draft != nil ||
			now.SubmittedAt != h.clock.Now().UnixMilli() || c != form().Contact || err != nil || h.count("applications") != 1 {
			t.Errorf("sent %d times, now %+v, %+v, %v", sent, now, c, err)
		}
		if got := h.link(seal.ConfirmApplication, "/ko/application/"); !got.Expires.Equal(h.clock.Now().Add(14 * day)) {
			t.Errorf("the address may be confirmed until %v", got.Expires)
		}
		if _, err := h.Registry.ChangeDraft(t.Context(), link, half()); !errors.Is(err, registry.ErrMoved) {
			t.Errorf("saving what was sent: %v", err)
		}
		if got := h.trail("application", a.ID); len(got) != 1 {
			t.Errorf("noted %v", got)
		}
	})
}

func TestADraftWithAnotherAddressHasAnotherLink(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		if _, err := h.Registry.SaveDraft(t.Context(), half()); err != nil {
			t.Fatal(err)
		}
		old := h.link(seal.ContinueDraft, "/ko/draft/")
		moved := half()
		moved.Contact.Email = "other@harbour-choir.example"
		if _, err := h.Registry.ChangeDraft(t.Context(), old, moved); err != nil {
			t.Fatal(err)
		}
		if _, _, e := h.letter(); e.To != "other@harbour-choir.example" {
			t.Errorf("the link went to %s", e.To)
		}
		if _, err := h.Registry.Linked(t.Context(), h.link(seal.ContinueDraft, "/ko/draft/")); err != nil {
			t.Errorf("the new link: %v", err)
		}
		for what, err := range map[string]error{"reading": second(h.Registry.Linked(t.Context(), old)), "saving": second(h.Registry.ChangeDraft(t.Context(), old, half())),
			"sending": second(h.Registry.SendDraft(t.Context(), old, form()))} {
			if !errors.Is(err, registry.ErrReplaced) {
				t.Errorf("%s with the old link: %v", what, err)
			}
		}
	})
}

// TestADraftSentFromAnotherAddressLeavesTheFirstOneNothing: who reads the
// first address has a link to the draft and to the status page.
func TestADraftSentFromAnotherAddressLeavesTheFirstOneNothing(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		draft, err := h.Registry.SaveDraft(t.Context(), half())
		if err != nil {
			t.Fatal(err)
		}
		old, status := h.link(seal.ContinueDraft, "/ko/draft/"), draft.Link()
		good := form()
		good.Contact.Email = "right@harbour-choir.example"
		sent, err := h.Registry.SendDraft(t.Context(), old, good)
		if err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{"the draft": second(h.Registry.Linked(t.Context(), old)), "the status page": second(h.Registry.Linked(t.Context(), status)),
			"withdrawing": second(h.Registry.WithdrawLink(t.Context(), status))} {
			if !errors.Is(err, registry.ErrReplaced) {
				t.Errorf("%s by an old link: %v, want ErrReplaced", what, err)
			}
		}
		if a, err := h.Registry.Linked(t.Context(), sent.Link()); err != nil || a.State != registry.Submitted {
			t.Errorf("the new status page: %v", err)
		}
		for _, l := range h.letters() {
			if e, err := l.Open(h.Keys); err == nil && e.To == contact {
				t.Errorf("a letter %s still waits for the first address", l.Kind)
			}
		}
	})
}

func second(_ *registry.Application, err error) error { return err }

func TestAnAddressGetsThreeDraftLettersInADay(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		for range 5 {
			if _, err := h.Registry.SaveDraft(t.Context(), half()); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.count("outbox"); n != 3 {
			t.Errorf("%d letters, want 3", n)
		}
		h.clock.Advance(day + time.Minute)
		if _, err := h.Registry.SaveDraft(t.Context(), half()); err != nil || h.count("outbox") != 4 {
			t.Errorf("a day later: %d letters, %v", h.count("outbox"), err)
		}
	})
}

func TestADraftThatIsTakenBackIsGoneAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		draft, err := h.Registry.SaveDraft(ctx, half())
		if err != nil {
			t.Fatal(err)
		}
		link := h.link(seal.ContinueDraft, "/ko/draft/")
		if _, err := h.Registry.WithdrawLink(ctx, draft.Link()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"applications", "outbox", "letters", "profile_versions"} {
			if n := h.count(table); n != 0 {
				t.Errorf("%d rows of %s stay", n, table)
			}
		}
		for what, err := range map[string]error{"the draft": second(h.Registry.Linked(ctx, link)), "the status page": second(h.Registry.Linked(ctx, draft.Link())),
			"saving": second(h.Registry.ChangeDraft(ctx, link, half())), "withdrawing again": second(h.Registry.WithdrawLink(ctx, draft.Link()))} {
			if !errors.Is(err, registry.ErrTakenBack) {
				t.Errorf("%s: %v, want ErrTakenBack", what, err)
			}
		}
		for _, line := range h.trail("application", draft.ID) {
			if strings.Contains(line, "@") || strings.Contains(line, draft.Reference) {
				t.Errorf("the trail says %s", line)
			}
		}
	})
}
