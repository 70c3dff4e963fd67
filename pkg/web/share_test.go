package web_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/testkit"
)

// pageHead is what a page says of itself to programs.
type pageHead struct {
	meta, links map[string]string // by property or name; by type, language or kind
	locales     []string
	data        map[string]any
	oembedAt    int // in the bytes of the page
	alternateAt int // likewise, where the other languages are
}

func (h *house) pageHead(path string) pageHead {
	h.t.Helper()
	a := h.get(path)
	if a.status != 200 || a.doc == nil {
		h.t.Fatalf("%s: status %d", path, a.status)
	}
	out := pageHead{meta: map[string]string{}, links: map[string]string{}, oembedAt: strings.Index(a.body, "+oembed"), alternateAt: strings.Index(a.body, "hreflang=")}
	for n := range a.doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		at := map[string]string{}
		for _, one := range n.Attr {
			at[one.Key] = one.Val
		}
		switch {
		case n.Data == "meta" && at["property"] == "og:locale:alternate":
			out.locales = append(out.locales, at["content"])
		case n.Data == "meta":
			out.meta[at["property"]+at["name"]] = at["content"]
		case n.Data == "link" && at["rel"] == "canonical":
			out.links["canonical"] = at["href"]
		case n.Data == "link" && at["rel"] == "alternate":
			out.links[at["type"]+at["hreflang"]] = at["href"]
		case n.Data == "script" && at["type"] == "application/ld+json":
			if err := json.Unmarshal([]byte(n.FirstChild.Data), &out.data); err != nil {
				h.t.Fatalf("%s: %v in %s", path, err, n.FirstChild.Data)
			}
		case n.Data == "script" && at["src"] == "":
			h.t.Errorf("%s: an inline script: %v", path, n.Attr)
		}
	}
	return out
}

func TestPagesThatPeoplePassOnTellProgramsWhatTheyAre(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	origin := h.BaseURL.String()
	for _, lang := range languages {
		title := h.Appeal.Current().Text(appeal.Title, lang).Body
		for path, want := range map[string]struct{ title, banner, address string }{
			"/":                       {title, "all", "/"},
			"/sign":                   {title, "all", "/sign"},
			"/sign?via=harbour-choir": {title, "harbour-choir", "/sign?via=harbour-choir"},
			"/sign?via=%3Cnobody%3E":  {title, "all", "/sign"},
			"/partners/harbour-choir": {"Harbour Choir", "harbour-choir", "/partners/harbour-choir"},
		} {
			head := h.pageHead("/" + lang + path)
			address := origin + "/" + lang + want.address
			image := origin + "/embed/" + want.banner + "/card.png?lang=" + lang
			for name, value := range map[string]string{
				"og:title": want.title, "og:url": address, "og:image": image, "og:type": "website", "og:image:width": "1200", "og:image:height": "630",
				"og:site_name": h.Campaign(lang), "og:locale": map[string]string{"en": "en_US", "ko": "ko_KR", "ar": "ar_AR"}[lang],
				"twitter:card": "summary_large_image", "og:image:type": "image/png", "og:description": head.meta["description"],
			} {
				if head.meta[name] != value || value == "" {
					t.Errorf("/%s%s: %s is %q, want %q", lang, path, name, head.meta[name], value)
				}
			}
			if head.meta["og:image:alt"] == "" || len(head.locales) != len(languages)-1 || strings.Contains(strings.Join(head.locales, " "), head.meta["og:locale"]) {
				t.Errorf("/%s%s: alt %q, other languages %v", lang, path, head.meta["og:image:alt"], head.locales)
			}
			if head.links["canonical"] != address || head.links["ko"] != origin+"/ko"+want.address {
				t.Errorf("/%s%s: %v", lang, path, head.links)
			}
			if head.data["@type"] != "WebPage" || head.data["name"] != want.title || head.data["url"] != address || head.data["inLanguage"] != lang {
				t.Errorf("/%s%s: data %v", lang, path, head.data)
			}
			// However many languages there are.
			if head.oembedAt < 0 || head.oembedAt > 1024 || head.oembedAt > head.alternateAt {
				t.Errorf("/%s%s: discovery at byte %d", lang, path, head.oembedAt)
			}
			for kind, format := range map[string]string{"application/json+oembed": "json", "text/xml+oembed": "xml"} {
				link := head.links[kind]
				a := h.get(strings.TrimPrefix(link, origin))
				u, err := url.Parse(link)
				if h.must(err); a.status != 200 || u.Query().Get("format") != format || !strings.Contains(a.body, "/embed/"+want.banner) {
					t.Errorf("/%s%s: %s leads to %d: %s", lang, path, link, a.status, a.body)
				}
			}
		}
	}
	about, _ := h.pageHead("/ko/partners/harbour-choir").data["mainEntity"].(map[string]any)
	if about["@type"] != "Organization" || about["name"] != "Harbour Choir" || about["url"] != h.partner.Website {
		t.Errorf("the partner's data: %v", about)
	}
}

// A crawler of a short link ends where the discovery is.
func TestAShortLinkLeadsCrawlersToTheBanner(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	a := h.get("/p/harbour-choir?lang=ko")
	if a.status != 302 || !strings.Contains(h.pageHead(a.header.Get("Location")).links["application/json+oembed"], "via%3Dharbour-choir") {
		t.Errorf("%d to %s", a.status, a.header.Get("Location"))
	}
}

func TestPrivatePagesSayNothingOfThemselves(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, path := range []string{h.Registry.StatusLink(h.sent), "/en/confirm/x", "/en/signature", "/en/nowhere", "/console/sign-in", "/portal/enter"} {
		path = strings.TrimPrefix(path, h.BaseURL.String())
		if a := h.get(path); strings.Contains(a.body, "og:") || strings.Contains(a.body, "ld+json") || strings.Contains(a.body, "oembed") {
			t.Errorf("%s describes itself", path)
		}
	}
}

func TestHostileWordsStayWordsInTheHead(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, words := range []string{`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `<!--<script>`, "\u2028&quot;{{.}}"} {
		h.must(h.Appeal.SaveText(t.Context(), appeal.Title, "en", words, 1))
		h.must(h.Store.Exec(t.Context(), "UPDATE partners SET name = ?, about = ? WHERE id = ?", words, words, h.partner.ID))
		h.must(h.Register.Reload(t.Context()))
		for _, path := range []string{"/en/", "/en/partners/harbour-choir"} {
			head := h.pageHead(path)
			if head.meta["og:title"] != words || head.data["name"] != words {
				t.Errorf("%s: %q became %q and %q", path, words, head.meta["og:title"], head.data["name"])
			}
			for n := range h.get(path).doc.Descendants() {
				if n.Type == html.ElementNode && n.Data == "img" && n.Parent.Data == "head" {
					t.Errorf("%s: %q gets out", path, words)
				}
			}
		}
	}
}
