package browsertest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// paper is a size of paper: in millimetres, and in CSS pixels.
type paper struct {
	name          string
	across, along float64
	width, height int64
}

var papers = []paper{{"a4", 210, 297, 794, 1123}, {"a5", 148, 210, 559, 794}}

var (
	pdfPage  = regexp.MustCompile(`/Type\s*/Page\b[^s]`)
	pdfSheet = regexp.MustCompile(`/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]`)
)

// TestAPosterIsOneSheet prints the poster and the flyer in each language, from
// a window in dark colours: one sheet of its own size, with nothing of the page
// around it and nothing cut off, also for the longest name.
func TestAPosterIsOneSheet(t *testing.T) {
	t.Parallel()
	findChromium(t)
	w := &world{T: t, stage: &stage{app: testkit.Run(t, testkit.SQLite(t)), hosts: startHosts(t)}}
	c := startChromium(t, w.stage, "en")
	short := w.contactOf(c, "Harbour Choir", "harbour-choir")
	endless := w.contactOf(c, strings.Repeat("Harbour ", 14)+"Society", strings.Repeat("harbour-", 7)+"long")
	short.open("/portal/poster")
	eval[chromedp.Void](short, `() => { window.print = () => { window.printed = true } }`)
	short.pick("[data-print]", w.app.Catalogues.For("en").T("poster.print"))
	short.until("the print dialog", func() bool { return eval[bool](short, `() => window.printed === true`) })
	for _, lang := range testkit.Languages(t) {
		for _, p := range papers {
			t.Run(lang+" "+p.name, func(t *testing.T) {
				w := *w
				w.T = t
				w.printsOneSheet(short, p, lang)
				w.printsOneSheet(endless, p, lang)
			})
		}
	}
}

// contactOf is who acts for a new partner, in the portal.
func (w *world) contactOf(c *chromium, name, slug string) *tab {
	w.Helper()
	p, b := w.app.AddPartner(name, slug), c.person()
	b.open("/portal/enter/" + w.token(seal.SignInToPortal, w.row("representatives", "partner_id = ?", p.ID), 0))
	b.press("main button", "")
	b.isAt("/portal")
	return b
}

func (w *world) printsOneSheet(b *tab, p paper, lang string) {
	w.Helper()
	b.screen(1280, "dark")
	b.open("/portal/poster?paper=" + p.name + "&lang=" + lang)
	b.reads(w.app.Campaign(lang), w.app.Catalogues.For(lang).T("poster.scan"))
	pdf := run(b, "print", chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if n := len(pdfPage.FindAll(pdf, -1)); n != 1 {
		w.Errorf("%d sheets", n)
	}
	size := pdfSheet.FindSubmatch(pdf)
	if len(size) != 3 || !p.near(size[1], p.across) || !p.near(size[2], p.along) {
		w.Errorf("the sheet is %q points", size)
	}

	// The same as the printer sees it.
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	w.must(err)
	_, err = chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: p.width, Height: p.height, DeviceScaleFactor: 1})
	w.must(err)
	if out := eval[string](b, `() => {
		const poster = document.querySelector(".poster"), around = [...document.querySelectorAll("body *")].filter((e) => !e.contains(poster) && !poster.contains(e) && e.checkVisibility() && e.getClientRects().length && !e.matches(".skip"));
		const cut = [...poster.children].filter((e) => { const r = e.getBoundingClientRect(); return r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight });
		return [...around, ...cut].map((e) => e.tagName + "." + e.className).join(" ");
	}`); out != "" {
		w.Errorf("beside the poster or cut off: %s", out)
	}
}

// near says whether points are as many millimetres, to half of one.
func (paper) near(points []byte, mm float64) bool {
	n, err := strconv.ParseFloat(string(points), 64)
	return err == nil && n > (mm-0.5)*72/25.4 && n < (mm+0.5)*72/25.4
}
