package address

import "net/netip"

// RangeOf is the range ip counts as where addresses are limited or compared:
// /24 of IPv4, also when written as IPv6, and /48 of IPv6. A connection is
// seldom given less, and a household is not told apart from its neighbours.
// An invalid ip has the zero Prefix.
func RangeOf(ip netip.Addr) netip.Prefix {
	bits := 48
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
