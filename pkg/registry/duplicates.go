package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/plaintext"
)

// Likeness is an application or a partner that may be the same organization
// as the one that is looked at.
type Likeness struct {
	Subject     string // application or partner, as in the audit trail
	ID          int64
	Name        string
	NameLatin   string
	Lang        string // of the name
	Country     string
	Reference   string // of an application
	Slug        string // of a partner
	State       string
	At          int64 // when the application was sent in, or the partner admitted
	Website     string
	WebsiteHost string
	Reasons     []Resemblance `gorm:"-"` // the strongest first
}

// Resemblance says in what two organizations are alike.
type Resemblance string

// The reasons, the strongest first. Each has a message twins.reason.<reason>.
const (
	SameSite      Resemblance = "same_site"
	SameName      Resemblance = "same_name"
	SameContact   Resemblance = "same_contact"
	LookalikeName Resemblance = "lookalike_name"
	SimilarName   Resemblance = "similar_name"
)

// Reasons of likeness, the strongest first.
var LikenessReasons = []Resemblance{SameSite, SameName, SameContact, LookalikeName, SimilarName}

// Subjects of a likeness.
const (
	subjectApplication = "application"
	subjectPartner     = "partner"
)

// mostCandidates bounds how many rows of a kind are looked at, and
// mostLikenesses how many are shown.
const (
	mostCandidates = 500
	mostLikenesses = 20
)

// traits are what likenesses are found by.
type traits struct {
	id          int64
	name, latin string
	skeletons   [2]string // of the two
	site        string
	contacts    [][]byte // keys of e-mail addresses
}

func (a *Application) traits() traits {
	return traits{a.ID, a.Name, a.NameLatin, [2]string{a.Skeleton, a.LatinSkeleton}, a.SiteKey, [][]byte{a.EmailKey}}
}

// Duplicates lists the applications and partners that may be the same
// organization as an application's, the likeliest first. Drafts are left out,
// and so are applications that were admitted, for their partner is there, and
// whatever was merged, for its target is there.
func (r *Registry) Duplicates(ctx context.Context, a *Application) ([]Likeness, error) {
	found, err := r.alike(ctx, a.traits(), a.PartnerID)
	if err != nil {
		return nil, fmt.Errorf("find duplicates of application %d: %w", a.ID, err)
	}
	return found, nil
}

// PartnerDuplicates does the same for a partner. Its contact is that of its
// representatives.
func (r *Registry) PartnerDuplicates(ctx context.Context, p *Partner) ([]Likeness, error) {
	t := traits{p.ID, p.Name, p.NameLatin, [2]string{p.Skeleton, p.LatinSkeleton}, p.SiteKey, nil}
	err := r.Store.Read(ctx).Model(&Representative{}).Where("partner_id = ?", p.ID).Pluck("email_key", &t.contacts).Error
	if err != nil {
		return nil, fmt.Errorf("read the contacts of partner %d: %w", p.ID, err)
	}
	found, err := r.alike(ctx, t, p.ID)
	if err != nil {
		return nil, fmt.Errorf("find duplicates of partner %d: %w", p.ID, err)
	}
	return found, nil
}

// alike finds what resembles the traits; except is a partner that is no
// duplicate.
func (r *Registry) alike(ctx context.Context, t traits, except int64) ([]Likeness, error) {
	var found []Likeness
	for _, s := range []source{applicationSource, partnerSource} {
		near, err := r.names.near(r.Store.Read(ctx), s, t, r.Now())
		if err != nil {
			return nil, err
		}
		rows, err := s.candidates(r.Store.Read(ctx), t, near, except)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.Subject, row.Reasons = s.subject, row.reasons(t); len(row.Reasons) > 0 {
				found = append(found, row.Likeness)
			}
		}
	}
	slices.SortFunc(found, func(a, b Likeness) int {
		if c := slices.Compare(ranks(a.Reasons), ranks(b.Reasons)); c != 0 {
			return c
		}
		return int(min(max(b.At-a.At, -1), 1))
	})
	return found[:min(len(found), mostLikenesses)], nil
}

// ranks sort: what is alike in the stronger reasons comes first, and what is
// alike in more of them before what shares only the first.
func ranks(reasons []Resemblance) []int {
	var out []int
	for _, r := range reasons {
		out = append(out, slices.Index(LikenessReasons, r))
	}
	return append(out, len(LikenessReasons))
}

// reasons name in what a candidate is like the one looked at.
func (c *candidate) reasons(t traits) []Resemblance {
	var reasons []Resemblance
	if t.site != "" && t.site == c.SiteKey {
		reasons = append(reasons, SameSite)
	}
	name := c.nameLikeness(t)
	if name == SameName {
		reasons = append(reasons, name)
	}
	if c.SameContact {
		reasons = append(reasons, SameContact)
	}
	if name != "" && name != SameName {
		reasons = append(reasons, name)
	}
	return reasons
}

// nameLikeness compares each name of the one, in its own and in Latin
// letters, with each of the other; "" if they are not alike.
func (c *candidate) nameLikeness(t traits) Resemblance {
	best := Resemblance("")
	for i, name := range []string{t.name, t.latin} {
		for j, other := range []string{c.Name, c.NameLatin} {
			look, alike := t.skeletons[i], []string{c.Skeleton, c.LatinSkeleton}[j]
			switch {
			case look == "" || alike == "":
			case look == alike && plaintext.SameName(name) == plaintext.SameName(other):
				return SameName
			case look == alike:
				best = LookalikeName
			case best == "" && plaintext.GistOf(look).Similar(plaintext.GistOf(alike)):
				best = SimilarName
			}
		}
	}
	return best
}

