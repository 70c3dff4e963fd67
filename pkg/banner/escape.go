package banner

import "unicode/utf8"

// appendEscaped adds text to dst so that it can stand in an HTML or XML element or a quoted attribute.
// What could turn the direction of the text around it, and what XML cannot hold, is left out.
func appendEscaped(dst []byte, s string) []byte {
	clean := 0 // start of what can be copied as it is
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if with, replace := replacement(r, size); replace {
			dst = append(dst, s[clean:i]...)
			dst = append(dst, with...)
			clean = i + size
		}
		i += size
	}
	return append(dst, s[clean:]...)
}

func replacement(r rune, size int) (string, bool) {
	switch r {
	case '&':
		return "&amp;", true
	case '<':
		return "&lt;", true
	case '>':
		return "&gt;", true
	case '"':
		return "&#34;", true
	case '\'':
		return "&#39;", true
	case utf8.RuneError:
		return "\uFFFD", size == 1
	case '\t', '\n', '\r', 0x7F, '\uFFFE', '\uFFFF':
		return " ", true
	}
	if r < 0x20 || isOverride(r) {
		return "", true
	}
	return "", false
}

// isOverride finds embeddings, overrides and isolates of direction; a stray end of isolate would end ours.
func isOverride(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// Escape returns text that can stand in an HTML or XML element or a quoted attribute.
func Escape(s string) string { return string(appendEscaped(nil, s)) }
