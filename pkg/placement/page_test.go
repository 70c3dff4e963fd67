package placement_test

import (
	"strings"
	"testing"

	"olivebranch/pkg/placement"
)

func TestAPageIsReadStrictly(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]placement.Page{
		"acme.example/":                         {"acme.example", "/"},
		"acme.example":                          {"acme.example", ""},
		"www.Acme.Example/peace":                {"acme.example", "/peace"},
		"acme.example:8443/peace":               {"acme.example", "/peace"},
		"acme.example/peace?who=me@x#top":       {"acme.example", "/peace"},
		"평화.example/소식":                         {"xn--of8bo0c.example", "/소식"},
		"acme.example/%ED%8F%89%ED%99%94":       {"acme.example", "/평화"},
		"acme.example/2026/01/peace-in-2026-at": {"acme.example", "/2026/01/peace-in-2026-at"},

		// What may be about one person.
		"acme.example/u/mina@example.org":                             {"acme.example", "/u/…"},
		"acme.example/u/mina%40example.org/x":                         {"acme.example", "/u/…/x"},
		"acme.example/i/3f2b1c9d8e7f60514233241506f7e8d9":             {"acme.example", "/i/…"},
		"acme.example/i/123e4567-e89b-12d3-a456-426614174000/welcome": {"acme.example", "/i/…/welcome"},

		// A path that cannot be kept leaves the host.
		"acme.example/%ff":                          {"acme.example", ""},
		"acme.example/%00":                          {"acme.example", ""},
		"acme.example/%zz":                          {"acme.example", ""},
		"acme.example/\u202egnp":                    {"acme.example", ""},
		"acme.example/a\\b":                         {"acme.example", ""},
		"acme.example/" + strings.Repeat("a/", 100): {"acme.example", ""},
	} {
		if got, ok := placement.Parse(at); !ok || got != want {
			t.Errorf("%q: %q %v, want %q", at, got, ok, want)
		}
	}
	for _, at := range []string{
		"", "/", "/peace", "localhost/", "127.0.0.1/", "[::1]/", "acme", "acme.local/", "acme.example:x/", "acme.example:/", "user@acme.example/",
		"https://acme.example/", "acme..example/", "acme.example./", "a\u200bcme.example/", "<script>.example/", "acme.example/" + strings.Repeat("a", placement.LongestAt),
		"acme.example\x00/", "co.uk/",
	} {
		if got, ok := placement.Parse(at); ok {
			t.Errorf("%q is the page %q", at, got)
		}
	}
}

func TestAPageComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"acme.example/", "acme.example", "acme.example/소식/a b", "acme.example/100%25", "acme.example/u/mina@example.org"} {
		page, ok := placement.Parse(at)
		if !ok {
			t.Fatal(at)
		}
		if again, ok := placement.Parse(page.At()); !ok || again != page {
			t.Errorf("%q: %q, again %q", at, page, again)
		}
	}
}

func TestOfARefererOnlyTheHostIsRead(t *testing.T) {
	t.Parallel()
	for referer, want := range map[string]string{
		"https://www.acme.example/secret?q=1": "acme.example", "http://acme.example:8080": "acme.example", "https://acme.example#x": "acme.example",
		"ftp://acme.example/": "", "acme.example": "", "https:///": "", "https://u:p@acme.example/": "", "https://localhost/": "",
	} {
		if got, ok := placement.ParseReferer(referer); ok != (want != "") || got.Host != want || got.Path != "" {
			t.Errorf("%q: %q, want %q", referer, got, want)
		}
	}
}
