package netsim

import (
	"fmt"
	"iter"
	"net/netip"

	"go4.org/netipx"
)

// Check decides whether the flow may pass. The error is about the question: an
// endpoint that names nothing or more than one thing, a port that a Service does
// not have, two ends that are both outside the policies' reach. A flow without a
// port is asked for with [Network.Between].
//
// An endpoint that stands for several ends is allowed when all of them are and
// denied when none is; else the verdict is Mixed, and [Verdict.Grounds] splits it.
func (n *Network) Check(f Flow) (Verdict, error) {
	v := Verdict{flow: f, network: n}
	from, to, err := n.resolveFlow(f)
	if err != nil {
		return v, err
	}
	switch {
	case f.Port == 0:
		return v, fmt.Errorf("%s: the flow has no port", f)
	case f.Protocol >= numProtocols:
		return v, fmt.Errorf("%s: NetworkPolicy knows TCP, UDP and SCTP only", f)
	}
	if p, q := from.onePod(), to.onePod(); p != nil && q != nil {
		v.Decision = n.judge(p, q, from.family.toward(to.family).link(p, q), f.Protocol, f.Port)
		return v, nil
	}
	if p, q := from.onePod(), to.onePod(); p != nil && to.address.IsValid() {
		v.Decision = n.judgeAddress(p, Egress, to.address, f.Protocol, f.Port)
		return v, nil
	} else if q != nil && from.address.IsValid() {
		v.Decision = n.judgeAddress(q, Ingress, from.address, f.Protocol, f.Port)
		return v, nil
	}
	first := true
	for p, err := range n.parts(f, from, to) {
		if err != nil {
			return Verdict{flow: f, network: n}, err
		}
		if first {
			v.Decision, first = p.decision, false
		}
		v.Decision = combine(v.Decision, p.decision)
	}
	return v, nil
}

// resolveFlow finds what the ends of a flow name. It is an error if that is
// nothing that sends or receives.
func (n *Network) resolveFlow(f Flow) (from, to party, err error) {
	if from, to, err = n.resolveEnds(f); err != nil {
		return from, to, err
	}
	switch {
	case from.namespace != nil && len(from.pods) == 0:
		err = n.notFound(f.From)
	case to.namespace != nil && len(to.pods) == 0:
		err = n.notFound(f.To)
	}
	return from, to, err
}

// resolveEnds is resolveFlow for claims about pods to come: a namespace may have
// no pods yet.
func (n *Network) resolveEnds(f Flow) (from, to party, err error) {
	if from, err = n.resolve(f.From); err != nil {
		return from, to, err
	}
	if to, err = n.resolve(f.To); err != nil {
		return from, to, err
	}
	to = n.throughNodePort(to, f.Protocol, f.Port)
	if from.service != nil {
		return from, to, fmt.Errorf("%s: a Service receives connections and opens none; name its pods or their workload", f.From)
	}
	if a, b := f.From.prefix, f.To.prefix; a.IsValid() && b.IsValid() && a.Addr().Is4() != b.Addr().Is4() {
		return from, to, fmt.Errorf("%s: one address is IPv4 and the other IPv6", f)
	}
	if !from.hasPods() && !to.hasPods() && to.service == nil {
		return from, to, n.notThroughDoor(f, to)
	}
	return from, to, nil
}

// hasPods reports whether the party is about pods, now or later.
func (p *party) hasPods() bool { return len(p.pods) > 0 || p.namespace != nil }

// onePod returns the pod of a party that is exactly one; nil for others.
func (p *party) onePod() *pod {
	if len(p.pods) == 1 && !p.several {
		return p.pods[0]
	}
	return nil
}

// part is the answer for one pair of ends. Of each end one of pod, node and
// addresses says what it is; at least one end is a pod.
type part struct {
	from, to end
	proto    Protocol
	port     uint16 // at the destination: a Service's port has been translated
	decision Decision
	link     link // if both ends are pods
	twins    bool // both ends are the same pod, standing for two of its kind
	through  *service
	why      string // the reason for Undecided, where the ends' policies don't tell it
}

// end is one end of a part.
type end struct {
	pod       *pod
	node      nodeAddress
	addresses *netipx.IPSet
}

// parts yields the answers for all pairs of ends that the flow's endpoints stand
// for: sources in order, for each the destinations in order; pods come first,
// then nodes, then addresses, these as one part for each decision.
func (n *Network) parts(f Flow, from, to party) iter.Seq2[part, error] {
	return func(yield func(part, error) bool) {
		if to.service != nil {
			n.throughService(f, from, to, yield)
			return
		}
		n.directly(f, from, to, f.Port, nil, yield)
	}
}

