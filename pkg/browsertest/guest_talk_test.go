package browsertest

import (
	"fmt"
	"slices"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// wordPress does what WordPress's own script does with frames that it embeds,
// as far as frames notice: it says "ready", sets heights, and follows links.
const wordPress = `<script>
	const heard = [];
	addEventListener("message", (e) => {
		const frame = document.querySelector("iframe[data-secret]"), d = e.data;
		if (!d || !d.message || e.source !== frame.contentWindow || d.secret !== frame.dataset.secret) return;
		heard.push(d.message + " " + d.value);
		if (d.message === "height") frame.height = Math.min(1000, Math.max(200, parseInt(d.value, 10)));
		if (d.message === "link" && new URL(d.value).host === new URL(frame.src).host && document.activeElement === frame && !window.stay) top.location.href = d.value;
	});
	const greet = () => document.querySelector("iframe[data-secret]").contentWindow.postMessage({ message: "ready", secret: "AbC123xyz9" }, "*");
	addEventListener("load", greet);
</script>`

// sandboxed is a frame as WordPress makes it.
func (g *guests) sandboxed(layout, more string) string {
	return fmt.Sprintf(`<iframe sandbox="allow-scripts" src="%s/embed/%s?layout=%s&lang=en%s" width="600" height="338" %s></iframe>`, g.home, g.slug, layout, more, `data-secret="AbC123xyz9"`)
}

func (g *guests) speakWordPress() {
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", wordPress+g.sandboxed("card", "#?secret=AbC123xyz9")))
	f := v.ours(1)[0]
	v.until("the height", func() bool { return eval[int](v, `() => heard.filter((m) => /^height \d+$/.test(m)).length`) > 0 })
	before := eval[int](v, `() => heard.length`)
	v.until("an answer to a second greeting", func() bool {
		eval[chromedp.Void](v, `() => greet()`)
		return eval[int](v, `() => heard.length`) > before
	})
	if high := eval[[]float64](v, `() => { const f = document.querySelector("iframe"); return [+f.height, f.getBoundingClientRect().height] }`); high[0] < 200 || high[0] > 315 {
		g.Errorf("the frame is %v px high", high)
	}
	g.shows(f)

	// A page that does not follow: the address is shown, and the button is not tried in vain.
	eval[chromedp.Void](v, `() => { window.stay = true }`)
	v.pressIn(f, "iframe", "a")
	v.until("the link", func() bool {
		return eval[bool](v, `(to) => heard.includes("link " + to)`, g.home+"/p/"+g.slug)
	})
	g.showsAddress(f)

	eval[chromedp.Void](v, `() => { window.stay = false }`)
	v.pressIn(f, "iframe", "a")
	v.until("the form", func() bool { return eval[string](v, `() => location.pathname`) == "/ko/sign" })
	g.leftNothing(v, false)
}

// shows wants the number in the frame to be there, in whatever sandbox.
func (g *guests) shows(f *tab) {
	g.Helper()
	f.reads("Harbour Lights Peace Fund", g.app.Catalogues.For("en").T("embed.sign"))
	f.until("the tally", func() bool {
		return eval[int](f, `() => performance.getEntriesByType("resource").filter((e) => e.name.endsWith("/tally.json") && e.responseEnd > 0).length`) == 1
	})
}

// showsAddress wants the address as text that one press selects.
func (g *guests) showsAddress(f *tab) {
	g.Helper()
	f.until("the address", func() bool { return eval[bool](f, `() => document.getElementById("address").checkVisibility()`) })
	got := eval[[]string](f, `() => { const a = document.getElementById("address"); return [a.textContent, getComputedStyle(a).userSelect] }`)
	if got[0] != g.home+"/p/"+g.slug || got[1] != "all" {
		g.Errorf("the address is %q", got)
	}
}

// In a sandbox that is not WordPress's nothing opens and nobody listens.
func (g *guests) showTheAddress() {
	v := g.person()
	for _, layout := range []string{"bar", "badge"} {
		v.openHost(g.host(`lang="en"`, "", g.sandboxed(layout, "")))
		f := v.ours(1)[0]
		g.shows(f)
		if eval[string](f, `() => origin`) != "null" {
			g.Fatal("the frame has an origin")
		}
		g.browser.see.meanBlock("Blocked opening")
		v.pressIn(f, "iframe", "a")
		g.showsAddress(f)
	}
	g.leftNothing(v, false)
}

// Heights: a frame that needs more gets it, up to a bound and not too often;
// what others say does not count.
func (g *guests) growWithinBounds() {
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", g.embed("bar", "")+g.script()+fmt.Sprintf(`<iframe id="other" src="%s/embed/all"></iframe>`, g.home)))
	v.stands(1)
	high := func() float64 { return eval[float64](v, `() => document.querySelector("olive-embed").offsetHeight`) }
	var f, other *tab
	for _, one := range v.ours(2) {
		if eval[string](one, `() => location.pathname`) == "/embed/all" {
			other = one
		} else {
			f = one
		}
	}
	enlarge := func(size string) {
		eval[chromedp.Void](f, `(s) => { document.documentElement.style.fontSize = s }`, size)
	}

	const shout = `() => { for (const type of ["height", "close", "ready"]) (parent === window ? window : parent).postMessage({ type: "olive-embed:" + type, value: 150 }, "*") }`
	eval[chromedp.Void](v, `() => { window.others = 0; addEventListener("message", (e) => { others += e.data?.value === 150 }) }`)
	v.until("the banner to hear at once", func() bool { return eval[bool](v, `() => !document.querySelector("olive-embed").resting`) })
	eval[chromedp.Void](v, shout)
	eval[chromedp.Void](other, shout)
	v.until("what others say", func() bool { return eval[int](v, `() => others`) == 6 })
	if h := high(); h != 80 {
		g.Errorf("what others say makes it %g px high", h)
	}
	for _, bad := range []string{`null`, `"olive-embed:height"`, `7`, `[]`, `{}`, `{ type: "olive-embed:height" }`, `{ type: "olive-embed:height", value: "<b>" }`,
		`{ type: "olive-embed:height", value: -5 }`, `{ type: "olive-embed:height", value: {} }`, `{ type: "olive-embed:close" }`, `{ message: "height", value: 150, secret: "" }`} {
		eval[chromedp.Void](f, `() => parent.postMessage(`+bad+`, "*")`)
	}
	eval[chromedp.Void](f, `() => new Promise((done) => { setTimeout(done) })`)
	if h := high(); h != 80 || v.standing() != 1 {
		g.Errorf("after messages that mean nothing it is %g px high", h)
	}

	enlarge("30px")
	v.until("room for large letters", func() bool {
		return high() > 80 && high() >= eval[float64](f, `() => document.querySelector("main").offsetHeight`)
	})
	if h := high(); h > 192 {
		g.Errorf("it is %g px high", h)
	}
	enlarge("300px")
	v.until("the most there is", func() bool { return high() == 192 })
	enlarge("")
	v.until("the usual height again", func() bool { return high() == 80 })

	// A flood: heights change a few times, and the last one counts.
	eval[chromedp.Void](v, `() => { window.changes = 0; new MutationObserver((l) => { changes += l.length }).observe(document.querySelector("olive-embed").shadowRoot.firstElementChild, { attributes: true }) }`)
	took := eval[float64](f, `async () => { const since = performance.now(), say = (value) => parent.postMessage({ type: "olive-embed:height", value }, "*");
		for (let i = 0; i < 100; i++) { say(100 + i % 50); await new Promise((next) => setTimeout(next)); }
		say(123); return performance.now() - since }`)
	v.until("the last height", func() bool { return high() == 123 })
	if n, most := eval[int](v, `() => changes`), int(took/200)+4; n > most {
		g.Errorf("101 messages in %g ms change the height %d times, want at most %d", took, n, most)
	}
}

// The frame was led to another site: what that says does not count.
func (g *guests) hearOnlyTheProgram() {
	stranger := g.host("", "", `<script>for (const type of ["height", "close", "ready"]) parent.postMessage({ type: "olive-embed:" + type, value: 150 }, "*")</script>`)
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", g.embed("bar", "")+g.script()))
	v.stands(1)
	high := func() float64 { return eval[float64](v, `() => document.querySelector("olive-embed").offsetHeight`) }
	v.until("the banner to hear at once", func() bool { return eval[bool](v, `() => !document.querySelector("olive-embed").resting`) })
	eval[chromedp.Void](v, `(to) => { window.heard = 0; const frame = document.querySelector("olive-embed").shadowRoot.querySelector("iframe");
		addEventListener("message", (e) => { heard += e.source === frame.contentWindow && e.origin === location.origin }); frame.src = to }`, stranger)
	v.until("what the stranger says", func() bool { return eval[int](v, `() => heard`) == 3 })
	if h := high(); h != 80 {
		g.Errorf("a stranger makes it %g px high", h)
	}
}

// Sticky: at the foot of the window, with room kept under the page, closed by
// its button or by Esc in it, away for a set time, not printed.
func (g *guests) stickAndLeave() {
	v := g.person()
	at := g.host(`lang="en"`, "<style>main { height: 3000px } body { margin: 0 }</style>", g.embed("sticky", "")+"<main></main><button id=last>Last</button>"+g.script())
	v.openHost(at)
	v.stands(1)
	if by := v.moved(); by != 0 {
		g.Errorf("the page moved by %g", by)
	}
	v.until("the page to be as it was", func() bool { return eval[int](v, `() => document.querySelectorAll("div").length`) == 0 })
	place := func() []float64 {
		return eval[[]float64](v, `() => { scrollTo({ top: 1e6, behavior: "instant" }); const r = document.querySelector("olive-embed").shadowRoot.querySelector("iframe").getBoundingClientRect();
			return [r.x, r.bottom - innerHeight, r.width - document.documentElement.clientWidth, r.top - document.getElementById("end").getBoundingClientRect().bottom] }`)
	}
	if p := place(); p[0] != 0 || p[1] != 0 || p[2] != 0 || p[3] < 0 {
		g.Errorf("left, foot, width and what it covers: %v", p)
	}
	f := v.ours(1)[0]
	f.until("the button to close it", func() bool { return eval[bool](f, `() => document.querySelector("button").checkVisibility()`) })
	if size := eval[[]float64](f, `() => { const r = document.querySelector("button").getBoundingClientRect(); return [r.width, r.height] }`); size[0] < 44 || size[1] < 44 {
		g.Errorf("the button is %v px", size)
	}
	if !eval[bool](v, `() => document.activeElement === document.body`) {
		g.Error("it took the focus")
	}
	media := func(kind string) {
		if _, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind}); err != nil {
			g.Fatal(err)
		}
	}
	media("print")
	v.until("paper without it", func() bool {
		return v.standing() == 0 && eval[string](v, `() => getComputedStyle(document.documentElement).paddingBottom`) == "0px"
	})
	media("")
	v.until("the screen with it", func() bool { return v.standing() == 1 })
	g.leftNothing(v, false)

	// Esc means it only where the visitor is in it.
	run(v, "Esc", chromedp.KeyEvent("\u001b"))
	v.stands(1)
	eval[chromedp.Void](v, `() => document.querySelector("olive-embed").shadowRoot.querySelector("iframe").focus()`)
	_, _ = chromedp.Run(f.ctx, chromedp.KeyEvent("\u001b")) // the frame may be gone before the key is up
	v.until("it to go away", func() bool { return v.standing() == 0 })
	if eval[string](v, `() => getComputedStyle(document.documentElement).paddingBottom`) != "0px" {
		g.Error("the room is still kept")
	}
	g.leftNothing(v, true)

	gone := func(why string) {
		g.Helper()
		v.openHost(at)
		v.until("the loader", func() bool { return eval[bool](v, `() => !!document.querySelector("olive-embed").shadowRoot`) })
		if v.standing() != 0 || eval[bool](v, `() => !!document.querySelector("olive-embed").shadowRoot.querySelector("iframe")`) {
			g.Errorf("%s it is back", why)
		}
	}
	later := func(days float64) {
		eval[chromedp.Void](v, `(days) => { for (const k of Object.keys(localStorage)) localStorage.setItem(k, localStorage.getItem(k) - days * 864e5) }`, days)
	}
	gone("at once")
	later(29)
	gone("after 29 days")
	later(2)
	v.openHost(at)
	v.stands(1)
	f = v.ours(1)[0]
	f.until("the button to close it", func() bool { return eval[bool](f, `() => document.querySelector("button").checkVisibility()`) })
	v.pressIn(f, "none", "button")
	v.until("it to go away", func() bool { return v.standing() == 0 })
	gone("after its button was pressed")
}

