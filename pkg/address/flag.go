package address

import (
	"strings"
	"unicode"
)

// Flag names something about a host that staff should look at twice. It is
// no reason to refuse: honest hosts have these properties too.
type Flag string

// The flags.
const (
	MixedScripts Flag = "mixed_scripts" // letters of several scripts in one label
	Lookalike    Flag = "lookalike"     // a label of letters that all look Latin and are not
)

// unicodeHost is ascii as people read it; ascii itself if that is not known.
func unicodeHost(ascii string) string {
	if u, err := lookup.ToUnicode(ascii); err == nil {
		return u
	}
	return ascii
}

// flagsOf looks at each label of a host in Unicode.
func flagsOf(host string) []Flag {
	var mixed, alike bool
	for _, label := range strings.Split(host, ".") {
		mixed = mixed || mixesScripts(label)
		alike = alike || looksLatin(label)
	}
	var flags []Flag
	if mixed {
		flags = append(flags, MixedScripts)
	}
	if alike {
		flags = append(flags, Lookalike)
	}
	return flags
}

// together are the scripts that are written together, with Latin among them:
// the "highly restrictive" level of UTS #39, 5.2.
var together = [][]*unicode.RangeTable{
	{unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana},
	{unicode.Latin, unicode.Han, unicode.Bopomofo},
	{unicode.Latin, unicode.Han, unicode.Hangul},
}

// mixesScripts says that a label has letters of scripts that are not written
// together. Digits, hyphens and marks shared by scripts are of none.
func mixesScripts(label string) bool {
	var first *unicode.RangeTable
	single := true
	var outside [3]bool
	for _, r := range label {
		if unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		if first == nil {
			first = scriptOf(r)
		}
		single = single && first != nil && unicode.Is(first, r)
		for i, scripts := range together {
			outside[i] = outside[i] || !unicode.In(r, scripts...)
		}
	}
	return !single && outside[0] && outside[1] && outside[2]
}

func scriptOf(r rune) *unicode.RangeTable {
	for _, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return table
		}
	}
	return nil
}

// latinLike are the Cyrillic and Greek letters that can pass for Latin ones.
const latinLike = "асԁеһіјӏорԛѕԝхуъьҽпгѵαικνορτυωϲ"

// looksLatin says that a label has letters, and all of them pass for Latin.
func looksLatin(label string) bool {
	found := false
	for _, r := range label {
		if unicode.IsLetter(r) {
			if !strings.ContainsRune(latinLike, r) {
				return false
			}
			found = true
		}
	}
	return found
}

// MixedWord is the first word of a text that has letters of scripts which are
// not written together; "" if there is none.
func MixedWord(text string) string {
	for _, word := range strings.Fields(text) {
		if mixesScripts(word) {
			return word
		}
	}
	return ""
}
