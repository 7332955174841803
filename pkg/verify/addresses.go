package verify

import (
	"net/netip"
	"strings"

	"go4.org/netipx"

	"github.com/aksim/aksim/pkg/netsim"
)

// setOf returns the addresses that an edge goes to; nil if that is a pod.
func setOf(e netsim.Edge) *netipx.IPSet {
	var b netipx.IPSetBuilder
	switch block, ok := blockOf(e.To); {
	case len(e.Addresses) > 0:
		for _, p := range e.Addresses {
			b.AddPrefix(p)
		}
	case ok:
		b.AddPrefix(block)
	default:
		return nil
	}
	return built(&b)
}

// split returns the part of the set that lies in the endpoint, and the rest.
func split(set *netipx.IPSet, by netsim.Endpoint) (in, out *netipx.IPSet) {
	if by == netsim.Internet() {
		return set, built(&netipx.IPSetBuilder{})
	}
	block, ok := blockOf(by)
	if !ok {
		return built(&netipx.IPSetBuilder{}), set
	}
	var inside, outside netipx.IPSetBuilder
	inside.AddPrefix(block)
	inside.Intersect(set)
	outside.AddSet(set)
	outside.RemovePrefix(block)
	return built(&inside), built(&outside)
}

func isEmptySet(s *netipx.IPSet) bool { return len(s.Ranges()) == 0 }

// built returns the set that is built of valid addresses.
func built(b *netipx.IPSetBuilder) *netipx.IPSet {
	s, err := b.IPSet()
	if err != nil {
		panic(err) // of what the engine or a parser gave out
	}
	return s
}

// mostRanges is how many ranges of addresses a text lists.
const mostRanges = 3

func rangesText(s *netipx.IPSet) string {
	var parts []string
	for _, r := range s.Ranges() {
		switch p, ok := r.Prefix(); {
		case len(parts) == mostRanges:
			return strings.Join(append(parts, "…"), ", ")
		case ok && p.IsSingleIP():
			parts = append(parts, p.Addr().String())
		case ok:
			parts = append(parts, p.String())
		default:
			parts = append(parts, r.String())
		}
	}
	return strings.Join(parts, ", ")
}

// exampleOf returns an address of the set: one for documentation if it has one.
func exampleOf(s *netipx.IPSet) netip.Addr {
	for _, text := range []string{"192.0.2.1", "2001:db8::1"} {
		if a := netip.MustParseAddr(text); s.Contains(a) {
			return a
		}
	}
	return s.Ranges()[0].From()
}
