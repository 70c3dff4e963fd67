package web_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"olivebranch/pkg/config"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// jpegOf is another small picture.
func jpegOf(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 20)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// profileForms are the two forms that change the logo of a partner.
func (h *house) profileForms() []form {
	return slices.DeleteFunc(h.forms(), func(f form) bool { return f.name != "portal profile" && f.name != "edit partner" })
}

func TestHostileLogosOfPartnersChangeNothing(t *testing.T) {
	t.Parallel()
	good := testkit.Picture(t)
	cases := map[string][]byte{
		"SVG with a script":           []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"GIF that is a script":        []byte("GIF89a=1;alert(document.domain)//"),
		"50,000 x 50,000":             claiming(good, 50_000),
		"cut":                         good[:len(good)-20],
		"2 MB and more":               append(bytes.Clone(good), make([]byte, 2<<20)...),
		"nothing, but words about it": nil,
	}
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		forms := h.profileForms()
		before := h.rows()
		for _, f := range forms {
			for what, file := range cases {
				kind, body := testkit.Multipart("logo", file, with(f.good, "logo_alt", "A wide meadow")...)
				a := h.inTime(func() answer { return h.ask(http.MethodPost, f.path, kind, strings.NewReader(body), f.by("en")...) })
				h.checkRefused(what, f, a, "en", http.StatusUnprocessableEntity)
				if got := a.refused(); !slices.Equal(got, []string{"logo"}) {
					t.Errorf("%s: %s: refused for %v, want the logo", f.name, what, got)
				}
				if got, _ := a.field("logo_alt"); got != "A wide meadow" {
					t.Errorf("%s: %s: the words typed beside it are now %q", f.name, what, got)
				}
			}
			kind, body := testkit.Multipart("logo", make([]byte, 4<<20), f.good...)
			a := h.inTime(func() answer { return h.ask(http.MethodPost, f.path, kind, strings.NewReader(body), f.by("en")...) })
			h.checkError("4 MB", f, a, "en", http.StatusRequestEntityTooLarge)
		}
		h.checkUnchanged("hostile logos", before)
	})
}

// The portal sends a logo, both rooms show it beside the old one, and visitors
// see it under a new address once it is published.
func TestALogoChangesFromThePortalToThePublicPage(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		forms := map[string]form{}
		for _, f := range h.profileForms() {
			forms[f.name] = f
		}
		live := func() string {
			p, _ := h.Register.ByID(h.partner.ID)
			if logo := h.Register.Logo(p); logo != nil {
				return logo.Path()
			}
			return ""
		}
		send := func(f form, file []byte, pairs ...string) {
			t.Helper()
			kind, body := testkit.Multipart("logo", file, pairs...)
			if a := h.ask(http.MethodPost, f.path, kind, strings.NewReader(body), f.header...); a.status != http.StatusSeeOther {
				t.Fatalf("%s: status %d: %s", f.name, a.status, a.text())
			}
		}
		edit := forms["edit partner"]
		send(edit, testkit.Picture(t), with(edit.good, "logo_alt", "A wide meadow")...)
		first := live()
		if a := h.get(first); a.status != http.StatusOK {
			t.Fatalf("staff's logo at %q: status %d", first, a.status)
		}
		wish := forms["portal profile"]
		send(wish, jpegOf(t), with(with(wish.good, "logo_alt", "A dark meadow"), "version", "2")...)
		if live() != first {
			t.Error("the new logo is live before it is published")
		}
		changes, _, err := h.Registry.ChangesWaiting(t.Context(), 10)
		h.must(err)
		var at string
		for _, c := range changes {
			if c.PartnerID == h.partner.ID {
				at = "/console/changes/" + strconv.FormatInt(c.ID, 10)
			}
		}
		own, reviewer := h.asPartner(), h.asStaff(staff.Reviewer)
		for page, header := range map[string][]string{"/portal/profile": own, at: reviewer} {
			room := page[:strings.Index(page[1:], "/")+1]
			_, side, _ := strings.Cut(h.get(page, header...).body, `class="pictures"`)
			side, _, _ = strings.Cut(side, "</div>")
			shown := strings.Split(side, `src="`+room+`/logos/`)[1:]
			if len(shown) != 2 || shown[0] == shown[1] {
				t.Fatalf("%s shows %d pictures side by side: %s", page, len(shown), side)
			}
			for _, s := range shown {
				id, _, _ := strings.Cut(s, `"`)
				if a := h.get(room+"/logos/"+id, header...); a.status != http.StatusOK || a.header.Get("Content-Type") != "image/png" || a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s/logos/%s: status %d", room, id, a.status)
				}
			}
		}
		p, _ := h.Register.ByID(h.partner.ID)
		if a := h.post(at+"/publish", encode("version", strconv.FormatInt(p.Version, 10), "words", ""), reviewer...); a.status != http.StatusSeeOther {
			t.Fatalf("publish: status %d: %s", a.status, a.text())
		}
		second := live()
		page := h.get("/en/partners/harbour-choir")
		if second == first || !strings.Contains(page.body, `src="`+second+`"`) || !strings.Contains(page.body, `alt="A dark meadow"`) {
			t.Errorf("the page shows %s after %s: %s", second, first, page.body)
		}
		if a := h.get(first); a.status != http.StatusNotFound {
			t.Errorf("the old address: status %d", a.status)
		}
		send(edit, nil, with(with(with(edit.good, "logo_remove", "1"), "logo_alt", "A dark meadow"), "version", strconv.FormatInt(p.Version+1, 10))...)
		if live() != "" || strings.Contains(h.get("/en/partners/harbour-choir").body, "/logo/") {
			t.Error("the logo that staff removed is still there")
		}
	})
}
