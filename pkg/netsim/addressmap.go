package netsim

import (
	"net/netip"
	"slices"
	"sync/atomic"

	"github.com/gaissmai/bart"
	"go4.org/netipx"
)

// addressMap says which ports a side's rules open to which addresses of one
// family: those that no pod, node or Service holds. It is made when first asked
// for.
type addressMap struct {
	ranges atomic.Pointer[[]addressRange] // sorted, without gaps over the whole family
}

// addressRange is a run of addresses to which the same ports are open.
type addressRange struct {
	netipx.IPRange
	ports Ports
}

// addressesOf returns the side's map. Which ports its rules open to an address
// is certain: names mean nothing there (NP22), and a block holds an address or
// does not. Init containers' ports of the side's own pods are the exception:
// with initPorts they count.
func (s *side) addressesOf(f family, initPorts bool) []addressRange {
	if initPorts && !slices.ContainsFunc(s.names, func(pn portName) bool { return pn.initOnly }) {
		initPorts = false // none to count
	}
	m := &s.addresses[bit(initPorts)][f].ranges
	if known := m.Load(); known != nil {
		return *known
	}
	ranges := s.mapAddresses(f, initPorts)
	m.Store(&ranges) // whoever comes second stores the same
	return ranges
}

func (s *side) mapAddresses(f family, initPorts bool) []addressRange {
	var always Ports
	var blocks bart.Table[[]*grant] // by CIDR
	starts := []netip.Addr{firstOf(f)}
	for i := range s.grants {
		g := &s.grants[i]
		switch {
		case g.set == everyone:
			always = always.Union(g.rule.portsAt(s.names, initPorts))
		case g.block != nil && g.block.family() == f:
			blocks.Modify(g.block.cidr, func(gs []*grant, _ bool) ([]*grant, bool) { return append(gs, g), false })
			for _, p := range g.block.prefixes() {
				starts = append(starts, p.Addr())
				if next := netipx.PrefixLastIP(p).Next(); next.IsValid() {
					starts = append(starts, next)
				}
			}
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	var ranges []addressRange
	for i, from := range starts {
		to := lastOf(f)
		if i+1 < len(starts) {
			to = starts[i+1].Prev()
		}
		ports := always
		for _, grants := range blocks.Supernets(netip.PrefixFrom(from, from.BitLen())) {
			for _, g := range grants {
				if g.block.contains(from) {
					ports = ports.Union(g.rule.portsAt(s.names, initPorts))
				}
			}
		}
		if last := len(ranges) - 1; last >= 0 && ranges[last].ports.Equal(ports) {
			ranges[last].IPRange = netipx.IPRangeFrom(ranges[last].From(), to)
			continue
		}
		ranges = append(ranges, addressRange{netipx.IPRangeFrom(from, to), ports})
	}
	return ranges
}

func firstOf(f family) netip.Addr {
	if f == ipv4 {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

func lastOf(f family) netip.Addr { return netipx.PrefixLastIP(netip.PrefixFrom(firstOf(f), 0)) }

// runOf returns the range that the address is in.
func runOf(ranges []addressRange, a netip.Addr) *addressRange {
	lo, hi := 0, len(ranges)-1
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if ranges[mid].To().Less(a) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return &ranges[lo]
}
