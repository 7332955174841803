package verify

import (
	"net/netip"
	"strings"

	"github.com/aksim/aksim/pkg/netsim"
)

// isOutside reports whether the endpoint is an address, a block or the internet, as
// opposed to something that the cluster has a name for.
func isOutside(e netsim.Endpoint) bool {
	_, ok := blockOf(e)
	return ok || e == netsim.Internet()
}

// blockOf returns the block of an endpoint that is an address or a block.
func blockOf(e netsim.Endpoint) (netip.Prefix, bool) {
	text := e.String()
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, true
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	return netip.Prefix{}, false
}

// namespaceOf returns the namespace of an endpoint that has one.
func namespaceOf(e netsim.Endpoint) string {
	if isOutside(e) {
		return ""
	}
	parts := strings.Split(e.String(), "/")
	switch {
	case len(parts) == 2 && parts[0] == "namespace":
		return parts[1]
	case len(parts) == 2:
		return parts[0]
	case len(parts) == 3:
		return parts[1]
	}
	return ""
}

// isNamespace reports whether the endpoint stands for all pods of a namespace.
func isNamespace(e netsim.Endpoint) bool { return e == netsim.Namespace(namespaceOf(e)) }
