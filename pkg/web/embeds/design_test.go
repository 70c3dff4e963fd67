package embeds_test

import (
	"strings"
	"testing"

	"olivebranch/pkg/banner"
)

func TestTheDesignIsTheOneAskedForElseThePartnersElseThePreferred(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.designs.set.Store(banner.NewDesigns([]*banner.Design{
		{Code: "first", Slogans: map[string]string{"en": "The first"}},
		{Code: "chosen", Slogans: map[string]string{"en": "The chosen"}, Button: "#7a1f2b"},
		{Code: "asked", Slogans: map[string]string{"en": "The asked"}, Buttons: map[string]string{"en": "Join us"}},
		{Code: "later", Slogans: map[string]string{"en": "The later"}, Starts: start.AddDate(0, 0, 1)},
	}, start))
	acme := s.register["acme"]
	acme.Design = "chosen"
	s.register["acme"] = acme
	for path, want := range map[string]string{
		"/embed/small":              "The first",
		"/embed/acme":               "The chosen",
		"/embed/acme?design=asked":  "The asked",
		"/embed/acme?design=later":  "The chosen",
		"/embed/acme?design=a%00":   "The chosen",
		"/embed/all?design=chosen":  "The chosen",
		"/embed/nobody?design=none": "The first",
	} {
		for _, shape := range []string{path, strings.Replace(path, "?", "/bar.svg?", 1)} {
			if shape == path || strings.Contains(path, "?") {
				if body := s.mustGet(t, shape); !strings.Contains(body, want) {
					t.Errorf("%s: not %q", shape, want)
				}
			}
		}
	}
	frame := s.get("/embed/acme")
	if !strings.Contains(frame.Body.String(), "--button:#7a1f2b") {
		t.Error("the frame lacks the colour of its design")
	}
	if frame.Header().Get("Content-Security-Policy") == s.get("/embed/small").Header().Get("Content-Security-Policy") {
		t.Error("another style has the same policy")
	}
	if !strings.Contains(s.mustGet(t, "/embed/small?design=asked"), "Join us") {
		t.Error("the button does not say what the design says")
	}
}

func TestAPartnersOwnLineStandsInItsFrame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := s.register["acme"]
	acme.Line, acme.LineLang = "Because <our> grandmothers waited.", "en"
	s.register["acme"] = acme
	if body := s.mustGet(t, "/embed/acme"); !strings.Contains(body, `<bdi lang="en" translate="no">Because &lt;our&gt; grandmothers waited.</bdi>`) {
		t.Error(body)
	}
	if body := s.mustGet(t, "/embed/small"); strings.Contains(body, `class="line"`) {
		t.Error("a line without words")
	}
}
