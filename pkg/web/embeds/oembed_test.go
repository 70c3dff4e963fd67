package embeds_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/web/embeds"
)

// answer is an oEmbed answer as those outside read it.
type answer struct {
	XMLName         xml.Name `json:"-" xml:"oembed"`
	Type            string   `json:"type" xml:"type"`
	Version         string   `json:"version" xml:"version"`
	Title           string   `json:"title" xml:"title"`
	AuthorName      string   `json:"author_name" xml:"author_name"`
	AuthorURL       string   `json:"author_url" xml:"author_url"`
	ProviderName    string   `json:"provider_name" xml:"provider_name"`
	ProviderURL     string   `json:"provider_url" xml:"provider_url"`
	CacheAge        int      `json:"cache_age" xml:"cache_age"`
	ThumbnailURL    string   `json:"thumbnail_url" xml:"thumbnail_url"`
	ThumbnailWidth  int      `json:"thumbnail_width" xml:"thumbnail_width"`
	ThumbnailHeight int      `json:"thumbnail_height" xml:"thumbnail_height"`
	HTML            string   `json:"html" xml:"html"`
	Width           int      `json:"width" xml:"width"`
	Height          int      `json:"height" xml:"height"`
}

func oembedPath(page string, more ...string) string {
	v := url.Values{"url": {page}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Add(more[i], more[i+1])
	}
	return "/oembed?" + v.Encode()
}

// oembed asks about a page, with pairs of what else is asked.
func (s *site) oembed(t *testing.T, page string, more ...string) answer {
	t.Helper()
	var a answer
	d := json.NewDecoder(strings.NewReader(s.mustGet(t, oembedPath(page, more...))))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		t.Fatalf("%s %v: %v", page, more, err)
	}
	return a
}

// iframe is the attributes of the one element that html consists of.
func iframe(t *testing.T, text string) map[string]string {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(text))
	if z.Next() != html.StartTagToken {
		t.Fatalf("not an element: %s", text)
	}
	token := z.Token()
	if z.Next() != html.EndTagToken || z.Next() != html.ErrorToken || token.Data != "iframe" {
		t.Fatalf("not one bare iframe: %s", text)
	}
	attributes := map[string]string{}
	for _, a := range token.Attr {
		attributes[a.Key] = a.Val
	}
	return attributes
}

func TestOEmbedAnswersForEveryPageWithABanner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for page, want := range map[string][]string{ // frame without its query, language, author
		"/p/acme":                           {"/embed/acme", "en", "ACME Foundation"},
		"/p/acme/":                          {"/embed/acme", "en", "ACME Foundation"},
		"/p/acme-old?lang=ko":               {"/embed/acme", "ko", "ACME Foundation"},
		"/ko/partners/acme":                 {"/embed/acme", "ko", "ACME Foundation"},
		"/ar/partners/acme-old#top":         {"/embed/acme", "ar", "ACME Foundation"},
		"/en/sign?via=acme":                 {"/embed/acme", "en", "ACME Foundation"},
		"/ko/sign":                          {"/embed/all", "ko", ""},
		"/ko/":                              {"/embed/all", "ko", ""},
		"/ar":                               {"/embed/all", "ar", ""},
		"/":                                 {"/embed/all", "en", ""},
		"":                                  {"/embed/all", "en", ""},
		"/p/nobody":                         {"/embed/all", "en", ""},
		"/p/all":                            {"/embed/all", "en", ""},
		"/en/partners/suspended":            {"/embed/all", "en", ""},
		"/p/%22%3E%3Cscript%3E":             {"/embed/all", "en", ""},
		"/p/acme?lang=../../etc":            {"/embed/acme", "en", "ACME Foundation"},
		"/p/acme?lang=" + "ko-KR":           {"/embed/acme", "ko", "ACME Foundation"},
		"/p/acme?layout=<x>&theme=<y>":      {"/embed/acme", "en", "ACME Foundation"},
		"/p/acme?utm_source=x&fbclid=1&a=b": {"/embed/acme", "en", "ACME Foundation"},
	} {
		a := s.oembed(t, base+page)
		frame := iframe(t, a.HTML)
		src, err := url.Parse(frame["src"])
		if err != nil || src.Scheme+"://"+src.Host+src.Path != base+want[0] || src.Query().Get("lang") != want[1] || a.AuthorName != want[2] {
			t.Errorf("%s: %s by %q", page, frame["src"], a.AuthorName)
		}
		if want[2] != "" && a.AuthorURL != base+"/"+want[1]+"/partners/acme" {
			t.Errorf("%s: author at %s", page, a.AuthorURL)
		}
		if a.Type != "rich" || a.Version != "1.0" || a.Title == "" || a.ProviderName != campaigns[want[1]] || a.ProviderURL != base+"/"+want[1]+"/" || a.CacheAge <= 0 {
			t.Errorf("%s: %+v", page, a)
		}
		if frame["title"] != a.Title || frame["width"] != fmt.Sprint(a.Width) || frame["height"] != fmt.Sprint(a.Height) {
			t.Errorf("%s: %v in %+v", page, frame, a)
		}
		if !strings.HasPrefix(a.ThumbnailURL, base+want[0]+"/card.png?lang="+want[1]) || a.ThumbnailWidth != 1200 || a.ThumbnailHeight != 630 {
			t.Errorf("%s: thumbnail %s %dx%d", page, a.ThumbnailURL, a.ThumbnailWidth, a.ThumbnailHeight)
		}
		s.mustGet(t, strings.TrimPrefix(frame["src"], base))
	}
	if a := s.oembed(t, "http://appeal.example.org:80/p/acme"); a.AuthorName == "" {
		t.Error("the scheme decides whose page it is")
	}
}

func TestOEmbedRefusesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, page := range []string{
		"", "/p/acme", "p/acme", "//appeal.example.org/p/acme", "https://evil.example/p/acme", "https://appeal.example.org.evil.example/p/acme",
		"https://appeal.example.org@evil.example/p/acme", "https://me:pw@appeal.example.org/p/acme", "https://evil.example#@appeal.example.org/p/acme",
		"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://appeal.example.org/p/acme", base + ":8443/p/acme", "https://APPEAL.example.org.:443/",
		base + "/p/", base + "/p", base + "/p/acme/x", base + "/p/a%2Fb", base + "/xx/", base + "/EN/", base + "/en/partners", base + "/en/partners/", base + "/en/partners/acme/x",
		base + "/en/join", base + "/console", base + "/embed/acme", base + "//p/acme", base + "/en//partners/acme", base + "/p/acme?a=%zz", "https://[::1", "\x00", "https://appeal.example.org\x00/",
	} {
		r := s.get(oembedPath(page))
		if r.Code != http.StatusNotFound || r.Body.Len() > 0 || r.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%q: %d %v %s", page, r.Code, r.Header(), r.Body)
		}
	}
	for path, want := range map[string]int{
		"/oembed":            404,
		"/oembed?url":        404,
		"/oembed?url=%zz":    404,
		"/oembed?format=xml": 404,
		oembedPath(base+"/p/acme", "format", "yaml"):              501,
		oembedPath(base+"/p/acme", "format", "JSON"):              501,
		oembedPath(base+"/p/acme", "format", "xml;"):              501,
		oembedPath(base + "/p/" + strings.Repeat("a", 5000)):      404,
		oembedPath(base+"/p/acme") + strings.Repeat("&a=b", 5000): 404,
		oembedPath(base+"/p/acme", "format", ""):                  200,
		oembedPath(base+"/p/acme", "format", "json"):              200,
	} {
		if r := s.get(path); r.Code != want {
			t.Errorf("%.80s: %d, want %d", path, r.Code, want)
		}
	}
	if r := s.do(http.MethodPost, oembedPath(base+"/p/acme")); r.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", r.Code)
	}
}

func TestOEmbedFitsTheRoomThereIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		width, height, layout string
		want                  string // layout, width, height, picture
	}{
		{"", "", "", "bar 720 96 card"},
		{"600", "", "", "bar 600 96 box"},
		{"480", "96", "", "bar 480 96 badge"},
		{"479", "", "", "box 300 250 box"},
		{"300", "250", "", "box 300 250 box"},
		{"300", "200", "", "bar 300 96 badge"},
		{"200", "", "", "tall 160 600 badge"},
		{"200", "599", "", "badge 88 31 badge"},
		{"1000", "50", "", "badge 88 31 badge"},
		{"0", "0", "", "badge 88 31 badge"},
		{"-1", "-1", "", "badge 88 31 badge"},
		{"1e9", "1e9", "", "bar 720 96 card"},
		{"1e999", "-1e999", "", "badge 88 31 badge"},
		{"999999999999999999999999", "", "", "bar 720 96 card"},
		{"NaN", "x", "", "bar 720 96 card"},
		{"600.9", "", "", "bar 600 96 box"},
		{"1200", "630", "card", "card 600 315 card"},
		{"600", "314", "card", "bar 600 96 box"},
		{"", "", "tall", "tall 160 600 card"},
		{"400", "", "wide", "wide 400 96 box"},
		{"", "", "sticky", "bar 720 96 card"},
		{"", "", "badge", "badge 88 31 card"},
	} {
		a := s.oembed(t, base+"/p/acme?layout="+c.layout, "maxwidth", c.width, "maxheight", c.height)
		src, _ := url.Parse(iframe(t, a.HTML)["src"])
		picture, _, _ := strings.Cut(a.ThumbnailURL[strings.LastIndex(a.ThumbnailURL, "/")+1:], ".")
		if got := fmt.Sprintf("%s %d %d %s", src.Query().Get("layout"), a.Width, a.Height, picture); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestOEmbedSaysTheSameInXML(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, name := range append(hostile, "ACME & Söhne <b>", "평화의 집") {
		s.register["acme"] = embeds.Partner{ID: 1, Slug: "acme", Name: name}
		path := oembedPath(base + "/ko/partners/acme?design=no\"ne")
		var a answer
		if err := xml.Unmarshal([]byte(s.mustGet(t, path+"&format=xml")), &a); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		a.XMLName = xml.Name{}
		b := s.oembed(t, base+"/ko/partners/acme?design=no\"ne")
		if !strings.Contains(name, "\x00") && utf8.ValidString(name) && a != b {
			t.Errorf("%q\nxml  %+v\njson %+v", name, a, b)
		}
		iframe(t, a.HTML)
	}
}

func TestOEmbedIsCachedAndHasNoSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for format, kind := range map[string]string{"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"} {
		path := oembedPath(base+"/p/acme", "format", format)
		r := s.get(path, "Cookie", "a=b", "Accept-Language", "ko", "Origin", "https://evil.example")
		h := r.Header()
		if h.Get("Content-Type") != kind || h.Get("Cache-Control") != "public, max-age=300" || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Set-Cookie") != "" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", format, h)
		}
		if plain := s.get(path); plain.Body.String() != r.Body.String() || plain.Header().Get("Etag") != h.Get("Etag") {
			t.Errorf("%s: the visitor's headers change the answer", format)
		}
		if again := s.get(path, "If-None-Match", h.Get("Etag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s: %d", format, again.Code)
		}
	}
}

func TestAfterTheEndEverybodySaysThanks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	frame, picture := s.mustGet(t, "/embed/acme"), s.mustGet(t, "/embed/acme/bar.svg")
	s.end.Store(true)
	if s.mustGet(t, "/embed/acme") == frame || strings.Contains(s.mustGet(t, "/embed/acme"), "ACME") || strings.Contains(s.mustGet(t, "/embed/acme/bar.svg"), "ACME") {
		t.Error("the banner is as before")
	}
	for lang, want := range map[string]string{"en": "Thank you", "ko": "감사드립니다", "ar": "شكرًا"} {
		a := s.oembed(t, base+"/"+lang+"/partners/acme")
		if !strings.Contains(a.Title, want) || a.AuthorName != "" || !strings.Contains(a.HTML, "/embed/"+banner.Own+"?") {
			t.Errorf("%s: %+v", lang, a)
		}
	}
	s.end.Store(false)
	s.clock.Add(time.Minute.Milliseconds())
	if s.mustGet(t, "/embed/acme") != frame || s.mustGet(t, "/embed/acme/bar.svg") != picture {
		t.Error("the banner does not come back")
	}
}

func TestHostileTextsOfTheAppealStayTextInOEmbed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, text := range hostile {
		s.appeal.campaign = text
		s.appeal.version.Add(1)
		if frame := iframe(t, s.oembed(t, base+"/p/acme").HTML); len(frame) != 6 {
			t.Errorf("%q: %v", text, frame)
		}
	}
}
