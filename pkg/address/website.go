package address

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"olivebranch/pkg/fault"
)

// urlBytes is the longest URL accepted, as typed and as stored.
const urlBytes = 2048

// Website is the address of a site of the public web.
type Website struct {
	URL         string // http or https, in ASCII
	Host        string // lower-case ASCII, without port
	HostUnicode string // the same host as its readers write it
	Flags       []Flag // what staff should look at twice
}

// Origin is the URL up to its path: https://example.org.
func (w Website) Origin() string {
	scheme, rest, _ := strings.Cut(w.URL, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return scheme + "://" + rest
}

// ParseWebsite reads the address of a site as people write it: http or https,
// which is added when there is only a host with perhaps a path. Spaces around
// it are dropped. Hosts that cannot be found on the public web by name are
// refused, however they are spelled; names that lead to private addresses are
// for package outbound to refuse when it connects.
//
// Faults: url.required, url.long{Max}, url.bad, url.scheme, url.user,
// url.host, url.port.
func ParseWebsite(s string) (Website, error) {
	s = strings.Trim(s, " ")
	switch {
	case s == "":
		return Website{}, urlFault("required")
	case len(s) > urlBytes:
		return Website{}, urlTooLong()
	case !utf8.ValidString(s) || strings.ContainsFunc(s, notInURL):
		return Website{}, urlFault("bad")
	}
	scheme, rest, err := cutScheme(s)
	if err != nil {
		return Website{}, err
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, port, err := cutPort(rest[:end])
	if err != nil {
		return Website{}, err
	}
	ascii, ok := asciiHost(host)
	if !ok || !registrable(ascii) {
		return Website{}, urlFault("host")
	}
	u, err := url.Parse(scheme + "://" + ascii + rest[end:])
	if err != nil {
		return Website{}, fault.New(fault.Invalid, "url.bad").Because(err)
	}
	u.RawQuery = asciiQuery(u.RawQuery)
	if port != "" && port != defaultPort[scheme] {
		u.Host += ":" + port
	}
	w := Website{URL: u.String(), Host: ascii, HostUnicode: unicodeHost(ascii)}
	if len(w.URL) > urlBytes {
		return Website{}, urlTooLong()
	}
	w.Flags = flagsOf(w.HostUnicode)
	return w, nil
}

var defaultPort = map[string]string{"http": "80", "https": "443"}

func urlFault(what string) error { return fault.New(fault.Invalid, "url."+what) }

func urlTooLong() error { return fault.New(fault.Invalid, "url.long", "Max", urlBytes) }

// notInURL: spaces, controls, what is invisible, and the signs that browsers
// and mail programs take for the end of a URL or (the backslash) for a slash.
func notInURL(r rune) bool {
	return r <= ' ' || r == utf8.RuneError || strings.ContainsRune("\\\"<>", r) ||
		unicode.In(r, unicode.C, unicode.Z) || invisible(r)
}

// cutScheme separates the scheme, https if there is none. What stands before
// a colon is a scheme, unless it reads as a host with a port or as a user.
func cutScheme(s string) (scheme, rest string, err error) {
	if s[0] == '/' {
		return "", "", urlFault("scheme")
	}
	colon := strings.IndexAny(s, ":/?#")
	if colon < 0 || s[colon] != ':' {
		return "https", s, nil
	}
	before, after := strings.ToLower(s[:colon]), s[colon+1:]
	switch {
	case before == "http" || before == "https":
		if rest, ok := strings.CutPrefix(after, "//"); ok {
			return before, rest, nil
		}
		return "", "", urlFault("bad")
	case strings.HasPrefix(after, "//"):
		return "", "", urlFault("scheme")
	case after != "" && after[0] >= '0' && after[0] <= '9' && strings.ContainsAny(before, ".。"), s[0] == '[':
		return "https", s, nil
	case strings.Contains(after, "@") && before != "mailto":
		return "", "", urlFault("user")
	}
	return "", "", urlFault("scheme")
}

// cutPort separates a port from the authority of a URL. Only the web's own
// ports are accepted, so that nobody's other services are called upon.
func cutPort(authority string) (host, port string, err error) {
	if strings.Contains(authority, "@") {
		return "", "", urlFault("user")
	}
	if strings.HasPrefix(authority, "[") {
		return "", "", urlFault("host")
	}
	host, port, _ = strings.Cut(authority, ":")
	if port != "" && port != "80" && port != "443" {
		return "", "", urlFault("port")
	}
	return host, port, nil
}

// asciiQuery escapes what is not ASCII in a query, and leaves the rest alone.
func asciiQuery(q string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(q); i++ {
		if c := q[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
