package outbound_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"olivebranch/pkg/outbound"
	"olivebranch/pkg/testkit"
)

// notPublic are addresses no stranger may send us to.
var notPublic = []string{
	"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
	"192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
	"240.0.0.1", "255.255.255.255",
	"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1",
	"100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1",
	"fe80::1", "fec0::1", "ff02::1", "ff0e::1",
}

func TestOnlyPublicAddressesArePublic(t *testing.T) {
	t.Parallel()
	for _, s := range notPublic {
		if outbound.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is taken for public", s)
		}
	}
	for _, s := range []string{"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "169.253.0.1", "192.0.1.1", "198.17.0.1",
		"198.20.0.1", "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "3ffe::1"} {
		if !outbound.Public(netip.MustParseAddr(s)) {
			t.Errorf("%s is not taken for public", s)
		}
	}
	if outbound.Public(netip.Addr{}) || outbound.Public(netip.MustParseAddr("2606:4700::1111%eth0")) {
		t.Error("no address, or one with a zone, is taken for public")
	}
}

// One server stands on the loopback address, which the program's own client
// never reaches, whatever the name and however often it changes.
func TestANameThatLeadsInsideIsNotConnectedTo(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	var reached atomic.Int64
	count := func(w http.ResponseWriter, _ *http.Request) { reached.Add(1) }
	for i, s := range notPublic {
		name := "host" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ".test"
		n.Handle(name+"/", count)
		n.Lead(name, []netip.Addr{netip.MustParseAddr(s)})
		lab := n.Lab
		lab.Open = nil // as the program itself
		if _, err := outbound.NewIn(lab, "https://appeal.test").Get(t.Context(), "http://"+name+"/"); !errors.Is(err, outbound.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", s, err)
		}
	}
	if reached.Load() > 0 {
		t.Errorf("the server was reached %d times", reached.Load())
	}
	n.Page("fine.test/", "hello")
	if p, err := n.Client().Get(t.Context(), "http://fine.test/"); err != nil || string(p.Body) != "hello" {
		t.Errorf("the same server with the loopback open: %q, %v", p.Body, err)
	}
}

