package mailcheck

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"blitiri.com.ar/go/spf"
)

// spf asks, as receivers do (RFC 7208), whether the domain lets these addresses
// send. The sender of the envelope is that of the mail.
func (c *Check) spf(ctx context.Context, r *report, from string, addresses []netip.Addr) {
	domain := domainOf(from)
	published, err := c.texts(ctx, domain)
	if err != nil {
		r.mend("spf", err.Error(), askAgain)
		return
	}
	var records []string
	for _, t := range published {
		if low := strings.ToLower(t); low == "v=spf1" || strings.HasPrefix(low, "v=spf1 ") {
			records = append(records, t)
		}
	}
	if len(records) > 1 {
		r.mend("spf", fmt.Sprintf("%s has %d SPF records, and then none of them counts", domain, len(records)), "Make one of them.")
		return
	}
	if len(records) == 0 {
		r.mend("spf", domain+" has no SPF record", "Publish one that names who sends for the domain; where a provider sends, it is the line that the provider gives you.", record(domain, "v=spf1 "+terms(addresses, "mx")+" ~all"))
		return
	}
	for _, term := range strings.Fields(records[0]) {
		if t := strings.ToLower(term); t == "all" || t == "+all" {
			r.mend("spf", "the SPF record lets the whole world send as "+domain, "End it with -all or ~all.", record(domain, strings.Replace(records[0], term, "~all", 1)))
			return
		}
	}
	if len(addresses) == 0 {
		r.unknown("spf", "the record is "+records[0]+"; the mail server has no public address from here", "Name the address that mail leaves from with --leaves-from.")
		return
	}
	for _, a := range addresses {
		if !c.spfOf(ctx, r, from, records[0], a) {
			return
		}
	}
	r.good("spf", "%s may send as %s", joined(addresses), domain)
}

func (c *Check) spfOf(ctx context.Context, r *report, from, published string, a netip.Addr) bool {
	domain := domainOf(from)
	result, err := c.evaluate(ctx, a, c.Hello, from)
	with := strings.Replace(published, published[:len("v=spf1")], published[:len("v=spf1")]+" "+terms([]netip.Addr{a}, ""), 1)
	switch {
	case result == spf.Pass:
		return true
	case result == spf.TempError:
		r.mend("spf", err.Error(), askAgain)
	case errors.Is(err, spf.ErrLookupLimitReached):
		r.mend("spf", "the SPF record of "+domain+" takes more than ten look-ups, and then it does not count", "Take out the include, a, mx and ptr that nobody needs any more, or write addresses in their place.")
	case errors.Is(err, spf.ErrVoidLookupLimitReached):
		r.mend("spf", "the SPF record of "+domain+" names more than two hosts that do not exist, and then it does not count", "Take the names out that lead nowhere.")
	case result == spf.PermError:
		r.mend("spf", fmt.Sprintf("the SPF record of %s cannot be read: %v: %s", domain, err, published), "Correct it.")
	default:
		r.mend("spf", fmt.Sprintf("%s may not send as %s (%s)", a, domain, result), "Add the address, or what your provider tells you to include.", record(domain, with))
	}
	return false
}

// evaluate is the verdict on mail from an address.
func (c *Check) evaluate(ctx context.Context, a netip.Addr, hello, from string) (spf.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return spf.CheckHostWithSender(net.IP(a.AsSlice()), hello, from, spf.WithContext(ctx), spf.WithResolver(c.Resolver))
}

// terms are those of an SPF record for addresses; without any, otherwise.
func terms(addresses []netip.Addr, otherwise string) string {
	if len(addresses) == 0 {
		return otherwise
	}
	var all []string
	for _, a := range addresses {
		all = append(all, map[bool]string{true: "ip4:", false: "ip6:"}[a.Is4()]+a.String())
	}
	return strings.Join(all, " ")
}

func joined(addresses []netip.Addr) string {
	var all []string
	for _, a := range addresses {
		all = append(all, a.String())
	}
	return strings.Join(all, ", ")
}
