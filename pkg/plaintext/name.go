package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"olivebranch/pkg/fault"
)

// Name is Required for the name of a person or an organization. Names travel
// into mails and spreadsheets, so they may not hold what a mail program would
// make a link of, nor begin like a formula.
//
// Faults: those of Required, text.url, text.formula.
func Name(s string, l Limit) (string, error) {
	tab := strings.HasPrefix(strings.TrimLeft(s, " "), "\t")
	s, err := Required(s, l)
	switch {
	case err != nil:
		return "", err
	case tab || formula(s):
		return "", fault.New(fault.Invalid, "text.formula")
	case holdsURL(s, l.Hosts):
		return "", fault.New(fault.Invalid, "text.url")
	}
	return s, nil
}

// formula says that a spreadsheet could take s for one. The signs also count
// in their full-width, small and superscript forms.
func formula(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	first, _ = utf8.DecodeRuneInString(norm.NFKC.String(string(first)))
	return strings.ContainsRune("=+-@\u2212", first)
}

// schemes that do something without "//" after them.
var schemes = []string{"javascript:", "data:", "vbscript:", "mailto:", "tel:", "sms:", "blob:"}

// holdsURL says that a mail program might make a link of a part of s.
// Where hosts are allowed, a host by itself is none.
func holdsURL(s string, hosts bool) bool {
	s = strings.ReplaceAll(norm.NFKC.String(s), "。", ".")
	for _, word := range strings.Fields(s) {
		low := strings.ToLower(word)
		if i := strings.Index(low, "://"); i > 0 {
			return true
		}
		for _, scheme := range schemes {
			if strings.HasPrefix(low, scheme) && len(low) > len(scheme) {
				return true
			}
		}
		if linked(word, hosts) {
			return true
		}
	}
	return false
}

// linked looks for hosts in one word: alone, with www., after @, before a
// path or a port.
func linked(word string, hosts bool) bool {
	inHost := func(r rune) bool {
		return r == '.' || r == '-' || unicode.In(r, unicode.L, unicode.M, unicode.N)
	}
	for start := 0; start < len(word); {
		r, size := utf8.DecodeRuneInString(word[start:])
		if !inHost(r) {
			start += size
			continue
		}
		end := start + strings.IndexFunc(word[start:], func(r rune) bool { return !inHost(r) })
		if end < start {
			end = len(word)
		}
		host := strings.Trim(word[start:end], ".-")
		mail := start > 0 && word[start-1] == '@'
		path := end+1 < len(word) && strings.IndexByte("/:?#", word[end]) >= 0
		www := len(host) > 4 && strings.EqualFold(host[:4], "www.")
		if www || looksLikeHost(host) && (!hosts || mail || path) {
			return true
		}
		start = end
	}
	return false
}

// oldDomains are linked by every mail program, however they are written.
var oldDomains = map[string]bool{"com": true, "net": true, "org": true, "info": true, "biz": true, "edu": true, "gov": true, "int": true, "io": true}

// looksLikeHost says that s ends in a top-level domain. Since many of those
// are also surnames (Prof.Kim, J.Li), a last part written as a name is one.
func looksLikeHost(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot < 1 || len(s)-dot > 25 {
		return false
	}
	last := s[dot+1:]
	tld := strings.ToLower(last)
	if suffix, icann := publicsuffix.PublicSuffix("x." + tld); !icann || suffix != tld {
		return false
	}
	return oldDomains[tld] || !asName(last) && !initials(s[:dot])
}

// asName: one capital, then small letters.
func asName(s string) bool {
	return s[0] >= 'A' && s[0] <= 'Z' && s[1:] == strings.ToLower(s[1:])
}

// initials: single capitals with dots between, as before a surname.
func initials(s string) bool {
	for _, part := range strings.Split(s, ".") {
		r, size := utf8.DecodeRuneInString(part)
		if size != len(part) || !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}
