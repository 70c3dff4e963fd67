package locale_test

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"olivebranch/locales"
	"olivebranch/pkg/locale"
)

// sameAsEnglish are languages with the ids of messages that read the same in them, words they share with English.
// Texts with no letters but those of placeholders need not stand here.
var sameAsEnglish = []string{
	"fr layout.messages", "fr progress.signatures", "fr embed.signatures", "fr number.signatures",
	"es layout.error_title",
}

// catalogue is what one file says: the texts of each message, by plural category.
type catalogue map[string]map[string]string

// catalogues are those the program is built with, by language: the words that all read, and those of the console,
// each of which is complete in its own languages.
func catalogues(t *testing.T) map[string]map[string]catalogue {
	t.Helper()
	both := map[string]map[string]catalogue{}
	for _, folder := range []string{".", "console"} {
		files, err := fs.Glob(locales.FS, path.Join(folder, "*.toml"))
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]catalogue{}
		for _, file := range files {
			all[strings.TrimSuffix(path.Base(file), ".toml")] = read(t, file)
		}
		if all[locale.Default] == nil {
			t.Fatalf("there is no English catalogue in %s", folder)
		}
		both[folder] = all
	}
	return both
}

func read(t *testing.T, file string) catalogue {
	t.Helper()
	text, err := fs.ReadFile(locales.FS, file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := i18n.ParseMessageFileBytes(text, file, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	c := catalogue{}
	for _, m := range parsed.Messages {
		texts := map[string]string{
			"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other,
		}
		maps.DeleteFunc(texts, func(_, text string) bool { return text == "" })
		c[m.ID] = texts
	}
	return c
}

// categories are those the plural rules of a language use for counts of people and things.
func categories(t *testing.T, lang string) []string {
	t.Helper()
	tag := language.MustParse(lang)
	bundle := i18n.NewBundle(tag)
	bundle.MustAddMessages(tag, &i18n.Message{
		ID: "n", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other",
	})
	l := i18n.NewLocalizer(bundle, lang)
	found := map[string]bool{"other": true}
	for _, n := range append(slices.Collect(upTo(1000)), 1_000_000) { // a million has a category of its own in French
		text, err := l.Localize(&i18n.LocalizeConfig{MessageID: "n", PluralCount: n})
		if err != nil {
			t.Fatal(err)
		}
		found[text] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestPluralCategoriesAreThoseOfCLDR(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{
		"en": "one other", "ko": "other", "ar": "few many one other two zero", "fr": "many one other",
		"es": "many one other", "de": "one other", "ru": "few many one other", "zh": "other", "ja": "other", "id": "other",
	} {
		if got := strings.Join(categories(t, lang), " "); got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
	}
}

func TestCataloguesLoad(t *testing.T) {
	t.Parallel()
	c := load(t, locales.FS)
	both := catalogues(t)
	for lang := range both["."] {
		if !c.Has(lang) {
			t.Errorf("%s is not among %v", lang, c.Languages())
		}
	}
	for lang := range both["console"] {
		if !c.Has(lang) || !slices.ContainsFunc(c.Console(), func(l locale.Language) bool { return l.Code == lang }) {
			t.Errorf("%s is not among %v, or not among %v", lang, c.Languages(), c.Console())
		}
	}
}

func TestCataloguesHaveTheSameIDs(t *testing.T) {
	t.Parallel()
	for _, all := range catalogues(t) {
		english := all[locale.Default]
		for lang, c := range all {
			for id := range english {
				if c[id] == nil {
					t.Errorf("%s lacks %s", lang, id)
				}
			}
			for id := range c {
				if english[id] == nil {
					t.Errorf("%s has %s, which English lacks", lang, id)
				}
			}
		}
	}
}

func TestCataloguesHaveExactlyThePluralCategoriesOfTheirLanguage(t *testing.T) {
	t.Parallel()
	for _, all := range catalogues(t) {
		plural := map[string]bool{}
		for _, c := range all {
			for id, texts := range c {
				if len(texts) > 1 {
					plural[id] = true
				}
			}
		}
		for lang, c := range all {
			full := categories(t, lang)
			for id, texts := range c {
				want := []string{"other"}
				if plural[id] {
					want = full
				}
				if got := slices.Sorted(maps.Keys(texts)); !slices.Equal(got, want) {
					t.Errorf("%s: %s has a text for %v, want one for %v", lang, id, got, want)
				}
			}
		}
	}
}

var inBraces = regexp.MustCompile(`\{\{[^}]*\}\}`)

func placeholdersOf(text string) map[string]bool {
	found := map[string]bool{}
	for _, p := range inBraces.FindAllString(text, -1) {
		found[strings.ReplaceAll(p, " ", "")] = true
	}
	return found
}

func TestCataloguesHaveTheSamePlaceholders(t *testing.T) {
	t.Parallel()
	for _, all := range catalogues(t) {
		english := all[locale.Default]
		for lang, c := range all {
			for id, texts := range c {
				want := placeholdersOf(english[id]["other"])
				for category, text := range texts {
					got := placeholdersOf(text)
					if slices.Contains([]string{"zero", "one", "two"}, category) && want["{{.N}}"] {
						got["{{.N}}"] = true // "one person" says its number in words
					}
					if english[id] != nil && !maps.Equal(got, want) {
						t.Errorf("%s: %s (%s) has %v, English has %v", lang, id, category,
							slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
					}
				}
			}
		}
	}
}

func TestCatalogueTextsAreWhole(t *testing.T) {
	t.Parallel()
	for _, all := range catalogues(t) {
		for lang, c := range all {
			for id, texts := range c {
				if len(texts) == 0 {
					t.Errorf("%s: %s is empty", lang, id)
				}
				for category, text := range texts {
					switch {
					case strings.TrimSpace(text) == "":
						t.Errorf("%s: %s (%s) is empty", lang, id, category)
					case strings.TrimSpace(text) != text:
						t.Errorf("%s: %s (%s) has spaces around it, to be glued to something", lang, id, category)
					case !norm.NFC.IsNormalString(text):
						t.Errorf("%s: %s (%s) is not in NFC", lang, id, category)
					case strings.ContainsFunc(text, isDirectionOverride):
						t.Errorf("%s: %s (%s) overrides the direction of writing", lang, id, category)
					}
				}
			}
		}
	}
}

func isDirectionOverride(r rune) bool {
	return r >= '\u202a' && r <= '\u202e'
}

func TestCataloguesAreTranslated(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, all := range catalogues(t) {
		english := all[locale.Default]
		for id := range english {
			known[id] = true
		}
		for lang, c := range all {
			if lang == locale.Default {
				continue
			}
			for id, texts := range c {
				if slices.Contains(sameAsEnglish, lang+" "+id) {
					continue
				}
				for category, text := range texts {
					words := inBraces.ReplaceAllString(text, "")
					if text == english[id]["other"] && strings.ContainsFunc(words, unicode.IsLetter) {
						t.Errorf("%s: %s (%s) is English: %q", lang, id, category, text)
					}
				}
			}
		}
	}
	for _, one := range sameAsEnglish {
		_, id, _ := strings.Cut(one, " ")
		if !known[id] {
			t.Errorf("%s may be the same as English, but there is no such message", one)
		}
	}
}
