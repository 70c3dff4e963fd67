// Package locale speaks to people in their language: catalogues of messages with plurals,
// choice of a language from a request, numbers, dates, and names of countries and regions.
//
// A language is one file, locales/{lang}.toml: all that visitors, applicants and partners read. The console, which
// only staff read, has its words in locales/console/{lang}.toml and speaks the languages that stand there.
// Names of countries come from locales/cldr, which go generate makes; a language without them reads countries in English.
// The way a language writes its dates is a line in date.go; without one, dates read 2026-01-31.
//
// The package leaves to others where a language is remembered (it is in the address of a page),
// escaping (all texts are plain text), and isolating people's words from the direction of the text around them.
package locale

//go:generate go run ./gen $CLDR ../../locales/cldr

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Default is the language of visitors whose own we do not have, and of messages that a catalogue lacks.
const Default = "en"

// maxHeader bounds the work on one Accept-Language header, in bytes. Browsers send less than 200.
const maxHeader = 2048

// Catalogues holds every language the program speaks. It is safe for concurrent use.
type Catalogues struct {
	sources   []source
	languages []Language
	console   []Language
	locales   map[string]*Locale
	matcher   language.Matcher
	misses    *misses
}

// Language is one that visitors can choose.
type Language struct {
	Code string
	Name string // in the language itself
	Dir  string // "ltr" or "rtl"
}

// source is what the files say about a language.
type source struct {
	Language
	tag      language.Tag
	console  bool // the console speaks it
	messages []*i18n.Message
	names    names
}

// Load reads the languages in fsys: {lang}.toml for each, console/{lang}.toml where there is one, and the names in cldr/.
// It fails on a file that does not parse, on a placeholder other than {{.Name}}, on a message without
// a text for the plural category "other", and when English is missing.
func Load(fsys fs.FS) (*Catalogues, error) {
	files, err := fs.Glob(fsys, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	selves, err := readOwnNames(fsys)
	if err != nil {
		return nil, err
	}
	english, err := readNames(fsys, Default)
	if err != nil {
		return nil, err
	}
	var sources []source
	for _, file := range files {
		s, err := readSource(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", file, err)
		}
		s.Name = cmp.Or(selves[s.Code], s.Code)
		s.names, err = readNames(fsys, s.Code)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			s.names = english
		case err != nil:
			return nil, err
		}
		sources = append(sources, s)
	}
	if !slices.ContainsFunc(sources, func(s source) bool { return s.Code == Default }) {
		return nil, fmt.Errorf("no catalogue %s.toml", Default)
	}
	sortForPeople(sources)
	return build(sources, plain), nil
}

func readSource(fsys fs.FS, file string) (source, error) {
	code := strings.TrimSuffix(path.Base(file), ".toml")
	tag, err := language.Parse(code)
	if err != nil {
		return source{}, fmt.Errorf("language %q: %w", code, err)
	}
	if tag.String() != code {
		return source{}, fmt.Errorf("language %q is written %q", code, tag)
	}
	// The language's plural rules are looked up here, so that build cannot fail.
	if err := i18n.NewBundle(tag).AddMessages(tag); err != nil {
		return source{}, err
	}
	s := source{Language: Language{Code: code, Dir: direction(tag)}, tag: tag}
	if s.messages, err = readMessages(fsys, file); err != nil {
		return source{}, err
	}
	console, err := readMessages(fsys, "console/"+file)
	switch {
	case err == nil:
		s.console = true
	case !errors.Is(err, fs.ErrNotExist):
		return source{}, fmt.Errorf("console: %w", err)
	}
	s.messages = append(s.messages, console...)
	return s, checkMessages(s.messages)
}

func readMessages(fsys fs.FS, file string) ([]*i18n.Message, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	parsed, err := i18n.ParseMessageFileBytes(text, file, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return nil, err
	}
	return parsed.Messages, nil
}

func checkMessages(messages []*i18n.Message) error {
	seen := map[string]bool{}
	for _, m := range messages {
		if seen[m.ID] {
			return fmt.Errorf("message %s stands there twice", m.ID)
		}
		seen[m.ID] = true
		if m.Other == "" {
			return fmt.Errorf("message %s has no text for other", m.ID)
		}
		for _, form := range forms(m) {
			if _, err := parsePieces(*form); err != nil {
				return fmt.Errorf("message %s: %w", m.ID, err)
			}
		}
	}
	return nil
}

// forms are the texts of a message, one for each plural category, empty where there is none.
func forms(m *i18n.Message) []*string {
	return []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many, &m.Other}
}

// Direction is "rtl" or "ltr": how the language with a code is written, "auto" for what is no code of one.
func Direction(code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return "auto"
	}
	return direction(tag)
}

func direction(tag language.Tag) string {
	script, _ := tag.Script()
	switch script.String() {
	case "Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa":
		return "rtl"
	}
	return "ltr"
}

