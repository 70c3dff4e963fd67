// Package demo is the invented world that "serve --demo" shows: an appeal in
// ten languages, organizations that support it or would like to, what happened to
// them lately, the countries and the names its signers have, what some of
// them said, and how its banners look. Everything is the same on
// every start.
//
// This file and the folder data hold that world and check that it is whole. It
// touches no database: which rows come of it, and the addresses, days and
// numbers of the signers, are decided where it is seeded.
package demo

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"github.com/BurntSushi/toml"
)

//go:embed data
var files embed.FS

// content is all of the demo's data, in the order of the files.
type content struct {
	Appeal    appeal
	Partners  []partner
	Deeds     []deed
	Countries []country
	Messages  []message
	Names     []names
	Look      look
}

// appeal is the campaign's text in each language the demo speaks.
type appeal struct {
	Goal  int64                 `toml:"goal"` // signatures
	Texts map[string]appealText `toml:"text"` // by language: en, ko, ar
}

// appealText is the appeal, and what the sign form must name, in one language.
type appealText struct {
	Campaign   string   `toml:"campaign"`
	Title      string   `toml:"title"`
	Summary    string   `toml:"summary"`    // one sentence, stands under the title
	Body       string   `toml:"body"`       // plain text, a blank line between paragraphs
	Demands    []string `toml:"demands"`    // four sentences
	Slogan     string   `toml:"slogan"`     // at most 60 characters, for small spaces
	Controller string   `toml:"controller"` // name and address of who answers for the data
	Recipients string   `toml:"recipients"` // a sentence that names whom signatures are handed to
}

// partner is an organization, whatever has become of its application.
type partner struct {
	Name        string `toml:"name"`       // in its own script
	NameLatin   string `toml:"name_latin"` // empty when Name is in Latin letters
	Slug        string `toml:"slug"`
	Lang        string `toml:"lang"`    // BCP 47, of its own texts
	Country     string `toml:"country"` // ISO 3166-1 alpha-2
	Kind        string `toml:"kind"`
	Website     string `toml:"website"`
	About       string `toml:"about"`    // in Lang
	AboutEN     string `toml:"about_en"` // empty when Lang is en
	Reach       string `toml:"reach"`    // how many people it can tell of the appeal
	ContactName string `toml:"contact_name"`
	ContactRole string `toml:"contact_role"` // in Lang
	OwnMail     bool   `toml:"own_mail"`     // the contact's address is at the website's domain
	Speaker     string `toml:"speaker"`      // who may speak for it, when the contact may not
	MailLang    string `toml:"mail_lang"`
	Message     string `toml:"message"`  // in Lang, may be empty
	State       string `toml:"state"`    // of the partner, or of an application still without one
	AgeDays     int    `toml:"age_days"` // since it applied
	Networks    string `toml:"networks"` // slugs of those it belongs to; it then says in English, too, what it says in Lang
	Weight      int    `toml:"weight"`   // share of the signatures it brought; 0 for an application
}

// country is where a share of the signers live. Weight is relative to the sum
// of all.
type country struct {
	Code   string `toml:"code"` // ISO 3166-1 alpha-2
	Weight int    `toml:"weight"`
	Lang   string `toml:"lang"` // en, ko or ar: the language most of them sign in
}

// message is a few words of solidarity that somebody left with a signature.
type message struct {
	Body    string `toml:"body"`
	Lang    string `toml:"lang"` // BCP 47
	Country string `toml:"country"`
	Name    string `toml:"name"`
	EN      string `toml:"en"` // for staff who do not read Lang; empty when Lang is en
}

// names are what people of one country are called, in their own script.
type names struct {
	Country string   `toml:"country"`
	Order   string   `toml:"order"` // givenFirst or familyFirst
	Join    string   `toml:"join"`  // between the two; empty in Chinese and Korean
	Given   []string `toml:"given"`
	Family  []string `toml:"family"`
}

const (
	givenFirst  = "given family"
	familyFirst = "family given"
)

// full is the name made of the i-th given and the j-th family name, written as
// is usual in the country. Any i and j of 0 or more will do: both wrap around.
func (n names) full(i, j int) string {
	given, family := n.Given[i%len(n.Given)], n.Family[j%len(n.Family)]
	if n.Order == familyFirst {
		return family + n.Join + given
	}
	return given + n.Join + family
}

