package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"olivebranch/pkg/banner"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/testkit"
)

// chooser is a contact person who has a keyboard alone, at the page where
// banners are chosen.
type chooser struct {
	*world
	*tab
	words   *locale.Locale
	partner *registry.Partner
	web     *testkit.Internet
}

// TestABannerIsChosenCopiedAndCheckedByKeyboard walks through the whole page
// as it is meant: the question, the choices, the preview, the code, the check.
func TestABannerIsChosenCopiedAndCheckedByKeyboard(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	w := openWorld(t, n.Use)
	for _, lang := range testkit.Languages(t) {
		t.Run(lang, func(t *testing.T) {
			w := *w
			w.T = t
			c := &chooser{world: &w, web: n, words: w.app.Catalogues.For(lang)}
			c.tab = w.as(startChromium(t, w.stage, lang), contact, lang)
			c.partner = w.representing(lang)
			c.screenOf(1280, 900, "light")
			c.open("/portal/embed")
			for _, step := range []func(){c.answersTheQuestion, c.choosesAShape, c.seesTheBanner, c.copiesTheCode, c.checksThePage, c.readsWhatToMend} {
				step()
			}
		})
	}
}

// representing is the partner of the one who was let in by world.as.
func (w *world) representing(lang string) *registry.Partner {
	w.Helper()
	var id int64
	w.must(w.app.Store.Read(w.Context()).Table("representatives").Where("lang = ? AND counter > 0", lang).Order("id DESC").Limit(1).Pluck("partner_id", &id).Error)
	p, ok := w.app.Register.ByID(id)
	if !ok {
		w.Fatalf("nobody reads %s", lang)
	}
	return p
}

// tabTo presses Tab until something is reached.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	for range 60 {
		b.tap(kb.Tab)
		if eval[bool](b, `(s) => document.activeElement.matches(s)`, selector) {
			return
		}
	}
	b.t.Fatalf("Tab does not lead to %s", selector)
}

// waits until the page shows what was chosen last.
func (c *chooser) waits(code string, parts ...string) {
	c.Helper()
	c.until("a code with "+strings.Join(parts, ", "), func() bool {
		have := c.value(code)
		for _, p := range parts {
			if !strings.Contains(have, p) {
				return false
			}
		}
		return true
	})
}

func (c *chooser) answersTheQuestion() {
	c.reads(c.words.T("generator.question"))
	c.tabTo("[name=site]")
	c.tap(kb.ArrowDown)
	c.waits("#code-paste", "/p/"+c.partner.Slug)
	c.tap(kb.ArrowDown)
	c.waits("#code-frame", "/embed/"+c.partner.Slug)
	c.reads(c.words.T("generator.way.frame"), c.words.T("generator.step.frame_1"), c.words.T("generator.step.frame_3"), c.words.T("generator.way.picture"))
}

func (c *chooser) choosesAShape() {
	c.tap(kb.Tab)
	c.tap(kb.ArrowDown)
	c.tap(kb.ArrowDown)
	c.waits("#code-frame", "layout=box")
	c.tap(kb.Tab)
	c.tap(kb.ArrowDown)
	c.waits("#code-frame", "layout=box", "theme=dark")
	if at := eval[string](c.tab, `() => document.activeElement.id`); at != "theme" {
		c.Errorf("a choice moved the focus to %q", at)
	}
}

// seesTheBanner: the real one, on three pages.
func (c *chooser) seesTheBanner() {
	lang := c.words.Lang()
	for _, ground := range []string{"light", "dark", "phone"} {
		c.reads(c.words.T("generator.ground." + ground))
		shown := ".stage." + ground + " iframe"
		eval[chromedp.Void](c.tab, `(s) => { document.querySelector(s).scrollIntoView() }`, shown)
		c.until("the banner on a "+ground+" page", func() bool {
			text := eval[string](c.tab, `(s) => document.querySelector(s).contentDocument?.body?.innerText ?? ""`, shown)
			return strings.Contains(text, c.app.Campaign(lang)) && strings.Contains(text, c.words.Number(c.app.Tally.Total())) && strings.Contains(text, c.partner.Name)
		})
		if src := eval[string](c.tab, `(s) => document.querySelector(s).src`, shown); !strings.Contains(c.value("#code-frame"), banner.Escape(src)) {
			c.Errorf("%s shows %s, which is not what the code asks for", ground, src)
		}
	}
	if wide := eval[float64](c.tab, `() => document.querySelector(".stage.phone .stage-page").offsetWidth`); wide > 360 {
		c.Errorf("the phone is %g px wide", wide)
	}
}

