package browsertest

import (
	"archive/zip"
	"fmt"
	"io"
	"mime"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"olivebranch/pkg/audit"
	"olivebranch/pkg/banner"
	"olivebranch/pkg/testkit"
)

func (g *guests) leaveTheLink() {
	v := g.person()
	v.noScript()
	v.openHost(g.host(`lang="en"`, "", g.embed("bar", "")+g.script()))
	v.reads("Sign with us")
	v.press("olive-embed a", "Sign with us")
	v.isAt("/ko/sign")
}

// The code that keeps the room has its link in it, to be read and pressed.
func (g *guests) leaveEveryLink() {
	v := g.person()
	v.noScript()
	for _, lang := range testkit.Languages(g) {
		var all strings.Builder
		for _, l := range banner.Layouts() {
			all.WriteString(g.code(l, lang) + "<p>After</p>")
		}
		for _, width := range []int64{1200, 320} {
			v.window(width, 2600)
			v.openHost(g.host(fmt.Sprintf(`lang="%s" dir="%s"`, lang, g.app.Catalogues.For(lang).Dir()), "", all.String()+g.script()))
			v.noSideways(fmt.Sprintf("%s, %d px", lang, width))
			if n := eval[int](v, `() => [...document.querySelectorAll("olive-embed a")].filter((a) => { const r = a.getClientRects()[0];
				return document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2) === a }).length`); n != banner.NumLayouts {
				g.Errorf("%s, %d px: %d links can be pressed", lang, width, n)
			}
		}
	}
	v.press("olive-embed[layout=badge] a", "")
	v.isAt("/ko/sign")
}

// Where the page's policy forbids the frame, the link stays, and in its own
// size after a while.
func (g *guests) leaveTheLinkWhenBlocked() {
	v := g.person()
	g.browser.see.meanBlock("frame-src")
	v.openHost(g.host(`lang="en"`, "", g.embed("badge", "")+g.script(), "Content-Security-Policy", "frame-src 'none'"))
	v.linkAlone("the frame is forbidden")
	v.until("room for the whole link", func() bool {
		return eval[bool](v, `() => { const e = document.querySelector("olive-embed"); return e.scrollHeight <= e.offsetHeight && e.offsetHeight > 31 }`)
	})
	v.linkAlone("the frame is forbidden")
}

// Whoever is on the link with the keyboard stays there until they go on.
func (g *guests) waitForTheFocus() {
	v := g.person()
	for _, code := range []string{g.embed("bar", ""), g.code(banner.Bar, "en")} {
		v.openHost(g.host(`lang="en"`, "", code))
		eval[chromedp.Void](v, `() => document.querySelector("olive-embed a").focus()`)
		g.inject(v)
		v.ours(1)
		v.until("the banner to wait", func() bool {
			return eval[bool](v, `() => { const e = document.querySelector("olive-embed"); return e.had > 0 && document.activeElement === e.querySelector("a") }`)
		})
		v.linkAlone("it has the focus")
		eval[chromedp.Void](v, `() => document.activeElement.blur()`)
		v.stands(1)
	}
}

// From its day on a banner thanks, in the room it has; one at the foot of the
// window goes away.
func (g *guests) endOnADay() {
	v := g.person()
	thanks := g.app.Catalogues.For("en").T("embed.thanks")
	v.openHost(g.host(`lang="en"`, "", strings.Replace(g.code(banner.Box, "en"), ">", ` until="2020-01-31">`, 1)+g.script()))
	v.stands(1)
	f := v.ours(1)[0]
	f.reads(thanks)
	if eval[bool](f, `() => !!document.querySelector("a")`) {
		g.Error("it still asks after the day")
	}
	if by := v.moved(); by != 0 {
		g.Errorf("the page moved by %g", by)
	}

	v.openHost(g.host(`lang="en"`, "", g.embed("sticky", `until="2020-01-31"`)+g.script()))
	v.until("it to be gone", func() bool {
		return eval[bool](v, `() => !document.querySelector("olive-embed a").checkVisibility({ visibilityProperty: true })`)
	})
	if eval[bool](v, `() => !!document.querySelector("olive-embed").shadowRoot.querySelector("iframe")`) {
		g.Error("there is a frame at the foot after the day")
	}
	if by := v.moved(); by != 0 {
		g.Errorf("the page moved by %g", by)
	}

	for _, until := range []string{"2999-12-31", "one day"} {
		v.openHost(g.host(`lang="en"`, "", g.embed("bar", `until="`+until+`"`)+g.script()))
		v.stands(1)
		v.ours(1)[0].reads(g.app.Catalogues.For("en").T("embed.sign"))
	}

	// The day comes while the page is open.
	v.openHost(g.host(`lang="en"`, "", g.embed("bar", "")+g.script()))
	v.stands(1)
	eval[chromedp.Void](v, `() => document.querySelector("olive-embed").setAttribute("until", new Date(Date.now() + 300).toISOString())`)
	v.until("thanks", func() bool {
		return eval[bool](v, `() => document.querySelector("olive-embed").shadowRoot.querySelector("iframe").src.includes("ended=")`)
	})
	v.stands(1)
}

