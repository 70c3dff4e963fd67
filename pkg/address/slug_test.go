package address

import (
	"strings"
	"testing"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Women Cross DMZ": "women-cross-dmz", "  Médecins  du Monde! ": "medecins-du-monde", "O’Brien's Friends": "obriens-friends",
		"Straße & Łódź": "strasse-lodz", "350.org": "350-org", "평화": "", "평화 Peace": "peace", "": "", "a": "", "---": "", "New": "", "API": "",
		"Ad Hoc Network": "hoc-network", "Banner": "", "728x90": "", "Peace 728x90": "peace", "Hội Hòa Bình": "hoi-hoa-binh", "Ｐｅａｃｅ": "peace", "Count Me In": "me-in",
		strings.Repeat("a", 100): strings.Repeat("a", 60), strings.Repeat("peace ", 20): strings.TrimSuffix(strings.Repeat("peace-", 10), "-"),
		strings.Repeat("é", 1<<20): strings.Repeat("e", 60), "x\xff\xfey": "xy", "null": "", "../../etc": "etc",
	} {
		got := Slug(in)
		if got != want {
			t.Errorf("Slug(%.40q) = %q, want %q", in, got, want)
		}
		if got != "" && ValidSlug(got) != nil {
			t.Errorf("Slug(%.40q) = %q: %v", in, got, ValidSlug(got))
		}
	}
}

func TestValidSlug(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"": {"ab", "acme", "a-b", "350-org", "12", strings.Repeat("a", 60), "adverb", "madrid", "countess", "refugees", "accounting", "new-hope", "v1-group", "2x2", "api-friends"},
		"slug.bad": {
			"", "a", "-", "--", "-a", "a-", "a--b", "A-b", "a_b", "a b", "a.b", "é", "ab\n", "ab/../c", strings.Repeat("a", 61), strings.Repeat("a", 1<<20), "평화", "a\x00", "ａｂ",
		},
		"slug.reserved": {
			"new", "api", "embed", "oembed", "portal", "console", "join", "sign", "partners", "v1", "direct", "null",
			"ad", "ads", "my-ad", "ad-hoc", "banner", "a-banner-b", "promo", "affiliate", "sponsor", "track", "tracker", "count", "counter", "beacon", "pixel", "leaderboard",
			"ref", "utm", "x-ref", "ad1", "1ad2", "728x90", "a-728x90-b", "300x250", "a728x90",
		},
	}
	for key, slugs := range cases {
		for _, s := range slugs {
			if k := keyOf(t, ValidSlug(s)); k != key {
				t.Errorf("ValidSlug(%.40q): %q, want %q", s, k, key)
			}
		}
	}
}