func TestANameIsJudgedAtEveryLook(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	n.Page("turncoat.test/", "hello")
	n.Lead("turncoat.test", []netip.Addr{netip.MustParseAddr("127.0.0.1")}, []netip.Addr{netip.MustParseAddr("10.0.0.1")})
	c := n.Client()
	if p, err := c.Get(t.Context(), "http://turncoat.test/"); err != nil || string(p.Body) != "hello" {
		t.Fatalf("the first look: %q, %v", p.Body, err)
	}
	if _, err := c.Get(t.Context(), "http://turncoat.test/"); !errors.Is(err, outbound.ErrRefused) {
		t.Errorf("the second look: %v, want ErrRefused", err)
	}
	// The same within one request: a redirect to itself looks again.
	n.Handle("circle.test/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) })
	n.Page("circle.test/again", "secret")
	n.Lead("circle.test", []netip.Addr{netip.MustParseAddr("127.0.0.1")}, []netip.Addr{netip.MustParseAddr("169.254.169.254")})
	if p, err := c.Get(t.Context(), "http://circle.test/"); !errors.Is(err, outbound.ErrRefused) {
		t.Errorf("a redirect to itself: %q, %v, want ErrRefused", p.Body, err)
	}
}

// badURLs are those of HOSTILE's list that spell something inside.
var badURLs = []string{
	"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://fine.test/", "gopher://fine.test/", "//fine.test", "http://user:pw@fine.test/", "http://fine.test@10.0.0.1/",
	"http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/", "http://0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
	"http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/meta-data", "http://100.64.0.1/", "http://[fe80::1%25eth0]/", "http://[64:ff9b::7f00:1]/", "http://localhost/", "http://a.localhost/",
	"http://１２７.０.０.１/", "http://127。0。0。1/", "http://fine.test:22/", "http://fine.test:8080/", "http://fine.test:0/", "http://fine.test.:80/", "http://metadata.internal/", "http://printer.local/",
	"http:fine.test", "http:\\\\fine.test", "http://fine.test\\@10.0.0.1", "http://fi\tne.test/", "http://fine.test/\r\nX: y", "", "   ", "http://",
}

func TestAddressesThatSpellSomethingInsideAreRefused(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	var reached atomic.Int64
	n.Handle("fine.test/", func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	for _, u := range badURLs {
		if _, err := n.Client().Get(t.Context(), u); !errors.Is(err, outbound.ErrRefused) {
			t.Errorf("%q: %v, want ErrRefused", u, err)
		}
	}
	if reached.Load() > 0 {
		t.Errorf("the server was reached %d times", reached.Load())
	}
}

func TestRedirectsAreFollowedThreeTimesAndJudgedEachTime(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	to := func(where string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", where)
			w.WriteHeader(http.StatusMovedPermanently)
		}
	}
	var referer, cookie atomic.Value
	n.Handle("end.test/", func(w http.ResponseWriter, r *http.Request) {
		referer.Store(r.Header.Get("Referer"))
		cookie.Store(r.Header.Get("Cookie"))
		_, _ = io.WriteString(w, "the end")
	})
	n.Handle("one.test/", to("http://end.test/"))
	n.Handle("two.test/", to("http://one.test/"))
	n.Handle("three.test/", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Domain: "test"})
		to("http://two.test/")(w, r)
	})
	n.Handle("four.test/", to("http://three.test/"))
	n.Handle("self.test/", to("/"))
	p, err := n.Client().Get(t.Context(), "http://three.test/")
	if err != nil || string(p.Body) != "the end" || p.URL != "http://end.test/" || p.Status != 200 || referer.Load() != "" || cookie.Load() != "" {
		t.Errorf("three redirects: %+v %q, %v, referer %q, cookie %q", p, p.Body, err, referer.Load(), cookie.Load())
	}
	for _, u := range []string{"http://four.test/", "http://self.test/"} {
		if _, err := n.Client().Get(t.Context(), u); !errors.Is(err, outbound.ErrRedirects) {
			t.Errorf("%s: %v, want ErrRedirects", u, err)
		}
	}
	n.Page("inside.test/", "secret")
	n.Lead("inside.test", []netip.Addr{netip.MustParseAddr("192.168.0.1")})
	for i, where := range append(badURLs[:len(badURLs)-5:len(badURLs)-5], "http://inside.test/") {
		if strings.ContainsAny(where, "\t\r") || strings.HasPrefix(where, "//") {
			continue // the first cannot stand in a header, the second is an honest redirect
		}
		host := "to" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ".test"
		n.Handle(host+"/", to(where))
		if p, err := n.Client().Get(t.Context(), "http://"+host+"/"); err == nil || strings.Contains(string(p.Body), "secret") {
			t.Errorf("a redirect to %q: %+v, %v, want it refused", where, p, err)
		}
	}
}

