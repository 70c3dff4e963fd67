package site

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/feeds"
	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/view"
)

// onWall is how much one page of the wall holds, so that it stays small; feed
// is the same for its Atom.
var onWall, inFeed = appeal.Bounds{Messages: 24, Bytes: 16_000}, appeal.Bounds{Messages: 50, Bytes: 100_000}

// mostPartnersOffered is how many partners the wall can be narrowed to by a
// list; the others' pages lead there.
const mostPartnersOffered = 30

// messagesPage is the wall of solidarity.
type messagesPage struct {
	view.Page
	Asked     wallAsked
	Spoken    []option // languages
	Countries []option
	Partners  []option
	Found     int
	Messages  []shownMessage
	Newer     string // addresses of the pages beside it, "" for none
	Older     string
	Feed      string
}

// wallAsked is what a visitor asks of the wall; what makes no sense asks
// nothing.
type wallAsked struct {
	Lang, Country string
	Partner       *registry.Partner
}

// Any says whether anything is asked.
func (a wallAsked) Any() bool { return a != wallAsked{} }

// query is the part of an address that asks the same, with more after it.
func (a wallAsked) query(pairs ...string) string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("language", a.Lang)
	set("country", a.Country)
	if a.Partner != nil {
		set("partner", a.Partner.Slug)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		set(pairs[i], pairs[i+1])
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

func (s *Site) wallAsked(c echo.Context) wallAsked {
	var a wallAsked
	if l := c.QueryParam("language"); locale.OwnName(l) != l {
		a.Lang = l
	}
	if code := c.QueryParam("country"); locale.IsCountry(code) {
		a.Country = code
	}
	if p, ok := s.Register.Active(c.QueryParam("partner")); ok {
		a.Partner = p
	}
	return a
}

// selectWall finds what is asked for. People are listed under the partner they
// came through only where their number is told: the list has it.
func (s *Site) selectWall(a wallAsked) *appeal.Selection {
	q := appeal.WallQuery{Lang: a.Lang, Country: a.Country, Listed: func(id int64) bool { return s.Told(id).Telling == disclosure.Told }}
	if a.Partner != nil {
		q.Partners = s.Register.Family(a.Partner.ID)
	}
	return s.Messages.Select(q)
}

func (s *Site) showMessages(c echo.Context) error {
	page := &messagesPage{Page: s.base(c, "messages.page"), Asked: s.wallAsked(c)}
	found := s.selectWall(page.Asked)
	ctx, turn, key := c.Request().Context(), s.Messages.After, messageKey(c.QueryParam("after"))
	if before := messageKey(c.QueryParam("before")); before != (appeal.MessageKey{}) {
		turn, key = s.Messages.Before, before
	}
	list, err := turn(ctx, found, key, onWall)
	if err != nil {
		return err
	}
	page.Found = found.Len()
	for _, m := range list.Messages {
		shown := s.shownMessage(page.Page, m)
		shown.Reportable = true
		page.Messages = append(page.Messages, shown)
	}
	at := "/" + page.Lang() + "/messages"
	if list.Newer != nil {
		page.Newer = at + page.Asked.query("before", keyText(*list.Newer))
	}
	if list.Older != nil {
		page.Older = at + page.Asked.query("after", keyText(*list.Older))
	}
	page.Feed = at + ".atom" + page.Asked.query()
	s.offerFacets(page, found)
	return s.Render(c, http.StatusOK, "site/messages", page)
}

// keyText is a place of the wall in an address.
func keyText(k appeal.MessageKey) string {
	return strconv.FormatInt(k.At, 10) + "." + strconv.FormatInt(k.ID, 10)
}

// messageKey reads it; zero for what is none.
func messageKey(text string) appeal.MessageKey {
	at, id, _ := strings.Cut(text, ".")
	var k appeal.MessageKey
	var err error
	if k.At, err = strconv.ParseInt(at, 10, 64); err == nil {
		k.ID, err = strconv.ParseInt(id, 10, 64)
	}
	if err != nil {
		return appeal.MessageKey{}
	}
	return k
}

// offerFacets fills the lists the wall can be narrowed by.
func (s *Site) offerFacets(page *messagesPage, found *appeal.Selection) {
	for code, n := range found.Langs {
		page.Spoken = append(page.Spoken, option{Value: code, Label: locale.OwnName(code), Lang: code, N: n, Chosen: code == page.Asked.Lang})
	}
	for code, n := range found.Countries {
		page.Countries = append(page.Countries, option{Value: code, Label: page.Country(code), N: n, Chosen: code == page.Asked.Country})
	}
	counts := map[*registry.Partner]int{}
	for id, n := range found.Partners {
		if p, ok := s.Register.ByID(id); ok {
			if target, merged := s.Register.ByID(p.MergedInto); merged {
				p = target
			}
			counts[p] += n
		}
	}
	for p, n := range counts {
		page.Partners = append(page.Partners, option{Value: p.Slug, Label: p.Name, Lang: p.Profile.Lang, N: n, Chosen: page.Asked.Partner != nil && p.ID == page.Asked.Partner.ID})
	}
	// The chosen one is offered whatever its number.
	slices.SortFunc(page.Partners, func(a, b option) int {
		if a.Chosen != b.Chosen {
			return map[bool]int{true: -1, false: 1}[a.Chosen]
		}
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value))
	})
	page.Partners = page.Partners[:min(len(page.Partners), mostPartnersOffered)]
	collator := page.Collator()
	for _, list := range [][]option{page.Spoken, page.Countries, page.Partners} {
		slices.SortFunc(list, func(a, b option) int {
			return cmp.Or(collator.CompareString(a.Label, b.Label), cmp.Compare(a.Value, b.Value))
		})
		for i, o := range list {
			list[i].Counted = page.T("partners.option", "Name", o.Label, "N", o.N)
		}
	}
}

// messagesAtom is the wall for programs that look for what is new.
func (s *Site) messagesAtom(c echo.Context) error {
	page, asked := s.base(c, "messages.page"), s.wallAsked(c)
	list, err := s.Messages.After(c.Request().Context(), s.selectWall(asked), appeal.MessageKey{}, inFeed)
	if err != nil {
		return err
	}
	base := s.BaseURL.Scheme + "://" + s.BaseURL.Host
	wall := base + "/" + page.Lang() + "/messages"
	feed := &feeds.Feed{Title: page.T("layout.title", "Title", page.Title, "Campaign", page.Campaign), Link: &feeds.Link{Href: wall + asked.query()},
		Updated: time.UnixMilli(0).UTC()}
	for _, m := range list.Messages {
		at := time.UnixMilli(max(m.CreatedAt, m.DecidedAt)).UTC()
		if at.After(feed.Updated) {
			feed.Updated = at
		}
		shown := s.shownMessage(page, m)
		feed.Items = append(feed.Items, &feeds.Item{Id: base + "/messages/" + strconv.FormatInt(m.ID, 10), Title: shown.By(), Author: &feeds.Author{Name: shown.By()},
			Link: &feeds.Link{Href: wall + asked.query("after", keyText(appeal.MessageKey{At: m.CreatedAt, ID: m.ID + 1}))}, Created: time.UnixMilli(m.CreatedAt).UTC(), Updated: at, Content: shown.html()})
	}
	return atom(c, feed, page.Lang(), wall+".atom"+asked.query())
}
