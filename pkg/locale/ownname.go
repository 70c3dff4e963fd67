package locale

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"olivebranch/locales"
)

// ownNames are the names of languages in themselves, also of those without a catalogue.
var ownNames = sync.OnceValue(func() map[string]string {
	names, err := readOwnNames(locales.FS)
	if err != nil {
		panic(err) // it is part of the program
	}
	return names
})

// OwnName is the name of a language in itself, of one with a region or a script that of the plain language; the code where CLDR does not have it.
func OwnName(code string) string {
	names := ownNames()
	plain, _, _ := strings.Cut(code, "-")
	for _, c := range []string{code, plain} {
		if n := names[c]; n != "" {
			return n
		}
	}
	return code
}

// TextLanguages are the languages that something can be said to be written in, by their own names, those in the script
// of l first, as in the register: all that have a name in CLDR, and one that is in use without.
func (l *Locale) TextLanguages(used string) []Language {
	order, names := l.Collator(), ownNames()
	list := make([]Language, 0, len(names)+1)
	for code, name := range names {
		list = append(list, Language{Code: code, Name: name})
	}
	if used != "" && names[used] == "" {
		list = append(list, Language{Code: used, Name: used})
	}
	slices.SortFunc(list, func(a, b Language) int {
		if lead := l.Leads(a.Name); lead != l.Leads(b.Name) {
			return map[bool]int{true: -1, false: 1}[lead]
		}
		return cmp.Or(order.CompareString(a.Name, b.Name), strings.Compare(a.Code, b.Code))
	})
	return list
}
