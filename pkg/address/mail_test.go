package address

import (
	"errors"
	"strings"
	"testing"

	"olivebranch/pkg/fault"
)

// keyOf is the message key of err, "" for none.
func keyOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid {
		t.Fatalf("not an Invalid fault: %v", err)
	}
	return e.Key
}

func TestParseMailAccepts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a@b.co": "a@b.co", "  Ana.Bo@Example.ORG ": "Ana.Bo@example.org", "o'brien+x@mail.example.org": "o'brien+x@mail.example.org",
		"demo@olivebranch.test": "demo@olivebranch.test", "null@example.com": "null@example.com", "a/b=c@x.org": "a/b=c@x.org",
		"김@example.org": "", "info@평화.한국": "info@xn--of8bo0c.xn--3e0b707e", "a@BÜCHER.example": "a@xn--bcher-kva.example",
		"a@xn--bcher-kva.example": "a@xn--bcher-kva.example", "a@例え。テスト": "a@xn--r8jz45g.xn--zckzah", "a@faß.de": "a@xn--fa-hia.de",
		"a@1.example.org": "a@1.example.org", "_@x.org": "_@x.org", strings.Repeat("a", 64) + "@x.org": strings.Repeat("a", 64) + "@x.org",
	} {
		m, err := ParseMail(in)
		if want == "" {
			if keyOf(t, err) != "email.bad" {
				t.Errorf("ParseMail(%q) = %v, %v", in, m, err)
			}
			continue
		}
		if err != nil || m.String() != want {
			t.Errorf("ParseMail(%q) = %q, %v; want %q", in, m, err, want)
		}
	}
}

func TestParseMailRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"email.required": {"", " ", "    ", strings.Repeat(" ", 300)},
		"email.long": {
			strings.Repeat("a", 256<<10), strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 100) + "org",
			strings.Repeat("@", 255), "a@" + strings.Repeat("b", 249) + ".org",
			strings.Repeat("a", 60) + "@" + strings.Repeat("ü."+strings.Repeat("ö", 20)+".", 4) + "org" + strings.Repeat(" ", 5) + strings.Repeat("x", 60),
		},
		"email.bad": {
			"a@b", "a", "@b.com", "a@", "@", "a@@b.com", "a@b@c.com", "Bob <a@b.com>", "<a@b.com>", `"a b"@x.com`, `"a"@x.com`,
			`"t@e.com> ORCPT=x@y"@e.com`, "a@[127.0.0.1]", "a@[IPv6:::1]", "a@127.0.0.1", "a@127.1", "a@0x7f.1", "a@1.2.3.0x4", "a@１２７.０.０.１",
			"a(comment)@b.com", "a@b.com(c)", "a@b.com,c@d.com", "a@b.com;c@d.com", "a@b.com c@d.com", "a@b.com\r\nBcc: x@y.com",
			"a\r@b.com", "a\n@b.com", "a@b.com\n", "\ta@b.com", "a%0d%0a@b.com", "a%0A@b.com", "a@b.com%0d%0aBcc:x", "a\\r\\n@b.com",
			strings.Repeat("a", 65) + "@b.com", "a@localhost", "a@mail.localhost", "a@x.local", "a@x.internal", "a@x.onion", "a@x.invalid",
			"a@b.com.", "a@.b.com", "a@b..com", ".a@b.com", "a.@b.com", "a..b@c.com", "a b@c.com", "a@b c.com", "a@-b.com", "a@b-.com", "a@b_c.com",
			"a\u202E@b.com", "a@b\u202E.com", "\u202Ea@b.com", "a@b.com\u202E", "a\u200B@b.com", "a@b\u200B.com", "\u200Ba@b.com", "a@b.com\u200B",
			"a@b\u00AD.com", "a@b\uFEFF.com", "\uFEFFa@b.com", "a@b\u2060.com", "a@b\u200D.com", "a@b\uFE0F.com", "a@b\u3164.com", "\u00A0a@b.com", "a@b\u034F.com",
			"a@b.com\x00", "a\x00@b.com", "a\xff@b.com", "a@b\xff.com", "ａ@gmail.com", "é@b.com", "a＠b.com", "a!b@c.com", "host!a@b.com", "a%c.com@b.com",
			"=?utf-8?q?a=40c.com?=@b.com", "mailto:a@b.com", "a@b.com?subject=x", "a@b.com/..", "a@xn--.com", "a@xn--a.com", "a@xn--zzzzzzzz-.com",
			"a@" + strings.Repeat("b", 64) + ".com", "a@b.c", "a@b.123", "a@b.c0m.1x", "a@..", "a@.", "a@b.com。", "a@①②⑦.①",
		},
	}
	for key, mails := range cases {
		for _, s := range mails {
			m, err := ParseMail(s)
			if k := keyOf(t, err); k != key || m != (Mail{}) {
				t.Errorf("ParseMail(%.60q) = %v, %q; want %s", s, m, k, key)
			}
		}
	}
}

