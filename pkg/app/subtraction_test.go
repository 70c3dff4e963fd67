package app_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// attacker knows nothing but what the program shows to everybody: it reads
// every public page, file and picture, in every language, and reckons.
type attacker struct {
	*testing.T
	app  *testkit.App
	read int // addresses
}

// span is what a figure can be.
type span struct{ lo, hi int64 }

// endless is more than anybody signs.
const endless = 1 << 40

// knows makes a span narrower.
func (s span) knows(lo, hi int64) span { return span{max(s.lo, lo), min(s.hi, hi)} }

// table is figures that sum up to a total that is known, and what is read of
// each by itself.
type table struct {
	name  string
	total int64
	cells map[string]span
	rest  bool  // others are in the total, of whom nothing is read
	least int64 // of each cell, because it is listed
}

// know adds what the people of one party know of it; "" is nobody. Those of a
// party of which nothing is read take theirs out of the rest.
func (t *table) know(insider string, truth map[string]int64) {
	if _, read := t.cells[insider]; read {
		t.cells[insider] = span{truth[insider], truth[insider]}
	} else if t.rest {
		t.total -= truth[insider]
	}
}

// narrow solves the table: which values each figure can have.
func (t table) narrow() map[string]span {
	var los, his int64
	for _, s := range t.cells {
		los, his = los+s.lo, his+s.hi
	}
	if t.rest {
		his += endless
	}
	out := map[string]span{}
	for k, s := range t.cells {
		out[k] = s.knows(t.total-(his-s.hi), t.total-(los-s.lo))
	}
	return out
}

// slug is a partner's, in the address of its page.
var slug = regexp.MustCompile(`/partners/([a-z0-9-]+)$`)

// crawl reads everything that can be reached from the appeal, and every banner.
func (at *attacker) crawl() map[string]*testkit.Page {
	at.Helper()
	visitor, seen := at.app.Client(), map[string]*testkit.Page{}
	var queue []string
	for _, lang := range testkit.Languages(at) {
		queue = append(queue, "/"+lang+"/", "/"+lang+"/partners.json", "/"+lang+"/partners.csv", "/"+lang+"/partners.atom", "/"+lang+"/figures", "/"+lang+"/number", "/"+lang+"/figures.json", "/"+lang+"/figures.csv")
	}
	inside := regexp.MustCompile(`^/[a-z]{2}/[^?]*$`) // the days before were read then
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, known := seen[path]; known {
			continue
		}
		p := visitor.Get(path)
		seen[path] = p
		if m := slug.FindStringSubmatch(path); m != nil {
			for _, of := range []string{"", "/tally.json", "/shields.json", "/bar.svg", "/card.svg", "/label.svg"} {
				queue = append(queue, "/embed/"+m[1]+of)
			}
		}
		if p.Doc == nil || strings.HasPrefix(path, "/embed/") {
			continue
		}
		p.Each(func(n *html.Node) {
			for _, a := range n.Attr {
				if to, _, _ := strings.Cut(a.Val, "#"); n.Data == "a" && a.Key == "href" && inside.MatchString(to) {
					queue = append(queue, to)
				}
			}
		})
	}
	at.read += len(seen)
	return seen
}

// learn makes tables of what it read.
func (at *attacker) learn(pages map[string]*testkit.Page) []table {
	at.Helper()
	en := at.app.Catalogues.For("en")
	partners := table{name: "partners", cells: map[string]span{}, rest: true}
	narrower := func(slug string, lo, hi int64) {
		if _, known := partners.cells[slug]; !known {
			partners.cells[slug] = span{0, endless}
		}
		partners.cells[slug] = partners.cells[slug].knows(lo, hi)
	}
	covered, written := map[string]bool{}, map[string]string{}
	for path, p := range pages {
		if p.Status != 200 {
			continue
		}
		if m := regexp.MustCompile(`^/embed/[a-z0-9-]+(/(?:shields|bar|card|label)\.[a-z]+)?$`).FindStringSubmatch(path); m != nil {
			// What a banner writes is the same for all partners, but for their names.
			numbers := strings.Join(regexp.MustCompile(`[0-9][0-9,.]*`).FindAllString(strings.Join(regexp.MustCompile(`>[^<]+<|"message":"[^"]*"`).FindAllString(p.Body, -1), " "), -1), " ")
			if other, known := written[m[1]]; known && other != numbers {
				at.Errorf("%s writes the numbers %s, and another partner's %s", path, numbers, other)
			}
			written[m[1]] = numbers
		}
		switch {
		case strings.HasSuffix(path, "/tally.json"):
			var got tally
			at.must(json.Unmarshal([]byte(p.Body), &got))
			partners.total = got.Signatures
			if got.PartnerSignatures != nil {
				narrower(got.Partner, *got.PartnerSignatures, *got.PartnerSignatures)
			}
		case strings.HasSuffix(path, "/partners.json"):
			var got struct {
				Partners []struct {
					Slug       string
					Signatures *int64
				}
			}
			at.must(json.Unmarshal([]byte(p.Body), &got))
			for _, row := range got.Partners {
				narrower(row.Slug, 0, endless)
				if row.Signatures != nil {
					narrower(row.Slug, *row.Signatures, *row.Signatures)
				}
			}
		case strings.HasSuffix(path, "/partners.csv"):
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\uFEFF"))).ReadAll()
			at.must(err)
			slug, signatures := slices.Index(rows[0], "slug"), slices.Index(rows[0], "signatures")
			for _, row := range rows[1:] {
				narrower(row[slug], 0, endless)
				if n, err := strconv.ParseInt(row[signatures], 10, 64); err == nil {
					narrower(row[slug], n, n)
				}
			}
		case slug.MatchString(path) && strings.HasPrefix(path, "/en/"):
			slug := slug.FindStringSubmatch(path)[1]
			words := definition(p, en.T("partner.brought"))
			if n, err := strconv.ParseInt(strings.ReplaceAll(words, ",", ""), 10, 64); err == nil {
				narrower(slug, n, n)
			} else if words == en.T("partner.under_ten") {
				narrower(slug, 0, 9)
			} else if words != "" {
				covered[slug] = true
			}
		}
	}
	// A figure that covers others is not small, for small ones read otherwise,
	// unless all of them read the same.
	few := slices.ContainsFunc(slices.Collect(maps.Values(partners.cells)), func(s span) bool { return s.hi < endless })
	for slug := range covered {
		if few {
			narrower(slug, 10, endless)
		}
	}
	return append(at.bulletin(pages), partners)
}

