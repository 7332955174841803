package netsim

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/pkg/model"
)

// policy is a NetworkPolicy, compiled.
type policy struct {
	id       int
	object   *model.Object[networkingv1.NetworkPolicy]
	ns       *namespace
	selector labelspace.Box // empty: every pod of the namespace (NP4)
	// isolates says in which directions the policy isolates the pods that it
	// selects. Rules of a direction in which it does not are inert (NP3) and
	// are not compiled.
	isolates [numDirections]bool
	rules    [numDirections][]rule // none: isolated, and nothing let through (NP5)
}

// rule lets the connections through that match one of its peers and one of its
// ports. Rules add up, within a policy and across policies; there is no order
// and no deny (NP13).
type rule struct {
	policy *policy
	index  int
	// everyone: the rule has no peers and matches every one, addresses outside
	// the cluster included (NP6, NP7).
	everyone bool
	peers    []peer
	ports    []portMatch // never empty
	anyPort  bool        // the rule has no ports and matches every one (NP16)
	named    bool        // some port is a name: what it means depends on the destination
	numbers  portsID     // the ports that are numbers
}

// peer is one item of a rule's from or to list.
type peer struct {
	set      int32 // index into Network.peers
	selector *podPeer
	block    *block
}

// podPeer selects pods: of the namespaces that match (NP11) or the policy's own
// (NP10), those whose labels match, too (NP12). It never selects an address
// outside the cluster.
type podPeer struct {
	own        *namespace // non-nil: this namespace only
	namespaces labelspace.Box
	pods       labelspace.Box
}

// grant is what the peer says of who is let through, without ports.
func (p *peer) grant() *grant {
	g := &grant{set: p.set, block: p.block}
	if p.block != nil {
		g.f = p.block.family()
	}
	return g
}

// mayMatch reports whether the peer can match pods of the namespace at all.
func (s *podPeer) mayMatch(ns *namespace) bool {
	if s.own != nil {
		return s.own == ns
	}
	return matchNamespace(s.namespaces, ns) != disjoint
}

// matchNamespace says whether the selector matches the namespace's labels.
// Of a namespace that the input only refers to, the name label is all that is
// known: the answer can be that it depends (NP38).
func matchNamespace(selector labelspace.Box, ns *namespace) relation {
	switch {
	case ns.Known:
		if selector.Matches(ns.Labels) {
			return covers
		}
		return disjoint
	case selector.IsEmpty() || !selector.At(model.NameLabel).Contains(ns.Name, true):
		return disjoint
	case selector.Free(model.NameLabel).IsEverything():
		return covers
	default:
		return overlaps
	}
}

// portMatch is one item of a rule's ports list: a range of numbers, or a name
// that each destination pod resolves for itself.
type portMatch struct {
	numbers  Ports
	name     string // not empty: instead of numbers
	protocol Protocol
}

// readPolicies compiles the NetworkPolicies of which everything is understood;
// the others become opaque ones.
func (n *Network) readPolicies() {
	for o := range model.All[networkingv1.NetworkPolicy](n.cluster) {
		if len(o.Origin.Gaps) > 0 {
			n.opaques = append(n.opaques, n.gappedPolicy(o))
			continue
		}
		spec := &o.API.Spec
		if planted.spec != nil {
			spec = spec.DeepCopy()
			planted.spec(spec)
		}
		p := &policy{
			id:       len(n.policies),
			object:   o,
			ns:       n.namespaces[o.Ref.Namespace],
			selector: labelspace.FromSelector(&spec.PodSelector),
		}
		n.compile(p, spec)
		n.policies = append(n.policies, p)
		p.ns.policies = append(p.ns.policies, p)
	}
}

func (n *Network) compile(p *policy, spec *networkingv1.NetworkPolicySpec) {
	for _, t := range spec.PolicyTypes {
		p.isolates[directionOf(t)] = true
	}
	for i := range spec.Ingress {
		n.addRule(p, Ingress, i, spec.Ingress[i].From, spec.Ingress[i].Ports)
	}
	for i := range spec.Egress {
		n.addRule(p, Egress, i, spec.Egress[i].To, spec.Egress[i].Ports)
	}
}

