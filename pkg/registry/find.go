package registry

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/collate"

	"olivebranch/pkg/plaintext"
)

// Alphabet is how a language sorts names.
type Alphabet interface {
	// Collator makes one for a single use: it is not safe for several.
	Collator() *collate.Collator
	// Index makes, for a single use, what says under which letter a name stands,
	// and what goes before the order of the collator: a name of lower rank
	// stands before one of higher. Names under one letter stand together.
	Index() (letter func(name string) string, rank func(name string) int)
}

// Sides of a register that tells the partners of its own country apart.
const (
	AtHome = "home"
	Abroad = "abroad"
)

// Query is what a visitor asks of the public list. Empty fields ask nothing.
type Query struct {
	Lang    string // whose alphabet sorts the list
	Search  string
	Region  string // of UN M49
	Country string
	Kind    string
	Speaks  string // a language it says something in
	Network string // slug of one
	Side    string // AtHome or Abroad
}

// The facets of a query, in the order of their bits.
const (
	facetRegion = iota
	facetCountry
	facetKind
	facetSpeaks
	facetNetwork
	facetSide
	facets
)

// Counts are how many partners there would be if one more thing were asked, or
// another in its place: what else is asked holds.
type Counts struct {
	Regions, Countries, Kinds, Languages, Networks, Sides map[string]int
}

func newCounts() (c Counts, of [facets]map[string]int) {
	for i := range of {
		of[i] = map[string]int{}
	}
	return Counts{of[facetRegion], of[facetCountry], of[facetKind], of[facetSpeaks], of[facetNetwork], of[facetSide]}, of
}

// shown is what a visitor can ask of an active partner.
type shown struct {
	networks []*Partner
	facets   [facets][]string
}

// showTraits makes them, once all partners and slugs are read.
func (s *registerState) showTraits(regions func(country string) []string) {
	s.traits = make(map[int64]*shown, len(s.active))
	of := map[string][]string{} // regions by country
	for _, p := range s.active {
		if _, known := of[p.Country]; !known {
			of[p.Country] = regions(p.Country)
		}
		t := &shown{}
		for _, slug := range strings.Fields(p.Networks) {
			n := s.bySlug[slug]
			if n != nil && n.State == Active && n.Kind == KindNetwork && n.ID != p.ID && !slices.Contains(t.networks, n) {
				t.networks = append(t.networks, n)
				t.facets[facetNetwork] = append(t.facets[facetNetwork], n.Slug)
			}
		}
		t.facets[facetRegion], t.facets[facetCountry], t.facets[facetKind] = of[p.Country], []string{p.Country}, []string{p.Kind}
		t.facets[facetSpeaks] = p.Languages()
		switch {
		case s.home == "":
		case p.Country == s.home:
			t.facets[facetSide] = []string{AtHome}
		default:
			t.facets[facetSide] = []string{Abroad}
		}
		s.traits[p.ID] = t
	}
}

// sorted is the active partners in a language's order.
type sorted struct {
	list    []*Partner
	keys    []sortKey
	letters []string
	place   map[int64]int
}

// sortKey is where a name stands.
type sortKey struct {
	rank int // in the language's index
	key  []byte
	id   int64 // the older of two equal names first
}

func (a sortKey) compare(b sortKey) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), slices.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
}

// keys makes the key of any partner's name, for a single use.
func keys(a Alphabet) func(p *Partner) sortKey {
	collator, buffer := a.Collator(), &collate.Buffer{}
	_, rank := a.Index()
	return func(p *Partner) sortKey {
		// A quotation mark before a name does not bring it to the front.
		name := strings.TrimLeftFunc(p.Name, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N) })
		return sortKey{rank(p.Name), collator.KeyFromString(buffer, cmp.Or(name, p.Name)), p.ID}
	}
}

func (r *Register) sorted(state *registerState, lang string) *sorted {
	state.mu.Lock()
	defer state.mu.Unlock()
	if s, ok := state.sorted[lang]; ok {
		return s
	}
	alphabet := r.world.Alphabet(lang)
	letter, _ := alphabet.Index()
	key := keys(alphabet)
	s := &sorted{list: slices.Clone(state.active), place: make(map[int64]int, len(state.active))}
	of := make(map[int64]sortKey, len(s.list))
	for _, p := range s.list {
		of[p.ID] = key(p)
	}
	slices.SortFunc(s.list, func(a, b *Partner) int { return of[a.ID].compare(of[b.ID]) })
	for i, p := range s.list {
		s.keys, s.letters, s.place[p.ID] = append(s.keys, of[p.ID]), append(s.letters, letter(p.Name)), i
	}
	state.sorted[lang] = s
	return s
}

// Sorted lists all active partners in a language's order.
func (r *Register) Sorted(lang string) []*Partner { return r.sorted(r.now.Load(), lang).list }

