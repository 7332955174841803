package netsim

// This file judges one packet between two pods, in one world. It is the engine's
// only reading of what policies say; the bulk computation in relation.go reads
// the same grants.

// allows reports whether one of the rule's ports is the destination's port
// (NP16–NP25).
func (r *rule) allows(destination []portName, initPorts bool, proto Protocol, port uint16) bool {
	for i := range r.ports {
		m := &r.ports[i]
		if m.name == "" {
			if m.numbers.Contains(proto, port) {
				return true
			}
			continue
		}
		if m.protocol != proto {
			continue
		}
		for _, pn := range destination {
			if pn.number == port && pn.protocol == proto && pn.name == m.name && (initPorts || !pn.initOnly) {
				return true
			}
		}
	}
	return false
}

// holds reports whether the grant's peer set has the class among its members,
// for a flow of the family.
func (n *Network) holds(w world, g *grant, c *class, f family) bool {
	switch {
	case g.set == everyone:
		return true
	case g.block == nil && c.onHost && !w.hostsArePods, g.block != nil && g.f != f:
		return false
	case c.imagined != nil:
		rel := n.relate(&n.peers[g.set], c.imagined)
		return rel == covers || w.most && rel == overlaps
	case c.in.has(g.set) || w.most && c.maybeIn.has(g.set):
		return true
	case g.block != nil && c.unknown[f]:
		u := &n.unknown[bit(c.onHost)][f]
		return u.yes.has(g.set) || w.most && u.maybe.has(g.set)
	}
	return false
}

// packet is what rules look at besides the peer.
type packet struct {
	f     family
	proto Protocol
	port  uint16
	names []portName // the destination's; nil if it is no pod
}

// namesOf returns the named ports that rules can mean at a destination. A pod on
// the host network that is no pod to policies is an address, which has none (NP22).
func (w world) namesOf(c *class) []portName {
	if c.onHost && !w.hostsArePods {
		return nil
	}
	return c.names
}

// verdictOfSide is what a side says without looking at its rules.
type verdictOfSide uint8

const (
	lookAtRules verdictOfSide = iota
	admitted
	dropped
)

// beforeRules settles what does not depend on rules: pods outside the policies'
// reach, pods that no policy isolates (NP1), and what opaque objects may do.
func (n *Network) beforeRules(w world, self *class, dir Direction, proto Protocol, port uint16) verdictOfSide {
	s := self.sides[dir]
	switch {
	case self.onHost && !w.hostsArePods:
		return admitted
	case w.most && s.mayAllow:
		return admitted
	case !w.most && len(s.opaques) > 0 && s.maybeDenied.Contains(proto, port):
		return dropped
	case !s.isolated():
		return admitted
	}
	return lookAtRules
}

// admits reports whether the policies of one direction let a packet between the
// class and a peer class through (NP14: both ends are asked).
func (n *Network) admits(w world, self *class, dir Direction, peer *class, pk *packet) bool {
	switch n.beforeRules(w, self, dir, pk.proto, pk.port) {
	case admitted:
		return true
	case dropped:
		return false
	case lookAtRules:
	}
	s := self.sides[dir]
	if s.bySet != nil && peer.imagined == nil && len(peer.in)*4 < len(s.grants) {
		return n.admitsBySet(w, s, peer, pk)
	}
	for i := range s.grants {
		g := &s.grants[i]
		if n.holds(w, g, peer, pk.f) && g.rule.allows(pk.names, w.most, pk.proto, pk.port) {
			return true
		}
	}
	return false
}

// admitsBySet looks at the grants for the peer sets that hold the class, where
// these are fewer than the grants.
func (n *Network) admitsBySet(w world, s *side, peer *class, pk *packet) bool {
	for _, g := range s.bySet[everyone] {
		if g.rule.allows(pk.names, w.most, pk.proto, pk.port) {
			return true
		}
	}
	u := &n.unknown[bit(peer.onHost)][pk.f]
	for _, list := range [...]setList{peer.in, peer.maybeIn, u.yes, u.maybe} {
		for _, set := range list {
			for _, g := range s.bySet[set] {
				if n.holds(w, g, peer, pk.f) && g.rule.allows(pk.names, w.most, pk.proto, pk.port) {
					return true
				}
			}
		}
	}
	return false
}

