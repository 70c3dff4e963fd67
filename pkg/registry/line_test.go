package registry_test

import (
	"errors"
	"image/color"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/design"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/registry"
)

func (h *house) line(p *registry.Partner, line, lang string) error {
	h.t.Helper()
	return h.Registry.ProposeLine(h.t.Context(), h.rep(p.ID), line, lang)
}

// published publishes the change of a partner that waits.
func (h *house) published(p *registry.Partner) {
	h.t.Helper()
	if err := h.publishWaiting(p); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) says(p *registry.Partner, line, lang string) {
	h.t.Helper()
	if got := h.stored(p.ID); got.Line != line || got.LineLang != lang {
		h.t.Errorf("the line is %q in %q, want %q in %q", got.Line, got.LineLang, line, lang)
	}
	if got, _ := h.Register.ByID(p.ID); got.Line != line {
		h.t.Errorf("the register says %q, want %q", got.Line, line)
	}
}

func TestALineShowsWhenStaffPublishItAndTheOldOneUntilThen(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.line(p, "  We sing   because we wait. ", "EN"); err != nil {
			t.Fatal(err)
		}
		h.says(p, "", "")
		h.published(p)
		h.says(p, "We sing because we wait.", "en")
		if err := h.line(p, "우리는 기다립니다.", "ko"); err != nil {
			t.Fatal(err)
		}
		h.says(p, "We sing because we wait.", "en")
		c := h.waiting()
		if err := h.Registry.RefuseChange(t.Context(), registry.ChangeDecision{Change: c.ID, Version: registry.AnyVersion, By: reviewer, Words: registry.Words{Body: "No.", Lang: "en"}}); err != nil {
			t.Fatal(err)
		}
		h.says(p, "We sing because we wait.", "en")
		if v := h.versions(p); len(v) != 2 || v[0].Public.Line != "We sing because we wait." || v[1].Public.Line != "" {
			t.Errorf("versions: %+v", v)
		}
	})
}

func TestALineWaitsBesideAChangeOfTheProfile(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		if err := h.propose(p, 1, func(w *registry.Public) { w.About = "We march." }); err != nil {
			t.Fatal(err)
		}
		if err := h.line(p, "Because.", "en"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.edit(p, func(e *registry.Edit) { e.Name, e.Line = "Harbour Chorus", "By staff." }); err != nil {
			t.Fatal(err)
		}
		h.says(p, "By staff.", "en") // in the language of the profile
		now, err := h.Registry.Rebase(t.Context(), h.waiting(), h.stored(p.ID))
		if err != nil || !slices.Equal(now.Conflicts, []string{"line"}) {
			t.Errorf("conflicts %v, %v", now.Conflicts, err)
		}
		h.published(p)
		h.says(p, "Because.", "en")
		if got := h.stored(p.ID); got.About != "We march." || got.Name != "Harbour Chorus" {
			t.Errorf("published: %+v", got.Public())
		}
	})
}

func TestALineWaitsBesideALogo(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.white(t)
		before, _ := h.live(p.ID)
		if err := h.wishes(p, registry.LogoWish{File: picture(t, color.Black)}, func(w *registry.Public) { w.LogoAlt = "A black flag" }); err != nil {
			t.Fatal(err)
		}
		if err := h.line(p, "Because.", "en"); err != nil {
			t.Fatal(err)
		}
		h.published(p)
		h.says(p, "Because.", "en")
		if at, alt := h.live(p.ID); at == before || alt != "A black flag" {
			t.Errorf("the logo that waited is lost: %s (%s)", at, alt)
		}
	})
}

func TestALineKeepsItsLanguageWhenStaffTookTheOldOneAway(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		for _, line := range []string{"하나", "둘"} {
			if err := h.line(p, line, "ko"); err != nil {
				t.Fatal(err)
			}
			if line == "하나" {
				h.published(p)
			}
		}
		if _, err := h.edit(p, func(e *registry.Edit) { e.Line = "" }); err != nil {
			t.Fatal(err)
		}
		h.says(p, "", "")
		h.published(p)
		h.says(p, "둘", "ko")
	})
}

