package address

import (
	"net/netip"
	"slices"
)

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

// RangesIn are the ranges, as RangeOf makes them, that lie in a prefix; none
// when they are more than most.
func RangesIn(p netip.Prefix, most int) []netip.Prefix {
	first := RangeOf(p.Addr())
	if !first.IsValid() || p.Bits() > first.Bits() {
		return []netip.Prefix{first}
	}
	wider := first.Bits() - p.Bits()
	if wider > 30 || 1<<wider > most {
		return nil
	}
	out := make([]netip.Prefix, 1<<wider)
	bytes := p.Masked().Addr().AsSlice()
	last := first.Bits()/8 - 1
	for i := range out {
		b := slices.Clone(bytes)
		for n, at := i, last; n > 0; n, at = n>>8, at-1 {
			b[at] |= byte(n)
		}
		ip, _ := netip.AddrFromSlice(b)
		out[i] = netip.PrefixFrom(ip, first.Bits())
	}
	return out
}