// bulletin makes tables of what is published once a day.
func (at *attacker) bulletin(pages map[string]*testkit.Page) []table {
	at.Helper()
	p := pages["/en/figures.json"]
	if p == nil || p.Status != 200 {
		return nil
	}
	type row struct {
		Key        string
		Signatures *int64
		Told       string
	}
	var got struct {
		Counted   int64
		Countries []row
		Partners  []row
	}
	at.must(json.Unmarshal([]byte(p.Body), &got))
	partners := table{name: "partners", total: got.Counted, cells: map[string]span{}, rest: true}
	for path := range pages {
		if m := slug.FindStringSubmatch(path); m != nil {
			partners.cells[m[1]] = span{0, endless}
		}
	}
	for _, r := range got.Partners {
		partners.cells[r.Key] = span{*r.Signatures, *r.Signatures}
	}
	countries := table{name: "countries", total: got.Counted, cells: map[string]span{}, least: 1}
	few := slices.ContainsFunc(got.Countries, func(r row) bool { return r.Told != "covered" })
	for _, r := range got.Countries {
		switch {
		case r.Signatures != nil:
			countries.cells[r.Key] = span{*r.Signatures, *r.Signatures}
		case r.Told == "few":
			countries.cells[r.Key] = span{1, 9}
		case few:
			countries.cells[r.Key] = span{10, endless}
		default:
			countries.cells[r.Key] = span{1, endless}
		}
	}
	return []table{partners, countries}
}

// definition is what a page's list says beside a term, "" if the term is not
// there.
func definition(p *testkit.Page, term string) (said string) {
	var last string
	p.Each(func(n *html.Node) {
		var b strings.Builder
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
			}
		}
		switch {
		case n.Data == "dt":
			last = strings.TrimSpace(b.String())
		case n.Data == "dd" && last == term:
			said = strings.TrimSpace(b.String())
		}
	})
	return said
}

func (at *attacker) must(err error) {
	at.Helper()
	if err != nil {
		at.Fatal(err)
	}
}

// score is how an attack went.
type score struct{ moments, kept, pinned, byInsider, told int }

func (s *score) add(o score) {
	s.moments, s.kept, s.pinned, s.byInsider, s.told = s.moments+o.moments, s.kept+o.kept, s.pinned+o.pinned, s.byInsider+o.byInsider, s.told+o.told
}

// attack counts the figures of a table that can be told to within two values,
// by anybody, or by somebody who knows one of the others. truth is what they
// are: a reckoning that misses it is wrong itself.
func (at *attacker) attack(t table, truth map[string]int64) (s score) {
	at.Helper()
	s.moments = 1
	for insider := range t.cells {
		if t.cells[insider].lo == t.cells[insider].hi {
			s.told++
		}
	}
	try := func(insider string) map[string]span {
		with := t
		with.cells = maps.Clone(t.cells)
		with.know(insider, truth)
		return with.narrow()
	}
	tried := append([]string{""}, slices.Sorted(maps.Keys(truth))...)
	found := map[string]string{}
	for _, insider := range tried {
		// What the total says by itself cannot be kept back.
		alone := table{total: t.total, cells: map[string]span{}, rest: t.rest}
		for k := range t.cells {
			alone.cells[k] = span{min(t.least, t.total), endless}
		}
		alone.know(insider, truth)
		floor := alone.narrow()
		for k, got := range try(insider) {
			if truth[k] < got.lo || truth[k] > got.hi {
				at.Fatalf("%s %s is %d, and the attacker believes it in %v", t.name, k, truth[k], got)
			}
			kept := t.cells[k].lo != t.cells[k].hi && k != insider && !(t.cells[k].lo >= 10)
			if kept && got.hi-got.lo < 2 && floor[k].hi-floor[k].lo >= 2 || kept && got.lo == got.hi && floor[k].lo != floor[k].hi {
				if _, known := found[k]; !known {
					found[k] = insider
				}
			}
		}
	}
	for k, c := range t.cells {
		if c.lo == c.hi {
			continue
		}
		s.kept++
		if insider, ok := found[k]; ok && insider == "" {
			s.pinned++
		} else if ok {
			s.byInsider++
		}
	}
	return s
}

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
