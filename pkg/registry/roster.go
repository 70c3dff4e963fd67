package registry

import (
	"slices"
	"strings"

	"olivebranch/pkg/plaintext"
)

// PartnerStates in the order they are listed.
var PartnerStates = []PartnerState{Active, Paused, Suspended, Left}

// KnownPartnerState says whether there is such a state.
func KnownPartnerState(s PartnerState) bool { return slices.Contains(PartnerStates, s) }

// Roster is what staff ask of all partners, whatever their state. Empty fields
// ask nothing.
type Roster struct {
	Search  string // in names, slugs and hosts
	State   PartnerState
	Country string
	// Owing asks for those who promised a page for the banner and are not among
	// these, who placed it.
	Owing *Placed
}

// Placed are partners whose banner was seen.
type Placed map[int64]bool

// Roster lists the partners that answer, newest first, and counts those of
// each state that would answer if no state were asked for.
func (r *Register) Roster(q Roster) (found []*Partner, states map[PartnerState]int) {
	words := plaintext.SearchWords(q.Search)
	states = map[PartnerState]int{}
	for _, p := range slices.Backward(r.All()) {
		if q.Country != "" && p.Country != q.Country || !p.holds(words) {
			continue
		}
		if q.Owing != nil && !p.owes(*q.Owing) {
			continue
		}
		states[p.State]++
		if q.State == "" || p.State == q.State {
			found = append(found, p)
		}
	}
	return found, states
}

// owes says that a partner promised a page for its banner, shows its name, and
// is not among those who placed one.
func (p *Partner) owes(placed Placed) bool {
	return p.State == Active && p.MergedInto == 0 && p.Placement != "" && !placed[p.ID]
}

// holds says whether each word stands in the name, the slug or the host.
func (p *Partner) holds(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		return !strings.Contains(p.NameFolded, w) && !strings.Contains(p.Slug, w) && !strings.Contains(p.WebsiteHost, w)
	})
}

// After cuts a page out of a list: at most so many behind the partner with
// this id, from the beginning if that is not in the list. next is the id that
// asks for the page behind it, 0 on the last.
func After(list []*Partner, id int64, most int) (page []*Partner, next int64) {
	from := slices.IndexFunc(list, func(p *Partner) bool { return p.ID == id }) + 1
	page = list[from:min(len(list), from+most)]
	if from+len(page) < len(list) {
		next = page[len(page)-1].ID
	}
	return page, next
}

// RosterCountries counts all partners by country.
func (r *Register) RosterCountries() map[string]int {
	n := map[string]int{}
	for _, p := range r.All() {
		n[p.Country]++
	}
	return n
}
