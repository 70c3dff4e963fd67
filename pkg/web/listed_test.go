package web_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

type sitemapFile struct {
	Parts []struct {
		Loc string `xml:"loc"`
	} `xml:"sitemap"`
	URLs []struct {
		Loc    string `xml:"loc"`
		Others []struct {
			Rel  string `xml:"rel,attr"`
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"url"`
}

func (h *house) sitemap(address string) (out sitemapFile) {
	h.t.Helper()
	path, ours := strings.CutPrefix(address, h.BaseURL.String())
	a := h.get(path)
	if !ours || a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
		h.t.Fatalf("%s: status %d, %s", address, a.status, a.header.Get("Content-Type"))
	}
	h.must(xml.Unmarshal([]byte(a.body), &out))
	return out
}

// links are those of a page's head, by relation and language.
func (a answer) links() map[string]string {
	out := map[string]string{}
	for n := range a.doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "link" {
			continue
		}
		at := map[string]string{}
		for _, one := range n.Attr {
			at[one.Key] = one.Val
		}
		out[at["rel"]+at["hreflang"]+at["type"]] = at["href"]
	}
	return out
}

func TestTheSitemapSaysWhatThePagesSay(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	origin := h.BaseURL.String()
	if a := h.get("/robots.txt"); !strings.Contains(a.body, "\nSitemap: "+origin+"/sitemap.xml\n") {
		t.Errorf("robots.txt: %s", a.body)
	}
	index, seen := h.sitemap(origin+"/sitemap.xml"), map[string]bool{}
	for _, part := range index.Parts {
		for _, u := range h.sitemap(part.Loc).URLs {
			seen[u.Loc] = true
			a := h.get(strings.TrimPrefix(u.Loc, origin))
			if a.status != http.StatusOK {
				t.Fatalf("%s: status %d", u.Loc, a.status)
			}
			said := a.links()
			if said["canonical"] != u.Loc {
				t.Errorf("%s calls itself %s", u.Loc, said["canonical"])
			}
			for _, o := range u.Others {
				if o.Rel != "alternate" || said["alternate"+o.Lang] != o.Href {
					t.Errorf("%s: in %s it is %s, the page says %s", u.Loc, o.Lang, o.Href, said["alternate"+o.Lang])
				}
			}
			if len(u.Others) != len(h.Catalogues.Languages())+1 {
				t.Errorf("%s: %d alternates", u.Loc, len(u.Others))
			}
		}
	}
	for _, lang := range languages {
		for _, path := range []string{"/", "/sign", "/join", "/partners", "/messages", "/figures", "/privacy", "/embed", "/partners/harbour-choir"} {
			if !seen[origin+"/"+lang+path] {
				t.Errorf("/%s%s is not listed", lang, path)
			}
		}
	}
	for _, path := range []string{"/sitemap/partners-2.xml", "/sitemap/partners-0.xml", "/sitemap/partners-01.xml", "/sitemap/partners--1.xml", "/sitemap/partners-1", "/sitemap/x.xml", "/sitemap/partners-99999999999999999999.xml"} {
		if a := h.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestWhatIsNotListedAsksNotToBe(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	noindex := func(path string) bool {
		return strings.Contains(h.get(path).body, `<meta name="robots" content="noindex`)
	}
	for _, path := range []string{"/en/signature", "/en/nowhere", "/en/confirm/x", "/console/sign-in", "/portal/enter", strings.TrimPrefix(h.Registry.StatusLink(h.sent), h.BaseURL.String())} {
		if !noindex(path) {
			t.Errorf("%s does not ask to be left out", path)
		}
	}
	for _, path := range []string{"/en/", "/ko/partners", "/ar/privacy"} {
		if noindex(path) {
			t.Errorf("%s asks to be left out", path)
		}
	}
}

func TestIconsAreThereInTheirSizes(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, lang := range languages {
		links := h.get("/" + lang + "/").links()
		manifest := h.get(links["manifest"])
		var m struct {
			Name, Lang, Dir string
			Start           string `json:"start_url"`
			Icons           []struct{ Src, Sizes, Type string }
		}
		h.must(json.Unmarshal([]byte(manifest.body), &m))
		if manifest.header.Get("Content-Type") != "application/manifest+json" || m.Start != "/"+lang+"/" || m.Name != h.Campaign(lang) || len(m.Icons) != 4 {
			t.Errorf("%s: manifest %+v", lang, m)
		}
		for _, icon := range m.Icons {
			a := h.get(icon.Src)
			if a.status != http.StatusOK || a.header.Get("Content-Type") != icon.Type {
				t.Errorf("%s: status %d, %s", icon.Src, a.status, a.header.Get("Content-Type"))
			}
			if icon.Type == "image/png" && sizeOf(a.body) != icon.Sizes {
				t.Errorf("%s is %s, not %s", icon.Src, sizeOf(a.body), icon.Sizes)
			}
		}
	}
	if a := h.get("/apple-touch-icon.png"); sizeOf(a.body) != "180x180" {
		t.Errorf("the icon for a home screen is %s", sizeOf(a.body))
	}
	if a := h.get("/favicon.ico"); !strings.HasPrefix(a.body, "\x00\x00\x01\x00\x03\x00\x10\x10") {
		t.Errorf("favicon.ico starts with %q", a.body[:min(8, len(a.body))])
	}
}

// sizeOf reads the width and height of a PNG.
func sizeOf(png string) string {
	at := func(i int) string {
		n := 0
		for _, b := range []byte(png[i : i+4]) {
			n = n<<8 | int(b)
		}
		return strconv.Itoa(n)
	}
	if len(png) < 24 || !strings.HasPrefix(png, "\x89PNG") {
		return "no PNG"
	}
	return at(16) + "x" + at(20)
}

func TestAHoleCanBeReportedWhereTheOperatorSays(t *testing.T) {
	t.Parallel()
	const path = "/.well-known/security.txt"
	if a := furnished(t, testkit.SQLite(t)).get(path); a.status != http.StatusNotFound {
		t.Errorf("without a contact: status %d", a.status)
	}
	h := furnished(t, withContact(testkit.SQLite(t), "mailto:security@example.org"))
	a := h.get(path)
	fields := map[string]string{}
	for line := range strings.Lines(a.body) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		fields[name] = value
	}
	expires, err := time.Parse(time.RFC3339, fields["Expires"])
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/plain; charset=UTF-8" || err != nil ||
		expires.Before(h.Now().AddDate(0, 1, 0)) || expires.After(h.Now().AddDate(1, 0, 0)) ||
		fields["Contact"] != "mailto:security@example.org" || fields["Canonical"] != h.BaseURL.String()+path || fields["Preferred-Languages"] != "en, ko" {
		t.Errorf("%d %s: %s", a.status, a.header.Get("Content-Type"), a.body)
	}
}

func withContact(c *config.Config, contact string) *config.Config {
	c.SecurityContact = contact
	return c
}

// A visitor who came through a partner, or searched, is still where they were.
func TestALinkToAnotherLanguageKeepsTheQuery(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	hrefs := func(path string) (all []string) {
		for n := range h.get(path).doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "a" && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hreflang" }) {
				for _, at := range n.Attr {
					if at.Key == "href" {
						all = append(all, at.Val)
					}
				}
			}
		}
		return all
	}
	if got, want := hrefs("/en/sign?via=harbour-choir"), "/ko/sign?via=harbour-choir"; !slices.Contains(got, want) {
		t.Errorf("the languages are at %q, not at %s", got, want)
	}
	if got := hrefs("/en/partners?q=" + strings.Repeat("x", 1000)); !slices.Contains(got, "/ko/partners") {
		t.Errorf("a long query is repeated: %.80q", got)
	}
}
