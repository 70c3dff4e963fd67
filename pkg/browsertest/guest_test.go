package browsertest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/testkit"
)

// guests are banners on pages of all kinds of other sites, in a browser that
// keeps no cookies of third parties.
type guests struct {
	*testing.T
	*stage
	browser *chromium
	home    string // of the program
	slug    string // a partner's
	pages   atomic.Int64
}

func TestGuests(t *testing.T) {
	t.Parallel()
	findChromium(t)
	st := &stage{app: testkit.Run(t, testkit.SQLite(t)), hosts: startHosts(t)}
	g := &guests{T: t, stage: st, home: st.app.BaseURL.String(), slug: "harbour-lights"}
	st.app.AddPartner("Harbour Lights Peace Fund", g.slug)
	st.app.Settle()
	g.browser = startChromium(t, st, "ko", chromedp.Flag("test-third-party-cookie-phaseout", true))
	for _, one := range []struct {
		name  string
		story func(*guests)
	}{
		{"every shape in every language, nothing moves", (*guests).standInEveryShape},
		{"long words", (*guests).showLongWords},
		{"colours", (*guests).wearTheme},
		{"a late script moves nothing", (*guests).comeLate},
		{"late, on a page of another shape", (*guests).comeLateElsewhere},
		{"strict policy and integrity", (*guests).obeyThePolicy},
		{"isolated pages", (*guests).standOnIsolatedPages},
		{"page in a sandbox, without storage", (*guests).standInASandbox},
		{"WordPress", (*guests).speakWordPress},
		{"frame in a sandbox", (*guests).showTheAddress},
		{"two banners, two scripts", (*guests).standTwice},
		{"moved, taken out, put back", (*guests).areMoved},
		{"single-page navigation", (*guests).followNavigation},
		{"languages", (*guests).chooseTheLanguage},
		{"no script", (*guests).leaveTheLink},
		{"no script, in every shape", (*guests).leaveEveryLink},
		{"blocked", (*guests).leaveTheLinkWhenBlocked},
		{"focus on the link", (*guests).waitForTheFocus},
		{"until", (*guests).endOnADay},
		{"heights", (*guests).growWithinBounds},
		{"frame led elsewhere", (*guests).hearOnlyTheProgram},
		{"where it stands", (*guests).sayWhereTheyStand},
		{"sticky", (*guests).stickAndLeave},
		{"sticky in a frame", (*guests).doNotStickInFrames},
		{"sticky in safe areas", (*guests).keepToSafeAreas},
		{"from a pack", (*guests).comeFromAPack},
		{"sunset", (*guests).thankAtTheEnd},
	} {
		t.Run(one.name, func(t *testing.T) {
			one.story(&guests{T: t, stage: st, browser: g.browser, home: g.home, slug: g.slug})
		})
	}
}

// person is a tab of its own, whose failures are those of this story.
func (g *guests) person() *tab {
	g.Helper()
	v := (&chromium{t: g.T, ctx: g.browser.ctx, st: g.stage, see: g.browser.see}).person()
	v.window(1200, 900)
	return v
}

// code is the element as the portal hands it out.
func (g *guests) code(layout banner.Layout, lang string) string {
	spot := banner.Spot{Base: g.home, Slug: g.slug, Layout: layout}
	return banner.Codes(spot, g.app.Catalogues.For(lang), campaign{app: g.app}).Element
}

// campaign is what codes say of the appeal.
type campaign struct {
	banner.Appeal
	app *testkit.App
}

func (c campaign) Campaign(lang string) string { return c.app.Campaign(lang) }

// embed is the element as DESIGN.md has it, with more attributes.
func (g *guests) embed(layout, more string) string {
	return fmt.Sprintf(`<olive-embed partner="%s" layout="%s" %s><a href="%s/p/%s">Sign with us</a></olive-embed>`, g.slug, layout, more, g.home, g.slug)
}

// script is the loader's tag as site owners copy it.
func (g *guests) script() string {
	return fmt.Sprintf(`<script async src="%s/embed/v1.js"></script>`, g.home)
}

// host makes a page with something in its head and in its body.
func (g *guests) host(root, head, body string, header ...string) string {
	path := "/" + strings.ReplaceAll(strings.ToLower(g.Name()), ",", "") + fmt.Sprintf("/%d", g.pages.Add(1))
	return g.hosts.put(strings.ReplaceAll(path, "/testguests", ""), fmt.Sprintf(`<!doctype html>
<html %s><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Elsewhere</title><link rel="icon" href="data:,">%s</head>
<body><h1>Elsewhere</h1>%s<p id="end">The end.</p></body></html>`, root, head, body), header...)
}

