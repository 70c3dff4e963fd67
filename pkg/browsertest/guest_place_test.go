package browsertest

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/testkit"
)

// All layouts on one page, in each language, on a desk and on a phone: each has
// the room it says, fills it, and nothing on the page moves.
func (g *guests) standInEveryShape() {
	var all strings.Builder
	for _, l := range banner.Layouts() {
		all.WriteString(g.embed(l.String(), "") + fmt.Sprintf("<p>After %s</p>", l))
	}
	v := g.person()
	for _, lang := range testkit.Languages(g) {
		dir := g.app.Catalogues.For(lang).Dir()
		at := g.host(fmt.Sprintf(`lang="%s" dir="%s"`, lang, dir), fmt.Sprintf(`<script src="%s/embed/v1.js"></script>`, g.home), all.String())
		for _, width := range []int64{1200, 320} {
			v.window(width, 2600) // frames below the window's foot would not come
			v.openHost(at)
			v.stands(banner.NumLayouts)
			where := fmt.Sprintf("%s, %d px", lang, width)
			if by := v.moved(); by != 0 {
				g.Errorf("%s: the page moved by %g", where, by)
			}
			v.noSideways(where)
			high := eval[[]float64](v, `() => [...document.querySelectorAll("olive-embed")].map((e) => e.shadowRoot.querySelector("iframe").getBoundingClientRect().height)`)
			for i, l := range banner.Layouts() {
				usual, narrow := l.FrameHeights()
				if want := map[int64]int{1200: usual, 320: narrow}[width]; high[i] != float64(want) {
					g.Errorf("%s: %s is %g px high, want %d", where, l, high[i], want)
				}
			}
			for _, f := range v.ours(banner.NumLayouts) {
				if cut := eval[string](f, `() => { const m = document.querySelector("main"), p = document.documentElement;
					return m.offsetHeight > innerHeight || p.scrollWidth > innerWidth ? location.search + " " + m.offsetHeight + " of " + innerHeight + ", " + p.scrollWidth + " of " + innerWidth : "" }`); cut != "" {
					g.Errorf("%s: a banner is cut off: %s", where, cut)
				}
				if got := eval[string](f, `() => document.documentElement.lang + " " + document.documentElement.dir`); got != lang+" "+dir {
					g.Errorf("%s: a banner is %s", where, got)
				}
			}
		}
	}
	g.leftNothing(v, false)
}

// The theme is the one of the element; "auto" is that of the visitor.
func (g *guests) wearTheme() {
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", g.embed("bar", "")+g.embed("bar", `theme="dark"`)+g.embed("bar", `theme="auto"`)+g.script()))
	for colours, want := range map[string][]string{
		"light": {"", "rgb(251, 250, 246)", "dark", "rgb(17, 24, 42)", "auto", "rgb(251, 250, 246)"},
		"dark":  {"", "rgb(251, 250, 246)", "dark", "rgb(17, 24, 42)", "auto", "rgb(17, 24, 42)"},
	} {
		v.screen(1200, colours)
		v.stands(3)
		for _, f := range v.ours(3) {
			got := eval[[]string](f, `() => [new URLSearchParams(location.search).get("theme") || "", getComputedStyle(document.documentElement).backgroundColor]`)
			if i := slices.Index(want, got[0]); want[i+1] != got[1] {
				g.Errorf("theme %q among %s is %s, want %s", got[0], colours, got[1], want[i+1])
			}
		}
	}
}

