package address

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestParseWebsiteAccepts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://example.org": "https://example.org", "http://Example.ORG/": "http://example.org/", "example.org": "https://example.org",
		" example.org/peace?x=1#top ": "https://example.org/peace?x=1#top", "www.example.co.uk": "https://www.example.co.uk",
		"HTTPS://EXAMPLE.ORG/A": "https://example.org/A", "https://example.org:443/x": "https://example.org/x", "http://example.org:80": "http://example.org",
		"https://example.org:80/": "https://example.org:80/", "example.org:443/x": "https://example.org/x", "https://example.org:": "https://example.org",
		"https://olivebranch.test/": "https://olivebranch.test/", "peace.example/a": "https://peace.example/a", "https://acme.github.io": "https://acme.github.io",
		"평화.한국": "https://xn--of8bo0c.xn--3e0b707e", "https://bücher.de/ü?q=é": "https://xn--bcher-kva.de/%C3%BC?q=%C3%A9",
		"https://example.org?a=http://x": "https://example.org?a=http://x", "example.org/a:b@c": "https://example.org/a:b@c",
		"https://example.org/%0d%0a": "https://example.org/%0d%0a", "https://3.com": "https://3.com", "https://例え。jp": "https://xn--r8jz45g.jp",
		"https://example.org//evil": "https://example.org//evil", "https://127.0.0.1.example.org": "https://127.0.0.1.example.org",
	} {
		w, err := ParseWebsite(in)
		if err != nil || w.URL != want {
			t.Errorf("ParseWebsite(%q) = %q, %v; want %q", in, w.URL, err, want)
		}
	}
}

func TestParseWebsiteRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"url.required": {"", "  "},
		"url.long":     {"https://example.org/" + strings.Repeat("a", 2048), strings.Repeat("[", 1<<20), "example.org/" + strings.Repeat("가", 600)},
		"url.scheme": {
			"javascript:alert(1)", "JavaScript:alert(1)//example.org", "data:text/html,x", "file:///etc/passwd", "file://example.org/x", "ftp://example.org",
			"//example.org", "//evil.example/x", "/x", "///x", "mailto:a@b.com", "vbscript:x", "blob:https://example.org", "ws://example.org", "gopher://x.org",
			"view-source:https://example.org", "javascript://example.org/%0aalert(1)", "about:blank", "localhost:80",
		},
		"url.user": {"https://user:pw@example.org", "https://user@example.org", "https://@example.org", "user:pw@example.org", "example.com@evil.org", "https://example.org:80@evil.org"},
		"url.port": {"https://example.org:8080", "example.org:22", "https://example.org:0", "https://example.org:99999", "https://example.org:x", "https://example.org:080", "http://example.org:80:80"},
		"url.bad": {
			"http:example.org", "https:/example.org", "http:\\\\example.org", "https://example.org\\@evil.org", "https://exa mple.org", "https://example.org/a b",
			"https://example.org/\r\nX: y", "https://example.org/\x00", "\thttps://example.org", "https://example.org/\u202Egpj", "https://exam\u200Bple.org", "https://exam\u00ADple.org",
			"https://example.org/\xff", "https://example.org/%zz", "https://example.org/\"><script>", "https://example.org/\uFEFF", "https://example.org/\u00A0", "https://example.org\n",
			"https://example.org/\uFE0F", "java\nscript:alert(1)",
		},
		"url.host": {
			"https://", "https:///x", "https://?x", "https://localhost", "https://localhost/", "http://localhost:80", "https://a.localhost", "https://intranet", "x", "https://printer.local", "https://db.internal",
			"https://abc.onion", "https://x.invalid", "https://x.home.arpa", "https://1.0.0.127.in-addr.arpa", "https://router.lan",
			"http://127.0.0.1", "http://127.1", "127.1", "http://127.0.1/", "http://0x7f.1", "0x7f.1", "http://0x7f000001", "http://2130706433", "2130706433", "http://017700000001", "http://0177.0.0.1",
			"http://0", "http://0.0.0.0", "http://[::1]", "http://[::ffff:127.0.0.1]", "[::1]:80", "[::ffff:127.0.0.1]", "http://[fe80::1%25eth0]", "http://169.254.169.254/latest", "169.254.169.254", "http://100.64.0.1", "http://10.0.0.1:80",
			"http://192.168.0.1", "http://8.8.8.8", "http://１２７.０.０.１", "http://①②⑦.⓪.⓪.①", "http://127。0。0。1", "http://127.0.0.1.", "http://1.1.1.1.0x1", "http://%31%32%37.0.0.1", "https://example.%6frg", "http://foo.0x7f",
			"https://example.org.", "https://.example.org", "https://example..org", "https://-a.org", "https://a_b.org", "https://org", "https://co.uk", "https://github.io", "https://example.notatld", "https://test", "https://xn--a.org",
			"https://" + strings.Repeat("a", 64) + ".org", "https://" + strings.Repeat("a.", 130) + "org", "https://exam!ple.org", "https://a,b.org", "https://example.org;evil", "https://😀.org",
		},
	}
	for key, urls := range cases {
		for _, s := range urls {
			w, err := ParseWebsite(s)
			if k := keyOf(t, err); k != key {
				t.Errorf("ParseWebsite(%.70q) = %q, %q; want %s", s, w.URL, k, key)
			}
		}
	}
}

