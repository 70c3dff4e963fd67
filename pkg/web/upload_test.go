package web_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/config"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// upload is the body of the form of a logo.
func upload(file []byte, pairs ...string) (kind, body string) {
	return testkit.Multipart("logo", file, append([]string{"logo_alt", "A wide meadow"}, pairs...)...)
}

// claiming is a PNG whose header says that it is so wide and high.
func claiming(file []byte, side uint32) []byte {
	out := bytes.Clone(file)
	binary.BigEndian.PutUint32(out[16:], side)
	binary.BigEndian.PutUint32(out[20:], side)
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	return out
}

func TestHostileUploadsChangeNothing(t *testing.T) {
	t.Parallel()
	good := testkit.Picture(t)
	var moving bytes.Buffer
	if err := gif.Encode(&moving, image.NewGray(image.Rect(0, 0, 2, 2)), nil); err != nil {
		t.Fatal(err)
	}
	kind, whole := upload(good)
	boundary := strings.TrimPrefix(kind, "multipart/form-data; boundary=")
	type sent struct {
		what, kind, body string
		status           int
		refused          string // the field, of a form that comes back
	}
	file := func(what string, content []byte) sent {
		kind, body := upload(content)
		return sent{what, kind, body, 422, "logo"}
	}
	part := func(name, content string) string {
		return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n"
	}
	end := "--" + boundary + "--\r\n"
	cases := []sent{
		file("SVG with a script", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)),
		file("GIF", moving.Bytes()),
		file("GIF that is a script", []byte("GIF89a=1;alert(document.domain)//")),
		file("a page", []byte("<!doctype html><script>alert(1)</script>")),
		file("50,000 x 50,000", claiming(good, 50_000)),
		file("cut", good[:len(good)-20]),
		file("2 MB and more", append(bytes.Clone(good), make([]byte, 2<<20)...)),
		{"no words for it", kind, strings.Replace(whole, "A wide meadow", " ", 1), 422, "logo_alt"},
		{"hidden words for it", kind, strings.Replace(whole, "A wide meadow", "A\u202emeadow", 1), 422, "logo_alt"},
		{"words in Latin-1", kind, strings.Replace(whole, "A wide meadow", "A m\xe9adow", 1), 422, "logo_alt"},
		{"words twice", kind, part("logo_alt", "A wide meadow") + whole, 422, "logo_alt"},
		{"two files", kind, part("logo", "x") + whole, 422, "logo"},
		{"no boundary", "multipart/form-data", whole, 400, ""},
		{"an empty boundary", "multipart/form-data; boundary=", whole, 400, ""},
		{"another boundary", "multipart/form-data; boundary=other", whole, 400, ""},
		{"mixed parts", "multipart/mixed; boundary=" + boundary, whole, 415, ""},
		{"cut in the file", kind, whole[:len(whole)/2], 400, ""},
		{"cut before its end", kind, strings.TrimSuffix(whole, end), 400, ""},
		{"cut in a head", kind, "--" + boundary + "\r\nContent-Dispo", 400, ""},
		{"nothing", kind, "", 400, ""},
		{"70 KB of words", kind, part("logo_alt", strings.Repeat("a", 70<<10)) + end, 413, ""},
		{"a thousand parts", kind, strings.Repeat(part("a", "b"), 1000) + end, 413, ""},
		{"a head of 64 KB", kind, part(strings.Repeat("a", 64<<10), "b") + end, 422, "logo_alt"},
		{"4 MB", kind, part("logo", strings.Repeat("a", 4<<20)) + end, 413, ""},
		{"JSON", "application/json", `{"logo_alt":"A"}`, 415, ""},
	}
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		f := form{name: "logo", path: h.onStatus(h.spoken, "/logo")}
		before := h.rows()
		for i, c := range cases {
			lang := languages[i%len(languages)]
			a := h.inTime(func() answer {
				return h.ask(http.MethodPost, f.at(lang), c.kind, strings.NewReader(c.body), "Accept-Language", lang)
			})
			if c.refused == "" {
				h.checkError(c.what, f, a, lang, c.status)
				continue
			}
			h.checkRefused(c.what, f, a, lang, c.status)
			if got := a.refused(); !slices.Equal(got, []string{c.refused}) {
				t.Errorf("%s: refused for %v, want %s", c.what, got, c.refused)
			}
			if got, _ := a.field("logo_alt"); c.refused == "logo" && got != "A wide meadow" {
				t.Errorf("%s: the words typed beside it are now %q", c.what, got)
			}
		}
		head := h.head("POST", f.at("en"), "Content-Type: "+kind, "Content-Length: "+strconv.Itoa(len(whole)))
		h.hangUp(head + whole[:len(whole)-100])
		a := h.inTime(func() answer {
			return h.wire(h.head("POST", f.at("ar"), "Content-Type: "+kind, "Content-Length: 104857600", "Accept-Language: ar"))
		})
		h.checkError("100 MB announced", f, a, "ar", http.StatusRequestEntityTooLarge)
		h.checkUnchanged("hostile uploads", before)
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "multipart-*")); len(left) > 0 {
			t.Errorf("left on the disk: %v", left)
		}
	})
}

