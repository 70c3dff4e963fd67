package site

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/locale"
)

// robots keeps programs out of the rooms behind a sign-in; what is behind a
// token asks on its own page not to be listed.
func (s *Site) robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /console/\nDisallow: /portal/\nSitemap: "+s.origin()+"/sitemap.xml\n")
}

// origin of all addresses, as https://appeal.example.org.
func (s *Site) origin() string { return s.BaseURL.Scheme + "://" + s.BaseURL.Host }

// partnersInPart is how many partners one part of the sitemap holds: each is an
// address in every language, and each address names all the others. In ten
// languages that is about 2 MB.
const partnersInPart = 150

// pagesPart is the part with the pages that are not partners'.
const pagesPart = "pages.xml"

// The words of https://www.sitemaps.org and of its extension for languages.
type (
	sitemapIndex struct {
		XMLName xml.Name      `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Parts   []sitemapPart `xml:"sitemap"`
	}
	sitemapPart struct {
		Loc string `xml:"loc"`
	}
	sitemapURLs struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		XHTML   string       `xml:"xmlns:xhtml,attr"`
		URLs    []sitemapURL `xml:"url"`
	}
	sitemapURL struct {
		Loc    string             `xml:"loc"`
		Others []sitemapAlternate `xml:"xhtml:link"`
	}
	sitemapAlternate struct {
		Rel  string `xml:"rel,attr"`
		Lang string `xml:"hreflang,attr"`
		Href string `xml:"href,attr"`
	}
)

// sitemaps names the parts of the sitemap.
func (s *Site) sitemaps(c echo.Context) error {
	index := sitemapIndex{Parts: []sitemapPart{{s.origin() + "/sitemap/" + pagesPart}}}
	for n := 0; n*partnersInPart < s.Register.Len(); n++ {
		index.Parts = append(index.Parts, sitemapPart{fmt.Sprintf("%s/sitemap/partners-%d.xml", s.origin(), n+1)})
	}
	return writeXML(c, index)
}

// sitemap is one part: the pages of the site, or those of some partners.
func (s *Site) sitemap(c echo.Context) error {
	var urls []sitemapURL
	if c.Param("part") == pagesPart {
		for _, l := range listed {
			urls = append(urls, s.inAllLanguages(l.path)...)
		}
		frozen, err := s.Statements.List(c.Request().Context())
		if err != nil {
			return err
		}
		for _, f := range frozen {
			urls = append(urls, s.inAllLanguages("/statements/"+f.Name)...)
		}
		return writeXML(c, sitemapURLs{XHTML: xhtml, URLs: urls})
	}
	name, found := strings.CutPrefix(c.Param("part"), "partners-")
	number, isXML := strings.CutSuffix(name, ".xml")
	n, err := strconv.Atoi(number)
	if !found || !isXML || err != nil || strconv.Itoa(n) != number || n < 1 || n > s.Register.Len()/partnersInPart+1 {
		return echo.ErrNotFound
	}
	all := s.Register.Sorted(locale.Default)
	for _, p := range all[min(len(all), (n-1)*partnersInPart):min(len(all), n*partnersInPart)] {
		urls = append(urls, s.inAllLanguages("/partners/"+p.Slug)...)
	}
	if urls == nil {
		return echo.ErrNotFound
	}
	return writeXML(c, sitemapURLs{XHTML: xhtml, URLs: urls})
}

const xhtml = "http://www.w3.org/1999/xhtml"

// inAllLanguages is a page, by its path behind the language, in each language
// with the others beside it, as its own head has them.
func (s *Site) inAllLanguages(path string) []sitemapURL {
	others := []sitemapAlternate{}
	for _, l := range s.Catalogues.Languages() {
		others = append(others, sitemapAlternate{"alternate", l.Code, s.origin() + "/" + l.Code + path})
	}
	anyone := others[0].Href // English stands first
	if path == "/" {
		anyone = s.origin() + "/"
	}
	urls := make([]sitemapURL, 0, len(others))
	for _, o := range others {
		urls = append(urls, sitemapURL{o.Href, append(others[:len(others):len(others)], sitemapAlternate{"alternate", "x-default", anyone})})
	}
	return urls
}

func writeXML(c echo.Context, v any) error {
	c.Response().Header().Set("Cache-Control", forAnHour)
	return c.XML(http.StatusOK, v)
}

const forAnHour = "public, max-age=3600"

// validity of security.txt, which is made anew each time it is read: RFC 9116
// wants less than a year.
const validity = 180 * 24 * time.Hour

// securityTxt says where to report a hole, as in RFC 9116.
func (s *Site) securityTxt(c echo.Context) error {
	if s.Security == "" {
		return echo.ErrNotFound
	}
	var codes []string
	for _, l := range s.Catalogues.Console() { // what is reported is read by staff
		codes = append(codes, l.Code)
	}
	c.Response().Header().Set("Cache-Control", forAnHour)
	return c.String(http.StatusOK, "Contact: "+s.Security+
		"\nExpires: "+s.Now().UTC().Add(validity).Truncate(24*time.Hour).Format(time.RFC3339)+
		"\nPreferred-Languages: "+strings.Join(codes, ", ")+
		"\nCanonical: "+s.origin()+"/.well-known/security.txt\n")
}

// icon serves a picture where browsers look for it without being told.
func (s *Site) icon(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		asset, ok := s.Assets.Find(s.Assets.Path(name))
		if !ok {
			return fmt.Errorf("no picture %s", name)
		}
		c.Response().Header().Set("Cache-Control", "public, max-age=86400")
		return c.Blob(http.StatusOK, asset.Type, asset.Body)
	}
}

// webManifest is what a phone wants to know of a page that is put on its home
// screen: https://www.w3.org/TR/appmanifest.
type webManifest struct {
	Name       string         `json:"name"`
	Lang       string         `json:"lang"`
	Dir        string         `json:"dir"`
	Start      string         `json:"start_url"`
	Scope      string         `json:"scope"`
	Display    string         `json:"display"`
	Background string         `json:"background_color"`
	Theme      string         `json:"theme_color"`
	Icons      []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"`
}

// paper is the colour behind all pages, as in site.css.
const paper = "#fbfaf6"

func (s *Site) manifest(c echo.Context) error {
	lang := s.Lang(c)
	name, in := s.Campaign(lang)
	icon := func(file, sizes, kind, purpose string) manifestIcon {
		return manifestIcon{s.Assets.Path(file), sizes, kind, purpose}
	}
	c.Response().Header().Set("Cache-Control", forAnHour)
	body, err := json.Marshal(webManifest{Name: name, Lang: in, Dir: s.Catalogues.For(in).Dir(),
		Start: "/" + lang + "/", Scope: "/", Display: "browser", Background: paper, Theme: paper, Icons: []manifestIcon{
			icon("icon.svg", "any", "image/svg+xml", ""), icon("icon-192.png", "192x192", "image/png", ""),
			icon("icon-512.png", "512x512", "image/png", ""), icon("icon-maskable.png", "512x512", "image/png", "maskable"),
		}})
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/manifest+json", body)
}