// The script comes after the page was shown: the code keeps the room itself,
// so that nothing on the page moves then, nor when the frames come.
func (g *guests) comeLate() {
	v := g.person()
	for _, lang := range testkit.Languages(g) {
		var all strings.Builder
		for _, l := range banner.Layouts() {
			all.WriteString("<p>Before</p>" + g.code(l, lang) + fmt.Sprintf("<p>After %s</p>", l))
		}
		at := g.host(fmt.Sprintf(`lang="%s" dir="%s"`, lang, g.app.Catalogues.For(lang).Dir()), "", all.String())
		for _, width := range []int64{1200, 320} {
			v.window(width, 2600)
			v.openHost(at)
			where := fmt.Sprintf("%s, %d px", lang, width)
			g.injectLate(v)
			v.stands(banner.NumLayouts)
			if by := v.moved(); by != 0 {
				g.Errorf("%s: the page moved by %g", where, by)
			}
			v.noSideways(where)
			high := eval[[]float64](v, `() => [...document.querySelectorAll("olive-embed")].map((e) => e.offsetHeight)`)
			for i, l := range banner.Layouts() {
				if l != banner.Sticky && high[i] != float64(l.Height()) {
					g.Errorf("%s: %s is %g px high, want %d", where, l, high[i], l.Height())
				}
			}
		}
	}
	v.until("an element that script makes", func() bool {
		return eval[bool](v, `(slug) => { if (!document.querySelector("#made")) { const e = document.createElement("olive-embed"); e.id = "made";
			e.setAttribute("partner", slug); document.body.append(e); } return true }`, g.slug)
	})
	v.stands(banner.NumLayouts + 1)
	if !eval[bool](v, `() => document.activeElement === document.body`) {
		g.Error("a banner took the focus")
	}
	g.leftNothing(v, false)
}

// Pages lay things out in their own ways, and many have rules for drawings.
// Where a page takes a width from what is inside, the banner may be wider than
// its link was, and the page around it stays where it is all the same.
func (g *guests) comeLateElsewhere() {
	v := g.person()
	v.window(1200, 1600)
	for _, page := range []struct {
		style string
		snug  bool // takes widths from what is inside
	}{
		{"body { text-align: center }", false},
		{"body { display: grid; grid-template-columns: 700px; gap: 20px }", false},
		{"svg { display: inline-block; vertical-align: middle }", false},
		{"svg, img { max-width: 100%; height: auto }", false},
		{"body { font-size: 30px; line-height: 3 }", false},
		{"olive-embed { display: block; margin: 20px 0 }", false},
		{"main { display: flex; flex-direction: column; align-items: center }", true},
		{"section { display: table }", true},
		{"section { float: left } section + p { clear: left }", true},
	} {
		for _, l := range []banner.Layout{banner.Bar, banner.Box, banner.Wide, banner.Badge} {
			code := g.code(l, "en")
			v.openHost(g.host(`lang="en"`, "<style>"+page.style+"</style>", "<main><p>Before</p>"+code+"<section>"+code+"</section><p>Between</p><p>"+code+"</p><footer>After</footer></main>"))
			const around = `() => JSON.stringify([...document.querySelectorAll("h1, main > p, footer")].map((e) => { const r = e.getBoundingClientRect(); return [e.querySelector("a") ? 0 : r.x, r.y, r.height] }))`
			before := eval[string](v, around)
			g.injectLate(v)
			v.stands(3)
			if after := eval[string](v, around); after != before {
				g.Errorf("%s, %s: around it was %s, is %s", l, page.style, before, after)
			}
			if by := v.moved(); by != 0 && !page.snug {
				g.Errorf("%s, %s: the page moved by %g", l, page.style, by)
			}
			for _, wide := range eval[[]float64](v, `() => [...document.querySelectorAll("olive-embed")].map((e) => e.getBoundingClientRect().width)`) {
				if wide < float64(min(300, max(l.FrameWidth(), 88))) {
					g.Errorf("%s, %s: it is %g px wide", l, page.style, wide)
				}
			}
		}
	}
	g.leftNothing(v, false)
}

// injectLate loads the script once the page has been painted with its links.
func (g *guests) injectLate(v *tab) {
	g.Helper()
	eval[chromedp.Void](v, `() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))`)
	v.linkAlone("before the script")
	g.inject(v)
}