func TestALineTakenAwayIsGoneAtOnceAndTheRestWaitsOn(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		by := audit.Actor{Kind: audit.Representative, ID: h.rep(p.ID).ID}
		if err := h.line(p, "Because.", "en"); err != nil {
			t.Fatal(err)
		}
		h.published(p)
		if err := h.line(p, "Otherwise.", "en"); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.RemoveLine(t.Context(), p.ID, by); err != nil {
			t.Fatal(err)
		}
		h.says(p, "", "")
		if _, all, err := h.Registry.ChangesWaiting(t.Context(), 9); err != nil || all != 0 {
			t.Errorf("%d changes wait, %v", all, err)
		}
		if trail := h.trail(registry.OfPartner, p.ID); !strings.HasPrefix(trail[len(trail)-1], "representative partner.line_removed") {
			t.Errorf("trail: %v", trail)
		}
		if err := h.propose(p, 2, func(w *registry.Public) { w.About, w.Line, w.LineLang = "We march.", "Again.", "en" }); err != nil {
			t.Fatal(err)
		}
		if err := h.Registry.RemoveLine(t.Context(), p.ID, by); err != nil {
			t.Fatal(err)
		}
		h.published(p)
		h.says(p, "", "")
		if got := h.stored(p.ID); got.About != "We march." {
			t.Errorf("the rest of the change is lost: %+v", got.Public())
		}
	})
}

func TestALineIsShortAndSaysItsLanguage(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.partner("choir")
		for _, c := range []struct {
			line, lang string
			want       []string
		}{
			{"", "", []string{"line", "line_lang"}}, {" \u200b ", "en", []string{"line"}}, {strings.Repeat("각", registry.MostLine/2+1), "ko", []string{"line"}}, {strings.Repeat("a", registry.MostLine+1), "en", []string{"line"}},
			{"a\u202eb", "en", []string{"line"}}, {"Because.", "<script>", []string{"line_lang"}}, {strings.Repeat("👨‍👩‍👧‍👦", 12), "en", nil},
			{strings.Repeat("각", registry.MostLine/2), "ko", nil}, {strings.Repeat("ب", registry.MostLine), "ar", nil},
		} {
			var f *fault.Error
			err := h.line(p, c.line, c.lang)
			if errors.As(err, &f) != (c.want != nil) || f != nil && !slices.Equal(f.Fields.Names(), c.want) {
				t.Errorf("%q in %q: %v, want %v", c.line, c.lang, err, c.want)
			}
		}
		if err := h.Store.Exec(t.Context(), "UPDATE partners SET state = 'suspended' WHERE id = ?", p.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.line(p, "Because.", "en"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a suspended partner writes a line: %v", err)
		}
	})
}

func TestAPartnerChoosesAmongTheDesignsThatShow(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx, p := t.Context(), h.partner("choir")
		d, err := h.Designs.Create(ctx, design.Design{Code: "dawn", Button: "#9c3d12", Figure: "#8a3b12"}, reviewer)
		if err != nil {
			t.Fatal(err)
		}
		choose := func(code string) error { return h.Registry.ChooseDesign(ctx, p.ID, code, reviewer) }
		for _, code := range []string{"dawn", "nothing", `"><b>`} {
			if err := choose(code); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q, which does not show: %v", code, err)
			}
		}
		if err := h.Designs.Publish(ctx, d.ID, 1, reviewer); err != nil {
			t.Fatal(err)
		}
		if err := choose("dawn"); err != nil {
			t.Fatal(err)
		}
		if got, _ := h.Register.ByID(p.ID); got.Design != "dawn" {
			t.Errorf("chosen: %q", got.Design)
		}
		if err := choose(""); err != nil || h.stored(p.ID).Design != "" {
			t.Errorf("whichever is preferred: %v", err)
		}
		if trail := h.trail(registry.OfPartner, p.ID); trail[len(trail)-1] != `staff partner.design_chosen {"design":"dawn"} {"design":""}` {
			t.Errorf("trail: %v", trail)
		}
	})
}
