package address

import "testing"

func TestADomainIsWhatSomebodyRegistered(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"example.org": "example.org", "www.example.org": "example.org", "a.b.example.co.uk": "example.co.uk", "choir.github.io": "choir.github.io",
		"www.choir.example": "choir.example", "xn--h1ahn.xn--p1ai": "xn--h1ahn.xn--p1ai", "co.uk": "", "org": "", "": "",
	} {
		if got := Domain(host); got != want {
			t.Errorf("Domain(%q) = %q, want %q", host, got, want)
		}
	}
}

func TestFreeMailIsWhereAnybodyHasAMailbox(t *testing.T) {
	t.Parallel()
	for _, d := range []string{"gmail.com", "googlemail.com", "naver.com", "hanmail.net", "qq.com", "yahoo.co.jp", "proton.me", "icloud.com", "mail.ru", "web.de"} {
		if !FreeMail(d) {
			t.Errorf("%s is taken for somebody's own", d)
		}
	}
	for _, d := range []string{"harbour-choir.example", "example.org", "peace.kr", ""} {
		if FreeMail(d) {
			t.Errorf("%s is taken for a provider", d)
		}
	}
	for d := range freeMail {
		if got := Domain(d); got != d {
			t.Errorf("%s is no registered domain but part of %q", d, got)
		}
	}
}