// directly yields the parts between ends that address each other as they are.
func (n *Network) directly(f Flow, from, to party, port uint16, through *service, yield func(part, error) bool) bool {
	emit := func(p part) bool {
		p.proto, p.port, p.through = f.Protocol, port, through
		return yield(p, nil)
	}
	for _, p := range from.pods {
		for _, q := range to.pods {
			for _, twins := range pairings(from, to, p, q, through) {
				part := part{from: end{pod: p}, to: end{pod: q}, link: from.family.toward(to.family).link(p, q), twins: twins}
				if twins {
					part.decision = n.judgeTwins(p, part.link, f.Protocol, port)
				} else {
					part.decision = n.judge(p, q, part.link, f.Protocol, port)
				}
				if !emit(part) {
					return false
				}
			}
		}
		for _, nd := range to.nodes {
			if !emit(part{from: end{pod: p}, to: end{node: nd}, decision: n.judgeNode(p, Egress, nd, f.Protocol, port)}) {
				return false
			}
		}
		for d, set := range n.judgeOutside(p, Egress, to.external(), f.Protocol, port) {
			if !emit(part{from: end{pod: p}, to: end{addresses: set}, decision: d}) {
				return false
			}
		}
	}
	for _, nd := range from.nodes {
		for _, q := range to.pods {
			if !emit(part{from: end{node: nd}, to: end{pod: q}, decision: n.judgeNode(q, Ingress, nd, f.Protocol, port)}) {
				return false
			}
		}
	}
	for _, q := range to.pods {
		for d, set := range n.judgeOutside(q, Ingress, from.external(), f.Protocol, port) {
			if !emit(part{from: end{addresses: set}, to: end{pod: q}, decision: d}) {
				return false
			}
		}
	}
	return true
}

// pairings returns, for each way in which a question about the parties means a pair
// of pods, whether it is one pod that stands for two of its kind. Who asks about
// many ends does not mean that a pod reaches itself, but a Service may well lead it
// there.
func pairings(from, to party, p, q *pod, through *service) []bool {
	switch {
	case p != q, through != nil && !p.model.Template:
		return []bool{false}
	case through != nil:
		return []bool{false, true}
	case from.several && to.several && p.hasTwins():
		return []bool{true}
	case isOnlyPair(from, to):
		return []bool{false}
	}
	return nil
}

// isOnlyPair reports whether the parties are one pod each and nothing else.
func isOnlyPair(from, to party) bool {
	one := func(p party) bool { return len(p.pods) == 1 && len(p.nodes) == 0 && p.external() == nil }
	return one(from) && one(to)
}

// external returns the party's addresses outside the cluster; nil if it has none.
func (p *party) external() *netipx.IPSet {
	if p.address.IsValid() {
		return prefixSet(netip.PrefixFrom(p.address, p.address.BitLen()))
	}
	return p.outside
}

// addresses returns all addresses of the party that are no pod's.
func (p *party) addresses() *netipx.IPSet {
	var b netipx.IPSetBuilder
	if outside := p.external(); outside != nil {
		b.AddSet(outside)
	}
	for _, nd := range p.nodes {
		b.Add(nd.address)
	}
	return mustSet(&b)
}

// familyChoice says in which family an endpoint is to be talked to: in whichever
// suits, unless it was asked for by an address.
type familyChoice uint8

const (
	anyFamily familyChoice = iota
	onlyIPv4
	onlyIPv6
)

// toward is the choice for a flow to an end of the other choice, which counts
// first: a Service has its family whoever asks.
func (c familyChoice) toward(to familyChoice) familyChoice {
	if to != anyFamily {
		return to
	}
	return c
}

func onlyFamilyOf(a netip.Addr) familyChoice {
	if a.Is4() {
		return onlyIPv4
	}
	return onlyIPv6
}

// link is the link of two pods if one of them was asked for with the choice.
func (c familyChoice) link(p, q *pod) link {
	switch {
	case !p.live() || !q.live():
		return link{}
	case c == onlyIPv4:
		return linkIn(ipv4, p.class, q.class)
	case c == onlyIPv6:
		return linkIn(ipv6, p.class, q.class)
	}
	return linkBetween(p.class, q.class)
}

// judge decides about a packet between two pods.
func (n *Network) judge(p, q *pod, l link, proto Protocol, port uint16) Decision {
	if !l.ok {
		return Denied // NP26, NP37
	}
	return n.judgePods(p, q, l.f, false, proto, port)
}

// judgeTwins decides about a packet between two pods of which the one given is
// the likeness: replicas of one template.
func (n *Network) judgeTwins(p *pod, l link, proto Protocol, port uint16) Decision {
	if !l.ok {
		return Denied // NP26, NP37
	}
	return n.judgePods(p, p, l.f, true, proto, port)
}

// judgeAddress decides about a packet between a pod and an address outside the
// cluster; the direction is the pod's.
func (n *Network) judgeAddress(p *pod, dir Direction, a netip.Addr, proto Protocol, port uint16) Decision {
	f := familyOf(a)
	if !p.live() || !p.has[f] {
		return Denied // NP37, NP26
	}
	least, most := true, false
	for _, w := range n.worldsOf(p) {
		if n.admitsAddress(w, p, dir, a, proto, port) {
			most = true
		} else {
			least = false
		}
	}
	return decide(least, most)
}

