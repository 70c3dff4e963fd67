package browsertest

import (
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screen sets the size of the window and the colours the person likes.
func (b *tab) screen(width int64, colours string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}}}); err != nil {
		b.t.Fatal(err)
	}
	b.until(fmt.Sprintf("a %s screen %d px wide", colours, width), func() bool {
		return eval[bool](b, `(w, c) => innerWidth === w && matchMedia("(prefers-color-scheme: " + c + ")").matches`, width, colours)
	})
}

// noSideways fails the test when the page is wider than the window, and names
// what sticks out.
func (b *tab) noSideways(name string) {
	b.t.Helper()
	out := eval[string](b, `() => {
		const page = document.documentElement;
		if (page.scrollWidth <= page.clientWidth) return "";
		const wide = [...document.querySelectorAll("body *")].filter((e) => { const r = e.getBoundingClientRect(); return e.scrollWidth > e.clientWidth + 1 || (r.width && (r.right > page.clientWidth + 1 || r.left < -1)) });
		return page.scrollWidth + " px of " + page.clientWidth + ": " + wide.slice(-4).map((e) => e.tagName.toLowerCase() + "." + e.className).join(", ");
	}`)
	if out != "" {
		b.t.Errorf("%s scrolls sideways: %s", name, out)
	}
}
