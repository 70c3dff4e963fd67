package browsertest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"olivebranch/pkg/testkit"
)

// axeTags are the rules that are run: WCAG 2.2 up to level AA, and what axe-core
// calls best practice, as the order of headings and the landmarks.
const axeTags = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

// fetchAxe reads axe-core.
func fetchAxe() (string, error) {
	file, err := fetch("axe-core", "4", "axe.min.js")
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(file)
	return string(source), err
}

var fetching sync.Mutex

// fetch is the path of a file of a package of npm, which puts it into the
// user's cache folder the first time. version is the major one.
func fetch(name, version, file string) (string, error) {
	fetching.Lock() // npm's own folder bears one at a time
	defer fetching.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "olivebranch-tests")
	path := filepath.Join(folder, "node_modules", name, filepath.FromSlash(file))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	if out, err := exec.Command(npm, "install", "--prefix", folder, "--no-audit", "--no-fund", name+"@"+version).CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm install %s: %w\n%s", name, err, out)
	}
	_, err = os.Stat(path)
	return path, err
}

// runAxe lists what is wrong, each rule with the elements it found. The size of
// targets belongs to WCAG 2.2, but axe-core asks for it only when told to.
const runAxe = `async (runOnly) => {
	const rules = runOnly.type === "tag" ? { "target-size": { enabled: true } } : {};
	const found = await axe.run(document, { runOnly, rules, resultTypes: ["violations"], iframes: false });
	return found.violations.map((v) => v.id + ": " + v.help + v.nodes.slice(0, 5).map((n) =>
		"\n\t" + n.target.join(" ") + " " + [...n.any, ...n.all, ...n.none].map((c) => c.message).join("; ")).join(""));
}`

// audit runs axe-core on the page as it stands. The script comes from the
// browser's own side, past the page's policy, which stays as it is. name says
// in the test's output which page it was.
func (b *tab) audit(name string) {
	b.t.Helper()
	b.axe(name, `{ type: "tag", values: `+axeTags+` }`)
}

// auditColours runs only what depends on the theme.
func (b *tab) auditColours(name string) {
	b.t.Helper()
	b.axe(name, `{ type: "rule", values: ["color-contrast", "link-in-text-block"] }`)
}

func (b *tab) axe(name, rules string) {
	b.t.Helper()
	source := b.browser.st.axe
	if source == "" {
		return
	}
	if run(b, "look for axe", chromedp.Evaluate[bool](`!window.axe`)) {
		run(b, "load axe", chromedp.Evaluate[chromedp.Void](source))
	}
	for _, v := range run(b, "run axe", chromedp.Evaluate[[]string](fmt.Sprintf("(%s)(%s)", runAxe, rules), chromedp.EvalAwaitPromise)) {
		b.t.Errorf("axe on %s (%s): %s", name, b.path(), v)
	}
	b.browser.st.audited(name)
}

// needAxe says what to install when axe-core is not there.
func needAxe(t *testing.T, err error) {
	testkit.Missing(t, "npm", fmt.Sprintf("install npm, which fetches axe-core, to check the pages' accessibility (%v)", err))
}
