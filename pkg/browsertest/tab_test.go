package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"olivebranch/pkg/testkit"
)

// tab is a page on the screen, or a frame of another site inside one.
type tab struct {
	t       *testing.T
	browser *chromium
	ctx     context.Context

	mu     sync.Mutex
	frames []*tab
}

// hear is given every event of the tab, and sees to it that frames of other
// sites, which run in processes of their own, are watched as well.
func (b *tab) hear(ev any) {
	b.browser.see.hear(ev)
	if ev, ok := ev.(*target.EventAttachedToTarget); ok && ev.TargetInfo.Type == "iframe" {
		b.browser.see.adopting.Go(func() { b.adopt(ev.TargetInfo.TargetID) })
	}
}

func (b *tab) adopt(id target.ID) {
	f := &tab{t: b.t, browser: b.browser}
	ctx, _ := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel(), chromedp.WithListener(f.hear))
	f.ctx = ctx
	if err := chromedp.Do(ctx, f.watchIssues()); err != nil {
		return // the frame is gone again
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frames = append(b.frames, f)
}

// frame waits for the frame of another site that shows a path.
func (b *tab) frame(path string) *tab {
	b.t.Helper()
	var found *tab
	b.until("a frame with "+path, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, f := range b.frames {
			at, err := chromedp.Run(f.ctx, chromedp.Evaluate[string](`document.readyState + " " + location.pathname`))
			if err == nil && at == "complete "+path {
				found = f
			}
		}
		return found != nil
	})
	return found
}

// until waits for a condition.
func (b *tab) until(what string, so func() bool) {
	b.t.Helper()
	testkit.Until(b.t, what, so)
}

// run does one thing in the tab.
func run[T any](b *tab, what string, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		at, _ := chromedp.Run(b.ctx, chromedp.Location())
		b.t.Fatalf("%s on %s: %v", what, at, err)
	}
	return v
}

// eval is the value of a function of JavaScript with these arguments.
func eval[T any](b *tab, function string, args ...any) T {
	b.t.Helper()
	raw, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		b.t.Fatal(err)
	}
	return run(b, function, chromedp.Evaluate[T](fmt.Sprintf("(%s)(...%s)", function, raw), chromedp.EvalAwaitPromise))
}

// open goes to an address, or to a path of the program, which must answer 200.
func (b *tab) open(address string) {
	b.t.Helper()
	to, err := b.browser.st.app.BaseURL.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	answer := run(b, "open "+address, chromedp.NavigateResponse(to.String()))
	if answer.Status != 200 {
		b.t.Fatalf("open %s: status %d", address, answer.Status)
	}
}

// source is the page as the server sends it to who has the tab's cookies: of
// what must not be kept, the browser has none.
func (b *tab) source() string {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodGet, eval[string](b, `() => location.href`), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.jar() {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.t.Fatalf("source of %s: status %d, %v", b.path(), res.StatusCode, err)
	}
	return string(page)
}

// reload asks for the page again, as a visitor does.
func (b *tab) reload() {
	b.t.Helper()
	run(b, "reload", chromedp.Reload())
}

// spot finds the first visible element that fits a selector and holds the
// words, brings it on the screen and returns a point where it can be pressed;
// what is covered by something else cannot.
const spot = `(selector, words) => {
	const said = (e) => e.textContent.replace(/\s+/g, " ").includes(words);
	for (const e of document.querySelectorAll(selector)) {
		if (!said(e) || !e.checkVisibility()) continue;
		e.scrollIntoView({ block: "center", behavior: "instant" });
		const at = e.getClientRects()[0], x = at.x + at.width / 2, y = at.y + at.height / 2;
		const top = document.elementFromPoint(x, y);
		if (top && (e.contains(top) || top.contains(e))) return [x, y];
	}
	return [];
}`

func (b *tab) find(selector, words string) (x, y float64) {
	b.t.Helper()
	at := eval[[]float64](b, spot, selector, words)
	if len(at) != 2 {
		b.t.Fatalf("nothing to press: %s with %q on %s:\n%s", selector, words, b.path(), b.text())
	}
	return at[0], at[1]
}

