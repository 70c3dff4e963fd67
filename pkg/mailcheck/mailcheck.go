// Package mailcheck finds out whether mail of the campaign will arrive: it
// talks to the mail server as the program does, and reads in DNS what those
// read who receive its mail. For each thing it says what it found, and what to
// mend, with the record to publish.
//
// The operator names the server and the domain, and may well have a mail server
// on the same machine or in a private net; so this looks and connects wherever
// it is told to, and does not go through package outbound, which guards against
// names that strangers choose.
package mailcheck

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"olivebranch/pkg/outbound"
)

// State is how something is.
type State string

// The states. Unknown is what cannot be seen from here.
const (
	Good    State = "good"
	Mend    State = "mend"
	Unknown State = "unknown"
)

// Finding is one thing that was looked at. Mend says in a sentence what to do,
// Record what to publish in DNS for it.
type Finding struct {
	Subject string `json:"subject"`
	State   State  `json:"state"`
	Found   string `json:"found"`
	Mend    string `json:"mend,omitempty"`
	Record  string `json:"record,omitempty"`
}

// Resolver looks up names; *net.Resolver does.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Check is what to look at. Server is smtp://user:password@host:587 or
// smtps://host:465, From "Name <address>", Hello the name that the program
// greets the server with, the host of its site.
type Check struct {
	Server, From, Hello string
	Selector            string       // of the DKIM key; "" when it is not known
	LeavesFrom          []netip.Addr // public addresses that mail leaves from, where they are not the server's
	To                  string       // who the server is asked to take mail for; "": the sender

	Resolver Resolver
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	Roots    *x509.CertPool // nil: those of the system
	Now      func() time.Time
}

// patience is for one look-up, and for all of the talk with the server.
const patience = 15 * time.Second

// report collects findings.
type report struct {
	found []Finding
}

func (r *report) good(subject, format string, args ...any) {
	r.found = append(r.found, Finding{Subject: subject, State: Good, Found: fmt.Sprintf(format, args...)})
}

func (r *report) unknown(subject, found, mend string) {
	r.found = append(r.found, Finding{Subject: subject, State: Unknown, Found: found, Mend: mend})
}

func (r *report) mend(subject, found, mend string, record ...string) {
	r.found = append(r.found, Finding{Subject: subject, State: Mend, Found: found, Mend: mend, Record: strings.Join(record, "\n")})
}

// Run looks at everything, in the order in which it is best mended. An error
// means that the settings make no sense.
func (c *Check) Run(ctx context.Context) ([]Finding, error) {
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("sender of mail: %w", err)
	}
	server, err := url.Parse(c.Server)
	if err != nil || server.Hostname() == "" {
		return nil, errors.New("mail server: want smtp://host:587 or smtps://host:465")
	}
	r := &report{}
	domain := domainOf(from.Address)
	c.talk(ctx, r, server, from.Address)
	addresses := c.addresses(ctx, server.Hostname())
	c.names(r, domain)
	c.mx(ctx, r, domain)
	c.spf(ctx, r, from.Address, addresses)
	c.dkim(ctx, r, domain)
	c.dmarc(ctx, r, domain)
	c.reverse(ctx, r, addresses)
	return r.found, nil
}

// Clean says whether there is nothing to mend.
func Clean(found []Finding) bool {
	for _, f := range found {
		if f.State == Mend {
			return false
		}
	}
	return true
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// organization is the domain under which one registers, by which DMARC judges
// (RFC 7489, 3.2).
func organization(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}

// addresses are the public ones that mail seems to leave from.
func (c *Check) addresses(ctx context.Context, host string) (public []netip.Addr) {
	if len(c.LeavesFrom) > 0 {
		return c.LeavesFrom
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, _ := c.Resolver.LookupIPAddr(ctx, host) // what is wrong with the name, talk has said
	for _, a := range found {
		if ip, ok := netip.AddrFromSlice(a.IP); ok && outbound.Public(ip.Unmap()) {
			public = append(public, ip.Unmap())
		}
	}
	return public
}

// texts are the TXT records of a name; none when there is no such name.
func (c *Check) texts(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	texts, err := c.Resolver.LookupTXT(ctx, name)
	if isNotFound(err) {
		return nil, nil
	}
	return texts, err
}

func isNotFound(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// record is a line of a zone.
func record(name, value string) string { return fmt.Sprintf("%s. TXT %q", name, value) }

const askAgain = "DNS did not answer; try again, and look at the name servers of the domain if it stays so."