func TestFoldedIsOnePerMailbox(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"ab@gmail.com":    {"ab@gmail.com", "A.B@GMAIL.com", "a.b+x@gmail.com", "ab+@googlemail.com", "a.b+x.y+z@GoogleMail.com"},
		"ana@icloud.com":  {"ana@icloud.com", "Ana+x@me.com", "ana@mac.com"},
		"anabo@proton.me": {"ana.bo@proton.me", "ana-bo@protonmail.com", "Ana_Bo+1@pm.me", "anabo@protonmail.ch"},
		"a-b@yandex.ru":   {"a-b@yandex.ru", "a-b@ya.ru", "A-b+x@yandex.com", "a-b@yandex.kz"},
		"a.b@yandex.ru":   {"a.b@yandex.ru", "A.b+x@yandex.com"},
		"ana@yahoo.com":   {"ana@yahoo.com", "ana+x@yahoo.com"},

		"ana-shop@yahoo.com": {"ana-shop@yahoo.com"},
		"a.b@outlook.com":    {"a.b@outlook.com", "A.B+news@Outlook.com"},
		"a.b@hotmail.com":    {"a.b+x@hotmail.com"},
		"ana@live.com":       {"ana+x@live.com"},
		"ana@fastmail.com":   {"ana+x@fastmail.com", "shop@ana.fastmail.com", "shop+x@Ana.fastmail.com"},
		"kim@daum.net":       {"kim+a@daum.net"},
		"kim@hanmail.net":    {"Kim@hanmail.net"},
		"a.b@example.org":    {"a.b@example.org", "A.B+x@EXAMPLE.org", "a.b+@example.org"},
		"a-b@example.org":    {"a-b@example.org"},
		"+x@example.org":     {"+x@example.org"},
		"-x@yahoo.com":       {"-x@yahoo.com"},
		"a@mail.ru":          {"a+1@mail.ru"},
		"a@bk.ru":            {"a@bk.ru"},

		"a@xn--bcher-kva.example": {"A+b@BÜCHER.example", "a@bücher.example", "a@bu\u0308cher.example"},
	} {
		for _, s := range spellings {
			m, err := ParseMail(s)
			if err != nil || m.Folded() != want {
				t.Errorf("%s folds to %q, %v; want %q", s, m.Folded(), err, want)
			}
			if again, err := ParseMail(want); err != nil || again.Folded() != want {
				t.Errorf("%s folds again to %q, %v", want, again.Folded(), err)
			}
		}
	}
}

func TestMaskedShowsOneLetter(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ana@example.org": "a…@example.org", "a@example.org": "…@example.org", "Bo@BÜCHER.example": "B…@xn--bcher-kva.example",
	} {
		if m, _ := ParseMail(in); m.Masked() != want {
			t.Errorf("%s is masked as %q, want %q", in, m.Masked(), want)
		}
	}
	if m := (Mail{}); m.String() != "" || m.Masked() != "" || m.Folded() != "" || m.Domain() != "" {
		t.Error("no address has a text")
	}
}

func FuzzParseMail(f *testing.F) {
	for _, s := range []string{"a@b.com", "a+x@gmail.com", "info@평화.한국", "\"a b\"@x.com", "a@[127.0.0.1]", "a@xn--bcher-kva.example", "x@a.fastmail.com", "-.@proton.me", "a@例え。テスト"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMail(s)
		if err != nil {
			return
		}
		out := m.String()
		if len(out) > mailBytes || strings.Count(out, "@") != 1 || strings.ContainsAny(out, " \r\n\t<>\"(),:;[\\]%\x00") {
			t.Errorf("%q is accepted as %q", s, out)
		}
		for _, r := range out {
			if r <= ' ' || r >= 0x7F {
				t.Errorf("%q is accepted as %q", s, out)
			}
		}
		if again, err := ParseMail(out); err != nil || again != m {
			t.Errorf("%q is %q, and that is %q, %v", s, out, again, err)
		}
		if again, err := ParseMail(m.Folded()); err != nil || again.Folded() != m.Folded() {
			t.Errorf("%q folds to %q, and that to %q, %v", s, m.Folded(), again.Folded(), err)
		}
	})
}
