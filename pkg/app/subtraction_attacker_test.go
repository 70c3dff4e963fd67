package app_test

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

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
		queue = append(queue, "/"+lang+"/", "/"+lang+"/partners.json", "/"+lang+"/partners.csv", "/"+lang+"/partners.atom", "/"+lang+"/messages", "/"+lang+"/messages.atom", "/"+lang+"/figures", "/"+lang+"/number", "/"+lang+"/figures.json", "/"+lang+"/figures.csv")
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
		case strings.HasSuffix(path, "/messages"):
			// Of the messages listed under a partner one may be its own; each of the others is a person.
			_, list, _ := strings.Cut(p.Body, `name="partner"`)
			for _, m := range regexp.MustCompile(`<option value="([a-z0-9-]+)"[^>]*>[^<]*\(([0-9]+)\)</option>`).FindAllStringSubmatch(list, -1) {
				n, err := strconv.ParseInt(m[2], 10, 64)
				at.must(err)
				narrower(m[1], n-1, endless)
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
