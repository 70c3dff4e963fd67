package locale_test

import (
	"slices"
	"testing"

	"olivebranch/locales"
	"olivebranch/pkg/locale"
)

func TestCountriesAreThoseOfISO3166AndKosovo(t *testing.T) {
	t.Parallel()
	codes := locale.Countries()
	if len(codes) != 250 || !slices.IsSorted(codes) {
		t.Errorf("%d countries, sorted %v", len(codes), slices.IsSorted(codes))
	}
	for code, want := range map[string]bool{
		"KR": true, "KP": true, "PS": true, "XK": true, "TW": true, "SS": true, "AQ": true,
		"": false, "kr": false, "EU": false, "UK": false, "AN": false, "AC": false, "ZZ": false, "001": false, "KOR": false,
	} {
		if got := locale.IsCountry(code); got != want {
			t.Errorf("IsCountry(%q) is %v", code, got)
		}
	}
}

func TestRegionsOfACountry(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"KR": {"030", "142", "001"}, "US": {"021", "019", "001"}, "PS": {"145", "142", "001"},
		"XK": {"039", "150", "001"}, "FJ": {"054", "009", "001"}, "AQ": {"001"}, "ZZ": nil, "": nil,
	} {
		if got := locale.RegionsOf(code); !slices.Equal(got, want) {
			t.Errorf("RegionsOf(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestNamesOfCountriesAndRegions(t *testing.T) {
	t.Parallel()
	c := ten(t)
	tests := []struct{ lang, code, want string }{
		{"en", "KR", "South Korea"}, {"en", "KP", "North Korea"}, {"en", "US", "United States"},
		{"en", "PS", "Palestine"}, {"en", "HK", "Hong Kong"}, {"en", "MO", "Macao"}, {"en", "MM", "Myanmar"},
		{"en", "TR", "Türkiye"}, {"en", "CZ", "Czechia"}, {"en", "MK", "North Macedonia"}, {"en", "SZ", "Eswatini"},
		{"ko", "KR", "대한민국"}, {"ko", "KP", "북한"}, {"ar", "PS", "فلسطين"}, {"fr", "DE", "Allemagne"},
		{"ru", "KR", "Республика Корея"}, {"zh", "HK", "香港"}, {"ja", "US", "アメリカ合衆国"}, {"id", "NL", "Belanda"},
		{"ko", "ZZ", ""}, {"ko", "", ""}, {"ko", "030", ""},
	}
	for _, tt := range tests {
		if got := c.For(tt.lang).Country(tt.code); got != tt.want {
			t.Errorf("%s: Country(%q) = %q, want %q", tt.lang, tt.code, got, tt.want)
		}
	}
	for code, want := range map[string]string{"030": "동아시아", "142": "아시아", "001": "세계", "KR": "", "999": "", "": ""} {
		if got := c.For("ko").Region(code); got != want {
			t.Errorf("ko: Region(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestEveryLanguageNamesEveryCountryAndRegion(t *testing.T) {
	t.Parallel()
	c := ten(t)
	for _, language := range c.Languages() {
		l := c.For(language.Code)
		codes := map[string]string{}
		for _, code := range locale.Countries() {
			name := l.Country(code)
			if name == "" {
				t.Errorf("%s: no name for %s", l.Lang(), code)
			}
			if other := codes[name]; other != "" {
				t.Errorf("%s: %s and %s are both %q", l.Lang(), code, other, name)
			}
			codes[name] = code
			for _, region := range locale.RegionsOf(code) {
				if l.Region(region) == "" {
					t.Errorf("%s: no name for region %s", l.Lang(), region)
				}
			}
		}
	}
}

func TestCountriesAreSortedAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	c := ten(t)
	// Pairs that a sort by code point would put the other way round.
	for lang, pair := range map[string][2]string{
		"en": {"AX", "AL"}, // Åland Islands before Albania
		"de": {"AT", "PE"}, // Österreich before Peru
		"fr": {"EG", "ES"}, // Égypte before Espagne
		"es": {"NL", "PK"}, // Países Bajos before Pakistán
		"zh": {"AF", "CN"}, // 阿富汗 (a) before 中国 (zhong)
	} {
		list := c.For(lang).Countries()
		if len(list) != 250 {
			t.Fatalf("%s: %d countries", lang, len(list))
		}
		at := func(code string) int {
			return slices.IndexFunc(list, func(c locale.Country) bool { return c.Code == code })
		}
		if at(pair[0]) > at(pair[1]) {
			t.Errorf("%s: %q stands after %q", lang, list[at(pair[0])].Name, list[at(pair[1])].Name)
		}
	}
	for _, language := range c.Languages() {
		l := c.For(language.Code)
		order := l.Collator()
		if !slices.IsSortedFunc(l.Countries(), func(a, b locale.Country) int { return order.CompareString(a.Name, b.Name) }) {
			t.Errorf("%s: not sorted", language.Code)
		}
	}
}

// Who writes finds their language by its own name, also one that CLDR has no
// name for, if it is in use.
func TestLanguagesOfTextsAreFoundByTheirOwnNames(t *testing.T) {
	t.Parallel()
	all := load(t, locales.FS)
	for _, used := range []string{"", "ko", "pt-BR"} {
		list := all.For("ko").TextLanguages(used)
		at := func(code string) int {
			return slices.IndexFunc(list, func(l locale.Language) bool { return l.Code == code })
		}
		if len(list) < 100 || at("ko") < 0 || at("ko") > at("en") || list[at("ar")].Name != "العربية" {
			t.Errorf("%q: %d languages, Korean at %d, English at %d", used, len(list), at("ko"), at("en"))
		}
		if used != "" && at(used) < 0 {
			t.Errorf("%s is in use and missing", used)
		}
	}
}
