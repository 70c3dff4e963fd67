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
// The picture is the file "logo".
var ProfileFields = []string{"name", "name_latin", "website", "country", "kind", "about", "reach", "placement", "lang", "message", "logo_alt", "logo_remove"}

// ReadProfile takes a profile from that form, as it was typed. Its logo and its line are
// those of the profile which the form was made of.
func ReadProfile(v Values, of registry.Public) registry.Public {
	return registry.Public{
		Profile: registry.Profile{
			Name: v.Get("name"), NameLatin: v.Get("name_latin"), Website: v.Get("website"), Country: v.Get("country"), Kind: v.Get("kind"),
			About: v.Get("about"), Reach: v.Get("reach"), Placement: v.Get("placement"), Lang: v.Get("lang"),
		},
		Message: v.Get("message"),
		Logo:    of.Logo, LogoAlt: v.Get("logo_alt"),
		Line: of.Line, LineLang: of.LineLang,
	}
}

// ReadLogo is what the same form wants the logo to be.
func ReadLogo(v Values, file []byte) registry.LogoWish {
	return registry.LogoWish{File: file, Remove: v.Ticked("logo_remove")}
}

// ProfileForm is what that form shows, for a page to embed.
type ProfileForm struct {
	Form           registry.Public
	LogoPath       string // of the logo that stays if none is chosen; "" for none
	Countries      []locale.Country
	Kinds, Reaches []string
}

// NewProfileForm shows a profile on a page, in its language.
func NewProfileForm(page *view.Page, form registry.Public) ProfileForm {
	return ProfileForm{Form: form, LogoPath: logoPath(page, form), Countries: page.Countries(), Kinds: registry.Kinds, Reaches: registry.Reaches}
}

// logoPath is where who reads a page of the portal or of the console sees a
// logo, whether or not it is public.
func logoPath(page *view.Page, p registry.Public) string {
	if p.Logo == "" {
		return ""
	}
	return "/" + page.Area + "/logos/" + p.Logo
}

// Diff is what changed between two versions of a profile:
// templates/layout/desk_diff.html.
type Diff struct {
	Page *view.Page
	Rows []DiffRow
}

// DiffRow is a field that changed. Of a choice, Before and After are the words
// of the program; of a text, Pieces are the people's own; of the logo, Before
// and After are the paths of pictures, "" for none.
type DiffRow struct {
	Field         string // its label is the message join.<field>
	Conflict      bool   // somebody else changed it meanwhile
	Choice        bool
	Picture       bool
	Before, After string
	Pieces        []plaintext.Piece
}

// Pieces are those of one text, for the partial pieces.
type Pieces struct {
	Page   *view.Page
	Pieces []plaintext.Piece
}

// WithPieces hands a text to its partial, together with the page's words.
func (d Diff) WithPieces(pieces []plaintext.Piece) Pieces { return Pieces{d.Page, pieces} }

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
		row.Choice, row.Picture = say != nil, c.Field == "logo"
		switch {
		case row.Choice:
			row.Before, row.After = say(c.Before), say(c.After)
		case row.Picture:
			row.Before, row.After = logoPath(page, before), logoPath(page, after)
		default:
			row.Pieces = plaintext.Diff(c.Before, c.After)
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}