// A logo is seen by its applicant and by staff, and by everybody once the
// partner is in the register.
func TestALogoIsPublicWithItsPartnerAndNotBefore(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		kind, body := upload(append(testkit.Picture(t), "<script>behind it</script>"...))
		if a := h.ask(http.MethodPost, strings.Replace(h.onStatus(h.received, "/logo"), "{lang}", "en", 1), kind, strings.NewReader(body)); a.status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.status, a.text())
		}
		now, err := h.Registry.Application(t.Context(), h.received.ID)
		h.must(err)
		logo, err := h.Registry.Picture(t.Context(), now.LogoID)
		h.must(err)
		shown := func(path string, header ...string) answer {
			a := h.get(path, header...)
			h.checkHeaders(a)
			if a.status == http.StatusOK {
				if m, err := png.Decode(strings.NewReader(a.body)); err != nil || m.Bounds().Dx() != 30 || strings.Contains(a.body, "script") || a.header.Get("Content-Type") != "image/png" {
					t.Errorf("%s: %v, %s", path, err, a.header.Get("Content-Type"))
				}
			}
			return a
		}
		for path, header := range map[string][]string{
			strings.Replace(h.onStatus(h.received, "/logo"), "{lang}", "en", 1):       nil,
			"/console/applications/" + strconv.FormatInt(h.received.ID, 10) + "/logo": h.asStaff(staff.Observer),
		} {
			if a := shown(path, header...); a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: status %d, %s", path, a.status, a.header.Get("Cache-Control"))
			}
		}
		if a := shown(logo.Path()); a.status != http.StatusNotFound {
			t.Errorf("before the approval: status %d", a.status)
		}
		p, err := h.Registry.Approve(t.Context(), registry.Decision{Application: h.received.ID})
		h.must(err)
		a := shown(logo.Path())
		if a.status != http.StatusOK || a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("after it: status %d, %s", a.status, a.header.Get("Cache-Control"))
		}
		if again := h.get(logo.Path(), "If-None-Match", a.header.Get("ETag")); again.status != http.StatusNotModified {
			t.Errorf("asked again: status %d", again.status)
		}
		for _, page := range []string{"/ar/partners/" + p.Slug, "/ko/"} {
			if body := h.get(page).body; !strings.Contains(body, `src="`+logo.Path()+`" width="30" height="20"`) {
				t.Errorf("%s does not show it", page)
			}
		}
		for _, path := range []string{"/logo/" + logo.Hash, "/logo/" + logo.Hash + ".svg", "/logo/.png", "/logo/x.png", "/logo/" + strings.ToUpper(logo.Hash) + ".png"} {
			if a := shown(path); a.status != http.StatusNotFound {
				t.Errorf("%s: status %d", path, a.status)
			}
		}
		_, err = h.Registry.SetState(t.Context(), registry.PartnerMove{Partner: p.ID, Version: registry.AnyVersion, To: registry.Suspended, By: audit.Actor{Kind: audit.Operator}})
		h.must(err)
		if a := shown(logo.Path()); a.status != http.StatusNotFound {
			t.Errorf("of a suspended partner: status %d", a.status)
		}
	})
}

// Every link that leads nowhere any more says why in its own words.
func TestEachDeadLinkOfAnApplicationHasItsOwnSentence(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	words := h.Catalogues.For("en")
	says := func(what, path, id string) {
		t.Helper()
		if a := h.get(path); a.status != http.StatusGone || !strings.Contains(a.text(), words.T(id)) {
			t.Errorf("%s: status %d: %s", what, a.status, a.text())
		}
	}
	confirm := func(a *registry.Application) string {
		l := a.Link()
		l.Purpose, l.Expires = seal.ConfirmApplication, h.Clock.Now().AddDate(0, 0, 14)
		return "/en/application/" + h.Keys.Token(l) + "/confirm"
	}
	draft, old, status := h.Registry.DraftLink(h.began), confirm(h.sent), h.Registry.StatusLink(h.sent)
	speaker := strings.Replace(h.speaker, "{lang}", "en", 1)
	now, err := h.Registry.CorrectAddress(t.Context(), h.sent.Link(), "right@example.org")
	h.must(err)
	taken, err := h.Registry.SaveDraft(t.Context(), registry.Form{Contact: registry.Contact{Email: "taken@example.org", Lang: "en"}})
	h.must(err)
	if a := h.post(h.Registry.StatusLink(taken)+"/withdraw", ""); a.status != http.StatusSeeOther {
		t.Errorf("taking a draft back: status %d", a.status)
	}
	says("a draft that was taken back", h.Registry.DraftLink(taken), "application.taken_back")
	says("its status page", h.Registry.StatusLink(taken), "application.taken_back")
	says("the old link to confirm", old, "application.replaced")
	says("the old status page", status, "application.replaced")
	fresh := confirm(now)
	h.Clock.Advance(15 * 24 * time.Hour)
	says("a link too old, before the row is gone", fresh, "application.forgotten")
	if _, err := h.Registry.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	says("the draft", draft, "application.forgotten")
	says("the link to confirm", fresh, "application.forgotten")
	says("the status page", h.Registry.StatusLink(now), "application.forgotten")
	says("the question to a speaker", speaker, "speaker.gone")
}
