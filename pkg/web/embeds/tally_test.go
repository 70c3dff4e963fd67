package embeds_test

import (
	"fmt"
	"net/http"
	"testing"
)

func TestTheTallyIsExactlyWhatOutsideCallersRelyOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const tail = `,"signatures":12345,"goal":100000000,"next_milestone":25000,"as_of":"2026-07-27T10:02:00Z"}`
	for slug, want := range map[string]string{
		"acme":                  `{"appeal":"peace","partner":"acme","partner_signatures":321` + tail,
		"acme-old":              `{"appeal":"peace","partner":"acme","partner_signatures":321` + tail,
		"small":                 `{"appeal":"peace","partner":"small","partner_signatures":null` + tail,
		"quiet":                 `{"appeal":"peace","partner":"quiet","partner_signatures":null` + tail,
		"nobody":                `{"appeal":"peace","partner":"","partner_signatures":null` + tail,
		"all":                   `{"appeal":"peace","partner":"","partner_signatures":null` + tail,
		"%22%3Cscript%3E%00%FF": `{"appeal":"peace","partner":"","partner_signatures":null` + tail,
	} {
		if got := s.mustGet(t, "/embed/"+slug+"/tally.json"); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", slug, got, want)
		}
	}
}

func TestAPartnersFigureIsPublicFromTen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.figures.partners[2] = 10
	want := `{"appeal":"peace","partner":"small","partner_signatures":10,"signatures":12345,"goal":100000000,` +
		`"next_milestone":25000,"as_of":"2026-07-27T10:02:00Z"}`
	if got := s.mustGet(t, "/embed/small/tally.json"); got != want {
		t.Error(got)
	}
}

func TestHeadersOfTheVisitorDoNotChangeTheTally(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.get("/embed/acme/tally.json")
	if !fresh(first.Header().Get("Etag")) {
		t.Fatalf("ETag %q", first.Header().Get("Etag"))
	}
	for _, header := range [][]string{
		{"Accept", "text/html"}, {"Accept-Language", "ko"}, {"Accept-Encoding", "gzip, br"}, {"Origin", "null"},
		{"Origin", "https://a.test"}, {"User-Agent", "x"}, {"Cookie", "a=b"}, {"Referer", "https://b.test/"},
		{"Cache-Control", "no-cache"}, {"Range", "bytes=0-3"}, {"X-Forwarded-For", "1.2.3.4"}, {"Sec-Fetch-Mode", "cors"},
	} {
		got := s.get("/embed/acme/tally.json", header...)
		if got.Code != http.StatusOK || got.Body.String() != first.Body.String() || fmt.Sprint(got.Header()) != fmt.Sprint(first.Header()) {
			t.Errorf("%v: %d %v\n%s", header, got.Code, got.Header(), got.Body)
		}
	}
	s.figures.total.Add(1)
	if got := s.get("/embed/acme/tally.json"); got.Header().Get("Etag") == first.Header().Get("Etag") {
		t.Error("another total has the same ETag")
	}
}

func fresh(etag string) bool { return len(etag) > 2 && etag[0] == '"' && etag[len(etag)-1] == '"' }
