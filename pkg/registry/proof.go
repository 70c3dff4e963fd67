package registry

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"olivebranch/pkg/address"
)

// ProofKind is a way in which an applicant shows that an address is theirs.
type ProofKind string

// The kinds. They are stored: never change one. Each has the messages
// proofs.kind.<kind> and proofs.how.<kind>.
const (
	ProofMailDomain ProofKind = "mail_domain" // the confirmed mail is at the site's own domain
	ProofDNS        ProofKind = "dns"         // a TXT record
	ProofMeta       ProofKind = "meta"        // a meta tag in the page
	ProofWellKnown  ProofKind = "well_known"  // a file at WellKnownPath
	ProofPost       ProofKind = "post"        // the code in a public post
	ProofEmbed      ProofKind = "embed"       // the partner's banner on its site
)

// ProofKinds are the kinds that are looked for, in the order they are
// offered. The domain of the mail is not among them: it is known.
var ProofKinds = []ProofKind{ProofDNS, ProofMeta, ProofWellKnown, ProofPost, ProofEmbed}

// NeedsPage says that the applicant names the page to look at.
func (k ProofKind) NeedsPage() bool { return k == ProofPost || k == ProofEmbed }

// Where the code stands.
const (
	TXTPrefix     = "_olivebranch." // before the host; the host itself will do
	MetaName      = "olivebranch"
	WellKnownPath = "/.well-known/olivebranch.txt"
)

// ProofState is what the looks at a proof amount to.
type ProofState string

// The states of a proof. They are stored: never change one.
const (
	ProofFound       ProofState = "found"
	ProofMissing     ProofState = "missing"
	ProofUnreachable ProofState = "unreachable"
	ProofLost        ProofState = "lost" // found once, and not at the last two looks
)

// ProofStates are all of them.
var ProofStates = []ProofState{ProofFound, ProofMissing, ProofUnreachable, ProofLost}

// Proof is a row: a sign that an applicant controls the address it names.
// Times are Unix milliseconds, 0 for never.
type Proof struct {
	ID            int64
	ApplicationID int64
	Kind          ProofKind
	Target        string // the host or page that is looked at
	State         ProofState
	Detail        string // what was seen: one of Sights, and perhaps a word
	FoundAt       int64  // when it was last seen
	CheckedAt     int64
	NextAt        int64 // when to look again by itself, 0 for never
	CreatedAt     int64
}

// Missed says that the last look did not see what is still held for found.
func (p Proof) Missed() bool { return p.State == ProofFound && p.CheckedAt > p.FoundAt }

// Saw is what the last look saw.
func (p Proof) Saw() Saw {
	sight, what, _ := strings.Cut(p.Detail, " ")
	return Saw{sight, what}
}

// Saw is one of Sights, and the word that goes with it, "" if none.
type Saw struct{ Sight, What string }

// after is the state when a look has seen this: what was found is lost only
// when two looks in a row did not find it.
func (p Proof) after(seen ProofState) ProofState {
	if seen != ProofFound && (p.Missed() || p.State == ProofLost) {
		return ProofLost
	}
	if p.State == ProofFound {
		return ProofFound
	}
	return seen
}

// Provable says that proofs may be given: the applicant's address is
// confirmed, and the application is neither refused nor taken back.
func (a *Application) Provable() bool {
	return a.VerifiedAt > 0 && slices.Contains([]State{Verified, InReview, NeedsInfo, Approved}, a.State)
}

// ProofCode is what the applicant puts on the site.
func (r *Registry) ProofCode(a *Application) string { return r.Keys.ProofCode(a.ID) }

// ProofPlace is where a code of a kind belongs on a site and what belongs
// there, in the words of machines; "" for what the applicant chooses.
func ProofPlace(site address.Website, code string, kind ProofKind) (place, copied string) {
	switch kind {
	case ProofDNS:
		return TXTPrefix + site.Host, code
	case ProofMeta:
		return site.URL, `<meta name="` + MetaName + `" content="` + code + `">`
	case ProofWellKnown:
		return site.Origin() + WellKnownPath, code
	case ProofPost:
		return "", code
	}
	return "", ""
}

// Proofs are what is known about an application's control of its address, in
// the order of the kinds, the domain of its mail first. Kinds nobody has
// looked for are left out.
func (r *Registry) Proofs(ctx context.Context, a *Application) ([]Proof, error) {
	var rows []Proof
	if err := r.Store.Read(ctx).Where("application_id = ?", a.ID).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read proofs of application %d: %w", a.ID, err)
	}
	slices.SortFunc(rows, func(x, y Proof) int { return slices.Index(ProofKinds, x.Kind) - slices.Index(ProofKinds, y.Kind) })
	mail, err := r.mailProofs(ctx, []Application{*a})
	return append(mail[a.ID], rows...), err
}

// mailProofs compare the confirmed addresses of applicants with their sites,
// those of their partners once there are some: at most one for each. They are
// never stored, so they are true whatever was corrected since.
func (r *Registry) mailProofs(ctx context.Context, applications []Application) (map[int64][]Proof, error) {
	var partners []int64
	for _, a := range applications {
		if a.PartnerID != 0 {
			partners = append(partners, a.PartnerID)
		}
	}
	var sites []Partner
	if len(partners) > 0 {
		if err := r.Store.Read(ctx).Select("id", "website", "website_host").Where("id IN ?", partners).Find(&sites).Error; err != nil {
			return nil, fmt.Errorf("read the sites of partners: %w", err)
		}
	}
	out := map[int64][]Proof{}
	for _, a := range applications {
		if i := slices.IndexFunc(sites, func(p Partner) bool { return p.ID == a.PartnerID }); i >= 0 {
			a.Website, a.WebsiteHost = sites[i].Website, sites[i].WebsiteHost
		}
		if p, ok := mailProof(a); ok {
			out[a.ID] = []Proof{p}
		}
	}
	return out, nil
}

func mailProof(a Application) (Proof, bool) {
	if a.VerifiedAt == 0 {
		return Proof{}, false
	}
	p := Proof{ApplicationID: a.ID, Kind: ProofMailDomain, Target: a.EmailDomain, State: ProofMissing, CheckedAt: a.VerifiedAt}
	own := address.Domain(a.WebsiteHost)
	switch {
	case address.FreeMail(a.EmailDomain), address.FreeMail(own):
		p.Detail = sawFreeMail
	case own == "" || address.Domain(a.EmailDomain) != own || address.SiteKey(a.Website) != own: // a tenant of a shared host does not speak for it
		p.Detail = sawForeign
	default:
		p.State, p.Detail, p.FoundAt = ProofFound, sawSame, a.VerifiedAt
	}
	return p, true
}

// onSite says that a page is at the host of a site or below it.
func onSite(page, site address.Website) bool {
	own := strings.TrimPrefix(site.Host, "www.")
	return page.Host == own || strings.HasSuffix(page.Host, "."+own)
}

// partOfSite says that a page is part of a site: on its host, and under its
// path. Many organizations share a host, and each has a path there; where it
// is known how such a host tells them apart, that decides.
func partOfSite(page, site address.Website) bool {
	if key := address.SiteKey(site.URL); key != "" && key != address.Domain(site.Host) {
		return address.SiteKey(page.URL) == key
	}
	root, at := strings.TrimSuffix(pathOf(site), "/"), pathOf(page)
	return onSite(page, site) && (at == root || strings.HasPrefix(at, root+"/"))
}

// pathOf is where servers look for a page: dots in it climb, however they
// are escaped.
func pathOf(w address.Website) string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	return path.Clean("/" + u.Path)
}
