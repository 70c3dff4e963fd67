package mailcheck

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// names are those that the program gives itself: in its greeting and in the
// ids of its mails.
func (c *Check) names(r *report, domain string) {
	host := strings.ToLower(c.Hello)
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		r.mend("names", fmt.Sprintf("the program greets mail servers as %q, and its mails have ids of that name", host), "Set --base-url to the public address of the site; filters take such names for those of machines that were broken into.")
		return
	}
	if organization(host) != organization(domain) {
		r.good("names", "the program calls itself %s and writes as %s: two domains, which is allowed", host, domain)
		return
	}
	r.good("names", "the program calls itself %s and writes as %s", host, domain)
}

// mx sees whether the domain takes mail: many servers refuse the mail of one
// that does not, and reports of what did not arrive get lost.
func (c *Check) mx(ctx context.Context, r *report, domain string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	const mend = "Name the server that takes the mail of the domain: answers, and reports of mail that did not arrive, go there, and many servers take no mail from a domain without one."
	line := domain + ". MX 10 mail." + domain + "."
	found, err := c.Resolver.LookupMX(ctx, domain)
	switch {
	case len(found) == 1 && found[0].Host == ".":
		r.mend("mx", domain+" says that it takes no mail", mend, line)
	case len(found) > 0:
		var hosts []string
		for _, m := range found {
			host := strings.TrimSuffix(m.Host, ".")
			if _, err := c.Resolver.LookupIPAddr(ctx, host); err != nil {
				r.mend("mx", fmt.Sprintf("mail for %s goes to %s, a name that leads nowhere", domain, host), "Correct the MX record, or give that name an address.")
				return
			}
			hosts = append(hosts, host)
		}
		r.good("mx", "mail for %s goes to %s", domain, strings.Join(hosts, ", "))
	case err != nil && !isNotFound(err):
		r.mend("mx", err.Error(), askAgain)
	default:
		if _, err := c.Resolver.LookupIPAddr(ctx, domain); err == nil {
			r.good("mx", "mail for %s goes to its own address", domain)
			return
		}
		r.mend("mx", domain+" has no MX record and no address", mend, line)
	}
}

// reverse sees whether the addresses have names that lead back: those without
// are refused by some of the largest receivers.
func (c *Check) reverse(ctx context.Context, r *report, addresses []netip.Addr) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, a := range addresses {
		names, err := c.Resolver.LookupAddr(ctx, a.String())
		switch {
		case err != nil && !isNotFound(err):
			r.mend("reverse", err.Error(), askAgain)
		case len(names) == 0:
			r.mend("reverse", a.String()+" has no name", "Ask who rents out the address to give it the name of the mail server (a PTR record).")
		case !c.leadsBack(ctx, names, a):
			r.mend("reverse", fmt.Sprintf("%s is called %s, which does not lead back to it", a, strings.TrimSuffix(names[0], ".")), "Give that name this address, or the address another name.")
		default:
			r.good("reverse", "%s is called %s", a, strings.TrimSuffix(names[0], "."))
		}
	}
}

func (c *Check) leadsBack(ctx context.Context, names []string, to netip.Addr) bool {
	for _, name := range names {
		found, _ := c.Resolver.LookupIPAddr(ctx, name)
		for _, f := range found {
			if ip, ok := netip.AddrFromSlice(f.IP); ok && ip.Unmap() == to {
				return true
			}
		}
	}
	return false
}
