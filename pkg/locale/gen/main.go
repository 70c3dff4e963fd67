// Command gen makes the files in locales/cldr from the npm packages cldr-core and cldr-localenames-full.
//
//	npm install --prefix DIR cldr-core cldr-localenames-full
//	CLDR=DIR/node_modules go generate ./pkg/locale
//
// x/text has such names too, but as they were in 2017.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// languages get names of countries and regions. Another language shows them in English until it stands here.
var languages = []string{"en", "ko", "ar", "fr", "es", "de", "ru", "zh", "ja", "id"}

// shortNames are the countries whose short name is the usual one: "Hong Kong", not "Hong Kong SAR China";
// "Palestine", as in the United Nations; "Myanmar" without a second name in brackets.
// Where a language has no short name, its standard name stands.
var shortNames = []string{"HK", "MM", "MO", "PS"}

// ownNames replaces two of CLDR's own names of languages. "Indonesia" alone reads as the country,
// and zh is written in simplified characters.
var ownNames = map[string]string{"id": "Bahasa Indonesia", "zh": "简体中文"}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen <folder with cldr-core and cldr-localenames-full> <folder to write>")
		os.Exit(2)
	}
	if err := generate(source(os.Args[1]), os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// names is one locales/cldr/{lang}.json.
type names struct {
	CLDR      string            `json:"cldr"`
	Countries map[string]string `json:"countries"`
	Regions   map[string]string `json:"regions"`
	Languages map[string]string `json:"languages"` // of those that have a name in themselves
}

// regions is locales/cldr/regions.json.
type regions struct {
	CLDR      string              `json:"cldr"`
	Countries map[string][]string `json:"countries"`
}

// populations is locales/cldr/populations.json: people by country, from CLDR's territoryInfo.
type populations struct {
	CLDR      string           `json:"cldr"`
	Countries map[string]int64 `json:"countries"`
}

// own is locales/cldr/languages.json.
type own struct {
	CLDR      string            `json:"cldr"`
	Languages map[string]string `json:"languages"`
}

func generate(src source, dst string) error {
	version, err := src.version()
	if err != nil {
		return err
	}
	countries, err := src.countries()
	if err != nil {
		return err
	}
	chains, err := src.chains(countries)
	if err != nil {
		return err
	}
	if err := write(dst, "regions.json", regions{version, chains}); err != nil {
		return err
	}
	people, err := src.populations(countries)
	if err != nil {
		return err
	}
	if err := write(dst, "populations.json", populations{version, people}); err != nil {
		return err
	}
	selves, err := src.ownNames()
	if err != nil {
		return err
	}
	if err := write(dst, "languages.json", own{version, selves}); err != nil {
		return err
	}
	for _, lang := range languages {
		n, err := src.names(lang, chains)
		if err == nil {
			n.Languages, err = src.languageNames(lang, selves)
		}
		if err != nil {
			return err
		}
		n.CLDR = version
		if err := write(dst, lang+".json", n); err != nil {
			return err
		}
	}
	licence, err := os.ReadFile(src.path("cldr-core", "LICENSE"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dst, "LICENSE"), licence, 0o644)
}

// source is the folder that holds the two packages.
type source string

func (s source) path(parts ...string) string {
	return filepath.Join(append([]string{string(s)}, parts...)...)
}

func (s source) read(into any, parts ...string) error {
	b, err := os.ReadFile(s.path(parts...))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(parts...), err)
	}
	return nil
}

// version is that of both packages: names of one and codes of another would not fit.
func (s source) version() (string, error) {
	var core, full struct{ Version string }
	if err := s.read(&core, "cldr-core", "package.json"); err != nil {
		return "", err
	}
	if err := s.read(&full, "cldr-localenames-full", "package.json"); err != nil {
		return "", err
	}
	if core.Version != full.Version {
		return "", fmt.Errorf("cldr-core is %s, cldr-localenames-full is %s", core.Version, full.Version)
	}
	return core.Version, nil
}

// countries lists the codes of ISO 3166-1, and XK, which the standard leaves to its users and Kosovo uses.
// In CLDR they are the two-letter codes with a number below 900 and an English name:
// reserved codes such as AC have no number, withdrawn ones such as AN have no name.
func (s source) countries() ([]string, error) {
	var file struct {
		Supplemental struct {
			CodeMappings map[string]struct {
				Numeric string `json:"_numeric"`
			}
		}
	}
	if err := s.read(&file, "cldr-core", "supplemental", "codeMappings.json"); err != nil {
		return nil, err
	}
	english, err := s.territories("en")
	if err != nil {
		return nil, err
	}
	codes := []string{"XK"}
	for code, m := range file.Supplemental.CodeMappings {
		n, err := strconv.Atoi(m.Numeric)
		if len(code) == 2 && err == nil && n < 900 && english[code] != "" {
			codes = append(codes, code)
		}
	}
	if len(codes) != 250 {
		return nil, fmt.Errorf("%d countries, expected the 249 of ISO 3166-1 and XK", len(codes))
	}
	slices.Sort(codes)
	return codes, nil
}

