package web_test

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/config"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/testkit"
)

// hangUp sends bytes and closes; the server has read them when the connection
// is closed from its side too.
func (h *house) hangUp(request string) {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.BaseURL.Host)
	h.must(err)
	defer conn.Close()
	h.must(conn.SetDeadline(time.Now().Add(20 * time.Second)))
	_, err = io.WriteString(conn, request)
	h.must(err)
	h.must(conn.(*net.TCPConn).CloseWrite())
	_, _ = io.Copy(io.Discard, conn)
}

func TestPathsThatLeadNowhereAreNotFound(t *testing.T) {
	t.Parallel()
	targets := []string{
		"//evil.example/%2e%2e", "//evil.example", "///evil.example/", "/%2f%2fevil.example", "/%5c%5cevil.example", `/\evil.example`, `/\\evil.example`,
		"/..%2f..%2fetc/passwd", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fgo.mod", "/static/../go.mod", "/static/%2e%2e/go.mod",
		"/static//etc/passwd", "/static/", "/en/..;/console", "/%00", "/en/%00", "/en/partners/%00", "/en/partners/a%00", "/en/%0d%0aSet-Cookie:a=b",
		"/%ff", "/en/partners/%ff", "/en/%c0%af", "/en/%ed%a0%80", "/en/%e2%80%ae", "/en//sign", "/en/./sign", "/en/../console", "/EN/", "/en/sign/",
		"/xx/", "/en-US/", "/zz/sign", "/<script>", "/en/<script>", "/en/" + strings.Repeat("a", 8000), "/" + strings.Repeat("a/", 3000),
		"/console/applications/1", "/console/..", "/portal/enter/..%2f", "/.git/config", "/.env", "/wp-login.php", "/demo/mail", "/metrics", "/debug/pprof/",
		"/en/confirm/" + strings.Repeat("A", 48), "/en/confirm/..", "/en/signature/x", "/en/application/x", "/en/application/x/confirm", "/en/sign/sent/x",
		"/p/", "/p/..%2f", "/embed/a/b/c", "/embed/..%2f..%2f", "/embed/a/b.exe",
	}
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		before := h.rows()
		for i, target := range targets {
			lang := languages[i%len(languages)]
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				a := h.inTime(func() answer {
					return h.wire(h.head(method, target, "Accept-Language: "+lang, "Connection: close"))
				})
				toSignIn := target == "/console/applications/1" && a.status == http.StatusSeeOther
				if a.status != http.StatusNotFound && a.status != http.StatusBadRequest && !toSignIn {
					t.Errorf("%s %s: status %d, leads to %q", method, target, a.status, a.header.Get("Location"))
				}
				h.checkUsual(a)
				if method == http.MethodHead && a.body != "" {
					t.Errorf("%s: HEAD has a body", target)
				}
				want := lang
				if first, _, _ := strings.Cut(strings.TrimPrefix(target, "/"), "/"); slices.Contains(languages, first) {
					want = first
				}
				if a.doc != nil && a.lang() != want {
					t.Errorf("%s: the page is in %q, want %q", target, a.lang(), want)
				}
			}
		}
		h.checkUnchanged("strange paths", before)
	})
}

// What net/http itself refuses has no page of ours, but is refused.
func TestRequestsThatAreNoHTTPAreRefused(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	host := "Host: " + h.BaseURL.Host + "\r\n"
	for name, c := range map[string]struct {
		request  string
		statuses []int
	}{
		"headers of 64 KB":    {h.head("GET", "/en/", "X-Large: "+strings.Repeat("a", 64<<10)), []int{431}},
		"64 KB of small ones": {h.head("GET", "/en/", strings.Repeat("X-A: b\r\n", 8<<10)+"X-B: c"), []int{431}},
		"an address of 64 KB": {h.head("GET", "/en/"+strings.Repeat("a", 64<<10)), []int{431, 414}},
		"a broken escape":     {h.head("GET", "/%zz"), []int{400}},
		"no host":             {"GET /en/ HTTP/1.1\r\n\r\n", []int{400}},
		"two hosts":           {"GET /en/ HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n", []int{400}},
		"two lengths":         {h.head("POST", "/en/sign", "Content-Length: 1", "Content-Length: 2"), []int{400}},
		"a negative length":   {h.head("POST", "/en/sign", "Content-Length: -1"), []int{400}},
		"a strange encoding":  {h.head("POST", "/en/sign", "Transfer-Encoding: gzip"), []int{501, 400}},
		"a header with NUL":   {h.head("GET", "/en/", "X-A: \x00"), []int{400}},
		"a method with space": {h.head("GE T", "/en/"), []int{400}},
		"HTTP/3.0":            {"GET /en/ HTTP/3.0\r\n" + host + "\r\n", []int{505, 400}},
		"no HTTP at all":      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", []int{400}},
	} {
		if a := h.wire(c.request); !slices.Contains(c.statuses, a.status) {
			t.Errorf("%s: status %d, want %v", name, a.status, c.statuses)
		}
	}
}

