package web

import (
	"slices"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// ProfileFields are the fields of the form in which a partner's public profile
// is changed, by staff or by the partner: templates/layout/profile_form.html.
var ProfileFields = []string{"name", "name_latin", "website", "country", "kind", "about", "reach", "placement", "lang", "message"}

// ReadProfile takes a profile from that form, as it was typed.
func ReadProfile(v Values) registry.Public {
	return registry.Public{
		Profile: registry.Profile{
			Name: v.Get("name"), NameLatin: v.Get("name_latin"), Website: v.Get("website"), Country: v.Get("country"), Kind: v.Get("kind"),
			About: v.Get("about"), Reach: v.Get("reach"), Placement: v.Get("placement"), Lang: v.Get("lang"),
		},
		Message: v.Get("message"),
	}
}

// ProfileForm is what that form shows, for a page to embed.
type ProfileForm struct {
	Form           registry.Public
	Countries      []locale.Country
	Kinds, Reaches []string
}

// NewProfileForm shows a profile in the language of a page.
func NewProfileForm(l *locale.Locale, form registry.Public) ProfileForm {
	return ProfileForm{Form: form, Countries: l.Countries(), Kinds: registry.Kinds, Reaches: registry.Reaches}
}

// Diff is what changed between two versions of a profile:
// templates/layout/desk_diff.html.
type Diff struct {
	Page *view.Page
	Rows []DiffRow
}

// DiffRow is a field that changed. Of a choice, Before and After are the words
// of the program; of a text, Pieces are the people's own.
type DiffRow struct {
	Field         string // its label is the message join.<field>
	Conflict      bool   // somebody else changed it meanwhile
	Choice        bool
	Before, After string
	Pieces        []plaintext.Piece
}

// NewDiff compares two versions, in the language of a page. conflicts are
// fields to be marked.
func NewDiff(page *view.Page, before, after registry.Public, conflicts ...string) Diff {
	d := Diff{Page: page}
	for _, c := range registry.Differences(before, after) {
		row := DiffRow{Field: c.Field, Conflict: slices.Contains(conflicts, c.Field)}
		say := map[string]func(string) string{
			"country": page.Country,
			"kind":    func(k string) string { return page.T("registry.kind." + k) },
			"reach":   func(r string) string { return page.T("registry.reach." + r) },
		}[c.Field]
		if row.Choice = say != nil; row.Choice {
			row.Before, row.After = say(c.Before), say(c.After)
		} else {
			row.Pieces = plaintext.Diff(c.Before, c.After)
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}
