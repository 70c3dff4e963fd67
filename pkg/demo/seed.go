package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"olivebranch/pkg/address"
	appeals "olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/design"
	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/report"
	"olivebranch/pkg/staff"
)

// The demo's staff account, shown on its sign-in page, and that of a
// colleague, with the same password.
const (
	StaffMail     = "demo@olivebranch.test"
	ColleagueMail = "mina@olivebranch.test"
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
	Sweeps     *appeals.Sweeps
	Messages   *appeals.Messages
	Reports    *report.Reports
	Registry   *registry.Registry
	Register   *registry.Register
	Designs    *design.Designs
	Staff      *staff.Staff
	Places     *placement.Places
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
	colleague, err := seedStaff(ctx, p)
	if err != nil {
		return fmt.Errorf("seed staff: %w", err)
	}
	for _, name := range protected {
		if err := p.Registry.Protect(ctx, name, audit.Actor{Kind: audit.Program}); err != nil {
			return fmt.Errorf("protect %s: %w", name, err)
		}
	}
	ids, err := seedRegister(ctx, p, c, colleague, now)
	if err != nil {
		return fmt.Errorf("seed the register: %w", err)
	}
	p.Clock(now)
	if err := seedNetworks(ctx, p, c); err != nil {
		return fmt.Errorf("seed networks: %w", err)
	}
	if err := seedDesigns(ctx, p, c.Look.Designs, now); err != nil {
		return fmt.Errorf("seed designs: %w", err)
	}
	if err := seedLooks(ctx, p, c.Look.Looks, ids); err != nil {
		return fmt.Errorf("seed what partners make of their banners: %w", err)
	}
	places, err := seedPlaces(ctx, p, c, ids, now)
	if err != nil {
		return fmt.Errorf("seed where banners appear: %w", err)
	}
	if err := seedHeld(ctx, p, c, ids, now); err != nil {
		return fmt.Errorf("seed held signatures: %w", err)
	}
	if err := seedSignatures(ctx, p, newDraw(c, ids, places, now), signatures); err != nil {
		return fmt.Errorf("seed signatures: %w", err)
	}
	if err := seedMessages(ctx, p, c, ids); err != nil {
		return fmt.Errorf("seed messages: %w", err)
	}
	return nil
}

func seedAppeal(ctx context.Context, p Parts, a appeal) error {
	bodies := appeals.Bodies{}
	for lang, t := range a.Texts {
		demands := ""
		for _, d := range t.Demands {
			demands += d + "\n"
		}
		bodies[lang] = map[appeals.Field]string{
			appeals.Campaign: t.Campaign, appeals.Title: t.Title, appeals.Summary: t.Summary, appeals.Body: t.Body,
			appeals.Demands: demands, appeals.Slogan: t.Slogan, appeals.Controller: t.Controller, appeals.Recipients: t.Recipients,
		}
	}
	if err := p.Appeal.SaveTexts(ctx, bodies, 0); err != nil {
		return err
	}
	return p.Appeal.SetGoal(ctx, a.Goal)
}

// seedStaff makes the two accounts, and returns the colleague's id.
func seedStaff(ctx context.Context, p Parts) (colleague int64, err error) {
	for _, n := range []staff.NewAccount{{Email: StaffMail, Name: "Demo", Lang: "en", Role: staff.Admin}, {Email: ColleagueMail, Name: "Mina", Lang: "ko", Role: staff.Reviewer}} {
		n.Password = StaffPassword
		who, err := p.Staff.Add(ctx, n, audit.Actor{Kind: audit.Program})
		if err != nil {
			return 0, err
		}
		colleague = who.ID
	}
	return colleague, nil
}

// history is what happened to the organizations, in the order of time.
type history struct {
	Parts
	colleague    audit.Actor
	applications map[string]int64 // by slug
	partners     map[string]int64
	moments      []moment
}

// moment is something that happened at a time.
type moment struct {
	at time.Time
	do func(ctx context.Context) error
}

func (h *history) then(at time.Time, what, slug string, do func(ctx context.Context) error) {
	h.moments = append(h.moments, moment{at, func(ctx context.Context) error {
		if err := do(ctx); err != nil {
			return fmt.Errorf("%s: %s: %w", slug, what, err)
		}
		return nil
	}})
}

