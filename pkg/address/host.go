package address

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// hostBytes is the length of the longest name DNS can carry, as text.
const hostBytes = 253

// lookup is what browsers do with a host (UTS #46, not transitional), with
// the rules for ASCII names of STD 3 and the lengths of DNS.
var lookup = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.Transitional(false),
	idna.StrictDomainName(true),
	idna.VerifyDNSLength(true),
)

// notPublic are endings under which no site and no mailbox of the public is
// found: RFC 6761 (localhost, invalid), 6762 appendix G (local and what is
// used in its place), 7686 (onion), 8375 and 3172 (arpa), 9476 (alt), and
// ICANN's internal. The rest are what routers and companies use.
// RFC 6761's test and example are left in, for demonstrations.
var notPublic = map[string]bool{
	"localhost": true, "localdomain": true, "invalid": true, "local": true, "onion": true, "arpa": true, "alt": true,
	"internal": true, "intranet": true, "private": true, "corp": true, "home": true, "lan": true,
	"domain": true, "i2p": true, "bit": true, "workgroup": true, "router": true, "consul": true, "svc": true,
}

// asciiHost returns host in lower-case ASCII, or false when it cannot be a
// name in the public DNS: single labels, IP addresses and whatever a resolver
// would take for one, trailing dots, names for private use.
// The host is at most a few hundred bytes; callers see to that.
func asciiHost(host string) (string, bool) {
	for _, r := range host {
		// The mapping would silently drop what is invisible.
		if r != '.' && r != '-' && r != '。' && !unicode.In(r, unicode.L, unicode.M, unicode.N) || invisible(r) {
			return "", false
		}
	}
	ascii, err := lookup.ToASCII(host)
	if err != nil || len(ascii) > hostBytes {
		return "", false
	}
	dot := strings.LastIndexByte(ascii, '.')
	if dot < 1 || dot == len(ascii)-1 || strings.HasPrefix(ascii, ".") || strings.Contains(ascii, "..") {
		return "", false
	}
	if tld := ascii[dot+1:]; number(tld) || notPublic[tld] || len(tld) < 2 {
		return "", false
	}
	return ascii, true
}

// invisible: letters and marks that nobody sees.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// number is the URL Standard's "ends in a number": a host with such a last
// label is an IPv4 address in some spelling (127.1, 0x7f.1, 2130706433).
// Top-level domains have letters, so any that begins with a digit is refused.
func number(label string) bool {
	return label == "" || label[0] >= '0' && label[0] <= '9'
}

// registrable says that somebody can have registered ascii, or a name above
// it: it lies under a known public suffix, or under a name kept for tests.
func registrable(ascii string) bool {
	tld := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if tld == "test" || tld == "example" {
		return true
	}
	suffix, icann := publicsuffix.PublicSuffix(ascii)
	return ascii != suffix && (icann || strings.Contains(suffix, "."))
}

// Host returns a host in lower-case ASCII, as DNS has it, or false when it
// cannot be one of the public web. It may be as long as somebody likes.
func Host(host string) (string, bool) {
	if len(host) > 4*hostBytes {
		return "", false
	}
	ascii, ok := asciiHost(host)
	return ascii, ok && registrable(ascii)
}

// BareHost is a host without the "www." that makes no difference.
func BareHost(ascii string) string {
	if rest, ok := strings.CutPrefix(ascii, "www."); ok && strings.Contains(rest, ".") {
		return rest
	}
	return ascii
}
