package locale

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Locale speaks one language. It is safe for concurrent use.
type Locale struct {
	code, dir string
	tag       language.Tag
	names     names
	mark      marker
	fixed     map[string]string // messages without placeholders and plurals, by id
	varied    map[string]bool   // ids of the others, which go through go-i18n
	plural    map[string]bool   // those of them that have plurals
	localizer *i18n.Localizer
	english   *Locale // nil for English itself
	printer   *message.Printer
	digits    *strings.Replacer
	dates     dates
	sorted    func() []Country
	misses    *misses
}

func newLocale(s source, mark marker, m *misses) *Locale {
	// One bundle for each language: in a common one go-i18n would match languages again, in its own way.
	bundle := i18n.NewBundle(s.tag)
	l := &Locale{
		code:      s.Code,
		dir:       s.Dir,
		tag:       s.tag,
		names:     s.names,
		mark:      mark,
		fixed:     map[string]string{},
		varied:    map[string]bool{},
		plural:    map[string]bool{},
		localizer: i18n.NewLocalizer(bundle, s.tag.String()),
		printer:   message.NewPrinter(s.tag),
		dates:     datesOf(s.Code),
		misses:    m,
	}
	for _, m := range mark.messages(s.messages) {
		if isFixed(m) {
			l.fixed[m.ID] = m.Other
		} else {
			bundle.MustAddMessages(s.tag, m)
			l.varied[m.ID] = true
			l.plural[m.ID] = hasPlurals(m)
		}
	}
	l.digits = digitsOf(l.printer)
	l.sorted = l.sortCountries()
	return l
}

func isFixed(m *i18n.Message) bool { return !hasPlurals(m) && !strings.Contains(m.Other, "{{") }

// hasPlurals says whether a message has more texts than the one that does
// where a number changes nothing around it.
func hasPlurals(m *i18n.Message) bool {
	return slices.ContainsFunc(forms(m), func(form *string) bool { return form != &m.Other && *form != "" })
}

// Lang is the language's code, for the lang attribute.
func (l *Locale) Lang() string { return l.code }

// Dir is "ltr" or "rtl", for the dir attribute.
func (l *Locale) Dir() string { return l.dir }

// T is the text of a message as plain text, with pairs of placeholder name and value filled in:
//
//	l.T("sign.people", "N", 3, "Country", "France")
//
// "N" chooses the plural. Integers and floats of any type are written as the language writes numbers,
// so a year goes in as a string; strings, and all else as fmt prints it, are inserted as they are.
// A message that the language lacks comes in English, and as its id when English lacks it too;
// a placeholder without a value leaves a gap. Both are in Misses.
func (l *Locale) T(id string, pairs ...any) string {
	for at := l; at != nil; at = at.english {
		if text, ok := at.text(id, pairs); ok {
			return text
		}
		at.misses.add(at.code, id)
	}
	return id
}

// Has says whether T has a text for id, be it in English. Asking is no miss.
func (l *Locale) Has(id string) bool {
	for at := l; at != nil; at = at.english {
		if _, ok := at.fixed[id]; ok || at.varied[id] {
			return true
		}
	}
	return false
}

func (l *Locale) text(id string, pairs []any) (string, bool) {
	if text, ok := l.fixed[id]; ok {
		return text, true
	}
	if !l.varied[id] {
		return "", false
	}
	v := &values{pairs: pairs, show: l.show}
	config := &i18n.LocalizeConfig{MessageID: id, TemplateData: v, TemplateParser: placeholders{}}
	if n, ok := v.get("N"); ok && l.plural[id] {
		if count, ok := pluralCount(n); ok {
			config.PluralCount = count
		}
	}
	text, err := l.localizer.Localize(config)
	if err != nil {
		// Load refuses all other errors: the text is that of "other", for want of the right plural category.
		l.misses.add(l.code, id+" "+err.Error())
	}
	for _, name := range v.missing {
		l.misses.add(l.code, id+" {{."+name+"}}")
	}
	return text, true
}

// pluralCount is n for go-i18n, which knows no unsigned and no named types,
// and takes decimals as they are written. No language's plural depends on what
// is cut off above the largest int64.
func pluralCount(n any) (any, bool) {
	switch v := reflect.ValueOf(n); {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(min(v.Uint(), math.MaxInt64)), true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), true
	}
	return nil, false
}

func (l *Locale) show(value any) string {
	if s, ok := value.(string); ok {
		return l.mark.unwrap(s)
	}
	switch v := reflect.ValueOf(value); {
	case v.CanInt(), v.CanUint(), v.CanFloat():
		return l.decimal(value)
	}
	return l.mark.unwrap(fmt.Sprint(value))
}