// chains gives each country its regions of UN M49, the smallest first.
// Groupings that cut across, such as Latin America or the EU, are left out.
// What CLDR puts under QO (outlying Oceania, a code of its own) belongs to the world only: Antarctica.
func (s source) chains(countries []string) (map[string][]string, error) {
	var file struct {
		Supplemental struct {
			TerritoryContainment map[string]struct {
				Contains []string `json:"_contains"`
				Grouping string   `json:"_grouping"`
			}
		}
	}
	if err := s.read(&file, "cldr-core", "supplemental", "territoryContainment.json"); err != nil {
		return nil, err
	}
	parent := map[string]string{}
	for region, r := range file.Supplemental.TerritoryContainment {
		if len(region) != 3 || r.Grouping == "true" {
			continue
		}
		for _, child := range r.Contains {
			parent[child] = region
		}
	}
	chains := map[string][]string{}
	for _, country := range countries {
		chain := []string{}
		for at := parent[country]; at != ""; at = parent[at] {
			chain = append(chain, at)
		}
		if len(chain) == 0 {
			chain = []string{"001"}
		}
		if chain[len(chain)-1] != "001" {
			return nil, fmt.Errorf("%s is in %v, which does not end at the world", country, chain)
		}
		chains[country] = chain
	}
	return chains, nil
}

// populations leaves out countries where nobody lives.
func (s source) populations(countries []string) (map[string]int64, error) {
	var file struct {
		Supplemental struct {
			TerritoryInfo map[string]struct {
				Population string `json:"_population"`
			}
		}
	}
	if err := s.read(&file, "cldr-core", "supplemental", "territoryInfo.json"); err != nil {
		return nil, err
	}
	people := map[string]int64{}
	for _, country := range countries {
		n, err := strconv.ParseInt(file.Supplemental.TerritoryInfo[country].Population, 10, 64)
		if err == nil && n > 0 {
			people[country] = n
		}
	}
	return people, nil
}

func (s source) territories(lang string) (map[string]string, error) {
	var file struct {
		Main map[string]struct {
			LocaleDisplayNames struct{ Territories map[string]string }
		}
	}
	err := s.read(&file, "cldr-localenames-full", "main", lang, "territories.json")
	return file.Main[lang].LocaleDisplayNames.Territories, err
}

func (s source) names(lang string, chains map[string][]string) (names, error) {
	all, err := s.territories(lang)
	if err != nil {
		return names{}, err
	}
	n := names{Countries: map[string]string{}, Regions: map[string]string{}}
	for country, chain := range chains {
		name := all[country]
		if short := all[country+"-alt-short"]; short != "" && slices.Contains(shortNames, country) {
			name = short
		}
		if name == "" {
			return names{}, fmt.Errorf("%s has no name in %s", country, lang)
		}
		n.Countries[country] = name
		for _, region := range chain {
			if all[region] == "" {
				return names{}, fmt.Errorf("region %s has no name in %s", region, lang)
			}
			n.Regions[region] = all[region]
		}
	}
	return n, nil
}

func (s source) languages(lang string) (map[string]string, error) {
	var file struct {
		Main map[string]struct {
			LocaleDisplayNames struct{ Languages map[string]string }
		}
	}
	err := s.read(&file, "cldr-localenames-full", "main", lang, "languages.json")
	return file.Main[lang].LocaleDisplayNames.Languages, err
}

// languageNames names in one language those that have a name in themselves; without a script where that has no name of
// its own.
func (s source) languageNames(lang string, selves map[string]string) (map[string]string, error) {
	all, err := s.languages(lang)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for code := range selves {
		base, _, _ := strings.Cut(code, "-")
		if out[code] = cmp.Or(all[code], all[base]); out[code] == "" {
			return nil, fmt.Errorf("language %s has no name in %s", code, lang)
		}
	}
	return out, nil
}

// languageCode is a language, with a script where it has several, without a country.
var languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?$`)

// ownNames gives every language that CLDR covers well its name in itself.
func (s source) ownNames() (map[string]string, error) {
	var coverage struct{ EffectiveCoverageLevels map[string]string }
	if err := s.read(&coverage, "cldr-core", "coverageLevels.json"); err != nil {
		return nil, err
	}
	selves := map[string]string{}
	for code, level := range coverage.EffectiveCoverageLevels {
		if level != "modern" || !languageCode.MatchString(code) {
			continue
		}
		names, err := s.languages(code)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if name := names[code]; name != "" {
			selves[code] = capital(name)
		}
	}
	for code, name := range ownNames {
		selves[code] = name
	}
	for _, lang := range languages {
		if selves[lang] == "" {
			return nil, fmt.Errorf("%s has no name in itself", lang)
		}
	}
	return selves, nil
}

// capital writes "français" as "Français", since the name stands alone in a list.
// A name with a capital inside, such as "isiZulu", has its own rule.
func capital(name string) string {
	if strings.ContainsFunc(name, unicode.IsUpper) {
		return name
	}
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToTitle(first)) + name[size:]
}

func write(dir, file string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, file), b.Bytes(), 0o644)
}