func (n *Network) admitsAddress(w world, p *pod, dir Direction, a netip.Addr, proto Protocol, port uint16) bool {
	c := p.class
	switch n.beforeRules(w, c, dir, proto, port) {
	case admitted:
		return true
	case dropped:
		return false
	case lookAtRules:
	}
	return runOf(c.sides[dir].addressesOf(familyOf(a), w.most), a).ports.Contains(proto, port)
}

// judgeNode decides about a packet between a pod and an address of a node. At
// the node's end may be the node itself or a pod on its network: only what holds
// for each of them is decided.
func (n *Network) judgeNode(p *pod, dir Direction, nd nodeAddress, proto Protocol, port uint16) Decision {
	if !p.live() || !p.has[familyOf(nd.address)] {
		return Denied
	}
	least, most := n.nodeItself(p, dir, nd, proto, port)
	if dir == Egress {
		doorLeast, doorMost, certain := n.judgeDoor(p, nd, proto, port)
		if certain {
			return decide(doorLeast, doorMost)
		}
		least, most = least && doorLeast, most || doorMost
	}
	least = least && len(n.onNodes[1-dir]) == 0
	for _, h := range nd.node.hostPods {
		if h == p {
			continue
		}
		from, to := h, p
		if dir == Egress {
			from, to = p, h
		}
		switch n.judge(from, to, linkIn(familyOf(nd.address), from.class, to.class), proto, port) {
		case Allowed:
			most = true
		case Denied:
			least = false
		default:
			least, most = false, true
		}
	}
	return decide(least, most)
}

// nodeItself says whether packets between a pod and a process of a node, which is
// no pod, pass the pod's policies: in every world, and in any. The kubelet and the
// control plane are such processes (NP35). Unless the node is the pod's own, its
// address is one like any other (NP34).
func (n *Network) nodeItself(p *pod, dir Direction, nd nodeAddress, proto Protocol, port uint16) (least, most bool) {
	same := sameNode(p.node, nd.node)
	least = true
	for _, w := range n.worldsOf(p) {
		if n.admitsAddress(w, p, dir, nd.address, proto, port) || dir == Ingress && same == covers {
			most = true
		} else {
			least = false
		}
	}
	// Whether a pod can be kept from its own node, and whether it is its own
	// where that is not known, is open (NP33).
	return least, most || same != disjoint
}

// judgeNodeSide decides whether packets between a pod and an address of a node
// pass the pod's side.
func (n *Network) judgeNodeSide(p *pod, dir Direction, nd nodeAddress, proto Protocol, port uint16) Decision {
	if !p.has[familyOf(nd.address)] {
		return Denied
	}
	least, most := n.nodeItself(p, dir, nd, proto, port)
	for _, h := range nd.node.hostPods {
		if h == p {
			continue
		}
		d := n.judgeSide(p, dir, h, familyOf(nd.address), proto, port)
		least, most = least && d == Allowed, most || d != Denied
	}
	return decide(least, most)
}

// judgeOutside splits addresses outside the cluster by the decision about
// packets between them and the pod: allowed, denied, undecided, as far as there
// are such. Addresses of families that the pod has not are left out, unless
// there are no others.
func (n *Network) judgeOutside(p *pod, dir Direction, set *netipx.IPSet, proto Protocol, port uint16) iter.Seq2[Decision, *netipx.IPSet] {
	return func(yield func(Decision, *netipx.IPSet) bool) {
		if set == nil || len(set.Ranges()) == 0 {
			return
		}
		var byDecision [Mixed]netipx.IPSetBuilder
		var found [Mixed]bool
		n.eachRun(p, dir, set, func(run netipx.IPRange) {
			d := n.judgeAddress(p, dir, run.From(), proto, port)
			byDecision[d].AddRange(run)
			found[d] = true
		})
		for _, d := range []Decision{Allowed, Denied, Undecided} {
			if found[d] && !yield(d, mustSet(&byDecision[d])) {
				return
			}
		}
		if found == [Mixed]bool{} {
			yield(Denied, set)
		}
	}
}

// eachRun visits the runs of addresses, of families that the pod has, to which
// the same rules of the pod apply.
func (n *Network) eachRun(p *pod, dir Direction, set *netipx.IPSet, visit func(netipx.IPRange)) {
	if !p.live() {
		return
	}
	for _, r := range set.Ranges() {
		if !p.has[familyOf(r.From())] {
			continue
		}
		for at := r.From(); ; {
			to := n.endOfRun(p, dir, at)
			if r.To().Less(to) {
				to = r.To()
			}
			visit(netipx.IPRangeFrom(at, to))
			if to == r.To() {
				break
			}
			at = to.Next()
		}
	}
}

// endOfRun returns the last address, from the given one on, to which the same
// rules of the pod apply.
func (n *Network) endOfRun(p *pod, dir Direction, at netip.Addr) netip.Addr {
	f := familyOf(at)
	to := lastOf(f)
	s := p.class.sides[dir]
	for _, initPorts := range []bool{false, true} {
		if end := runOf(s.addressesOf(f, initPorts), at).To(); end.Less(to) {
			to = end
		}
	}
	return to
}
