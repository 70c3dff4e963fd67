package locale

import (
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
