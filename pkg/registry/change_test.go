package registry_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/registry"
)

// rep is the first who acts for a partner.
func (h *house) rep(partner int64) *registry.Representative {
	h.t.Helper()
	reps, err := h.Registry.Representatives(h.t.Context(), partner)
	if err != nil || len(reps) == 0 {
		h.t.Fatalf("representatives %v, %v", reps, err)
	}
	return &reps[0]
}

func (h *house) propose(p *registry.Partner, base int64, change func(*registry.Public)) error {
	h.t.Helper()
	wish := h.stored(p.ID).Public()
	change(&wish)
	return h.Registry.Propose(h.t.Context(), h.rep(p.ID), registry.Proposal{Base: base, Public: wish})
}

func (h *house) edit(p *registry.Partner, change func(*registry.Edit)) (*registry.Partner, error) {
	h.t.Helper()
	now := h.stored(p.ID)
	e := registry.Edit{Partner: p.ID, Version: now.Version, Public: now.Public(), ShowSignatures: now.ShowSignatures, By: reviewer}
	change(&e)
	return h.Registry.EditPartner(h.t.Context(), e)
}

func (h *house) waiting() *registry.Change {
	h.t.Helper()
	list, all, err := h.Registry.ChangesWaiting(h.t.Context(), 10)
	if err != nil || len(list) != 1 || all != 1 {
		h.t.Fatalf("%d changes wait, %v", all, err)
	}
	return &list[0]
}

func (h *house) versions(p *registry.Partner) []registry.Version {
	h.t.Helper()
	list, err := h.Registry.PartnerVersions(h.t.Context(), p.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func TestEveryVersionOfAProfileIsKept(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if v := h.versions(p); len(v) != 1 || v[0].N != 1 || v[0].Public.Name != "Harbour Choir" || v[0].ActorID != reviewer.ID {
			t.Fatalf("after the admission: %+v", v)
		}
		got, err := h.edit(p, func(e *registry.Edit) {
			e.Name, e.Website, e.Message, e.ShowSignatures = "Harbour  Chorus", "harbour.example/a", "Peace.", false
		})
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "Harbour Chorus" || got.WebsiteHost != "harbour.example" || got.Version != p.Version+1 || got.ShowSignatures {
			t.Errorf("edited: %+v", got)
		}
		if found := h.Register.Find(registry.Query{Lang: "en", Search: "chorus"}); names(found) != "Harbour Chorus" {
			t.Errorf("the register finds %s", names(found))
		}
		v := h.versions(p)
		if len(v) != 2 || v[0].N != 2 || v[1].Public.Name != "Harbour Choir" {
			t.Fatalf("after the edit: %+v", v)
		}
		var fields []string
		for _, d := range registry.Differences(v[1].Public, v[0].Public) {
			fields = append(fields, d.Field)
		}
		if strings.Join(fields, " ") != "name website message" {
			t.Errorf("changed are %v", fields)
		}
		if trail := h.trail("partner", p.ID); trail[len(trail)-1] != `staff partner.edited  {"fields":["name","website","message","show_signatures"]}` {
			t.Errorf("noted %v", trail)
		}
		if same, err := h.edit(p, func(*registry.Edit) {}); err != nil || same.Version != got.Version || len(h.versions(p)) != 2 {
			t.Errorf("an edit of nothing: %+v, %v", same, err)
		}
	})
}

func TestAPartnerFromBeforeVersionsWereKeptLosesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.Store.Exec(t.Context(), "DELETE FROM profile_versions"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.edit(p, func(e *registry.Edit) { e.Name = "Other" }); err != nil {
			t.Fatal(err)
		}
		if v := h.versions(p); len(v) != 2 || v[1].Public.Name != "Harbour Choir" || v[0].Public.Name != "Other" {
			t.Errorf("%+v", v)
		}
	})
}

func TestAnEditIsRefusedWithAReasonForEachFieldAndWhenSomebodyWasQuicker(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		_, err := h.edit(p, func(e *registry.Edit) {
			e.Name, e.Website, e.Country, e.Kind, e.Reach, e.Lang, e.About = "=1", "javascript:x", "XX", "club", "", "not a language", " "
		})
		wantFields(t, err, map[string]string{"name": "text.formula", "website": "url.scheme", "country": "country.bad", "kind": "kind.bad",
			"reach": "reach.required", "lang": "profile.lang_bad", "about": "text.required"})
		h.setState(p, registry.Paused)
		_, err = h.edit(p, func(e *registry.Edit) { e.Version, e.Name = p.Version, "Late" })
		if !errors.Is(err, registry.ErrPartnerMoved) || h.stored(p.ID).Name != "Harbour Choir" || len(h.versions(p)) != 1 {
			t.Errorf("who saw it before the pause: %v", err)
		}
	})
}

