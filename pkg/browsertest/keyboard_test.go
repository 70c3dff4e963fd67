package browsertest

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"olivebranch/pkg/locale"
	"olivebranch/pkg/testkit"
)

// typist visits the public pages and has no mouse.
type typist struct {
	*world
	*tab
	lang  string
	words *locale.Locale
}

// TestThePublicSiteIsUsedByKeyboard walks the ways of a visitor with the keys
// Tab, Enter, Space and the arrows.
func TestThePublicSiteIsUsedByKeyboard(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	for _, lang := range testkit.Languages(t) {
		t.Run(lang, func(t *testing.T) {
			w := *w
			w.T = t
			v := &typist{world: &w, tab: startChromium(t, w.stage, lang).person(), lang: lang, words: w.app.Catalogues.For(lang)}
			v.screen(1280, "light")
			for _, step := range []func(){v.skipsTheHeader, v.changesTheLanguage, v.asksTheRegister, v.signs, v.copiesTheAddress, v.reports} {
				step()
			}
		})
	}
}

// focused says whether what has the focus fits a selector.
func (b *tab) focused(selector string) bool {
	b.t.Helper()
	return eval[bool](b, `(s) => document.activeElement.matches(s)`, selector)
}

func (v *typist) at(selector string) {
	v.Helper()
	v.until("the focus to be on "+selector, func() bool { return v.focused(selector) })
}

// keys presses keys as a keyboard does. The driver's own way tells of a key and
// of its character apart: the character of an Enter that follows a link to a
// field arrives in that field, and sends the form.
func keys(keys string, options ...chromedp.KeyOption) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			for _, k := range kb.Encode(r) {
				if k.Type == kb.KeyDown {
					k.Type = kb.KeyRawDown
				}
				for _, o := range options {
					o(k)
				}
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *k); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (v *typist) tap(key string) {
	v.Helper()
	run(v.tab, "the key "+key, keys(key))
}

func (v *typist) hit(key string) {
	v.Helper()
	run(v.tab, "the key "+key, chromedp.WaitEvent(page.LoadEventFired, nil, keys(key)))
}

// back presses Tab with Shift.
func (v *typist) back() {
	v.Helper()
	run(v.tab, "Shift and Tab", keys(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)))
}

// types puts words into the field that has the focus.
func (v *typist) types(words string) {
	v.Helper()
	if _, err := chromedp.Call(v.ctx, input.InsertText, input.InsertTextParams{Text: words}); err != nil {
		v.Fatalf("type %q: %v", words, err)
	}
}

// skipsTheHeader: the first stop leads past the header, and is seen.
func (v *typist) skipsTheHeader() {
	v.open("/" + v.lang + "/")
	v.tap(kb.Tab)
	v.at(".skip")
	if seen := eval[bool](v.tab, `() => { const r = document.activeElement.getBoundingClientRect(); return r.top >= 0 && r.left >= 0 && r.right <= innerWidth }`); !seen {
		v.Error("the link past the header has the focus and is not on the screen")
	}
	v.tap(kb.Enter)
	v.at("main")
	v.tap(kb.Tab)
	v.at("main *")
}

// changesTheLanguage: the list opens, closes when it is left, and leads on.
func (v *typist) changesTheLanguage() {
	other := map[bool]string{true: "ko", false: "en"}[v.lang == "en"]
	shown := func() bool {
		return eval[bool](v.tab, `() => document.querySelector(".languages ul").checkVisibility()`)
	}
	v.open("/" + v.lang + "/partners")
	v.tabTo(".languages summary")
	v.tap(kb.Enter)
	v.until("the list of languages", shown)
	v.tabTo("main *")
	if shown() {
		v.Error("the list of languages covers the page on which the reader has gone on")
	}
	v.back()
	v.at(".languages summary")
	v.tabTo(".languages a[hreflang=" + other + "]")
	v.hit(kb.Enter)
	v.isAt("/" + other + "/partners")
}

// asksTheRegister by a facet, and drops the question again.
func (v *typist) asksTheRegister() {
	v.open("/" + v.lang + "/partners")
	v.tabTo("#region")
	v.tap(kb.ArrowDown)
	for range 9 {
		if v.back(); v.focused(".ask button") {
			break
		}
	}
	v.hit(kb.Enter)
	if found := eval[string](v.tab, `() => document.querySelector(".register-bar [role=status]").innerText`); found == v.words.T("partners.found", "N", v.app.Register.Len()) {
		v.Errorf("the facet left %q", found)
	}
	v.tabTo(".chips a")
	v.hit(kb.Enter)
	v.reads(v.words.T("partners.found", "N", v.app.Register.Len()))
}

// signs with mistakes first: the summary has the focus, and leads to each field
// that is to be mended.
func (v *typist) signs() {
	v.open("/" + v.lang + "/sign")
	v.tabTo("#sign button.primary")
	v.browser.see.meanRefusal(v.app.BaseURL.JoinPath(v.lang, "sign").String())
	v.hit(kb.Enter)
	v.at("#refusal")
	name, _ := v.app.Web.Campaign(v.lang)
	if title := eval[string](v.tab, `() => document.title`); title != v.words.T("layout.error_title", "Title", v.words.T("sign.page"), "Campaign", name) {
		v.Errorf("the title of the refused form is %q", title)
	}
	for _, link := range eval[[]string](v.tab, `() => [...document.querySelectorAll("#refusal a")].map((a) => a.hash)`) {
		v.tabTo(`#refusal a[href="` + link + `"]`)
		v.tap(kb.Enter)
		v.at(link)
		for !v.focused("#refusal a[href='" + link + "']") {
			v.back()
		}
	}
	v.tabTo("#f-name")
	v.types("Ama Keys")
	v.tap(kb.Tab)
	v.at("#f-email")
	v.types("keys-" + v.lang + "@example.org")
	v.tap(kb.Tab)
	v.at("#f-country")
	v.tap(kb.ArrowDown)
	v.tabTo("#f-consent")
	v.tap(" ")
	v.tabTo("#sign button.primary")
	v.hit(kb.Enter)
	v.isAt("/" + v.lang + "/sign/sent/")
}

// copiesTheAddress and is told so.
func (v *typist) copiesTheAddress() {
	v.open("/" + v.lang + "/")
	v.tabTo("[data-copy]")
	v.tap(kb.Enter)
	v.until("a word that it was copied", func() bool {
		return eval[string](v.tab, `() => document.querySelector(".copied[role=status]").innerText`) == v.words.T("portal.copied")
	})
	v.at("[data-copy]")
}

func (v *typist) reports() {
	v.open("/" + v.lang + "/partners/handeul-peace-yard")
	v.tabTo(`a[href*="/report?"]`)
	v.hit(kb.Enter)
	v.tabTo("[name=reason]")
	v.tap(" ")
	v.tabTo("main form button")
	v.hit(kb.Enter)
	v.reads(v.words.T("report.sent"))
}
