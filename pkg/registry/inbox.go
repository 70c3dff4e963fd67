package registry

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/plaintext"
)

// InboxQuery is what staff ask of the inbox. Empty fields ask nothing.
type InboxQuery struct {
	States  []State // nil for all
	Search  string
	Country string
	Kind    string
	Lang    string // in which the applicant reads letters
	Claimed int64  // by this account; Unclaimed: by nobody
	Before  int64  // waiting since before this time, Unix milliseconds
	Newest  bool   // the shortest waiting first
	After   Place  // from the next one behind this place on
	Most    int
}

// Unclaimed asks for applications that nobody reads.
const Unclaimed int64 = -1

// Place is where an application stands in the order of the inbox: by the
// time since which it waits.
type Place struct{ Since, ID int64 }

// String writes a place for an address.
func (p Place) String() string { return fmt.Sprintf("%d.%d", p.Since, p.ID) }

// ParsePlace reads what String wrote; anything else is no place.
func ParsePlace(s string) (p Place) {
	if _, err := fmt.Sscanf(s, "%d.%d", &p.Since, &p.ID); err != nil {
		return Place{}
	}
	return p
}

// Place is where the application stands in the inbox.
func (a *Application) Place() Place { return Place{a.WaitingSince, a.ID} }

// Inbox lists applications, the longest waiting first unless Newest. Those whose decision
// is pending, and those merged into others, are not in it.
func (r *Registry) Inbox(ctx context.Context, q InboxQuery) ([]Application, error) {
	var rows []Application
	db := r.inbox(ctx, q)
	order, behind := "waiting_since, id", "(waiting_since, id) > (?, ?)"
	if q.Newest {
		order, behind = "waiting_since DESC, id DESC", "(waiting_since, id) < (?, ?)"
	}
	if q.After != (Place{}) {
		db = db.Where(behind, q.After.Since, q.After.ID)
	}
	// The index alone says which they are; only these rows are read.
	found := db.Select("id").Order(order).Limit(q.Most)
	if err := r.Store.Read(ctx).Where("id IN (?)", found).Order(order).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list applications: %w", err)
	}
	return rows, nil
}

// inbox is the applications a query asks for, without place and order.
func (r *Registry) inbox(ctx context.Context, q InboxQuery) *gorm.DB {
	db := r.Store.Read(ctx).Model(&Application{}).Where(r.unmerged()).Where(notPending)
	if q.States != nil {
		db = db.Where("state IN ?", q.States)
	}
	for _, word := range plaintext.SearchWords(q.Search) {
		db = db.Where(`folded LIKE ? ESCAPE '\'`, "%"+likeEscape.Replace(word)+"%")
	}
	for column, value := range map[string]string{"country": q.Country, "kind": q.Kind, "mail_lang": q.Lang} {
		if value != "" {
			db = db.Where(column+" = ?", value)
		}
	}
	if q.Claimed != 0 {
		db = db.Where("claimed_by = ?", max(q.Claimed, 0))
	}
	if q.Before != 0 {
		db = db.Where("waiting_since < ?", q.Before)
	}
	return db
}

// unmerged is notMerged for a query that counts all rows: PostgreSQL knows
// that nearly all are, but not what the sign is for.
func (r *Registry) unmerged() string {
	if r.Store.Postgres() {
		return "merged_into = 0"
	}
	return notMerged
}

// notPending leaves out what is as good as decided.
const notPending = "id NOT IN (SELECT application_id FROM decisions WHERE state = 'pending')"

// likeEscape takes the meaning from what LIKE treats specially.
var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Facet is a value that applications of the inbox have, and how many.
type Facet struct {
	Value string
	N     int64
}

// Facets are the values among the applications a query asks for, the most
// frequent first. Each list is counted as if its own filter were not set, so
// that it says what another choice would bring.
type Facets struct {
	Country, Kind, Lang []Facet
	Claimed             map[int64]int64 // by account, 0 for nobody
	All                 int64           // that answer the whole query
}

// Facets counts in one query.
func (r *Registry) Facets(ctx context.Context, q InboxQuery) (Facets, error) {
	wide := q
	wide.Country, wide.Kind, wide.Lang, wide.Claimed = "", "", "", 0
	var cells []struct {
		Country, Kind, MailLang string
		ClaimedBy, N            int64
	}
	err := r.inbox(ctx, wide).Select("country, kind, mail_lang, claimed_by, count(*) AS n").Group("country, kind, mail_lang, claimed_by").Scan(&cells).Error
	if err != nil {
		return Facets{}, fmt.Errorf("count applications by their values: %w", err)
	}
	country, kind, lang := map[string]int64{}, map[string]int64{}, map[string]int64{}
	f := Facets{Claimed: map[int64]int64{}}
	for _, c := range cells {
		fits := []bool{q.Country == "" || q.Country == c.Country, q.Kind == "" || q.Kind == c.Kind, q.Lang == "" || q.Lang == c.MailLang,
			q.Claimed == 0 || max(q.Claimed, 0) == c.ClaimedBy}
		but := func(own int) bool {
			for i, ok := range fits {
				if i != own && !ok {
					return false
				}
			}
			return true
		}
		if but(0) {
			country[c.Country] += c.N
		}
		if but(1) {
			kind[c.Kind] += c.N
		}
		if but(2) {
			lang[c.MailLang] += c.N
		}
		if but(3) {
			f.Claimed[c.ClaimedBy] += c.N
		}
		if but(-1) {
			f.All += c.N
		}
	}
	f.Country, f.Kind, f.Lang = sortedFacets(country), sortedFacets(kind), sortedFacets(lang)
	return f, nil
}

func sortedFacets(n map[string]int64) []Facet {
	list := make([]Facet, 0, len(n))
	for value, count := range n {
		list = append(list, Facet{value, count})
	}
	slices.SortFunc(list, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value)) })
	return list
}

// CountByState is how many applications stand where, as the inbox counts
// them.
func (r *Registry) CountByState(ctx context.Context) (map[State]int64, error) {
	var rows []struct {
		State State
		N     int64
	}
	err := r.inbox(ctx, InboxQuery{}).Select("state, count(*) AS n").Group("state").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count applications: %w", err)
	}
	out := map[State]int64{}
	for _, row := range rows {
		out[row.State] = row.N
	}
	return out, nil
}