// openHost goes to a page of the other site.
func (b *tab) openHost(address string) {
	b.t.Helper()
	run(b, "open "+address, chromedp.Navigate(address))
}

func (b *tab) window(width, height int64) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}); err != nil {
		b.t.Fatal(err)
	}
}

// stands waits until as many banners as there are elements show, with their
// links out of the way.
func (b *tab) stands(n int) {
	b.t.Helper()
	b.until(fmt.Sprintf("%d banners", n), func() bool { return b.standing() == n })
}

// standing counts the banners that show.
func (b *tab) standing() int {
	b.t.Helper()
	return eval[int](b, `() => [...document.querySelectorAll("olive-embed")].filter((e) => {
		const f = e.shadowRoot && e.shadowRoot.querySelector("iframe"), link = e.querySelector("a"), seen = { visibilityProperty: true };
		return f && f.checkVisibility(seen) && !(link && link.checkVisibility(seen));
	}).length`)
}

// linkAlone fails the test unless the first element shows its link and no
// frame.
func (b *tab) linkAlone(why string) {
	b.t.Helper()
	if !eval[bool](b, `() => { const e = document.querySelector("olive-embed"), f = e.shadowRoot && e.shadowRoot.querySelector("iframe");
		return e.querySelector("a").checkVisibility({ visibilityProperty: true }) && !(f && f.checkVisibility({ visibilityProperty: true })) }`) {
		b.t.Errorf("%s: the link does not stand alone", why)
	}
}

// moved is by how much things on the page have moved by themselves. That it
// would have been noticed is shown by moving something at the end.
func (b *tab) moved() float64 {
	b.t.Helper()
	return eval[float64](b, `() => new Promise((done) => {
		let sum = 0, since = Infinity;
		new PerformanceObserver((list) => {
			for (const e of list.getEntries()) { if (e.startTime < since) sum += e.value; else done(sum); }
		}).observe({ type: "layout-shift", buffered: true });
		requestAnimationFrame(() => requestAnimationFrame(() => {
			since = performance.now();
			const wedge = document.createElement("div");
			wedge.style.height = "100px";
			document.body.prepend(wedge);
			requestAnimationFrame(() => requestAnimationFrame(() => wedge.remove()));
		}));
	})`)
}

// ours waits for as many frames of ours as are asked for, in no order.
func (b *tab) ours(n int) []*tab {
	b.t.Helper()
	var found []*tab
	b.until(fmt.Sprintf("%d frames of ours", n), func() bool {
		found = nil
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, f := range b.frames {
			at, err := chromedp.Run(f.ctx, chromedp.Evaluate[string](`document.readyState + location.pathname`))
			if err == nil && strings.HasPrefix(at, "complete/embed/") {
				found = append(found, f)
			}
		}
		return len(found) == n
	})
	return found
}

// pressIn presses something in a frame, which is the first element of the page
// that fits the selector or the banner's frame.
func (b *tab) pressIn(f *tab, frame, selector string) {
	b.t.Helper()
	var x, y float64
	b.until(selector+" in a frame that stands still", func() bool {
		at := eval[[]float64](b, `(s) => { const e = document.querySelector(s) || document.querySelector("olive-embed").shadowRoot.querySelector("iframe");
			const r = e.getBoundingClientRect(); return [r.x, r.y] }`, frame)
		in := eval[[]float64](f, `async (s) => { const e = document.querySelector(s), r = e.getBoundingClientRect();
			await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
			const now = e.getBoundingClientRect(), x = now.x + now.width / 2, y = now.y + now.height / 2;
			return e.contains(document.elementFromPoint(x, y)) && now.x === r.x && now.y === r.y ? [x, y] : [] }`, selector)
		if len(in) == 0 {
			return false
		}
		x, y = at[0]+in[0], at[1]+in[1]
		return true
	})
	run(b, "press "+selector+" in a frame", chromedp.MouseClickXY(x, y))
}

// leftNothing fails the test when there is a cookie, or anything kept but that
// a banner was closed.
func (g *guests) leftNothing(v *tab, dismissed bool) {
	g.Helper()
	if c := v.cookies(); len(c) > 0 {
		g.Errorf("cookies: %v", c)
	}
	w := g.browser.see
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.kept {
		if !dismissed || k != g.hosts.url.String()+"/ olive-embed:"+g.app.BaseURL.Host {
			g.Errorf("kept in the browser: %s", k)
		}
	}
	w.kept = nil
}

func (b *tab) noScript() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}
