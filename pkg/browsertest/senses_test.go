package browsertest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"olivebranch/pkg/testkit"
)

// stop looks at what has the focus: "end" behind the last stop, otherwise what
// is wrong with it. It must come after the stop before it on the page, have an
// outline, and be neither off the screen nor wholly under something else.
const stop = `() => {
	const e = document.activeElement;
	if (e === document.body || e === window.stopped) return e === document.body ? "end" : "the focus does not move";
	const before = window.stopped;
	window.stopped = e;
	(window.stops ??= new Set()).add(e);
	const name = e.tagName + "#" + e.id + "." + e.className + " " + e.textContent.trim().slice(0, 30) + ": ";
	if (before && !(before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return name + "is out of order";
	if (e.tagName === "IFRAME") return "";
	const s = getComputedStyle(e);
	if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) return name + "has no outline";
	for (const r of e.getClientRects())
		for (const x of [0.1, 0.5, 0.9]) for (const y of [0.1, 0.5, 0.9]) {
			const top = document.elementFromPoint(r.x + r.width * x, r.y + r.height * y);
			if (top && (e.contains(top) || top.contains(e) && top !== document.body && top !== document.documentElement)) return "";
		}
	return name + "is not seen";
}`

// unreached are the controls that Tab did not come to.
const unreached = `() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, iframe")].filter((e) =>
	e.checkVisibility() && !e.disabled && e.type !== "hidden" && !window.stops.has(e) && !(e.type === "radio" && [...window.stops].some((s) => s.name === e.name)))
	.map((e) => e.outerHTML.slice(0, 120))`

// TestTheFocusIsSeen presses Tab through public pages, on a wide screen and on
// a phone.
func TestTheFocusIsSeen(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	c := startChromium(t, w.stage, "en")
	b := c.person()
	for _, lang := range []string{"en", "ar"} {
		for _, at := range []string{"", "sign?via=handeul-peace-yard", "partners", "partners?view=map", "partners/handeul-peace-yard", "messages", "figures", "report?partner=handeul-peace-yard", "join", "embed"} {
			width := int64(360)
			if lang == "en" {
				width = 1280
			}
			b.screen(width, "light")
			b.open("/" + lang + "/" + at)
			for n := 0; ; n++ {
				b.tap(kb.Tab)
				wrong := eval[string](b, stop)
				if wrong == "end" {
					break
				}
				if wrong != "" || n > 400 {
					t.Fatalf("/%s/%s, stop %d: %s", lang, at, n, wrong)
				}
			}
			if left := eval[[]string](b, unreached); len(left) > 0 {
				t.Errorf("/%s/%s: Tab does not lead to %q", lang, at, left)
			}
		}
	}
}

// spread sets the distances of WCAG 1.4.12 between lines, words and letters.
const spread = `() => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }");
	document.adoptedStyleSheets = [sheet];
}`

// doubled makes all text twice as large, as somebody may have set in the
// browser.
const doubled = `() => { document.adoptedStyleSheets = []; document.documentElement.style.fontSize = "200%" }`

// cut names boxes whose words are cut off.
const cut = `() => [...document.querySelectorAll("body *")].filter((e) => !e.closest(".said, svg") && e.checkVisibility() && e.innerText?.trim() &&
	["hidden", "clip"].includes(getComputedStyle(e).overflowY) && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1))
	.map((e) => e.tagName + "." + e.className)`

// moving names what moves although the reader wants nothing to.
const moving = `() => [...document.querySelectorAll("*")].filter((e) => { const s = getComputedStyle(e);
	return parseFloat(s.transitionDuration) > 0 || s.animationName !== "none" || s.scrollBehavior === "smooth" }).map((e) => e.tagName + "." + e.className)`

// TestThePublicSiteBendsToItsReader opens every public page with text spread
// and twice as large, with colours the reader chose, and with no wish to see
// things move.
func TestThePublicSiteBendsToItsReader(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	list := w.rooms()
	for _, lang := range testkit.Languages(t) {
		if lang == "ko" && !testkit.Long() {
			continue // its lines break as English ones do
		}
		c := startChromium(t, w.stage, lang)
		b := c.person()
		for _, r := range list {
			if r.who != anybody {
				continue
			}
			b.screen(1280, "light")
			b.open(r.address(lang))
			for _, way := range []struct{ name, change string }{{"spread", spread}, {"doubled", doubled}} {
				eval[chromedp.Void](b, way.change)
				b.noSideways(r.name(lang) + ", " + way.name)
				if boxes := eval[[]string](b, cut); len(boxes) > 0 {
					t.Errorf("%s, %s: cut off are %v", r.name(lang), way.name, boxes)
				}
			}
			b.prefers("prefers-reduced-motion", "reduce")
			if parts := eval[[]string](b, moving); len(parts) > 0 {
				t.Errorf("%s moves: %v", r.name(lang), parts)
			}
		}
	}
}

// prefers sets one wish of the reader, and no other.
func (b *tab) prefers(feature, value string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}}}); err != nil {
		b.t.Fatal(err)
	}
	b.until(feature+" to be "+value, func() bool {
		return eval[bool](b, `(f, v) => matchMedia("(" + f + ": " + v + ")").matches`, feature, value)
	})
}

// TestForcedColoursHideNothing: the bar to the milestone, the tab that is
// chosen and the discs of the map do not depend on colours of ours, and the
// focus has its outline.
func TestForcedColoursHideNothing(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	b := startChromium(t, w.stage, "en").person()
	b.screen(1280, "light")
	b.prefers("forced-colors", "active")
	b.open("/en/")
	bar := b.picture("progress")
	if y := bar.Bounds().Dy() / 2; bar.At(3, y) == bar.At(bar.Bounds().Dx()-4, y) {
		t.Error("the bar to the milestone looks empty")
	}
	b.tabTo("#f-name")
	if wrong := eval[string](b, stop); wrong != "" {
		t.Error(wrong)
	}
	b.open("/en/partners?view=map")
	for _, tabs := range []string{".sides", ".views"} {
		if same := eval[bool](b, `(s) => { const colour = (e) => getComputedStyle(e).borderBottomColor;
			return colour(document.querySelector(s + " [aria-current]")) === colour(document.querySelector(s + " a:not([aria-current])")) }`, tabs); same {
			t.Errorf("in %s each choice looks chosen", tabs)
		}
	}
	if drowned := eval[bool](b, `() => getComputedStyle(document.querySelector(".map circle")).fill === getComputedStyle(document.querySelector(".land")).fill`); drowned {
		t.Error("the discs of the map have the colour of the land")
	}
}

// picture is how an element looks.
func (b *tab) picture(selector string) image.Image {
	b.t.Helper()
	at := eval[[]float64](b, `(s) => { const r = document.querySelector(s).getBoundingClientRect(); return [r.x, r.y, r.width, r.height] }`, selector)
	shot, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip: &page.Viewport{X: at[0], Y: at[1], Width: at[2], Height: at[3], Scale: 1}})
	if err != nil {
		b.t.Fatal(fmt.Errorf("take a picture of %s: %w", selector, err))
	}
	img, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		b.t.Fatal(err)
	}
	return img
}