func TestMethodsAPageDoesNotHaveAreRefused(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		token := h.token(seal.ConfirmSignature, h.pending)
		before := h.rows()
		for path, methods := range map[string][]string{
			"/ko/":                      {"TRACE", "FOO", "POST", "PUT", "DELETE", "PATCH", "PROPFIND"},
			"/ko/sign":                  {"TRACE", "FOO", "PUT", "DELETE", "PATCH"},
			"/ko/partners":              {"TRACE", "FOO", "POST"},
			"/ko/partners.json":         {"POST", "DELETE"},
			"/ko/figures":               {"POST"},
			"/ko/figures.csv":           {"POST", "DELETE"},
			"/ko/number":                {"POST"},
			"/ko/statements/2026-01-01": {"POST", "PUT", "DELETE"},
			"/ko/qr/all.svg":            {"POST"},
			"/ko/messages":              {"POST"},
			"/ko/messages.atom":         {"POST", "DELETE"},
			"/ko/report":                {"PUT", "DELETE"},
			"/ko/privacy":               {"POST"},
			"/ko/confirm/" + token:      {"TRACE", "FOO", "PUT", "DELETE"},
			"/ko/signature/x":           {"POST", "DELETE"},
			"/ko/signature/x/withdraw":  {"GET", "HEAD", "DELETE"},
			"/ko/signature/x/name":      {"GET", "HEAD", "DELETE"},
			"/ko/signature/x/ticks":     {"GET", "HEAD", "DELETE"},
			"/ko/signature/x/resend":    {"GET", "HEAD", "DELETE"},
			"/ko/application/x":         {"POST", "PUT"},
			"/":                         {"POST", "TRACE", "FOO"},
			"/p/harbour-choir":          {"POST"},
			"/robots.txt":               {"POST"},
			"/sitemap.xml":              {"POST", "DELETE"},
			"/sitemap/pages.xml":        {"POST"},
			"/ko/site.webmanifest":      {"POST"},
			"/favicon.ico":              {"POST"},
			"/map/dark.svg":             {"POST"},
			"/static/site.css":          {"POST"},
			"/portal":                   {"POST", "DELETE"},
			"/portal/leave":             {"GET"},
			"/console":                  {"POST", "DELETE"},
			"/console/sign-out":         {"GET", "HEAD"},
			"/console/messages/1/show":  {"GET"},
			"/embed/harbour-choir":      {"POST", "TRACE", "FOO"},
			"/embed/harbour-choir/a.js": {"POST"},
			"/healthz":                  {"POST"},
		} {
			for _, method := range methods {
				a := h.inTime(func() answer { return h.ask(method, path, "", nil, "Accept-Language", "ko") })
				h.checkUsual(a)
				if a.status != http.StatusMethodNotAllowed && a.status != http.StatusNotImplemented {
					t.Errorf("%s: status %d, want 405", a.asked, a.status)
				}
				if a.header.Get("Allow") == "" || strings.Contains(a.header.Get("Allow"), method+",") {
					t.Errorf("%s: Allow is %q", a.asked, a.header.Get("Allow"))
				}
				if a.doc != nil && a.lang() != "ko" {
					t.Errorf("%s: the page is in %q", a.asked, a.lang())
				}
			}
		}
		h.checkUnchanged("other methods", before)
	})
}