func directionOf(t networkingv1.PolicyType) Direction {
	if t == networkingv1.PolicyTypeEgress {
		return Egress
	}
	return Ingress
}

func (n *Network) addRule(p *policy, dir Direction, index int, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) {
	if !p.isolates[dir] {
		return
	}
	r := rule{policy: p, index: index, everyone: len(peers) == 0, anyPort: len(ports) == 0}
	for i := range peers {
		r.peers = append(r.peers, n.compilePeer(p.ns, &peers[i]))
	}
	if r.anyPort {
		r.ports = []portMatch{{numbers: AllPorts()}}
	}
	for i := range ports {
		r.ports = append(r.ports, compilePort(&ports[i]))
	}
	r.named = slices.ContainsFunc(r.ports, func(m portMatch) bool { return m.name != "" })
	r.numbers = n.ports.id(r.portsAt(nil, false))
	p.rules[dir] = append(p.rules[dir], r)
}

// compilePeer reads one item of a from or to list. Admission has seen to it
// that there is something in it, and not an ipBlock beside a selector (NP8, NP9).
func (n *Network) compilePeer(own *namespace, api *networkingv1.NetworkPolicyPeer) peer {
	if api.IPBlock != nil {
		b := &block{}
		var ok bool
		if b.cidr, ok = parseCIDR(api.IPBlock.CIDR); !ok {
			return peer{set: noPeer} // cannot pass admission
		}
		for _, e := range api.IPBlock.Except {
			if prefix, ok := parseCIDR(e); ok {
				b.except = append(b.except, prefix)
			}
		}
		return peer{set: n.peerSetOfBlock(b), block: b}
	}
	s := &podPeer{pods: selectorBox(api.PodSelector)}
	if api.NamespaceSelector != nil {
		s.namespaces = selectorBox(api.NamespaceSelector)
	} else {
		s.own = own
	}
	return peer{set: n.peerSetOfPods(s), selector: s}
}

// selectorBox reads a peer's selector: an absent one leaves the choice to the
// other selector beside it, an empty one selects everything.
func selectorBox(s *metav1.LabelSelector) labelspace.Box {
	if s == nil {
		return labelspace.Everything()
	}
	return labelspace.FromSelector(s)
}

// compilePort reads one item of a ports list. A port left out means all ports
// of the protocol, which is TCP where it is left out, too (NP17).
func compilePort(api *networkingv1.NetworkPolicyPort) portMatch {
	m := portMatch{}
	if api.Protocol != nil {
		m.protocol = protocolOf(*api.Protocol)
	}
	switch {
	case api.Port == nil:
		m.numbers = PortsOf(m.protocol, 1, 65535)
	case api.Port.StrVal != "":
		m.name = api.Port.StrVal
	case api.EndPort != nil: // NP20
		m.numbers = PortsOf(m.protocol, uint16(api.Port.IntVal), uint16(*api.EndPort))
	default:
		m.numbers = PortsOf(m.protocol, uint16(api.Port.IntVal), uint16(api.Port.IntVal))
	}
	return m
}

// at returns the ports that the item stands for at a destination: numbers as
// they are, declared by a container or not (NP25); a name as the numbers that
// the pod's containers give it for the item's protocol, and nothing at a pod
// without it or at an address (NP21, NP22). With initPorts the containers that
// have ended when the pod serves count, too.
func (m *portMatch) at(destination []portName, initPorts bool) Ports {
	if m.name == "" {
		return m.numbers
	}
	var s Ports
	for _, pn := range destination {
		if pn.name == m.name && pn.protocol == m.protocol && (initPorts || !pn.initOnly) {
			s = s.Union(PortsOf(pn.protocol, pn.number, pn.number))
		}
	}
	return s
}

// portsAt returns the union of what the rule's items stand for at a destination.
func (r *rule) portsAt(destination []portName, initPorts bool) Ports {
	var s Ports
	for i := range r.ports {
		s = s.Union(r.ports[i].at(destination, initPorts))
	}
	return s
}
