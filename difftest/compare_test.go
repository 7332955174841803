package difftest

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// comparison counts what has been compared.
type comparison struct {
	flows   int // single ones, by netsim.Check
	allowed int // of the flows
	sets    int // of all ports that one pod may reach of another, by netsim.All
}

func (n comparison) String() string {
	return fmt.Sprintf("%d flows (%d allowed) and %d sets of ports compared", n.flows, n.allowed, n.sets)
}

// differ returns the first difference between the oracle and our engine on a
// cluster; empty if there is none. It asks about all pairs of distinct pods, in
// each family that they share, and about each pod and the addresses around the
// borders of all blocks; for each about all ports.
func (n *comparison) differ(c *model.Cluster, allows oracle) string {
	engine := netsim.New(c)
	edges := map[[2]netsim.Endpoint]netsim.Edge{}
	for e := range engine.All() {
		edges[[2]netsim.Endpoint{e.From, e.To}] = e
	}
	ends, borders := allEnds(c), portBorders(c)
	for _, from := range ends {
		for _, to := range ends {
			if !from.connects(to) {
				continue
			}
			want, difference := n.differInFlows(engine, allows, from, to, borders)
			if difference != "" {
				return difference
			}
			if from.pod == nil || to.pod == nil {
				continue
			}
			e := edges[[2]netsim.Endpoint{shortest(from.pod), shortest(to.pod)}]
			got := e.Reach
			if from.secondary && e.Secondary != nil {
				got = *e.Secondary
			}
			n.sets++
			if !got.Ports.Equal(want) || !got.Undecided.IsEmpty() {
				return fmt.Sprintf("%v -> %v (%v -> %v): the oracle allows %v, we allow %v, undecided %v",
					from.endpoint(), to.endpoint(), from.addr, to.addr, want, got.Ports, got.Undecided)
			}
		}
	}
	return ""
}

// differInFlows asks both about the first port of each range between borders,
// and returns the set of all ports that the oracle allows.
func (n *comparison) differInFlows(engine *netsim.Network, allows oracle, from, to end, borders []uint16) (allowed netsim.Ports, difference string) {
	for protocol := range netsim.Protocols() {
		for i, port := range borders {
			want := netsim.Denied
			if allows(packet{from, to, protocol, port}) {
				want = netsim.Allowed
				last := uint16(65535)
				if i+1 < len(borders) {
					last = borders[i+1] - 1
				}
				allowed = allowed.Union(netsim.PortsOf(protocol, port, last))
				n.allowed++
			}
			n.flows++
			got, err := engine.Check(netsim.Flow{From: from.endpoint(), To: to.endpoint(), Port: port, Protocol: protocol})
			if err != nil {
				return allowed, err.Error()
			}
			if got.Decision != want {
				return allowed, fmt.Sprintf("%v (%v -> %v): the oracle says %v, we say %v\n%s", got.Flow(), from.addr, to.addr, want, got.Decision, got.Explain())
			}
		}
	}
	return allowed, ""
}

// shortest is the name by which netsim.All calls a pod.
func shortest(p *model.Pod) netsim.Endpoint { return netsim.Named(p.Namespace, p.Name) }

// allEnds returns every pod at each of its addresses, and addresses outside the
// cluster: one of each family that no block is likely to name, and the first and
// last of each block with their neighbours.
func allEnds(c *model.Cluster) []end {
	var ends []end
	held := map[string]bool{}
	for p := range c.Pods() {
		for _, e := range podEnds(p) {
			ends = append(ends, e)
			held[e.addr.String()] = true
		}
		held[p.Status.HostIP] = true
	}
	outside := []netip.Addr{netip.MustParseAddr("198.51.100.9"), netip.MustParseAddr("2001:db9::9")}
	for np := range model.All[networkingv1.NetworkPolicy](c) {
		for peers := range rules(np.API) {
			for _, p := range peers {
				if p.IPBlock == nil {
					continue
				}
				for _, cidr := range append([]string{p.IPBlock.CIDR}, p.IPBlock.Except...) {
					block := netipx.RangeOfPrefix(netip.MustParsePrefix(cidr))
					outside = append(outside, block.From().Prev(), block.From(), block.To(), block.To().Next())
				}
			}
		}
	}
	for _, a := range outside {
		// Past the last address of a family is none; the others left out are
		// no hosts'.
		if a.IsValid() && a.IsGlobalUnicast() && !held[a.String()] {
			ends = append(ends, end{addr: a})
			held[a.String()] = true
		}
	}
	return ends
}

// portBorders returns, sorted, every port from which on a policy may say
// something else than before: between two of them nothing changes, so that one
// port of each range stands for all.
func portBorders(c *model.Cluster) []uint16 {
	borders := []uint16{1}
	add := func(first, last int32) {
		borders = append(borders, uint16(first))
		if last < 65535 {
			borders = append(borders, uint16(last+1))
		}
	}
	for np := range model.All[networkingv1.NetworkPolicy](c) {
		for _, ports := range rules(np.API) {
			for _, p := range ports {
				switch {
				case p.Port == nil || p.Port.Type == intstr.String:
				case p.EndPort != nil:
					add(p.Port.IntVal, *p.EndPort)
				default:
					add(p.Port.IntVal, p.Port.IntVal)
				}
			}
		}
	}
	for p := range c.Pods() {
		for _, container := range p.Spec.Containers {
			for _, port := range container.Ports { // what names stand for
				add(port.ContainerPort, port.ContainerPort)
			}
		}
	}
	slices.Sort(borders)
	return slices.Compact(borders)
}

// rules yields the peers and the ports of every rule of a policy, of both
// directions.
func rules(p *networkingv1.NetworkPolicy) iter.Seq2[[]networkingv1.NetworkPolicyPeer, []networkingv1.NetworkPolicyPort] {
	return func(yield func([]networkingv1.NetworkPolicyPeer, []networkingv1.NetworkPolicyPort) bool) {
		for _, r := range p.Spec.Ingress {
			if !yield(r.From, r.Ports) {
				return
			}
		}
		for _, r := range p.Spec.Egress {
			if !yield(r.To, r.Ports) {
				return
			}
		}
	}
}
