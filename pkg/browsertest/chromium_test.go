package browsertest

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/domstorage"
	"github.com/chromedp/chromedp"

	"olivebranch/pkg/testkit"
)

// patience is how long a browser may take for one step. It is long, because
// many tests may run on a small machine; nobody waits for it in vain.
const patience = 30 * time.Second

// findChromium is the path of a Chromium; the test is skipped without one.
func findChromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testkit.Missing(t, "chromium", "install Chromium (Debian: apt-get install chromium) to run the browser tests")
	return ""
}

// chromium is a running browser with an empty profile, whose user reads one
// language.
type chromium struct {
	t   *testing.T
	ctx context.Context
	st  *stage
	see *witness
}

// startChromium starts a browser that asks for pages in a language, and at the
// end fails the test for all that went wrong in it. It reaches no other hosts
// than the two sites: whatever asks for one is told that there is none, and
// that is an error in the console.
func startChromium(t *testing.T, st *stage, lang string, more ...chromedp.ExecAllocatorOption) *chromium {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-features", "Translate,BackForwardCache"), // a page that was left is gone, with its frames
		chromedp.Flag("accept-lang", lang), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, _ := chromedp.NewContext(alloc, chromedp.WithErrorf(t.Logf))
	c := &chromium{t: t, ctx: ctx, st: st, see: newWitness(st)}
	t.Cleanup(func() {
		c.see.adopting.Wait()
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close Chromium: %v", err)
		}
		stopAlloc()
		c.see.report(t)
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return c
}

// person is a tab of somebody with cookies and a cache of their own.
func (c *chromium) person() *tab {
	c.t.Helper()
	b := &tab{t: c.t, browser: c}
	b.attach(chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear)))
	return b
}

// attach starts to watch a page or frame. What it said before comes too: the
// browser repeats exceptions, messages and issues to whoever asks for them.
func (b *tab) attach(ctx context.Context, cancel context.CancelFunc) {
	b.ctx = ctx
	b.t.Cleanup(cancel)
	if err := chromedp.Do(ctx, b.watchIssues()); err != nil {
		b.t.Fatalf("open a tab: %v", err)
	}
}

func (b *tab) watchIssues() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, audits.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, domstorage.Enable, cdp.Empty{})
		return err
	})
}
