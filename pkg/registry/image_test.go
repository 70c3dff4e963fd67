package registry_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"

	"olivebranch/pkg/registry"
)

// picture is a PNG of one colour.
func picture(t *testing.T, c color.Color) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 30, 20))
	for i := range 600 {
		m.Set(i%30, i/30, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALogoIsKeptReplacedAndRemoved(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a := h.verified()
		set := func(file []byte, alt string) *registry.Application {
			t.Helper()
			now, err := h.Registry.SetLogo(ctx, a.Link(), file, alt)
			if err != nil {
				t.Fatal(err)
			}
			return now
		}
		first := set(picture(t, color.White), "A white flag")
		kept, err := h.Registry.Image(ctx, first.LogoID)
		if err != nil || kept.Width != 30 || kept.Height != 20 || kept.Type != "image/png" || kept.Owner != "application" || kept.OwnerID != a.ID {
			t.Fatalf("kept %+v, %v", kept, err)
		}
		if first.Version != a.Version+1 {
			t.Error("who saw the application before it had this logo could still decide")
		}
		if words := set(nil, "A flag"); words.LogoID != first.LogoID || words.LogoAlt != "A flag" {
			t.Errorf("other words: %+v", words)
		}
		if other := set(picture(t, color.Black), "A black flag"); other.LogoID == first.LogoID || h.count("images") != 1 {
			t.Errorf("replaced: %d images", h.count("images"))
		}
		if _, err := h.Registry.RemoveLogo(ctx, a.Link()); err != nil || h.count("images") != 0 {
			t.Errorf("removed: %v, %d images", err, h.count("images"))
		}
		if now := h.application(a.ID); now.LogoID != 0 || now.LogoAlt != "" {
			t.Errorf("left: %+v", now)
		}
		_, err = h.Registry.SetLogo(ctx, a.Link(), nil, "A flag")
		wantField(t, err, "logo", "logo.required")
		_, err = h.Registry.SetLogo(ctx, a.Link(), picture(t, color.White), " ")
		wantField(t, err, "logo_alt", "text.required")
		_, err = h.Registry.SetLogo(ctx, a.Link(), []byte("GIF89a"), "A flag")
		wantField(t, err, "logo", "logo.type")
		if _, err := h.Registry.Image(ctx, 1); !errors.Is(err, registry.ErrNoImage) {
			t.Errorf("an image that is none: %v", err)
		}
	})
}

// Disks are not filled by who has no address, and what was decided stays.
func TestALogoComesAfterTheAddressAndBeforeTheDecision(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		a := h.apply()
		for _, state := range registry.States {
			h.put(a.ID, state)
			_, err := h.Registry.SetLogo(t.Context(), a.Link(), picture(t, color.White), "A flag")
			open := state == registry.Verified || state == registry.InReview || state == registry.NeedsInfo
			if open != (err == nil) || !open && !errors.Is(err, registry.ErrMoved) {
				t.Errorf("%s: %v", state, err)
			}
			_, err = h.Registry.SetMessage(t.Context(), a.Link(), "Peace from "+string(state))
			if open != (err == nil) || !open && !errors.Is(err, registry.ErrMoved) {
				t.Errorf("a message when %s: %v", state, err)
			}
		}
		if n := h.count("images"); n != 1 {
			t.Errorf("%d images", n)
		}
	})
}

func TestAPartnerTakesTheLogoAndTheMessageOver(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a := h.verified()
		if _, err := h.Registry.SetMessage(ctx, a.Link(), " Peace  to all. "); err != nil {
			t.Fatal(err)
		}
		now, err := h.Registry.SetLogo(ctx, a.Link(), picture(t, color.White), "A white flag")
		if err != nil {
			t.Fatal(err)
		}
		kept, err := h.Registry.Image(ctx, now.LogoID)
		if err != nil {
			t.Fatal(err)
		}
		if _, shown := h.Register.Shown(kept.Hash); shown {
			t.Error("the logo is public before the approval")
		}
		if err := h.approve(a); err != nil {
			t.Fatal(err)
		}
		p := h.Register.All()[0]
		logo := h.Register.Logo(p)
		if p.Message != "Peace to all." || p.LogoAlt != "A white flag" || logo == nil || logo.ID != now.LogoID || logo.Width != 30 || logo.Hash != kept.Hash {
			t.Errorf("the partner has %+v, %+v", p, logo)
		}
		if id, shown := h.Register.Shown(kept.Hash); !shown || id != now.LogoID {
			t.Error("the logo is not public")
		}
		if _, err := h.Registry.SetState(ctx, registry.PartnerMove{Partner: p.ID, Version: registry.AnyVersion, To: registry.Suspended, By: reviewer, Words: registry.Words{Body: "Because."}}); err != nil {
			t.Fatal(err)
		}
		if _, shown := h.Register.Shown(kept.Hash); shown {
			t.Error("the logo of a suspended partner is public")
		}
	})
}

// A decision waits for a minute before it is carried out; what changes the
// application meanwhile was not decided on.
func TestAnApprovalIsOvertakenByALogoNobodySaw(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, swap := range []bool{true, false} {
			a := h.verified(func(f *registry.Form) { f.Contact.Email = fmt.Sprint(swap, "@harbour-choir.example") })
			if _, err := h.Registry.Decide(ctx, registry.Decision{Application: a.ID, Version: a.Version, Verdict: registry.Admit, By: reviewer}); err != nil {
				t.Fatal(err)
			}
			if swap {
				if _, err := h.Registry.SetLogo(ctx, a.Link(), picture(t, color.Black), "Something else"); err != nil {
					t.Fatal(err)
				}
			}
			h.clock.Advance(registry.UndoTime)
			if _, err := h.Registry.Settle(ctx); err != nil {
				t.Fatal(err)
			}
			want := map[bool]registry.State{true: registry.Verified, false: registry.Approved}[swap]
			if now := h.application(a.ID); now.State != want {
				t.Errorf("the logo was changed: %v, now %s", swap, now.State)
			}
		}
	})
}
