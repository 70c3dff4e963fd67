package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"olivebranch/pkg/address"
	appeals "olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/design"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
)

// The demo's staff account, shown on its sign-in page.
const (
	StaffMail     = "demo@olivebranch.test"
	StaffPassword = "olive-branch-demo"
)

// Signatures is how many the demo has, over the days of a year.
const Signatures = 25_000

const days = 365

// protected are names that some like to pass for.
var protected = []string{"United Nations", "un.org", "유엔", "الأمم المتحدة", "Organisation des Nations unies", "International Red Cross"}

// Parts are the domains the demo is put into. Clock sets the time at which
// they believe a thing happens; their outbox must send nothing.
type Parts struct {
	Appeal     *appeals.Appeal
	Signatures *appeals.Signatures
	Registry   *registry.Registry
	Designs    *design.Designs
	Staff      *staff.Staff
	Clock      func(t time.Time)
}

// Seed writes the demo's world as of now, through the rules of the domains:
// organizations apply and are approved, and signatures are counted. The same
// moment gives the same world.
func Seed(ctx context.Context, p Parts, now time.Time, signatures int) error {
	c, err := load()
	if err != nil {
		return err
	}
	p.Clock(now.AddDate(0, 0, -days-1))
	if err := seedAppeal(ctx, p, c.Appeal); err != nil {
		return fmt.Errorf("seed the appeal: %w", err)
	}
	if _, err := p.Staff.Add(ctx, staff.NewAccount{Email: StaffMail, Name: "Demo", Password: StaffPassword, Lang: "en", Role: staff.Admin}, audit.Actor{Kind: audit.Program}); err != nil {
		return fmt.Errorf("seed staff: %w", err)
	}
	for _, name := range protected {
		if err := p.Registry.Protect(ctx, name, audit.Actor{Kind: audit.Program}); err != nil {
			return fmt.Errorf("protect %s: %w", name, err)
		}
	}
	ids, err := seedPartners(ctx, p, c.Partners, now)
	if err != nil {
		return fmt.Errorf("seed partners: %w", err)
	}
	p.Clock(now)
	if err := seedDesigns(ctx, p, c.Look.Designs, now); err != nil {
		return fmt.Errorf("seed designs: %w", err)
	}
	if err := seedLooks(ctx, p, c.Look.Looks, ids); err != nil {
		return fmt.Errorf("seed what partners make of their banners: %w", err)
	}
	if err := seedSignatures(ctx, p, c, ids, now, signatures); err != nil {
		return fmt.Errorf("seed signatures: %w", err)
	}
	return nil
}

func seedAppeal(ctx context.Context, p Parts, a appeal) error {
	for lang, t := range a.Texts {
		demands := ""
		for _, d := range t.Demands {
			demands += d + "\n"
		}
		err := p.Appeal.SaveTexts(ctx, lang, map[appeals.Field]string{
			appeals.Campaign: t.Campaign, appeals.Title: t.Title, appeals.Summary: t.Summary, appeals.Body: t.Body,
			appeals.Demands: demands, appeals.Slogan: t.Slogan, appeals.Controller: t.Controller, appeals.Recipients: t.Recipients,
		}, 0)
		if err != nil {
			return err
		}
	}
	return p.Appeal.SetGoal(ctx, a.Goal)
}

// seedPartners walks each organization through its application, oldest
// first, and returns the partners' ids by slug.
func seedPartners(ctx context.Context, p Parts, all []partner, now time.Time) (map[string]int64, error) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b partner) int { return b.AgeDays - a.AgeDays })
	ids := map[string]int64{}
	reviewer := audit.Actor{Kind: audit.Program}
	for i, o := range all {
		applied := now.AddDate(0, 0, -o.AgeDays).Add(-time.Duration(i%20+1) * 17 * time.Minute)
		p.Clock(applied)
		if o.State == "draft" {
			if _, err := p.Registry.SaveDraft(ctx, o.form()); err != nil {
				return nil, fmt.Errorf("%s begins to apply: %w", o.Slug, err)
			}
			continue
		}
		a, err := p.Registry.Apply(ctx, o.form())
		if err != nil {
			return nil, fmt.Errorf("%s applies: %w", o.Slug, err)
		}
		if o.State == "submitted" {
			continue
		}
		if a, err = p.Registry.ConfirmAddress(ctx, a.ID); err == nil {
			_, err = p.Registry.SetMessage(ctx, a.Link(), o.Message)
		}
		if err != nil {
			return nil, fmt.Errorf("%s confirms: %w", o.Slug, err)
		}
		p.Clock(applied.Add(time.Duration(min(o.AgeDays, 2)) * 20 * time.Hour))
		if err := settle(ctx, p, o, a.ID, reviewer, ids); err != nil {
			return nil, fmt.Errorf("%s becomes %s: %w", o.Slug, o.State, err)
		}
	}
	return ids, nil
}

