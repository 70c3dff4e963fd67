// Package outbound is the one way out: every page and every name that the
// program looks up because somebody named it goes through its Client. It
// assumes that whoever named it means harm, so it reaches public addresses
// only, on the ports of the web only, and takes neither much nor long.
//
// It judges an address when it connects, not when a name is looked up: a name
// may lead elsewhere at the second look, and so may a redirect.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"olivebranch/pkg/address"
)

// What one request may cost.
const (
	mostRedirects = 3
	mostBody      = 2 << 20 // of the page, unpacked; the rest is not read
	mostHeader    = 32 << 10
	mostAtOnce    = 16 // requests; more wait for their turn

	turnPatience    = 5 * time.Second  // for a turn
	patience        = 10 * time.Second // for all of a request, from its turn on
	connectPatience = 5 * time.Second
)

// Why there is no answer. All are wrapped; what is none of these is another
// trouble of the network or of the other side.
var (
	ErrRefused   = errors.New("address is not on the public web")
	ErrNoName    = errors.New("no such name in DNS")
	ErrSlow      = errors.New("no answer in time")
	ErrRedirects = errors.New("too many redirects")
	// ErrBusy is our own doing: no turn came. Nobody was asked, and nothing
	// follows for the other side.
	ErrBusy = errors.New("too many requests under way")
)

// Page is an answer.
type Page struct {
	URL    string // after redirects
	Status int
	Header http.Header
	Body   []byte // its first 2 MB
	Cut    bool   // there was more
}

// Lab is a place for tests that stands for the internet. The zero Lab is the
// internet itself.
type Lab struct {
	Resolver *net.Resolver
	Open     []netip.Prefix    // addresses that may be connected to although they are not public
	Ports    map[string]string // where the web's ports, "80" and "443", are found
	Patience time.Duration     // for all of a request
}

// Client reads pages and TXT records. Safe for concurrent use.
type Client struct {
	lab   Lab
	agent string
	http  http.Client
	turns chan struct{}
}

// New makes the program's client. baseURL tells site owners who is asking.
func New(baseURL string) *Client { return NewIn(Lab{}, baseURL) }

// NewIn makes the client of a test.
func NewIn(lab Lab, baseURL string) *Client {
	c := &Client{lab: lab, agent: "Olivebranch (+" + baseURL + ")", turns: make(chan struct{}, mostAtOnce)}
	if lab.Resolver == nil {
		c.lab.Resolver = net.DefaultResolver
	}
	if lab.Patience == 0 {
		c.lab.Patience = patience
	}
	c.http = http.Client{CheckRedirect: c.checkRedirect, Transport: &http.Transport{
		Proxy:                  nil, // not even one from the environment
		DialContext:            c.dial,
		DisableKeepAlives:      true, // each connection is judged anew
		MaxResponseHeaderBytes: mostHeader,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectPatience,
	}}
	return c
}

// Get reads a page, whatever its status. Addresses that address.ParseWebsite
// refuses are refused here too, at the start and at each redirect. It takes
// fifteen seconds at most, five of which may pass before its turn comes.
// ErrRefused, ErrNoName, ErrSlow, ErrRedirects, ErrBusy.
func (c *Client) Get(ctx context.Context, url string) (Page, error) {
	page, err := c.get(ctx, url)
	return page, c.explain("read page", err)
}

func (c *Client) get(ctx context.Context, url string) (Page, error) {
	site, err := address.ParseWebsite(url)
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	done, err := c.turn(ctx)
	if err != nil {
		return Page{}, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, c.lab.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site.URL, nil)
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept", "text/html, text/plain;q=0.9, */*;q=0.1")
	res, err := c.http.Do(req)
	if err != nil {
		return Page{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostBody+1))
	if err != nil {
		return Page{}, err
	}
	read := body[:min(len(body), mostBody)]
	return Page{URL: res.Request.URL.String(), Status: res.StatusCode, Header: res.Header, Body: read, Cut: len(body) > len(read)}, nil
}

// turn waits for one of the requests that may be made at once. Give it back
// with done.
func (c *Client) turn(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, turnPatience)
	defer cancel()
	select {
	case c.turns <- struct{}{}:
		return func() { <-c.turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
}

// checkRedirect judges the next address by its spelling; the dialer judges
// where it leads.
func (c *Client) checkRedirect(next *http.Request, made []*http.Request) error {
	if len(made) > mostRedirects {
		return ErrRedirects
	}
	if _, err := address.ParseWebsite(next.URL.String()); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	next.Header.Del("Referer")
	return nil
}

// dial connects to a host of the public web. The name is made absolute, so
// that no search domain of this machine is put behind it.
func (c *Client) dial(ctx context.Context, network, to string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		return nil, err
	}
	if found := c.lab.Ports[port]; found != "" {
		port = found
	}
	if _, err := netip.ParseAddr(host); err != nil {
		host += "."
	}
	d := net.Dialer{Timeout: connectPatience, Resolver: c.lab.Resolver, Control: c.judge, KeepAlive: -1}
	return d.DialContext(ctx, network, net.JoinHostPort(host, port))
}

// judge is asked by the dialer just before it connects, with the address it
// connects to.
func (c *Client) judge(_, to string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(to)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if !c.mayReach(at) {
		return fmt.Errorf("%w: %s", ErrRefused, at)
	}
	return nil
}

func (c *Client) mayReach(at netip.AddrPort) bool {
	port := strconv.Itoa(int(at.Port()))
	web := port == "80" || port == "443"
	for _, found := range c.lab.Ports {
		web = web || port == found
	}
	return web && (Public(at.Addr()) || within(c.lab.Open, at.Addr().Unmap()))
}

// TXT reads the TXT records of a name, which is taken as absolute. ErrNoName
// also when the name has none; ErrSlow.
func (c *Client) TXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, min(connectPatience, c.lab.Patience))
	defer cancel()
	texts, err := c.lab.Resolver.LookupTXT(ctx, name+".")
	return texts, c.explain("look up TXT of "+name, err)
}

// explain gives an error the reason that callers tell apart.
func (c *Client) explain(verb string, err error) error {
	var dns *net.DNSError
	var slow net.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrRefused), errors.Is(err, ErrRedirects), errors.Is(err, ErrBusy):
		return fmt.Errorf("%s: %w", verb, err)
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("%s: %w: %w", verb, ErrNoName, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return fmt.Errorf("%s: %w: %w", verb, ErrSlow, err)
	}
	return fmt.Errorf("%s: %w", verb, err)
}