// source is a table in which duplicates are looked for.
type source struct {
	subject  string
	columns  string // of the row, as Likeness and traits name them
	table    string
	shown    string // which rows count; its one parameter is a partner to leave out
	contact  string // ids of rows whose contact has one of the keys
	contacts string // rows that count, with the keys of their contacts that are among some
}

var (
	applicationSource = source{subjectApplication,
		"id, name, name_latin, lang, country, website, website_host, state, skeleton, latin_skeleton, site_key, reference, submitted_at AS at",
		"applications", notMerged + " AND state <> 'draft' AND partner_id = 0",
		"SELECT id FROM applications WHERE email_key IN ?", "SELECT id, 'contact' AS what, email_key AS key FROM applications WHERE email_key IN ? AND " + notMerged + " AND state <> 'draft' AND partner_id = 0"}
	partnerSource = source{subjectPartner,
		"id, name, name_latin, lang, country, website, website_host, state, skeleton, latin_skeleton, site_key, slug, since AS at",
		"partners", notMerged,
		"SELECT partner_id FROM representatives WHERE email_key IN ?", "SELECT p.id, 'contact' AS what, r.email_key AS key FROM representatives r JOIN partners p ON p.id = r.partner_id WHERE r.email_key IN ? AND " + notMerged}
)

// notMerged are applications and partners that stand for themselves. The sign
// keeps SQLite from looking for these, which are nearly all, by their index.
const notMerged = "+merged_into = 0"

// candidate is a row that shares something with the one looked at.
type candidate struct {
	Likeness      `gorm:"embedded"`
	Skeleton      string
	LatinSkeleton string
	SiteKey       string
	SameContact   bool
}

// candidates are the rows with the same site, contact or name, found by
// index, and those whose names were found near.
func (s source) candidates(db *gorm.DB, t traits, near []int64, except int64) ([]candidate, error) {
	contacts, names := append([][]byte{nil}, t.contacts...), filled(t.skeletons[:])
	var rows []candidate
	sql := "SELECT " + s.columns + ", id IN (" + s.contact + ") AS same_contact FROM " + s.table + " WHERE id IN (" +
		"SELECT id FROM " + s.table + " WHERE site_key = ? AND site_key <> ''" +
		" UNION SELECT id FROM " + s.table + " WHERE skeleton IN ? AND skeleton <> ''" +
		" UNION SELECT id FROM " + s.table + " WHERE latin_skeleton IN ? AND latin_skeleton <> ''" +
		" UNION SELECT id FROM " + s.table + " WHERE id IN ? UNION " + s.contact + ") AND " + s.shown + " AND id NOT IN ? ORDER BY id DESC LIMIT ?"
	err := db.Raw(sql, contacts, t.site, names, names, append(near, 0), contacts, []int64{t.id, except}, mostCandidates).Scan(&rows).Error
	return rows, err
}

// filled are the values to look for by an index, without the empty one, which
// most rows have, so that a database reads them all when it is asked for.
func filled(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// DuplicateCounts says of each application of a page how many others share
// its site, its contact or a name, or look like one of its names: the reasons
// that an index finds, so that a page costs four queries whatever its length.
// Names that are only similar show on the application's own page.
func (r *Registry) DuplicateCounts(ctx context.Context, page []Application) (map[int64]int, error) {
	var sites, names []string
	var contacts [][]byte
	for _, a := range page {
		sites, names, contacts = append(sites, a.SiteKey), append(names, a.Skeleton, a.LatinSkeleton), append(contacts, a.EmailKey)
	}
	sites, names = filled(sites), filled(names)
	counts := map[int64]int{}
	if len(page) == 0 {
		return counts, nil
	}
	for _, s := range []source{applicationSource, partnerSource} {
		held := holders{}
		arm := func(column string) string {
			return "SELECT id, '" + column + "' AS what, " + column + " AS key FROM " + s.table + " WHERE " + column + " IN ? AND " + column + " <> '' AND " + s.shown
		}
		err := held.read(r.Store.Read(ctx), arm("site_key")+" UNION ALL "+arm("skeleton")+" UNION ALL "+arm("latin_skeleton"), sites, names, names)
		if err == nil {
			err = held.read(r.Store.Read(ctx), s.contacts, contacts)
		}
		if err != nil {
			return nil, fmt.Errorf("count duplicates of %d applications: %w", len(page), err)
		}
		for _, a := range page {
			counts[a.ID] += held.others(&a)
		}
	}
	return counts, nil
}

// holders are the rows that have a site, a name or a contact.
type holders map[holding][]int64

type holding struct{ what, key string }

// mostHeld bounds the rows read for one page.
const mostHeld = 5000

func (h holders) read(db *gorm.DB, sql string, keys ...any) error {
	var rows []struct {
		ID   int64
		What string
		Key  []byte
	}
	err := db.Raw(sql+" LIMIT ?", append(keys, mostHeld)...).Scan(&rows).Error
	for _, row := range rows {
		at := holding{strings.TrimPrefix(row.What, "latin_"), string(row.Key)}
		h[at] = append(h[at], row.ID)
	}
	return err
}

// others is how many rows share something with an application, itself and its
// partner left out.
func (h holders) others(a *Application) int {
	seen := map[int64]bool{a.ID: true, a.PartnerID: true}
	n := len(seen)
	for _, at := range []holding{{"site_key", a.SiteKey}, {"skeleton", a.Skeleton}, {"skeleton", a.LatinSkeleton}, {"contact", string(a.EmailKey)}} {
		for _, id := range h[at] {
			seen[id] = true
		}
	}
	return len(seen) - n
}
