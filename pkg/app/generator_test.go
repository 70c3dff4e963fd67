package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/net/html"

	"olivebranch/pkg/testkit"
)

func TestAPartnersPageIsLookedAtFromOutside(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	w := testkit.Run(t, testkit.SQLite(t), n.Use)
	w.AddPartner("Harbour Choir", "harbour-choir")
	enter := path(w.Link("contact@harbour-choir.test", "partner", "/portal/enter/"))
	rep := w.Client()
	rep.Get(enter).Submit(enter)
	code := func(site string) string {
		return rep.Get("/portal/embed?site=" + site + "&layout=box").Words("textarea")
	}
	live, pasted := code("html"), code("wordpress")
	if !strings.Contains(live, `layout="box"`) || !strings.HasPrefix(pasted, w.BaseURL.String()+"/p/harbour-choir?") {
		t.Fatalf("%q, %q", live, pasted)
	}
	n.Page("choir.test/good", "<p>Welcome"+live)
	n.Page("choir.test/half", strings.Split(live, "\n")[0])
	n.Page("choir.test/none", "<p>Welcome")
	n.Handle("choir.test/tight", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "script-src 'self'")
		_, _ = w.Write([]byte(live))
	})
	for page, want := range map[string]string{
		"good": "Everything is as it should be.", "half": "its script is missing", "none": "no banner and no link of yours",
		"tight": "Add to it: script-src " + w.BaseURL.String(), "gone": "status 404",
	} {
		if body := rep.Get("/portal/embed").Submit("/portal/embed/check", "url", "http://choir.test/"+page); !body.Has(want) {
			t.Errorf("%s: no %q in %s", page, want, body.Text())
		}
	}
}

// Each kind of site has its ways, each with a code, numbered steps and the line
// that the site's policy needs.
func TestEachKindOfSiteHasItsWays(t *testing.T) {
	t.Parallel()
	w := testkit.Run(t, testkit.SQLite(t))
	w.AddPartner("Harbour Choir", "harbour-choir")
	enter := path(w.Link("contact@harbour-choir.test", "partner", "/portal/enter/"))
	rep := w.Client()
	rep.Get(enter).Submit(enter)
	home := w.BaseURL.String()
	script, frame, picture := "script-src "+home+"; frame-src "+home+"; ", "frame-src "+home+"; ", "img-src "+home+"; "
	type way struct{ code, begins, policy string }
	for site, want := range map[string][]way{
		"html":      {{"live", "<olive-embed ", script}, {"frame", "<iframe ", frame}, {"picture", "<a ", picture}},
		"wordpress": {{"paste", home + "/p/harbour-choir", frame}, {"block", "<olive-embed ", script}, {"picture", "<a ", picture}},
		"builder":   {{"frame", "<iframe ", frame}, {"picture", "<a ", picture}},
		"mail":      {{"mail", "<a ", ""}, {"label", "<a ", ""}},
		"markdown":  {{"markdown", "[![", picture}, {"markdown_label", "[![", picture}},
	} {
		var got []way
		steps := 0
		rep.Get("/portal/embed?site=" + site).Each(func(n *html.Node) {
			switch first := n.FirstChild; {
			case n.Data == "textarea" && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "id" && a.Val == "code-wall" }): // the messages are offered whatever the site is
			case n.Data == "textarea":
				if len(got) > 0 && steps < 2 {
					t.Errorf("%s, %s: %d steps", site, got[len(got)-1].code, steps)
				}
				steps = 0
				for _, a := range n.Attr {
					if a.Key == "id" {
						got = append(got, way{code: strings.TrimPrefix(a.Val, "code-"), begins: first.Data})
					}
				}
			case n.Data == "li" && n.Parent.Data == "ol" && first != nil:
				steps++
			case n.Data == "code" && first != nil && strings.Contains(first.Data, "-src "):
				got[len(got)-1].policy = first.Data
			}
		})
		if steps < 2 || len(got) != len(want) {
			t.Fatalf("%s: %d steps, ways %+v", site, steps, got)
		}
		for i, g := range got {
			if g.code != want[i].code || !strings.HasPrefix(g.begins, want[i].begins) || g.policy != want[i].policy {
				t.Errorf("%s: %+v, want %+v", site, g, want[i])
			}
		}
	}
	for kind, begins := range map[string]string{"svg": "<svg", "png": "\x89PNG"} {
		if got := rep.Get("/portal/qr." + kind); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, begins) {
			t.Errorf("the QR code as %s: %d, %.20q", kind, got.Status, got.Body)
		}
	}
}