func (g *guests) inject(v *tab) {
	g.Helper()
	eval[chromedp.Void](v, `(src) => { const s = document.createElement("script"); s.src = src; document.head.append(s) }`, g.home+"/embed/v1.js")
}

// Script and frames of our host only, no style, no types that are not trusted;
// and the script that cannot change, with its integrity.
func (g *guests) obeyThePolicy() {
	path, integrity := g.frozen()
	policy := fmt.Sprintf("default-src 'none'; img-src data:; script-src %s; frame-src %s; require-trusted-types-for 'script'; trusted-types 'none'", g.home, g.home)
	frozen := fmt.Sprintf(`<script async src="%s%s" integrity="%s" crossorigin="anonymous"></script>`, g.home, path, integrity)
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", g.embed("box", "")+frozen, "Content-Security-Policy", policy))
	v.stands(1)
	v.openHost(g.host(`lang="en"`, "", g.embed("sticky", "")+g.script(), "Content-Security-Policy", policy))
	v.stands(1)
	v.openHost(g.host(`lang="en"`, "", g.code(banner.Bar, "en")+g.code(banner.Badge, "en")+g.script(), "Content-Security-Policy", policy))
	v.stands(2)
	if by := v.moved(); by != 0 {
		g.Errorf("the page moved by %g", by)
	}
	g.leftNothing(v, false)
}