// sortForPeople puts English first and the others by their own names, as a list to choose from shows them.
func sortForPeople(sources []source) {
	order := collate.New(language.Und)
	slices.SortFunc(sources, func(a, b source) int {
		switch Default {
		case a.Code:
			return -1
		case b.Code:
			return 1
		}
		return order.CompareString(a.Name, b.Name)
	})
}

func build(sources []source, mark marker) *Catalogues {
	c := &Catalogues{
		sources: sources,
		locales: map[string]*Locale{},
		misses:  &misses{seen: map[string]bool{}},
	}
	var tags []language.Tag
	for _, s := range sources {
		c.languages = append(c.languages, s.Language)
		if s.console {
			c.console = append(c.console, s.Language)
		}
		c.locales[s.Code] = newLocale(s, mark, c.misses)
		tags = append(tags, s.tag)
	}
	c.matcher = language.NewMatcher(tags)
	c.lean()
	return c
}

// lean lets every language fall back to English.
func (c *Catalogues) lean() {
	for code, l := range c.locales {
		if code != Default {
			l.english = c.locales[Default]
		}
	}
}

// Pseudo returns the same catalogues with every message, date and name of a country or region in ⟦brackets⟧,
// so that a test finds the words on a page that did not come from here. Numbers stay as they are.
// Brackets are not nested: a value loses its own when it is inserted into a message.
func (c *Catalogues) Pseudo() *Catalogues {
	return build(c.sources, bracketed)
}

// Clone returns the same catalogues with a record of misses of its own.
func (c *Catalogues) Clone() *Catalogues {
	next := *c
	next.misses, next.locales = &misses{seen: map[string]bool{}}, map[string]*Locale{}
	for code, l := range c.locales {
		own := *l
		own.misses = next.misses
		next.locales[code] = &own
	}
	next.lean()
	return &next
}

// Languages lists what visitors can choose from: English, then the others by their own names.
func (c *Catalogues) Languages() []Language {
	return slices.Clone(c.languages)
}

// Console lists the languages staff can read the console in.
func (c *Catalogues) Console() []Language {
	return slices.Clone(c.console)
}

// Has says whether there is a catalogue for exactly this code.
func (c *Catalogues) Has(code string) bool {
	return c.locales[code] != nil
}

// Match chooses a language for an Accept-Language header: the first of the visitor's that we have in any form, so that
// who asks for zh-TW and then for English reads Chinese in the script we have (see OtherScript), else one that its
// speakers understand. The answer is Default when the header does not parse, is longer than 2 KB, or asks for nothing
// we have.
func (c *Catalogues) Match(acceptLanguage string) string {
	wanted := wants(acceptLanguage)
	for _, tag := range wanted {
		if s, ok := c.closest(tag); ok && sameLanguage(tag, s.tag) {
			return s.Code
		}
	}
	if s, ok := c.closest(wanted...); ok {
		return s.Code
	}
	return Default
}

// closest takes the index from the matcher: the tag that it returns carries the visitor's region and extensions, such
// as en-u-rg-gbzzzz.
func (c *Catalogues) closest(wanted ...language.Tag) (source, bool) {
	_, i, confidence := c.matcher.Match(wanted...)
	return c.sources[i], confidence != language.No
}

// OtherScript says that the visitor would rather read the language in another script than ours, as zh-HK and zh-TW
// would read zh: that is their first wish for it.
func (c *Catalogues) OtherScript(acceptLanguage, code string) bool {
	l := c.locales[code]
	if l == nil {
		return false
	}
	ours, _ := l.tag.Script()
	for _, tag := range wants(acceptLanguage) {
		if sameLanguage(tag, l.tag) {
			script, _ := tag.Script()
			return script != ours
		}
	}
	return false
}

// wants are the languages of an Accept-Language header, the dearest first; nil for one that does not parse.
func wants(acceptLanguage string) []language.Tag {
	if len(acceptLanguage) > maxHeader {
		return nil
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return nil
	}
	for i, tag := range wanted {
		if base, _ := tag.Base(); base == cantonese {
			script, _ := tag.Script()
			wanted[i], _ = language.Compose(language.Chinese, script)
		}
	}
	return wanted
}

// cantonese is spoken beside Chinese and written as Chinese, but the matcher knows no way from it to zh.
var cantonese, _ = language.MustParse("yue").Base()

func sameLanguage(a, b language.Tag) bool {
	one, _ := a.Base()
	other, _ := b.Base()
	return one == other
}

// For returns the locale with this code, or that of Default.
func (c *Catalogues) For(code string) *Locale {
	if l := c.locales[code]; l != nil {
		return l
	}
	return c.locales[Default]
}

// Misses lists, sorted, each message that was asked for and not found, as "ko sign.title",
// and each placeholder that got no value, as "ko sign.title {{.Name}}".
func (c *Catalogues) Misses() []string {
	return c.misses.list()
}