// copiesTheCode twice, and hears it both times.
func (c *chooser) copiesTheCode() {
	c.tabTo("[data-copy=code-frame]")
	eval[chromedp.Void](c.tab, `() => {
		const status = document.activeElement.parentElement.querySelector("[role=status]");
		window.heard = [status.textContent];
		new MutationObserver(() => window.heard.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
	}`)
	heard := func() string { return eval[string](c.tab, `() => window.heard.filter(Boolean).join("; ")`) }
	said := c.words.T("portal.copied")
	c.tap(kb.Enter)
	c.until("the word that the code was copied", func() bool { return heard() == said })
	c.tap(" ")
	c.until("the word once more", func() bool { return heard() == said+"; "+said })
	if gone := eval[bool](c.tab, `() => window.heard.slice(1, -1).includes("")`); !gone {
		c.Errorf("what is said again was not taken away before, so that nobody hears it")
	}
	c.tabTo("#f-url")
	run(c.tab, "paste", chromedp.KeyEvent("v", chromedp.KeyModifiers(chromedp.ModifierCtrl), func(p *input.DispatchKeyEventParams) { p.Commands = []string{"paste"} }))
	if have := c.value("#f-url"); have != c.value("#code-frame") {
		c.Errorf("pasted %q, want %q", have, c.value("#code-frame"))
	}
}

// checks sends the address of a page to be looked at.
func (c *chooser) checks(address string) {
	c.Helper()
	c.tabTo("#f-url")
	eval[chromedp.Void](c.tab, `() => document.activeElement.select()`)
	if _, err := chromedp.Call(c.ctx, input.InsertText, input.InsertTextParams{Text: address}); err != nil {
		c.Fatal(err)
	}
	c.hit(kb.Enter)
	c.isAt("/portal/embed/check")
}

// isTold fails the test unless the focus is on an answer that says so and is on
// the screen.
func (c *chooser) isTold(id string, words ...string) {
	c.Helper()
	at := eval[[]string](c.tab, `() => { const e = document.activeElement, r = e.getBoundingClientRect();
		return [e.id, e.innerText, r.top < innerHeight && r.bottom > 0 ? "" : "off the screen"] }`)
	if at[0] != id || at[2] != "" {
		c.Errorf("the focus is on %q %s, want %q", at[0], at[2], id)
	}
	for _, w := range words {
		if !strings.Contains(at[1], w) {
			c.Errorf("%q does not say %q", at[1], w)
		}
	}
}

func (c *chooser) checksThePage() {
	c.web.Page("partner.test/"+c.words.Lang(), "<h1>Welcome</h1>"+c.value("#code-frame"))
	c.checks("http://partner.test/" + c.words.Lang())
	c.isTold("found", c.words.T("generator.check_good"), c.words.T("inspect.found.frame"))
	c.waits("#code-frame", "layout=box", "theme=dark") // what was chosen stays
	c.audit(c.words.Lang() + " generator, checked")
}

func (c *chooser) readsWhatToMend() {
	c.web.Page("partner.test/empty", "<h1>Welcome</h1>")
	c.checks("http://partner.test/empty")
	c.isTold("found", c.words.T("generator.check_mend"), c.words.T("inspect.fault.nothing"))
	c.checks("http://nowhere.test/")
	c.isTold("found", c.words.T("generator.check_unread"), c.words.T("generator.unread.no_name"))
	c.browser.see.meanRefusal(c.app.BaseURL.JoinPath("portal/embed/check").String())
	c.checks("http://127.0.0.1/")
	c.isTold("refusal", c.words.T("form.refused_title"))
}