// seedRegister walks each organization through its application, lets the
// deeds of the desk happen, and returns the partners' ids by slug.
func seedRegister(ctx context.Context, p Parts, c *content, colleague int64, now time.Time) (map[string]int64, error) {
	h := &history{Parts: p, colleague: audit.Actor{Kind: audit.Staff, ID: colleague}, applications: map[string]int64{}, partners: map[string]int64{}}
	all := slices.Clone(c.Partners)
	slices.SortStableFunc(all, func(a, b partner) int { return b.AgeDays - a.AgeDays })
	for i, o := range all {
		applied := now.AddDate(0, 0, -o.AgeDays).Add(-time.Duration(i%20+1) * 17 * time.Minute)
		h.then(applied, "apply", o.Slug, func(ctx context.Context) error { return h.apply(ctx, o) })
		if o.State != "draft" && o.State != "submitted" {
			settled := applied.Add(time.Duration(min(o.AgeDays, 2)) * 20 * time.Hour)
			h.then(settled, "become "+o.State, o.Slug, func(ctx context.Context) error { return h.settle(ctx, o) })
		}
	}
	for _, d := range c.Deeds {
		h.then(d.at(now), d.What, d.On, func(ctx context.Context) error { return deeds[d.What](h, ctx, d) })
	}
	slices.SortStableFunc(h.moments, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range h.moments {
		p.Clock(m.at)
		if err := m.do(ctx); err != nil {
			return nil, err
		}
	}
	return h.partners, nil
}

// apply takes an organization as far as it comes by itself.
func (h *history) apply(ctx context.Context, o partner) error {
	if o.State == "draft" {
		_, err := h.Registry.SaveDraft(ctx, o.form())
		return err
	}
	a, err := h.Registry.Apply(ctx, o.form())
	if err != nil || o.State == "submitted" {
		return err
	}
	h.applications[o.Slug] = a.ID
	if a, err = h.Registry.ConfirmAddress(ctx, a.ID); err != nil {
		return err
	}
	if a, err = h.Registry.SetMessage(ctx, a.Link(), o.Message); err != nil || o.Speaker == "" {
		return err
	}
	_, err = h.Registry.NameSpeaker(ctx, a.Link(), o.Speaker, "speaker@"+o.Slug+".test")
	return err
}

// settle brings an application or partner into the state the demo wants.
func (h *history) settle(ctx context.Context, o partner) error {
	id := h.applications[o.Slug]
	switch o.State {
	case "verified":
		return nil
	case "in_review":
		return h.Registry.Review(ctx, id, h.colleague)
	case "needs_info":
		return h.Registry.AskBack(ctx, registry.Decision{Application: id, By: h.colleague, Questions: []string{"what_you_do", "independent_links"}})
	case "declined":
		return h.Registry.Decline(ctx, registry.Decision{Application: id, By: h.colleague, Reason: "not_verifiable"})
	case "withdrawn":
		_, err := h.Registry.Withdraw(ctx, id)
		return err
	}
	admitted, err := h.Registry.Approve(ctx, registry.Decision{Application: id, By: h.colleague, Slug: o.Slug})
	if err != nil {
		return err
	}
	h.partners[o.Slug] = admitted.ID
	if state := registry.PartnerState(o.State); state != registry.Active {
		_, err = h.Registry.SetState(ctx, registry.PartnerMove{Partner: admitted.ID, Version: registry.AnyVersion, To: state, By: h.colleague, Words: registry.Words{Body: "Your site shows our name beside another campaign's form.", Lang: "en"}})
	}
	return err
}

func (o partner) form() registry.Form {
	mail, consents := "contact@"+o.Slug+".test", registry.ConsentPledge|registry.ConsentContact|registry.ConsentAuthorised
	if o.OwnMail {
		mail = "contact@" + strings.TrimPrefix(o.Website, "https://")
	}
	if o.Speaker != "" {
		consents &^= registry.ConsentAuthorised
	}
	return registry.Form{
		Profile: registry.Profile{Name: o.Name, NameLatin: o.NameLatin, Website: o.Website, Country: o.Country, Kind: o.Kind,
			About: o.About, Reach: o.Reach, Placement: o.Website, Lang: o.Lang},
		Contact:  registry.Contact{Name: o.ContactName, Role: o.ContactRole, Email: mail, Lang: o.MailLang},
		Consents: consents,
	}
}

// chunk is how many signatures are written at a time.
const chunk = 1000

func seedSignatures(ctx context.Context, p Parts, draw *draw, n int) error {
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
	slugs     []int64           // partner ids in the order of partners; the last is 0, nobody
	places    map[int64][]int64 // where the partners' banners stand
	names     map[string]names
}

func newDraw(c *content, ids map[string]int64, places map[int64][]int64, now time.Time) *draw {
	d := &draw{c: c, places: places, rand: rand.New(rand.NewPCG(1953, 727)), now: now, names: map[string]names{}}
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
	if at := d.places[e.PartnerID]; len(at) > 0 && i%3 > 0 && ago < placeDays*24*time.Hour {
		e.Placement = at[i/3%len(at)]
	}
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
