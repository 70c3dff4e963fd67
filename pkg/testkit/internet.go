package testkit

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"olivebranch/pkg/app"
	"olivebranch/pkg/outbound"
)

// Internet is a small one, within this machine: a name server, and one web
// server that all its hosts share. What nobody put into it does not exist.
type Internet struct {
	Lab outbound.Lab // the way in

	mu    sync.Mutex
	pages map[string]http.Handler              // by host and path
	texts map[string][]string                  // TXT records by name
	leads map[string][][]netip.Addr            // addresses by name, one list for each look; the last stays
	asked map[string]int                       // how often an address of a name was asked for
	mails map[string][]dnsmessage.ResourceBody // other records by name
	sick  map[string]bool                      // names for which the name server fails
}

// here is where the web server is.
var here = netip.MustParseAddr("127.0.0.1")

// NewInternet starts one; it ends with the test.
func NewInternet(t testing.TB) *Internet {
	t.Helper()
	n := &Internet{pages: map[string]http.Handler{}, texts: map[string][]string{}, leads: map[string][][]netip.Addr{}, asked: map[string]int{},
		mails: map[string][]dnsmessage.ResourceBody{}, sick: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(n.serve))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	names, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = names.Close() })
	go n.answer(names)
	n.Lab = outbound.Lab{Open: []netip.Prefix{netip.PrefixFrom(here, 32)}, Ports: map[string]string{"80": at.Port()},
		Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "udp", names.LocalAddr().String())
		}}}
	return n
}

// Use puts this internet in the place of the real one.
func (n *Internet) Use(o *app.Options) { o.Outside = n.Client() }

// Client is the way out of a campaign that lives in this internet.
func (n *Internet) Client() *outbound.Client { return outbound.NewIn(n.Lab, "https://appeal.test") }

// Handle lets the web server answer for host/path.
func (n *Internet) Handle(at string, h http.HandlerFunc) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pages[at] = h
	if host, _, _ := strings.Cut(at, "/"); n.leads[host] == nil {
		n.leads[host] = [][]netip.Addr{{here}}
	}
}

// Page puts a page of HTML at host/path.
func (n *Internet) Page(at, body string) {
	n.Handle(at, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(body))
	})
}

// Lead lets a name lead to addresses: to the first list at the first look,
// and so on.
func (n *Internet) Lead(name string, looks ...[]netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.leads[name] = looks
}

// Text sets the TXT records of a name.
func (n *Internet) Text(name string, texts ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.texts[name] = texts
}

// MX says where the mail of a name goes.
func (n *Internet) MX(name, to string) {
	n.add(name, &dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(to)})
}

// Call gives an address a name.
func (n *Internet) Call(ip netip.Addr, name string) {
	b := ip.As4()
	n.add(fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0]), &dnsmessage.PTRResource{PTR: dnsmessage.MustNewName(name)})
}

func (n *Internet) add(name string, r dnsmessage.ResourceBody) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mails[name] = append(n.mails[name], r)
}

// Forget takes all records of a name away.
func (n *Internet) Forget(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.mails, name)
	delete(n.texts, name)
	delete(n.leads, name)
}

// Sicken lets the name server fail for a name.
func (n *Internet) Sicken(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sick[name] = true
}

func (n *Internet) serve(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	h := n.pages[r.Host+r.URL.Path]
	n.mu.Unlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}

// answer is the name server.
func (n *Internet) answer(conn net.PacketConn) {
	buffer := make([]byte, 4096)
	for {
		size, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buffer[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		reply := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
		var known bool
		reply.Answers, known = n.lookUp(q)
		if !known {
			reply.RCode = dnsmessage.RCodeNameError
		}
		if n.fails(q) {
			reply.Answers, reply.RCode = nil, dnsmessage.RCodeServerFailure
		}
		if raw, err := reply.Pack(); err == nil {
			_, _ = conn.WriteTo(raw, from)
		}
	}
}

func (n *Internet) lookUp(q dnsmessage.Question) (answers []dnsmessage.Resource, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	add := func(body dnsmessage.ResourceBody) {
		answers = append(answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}, Body: body})
	}
	looks, texts := n.leads[name], n.texts[name]
	if q.Type == dnsmessage.TypeTXT {
		for _, t := range texts {
			var parts []string // of 255 bytes at most, which readers put together
			for part := range slices.Chunk([]byte(t), 255) {
				parts = append(parts, string(part))
			}
			add(&dnsmessage.TXTResource{TXT: parts})
		}
	} else if len(looks) > 0 {
		look := looks[min(n.asked[name], len(looks)-1)]
		for _, ip := range look {
			switch {
			case q.Type == dnsmessage.TypeA && ip.Is4():
				add(&dnsmessage.AResource{A: ip.As4()})
			case q.Type == dnsmessage.TypeAAAA && !ip.Is4():
				add(&dnsmessage.AAAAResource{AAAA: ip.As16()})
			}
		}
		if q.Type == dnsmessage.TypeA { // both are asked for at each look
			n.asked[name]++
		}
	}
	for _, m := range n.mails[name] {
		switch m.(type) {
		case *dnsmessage.MXResource:
			if q.Type == dnsmessage.TypeMX {
				add(m)
			}
		case *dnsmessage.PTRResource:
			if q.Type == dnsmessage.TypePTR {
				add(m)
			}
		}
	}
	return answers, looks != nil || texts != nil || n.mails[name] != nil
}

func (n *Internet) fails(q dnsmessage.Question) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sick[strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))]
}

// nowhere is the internet of a test that did not bring one.
type nowhere struct{}

func (nowhere) Get(context.Context, string) (outbound.Page, error) {
	return outbound.Page{}, outbound.ErrNoName
}

func (nowhere) TXT(context.Context, string) ([]string, error) { return nil, outbound.ErrNoName }