// settle brings an application or partner into the state the demo wants.
func settle(ctx context.Context, p Parts, o partner, id int64, by audit.Actor, ids map[string]int64) error {
	switch o.State {
	case "verified":
		return nil
	case "in_review":
		return p.Registry.Review(ctx, id, by)
	case "needs_info":
		return p.Registry.AskBack(ctx, registry.Decision{Application: id, By: by, Questions: []string{"what_you_do", "independent_links"}})
	case "declined":
		return p.Registry.Decline(ctx, registry.Decision{Application: id, By: by, Reason: "not_verifiable"})
	case "withdrawn":
		_, err := p.Registry.Withdraw(ctx, id)
		return err
	}
	admitted, err := p.Registry.Approve(ctx, registry.Decision{Application: id, By: by, Slug: o.Slug})
	if err != nil {
		return err
	}
	ids[o.Slug] = admitted.ID
	if state := registry.PartnerState(o.State); state != registry.Active {
		_, err = p.Registry.SetState(ctx, registry.PartnerMove{Partner: admitted.ID, Version: registry.AnyVersion, To: state, By: by})
	}
	return err
}

func (o partner) form() registry.Form {
	return registry.Form{
		Profile: registry.Profile{Name: o.Name, NameLatin: o.NameLatin, Website: o.Website, Country: o.Country, Kind: o.Kind,
			About: o.About, Reach: o.Reach, Placement: o.Website, Lang: o.Lang},
		Contact:  registry.Contact{Name: o.ContactName, Role: o.ContactRole, Email: "contact@" + o.Slug + ".test", Lang: o.MailLang},
		Consents: registry.ConsentPledge | registry.ConsentContact | registry.ConsentAuthorised,
	}
}

// chunk is how many signatures are written at a time.
const chunk = 1000

func seedSignatures(ctx context.Context, p Parts, c *content, ids map[string]int64, now time.Time, n int) error {
	draw := newDraw(c, ids, now)
	current := p.Appeal.Current()
	for start := 0; start < n; start += chunk {
		entries := make([]appeals.Entry, 0, chunk)
		for i := start; i < min(n, start+chunk); i++ {
			entries = append(entries, draw.entry(i, n))
		}
		if _, err := p.Signatures.Add(ctx, current, entries); err != nil {
			return err
		}
	}
	return nil
}

// draw makes signers. Its randomness has a fixed seed.
type draw struct {
	c         *content
	rand      *rand.Rand
	now       time.Time
	countries []int // cumulative weights
	partners  []int
	slugs     []int64 // partner ids in the order of partners; the last is 0, nobody
	names     map[string]names
}

func newDraw(c *content, ids map[string]int64, now time.Time) *draw {
	d := &draw{c: c, rand: rand.New(rand.NewPCG(1953, 727)), now: now, names: map[string]names{}}
	sum := 0
	for _, country := range c.Countries {
		sum += country.Weight
		d.countries = append(d.countries, sum)
	}
	sum = 0
	for _, o := range c.Partners {
		if id, ok := ids[o.Slug]; ok && o.Weight > 0 {
			sum += o.Weight
			d.partners, d.slugs = append(d.partners, sum), append(d.slugs, id)
		}
	}
	d.partners, d.slugs = append(d.partners, sum+sum/2), append(d.slugs, 0) // a third comes by itself
	for _, n := range c.Names {
		d.names[n.Country] = n
	}
	return d
}

// pick returns an index with the probability its cumulative weight gives it.
func (d *draw) pick(cumulative []int) int {
	at := d.rand.IntN(cumulative[len(cumulative)-1])
	i, _ := slices.BinarySearch(cumulative, at+1)
	return i
}

// entry makes the i-th of n signers, oldest first, with more of them towards
// the end, as campaigns grow.
func (d *draw) entry(i, n int) appeals.Entry {
	country := d.c.Countries[d.pick(d.countries)]
	who, ok := d.names[country.Code]
	if !ok {
		who = d.c.Names[d.rand.IntN(len(d.c.Names))]
	}
	share := 1 - float64(i)/float64(n)
	ago := time.Duration(share * share * float64(days*24) * float64(time.Hour))
	mail, _ := address.ParseMail(fmt.Sprintf("signer-%d@example.test", i))
	e := appeals.Entry{Name: who.full(d.rand.IntN(8), d.rand.IntN(8)), Mail: mail, Country: country.Code, Lang: country.Lang,
		Origin: appeals.Online, PartnerID: d.slugs[d.pick(d.partners)], Confirmed: d.now.Add(-ago - time.Minute)}
	for _, tick := range []appeals.Consents{appeals.ConsentShowName, appeals.ConsentHandover, appeals.ConsentUpdates} {
		if d.rand.IntN(2) == 0 {
			e.Consents |= tick
		}
	}
	// The messages are spread over the signers; their writers show their names.
	if every := n / len(d.c.Messages); every > 0 && i%every == every-1 && i/every < len(d.c.Messages) {
		m := d.c.Messages[i/every]
		e.Name, e.Country, e.Message, e.Spoken, e.Shown = m.Name, m.Country, m.Body, m.Lang, i/every%7 != 6
		e.Consents |= appeals.ConsentShowName
	}
	return e
}
