package web_test

import (
	"net/http"
	"strings"
	"time"
)

// leaks are signs of the inside of the program on a page.
var leaks = []string{".go:", "goroutine ", "gorm", "SQLSTATE", "sqlite", "panic", "runtime error"}

// checkUsual fails what no answer may do, whatever was asked.
func (h *house) checkUsual(a answer) {
	h.t.Helper()
	if a.status >= 500 && a.status != http.StatusNotImplemented {
		h.t.Errorf("%s: status %d: %s", a.asked, a.status, a.text())
	}
	h.checkHeaders(a)
	for _, leak := range leaks {
		if strings.Contains(a.body, leak) {
			h.t.Errorf("%s: the page holds %q", a.asked, leak)
		}
	}
	if cookie := a.header.Get("Set-Cookie"); cookie != "" {
		h.t.Errorf("%s: sets a cookie: %s", a.asked, cookie)
	}
	if to := a.header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\")) {
		h.t.Errorf("%s: leads away to %q", a.asked, to)
	}
}

func (h *house) checkHeaders(a answer) {
	h.t.Helper()
	csp := a.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe-inline") {
		h.t.Errorf("%s: Content-Security-Policy is %q", a.asked, csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if got := a.header.Get(name); got != want {
			h.t.Errorf("%s: %s is %q, want %q", a.asked, name, got, want)
		}
	}
	private := a.status >= 400 || strings.HasPrefix(a.asked, http.MethodPost)
	if got := a.header.Get("Cache-Control"); private && got != "no-store" {
		h.t.Errorf("%s: Cache-Control is %q, want no-store", a.asked, got)
	}
}

// slowest is how long an answer may take.
const slowest = time.Second

// inTime repeats a request that took too long: only one that is slow three
// times in a row is the program's fault and not the machine's.
func (h *house) inTime(ask func() answer) answer {
	h.t.Helper()
	a := ask()
	for range 2 {
		if a.took <= slowest {
			return a
		}
		a = ask()
	}
	if a.took > slowest {
		h.t.Errorf("%s: took %v", a.asked, a.took)
	}
	return a
}
