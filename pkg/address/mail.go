// Package address says what an e-mail address, a host, a URL and a slug may
// be, and which of them are the same. It judges by spelling alone and never
// asks DNS: that a name leads to a public address is for package outbound to
// see to when it connects.
//
// Every function is linear in its input and refuses long input first.
package address

import (
	"strings"
	"unicode/utf8"

	"olivebranch/pkg/fault"
)

const (
	mailBytes  = 254 // RFC 5321 4.5.3.1.3, less the angle brackets
	localBytes = 64  // RFC 5321 4.5.3.1.1
)

// Mail is an e-mail address that can be delivered to. The zero Mail is none.
type Mail struct{ local, domain string }

// ParseMail reads one bare address: a dot-atom of ASCII, at a domain with a
// dot in it. Spaces around it are dropped; international domains become
// punycode.
//
// Left out of RFC 5322's dot-atom are '%' and '!', with which mail was once
// routed through third parties, and "=?" and "?=", the brackets of encoded
// words, which some mail servers decode into another address.
//
// Faults: email.required, email.long{Max}, email.bad.
func ParseMail(s string) (Mail, error) {
	s = strings.Trim(s, " ")
	switch {
	case s == "":
		return Mail{}, fault.New(fault.Invalid, "email.required")
	case len(s) > mailBytes:
		return Mail{}, mailTooLong()
	}
	local, domain, found := strings.Cut(s, "@")
	if !found || !dotAtom(local) || strings.Contains(local, "=?") || strings.Contains(local, "?=") {
		return Mail{}, fault.New(fault.Invalid, "email.bad")
	}
	domain, ok := asciiHost(domain)
	if !ok {
		return Mail{}, fault.New(fault.Invalid, "email.bad")
	}
	if len(local)+1+len(domain) > mailBytes {
		return Mail{}, mailTooLong()
	}
	return Mail{local, domain}, nil
}

func mailTooLong() error {
	return fault.New(fault.Invalid, "email.long", "Max", mailBytes)
}

// dotAtom is RFC 5322 3.2.3, without '%' and '!'.
func dotAtom(s string) bool {
	if s == "" || len(s) > localBytes || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c >= '0' && c <= '9'
		if c >= utf8.RuneSelf || !letter && !digit && strings.IndexByte(".#$&'*+-/=?^_`{|}~", c) < 0 {
			return false
		}
	}
	return true
}

// String is the address as mail is sent to it: the local part as it was
// typed, the domain in lower-case punycode.
func (m Mail) String() string {
	if m == (Mail{}) {
		return ""
	}
	return m.local + "@" + m.domain
}

// Domain is what stands after the @, in lower-case ASCII.
func (m Mail) Domain() string { return m.domain }

// Masked is the address for logs: a…@example.org. Of a local part of one
// letter nothing is shown.
func (m Mail) Masked() string {
	switch {
	case m == (Mail{}):
		return ""
	case len(m.local) == 1:
		return "…@" + m.domain
	}
	return m.local[:1] + "…@" + m.domain
}

// Folded is the same for all spellings of one mailbox. It is for making keys;
// mail is never sent to it.
func (m Mail) Folded() string {
	if m == (Mail{}) {
		return ""
	}
	local, domain := strings.ToLower(m.local), m.domain
	// Fastmail: anything@user.fastmail.com reaches user@fastmail.com.
	if user, parent, ok := strings.Cut(domain, "."); ok && subdomainUsers[parent] && user != "www" {
		local, domain = user, parent
	}
	p := providers[domain]
	if p.domain != "" {
		domain = p.domain
	}
	local = untagged(local)
	if p.ignores != "" {
		if bare := drop(local, p.ignores); bare != "" {
			local = bare
		}
	}
	return local + "@" + domain
}

// untagged drops a tag and its "+", unless nothing would be left.
func untagged(local string) string {
	if i := strings.IndexByte(local, '+'); i > 0 {
		return local[:i]
	}
	return local
}

func drop(local, ignored string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(ignored, r) {
			return -1
		}
		return r
	}, local)
}
