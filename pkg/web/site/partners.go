package site

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
	"olivebranch/pkg/worldmap"
)

// Bounds of a page of the register.
const (
	partnersOnPage = 60
	fewPartners    = 20 // are seen at a glance, without letters to jump to
	mostNetworks   = 60 // that are offered; those with the most members
)

// partnersPage is the register: a list, or a map of the same partners.
type partnersPage struct {
	view.Page
	Ask          question
	Total, Found int
	Sides        []option // of a campaign that tells the partners of its country apart
	Facets       []facet
	Chosen       []option // what is asked for, each with the address that asks for the rest
	Letters      []option
	Part         registry.Part
	Groups       []letterGroup
	OnMap        bool
	Map          worldmap.Map
	Countries    []option // of what was found, those with the most partners first
	Before       string   // addresses of the parts before and behind, "" for none
	After        string
}

// facet is one thing to ask for, with what can be chosen.
type facet struct {
	Name, Label string // of the field
	Options     []option
}

// option is a choice, with how many partners it leaves.
type option struct {
	Value, Label, Lang string
	N                  int
	Counted            string // the label with N, in words
	Chosen, Part       bool   // Part: of the one before it
	To                 string
}

// letterGroup is the partners of a part that stand under one letter.
type letterGroup struct {
	Letter string
	Rows   []registry.Row
}

// question is what a visitor asks of the register, and how that is written in
// addresses.
type question struct {
	registry.Query
	lang  string // of the pages
	onMap bool
}

// question reads what the visitor asks of the register; what makes no sense asks
// nothing.
func (s *Site) question(c echo.Context) question {
	a := question{lang: s.Lang(c), onMap: c.QueryParam("view") == "map"}
	words := s.Catalogues.For("en")
	one := func(name string, known func(string) bool) string {
		if v := c.QueryParam(name); v != "" && known(v) {
			return v
		}
		return ""
	}
	a.Query = registry.Query{Lang: a.lang,
		Region:  one("region", func(m49 string) bool { return words.Region(m49) != "" && m49 != "001" }),
		Country: one("country", func(code string) bool { return words.Country(code) != "" }),
		Kind:    one("kind", func(k string) bool { return slices.Contains(registry.Kinds, k) }),
		Speaks:  one("language", func(tag string) bool { return len(tag) <= 35 && locale.IsTag(tag) }),
		Network: one("network", s.Register.IsNetwork),
		Side: one("side", func(side string) bool {
			return s.Register.Home() != "" && (side == registry.AtHome || side == registry.Abroad)
		}),
	}
	if search, err := plaintext.Clean(c.QueryParam("q"), plaintext.OrganizationName); err == nil {
		a.Search = search
	}
	return a
}

// values are what is asked for, as the query of an address.
func (a question) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"q": a.Search, "region": a.Region, "country": a.Country, "kind": a.Kind, "language": a.Speaks, "network": a.Network, "side": a.Side} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// To is the address of the register, or of one of its files, that asks for the
// same but for some pairs of names and values; an empty value asks nothing. Who
// looks at the map stays there.
func (a question) To(file string, but ...string) string {
	v := a.values()
	if a.onMap && file == "" {
		v.Set("view", "map")
	}
	for i := 0; i+1 < len(but); i += 2 {
		v.Del(but[i])
		if but[i+1] != "" {
			v.Set(but[i], but[i+1])
		}
	}
	to := "/" + a.lang + "/partners" + file
	if len(v) > 0 {
		to += "?" + v.Encode()
	}
	return to
}

func (s *Site) showPartners(c echo.Context) error {
	page := &partnersPage{Page: s.base(c, "partners.page"), Ask: s.question(c), Total: s.Register.Len()}
	page.OnMap = page.Ask.onMap
	found := s.Register.Look(page.Ask.Query)
	page.Found = len(found.Partners)
	page.offer(s.Register, found.Counts)
	if page.OnMap {
		page.draw(found.Partners)
	} else {
		page.list(found, registry.Window{Letter: c.QueryParam("letter"), After: c.QueryParam("after"), Before: c.QueryParam("before"), Most: partnersOnPage})
	}
	return s.Render(c, http.StatusOK, "site/partners", page)
}

// list shows a part of what was found.
func (p *partnersPage) list(found *registry.Listing, w registry.Window) {
	if len(found.Partners) > fewPartners {
		for _, l := range found.Letters() {
			p.Letters = append(p.Letters, option{Label: l.Name, N: l.N, To: p.Ask.To("", "letter", l.Name)})
		}
	}
	p.Part = found.Part(w)
	for _, row := range p.Part.Rows {
		if row.Letter != "" {
			p.Groups = append(p.Groups, letterGroup{Letter: row.Letter})
		}
		group := &p.Groups[len(p.Groups)-1]
		group.Rows = append(group.Rows, row)
	}
	if p.Part.Before != "" {
		p.Before = p.Ask.To("", "before", p.Part.Before)
	}
	if p.Part.After != "" {
		p.After = p.Ask.To("", "after", p.Part.After)
	}
}