// Mail scanners and previews open every link; nothing may come of it.
func TestReadingALinkChangesNothing(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		rep := h.Keys.Token(seal.Token{Purpose: seal.SignInToPortal, Row: h.rep.ID, Counter: uint16(h.rep.Counter), Expires: h.Clock.Now().AddDate(0, 0, 1)})
		before := h.rows()
		for _, path := range []string{
			"/en/confirm/" + h.token(seal.ConfirmSignature, h.pending),
			"/en/confirm/" + h.token(seal.ConfirmSignature, h.pending) + ">",
			"/ko/sign/sent/" + h.token(seal.EnterCode, h.pending),
			"/ar/signature/" + h.token(seal.ViewSignature, h.signed),
			"/ar/signature/" + h.token(seal.ViewSignature, h.pending),
			h.Registry.StatusLink(h.sent),
			"/ko/application/" + h.token(seal.ConfirmApplication, h.sent.ID) + "/confirm",
			"/ko/draft/" + h.token(seal.ContinueDraft, h.began.ID),
			strings.Replace(h.speaker, "{lang}", "ar", 1),
			strings.Replace(h.onStatus(h.spoken, "/logo"), "{lang}", "ko", 1),
			"/portal/enter/" + rep,
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				a := h.inTime(func() answer {
					return h.ask(method, path, "", nil, "Purpose", "prefetch", "X-HTTP-Method-Override", "POST")
				})
				h.checkUsual(a)
				if a.status != http.StatusOK {
					t.Errorf("%s: status %d", a.asked, a.status)
				}
				if got := a.header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("%s: Cache-Control is %q, want no-store", a.asked, got)
				}
			}
		}
		h.checkUnchanged("reading links", before)
	})
}

func TestAnyAcceptLanguageIsAnsweredInARealLanguage(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for header, want := range map[string]string{
		strings.Repeat("ko,", 16000/3): "", strings.Repeat("a", 16000): "en", strings.Repeat("x-", 8000): "en", strings.Repeat("ko-", 5000): "en",
		";q=9": "", "*;q=nan": "", "zz-ZZ": "en", "ko,,": "", "": "en", "*": "", ",": "", "ko;q=0": "", "ko;q=-1": "", "ko;q=1e9": "",
		"../../etc/passwd": "en", "<script>alert(1)</script>": "en", "ko-KR-u-ca-buddhist": "ko", "AR": "ar", "ar-EG;q=0.9, en;q=0.1": "ar",
		"en_US": "", "\xff\xfe": "en", "i-klingon": "en", "x-private": "en",
	} {
		for _, path := range []string{"/portal/enter", "/console/sign-in", "/not/there"} {
			a := h.inTime(func() answer { return h.get(path, "Accept-Language", header) })
			h.checkUsual(a)
			if a.status != http.StatusOK && a.status != http.StatusNotFound {
				t.Errorf("%.40q: status %d", header, a.status)
			}
			got := a.lang()
			if !h.Catalogues.Has(got) || want != "" && got != want && path != "/console/sign-in" {
				t.Errorf("%.40q: %s is in %q, want %q", header, path, got, want)
			}
		}
		a := h.get("/", "Accept-Language", header)
		if lang := strings.Trim(a.header.Get("Location"), "/"); a.status != http.StatusFound || !h.Catalogues.Has(lang) {
			t.Errorf("%.40q: / answers %d and leads to %q", header, a.status, a.header.Get("Location"))
		}
	}
}

func TestAShortLinkLeadsOnlyToOurForm(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	for _, c := range []struct{ query, to string }{
		{"", "/ko/sign?via=harbour-choir"},
		{"?lang=ar", "/ar/sign?via=harbour-choir"},
		{"?lang=../../etc", "/ko/sign?via=harbour-choir"},
		{"?lang=<script>", "/ko/sign?via=harbour-choir"},
		{"?lang=%2f%2fevil.example", "/ko/sign?via=harbour-choir"},
		{"?lang=%0d%0aSet-Cookie:a=b", "/ko/sign?via=harbour-choir"},
		{"?lang=%ff", "/ko/sign?via=harbour-choir"},
		{"?lang=" + strings.Repeat("a", 8000), "/ko/sign?via=harbour-choir"},
		{"?lang=%zz;", "/ko/sign?via=harbour-choir"},
	} {
		a := h.inTime(func() answer { return h.get("/p/harbour-choir"+c.query, "Accept-Language", "ko") })
		h.checkUsual(a)
		if a.status != http.StatusFound || a.header.Get("Location") != c.to {
			t.Errorf("%.40s: status %d, leads to %q", c.query, a.status, a.header.Get("Location"))
		}
	}
	for _, slug := range []string{"nobody", "a@b", "%3Cscript%3E", "a?via=b", strings.Repeat("a", 4000), "%ff"} {
		a := h.get("/p/"+slug, "Accept-Language", "ar")
		h.checkUsual(a)
		if a.status != http.StatusFound || a.header.Get("Location") != "/ar/sign" {
			t.Errorf("%.40s: status %d, leads to %q", slug, a.status, a.header.Get("Location"))
		}
	}
}