// The frame's address says on which page it stands, without what visitors add,
// and the button hands that on.
func (g *guests) sayWhereTheyStand() {
	v := g.person()
	at := g.host(`lang="en"`, "", g.embed("bar", "")+g.script())
	to, err := url.Parse(at)
	if err != nil {
		g.Fatal(err)
	}
	want := to.Host + to.EscapedPath()
	v.openHost(at + "?visitor=1#part")
	v.stands(1)
	if got := v.at(); got != want {
		g.Errorf("it says that it stands at %q, want %q", got, want)
	}
	link, err := url.Parse(eval[string](v.ours(1)[0], `() => document.querySelector("a").href`))
	if err != nil || link.Path != "/p/"+g.slug || link.Query().Get("at") != want {
		g.Errorf("the button leads to %s (%v)", link, err)
	}
	eval[chromedp.Void](v, `() => { history.pushState({}, "", "/" + "long/".repeat(100)); document.querySelector("olive-embed").setAttribute("lang", "ko") }`)
	v.stands(1)
	if got := v.at(); len(got) != 200 {
		g.Errorf("it says %d characters", len(got))
	}
	w := v.follow(func() { v.pressIn(v.ours(1)[0], "none", "a") })
	w.isAt("/ko/sign")
	g.leftNothing(v, false)
}

// A partner that allows no script of others serves the pack from its own site.
func (g *guests) comeFromAPack() {
	rep := g.app.Client()
	door := rep.Get(g.app.Link("contact@"+g.slug+".test", "", "/portal/enter/"))
	door.Submit(door.URL.Path)
	g.hosts.put("/favicon.ico", "")
	for _, lang := range []string{"en", "ar"} {
		pack := rep.Get("/portal/embed.zip?lang=" + lang).Body
		z, err := zip.NewReader(strings.NewReader(pack), int64(len(pack)))
		if err != nil {
			g.Fatal(err)
		}
		for _, f := range z.File {
			file, err := f.Open()
			if err != nil {
				g.Fatal(err)
			}
			body, err := io.ReadAll(file)
			if err != nil {
				g.Fatal(err)
			}
			g.hosts.put("/pack/"+lang+"/"+f.Name, string(body), "Content-Type", mime.TypeByExtension(filepath.Ext(f.Name)),
				"Content-Security-Policy", "script-src 'self'; img-src 'self' data:; frame-src "+g.home)
		}
		v := g.person()
		v.openHost(g.hosts.url.JoinPath("/pack", lang, "example.html").String())
		v.stands(1)
		v.ours(1)[0].reads("Harbour Lights Peace Fund", g.app.Catalogues.For(lang).T("embed.sign"))
		if by := v.moved(); by != 0 {
			g.Errorf("%s: the page moved by %g", lang, by)
		}
		for _, f := range z.File {
			if strings.HasPrefix(f.Name, "pictures/") && !eval[bool](v, `(src) => new Promise((done) => { const i = new Image(); i.onload = () => done(i.naturalWidth > 80); i.onerror = () => done(false); i.src = src })`, f.Name) {
				g.Errorf("%s: %s does not show", lang, f.Name)
			}
		}
		if asked := eval[[]string](v, `() => performance.getEntriesByType("resource").map((e) => e.name).filter((n) => !n.startsWith(location.origin) && !n.includes("/embed/harbour-lights?"))`); len(asked) > 0 {
			g.Errorf("%s: the page asked elsewhere for %v", lang, asked)
		}
		g.leftNothing(v, false)
	}
}

// When the operator ends the appeal, all banners thank and ask for nothing.
func (g *guests) thankAtTheEnd() {
	sunset := func(on bool) {
		if err := g.app.Appeal.SetSunset(g.Context(), on, audit.Actor{}); err != nil {
			g.Fatal(err)
		}
	}
	sunset(true)
	defer sunset(false)
	v := g.person()
	v.window(1200, 2600)
	var all strings.Builder
	for _, l := range banner.Layouts() {
		all.WriteString(g.code(l, "ko"))
	}
	v.openHost(g.host(`lang="ko"`, "", all.String()+g.script()))
	v.stands(banner.NumLayouts)
	for _, f := range v.ours(banner.NumLayouts) {
		f.until("thanks", func() bool {
			return eval[string](f, `() => document.querySelector(".thanks").textContent`) == g.app.Catalogues.For("ko").T("embed.thanks")
		})
		if eval[bool](f, `() => !!document.querySelector("a")`) {
			g.Error("a banner still asks")
		}
	}
}