// draw puts what was found on the map.
func (p *partnersPage) draw(found []*registry.Partner) {
	counts := map[string]int{}
	for _, one := range found {
		counts[one.Country]++
	}
	p.Map = worldmap.Draw(counts)
	for _, country := range p.Locale.Countries() {
		if n := counts[country.Code]; n > 0 {
			to := strings.TrimPrefix(p.Ask.To("", "country", country.Code, "view", ""), "/"+p.Lang()+"/partners") // of this page, which is large
			p.Countries = append(p.Countries, option{Value: country.Code, Label: country.Name, N: n, To: to})
		}
	}
	slices.SortStableFunc(p.Countries, func(a, b option) int { return cmp.Compare(b.N, a.N) })
}

// offer fills what can be asked for.
func (p *partnersPage) offer(register *registry.Register, n registry.Counts) {
	p.Facets = []facet{
		{"region", p.T("partners.region"), p.regions(n.Regions)},
		{"country", p.T("partners.country"), p.countries(n.Countries)},
		{"kind", p.T("partners.kind"), p.kinds(n.Kinds)},
		{"language", p.T("partners.language"), p.languages(n.Languages)},
		{"network", p.T("partners.network"), p.networks(register, n.Networks)},
	}
	if p.OnMap { // there the table has them
		p.Facets[1].Options = slices.DeleteFunc(p.Facets[1].Options, func(o option) bool { return !o.Chosen })
	}
	if home := register.Home(); home != "" {
		all := n.Sides[registry.AtHome] + n.Sides[registry.Abroad]
		p.Sides = []option{
			{Label: p.T("partners.side.all"), N: all, Chosen: p.Ask.Side == "", To: p.Ask.To("", "side", "")},
			{Label: p.T("partners.side.home", "Country", p.Country(home)), N: n.Sides[registry.AtHome], Chosen: p.Ask.Side == registry.AtHome, To: p.Ask.To("", "side", registry.AtHome)},
			{Label: p.T("partners.side.abroad"), N: n.Sides[registry.Abroad], Chosen: p.Ask.Side == registry.Abroad, To: p.Ask.To("", "side", registry.Abroad)},
		}
	}
	if p.Ask.Search != "" {
		p.Chosen = append(p.Chosen, option{Label: p.Ask.Search, To: p.Ask.To("", "q", "")})
	}
	for _, f := range p.Facets {
		for _, o := range f.Options {
			if o.Chosen {
				o.To = p.Ask.To("", f.Name, "")
				p.Chosen = append(p.Chosen, o)
			}
		}
	}
}

// choice appends an option that leaves somebody, or was chosen.
func choice(options []option, n map[string]int, chosen string, o option) []option {
	o.N, o.Chosen = n[o.Value], o.Value == chosen
	if o.N == 0 && !o.Chosen {
		return options
	}
	return append(options, o)
}

func (p *partnersPage) regions(n map[string]int) (out []option) {
	for _, continent := range p.Continents() {
		out = choice(out, n, p.Ask.Region, option{Value: continent.Code, Label: p.Region(continent.Code)})
		for _, part := range continent.Parts {
			out = choice(out, n, p.Ask.Region, option{Value: part, Label: p.Region(part), Part: true})
		}
	}
	return out
}

func (p *partnersPage) countries(n map[string]int) (out []option) {
	for _, country := range p.Locale.Countries() {
		out = choice(out, n, p.Ask.Country, option{Value: country.Code, Label: country.Name})
	}
	return out
}

func (p *partnersPage) kinds(n map[string]int) (out []option) {
	for _, kind := range registry.Kinds {
		out = choice(out, n, p.Ask.Kind, option{Value: kind, Label: p.T("registry.kind." + kind)})
	}
	return out
}

func (p *partnersPage) languages(n map[string]int) (out []option) {
	codes := map[string]bool{p.Ask.Speaks: p.Ask.Speaks != ""}
	for code := range n {
		codes[code] = true
	}
	for code, wanted := range codes {
		if wanted {
			out = choice(out, n, p.Ask.Speaks, option{Value: code, Label: locale.OwnName(code), Lang: code})
		}
	}
	order := p.Collator()
	slices.SortFunc(out, func(a, b option) int {
		return cmp.Or(order.CompareString(a.Label, b.Label), strings.Compare(a.Value, b.Value))
	})
	return out
}

func (p *partnersPage) networks(register *registry.Register, n map[string]int) (out []option) {
	for _, network := range register.AllNetworks() {
		out = choice(out, n, p.Ask.Network, option{Value: network.Slug, Label: network.Name, Lang: network.Profile.Lang})
	}
	if len(out) > mostNetworks {
		slices.SortStableFunc(out, func(a, b option) int { return cmp.Compare(b.N, a.N) })
		least := out[mostNetworks].N
		out = slices.DeleteFunc(out, func(o option) bool { return !o.Chosen && o.N <= least })
	}
	order := p.Collator()
	slices.SortStableFunc(out, func(a, b option) int { return order.CompareString(a.Label, b.Label) })
	return out
}
