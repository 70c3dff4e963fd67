package registry_test

import (
	"errors"
	"image/color"
	"slices"
	"testing"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/registry"
)

// wishes proposes a change of a partner, made of what its form shows now.
func (h *house) wishes(p *registry.Partner, logo registry.LogoWish, change func(*registry.Public)) error {
	h.t.Helper()
	ctx := h.t.Context()
	base, err := h.Registry.LiveVersion(ctx, p.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	live := h.stored(p.ID)
	form := live.Public()
	if c, err := h.Registry.NewestChange(ctx, p.ID); err == nil && c.State == registry.ChangeWaiting {
		now, err := h.Registry.Rebase(ctx, c, live)
		if err != nil {
			h.t.Fatal(err)
		}
		form = now.Published
	}
	change(&form)
	return h.Registry.Propose(ctx, h.rep(p.ID), registry.Proposal{Base: base, Public: form, NewLogo: logo})
}

// white is a partner with a white flag for a logo.
func (h *house) white(t *testing.T) *registry.Partner {
	t.Helper()
	a := h.verified()
	if _, err := h.Registry.SetLogo(t.Context(), a.Link(), picture(t, color.White), "A white flag"); err != nil {
		t.Fatal(err)
	}
	p, err := h.Registry.Approve(t.Context(), registry.Decision{Application: a.ID, Version: h.application(a.ID).Version, By: reviewer, Slug: "choir"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// live is the address of the public logo of a partner, and what it shows; ""
// if there is none.
func (h *house) live(id int64) (path, alt string) {
	h.t.Helper()
	p, _ := h.Register.ByID(id)
	if logo := h.Register.Logo(p); logo != nil {
		path = logo.Path()
	}
	return path, p.LogoAlt
}

func (h *house) publishWaiting(p *registry.Partner) error {
	h.t.Helper()
	return h.Registry.PublishChange(h.t.Context(), registry.ChangeDecision{Change: h.waiting().ID, Version: h.stored(p.ID).Version, By: reviewer})
}

func TestAPartnerChangesItsLogoWithTheOldOneLive(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.white(t)
		before, _ := h.live(p.ID)
		black := registry.LogoWish{File: picture(t, color.Black)}
		if err := h.wishes(p, black, func(w *registry.Public) { w.LogoAlt = "A black flag" }); err != nil {
			t.Fatal(err)
		}
		if at, alt := h.live(p.ID); at != before || alt != "A white flag" || h.count("images") != 2 {
			t.Fatalf("while it waits, %s (%s) is live, and %d pictures are kept", at, alt, h.count("images"))
		}
		// A second wish, of words alone, brings the picture along.
		if err := h.wishes(p, registry.LogoWish{}, func(w *registry.Public) { w.Name = "Harbour Chorus" }); err != nil {
			t.Fatal(err)
		}
		wish, err := h.waiting().Wish()
		if err != nil || wish.LogoAlt != "A black flag" || wish.Logo == h.stored(p.ID).Public().Logo || h.count("images") != 2 {
			t.Fatalf("the second wish: %+v, %v, %d pictures", wish, err, h.count("images"))
		}
		if err := h.publishWaiting(p); err != nil {
			t.Fatal(err)
		}
		after, alt := h.live(p.ID)
		if after == before || after == "" || alt != "A black flag" || h.count("images") != 2 {
			t.Errorf("published: %s after %s, %q, %d pictures", after, before, alt, h.count("images"))
		}
		// What visitors saw before stays in the history.
		v := h.versions(p)
		if len(v) != 2 || v[1].Public.LogoAlt != "A white flag" || v[0].Public.Logo == v[1].Public.Logo {
			t.Errorf("versions %+v", v)
		}
		// And it can be taken away.
		if err := h.wishes(p, registry.LogoWish{Remove: true}, func(*registry.Public) {}); err != nil {
			t.Fatal(err)
		}
		if err := h.publishWaiting(p); err != nil {
			t.Fatal(err)
		}
		if at, alt := h.live(p.ID); at != "" || alt != "" {
			t.Errorf("removed: %s, %q", at, alt)
		}
	})
}

func TestAPictureThatWaitedGoesWithItsChange(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.white(t)
		black := registry.LogoWish{File: picture(t, color.Black)}
		keep := func(*registry.Public) {}
		for what, end := range map[string]func() error{
			"taken back": func() error {
				return h.Registry.TakeBack(t.Context(), p.ID, audit.Actor{Kind: audit.Representative})
			},
			"refused": func() error {
				return h.Registry.RefuseChange(t.Context(), registry.ChangeDecision{Change: h.waiting().ID, Version: registry.AnyVersion, By: reviewer, Words: registry.Words{Body: "No.", Lang: "en"}})
			},
			"replaced": func() error { return h.wishes(p, registry.LogoWish{File: picture(t, color.White)}, keep) },
		} {
			if err := h.wishes(p, black, keep); err != nil {
				t.Fatal(err)
			}
			wish, err := h.waiting().Wish()
			if err != nil {
				t.Fatal(err)
			}
			if err := end(); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if what == "replaced" {
				if err := h.Registry.TakeBack(t.Context(), p.ID, audit.Actor{Kind: audit.Representative}); err != nil {
					t.Fatal(err)
				}
			}
			if n := h.count("images"); n != 1 {
				t.Errorf("%s: %d pictures are kept, want 1", what, n)
			}
			// A form that still names it comes too late.
			late := h.stored(p.ID).Public()
			late.Logo = wish.Logo
			if err := h.Registry.Propose(t.Context(), h.rep(p.ID), registry.Proposal{Base: 1, Public: late}); !errors.Is(err, registry.ErrPartnerMoved) {
				t.Errorf("%s: a wish for the picture that is gone: %v", what, err)
			}
		}
		if at, _ := h.live(p.ID); at == "" {
			t.Error("the live logo is gone")
		}
	})
}

