package registry

import (
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"olivebranch/pkg/fault"
	"olivebranch/pkg/plaintext"
)

// Bounds of what a partner says of itself beside its own language.
const (
	MostStatements = 9 // languages
	MostNetworks   = 5
)

// Statement is what a partner says of itself in one language.
type Statement struct {
	Lang    string
	About   string
	Message string `json:",omitempty"`
}

// Statements are those in other languages than the partner's own, sorted by
// language. They stand in one column, as JSON.
type Statements []Statement

// Value writes them for the database.
func (s Statements) Value() (driver.Value, error) {
	if len(s) == 0 {
		return "", nil
	}
	b, err := json.Marshal(s)
	return string(b), err
}

// Scan reads them.
func (s *Statements) Scan(value any) error {
	*s = nil
	text := fmt.Sprint(value)
	if b, ok := value.([]byte); ok {
		text = string(b)
	}
	if value == nil || text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), s)
}

// in is the statement in a language, an empty one if there is none.
func (s Statements) in(lang string) Statement {
	for _, one := range s {
		if one.Lang == lang {
			return one
		}
	}
	return Statement{Lang: lang}
}

// put sets, or with an empty one drops, the statement in its language.
func (s Statements) put(one Statement) Statements {
	s = slices.DeleteFunc(slices.Clone(s), func(had Statement) bool { return had.Lang == one.Lang })
	if one.About != "" || one.Message != "" {
		s = append(s, one)
	}
	slices.SortFunc(s, func(a, b Statement) int { return cmp.Compare(a.Lang, b.Lang) })
	return s
}

// Statement is what the partner says of itself to who reads a language: in
// that, else in its own.
func (p *Partner) Statement(lang string) Statement {
	if one := p.Others.in(lang); one.About != "" {
		return one
	}
	return Statement{p.Profile.Lang, p.About, p.Message}
}

// Statements are all that the partner says of itself, its own language first.
func (p *Partner) Statements() []Statement {
	return append([]Statement{{p.Profile.Lang, p.About, p.Message}}, p.Others...)
}

// Languages are those the partner says something in, its own first.
func (p *Partner) Languages() []string {
	all := []string{p.Profile.Lang}
	for _, one := range p.Others {
		all = append(all, one.Lang)
	}
	return all
}

// otherLanguages are those of either list of statements, sorted.
func otherLanguages(a, b Statements) []string {
	var all []string
	for _, one := range slices.Concat(a, b) {
		all = append(all, one.Lang)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// checkOthers cleans statements as they were typed, and drops the empty ones;
// the field of the nth is other_n_about and so on, counted from 1.
func checkOthers(typed Statements, own string, refused fault.Fields) (good Statements) {
	seen := map[string]bool{own: true}
	for i, one := range typed {
		field := func(name string) string { return fmt.Sprintf("other_%d_%s", i+1, name) }
		if strings.TrimSpace(one.About+one.Message) == "" {
			continue // without words there is nothing to say in a language
		}
		refused.Add(field("lang"), goodLang(&one.Lang))
		if seen[one.Lang] {
			refused.Add(field("lang"), fault.New(fault.Invalid, "profile.lang_twice"))
		}
		seen[one.Lang] = true
		var err error
		one.About, err = plaintext.Required(one.About, plaintext.About)
		refused.Add(field("about"), err)
		one.Message, err = plaintext.Clean(one.Message, plaintext.Message)
		refused.Add(field("message"), err)
		good = append(good, one)
	}
	slices.SortFunc(good, func(a, b Statement) int { return cmp.Compare(a.Lang, b.Lang) })
	return good
}

// checkNetworks tidies the slugs of the networks that a partner belongs to;
// the field of the nth is network_n, counted from 1.
func checkNetworks(typed string, known Known, refused fault.Fields) string {
	var good []string
	for i, slug := range strings.Fields(typed) {
		field := fmt.Sprintf("network_%d", i+1)
		switch {
		case known.Network == nil || !known.Network(slug):
			refused.Add(field, fault.New(fault.Invalid, "profile.network_gone"))
		case len(good) == MostNetworks:
			refused.Add(field, fault.New(fault.Invalid, "profile.networks_most", "N", MostNetworks))
		case !slices.Contains(good, slug):
			good = append(good, slug)
		}
	}
	return strings.Join(good, " ")
}