// passes reports whether the packet passes one side: the pod's policies of the
// direction let it through, or do not count because the peer is its node.
func (n *Network) passes(w world, self *pod, dir Direction, peer *pod, pk *packet) bool {
	return n.admits(w, self.class, dir, peer.class, pk) || exempt(w, self, dir, peer)
}

// exempt reports whether a peer on the host network is the pod's own node, as
// far as policies can tell, and therefore past them: certainly where it is the
// source; what of it as the destination is settled nowhere (NP33).
func exempt(w world, self *pod, dir Direction, peer *pod) bool {
	if peer.state != onHost || w.hostsArePods {
		return false
	}
	same := sameNode(self.node, peer.node)
	if dir == Ingress {
		return fromOwnNode(w, same)
	}
	return w.most && same != disjoint
}

// fromOwnNode reports whether the node's traffic reaches the pod past all
// policies: always, if it is the pod's own node (NP33).
func fromOwnNode(w world, same relation) bool {
	return same == covers || same == overlaps && w.most
}

// sameNode says whether two pods run on one node: overlaps, if that is not known.
func sameNode(a, b *node) relation {
	switch {
	case a == nil || b == nil:
		return overlaps
	case a == b:
		return covers
	case a.name != "" && b.name != "":
		return disjoint
	}
	for f := range family(numFamilies) { // one is known by its address only
		if a.hasAddress(f) && b.hasAddress(f) {
			return disjoint
		}
	}
	return overlaps
}

// link is the family in which two pods talk; false if there is none.
type link struct {
	f  family
	ok bool
}

// linkBetween is the link of a flow between two pods: in the primary family of
// both or, where these differ, in one that they share.
func linkBetween(p, q *class) link {
	for _, f := range []family{p.primary, q.primary} {
		if p.has[f] && q.has[f] {
			return link{f, true}
		}
	}
	return linkIn(1-p.primary, p, q)
}

// linkIn is the link of two pods in the family.
func linkIn(f family, p, q *class) link { return link{f, p.has[f] && q.has[f]} }

// judgePods decides about a packet from pod p to pod q in one family: allowed
// in every world, in none, or undecided. With twins, p and q are one pod that
// stands for two of its kind.
func (n *Network) judgePods(p, q *pod, f family, twins bool, proto Protocol, port uint16) Decision {
	if p == q && !twins {
		return Allowed // a pod cannot be cut off from itself (NP32)
	}
	pk := packet{f: f, proto: proto, port: port}
	least, most := true, false
	for _, w := range n.worldsOf(p, q) {
		pk.names = w.namesOf(q.class)
		if n.passes(w, p, Egress, q, &pk) && n.passes(w, q, Ingress, p, &pk) { // NP14
			most = true
		} else {
			least = false
		}
	}
	if least != most && n.isVague(p, q) {
		return n.judgeVague(p, q, &pk)
	}
	return decide(least, most)
}

// judgeSide decides whether a packet between two pods passes one of its sides;
// self is the pod at that side.
func (n *Network) judgeSide(self *pod, dir Direction, peer *pod, f family, proto Protocol, port uint16) Decision {
	pk := packet{f: f, proto: proto, port: port}
	to := self.class
	if dir == Egress {
		to = peer.class
	}
	least, most := true, false
	for _, w := range n.worldsOf(self, peer) {
		pk.names = w.namesOf(to)
		c := n.conditionOf(w, self, dir, peer, &pk)
		most = most || c.possible()
		if !w.most {
			least = least && n.certain(c, peer, f)
		}
	}
	return decide(least, most)
}
