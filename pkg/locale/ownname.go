package locale

import (
	"sync"

	"olivebranch/locales"
)

var ownNames = sync.OnceValue(func() map[string]string {
	names, err := readOwnNames(locales.FS)
	if err != nil {
		panic(err) // it is one of ours
	}
	return names
})

// OwnName is the name of any language in itself, also of one the program does
// not speak; the code where CLDR has none.
func OwnName(code string) string {
	if name := ownNames()[code]; name != "" {
		return name
	}
	return code
}
