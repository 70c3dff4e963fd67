// Package placement is where banners appear: on which pages a partner's
// banner was seen, how often it was shown and clicked there, and what to do
// when it is seen no more. It keeps no address and no cookie, and of a page
// only what names it.
//
// Whose a host is, is for package registry to say; which signatures came
// from a page, for package appeal.
package placement

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"olivebranch/pkg/address"
)

// LongestAt is the longest description of a page that is read, in bytes of
// the query.
const LongestAt = 600

// mostPath bounds the path kept of a page, in characters.
const mostPath = 120

// Page is where a banner was seen. Path is "" for pages of a host that are
// not told apart, and Host is "" where nobody knows.
type Page struct {
	Host string // lower-case ASCII, without a port
	Path string // from its slash, decoded, without query and fragment
}

// Known says whether at least the host is known.
func (p Page) Known() bool { return p.Host != "" }

// At is the page as it travels in addresses and forms, before they encode it.
func (p Page) At() string {
	if p.Path == "" {
		return p.Host
	}
	return p.Host + (&url.URL{Path: p.Path}).EscapedPath()
}

// Parse reads what the loader says about the page it is on, host and path,
// as it came out of a query or a form. It is hostile text: anybody can send
// it. What cannot be a host of the public web is no page; a path that cannot
// be kept leaves the host alone.
func Parse(at string) (Page, bool) {
	if len(at) > LongestAt {
		return Page{}, false
	}
	host, path := at, ""
	if slash := strings.IndexByte(at, '/'); slash >= 0 {
		host, path = at[:slash], at[slash:]
	}
	ascii, ok := parseHost(host)
	if !ok {
		return Page{}, false
	}
	return Page{Host: ascii, Path: parsePath(path)}, true
}

// ParseReferer reads of a Referer the host alone.
func ParseReferer(referer string) (Page, bool) {
	scheme, rest, ok := strings.Cut(referer, "://")
	if !ok || scheme != "https" && scheme != "http" || len(referer) > 2*LongestAt {
		return Page{}, false
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	host, ok := parseHost(rest)
	return Page{Host: host}, ok
}

// HostOf is the host of what a query says about a page, still encoded; "" if
// that is none. It is quick for what browsers send.
func HostOf(encoded string) string {
	host := encoded
	for i := range len(encoded) {
		if c := encoded[i]; c == '/' || c == ':' || c == '%' && i+2 < len(encoded) && (encoded[i+1] == '2' && encoded[i+2]|0x20 == 'f' || encoded[i+1] == '3' && encoded[i+2]|0x20 == 'a') {
			host = encoded[:i]
			break
		} else if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			at, err := url.QueryUnescape(encoded)
			if err != nil {
				return ""
			}
			page, _ := Parse(at)
			return page.Host
		}
	}
	return address.BareHost(host)
}

// parseHost reads a host with perhaps a port, which says nothing about whose
// it is. One page has one name: "www." in front makes no difference.
func parseHost(s string) (string, bool) {
	host, port, found := strings.Cut(s, ":")
	if found && (port == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "") {
		return "", false
	}
	ascii, ok := address.Host(host)
	return address.BareHost(ascii), ok
}

// parsePath keeps what names a page and hides what may name a person. "" if
// there is nothing to keep.
func parsePath(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	raw, _, _ = strings.Cut(raw, "#")
	path, err := url.PathUnescape(raw)
	if raw == "" || err != nil || !utf8.ValidString(path) || utf8.RuneCountInString(path) > mostPath || strings.ContainsFunc(path, notInPath) {
		return ""
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if secret(part) {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// notInPath: what nobody sees, or what turns the words around it.
func notInPath(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Z) && r != ' ' || r == '\\' || r == '?' || r == '#' || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// longestWord is the longest run of letters and digits, with a digit among
// them, that is taken for a word of an address; what is longer is a key to
// somebody's own page, as those of sessions and invitations.
const longestWord = 19

// secret says whether part of a path may be about one person: an address, or
// a key.
func secret(part string) bool {
	if strings.ContainsRune(part, '@') {
		return true
	}
	run, digit := 0, false
	for _, r := range part {
		switch {
		case r >= '0' && r <= '9':
			digit, run = true, run+1
		case r == '_' || r == '.' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			run++
		default:
			digit, run = false, 0
		}
		if digit && run > longestWord {
			return true
		}
	}
	return uuid(part)
}

// uuid says whether a part has the form of one (RFC 9562).
func uuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
	}
	return true
}
