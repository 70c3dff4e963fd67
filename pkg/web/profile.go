package web

import (
	"slices"
	"strconv"
	"strings"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// ProfileFields are the fields of the form in which a partner's public profile
// is changed, by staff or by the partner: templates/layout/profile_form.html.
// The picture is the file "logo".
var ProfileFields = profileFields()

func profileFields() []string {
	fields := []string{"name", "name_latin", "website", "country", "kind", "about", "reach", "placement", "lang", "message", "logo_alt", "logo_remove"}
	for n := range registry.MostNetworks {
		fields = append(fields, nth("network", n))
	}
	for n := range registry.MostStatements {
		fields = append(fields, nth("other", n)+"_lang", nth("other", n)+"_about", nth("other", n)+"_message")
	}
	return fields
}

// nth names a field that there are several of; n counts from 0, names from 1.
func nth(field string, n int) string { return field + "_" + strconv.Itoa(n+1) }

// ReadProfile takes a profile from that form, as it was typed. Its logo and its line are
// those of the profile which the form was made of.
func ReadProfile(v Values, of registry.Public) registry.Public {
	public := registry.Public{
		Profile: registry.Profile{
			Name: v.Get("name"), NameLatin: v.Get("name_latin"), Website: v.Get("website"), Country: v.Get("country"), Kind: v.Get("kind"),
			About: v.Get("about"), Reach: v.Get("reach"), Placement: v.Get("placement"), Lang: v.Get("lang"),
		},
		Message: v.Get("message"),
		Logo:    of.Logo, LogoAlt: v.Get("logo_alt"),
		Line: of.Line, LineLang: of.LineLang,
		Others: of.Others, Networks: of.Networks,
	}
	if v.Sent(nth("network", 0)) {
		public.Networks = ""
		for n := range registry.MostNetworks {
			public.Networks = strings.TrimSpace(public.Networks + " " + v.Get(nth("network", n)))
		}
	}
	if v.Sent(nth("other", 0) + "_lang") {
		public.Others = nil
		for n := range registry.MostStatements {
			if at := nth("other", n); v.Sent(at + "_lang") {
				public.Others = append(public.Others, registry.Statement{Lang: v.Get(at + "_lang"), About: v.Get(at + "_about"), Message: v.Get(at + "_message")})
			}
		}
	}
	return public
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
	AllNetworks    []*registry.Partner // that it can belong to
}

// NetworkField is one in which a network is chosen.
type NetworkField struct{ Name, Slug string }

// NetworkFields are one for each that is chosen, and one more.
func (f ProfileForm) NetworkFields() (out []NetworkField) {
	if len(f.AllNetworks) == 0 {
		return nil
	}
	for _, slug := range append(strings.Fields(f.Form.Networks), "") {
		if len(out) < registry.MostNetworks {
			out = append(out, NetworkField{nth("network", len(out)), slug})
		}
	}
	return out
}

// OtherField is a group of fields for what is said in another language.
type OtherField struct {
	Name string // the fields' names begin so
	registry.Statement
}

// OtherFields are one for each language there is, and one more.
func (f ProfileForm) OtherFields() (out []OtherField) {
	some := f.Form.Others
	if n := len(some); n == 0 || some[n-1] != (registry.Statement{}) {
		some = append(slices.Clone(some), registry.Statement{})
	}
	for n, one := range some[:min(len(some), registry.MostStatements)] {
		out = append(out, OtherField{nth("other", n), one})
	}
	return out
}

// NewProfileForm shows a profile on a page, in its language. networks are those
// it can belong to.
func NewProfileForm(page *view.Page, form registry.Public, networks []*registry.Partner) ProfileForm {
	return ProfileForm{Form: form, AllNetworks: networks, LogoPath: logoPath(page, form), Countries: page.Countries(), Kinds: registry.Kinds, Reaches: registry.Reaches}
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
	Language      string // of what is said in another than the partner's own: its name
	Conflict      bool   // somebody else changed it meanwhile
	Choice        bool
	Picture       bool
	Before, After string
	Pieces        []plaintext.Piece
}

// NewDiff compares two versions, in the language of a page. conflicts are
// fields to be marked.
func NewDiff(page *view.Page, before, after registry.Public, conflicts ...string) Diff {
	d := Diff{Page: page}
	for _, c := range registry.Differences(before, after) {
		row := DiffRow{Field: c.Field, Conflict: slices.Contains(conflicts, strings.TrimSpace(c.Field+" "+c.Lang))}
		if c.Lang != "" {
			row.Language = locale.OwnName(c.Lang)
		}
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