// press presses what fits a selector and holds the words, and waits for the
// page to which that leads.
func (b *tab) press(selector, words string) {
	b.t.Helper()
	x, y := b.find(selector, words)
	run(b, "press "+words, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.MouseClickXY(x, y)))
}

// pick presses something that leads nowhere.
func (b *tab) pick(selector, words string) {
	b.t.Helper()
	x, y := b.find(selector, words)
	run(b, "pick "+selector, chromedp.MouseClickXY(x, y))
}

// fill puts values into the fields of the form, in pairs of name and value: a
// text is put in as a keyboard or an input method does, "on" ticks a box.
func (b *tab) fill(pairs ...string) {
	b.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		field := "main [name=" + name + "]"
		switch kind := eval[string](b, `(s) => { const e = document.querySelector(s); if (!e) return "";
			e.focus(); if (e.select) e.select(); return e.type }`, field); kind {
		case "":
			b.t.Fatalf("no field %s on %s", name, b.path())
		case "checkbox":
			b.pick(field, "")
		case "select-one":
			eval[chromedp.Void](b, `(s, v) => { const e = document.querySelector(s); e.value = v; e.dispatchEvent(new Event("change", { bubbles: true })) }`, field, value)
			value = eval[string](b, `(s, v) => document.querySelector(s).value === v ? v : "(not in the list)"`, field, value)
			if value != pairs[i+1] {
				b.t.Fatalf("%s: %q is not in the list", name, pairs[i+1])
			}
		default:
			if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: value}); err != nil {
				b.t.Fatalf("type into %s: %v", name, err)
			}
		}
	}
}

// value is what stands in a field.
func (b *tab) value(selector string) string {
	b.t.Helper()
	return eval[string](b, `(s) => document.querySelector(s)?.value ?? "(no such field)"`, selector)
}

// text is all that can be read on the page.
func (b *tab) text() string {
	b.t.Helper()
	return strings.Join(strings.Fields(eval[string](b, `() => document.body.innerText`)), " ")
}

// path is where the tab is on its site.
func (b *tab) path() string {
	b.t.Helper()
	return eval[string](b, `() => location.pathname`)
}

// reads fails the test unless the page shows each of the words.
func (b *tab) reads(words ...string) {
	b.t.Helper()
	text := b.text()
	for _, w := range words {
		if w = strings.Join(strings.Fields(w), " "); !strings.Contains(text, w) {
			b.t.Errorf("%s does not say %q:\n%s", b.path(), w, text)
		}
	}
}

// isAt fails the test unless the tab shows a page of the program whose path
// starts so.
func (b *tab) isAt(path string) {
	b.t.Helper()
	at, err := url.Parse(eval[string](b, `() => location.href`))
	if err != nil || at.Host != b.browser.st.app.BaseURL.Host || !strings.HasPrefix(at.Path, path) {
		b.t.Fatalf("the browser is at %s, not at %s (%v):\n%s", at, path, err, b.text())
	}
}

// follow presses something that opens a new window and returns that window.
func (b *tab) follow(press func()) *tab {
	b.t.Helper()
	known, err := chromedp.Targets(b.ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	old := map[target.ID]bool{}
	for _, i := range known {
		old[i.TargetID] = true
	}
	press()
	var id target.ID
	b.until("a new window", func() bool {
		now, err := chromedp.Targets(b.ctx)
		for _, i := range now {
			if i.Type == "page" && !old[i.TargetID] {
				id = i.TargetID
			}
		}
		return err == nil && id != ""
	})
	w := &tab{t: b.t, browser: b.browser}
	w.attach(chromedp.NewContext(b.ctx, chromedp.WithTargetID(id), chromedp.WithListener(w.hear)))
	w.until("the new window's page", func() bool {
		return eval[bool](w, `() => location.protocol === "http:" && document.readyState === "complete"`)
	})
	return w
}
