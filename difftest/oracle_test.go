package difftest

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// oracle is another engine, loaded with one cluster: it says whether a packet
// that opens a connection may pass.
type oracle func(packet) bool

// oracles are the engines to compare with. They get what our loader has read, so
// that API defaults and the namespaces' name labels are the same for all.
var oracles = map[string]func(*model.Cluster) oracle{
	"cyclonus":              newCyclonus,
	"kube-network-policies": newKubeNetworkPolicies,
}

type packet struct {
	from, to end
	protocol netsim.Protocol
	port     uint16
}

// end is a pod at one of its addresses or, without a pod, something outside the
// cluster.
type end struct {
	pod       *model.Pod
	addr      netip.Addr
	secondary bool // the address is not the pod's first
}

// endpoint returns what our engine is asked about: a pod by name is asked at its
// primary address.
func (e end) endpoint() netsim.Endpoint {
	if e.pod == nil || e.secondary {
		return netsim.Address(e.addr)
	}
	return netsim.Pod(e.pod.Namespace, e.pod.Name)
}

// connects reports whether policies say anything about packets between the ends:
// one of them is a pod, they are not the same pod, and their addresses are of
// one family.
func (e end) connects(to end) bool {
	return e.pod != to.pod && e.addr.Is4() == to.addr.Is4()
}

// podEnds returns the pod at each of its addresses, the primary one first.
func podEnds(p *model.Pod) []end {
	var ends []end
	for _, ip := range p.Status.PodIPs {
		ends = append(ends, end{pod: p, addr: netip.MustParseAddr(ip.IP), secondary: len(ends) > 0})
	}
	if len(ends) == 0 && p.Status.PodIP != "" {
		ends = append(ends, end{pod: p, addr: netip.MustParseAddr(p.Status.PodIP)})
	}
	return ends
}

// apiProtocol is the protocol as the Kubernetes API spells it.
func apiProtocol(p netsim.Protocol) corev1.Protocol { return corev1.Protocol(p.String()) }