// What a pasted address becomes, as WordPress finds it out, is what was chosen
// and shown.
func TestAPastedAddressBecomesTheBannerThatWasShown(t *testing.T) {
	t.Parallel()
	w := testkit.Run(t, testkit.SQLite(t))
	w.AddPartner("Harbour Choir", "harbour-choir")
	enter := path(w.Link("contact@harbour-choir.test", "partner", "/portal/enter/"))
	rep := w.Client()
	rep.Get(enter).Submit(enter)
	for _, choice := range []struct{ query, lang, layout, theme string }{
		{"", "en", "bar", "light"}, {"&lang=ko", "ko", "bar", "light"}, {"&lang=ar&layout=box&theme=dark", "ar", "box", "dark"}, {"&layout=sticky&theme=auto", "en", "bar", "auto"},
	} {
		page := rep.Get("/portal/embed?site=wordpress" + choice.query)
		shown, err := url.Parse(page.Attr("iframe", "src"))
		if err != nil {
			t.Fatal(err)
		}
		discovery := ""
		w.Client().Get(page.Words("textarea")).Each(func(n *html.Node) {
			v := map[string]string{}
			for _, a := range n.Attr {
				v[a.Key] = a.Val
			}
			if n.Data == "link" && v["type"] == "application/json+oembed" {
				discovery = v["href"]
			}
		})
		var answer struct{ HTML string }
		if err := json.Unmarshal([]byte(w.Client().Get(discovery+"&maxwidth=640&maxheight=960").Body), &answer); err != nil {
			t.Fatalf("%s: %v", discovery, err)
		}
		_, src, _ := strings.Cut(answer.HTML, `src="`)
		src, _, _ = strings.Cut(src, `"`)
		if got, err := url.Parse(html.UnescapeString(src)); err != nil || got.String() != shown.String() {
			t.Errorf("%s: the editor puts %s in its place, the preview shows %s", choice.query, got, shown)
		}
		for name, want := range map[string]string{"lang": choice.lang, "layout": choice.layout, "theme": choice.theme} {
			if got := shown.Query().Get(name); got != want {
				t.Errorf("%s: the preview has %s %q, want %q", choice.query, name, got, want)
			}
		}
	}
}

// What cannot be looked at is told in words that help, whatever the page.
func TestAHostilePageIsAnsweredInWords(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	n.Lab.Patience = time.Second
	w := testkit.Run(t, testkit.SQLite(t), n.Use)
	w.AddPartner("Harbour Choir", "harbour-choir")
	enter := path(w.Link("contact@harbour-choir.test", "partner", "/portal/enter/"))
	rep := w.Client()
	rep.Get(enter).Submit(enter)
	live := rep.Get("/portal/embed").Words("textarea")

	page := func(at, kind string, body func(io.Writer)) {
		n.Handle("choir.test/"+at, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{kind}
			body(w)
		})
	}
	say := func(words string) func(io.Writer) {
		return func(w io.Writer) { _, _ = io.WriteString(w, words) }
	}
	lead := func(at, to string) {
		n.Handle("choir.test/"+at, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	}
	wide := func(words string) string {
		out := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(words)) {
			out = append(out, byte(u), byte(u>>8))
		}
		return string(out)
	}
	filler := strings.Repeat("<p>much text</p>", 1<<16)
	page("late", "text/html", say(filler+live))
	page("endless", "text/html", func(w io.Writer) {
		for range 64 {
			if _, err := io.WriteString(w, filler); err != nil {
				return
			}
		}
	})
	page("cut", "text/html", say(strings.Split(live, "\n")[0]+filler+filler+filler+strings.Split(live, "\n")[1]))
	page("slow", "text/html", func(w io.Writer) {
		for {
			if _, err := io.WriteString(w, "<p>"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	})
	lead("inside", "http://127.0.0.1:18300/console")
	lead("metadata", "http://169.254.169.254/latest")
	lead("inside-by-name", "http://inside.test/")
	lead("round", "http://choir.test/round")
	lead("script", "javascript:alert(1)")
	page("picture", "image/png", say("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	page("untold", "", say("\x00\x01\x02\x03"))
	page("hostile-type", "text/<script>alert(1)</script>; x", say(live))
	page("wide", "text/html", say(wide("<h1>평화</h1>"+live)))
	page("korean", "text/html; charset=euc-kr", say("<h1>\xc6\xf2\xc8\xad</h1>"+live))
	page("unknown-charset", "text/html; charset=klingon", say("<h1>\xff\xfe</h1>"+live))
	page("deep", "text/html", say(strings.Repeat("<div a=", 100_000)))
	page("named", "text/html", say(`<olive-embed partner="&lt;script&gt;alert(1)&lt;/script&gt;">`))
	n.Lead("inside.test", []netip.Addr{netip.MustParseAddr("10.0.0.1")})

	const good, nothing = "Everything is as it should be.", "no banner and no link of yours"
	for at, want := range map[string]string{
		"late": good, "endless": nothing, "cut": "only the first 2 MB", "slow": "no answer within", "inside": "not on the public web", "metadata": "not on the public web",
		"inside-by-name": "not on the public web", "round": "on and on", "script": "not on the public web", "picture": "a file (image/png)", "untold": "a file (application/octet-stream)",
		"hostile-type": "a file", "wide": good, "korean": good, "unknown-charset": good, "deep": nothing, "named": "banner of another partner: <script>", "gone": "status 404",
	} {
		start := time.Now()
		got := rep.Get("/portal/embed").Submit("/portal/embed/check", "url", "http://choir.test/"+at)
		if got.Status != http.StatusOK || !got.Has(want) || strings.Contains(got.Body, "<script>alert") {
			t.Errorf("%s: %d, no %q in %s", at, got.Status, want, got.Text())
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", at, took)
		}
	}
	if got := rep.Get("/portal/embed").Submit("/portal/embed/check", "url", "http://nobody.test/"); !got.Has("no website of this name") {
		t.Errorf("a name that does not exist: %s", got.Text())
	}
}
