package netsim

import (
	"iter"
	"net/netip"

	"go4.org/netipx"
)

// This file decides about one pair of ends, over all worlds.

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
