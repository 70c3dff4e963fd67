package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"olivebranch/pkg/app"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// rush is a campaign to which so much comes at times that browsers have to
// work, and one visitor of it.
type rush struct {
	*testing.T
	*tab
	*stage
	words *locale.Locale
	lang  string
	hot   *atomic.Bool
}

// TestTheProofOfWork: the sum is solved while the form is filled in, or on the
// page that asks for it; with the keyboard alone, and nobody needs a script.
func TestTheProofOfWork(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	c.Demo, c.Limits = true, "on"
	hot := &atomic.Bool{}
	st := newStage(t, testkit.Run(t, c, func(o *app.Options) { o.Hot = func(appeal.Form) bool { return hot.Load() } }))
	for _, lang := range testkit.Languages(t) {
		t.Run(lang, func(t *testing.T) {
			browser := startChromium(t, st, lang)
			for name, walk := range map[string]func(*rush){"unnoticed": (*rush).isNotNoticed, "asked": (*rush).isAsked,
				"without script": (*rush).hasNoScript, "without WebCrypto": (*rush).hasNoCrypto} {
				t.Run(name, func(t *testing.T) {
					b := browser.person()
					b.t = t
					b.screen(360, "light")
					walk(&rush{T: t, tab: b, stage: st, words: st.app.Catalogues.For(lang), lang: lang, hot: hot})
				})
			}
		})
	}
	st.app.MustVerify()
}

func (r *rush) say(id string) string { return r.words.T(id) }

func (r *rush) email() string {
	return strings.ReplaceAll(strings.ToLower(r.Name()), "/", "-") + "@example.org"
}

// fillsIn fills the form in with the keyboard.
func (r *rush) fillsIn() {
	r.Helper()
	r.tabTo("#f-name")
	r.tap("Mina Example")
	r.tabTo("#f-email")
	r.tap(strings.NewReplacer("_", "-").Replace(r.email()))
	r.tabTo("#f-country")
	r.tap(kb.ArrowDown)
	r.tabTo("#f-consent")
	r.tap(" ")
	if !eval[bool](r.tab, `() => document.querySelector("#f-consent").checked && document.querySelector("#f-country").value !== ""`) {
		r.Fatal("the form cannot be filled in by keyboard")
	}
}

// signed confirms what was sent, and wants its signature to be in a state.
func (r *rush) signed(state string) {
	r.Helper()
	r.isAt("/" + r.lang + "/sign/sent/")
	link := r.app.Link(strings.NewReplacer("_", "-").Replace(r.email()), "", "/confirm/")
	r.app.Client().Get(link).Submit("")
	token, err := r.app.Keys.Parse(seal.ConfirmSignature, link[strings.LastIndexByte(link, '/')+1:], r.app.Clock.Now())
	if err != nil {
		r.Fatal(err)
	}
	var got []string
	if err := r.app.Store.Read(r.Context()).Table("signatures").Where("id = ?", token.Row).Pluck("state", &got).Error; err != nil || fmt.Sprint(got) != "["+state+"]" {
		r.Errorf("the signature is %v, %v; want %s", got, err, state)
	}
}

func (r *rush) isNotNoticed() {
	r.hot.Store(true)
	r.open("/" + r.lang + "/sign")
	r.fillsIn()
	r.hit(kb.Enter) // in the box of the consent: the button is not looked for
	r.signed(appeal.Counted)
}

func (r *rush) isAsked() {
	r.hot.Store(false)
	r.open("/" + r.lang + "/sign")
	r.fillsIn()
	r.hot.Store(true)
	r.browser.see.meanRefusal(r.app.BaseURL.JoinPath(r.lang, "sign").String())
	r.onEveryPage(hearing)
	r.slow(6)
	r.hit(kb.Enter)
	start := time.Now()
	r.reads(r.say("challenge.heading"), r.say("challenge.explain"), r.say("challenge.without"))
	if !eval[bool](r.tab, `() => document.activeElement.id === "asked"`) {
		r.Error("the keyboard is not where the page asks")
	}
	eval[chromedp.Void](r.tab, `() => { globalThis.gap = 0; let last = performance.now();
		const tick = () => { const now = performance.now(); globalThis.gap = Math.max(gap, now - last); last = now; setTimeout(tick) }; tick() }`)
	r.until("the end of the work", func() bool {
		return eval[string](r.tab, `() => document.querySelector("[role=status]").textContent`) == r.say("challenge.done")
	})
	if eval[bool](r.tab, `() => document.querySelector(".work progress").checkVisibility()`) {
		r.Error("a bar is left where the work is done")
	}
	r.Logf("on a processor six times slower: %v, and the page stood still for at most %.0f ms", time.Since(start).Round(time.Millisecond), eval[float64](r.tab, `() => gap`))
	if said, want := eval[[]string](r.tab, `() => said`), []string{r.say("challenge.busy"), r.say("challenge.done")}; !slices.Equal(said, want) {
		r.Errorf("a screen reader is told %q, want %q", said, want)
	}
	if !eval[bool](r.tab, `() => document.querySelector(".work progress").hidden`) {
		r.Error("the bar stays when the work is done")
	}
	for _, times := range []float64{6, 1} {
		r.slow(times)
		r.Logf("%.0f times slower: %.0f digests a second", times, eval[float64](r.tab, `async () => { const start = performance.now(), n = 10000;
			for (let i = 0; i < n; i += 200) await Promise.all(Array.from({ length: 200 }, (_, k) => crypto.subtle.digest("SHA-256", new TextEncoder().encode("a salt of the usual length, a salt of the usual length" + i + k))));
			return 1000 * n / (performance.now() - start) }`))
	}
	r.noSideways("the form that asks")
	r.audit("the form that asks")
	r.tabTo("#asked button.primary")
	r.hit(kb.Enter)
	r.signed(appeal.Counted)
}

// onEveryPage runs a script before those of each page to come.
func (r *rush) onEveryPage(script string) {
	r.Helper()
	if _, err := chromedp.Call(r.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		r.Fatal(err)
	}
}

// hearing keeps what a screen reader is told, in globalThis.said.
const hearing = `globalThis.said = [];
	new MutationObserver(() => {
		const now = document.querySelector("[role=status]")?.textContent;
		if (now && now !== said.at(-1)) said.push(now);
	}).observe(document, { subtree: true, childList: true })`

// slow slows the browser down.
func (r *rush) slow(times float64) {
	r.Helper()
	if _, err := chromedp.Call(r.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times}); err != nil {
		r.Fatal(err)
	}
}

func (r *rush) hasNoScript() {
	r.hot.Store(true)
	r.noScript()
	r.open("/" + r.lang + "/sign")
	r.signsUnchecked("")
}

// hasNoCrypto is what browsers are on a site without TLS.
func (r *rush) hasNoCrypto() {
	r.hot.Store(false)
	r.open("/" + r.lang + "/sign")
	r.onEveryPage(`Object.defineProperty(crypto, "subtle", { value: undefined })`)
	r.hot.Store(true)
	r.signsUnchecked(r.say("challenge.failed"))
}

func (r *rush) signsUnchecked(says string) {
	r.Helper()
	r.fillsIn()
	r.browser.see.meanRefusal(r.app.BaseURL.JoinPath(r.lang, "sign").String())
	r.hit(kb.Enter)
	r.reads(r.say("challenge.without"))
	if got := eval[string](r.tab, `() => document.querySelector(".work [role=status]").textContent`); got != says {
		r.Errorf("the page says %q, want %q", got, says)
	}
	r.tabTo("#asked button[name=unproven]")
	r.hit(kb.Enter)
	r.signed(appeal.Held)
}
