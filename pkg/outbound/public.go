package outbound

import "net/netip"

// world is IPv6's global unicast space, the only one in use (RFC 4291 2.4).
// Outside lie loopback, unspecified, mapped and NAT64 addresses (64:ff9b::/96
// and 64:ff9b:1::/48), private fc00::/7, link-local fe80::/10, multicast
// ff00::/8, and the segment identifiers of 5f00::/16.
var world = netip.MustParsePrefix("2000::/3")

// special are the ranges that are not for the public, from IANA's registries
// of special-purpose addresses (RFC 6890), multicast (RFC 5771) and what
// carries IPv4 addresses inside (RFC 4380, RFC 3056).
var special = prefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // shared behind carriers
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local; clouds keep their secrets there
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // IETF protocols
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, broadcast

	"2001::/23",     // IETF protocols: Teredo, benchmarks, ORCHID
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"3fff::/20",     // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, s := range texts {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// Public says that an address belongs to somebody on the public internet. An
// IPv4 address in IPv6's dress is judged as what it is.
func Public(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" {
		return false
	}
	if ip = ip.Unmap(); ip.Is6() && !world.Contains(ip) {
		return false
	}
	return !within(special, ip)
}

func within(ranges []netip.Prefix, ip netip.Addr) bool {
	for _, p := range ranges {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