func TestHostsAreFlagged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, host, unicode string
		flags             []Flag
	}{
		{"https://example.org", "example.org", "example.org", nil},
		{"https://pаypal.com", "xn--pypal-4ve.com", "pаypal.com", []Flag{MixedScripts}},
		{"https://xn--pypal-4ve.com", "xn--pypal-4ve.com", "pаypal.com", []Flag{MixedScripts}},
		{"https://аррӏе.com", "xn--80ak6aa92e.com", "аррӏе.com", []Flag{Lookalike}},
		{"https://αpple.com", "xn--pple-zld.com", "αpple.com", []Flag{MixedScripts}},
		{"https://мир.рф", "xn--h1ahn.xn--p1ai", "мир.рф", nil},
		{"https://peace평화.kr", "xn--peace-t68xh4k.kr", "peace평화.kr", nil},
		{"https://東京タワー.jp", "xn--5ck2eqb538s34z.jp", "東京タワー.jp", nil},
		{"https://سلام.com", "xn--mgbx5cf.com", "سلام.com", nil},
		{"https://мир-21.com", "", "мир-21.com", nil},
	} {
		w, err := ParseWebsite(c.in)
		if err != nil || c.host != "" && w.Host != c.host || w.HostUnicode != c.unicode || !slices.Equal(w.Flags, c.flags) {
			t.Errorf("ParseWebsite(%q) = %+v, %v; want %+v", c.in, w, err, c)
		}
	}
}

func TestRangeOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24", "2001:db8:1:2:3::4": "2001:db8:1::/48",
		"fe80::1%eth0": "fe80::/48", "::1": "::/48",
	} {
		if got := RangeOf(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("RangeOf(%s) = %v, want %s", in, got, want)
		}
	}
	if got := RangeOf(netip.Addr{}); got.IsValid() {
		t.Errorf("no address is in %v", got)
	}
}

func FuzzParseWebsite(f *testing.F) {
	for _, s := range []string{"https://example.org/a?b#c", "평화.한국", "http://0x7f.1", "https://user:pw@h.org", "example.org:80/x", "//x", "https://pаypal.com", "[::1]", "https://example.org/%zz?é#ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, err := ParseWebsite(s)
		if err != nil {
			return
		}
		u, err := url.Parse(w.URL)
		if err != nil || u.Hostname() != w.Host || u.User != nil || u.Scheme != "http" && u.Scheme != "https" || len(w.URL) > urlBytes {
			t.Fatalf("%q is %+v: %v", s, w, err)
		}
		if _, err := netip.ParseAddr(w.Host); err == nil || !strings.Contains(w.Host, ".") {
			t.Errorf("%q leads to %s", s, w.Host)
		}
		for _, r := range w.URL {
			if r <= ' ' || r >= 0x7F {
				t.Errorf("%q is %q", s, w.URL)
			}
		}
		if again, err := ParseWebsite(w.URL); err != nil || again.URL != w.URL || again.HostUnicode != w.HostUnicode {
			t.Errorf("%q is %+v, and that is %+v, %v", s, w, again, err)
		}
	})
}
