package browsertest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// hosts is the site of the partners: pages at 127.0.0.1, which to a browser is
// another site than localhost.
type hosts struct {
	url *url.URL

	mu    sync.Mutex
	pages map[string]hostPage
}

type hostPage struct {
	body   string
	header []string // names and values
}

func startHosts(t *testing.T) *hosts {
	t.Helper()
	h := &hosts{pages: map[string]hostPage{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	server.Start()
	t.Cleanup(server.Close)
	if h.url, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	page, ok := h.pages[r.URL.Path]
	h.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	for i := 0; i+1 < len(page.header); i += 2 {
		w.Header().Set(page.header[i], page.header[i+1])
	}
	fmt.Fprint(w, page.body)
}

// paste puts a code, as it was copied, into a page of a site in a language,
// and returns the page's address. policy is the site's content security
// policy, "" for none.
func (h *hosts) paste(path, lang, dir, code, policy string) string {
	var header []string
	if policy != "" {
		header = []string{"Content-Security-Policy", policy}
	}
	return h.put(path, fmt.Sprintf(`<!doctype html>
<html lang="%s" dir="%s">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A partner's page</title><link rel="icon" href="data:,"></head>
<body><main><h1>A partner's page</h1>
%s
<p>The end.</p></main></body>
</html>`, lang, dir, code), header...)
}

// put makes a page and returns its address. header is names and values.
func (h *hosts) put(path, body string, header ...string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pages[path] = hostPage{body, header}
	return h.url.JoinPath(path).String()
}