// In a frame of the page's own, it would cover that frame; and a plain frame
// has nobody to close it.
func (g *guests) doNotStickInFrames() {
	inner := g.host(`lang="en"`, "", g.embed("sticky", "")+g.embed("bar", "")+g.script())
	v := g.person()
	v.openHost(g.host(`lang="en"`, "", fmt.Sprintf(`<iframe src="%s" width="800" height="400"></iframe><iframe id="plain" src="%s/embed/%s?layout=sticky" width="800" height="80"></iframe>`, inner, g.home, g.slug)))
	const within = `document.querySelector("iframe").contentDocument`
	v.until("the bar beside it", func() bool {
		return eval[bool](v, `() => { const e = `+within+`.querySelectorAll("olive-embed")[1], f = e && e.shadowRoot && e.shadowRoot.querySelector("iframe"); return !!f && f.checkVisibility({ visibilityProperty: true }) }`)
	})
	if !eval[bool](v, `() => { const e = `+within+`.querySelector("olive-embed"); return !e.shadowRoot.querySelector("iframe") && e.querySelector("a").checkVisibility({ visibilityProperty: true }) }`) {
		g.Error("it sticks in a frame")
	}
	for _, f := range v.ours(2) {
		if eval[bool](f, `() => { const b = document.querySelector("button"); return !!b && b.checkVisibility() }`) {
			g.Error("a plain frame offers to be closed")
		}
	}
}

