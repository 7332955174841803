package netsim

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
	netutils "k8s.io/utils/net"
)

// family is an IP address family. Nothing crosses families (NP26).
type family uint8

const (
	ipv4 family = iota
	ipv6

	numFamilies = 2
)

func (f family) String() string {
	if f == ipv4 {
		return "IPv4"
	}
	return "IPv6"
}

func familyOf(a netip.Addr) family {
	if a.Is4() {
		return ipv4
	}
	return ipv6
}

// parseAddr reads an address that the loader has already accepted.
func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

// unmapPrefix returns the canonical form of a block: host bits cleared, and an
// IPv4-mapped block as the IPv4 block it is.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked()
}

// parseCIDR reads a block of a policy. Before 1.36 the API server admitted
// blocks with leading zeros, with host bits, and IPv4-mapped ones; they mean
// what the older parser made of them.
func parseCIDR(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return unmapPrefix(p), true
	}
	_, ipnet, err := netutils.ParseCIDRSloppy(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	p, ok := netipx.FromStdIPNet(ipnet)
	return unmapPrefix(p), ok
}

// block is an ipBlock: a CIDR without the parts that it excepts (NP26–NP28).
type block struct {
	cidr   netip.Prefix
	except []netip.Prefix
}

// contains reports whether the block holds the address. No block holds an
// address of the other family.
func (b *block) contains(a netip.Addr) bool {
	return b.cidr.Contains(a) && !slices.ContainsFunc(b.except, func(e netip.Prefix) bool { return e.Contains(a) })
}

func (b *block) family() family { return familyOf(b.cidr.Addr()) }

// set returns the block's addresses.
func (b *block) set() *netipx.IPSet {
	var s netipx.IPSetBuilder
	s.AddPrefix(b.cidr)
	for _, e := range b.except {
		s.RemovePrefix(e)
	}
	return mustSet(&s)
}

// prefixes yields the borders of the block, its CIDR first.
func (b *block) prefixes() []netip.Prefix {
	return append([]netip.Prefix{b.cidr}, b.except...)
}

// mustSet ends the building of a set. Builders fail only on invalid prefixes,
// and every prefix here has been parsed.
func mustSet(b *netipx.IPSetBuilder) *netipx.IPSet {
	s, err := b.IPSet()
	if err != nil {
		panic("netsim: " + err.Error())
	}
	return s
}

func prefixSet(ps ...netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, p := range ps {
		b.AddPrefix(p)
	}
	return mustSet(&b)
}

// outside returns every address that the far end of a connection can have:
// unicast, not loopback. Link-local ones are among them: the metadata service
// of Azure is one.
func outside(f family) *netipx.IPSet {
	var b netipx.IPSetBuilder
	if f == ipv4 {
		b.AddPrefix(netip.MustParsePrefix("0.0.0.0/0"))
		b.Remove(netip.IPv4Unspecified())
		b.RemovePrefix(netip.MustParsePrefix("127.0.0.0/8"))
		b.RemovePrefix(netip.MustParsePrefix("224.0.0.0/4"))
		b.Remove(netip.AddrFrom4([4]byte{255, 255, 255, 255}))
	} else {
		b.AddPrefix(netip.MustParsePrefix("::/0"))
		b.Remove(netip.IPv6Unspecified())
		b.Remove(netip.IPv6Loopback())
		b.RemovePrefix(netip.MustParsePrefix("::ffff:0.0.0.0/96")) // IPv4 in disguise
		b.RemovePrefix(netip.MustParsePrefix("ff00::/8"))
	}
	return mustSet(&b)
}

// anyPodAddress returns what the pods' addresses are taken from where no pod
// CIDR is known: every address of outside that is not link-local.
func anyPodAddress(f family) *netipx.IPSet {
	var b netipx.IPSetBuilder
	b.AddSet(outside(f))
	b.RemovePrefix(netip.MustParsePrefix("169.254.0.0/16"))
	b.RemovePrefix(netip.MustParsePrefix("fe80::/10"))
	return mustSet(&b)
}

// relation says how a block lies to the addresses that one might have.
type relation uint8

const (
	disjoint relation = iota // matches none of them
	overlaps                 // matches some: whether this one is not known
	covers                   // matches all of them
)

func (b *block) relationTo(possible *netipx.IPSet) relation {
	var rest netipx.IPSetBuilder
	rest.AddSet(possible)
	rest.RemoveSet(b.set())
	switch left := mustSet(&rest); {
	case len(left.Ranges()) == 0:
		return covers
	case left.Equal(possible):
		return disjoint
	default:
		return overlaps
	}
}

// outsideText names addresses outside the cluster for people: internet, if they
// are all that a family has there, else by the shorter of what they are and what
// is missing of those.
func (n *Network) outsideText(set *netipx.IPSet) string {
	var missing netipx.IPSetBuilder
	families := 0
	for f, all := range n.directory.outside {
		if slices.ContainsFunc(set.Ranges(), func(r netipx.IPRange) bool { return familyOf(r.From()) == family(f) }) {
			missing.AddSet(all)
			families++
		}
	}
	missing.RemoveSet(set)
	name := "internet"
	if len(n.families) > families {
		name += " (" + familyOf(set.Ranges()[0].From()).String() + ")"
	}
	switch rest := mustSet(&missing); {
	case len(rest.Ranges()) == 0:
		return name
	case len(rest.Ranges()) < len(set.Ranges()):
		return name + " except " + rangesText(rest)
	}
	return rangesText(set)
}

// rangesText lists the first runs of the set: 10.0.0.0/8, 192.0.2.1-192.0.2.7.
func rangesText(s *netipx.IPSet) string {
	const most = 4
	var list []string
	for i, r := range s.Ranges() {
		if i == most {
			list = append(list, fmt.Sprintf("%d more", len(s.Ranges())-most))
			break
		}
		if p, ok := r.Prefix(); ok && p.IsSingleIP() {
			list = append(list, p.Addr().String())
		} else if ok {
			list = append(list, p.String())
		} else {
			list = append(list, r.String())
		}
	}
	return strings.Join(list, ", ")
}