func TestTheRegisterTakesAnyQuery(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := bare(t, c)
		h.AddPartner("Harbour Choir", "harbour-choir")
		h.AddPartner("100 % Peace", "all-peace")
		h.AddPartner("Snake_Case Society", "snake-case")
		both, all := []string{"100 % Peace"}, []string{"100 % Peace", "Harbour Choir", "Snake_Case Society"}
		before := h.rows()
		for query, want := range map[string][]string{
			"q=%25": both, "q=_": {"Snake_Case Society"}, "q=%25%25": {}, "q=a_b": {}, "q=_Case": {"Snake_Case Society"}, "q='%20OR%201=1--": {}, "q=%5C": {},
			"page=-1": all, "page=1e9": all, "from=-1": all, "from=99999999999999999999": all, "from=9223372036854775807": all, "from=abc": all, "from=%00": all,
			"sort=id;drop": all, "sort=id%3Bdrop": all, "country=../..": all, "country=KR": all, "country=kr": all, "country=ZZ": all, "country=%ff": all,
			"q=%ff": all, "q=%00": all, "q=%E2%80%AE": all, "q=" + strings.Repeat("a", 5000): all, "q=%zz": all, "q=choir&q=snake": {"Harbour Choir"}, "q[]=choir": all,
			"q=%3Cscript%3E": {},
		} {
			for _, lang := range languages {
				a := h.inTime(func() answer { return h.get("/" + lang + "/partners?" + query) })
				h.checkUsual(a)
				if a.status != http.StatusOK || a.lang() != lang {
					t.Errorf("%s: status %d in %q", a.asked, a.status, a.lang())
				}
				if strings.Contains(a.body, "<script>") {
					t.Errorf("%s: the page holds the script", a.asked)
				}
				for _, name := range all {
					if strings.Contains(a.text(), name) != slices.Contains(want, name) {
						t.Errorf("%.80s: found %s: %v", a.asked, name, !slices.Contains(want, name))
					}
				}
			}
			if a := h.get("/en/partners.json?" + query); a.status != http.StatusOK || strings.Contains(a.body, "null,\"total\"") {
				t.Errorf("%s: status %d: %s", a.asked, a.status, a.body)
			}
		}
		h.checkUnchanged("queries", before)
	})
}

func TestTheConsoleTakesAnyQuery(t *testing.T) {
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) {
		h := furnished(t, c)
		admin := h.asStaff("admin")
		before := h.rows()
		for _, path := range []string{"/console?tab=approved'--", "/console?tab=%ff", "/console?page=-1&sort=id;drop", "/console?tab=%00",
			"/console/appeal?lang=../../etc", "/console/appeal?lang=<script>", "/console/appeal?lang=%ff"} {
			a := h.inTime(func() answer { return h.get(path, admin...) })
			h.checkUsual(a)
			if a.status != http.StatusOK || strings.Contains(a.body, "<script>") {
				t.Errorf("%s: status %d", a.asked, a.status)
			}
		}
		for _, id := range []string{"0", "-1", "1", "9223372036854775807", "9223372036854775808", "1e3", "0x1", "abc", "%00x", "1;drop", "%ff", strings.Repeat("9", 4000)} {
			a := h.inTime(func() answer { return h.get("/console/applications/"+id, admin...) })
			h.checkUsual(a)
			if a.status != http.StatusNotFound {
				t.Errorf("%.60s: status %d", a.asked, a.status)
			}
			for _, deed := range []string{"review", "approve", "decline"} {
				a := h.inTime(func() answer {
					return h.post("/console/applications/"+id+"/"+deed, encode("version", "1", "reason", "spam"), admin...)
				})
				h.checkUsual(a)
				if a.status != http.StatusNotFound {
					t.Errorf("%.60s: status %d", a.asked, a.status)
				}
			}
		}
		h.checkUnchanged("queries", before)
	})
}