func TestALargeAnswerIsCutAndASlowOneEnds(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	megabyte := strings.Repeat("a", 1<<20)
	n.Handle("large.test/", func(w http.ResponseWriter, _ *http.Request) {
		for range 8 {
			_, _ = io.WriteString(w, megabyte)
		}
	})
	n.Handle("bomb.test/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 64 {
			_, _ = io.WriteString(z, megabyte)
		}
		_ = z.Close()
	})
	for _, u := range []string{"http://large.test/", "http://bomb.test/"} {
		if p, err := n.Client().Get(t.Context(), u); err != nil || len(p.Body) != 2<<20 || !p.Cut {
			t.Errorf("%s: %d bytes, %v, want 2 MB", u, len(p.Body), err)
		}
	}
	n.Handle("heads.test/", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", megabyte) })
	if _, err := n.Client().Get(t.Context(), "http://heads.test/"); err == nil {
		t.Error("a header of a megabyte was read")
	}
	done := make(chan struct{})
	defer close(done)
	n.Handle("silent.test/", func(http.ResponseWriter, *http.Request) { <-done })
	n.Handle("drips.test/", func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, "a"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	lab := n.Lab
	lab.Patience = 300 * time.Millisecond
	for _, u := range []string{"http://silent.test/", "http://drips.test/"} {
		if _, err := outbound.NewIn(lab, "https://appeal.test").Get(t.Context(), u); !errors.Is(err, outbound.ErrSlow) {
			t.Errorf("%s: %v, want ErrSlow", u, err)
		}
	}
}

func TestARequestSaysWhoAsksAndCarriesNothingElse(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:9")
	n := testkit.NewInternet(t)
	var head http.Header
	n.Handle("fine.test/page", func(w http.ResponseWriter, r *http.Request) {
		head = r.Header.Clone()
		w.WriteHeader(http.StatusTeapot)
	})
	p, err := n.Client().Get(t.Context(), "http://fine.test/page#part")
	if err != nil || p.Status != http.StatusTeapot {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := head.Get("User-Agent"); got != "Olivebranch (+https://appeal.test)" {
		t.Errorf("User-Agent is %q", got)
	}
	for name := range head {
		if name != "User-Agent" && name != "Accept" && name != "Accept-Encoding" && name != "Connection" {
			t.Errorf("the request has %s: %s", name, head.Get(name))
		}
	}
}

func TestACertificateMustBeGood(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	n.Page("forged.test/", "x")
	lab := n.Lab
	lab.Ports = map[string]string{"443": port}
	p, err := outbound.NewIn(lab, "https://appeal.test").Get(t.Context(), "https://forged.test/")
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%+v, %v, want a refused certificate", p, err)
	}
}

func TestTXTRecordsAreThoseOfTheNameItself(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	n.Text("_olivebranch.fine.test", "one", "two")
	texts, err := n.Client().TXT(t.Context(), "_olivebranch.fine.test")
	if err != nil || strings.Join(texts, " ") != "one two" {
		t.Errorf("%v, %v", texts, err)
	}
	n.Page("bare.test/", "x")
	for _, name := range []string{"nobody.test", "bare.test"} {
		if _, err := n.Client().TXT(t.Context(), name); !errors.Is(err, outbound.ErrNoName) {
			t.Errorf("%s: %v, want ErrNoName", name, err)
		}
	}
	if _, err := n.Client().Get(t.Context(), "http://nobody.test/"); !errors.Is(err, outbound.ErrNoName) {
		t.Errorf("a page of nobody: %v, want ErrNoName", err)
	}
	mute, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	lab := outbound.Lab{Patience: 200 * time.Millisecond, Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", mute.LocalAddr().String())
	}}}
	if _, err := outbound.NewIn(lab, "https://appeal.test").TXT(t.Context(), "fine.test"); !errors.Is(err, outbound.ErrSlow) {
		t.Errorf("a name server that is silent: %v, want ErrSlow", err)
	}
}

// Whoever waits for one of the sixteen turns does not wait for the site.
func TestAQueueOfOursIsNotASlowSite(t *testing.T) {
	t.Parallel()
	n := testkit.NewInternet(t)
	begun, release := make(chan struct{}), make(chan struct{})
	n.Handle("slow.test/", func(http.ResponseWriter, *http.Request) { begun <- struct{}{}; <-release })
	n.Page("fine.test/", "hello")
	c := n.Client()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() { _, _ = c.Get(t.Context(), "http://slow.test/") })
	}
	for range 16 {
		<-begun
	}
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	if _, err := c.Get(ctx, "http://fine.test/"); !errors.Is(err, outbound.ErrBusy) || errors.Is(err, outbound.ErrSlow) {
		t.Errorf("while all turns are taken: %v, want ErrBusy", err)
	}
	close(release)
	all.Wait()
	if p, err := c.Get(t.Context(), "http://fine.test/"); err != nil || string(p.Body) != "hello" {
		t.Errorf("afterwards: %q, %v", p.Body, err)
	}
}