// frozen is the address at which the present script never changes, and its
// integrity.
func (g *guests) frozen() (path, integrity string) {
	g.Helper()
	answer, err := http.Get(g.home + "/embed/v1.js")
	if err != nil {
		g.Fatal(err)
	}
	defer answer.Body.Close()
	script, err := io.ReadAll(answer.Body)
	if err != nil {
		g.Fatal(err)
	}
	name, sum := sha256.Sum256(script), sha512.Sum384(script)
	return "/embed/v1." + hex.EncodeToString(name[:8]) + ".js", "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

func (g *guests) standOnIsolatedPages() {
	v := g.person()
	for _, policy := range []string{"require-corp", "credentialless"} {
		v.openHost(g.host(`lang="en"`, "", g.embed("card", "")+g.script(), "Cross-Origin-Embedder-Policy", policy, "Cross-Origin-Opener-Policy", "same-origin"))
		v.stands(1)
		if !eval[bool](v, `() => crossOriginIsolated || location.hostname !== "localhost" && !isSecureContext`) {
			g.Errorf("%s: the page is not isolated", policy)
		}
		v.ours(1)[0].reads(g.app.Catalogues.For("en").T("embed.sign"))
	}
}

// A page in a sandbox has the origin "null", as have the frames in it, and no
// storage.
func (g *guests) standInASandbox() {
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", g.embed("sticky", "")+g.embed("bar", "")+g.script(), "Content-Security-Policy", "sandbox allow-scripts"))
	v.stands(2)
	if got := eval[string](v, `() => { try { return String(localStorage.length) } catch (e) { return origin + " " + e.name } }`); got != "null SecurityError" {
		g.Fatalf("the page has storage: %s", got)
	}
	for _, f := range v.ours(2) {
		if eval[bool](f, `() => !!document.querySelector("button")`) {
			v.pressIn(f, "none", "button")
		}
	}
	v.until("the banner to go away", func() bool { return v.standing() == 1 })
	eval[chromedp.Void](v, `() => { const e = document.querySelector("olive-embed"); e.remove(); document.body.append(e) }`)
	v.stands(1)
	g.leftNothing(v, false)
}

func (g *guests) standTwice() {
	v := g.person()
	frozen, _ := g.frozen()
	other := g.app.AddPartner("Second Yard", "second-yard")
	g.app.Settle()
	body := g.embed("bar", "") + g.script() + strings.ReplaceAll(g.embed("box", ""), g.slug, other.Slug) + g.script() +
		fmt.Sprintf(`<script async src="%s%s"></script>`, g.home, frozen)
	v.openHost(g.host(`lang="en"`, "", body))
	v.stands(2)
	var names []string
	for _, f := range v.ours(2) {
		names = append(names, eval[string](f, `() => location.pathname + " " + document.querySelector(".with bdi").textContent`))
	}
	slices.Sort(names)
	if want := []string{"/embed/harbour-lights Harbour Lights Peace Fund", "/embed/second-yard Second Yard"}; !slices.Equal(names, want) {
		g.Errorf("banners of %v, want %v", names, want)
	}
}

func (g *guests) areMoved() {
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", `<section></section>`+g.embed("bar", "")+g.script()))
	v.stands(1)
	eval[chromedp.Void](v, `() => document.querySelector("section").append(document.querySelector("olive-embed"))`)
	v.stands(1)
	eval[chromedp.Void](v, `() => { window.kept = document.querySelector("olive-embed"); kept.remove() }`)
	if eval[bool](v, `() => !!kept.shadowRoot.querySelector("iframe")`) {
		g.Error("an element that was taken out keeps its frame")
	}
	eval[chromedp.Void](v, `() => document.body.prepend(kept)`)
	v.stands(1)
	eval[chromedp.Void](v, `() => kept.setAttribute("layout", "box")`)
	v.until("the other layout", func() bool { return v.standing() == 1 && eval[float64](v, `() => kept.offsetHeight`) == 250 })
}

// A page that makes its pages itself: the banner of the next one says where it
// stands then.
func (g *guests) followNavigation() {
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", "<main>"+g.embed("sticky", "")+"</main>"+g.script()))
	v.stands(1)
	for _, page := range []string{"/news/one", "/news/two"} {
		// As some do, the new one is there before the old one goes.
		eval[chromedp.Void](v, `(to, next) => { history.pushState({}, "", to); const old = document.querySelector("main"), main = document.createElement("main");
			main.innerHTML = next; old.before(main); old.remove() }`, page+"?token=secret#part", g.embed("sticky", ""))
		v.stands(1)
		if at := v.at(); at != g.hosts.url.Host+page {
			g.Errorf("it says that it stands at %q", at)
		}
	}
	eval[chromedp.Void](v, `() => document.querySelector("main").remove()`)
	if eval[string](v, `() => getComputedStyle(document.documentElement).paddingBottom`) != "0px" {
		g.Error("the room is still kept after the banner has gone")
	}
}

// at is where the first banner says that it stands.
func (b *tab) at() string {
	b.t.Helper()
	return eval[string](b, `() => new URL(document.querySelector("olive-embed").shadowRoot.querySelector("iframe").src).searchParams.get("at") || ""`)
}

// Language: that of the element, else of the page around it, else of the
// browser, which is Korean here. The page's direction does not matter.
func (g *guests) chooseTheLanguage() {
	v := g.person()
	for _, c := range []struct{ root, body, want string }{
		{`lang="ar" dir="rtl"`, g.embed("bar", `lang="en"`), "en ltr"},
		{`lang="ar" dir="rtl"`, g.embed("bar", `lang="auto"`), "ar rtl"},
		{`lang="ar" dir="rtl"`, `<div lang="en" dir="ltr">` + g.embed("wide", `lang="auto"`) + `</div>`, "en ltr"},
		{`lang="en"`, g.embed("sticky", `lang="ar"`), "ar rtl"},
		{``, g.embed("bar", `lang="auto"`), "ko ltr"},
		{``, g.embed("bar", ""), "ko ltr"},
	} {
		v.openHost(g.host(c.root, "", c.body+g.script()))
		v.stands(1)
		if got := eval[string](v.ours(1)[0], `() => document.documentElement.lang + " " + document.documentElement.dir`); got != c.want {
			g.Errorf("%s %s: %s, want %s", c.root, c.body, got, c.want)
		}
		v.noSideways(c.root)
	}
}
