package web_test

import (
	"archive/zip"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

// avoided is what the lists of content blockers look for.
var avoided = regexp.MustCompile(`(?i)(^|[^a-z])(banner|ads?|promo|affiliate|sponsor|track|tracker|count|counter|beacon|pixel|leaderboard|ref|utm)($|[^a-z])|[0-9]{2,}x[0-9]{2,}`)

// unpack returns the files of a pack, by name, and their names as they come.
func (h *house) unpack(a answer) (files map[string]string, names []string) {
	h.t.Helper()
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	h.must(err)
	files = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		h.must(err)
		body, err := io.ReadAll(r)
		h.must(err)
		files[f.Name], names = string(body), append(names, f.Name)
	}
	return files, names
}

func TestAPackHoldsWhatASiteWithoutForeignScriptsNeeds(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	rep := h.asPartner()
	for lang, want := range map[string][]string{
		"en": {"a pack for your own site", "As a picture", `dir="ltr"`}, "ko": {"귀 사이트에서 직접 제공하는", "이미지로 게시", `dir="ltr"`},
		"ar": {"حزمة لموقعك", "على شكل صورة", `dir="rtl"`},
	} {
		a := h.get("/portal/embed.zip?lang="+lang, rep...)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/zip" || a.header.Get("Cache-Control") != "no-store" ||
			a.header.Get("Content-Disposition") != `attachment; filename="olivebranch-harbour-choir-`+lang+`.zip"` {
			t.Fatalf("%s: status %d, %v", lang, a.status, a.header)
		}
		files, names := h.unpack(a)
		if len(names) != len(files) || len(a.body) > 2<<20 {
			t.Errorf("%s: %v in %d bytes", lang, names, len(a.body))
		}
		wanted := []string{"README.txt", "example.html", "v1.js"}
		for _, l := range banner.Layouts() {
			if l != banner.Sticky {
				wanted = append(wanted, "pictures/"+l.String()+".svg")
				if h.get("/embed/harbour-choir/"+l.String()+".png").status == http.StatusOK {
					wanted = append(wanted, "pictures/"+l.String()+".png")
				}
			}
		}
		slices.Sort(wanted)
		if got := slices.Sorted(slices.Values(names)); !slices.Equal(got, wanted) {
			t.Errorf("%s: %v, want %v", lang, got, wanted)
		}
		for name := range files {
			if avoided.MatchString(name) {
				t.Errorf("%s is named like an advertisement", name)
			}
		}
		for _, found := range regexp.MustCompile(`\s(?:id|class|src|href|data-home)="([^"]*)"`).FindAllStringSubmatch(files["example.html"], -1) {
			if avoided.MatchString(found[1]) {
				t.Errorf("%s in the example", found[0])
			}
		}
		if files["v1.js"] != h.get("/embed/v1.js").body || files["pictures/bar.svg"] != h.get("/embed/harbour-choir/bar.svg?lang="+lang).body {
			t.Errorf("%s: the script or a picture is another one", lang)
		}
		if !strings.Contains(files["README.txt"], want[0]) || !strings.Contains(files["README.txt"], "frame-src "+h.BaseURL.String()) || strings.Contains(files["README.txt"], "{{") {
			t.Errorf("%s: %s", lang, files["README.txt"])
		}
		for _, words := range append(want[1:], `<html lang="`+lang+`"`, `src="pictures/bar.svg"`, `href="`+h.BaseURL.String()+`/p/harbour-choir"`, `data-home="`+h.BaseURL.String()+`/embed/"`, `partner="harbour-choir"`) {
			if !strings.Contains(files["example.html"], words) {
				t.Errorf("%s: no %s in %s", lang, words, files["example.html"])
			}
		}
		if strings.Contains(files["example.html"], "%!") {
			t.Errorf("%s: %s", lang, files["example.html"])
		}
	}
}

func TestAPackHasTheSameBytesUntilSomethingChanges(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	rep := h.asPartner()
	h.Clock.Advance(10 * time.Minute) // pictures take up the signatures there are
	first := h.get("/portal/embed.zip", rep...)
	h.Clock.Advance(10 * time.Minute)
	for _, path := range []string{"/portal/embed.zip", "/portal/embed.zip?lang=en", "/portal/embed.zip?lang=../../etc", "/portal/embed.zip?lang=xx&slug=cedar-circle"} {
		if again := h.get(path, rep...); again.body != first.body || again.header.Get("Content-Disposition") != first.header.Get("Content-Disposition") {
			t.Errorf("%s is another pack", path)
		}
	}
	if h.get("/portal/embed.zip?lang=ko", rep...).body == first.body {
		t.Error("the language changes nothing")
	}
	if a := h.get("/portal/embed.zip", h.asStaff(staff.Admin)...); a.status != http.StatusSeeOther || a.header.Get("Location") != "/portal/enter" {
		t.Errorf("for staff: status %d", a.status)
	}
}