func TestALogoOfAPartnerIsCheckedAsAnApplicants(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p, bare := h.white(t), h.another("school", "River School")
		words := func(alt string) func(*registry.Public) { return func(w *registry.Public) { w.LogoAlt = alt } }
		gif := registry.LogoWish{File: []byte("GIF89a")}
		wantFields(t, h.wishes(p, gif, words("A\u202eflag")), map[string]string{"logo": "logo.type", "logo_alt": "text.control"})
		wantField(t, h.wishes(p, registry.LogoWish{}, words(" ")), "logo_alt", "text.required")
		own, _ := h.Register.ByID(bare.ID)
		_, err := h.edit(own, func(e *registry.Edit) { e.LogoAlt = "A river" })
		wantField(t, err, "logo", "logo.required")
		_, err = h.edit(own, func(e *registry.Edit) { e.NewLogo.File = picture(t, color.White) })
		wantField(t, err, "logo_alt", "text.required")
		if n := h.count("images"); n != 1 {
			t.Errorf("%d pictures are kept, want 1", n)
		}
	})
}

func TestStaffChangeALogoAtOnceWithHistory(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.white(t)
		before, _ := h.live(p.ID)
		set := func(e *registry.Edit) { e.NewLogo.File, e.LogoAlt = picture(t, color.Black), "A black flag" }
		if _, err := h.edit(p, set); err != nil {
			t.Fatal(err)
		}
		after, alt := h.live(p.ID)
		if after == before || after == "" || alt != "A black flag" {
			t.Errorf("set: %s after %s, %q", after, before, alt)
		}
		if trail := h.trail("partner", p.ID); trail[len(trail)-1] != `staff partner.edited  {"fields":["logo","logo_alt"]}` {
			t.Errorf("noted %v", trail)
		}
		if _, err := h.edit(p, set); err != nil || len(h.versions(p)) != 2 || h.count("images") != 2 {
			t.Errorf("the same once more: %v, %d versions, %d pictures", err, len(h.versions(p)), h.count("images"))
		}
		if _, err := h.edit(p, func(e *registry.Edit) { e.NewLogo.Remove = true }); err != nil {
			t.Fatal(err)
		}
		if at, alt := h.live(p.ID); at != "" || alt != "" || h.count("images") != 2 {
			t.Errorf("removed: %s, %q; %d pictures in the history", at, alt, h.count("images"))
		}
	})
}

// A change that was sent before logos were kept in versions leaves the logo
// alone.
func TestAVersionWithoutALogoTakesNoneAway(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		p := h.white(t)
		strip := `UPDATE profile_versions SET profile = replace(replace(profile, ',"LogoAlt":"A white flag"', ''), ',"Logo":"` + h.stored(p.ID).Public().Logo + `"', '')`
		if err := h.Store.Exec(t.Context(), strip); err != nil {
			t.Fatal(err)
		}
		if v := h.versions(p); v[0].Public.Logo != "" || v[0].Public.LogoAlt != "" {
			t.Fatalf("the version still has %+v", v[0].Public)
		}
		if err := h.wishes(p, registry.LogoWish{}, func(w *registry.Public) { w.Name = "Harbour Chorus" }); err != nil {
			t.Fatal(err)
		}
		now, err := h.Registry.Rebase(t.Context(), h.waiting(), h.stored(p.ID))
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for _, d := range registry.Differences(now.Live, now.Published) {
			fields = append(fields, d.Field)
		}
		if !slices.Equal(fields, []string{"name"}) {
			t.Errorf("the change is of %v", fields)
		}
	})
}
