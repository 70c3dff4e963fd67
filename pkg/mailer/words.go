package mailer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
)

const (
	firstNameGraphemes = 40
	argGraphemes       = 200
	wordsGraphemes     = 4000
)

// wholeName lets through what any name may be that is greeted by its first
// word. Whoever typed it may not be whom the mail goes to.
var wholeName = plaintext.Limit{Graphemes: 200, Bytes: 2000}

// firstName is the first word of a name, or "" when anything in the name
// could be more than a name: a link, an address, a number, control characters.
func firstName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return ""
	}
	name, err := plaintext.Name(name, wholeName)
	if err != nil || strings.ContainsAny(name, "/\\:@<>") {
		return ""
	}
	first, _, _ := strings.Cut(name, " ")
	if strings.ContainsFunc(first, func(r rune) bool { return !inName(r) }) {
		return ""
	}
	return cut(first, firstNameGraphemes)
}

func inName(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M) || strings.ContainsRune("'’.-‐·・‧\u200C\u200D", r)
}

// code is a code for typing, or a reference.
var code = regexp.MustCompile(`^[0-9A-Za-z-]{1,40}$`)

// phraseKeys are keys of phrases, with commas between.
var phraseKeys = regexp.MustCompile(`^[a-z0-9_,]{1,400}$`)

// langTag is what may stand in a lang attribute.
var langTag = regexp.MustCompile(`^[a-z]{2,3}(-[0-9A-Za-z]{2,8}){0,3}$`)

// argument is the text of a placeholder: nothing that could break out of its
// place in a header, a line or a page.
func argument(name, value string) string {
	switch name {
	case outbox.ArgName:
		return firstName(value)
	case outbox.ArgCode, outbox.ArgReference, outbox.ArgOther:
		if !code.MatchString(value) {
			return ""
		}
		return value
	case outbox.ArgDays:
		if _, err := strconv.ParseUint(value, 10, 16); err != nil {
			return ""
		}
		return value
	case outbox.ArgReason, outbox.ArgQuestions:
		if !phraseKeys.MatchString(value) {
			return ""
		}
		return value
	case outbox.ArgWordsLang:
		if !langTag.MatchString(value) {
			return ""
		}
		return value
	case outbox.ArgWords:
		return strings.TrimSpace(cut(harmless(value, '\n'), wordsGraphemes))
	}
	return oneLine(value)
}

// oneLine is text as it may stand in a header.
func oneLine(s string) string {
	return strings.Join(strings.Fields(cut(harmless(s, ' '), argGraphemes)), " ")
}

// harmless is s without control and format characters, joiners excepted, and
// with every line break as lineBreak.
func harmless(s string, lineBreak rune) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
			return lineBreak
		case '\t':
			return ' '
		case '\u200C', '\u200D':
			return r
		}
		if unicode.In(r, unicode.Cc, unicode.Cf) {
			return -1
		}
		return r
	}, s)
}

// cut is the first max graphemes of s.
func cut(s string, max int) string {
	rest, state := s, -1
	for range max {
		if rest == "" {
			return s
		}
		_, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
	}
	return s[:len(s)-len(rest)]
}