// One visitor with many headers is one visitor.
func TestARotatedForwardedForIsOneBucket(t *testing.T) {
	testkit.Unraced(t)
	t.Parallel()
	c := testkit.SQLite(t)
	c.Limits = "on"
	h := bare(t, c)
	for path, most := range map[string]int{"/en/sign": 600, "/ko/join": 10, "/portal/enter": 10} {
		for i := range most + 20 {
			forged := "203." + strconv.Itoa(i/250) + "." + strconv.Itoa(i%250) + ".7"
			a := h.post(path, encode("name", ""), "X-Forwarded-For", forged, "X-Real-IP", forged, "Forwarded", "for="+forged, "Accept-Language", "en")
			h.checkUsual(a)
			want := http.StatusUnprocessableEntity
			if i >= most {
				want = http.StatusTooManyRequests
			}
			if a.status != want {
				t.Fatalf("%s: request %d: status %d, want %d", path, i+1, a.status, want)
			}
			if want == http.StatusTooManyRequests && a.header.Get("Retry-After") == "" {
				t.Errorf("%s: no Retry-After", path)
			}
		}
	}
}

func TestATrustedProxyIsBelieved(t *testing.T) {
	t.Parallel()
	c := testkit.SQLite(t)
	c.Limits, c.TrustedProxies = "on", []string{"127.0.0.0/8", "::1"}
	h := bare(t, c)
	try := func(forwarded string) int {
		return h.post("/portal/enter", "email=x", "X-Forwarded-For", forwarded).status
	}
	for i := range 20 {
		if got := try("203.0." + strconv.Itoa(i) + ".7"); got != http.StatusUnprocessableEntity {
			t.Fatalf("visitor %d of a proxy: status %d", i+1, got)
		}
	}
	for i := range 10 {
		// What stands before the address the proxy added is the visitor's own invention.
		if got := try("198.51." + strconv.Itoa(i) + ".7, 192.0.2." + strconv.Itoa(i)); got != http.StatusUnprocessableEntity {
			t.Fatalf("request %d of one range: status %d", i+1, got)
		}
	}
	if got := try("198.51.100.7, 192.0.2.99"); got != http.StatusTooManyRequests {
		t.Errorf("request 11 of one range: status %d, want 429", got)
	}
}

// Connections that send next to nothing are dropped, while others are served.
func TestSlowConnectionsAreDropped(t *testing.T) {
	t.Parallel()
	if !testkit.Long() {
		t.Skip("takes 20 s; set OLIVEBRANCH_LONG=1 to run it")
	}
	h := bare(t, testkit.SQLite(t))
	start := time.Now()
	dropped := make(chan time.Duration, 500)
	for i := range 500 {
		conn, err := net.Dial("tcp", h.BaseURL.Host)
		h.must(err)
		t.Cleanup(func() { conn.Close() })
		h.must(conn.SetDeadline(start.Add(40 * time.Second)))
		begin := "GET /en/ HTTP/1.1\r\nX-Slow: "
		if i%2 == 1 { // these dawdle in the body
			begin = h.head("POST", "/en/sign", "Content-Type: "+urlencoded, "Content-Length: 1000")
		}
		_, err = io.WriteString(conn, begin)
		h.must(err)
		go func() {
			for tick := time.Tick(time.Second); ; <-tick {
				if _, err := io.WriteString(conn, "a"); err != nil {
					return
				}
			}
		}()
		go func() {
			_, err := io.Copy(io.Discard, conn)
			if err, ok := err.(net.Error); ok && err.Timeout() {
				return
			}
			dropped <- time.Since(start)
		}()
	}
	for n := 0; n < 500; {
		select {
		case <-dropped:
			n++
		case <-time.After(100 * time.Millisecond):
			if a := h.inTime(func() answer { return h.get("/en/") }); a.status != http.StatusOK {
				t.Fatalf("meanwhile others get %d", a.status)
			}
			if time.Since(start) > 35*time.Second {
				t.Fatalf("%d of 500 slow connections were dropped", n)
			}
		}
	}
}
