package locale

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"unicode"

	"golang.org/x/text/collate"

	"olivebranch/locales"
)

// Country is one in a list to choose from.
type Country struct {
	Code string // ISO 3166-1 alpha-2, or XK
	Name string
}

// names are those of one language, from cldr/{lang}.json.
type names struct {
	Countries map[string]string
	Regions   map[string]string
	Languages map[string]string
}

func readNames(fsys fs.FS, lang string) (names, error) {
	var n names
	err := readJSON(fsys, "cldr/"+lang+".json", &n)
	return n, err
}

// readOwnNames gives each language's name in itself, by code.
func readOwnNames(fsys fs.FS) (map[string]string, error) {
	var file struct{ Languages map[string]string }
	err := readJSON(fsys, "cldr/languages.json", &file)
	return file.Languages, err
}

func readJSON(fsys fs.FS, file string, into any) error {
	b, err := fs.ReadFile(fsys, file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}

// Country is the name of a country, "" for what is no code of one.
func (l *Locale) Country(code string) string {
	return l.mark.wrap(l.names.Countries[code])
}

// Countries lists all countries as the language sorts them. The slice is shared: do not change it.
func (l *Locale) Countries() []Country {
	return l.sorted()
}

func (l *Locale) sortCountries() func() []Country {
	return sync.OnceValue(func() []Country {
		order := l.Collator()
		var list []Country
		for _, code := range Countries() {
			list = append(list, Country{code, l.Country(code)})
		}
		slices.SortFunc(list, func(a, b Country) int { return order.CompareString(a.Name, b.Name) })
		return list
	})
}

// Region is the name of a region of UN M49, such as "030" for Eastern Asia, "" for what is no code of one.
func (l *Locale) Region(m49 string) string {
	return l.mark.wrap(l.names.Regions[m49])
}

// Language is the name of a language, as it stands in a sentence: "anglais" in French. It is the code of one that has
// none.
func (l *Locale) Language(code string) string {
	return l.mark.wrap(cmp.Or(l.names.Languages[code], code))
}

// Collator sorts as the language does. It is a new one each time, since a collator is not safe for concurrent use.
func (l *Locale) Collator() *collate.Collator {
	return collate.New(l.tag)
}

// regions gives each country its regions. The file is part of the program, so it can only fail in a broken build.
var regions = sync.OnceValue(func() map[string][]string {
	var file struct{ Countries map[string][]string }
	if err := readJSON(locales.FS, "cldr/regions.json", &file); err != nil {
		panic(err)
	}
	return file.Countries
})

// Countries lists the codes of ISO 3166-1 alpha-2, and XK, by code.
func Countries() []string {
	return slices.Sorted(maps.Keys(regions()))
}

// IsCountry says whether code is one of Countries. Codes are in capitals.
func IsCountry(code string) bool {
	return regions()[code] != nil
}

// RegionsOf lists the UN M49 codes of the regions a country lies in, the smallest first:
// 030 (Eastern Asia), 142 (Asia), 001 (World) for KR. It is nil for what is no country.
func RegionsOf(country string) []string {
	return slices.Clone(regions()[country])
}

// populations are from CLDR's territoryInfo.
var populations = sync.OnceValue(func() map[string]int64 {
	var file struct{ Countries map[string]int64 }
	if err := readJSON(locales.FS, "cldr/populations.json", &file); err != nil {
		panic(err)
	}
	return file.Countries
})

// Population is roughly how many people live in a country; 0 for what is no
// country, and where nobody does.
func Population(country string) int64 { return populations()[country] }

// first are the scripts that a language's alphabet begins with where Latin is
// not the first: the [reorder …] of CLDR's collations, which x/text does not
// carry out.
var first = map[string][]*unicode.RangeTable{
	"ar": {unicode.Arabic},
	"ko": {unicode.Hangul, unicode.Han},
	"ru": {unicode.Cyrillic},
	"zh": {unicode.Han},
}

// Leads says whether a name stands before those in foreign scripts in the
// language's alphabet: its first letter is of a script that comes first.
func (l *Locale) Leads(name string) bool {
	for _, r := range name {
		if unicode.IsLetter(r) {
			return unicode.In(r, first[l.code]...)
		}
	}
	return false
}
