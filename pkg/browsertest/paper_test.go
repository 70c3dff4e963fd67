package browsertest

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"olivebranch/pkg/audit"
)

// onPaper is what a page has to show and to leave out when it is printed.
type onPaper struct {
	path          string
	shown, hidden []string // selectors
	sheets        int      // at most; 0: as many as it takes
}

// TestPagesPrintAsPapers prints what people take to a meeting or a ministry,
// from a window in dark colours: the words and figures in dark on white, what
// is folded away as well, and none of the site's furniture.
func TestPagesPrintAsPapers(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	frozen, err := w.app.Statements.Freeze(t.Context(), 0, audit.Actor{Kind: audit.Program})
	w.must(err)
	furniture := []string{".top nav", ".bottom", ".demo", "button", ".pass-on"}
	papers := []onPaper{
		{"/", []string{"h1", ".number", ".appeal-text", ".wall", ".meaning p", ".chart tbody td"}, []string{".appeal-form", ".share"}, 0},
		{"/figures", []string{".states", ".chart tbody td", ".plot", ".lines tbody td"}, []string{"a.button"}, 0},
		{"/number", []string{".number", ".quote", ".plain-table td"}, nil, 2},
		{"/statements/" + frozen.Name, []string{"h1", ".number", ".quote", ".facts a"}, nil, 1},
		{"/privacy", []string{"h1", "li"}, nil, 0},
		{"/partners", []string{"h1"}, []string{".search"}, 0},
	}
	for _, lang := range []string{"en", "ko", "ar"} {
		t.Run(lang, func(t *testing.T) {
			w := *w
			w.T = t
			b := w.as(startChromium(t, w.stage, lang), anybody, lang)
			for _, p := range papers {
				w.prints(b, "/"+lang+p.path, p, furniture)
			}
		})
	}
}

func (w *world) prints(b *tab, address string, p onPaper, furniture []string) {
	w.Helper()
	b.screen(1280, "dark")
	b.open(address)
	pdf := run(b, "print", chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if n := len(pdfPage.FindAll(pdf, -1)); n == 0 || p.sheets > 0 && n > p.sheets {
		w.Errorf("%s: %d sheets, want at most %d", address, n, p.sheets)
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print",
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	w.must(err)
	_, err = chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 673, Height: 986, DeviceScaleFactor: 1})
	w.must(err)
	seen := func(selector string) int {
		return eval[int](b, `(selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility({ contentVisibilityAuto: true }) && e.getBoundingClientRect().height > 0).length`, selector)
	}
	for _, s := range p.shown {
		if seen(s) == 0 {
			w.Errorf("%s: %s is not on paper", address, s)
		}
	}
	for _, s := range append(p.hidden, furniture...) {
		if n := seen(s); n > 0 {
			w.Errorf("%s: %d of %s are on paper", address, n, s)
		}
	}
	if colours := eval[string](b, `() => { const s = getComputedStyle(document.body); return s.color + " on " + s.backgroundColor }`); colours != "rgb(0, 0, 0) on rgb(255, 255, 255)" {
		w.Errorf("%s: it is printed %s", address, colours)
	}
	if wide := eval[int](b, `() => document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		w.Errorf("%s: %d px do not fit on the sheet", address, wide)
	}
	_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	w.must(err)
}
