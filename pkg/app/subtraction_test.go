package app_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// campaign is one that lives: partners come, people sign and withdraw.
type campaign struct {
	*attacker
	partners []*registry.Partner
	sum      score
	mails    int
}

func newCampaign(t *testing.T, partners int) *campaign {
	t.Helper()
	c := &campaign{attacker: &attacker{T: t, app: testkit.Run(t, testkit.SQLite(t))}}
	for i := range partners {
		slug := fmt.Sprintf("group-%c", 'a'+i)
		c.partners = append(c.partners, c.app.AddPartner("Group "+strings.ToUpper(slug[6:]), slug))
	}
	return c
}

// country is where the next one signs, each in fewer and fewer of them.
func (c *campaign) country() string {
	list := []string{"KR", "FR", "DE", "US", "MT", "NR", "TO"}
	at := 0
	for n := c.mails; n%2 == 1 && at < len(list)-1; n /= 2 {
		at++
	}
	return list[at]
}

// sign lets people sign through a partner, the i-th, or directly for -1.
func (c *campaign) sign(i int, n int) {
	c.Helper()
	var entries []appeal.Entry
	for range n {
		c.mails++
		e := entry(c.T, fmt.Sprintf("person-%d@example.org", c.mails), "", false)
		e.Country = c.country()
		if i >= 0 {
			e.PartnerID = c.partners[i].ID
		}
		entries = append(entries, e)
	}
	added, err := c.app.Signatures.Add(c.Context(), c.app.Appeal.Current(), entries)
	if err != nil || added != n {
		c.Fatalf("%d added, %v", added, err)
	}
}

// lose sweeps signatures of a partner out of the count, nobody's for i < 0.
func (c *campaign) lose(i, n int) {
	c.Helper()
	partner := int64(0)
	if i >= 0 {
		partner = c.partners[i].ID
	}
	var ids []int64
	c.must(c.app.Store.Read(c.Context()).Table("signatures").Where("partner_id = ? AND state = ?", partner, appeal.Counted).Limit(n).Pluck("id", &ids).Error)
	c.must(second(c.app.Sweeps.Apply(c.Context(), appeal.Order{IDs: ids, From: appeal.Counted,
		To: appeal.Mark{State: appeal.Held, Reason: appeal.ReasonAlike}, By: operator})))
}

func (c *campaign) hide(i int, hidden bool) {
	c.Helper()
	c.must(c.app.Registry.ShowSignatures(c.Context(), c.partners[i].ID, !hidden, operator))
}

func (c *campaign) suspend(i int) {
	c.Helper()
	p, _ := c.app.Register.ByID(c.partners[i].ID)
	c.must(second(c.app.Registry.SetState(c.Context(), registry.PartnerMove{Partner: p.ID, Version: p.Version, To: registry.Suspended, By: operator,
		Words: registry.Words{Body: "We must look into something.", Lang: "en"}})))
}

func second(_ any, err error) error { return err }

func (c *campaign) merge(from, into int) {
	c.Helper()
	a, _ := c.app.Register.ByID(c.partners[from].ID)
	b, _ := c.app.Register.ByID(c.partners[into].ID)
	c.must(c.app.Registry.MergePartners(c.Context(), registry.Merge{From: a.ID, Into: b.ID, FromVersion: a.Version, IntoVersion: b.Version, By: operator}))
}

// attacked lets the attacker read and reckon.
func (c *campaign) attacked() {
	c.Helper()
	truth := map[string]int64{}
	for _, p := range c.app.Register.All() {
		if p.MergedInto != 0 {
			continue
		}
		truth[p.Slug] = c.app.Tally.PartnerSignatures(c.app.Register.Family(p.ID)...)
	}
	countries := map[string]int64{}
	for _, key := range c.app.Tally.Keys(appeal.ByCountry) {
		countries[key] = c.app.Tally.Get(appeal.ByCountry, key)
	}
	c.app.Clock.Advance(24 * time.Hour)
	_, err := c.app.Bulletins.Publish(c.Context())
	c.must(err)
	for _, t := range c.learn(c.crawl()) {
		if t.name == "countries" {
			c.sum.add(c.attack(t, countries))
		} else {
			c.sum.add(c.attack(t, truth))
		}
	}
}

// TestNothingIsWorkedOutBySubtraction lets campaigns live, and an attacker read
// everything public after each step.
func TestNothingIsWorkedOutBySubtraction(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	stories := []struct {
		name string
		live func(c *campaign)
	}{
		{"one small partner", func(c *campaign) { c.sign(0, 40); c.sign(1, 25); c.sign(2, 33); c.sign(3, 4); c.attacked() }},
		{"two small partners", func(c *campaign) { c.sign(0, 40); c.sign(1, 25); c.sign(2, 3); c.sign(3, 4); c.attacked() }},
		{"the total leaves exactly one", func(c *campaign) { c.sign(0, 60); c.sign(1, 30); c.sign(2, 1); c.attacked() }},
		{"some do not show theirs", func(c *campaign) {
			c.sign(0, 50)
			c.sign(1, 30)
			c.sign(2, 6)
			c.hide(1, true)
			c.attacked()
			c.hide(1, false)
			c.attacked()
		}},
		{"small ones merge", func(c *campaign) {
			c.sign(0, 50)
			c.sign(1, 6)
			c.sign(2, 5)
			c.attacked()
			c.merge(2, 1)
			c.attacked()
		}},
		{"one is suspended", func(c *campaign) { c.sign(0, 50); c.sign(1, 20); c.sign(2, 7); c.suspend(1); c.attacked() }},
		{"a sweep before and after", func(c *campaign) {
			c.sign(-1, 30)
			c.sign(0, 60)
			c.sign(1, 45)
			c.attacked()
			c.lose(1, 40)
			c.attacked()
			c.lose(-1, 28)
			c.attacked()
		}},
		{"one grows past ten", func(c *campaign) {
			c.sign(-1, 18)
			c.sign(0, 60)
			for range 13 {
				c.sign(1, 1)
				c.attacked()
			}
		}},
	}
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := newCampaign(t, 4)
			s.live(c)
			c.report()
		})
	}
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c, r := newCampaign(t, 6), rand.New(rand.NewPCG(seed, 6))
			c.sign(-1, 15*int(seed%3)) // so that little or much is left over
			for i := range c.partners {
				c.sign(i, r.IntN(3)+r.IntN(3)/2*(10+r.IntN(30)))
			}
			c.attacked()
			for range 12 {
				i := r.IntN(len(c.partners)+int(seed%3)) - int(seed%3)
				switch r.IntN(8) {
				case 0:
					c.lose(max(-1, i), r.IntN(8))
				case 1:
					c.hide(max(0, i), r.IntN(2) == 0)
				case 2:
					c.sign(max(0, i), 20+r.IntN(30))
				default:
					c.sign(max(-1, i), 1+r.IntN(3))
				}
				c.attacked()
			}
			c.report()
		})
	}
}

func (c *campaign) report() {
	c.Helper()
	c.Logf("%d addresses read at %d moments: %d figures told, %d kept back, of which anybody works out %d, and who knows another one %d more",
		c.read, c.sum.moments, c.sum.told, c.sum.kept, c.sum.pinned, c.sum.byInsider)
	if c.sum.pinned+c.sum.byInsider > 0 {
		c.Error("figures that are kept back can be worked out")
	}
	if c.sum.kept == 0 {
		c.Error("the story keeps nothing back")
	}
}
