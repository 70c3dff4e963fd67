package site

import (
	"cmp"
	"html"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/feeds"
	"github.com/labstack/echo/v4"

	"olivebranch/pkg/disclosure"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/sheet"
)

// Bounds of the files of the register; the table has all that was found.
const (
	partnersInJSON = 100
	partnersInFeed = 50
)

// partnerJSON and partnersJSON have the shape that DESIGN promises to callers.
type partnerJSON struct {
	Slug       string `json:"slug"`
	Name       string `json:"name"`
	Lang       string `json:"lang"`
	Country    string `json:"country"`
	Website    string `json:"website"`
	Since      string `json:"since"`
	Signatures *int64 `json:"signatures"` // null where not shown
}

type partnersJSON struct {
	Partners []partnerJSON `json:"partners"`
	Total    int           `json:"total"`
	Next     *string       `json:"next"`
}

// forAll lets pages of others read a file, and caches keep it for a minute.
func forAll(c echo.Context) {
	c.Response().Header().Set("Cache-Control", "public, max-age=60")
	c.Response().Header().Set("Access-Control-Allow-Origin", "*")
}

func (s *Site) partnersJSON(c echo.Context) error {
	a := s.question(c)
	found := s.Register.Look(a.Query)
	part := found.Part(registry.Window{After: c.QueryParam("after"), Most: partnersInJSON})
	out := partnersJSON{Partners: make([]partnerJSON, 0, len(part.Rows)), Total: len(found.Partners)}
	for _, p := range part.Rows {
		row := partnerJSON{Slug: p.Slug, Name: p.Name, Lang: p.Profile.Lang, Country: p.Country, Website: p.Website, Since: dayOf(p.Since)}
		if f := s.Told(p.ID); f.Telling == disclosure.Told {
			row.Signatures = &f.N
		}
		out.Partners = append(out.Partners, row)
	}
	if part.After != "" {
		to := s.absolute(a.To(".json", "after", part.After))
		out.Next = &to
	}
	forAll(c)
	return c.JSON(http.StatusOK, out)
}

func dayOf(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

// absolute is an address of ours with the site's own name.
func (s *Site) absolute(path string) string { return s.BaseURL.Scheme + "://" + s.BaseURL.Host + path }

// partnersCSV answers with all that was found. The columns have the same names
// in every language, for programs.
func (s *Site) partnersCSV(c echo.Context) error {
	found := s.Register.Look(s.question(c).Query)
	forAll(c)
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="partners.csv"`)
	c.Response().WriteHeader(http.StatusOK)
	w := sheet.NewWriter(c.Response())
	if err := w.Row("slug", "name", "name_latin", "lang", "country", "region", "kind", "website", "since", "signatures"); err != nil {
		return err
	}
	for _, p := range found.Partners {
		region, signatures := "", ""
		if chain := locale.RegionsOf(p.Country); len(chain) > 0 {
			region = chain[0]
		}
		if f := s.Told(p.ID); f.Telling == disclosure.Told {
			signatures = strconv.FormatInt(f.N, 10)
		}
		if err := w.Row(p.Slug, p.Name, p.NameLatin, p.Profile.Lang, p.Country, region, p.Kind, p.Website, dayOf(p.Since), signatures); err != nil {
			return err
		}
	}
	return w.Flush()
}

// partnersAtom tells of those that joined last among what was found.
func (s *Site) partnersAtom(c echo.Context) error {
	a := s.question(c)
	words := s.Catalogues.For(a.lang)
	newest := slices.Clone(s.Register.Look(a.Query).Partners)
	slices.SortFunc(newest, func(x, y *registry.Partner) int {
		return cmp.Or(cmp.Compare(y.Since, x.Since), cmp.Compare(y.ID, x.ID))
	})
	campaign, _ := s.Campaign(a.lang)
	feed := &feeds.Feed{Title: words.T("layout.title", "Title", words.T("partners.page"), "Campaign", campaign),
		Link: &feeds.Link{Href: s.absolute(a.To(""))}, Author: &feeds.Author{Name: campaign}, Updated: time.UnixMilli(0).UTC()}
	for i, p := range newest[:min(len(newest), partnersInFeed)] {
		since := time.UnixMilli(p.Since).UTC()
		if i == 0 {
			feed.Updated = since
		}
		to := s.absolute("/" + a.lang + "/partners/" + p.Slug)
		// What describes an item is HTML in the feed.
		feed.Items = append(feed.Items, &feeds.Item{Title: p.Name, Id: to, Link: &feeds.Link{Href: to}, Description: html.EscapeString(p.Statement(a.lang).About), Created: since, Updated: since})
	}
	return atom(c, feed, a.lang, s.absolute(a.To(".atom")))
}