func TestAChangeWaitsWithTheOldProfileLive(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.propose(p, 1, func(w *registry.Public) { w.Name = "First wish" }); err != nil {
			t.Fatal(err)
		}
		first := h.waiting()
		if err := h.propose(p, 1, func(w *registry.Public) { w.Name = "Second wish" }); err != nil {
			t.Fatal(err)
		}
		second := h.waiting()
		if wish, err := second.Wish(); err != nil || wish.Name != "Second wish" || second.ID == first.ID {
			t.Errorf("waiting is %+v, %v", wish, err)
		}
		if live, _ := h.Register.BySlug("choir"); live.Name != "Harbour Choir" {
			t.Errorf("live is %s", live.Name)
		}
		decide := registry.ChangeDecision{Change: first.ID, Version: registry.AnyVersion, By: reviewer, Words: registry.Words{Body: "No."}}
		for what, err := range map[string]error{"publish": h.Registry.PublishChange(t.Context(), decide), "refuse": h.Registry.RefuseChange(t.Context(), decide)} {
			if !errors.Is(err, registry.ErrNoChange) {
				t.Errorf("%s the one that was replaced: %v", what, err)
			}
		}
		decide.Change = second.ID
		if err := h.Registry.PublishChange(t.Context(), decide); err != nil {
			t.Fatal(err)
		}
		if live, _ := h.Register.BySlug("choir"); live.Name != "Second wish" {
			t.Errorf("live is %s", live.Name)
		}
		kind, lang, e := h.letter()
		if kind != outbox.ChangePublished || lang != "ko" || e.Args[outbox.ArgOrganization] != "Second wish" {
			t.Errorf("letter %s in %s: %v", kind, lang, e.Args)
		}
		v := h.versions(p)
		if len(v) != 2 || v[0].ActorKind != audit.Representative {
			t.Errorf("versions %+v", v)
		}
		if err := h.Registry.PublishChange(t.Context(), decide); !errors.Is(err, registry.ErrNoChange) {
			t.Errorf("published twice: %v", err)
		}
	})
}

func TestARefusedChangeIsToldWithTheReason(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.propose(p, 1, func(w *registry.Public) { w.Message = "Buy now" }); err != nil {
			t.Fatal(err)
		}
		c := h.waiting()
		d := registry.ChangeDecision{Change: c.ID, Version: p.Version, By: reviewer}
		wantField(t, h.Registry.RefuseChange(t.Context(), d), "words", "text.required")
		d.Words = registry.Words{Body: "This is an advertisement.", Lang: "en"}
		if err := h.Registry.RefuseChange(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		kind, _, e := h.letter()
		if kind != outbox.ChangeRefused || e.Args[outbox.ArgWords] != d.Words.Body || e.Args[outbox.ArgWordsLang] != "en" || h.stored(p.ID).Message != "" {
			t.Errorf("letter %s: %v; live is %q", kind, e.Args, h.stored(p.ID).Message)
		}
		if newest, err := h.Registry.NewestChange(t.Context(), p.ID); err != nil || newest.State != registry.ChangeRefused || newest.Reason != d.Words.Body {
			t.Errorf("%+v, %v", newest, err)
		}
	})
}

func TestAChangeIsRebasedOnWhatStaffEditedMeanwhile(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.propose(p, 1, func(w *registry.Public) { w.About, w.Website = "We sing on Sundays.", "https://new.example/" }); err != nil {
			t.Fatal(err)
		}
		edited, err := h.edit(p, func(e *registry.Edit) { e.Name, e.About = "Harbour Choir e.V.", "We sing, and we march." })
		if err != nil {
			t.Fatal(err)
		}
		c := h.waiting()
		now, err := h.Registry.Rebase(t.Context(), c, edited)
		if err != nil || !slices.Equal(now.Conflicts, []string{"about"}) || now.Published.Name != "Harbour Choir e.V." || now.Published.About != "We sing on Sundays." {
			t.Fatalf("%+v, %v", now, err)
		}
		d := registry.ChangeDecision{Change: c.ID, Version: p.Version, By: reviewer}
		if err := h.Registry.PublishChange(t.Context(), d); !errors.Is(err, registry.ErrPartnerMoved) {
			t.Errorf("who saw the partner before the edit: %v, want ErrPartnerMoved", err)
		}
		d.Version = edited.Version
		if err := h.Registry.PublishChange(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		live := h.stored(p.ID)
		if live.Name != "Harbour Choir e.V." || live.About != "We sing on Sundays." || live.WebsiteHost != "new.example" {
			t.Errorf("live is %+v", live)
		}
	})
}

func TestWhatAPartnerMayNotPropose(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		rename := func(w *registry.Public) { w.Name = "Other" }
		for _, base := range []int64{0, 2, -1} {
			if err := h.propose(p, base, rename); !errors.Is(err, registry.ErrPartnerMoved) {
				t.Errorf("made against version %d: %v", base, err)
			}
		}
		wantField(t, h.propose(p, 1, func(w *registry.Public) { w.Name = "www.evil.example" }), "name", "text.url")
		if err := h.propose(p, 1, func(*registry.Public) {}); err != nil {
			t.Error(err)
		}
		if n := h.count("partner_changes"); n != 0 {
			t.Errorf("%d changes, want none", n)
		}
		if err := h.propose(p, 1, rename); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.TakeBack(t.Context(), p.ID, audit.Actor{Kind: audit.Representative}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Registry.NewestChange(t.Context(), p.ID); !errors.Is(err, registry.ErrNoChange) {
			t.Errorf("taken back: %v", err)
		}
		for _, state := range []registry.PartnerState{registry.Suspended, registry.Left} {
			if err := h.Store.Exec(t.Context(), "UPDATE partners SET state = ?", state); err != nil {
				t.Fatal(err)
			}
			if err := h.propose(p, 1, rename); err == nil || !strings.Contains(err.Error(), "changes.closed") {
				t.Errorf("%s: %v", state, err)
			}
		}
	})
}