// Find lists the active partners that answer a query, sorted.
func (r *Register) Find(q Query) []*Partner { return r.Look(q).Partners }

// Listing is what a query found.
type Listing struct {
	Partners []*Partner // sorted
	Counts   Counts

	register *Register
	state    *registerState
	lang     string
	order    *sorted
	at       []int // where each stands among all; nil when all are found
}

// Look finds the active partners that answer a query, and counts them.
func (r *Register) Look(q Query) *Listing {
	state := r.now.Load()
	l := &Listing{register: r, state: state, lang: q.Lang, order: r.sorted(state, q.Lang)}
	counts, of := newCounts()
	l.Counts = counts
	words := plaintext.SearchWords(q.Search)
	asked := [facets]string{q.Region, q.Country, q.Kind, q.Speaks, q.Network, q.Side}
	if all := len(words) == 0 && asked == [facets]string{}; all {
		l.Partners = l.order.list
	} else {
		l.at = []int{}
	}
	for i, p := range l.order.list {
		if !p.named(words) {
			continue
		}
		t := state.traits[p.ID]
		missing, which := 0, 0
		for f, want := range asked {
			if want != "" && !slices.Contains(t.facets[f], want) {
				missing, which = missing+1, f
			}
		}
		if missing > 1 {
			continue
		}
		for f, values := range t.facets {
			if missing == 0 || f == which {
				for _, v := range values {
					of[f][v]++
				}
			}
		}
		if missing == 0 && l.at != nil {
			l.at, l.Partners = append(l.at, i), append(l.Partners, p)
		}
	}
	return l
}

// named says whether each word stands in one of the names.
func (p *Partner) named(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(p.NameFolded, w) })
}

// Initial is a letter that names begin with.
type Initial struct {
	Name string
	N    int
}

// Letters are those under which the listing's partners stand, in its order.
func (l *Listing) Letters() []Initial {
	var out []Initial
	for i := range l.Partners {
		letter := l.letter(i)
		if len(out) == 0 || out[len(out)-1].Name != letter {
			out = append(out, Initial{Name: letter})
		}
		out[len(out)-1].N++
	}
	return out
}

func (l *Listing) place(i int) int {
	if l.at == nil {
		return i
	}
	return l.at[i]
}

func (l *Listing) letter(i int) string { return l.order.letters[l.place(i)] }

// Window says which part of a listing is wanted; of several, the first counts.
type Window struct {
	Letter string // from the first partner that stands under it
	After  string // behind the partner with this slug
	Before string // the part that ends before the partner with this slug
	Most   int
}

// Part is a part of a listing.
type Part struct {
	Rows     []Row
	From, To int    // of the listing, counted from 1; 0 and 0 for none
	Before   string // Window.Before of the part before, "" for the first
	After    string // Window.After of the next, "" for the last
}

// Row is a partner in a list. Letter is set where its letter begins.
type Row struct {
	*Partner
	Letter string
}

// Part cuts a part out. A slug nobody has, or a letter nobody stands under,
// asks for the beginning; that of a partner that is in the list no more leads
// to where it stood.
func (l *Listing) Part(w Window) Part {
	from := 0
	switch {
	case w.Letter != "":
		for i := range l.Partners {
			if l.letter(i) == w.Letter {
				from = i
				break
			}
		}
	case w.After != "":
		at, there := l.where(w.After)
		if from = at; there {
			from++
		}
	case w.Before != "":
		at, _ := l.where(w.Before)
		from = max(0, at-w.Most)
	}
	if from >= len(l.Partners) {
		from = max(0, len(l.Partners)-w.Most)
	}
	to := min(len(l.Partners), from+w.Most)
	var part Part
	for i := from; i < to; i++ {
		row := Row{Partner: l.Partners[i], Letter: l.letter(i)}
		if i > from && row.Letter == l.letter(i-1) {
			row.Letter = ""
		}
		part.Rows = append(part.Rows, row)
	}
	if len(part.Rows) == 0 {
		return part
	}
	part.From, part.To = from+1, to
	if from > 0 {
		part.Before = l.Partners[from].Slug
	}
	if to < len(l.Partners) {
		part.After = l.Partners[to-1].Slug
	}
	return part
}

// where finds the place of a partner in the listing, or that where it would
// stand.
func (l *Listing) where(slug string) (at int, there bool) {
	p := l.state.bySlug[slug]
	if p == nil {
		return 0, false
	}
	among, active := l.order.place[p.ID]
	if !active {
		key := keys(l.register.world.Alphabet(l.lang))
		among, _ = slices.BinarySearchFunc(l.order.keys, key(p), sortKey.compare)
	}
	if l.at == nil {
		return among, active
	}
	at, found := slices.BinarySearch(l.at, among)
	return at, found && active
}