// What the fields of the data may say.
var (
	languages = []string{"en", "ko", "ar", "fr", "es", "de", "ru", "zh", "ja", "id"}
	kinds     = []string{
		"peace", "faith", "labour", "women", "youth", "veterans", "academic", "humanitarian", "culture", "community", "network",
	}
	reaches           = []string{"under_100", "100_999", "1000_9999", "10000_99999", "100000_up"}
	partnerStates     = []string{"active", "paused", "suspended", "left"}
	applicationStates = []string{"draft", "submitted", "verified", "in_review", "needs_info", "declined", "withdrawn"}
	orders            = []string{givenFirst, familyFirst}

	slugForm    = regexp.MustCompile(`^[a-z0-9-]{2,60}$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	// websiteForm allows the domains nobody can own (RFC 2606).
	websiteForm = regexp.MustCompile(`^https://[a-z0-9-]+\.(example|test)$`)
)

// admitted tells a partner, of whatever state, from an application.
func (p partner) admitted() bool { return slices.Contains(partnerStates, p.State) }

// load reads and checks the data. An error means that the program was built
// from broken data; it names every fault found.
func load() (*content, error) {
	data, err := fs.Sub(files, "data")
	if err != nil {
		return nil, err
	}
	var c content
	err = errors.Join(
		decode(data, "appeal.toml", &c.Appeal),
		decode(data, "partners.toml", &struct {
			Partner *[]partner `toml:"partner"`
		}{&c.Partners}),
		decode(data, "designs.toml", &c.Look),
		decode(data, "desk.toml", &struct {
			Deed *[]deed `toml:"deed"`
		}{&c.Deeds}),
		decode(data, "countries.toml", &struct {
			Country *[]country `toml:"country"`
		}{&c.Countries}),
		decode(data, "messages.toml", &struct {
			Message *[]message `toml:"message"`
		}{&c.Messages}),
		decode(data, "names.toml", &struct {
			Names *[]names `toml:"names"`
		}{&c.Names}),
	)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, fmt.Errorf("demo data: %w", err)
	}
	return &c, nil
}

// decode reads one file into v, and refuses keys that v has no field for.
func decode(fsys fs.FS, name string, v any) error {
	meta, err := toml.DecodeFS(fsys, name, v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return fmt.Errorf("%s: unknown key %s", name, extra[0])
	}
	return nil
}

// check finds what would trip the seeding: gaps, doubles, and words that mean
// nothing. Taste and variety are the tests' business.
func (c *content) check() error {
	var faults []error
	must := func(ok bool, what, key string) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s: %q", what, key))
		}
	}

	must(c.Appeal.Goal > 0, "appeal", "goal")
	for _, lang := range languages {
		t := c.Appeal.Texts[lang]
		whole := filled(t.Campaign, t.Title, t.Summary, t.Body, t.Slogan, t.Controller, t.Recipients)
		must(whole && len(t.Demands) == 4 && filled(t.Demands...), "appeal text not complete", lang)
	}

	slugs := map[string]bool{}
	for _, p := range c.Partners {
		must(slugForm.MatchString(p.Slug) && !slugs[p.Slug], "partner slug malformed or taken", p.Slug)
		slugs[p.Slug] = true
		must(filled(p.Name, p.Lang, p.About, p.ContactName, p.ContactRole), "partner not complete", p.Slug)
		must((p.AboutEN == "") == (p.Lang == "en"), "partner without English, or with it twice", p.Slug)
		must(countryForm.MatchString(p.Country), "partner country", p.Slug)
		must(websiteForm.MatchString(p.Website), "partner website", p.Slug)
		must(slices.Contains(kinds, p.Kind), "partner kind", p.Slug)
		must(slices.Contains(reaches, p.Reach), "partner reach", p.Slug)
		must(slices.Contains(languages, p.MailLang), "partner mail_lang", p.Slug)
		must(p.Weight >= 0 && p.Weight <= 100, "partner weight", p.Slug)
		switch {
		case p.admitted():
			must(p.AgeDays >= 20 && p.AgeDays <= 360, "partner age_days", p.Slug)
		case slices.Contains(applicationStates, p.State):
			must(p.AgeDays >= 0 && p.AgeDays <= 21, "application age_days", p.Slug)
			must(p.Weight == 0, "application with a weight", p.Slug)
		default:
			must(false, "partner state", p.Slug)
		}
	}

	for _, d := range c.Look.Designs {
		must(filled(d.Code, d.Button, d.Figure, d.State), "design not complete", d.Code)
	}
	for _, l := range c.Look.Looks {
		must(slugs[l.Partner], "look of no partner", l.Partner)
		must(filled(l.Line, l.Lang), "look not complete", l.Partner)
		must((l.EN == "") == (l.Lang == "en"), "line without English, or with it twice", l.Partner)
	}
	for _, d := range c.Deeds {
		must(slugs[d.On] && (d.Partner == "" || slugs[d.Partner]) && (d.Into == "" || slugs[d.Into]), "deed on nobody", d.On)
		must(deeds[d.What] != nil, "deed nobody can do", d.What)
	}

	codes := map[string]bool{}
	for _, n := range c.Countries {
		must(countryForm.MatchString(n.Code) && !codes[n.Code], "country malformed or double", n.Code)
		codes[n.Code] = true
		must(n.Weight > 0, "country weight", n.Code)
		must(slices.Contains(languages, n.Lang), "country lang", n.Code)
	}

	for _, m := range c.Messages {
		must(filled(m.Body, m.Lang, m.Name) && countryForm.MatchString(m.Country), "message not complete", m.Body)
		must((m.EN == "") == (m.Lang == "en"), "message without English, or with it twice", m.Body)
	}

	for _, n := range c.Names {
		must(codes[n.Country], "names of a country without signers", n.Country)
		must(slices.Contains(orders, n.Order), "names order", n.Country)
		whole := len(n.Given) > 0 && len(n.Family) > 0 && filled(n.Given...) && filled(n.Family...)
		must(whole, "names not complete", n.Country)
	}
	return errors.Join(faults...)
}

func filled(texts ...string) bool { return !slices.Contains(texts, "") }
