package browsertest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/domstorage"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// witness notes all that goes wrong in a browser, and whom it talks to.
type witness struct {
	sites    []string       // the hosts, with ports, that may be asked
	adopting sync.WaitGroup // frames on their way to being watched

	mu      sync.Mutex
	wrong   []string
	refused map[string]int // by address: how many 422 and 409 are meant
	blocked map[string]int // by the words that tell of it: how often something was blocked that was meant to be
	asked   map[string]int // by host
	kept    []string       // what pages and frames put into the browser's storage: origin and key
}

func newWitness(st *stage) *witness {
	return &witness{sites: []string{st.app.BaseURL.Host, st.hosts.url.Host}, refused: map[string]int{}, blocked: map[string]int{}, asked: map[string]int{}}
}

// meanRefusal says that the next form sent to this address is to be refused:
// Chromium writes each 422 and 409 to the console, and this one is no fault.
func (w *witness) meanRefusal(address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused[address]++
}

// meanBlock says that the browser is to block something, of which it tells in
// these words, and that this is no fault.
func (w *witness) meanBlock(words string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.blocked[words] += 0
}

// hear takes an event of a page or frame.
func (w *witness) hear(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		w.note("uncaught exception: %s", exceptionText(ev.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			w.note("console.%s: %s", ev.Type, argsText(ev.Args))
		}
	case *log.EventEntryAdded:
		w.hearEntry(ev.Entry)
	case *audits.EventIssueAdded:
		if d := ev.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			w.note("content security policy: %s %s (%s)", d.ViolatedDirective, d.BlockedURL, d.ContentSecurityPolicyViolationType)
		}
		if d := ev.Issue.Details.CookieIssueDetails; d != nil {
			w.note("cookie issue: %+v", d.CookieWarningReasons)
		}
	case *network.EventRequestWillBeSent:
		w.hearRequest(ev.Request.URL)
		if ev.Type == network.ResourceTypePing {
			w.note("beacon: %s", ev.Request.URL)
		}
	case *domstorage.EventDomStorageItemAdded:
		w.mu.Lock()
		w.kept = append(w.kept, string(ev.StorageID.StorageKey)+" "+ev.Key)
		w.mu.Unlock()
	}
}

func (w *witness) hearEntry(e *log.Entry) {
	if e.Level != log.EntryLevelError {
		return
	}
	w.mu.Lock()
	meant := w.refused[e.URL] > 0 && (strings.Contains(e.Text, "status of 422 ") || strings.Contains(e.Text, "status of 409 "))
	if meant {
		w.refused[e.URL]--
	}
	w.mu.Unlock()
	if !meant {
		w.note("console: %s %s", e.Text, e.URL)
	}
}

func (w *witness) hearRequest(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "data" || u.Scheme == "about" || u.Scheme == "blob" {
		return
	}
	w.mu.Lock()
	w.asked[u.Host]++
	w.mu.Unlock()
	if !slices.Contains(w.sites, u.Host) {
		w.note("request to a third site: %s", address)
	}
}

func (w *witness) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what := fmt.Sprintf(format, args...)
	for words := range w.blocked {
		if strings.Contains(what, words) {
			w.blocked[words]++
			return
		}
	}
	w.wrong = append(w.wrong, what)
}

// report fails the test for everything that was seen.
func (w *witness) report(t *testing.T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.wrong {
		t.Errorf("in the browser: %s", s)
	}
	for address, n := range w.refused {
		if n > 0 {
			t.Errorf("%s did not refuse what it was meant to refuse", address)
		}
	}
	for words, n := range w.blocked {
		if n == 0 {
			t.Errorf("the browser did not say that it blocked something: %s", words)
		}
	}
	if w.asked[w.sites[0]] == 0 {
		t.Error("no request to the program was seen, so none to others could have been")
	}
}

func exceptionText(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return fmt.Sprintf("%s (%s:%d)", text, d.URL, d.LineNumber+1)
}

func argsText(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		if a.Description != "" {
			words = append(words, a.Description)
		} else {
			words = append(words, string(a.Value))
		}
	}
	return strings.Join(words, " ")
}