// On a phone whose screen has a notch and a bar of its own.
func (g *guests) keepToSafeAreas() {
	v := g.person()
	v.window(700, 400)
	notch := func(left, bottom int64) {
		if _, err := chromedp.Call(v.ctx, emulation.SetSafeAreaInsetsOverride, emulation.SetSafeAreaInsetsOverrideParams{Insets: &emulation.SafeAreaInsets{Left: &left, Bottom: &bottom}}); err != nil {
			g.Fatal(err)
		}
	}
	v.openHost(g.host(`lang="en"`, `<meta name="viewport" content="width=device-width, viewport-fit=cover">`, g.embed("sticky", "")+g.script()))
	v.stands(1)
	for _, c := range [][]int64{{0, 0}, {44, 34}} {
		notch(c[0], c[1])
		want := []float64{float64(c[0]), float64(c[1]), 0, float64(80 + c[1])}
		v.until(fmt.Sprintf("left, foot, foot of what is behind, room at the page's end: %v", want), func() bool {
			return slices.Equal(want, eval[[]float64](v, `() => { const e = document.querySelector("olive-embed").shadowRoot, r = e.querySelector("iframe").getBoundingClientRect();
				return [r.x, innerHeight - r.bottom, innerHeight - e.querySelector(".view").getBoundingClientRect().bottom, parseFloat(getComputedStyle(document.documentElement).paddingBottom)] }`))
		})
	}
}
