package netsim

import "encoding/binary"

// side is what the policies of one direction make of a class.
type side struct {
	grants   []grant
	policies []*policy          // that isolate, in the order of Network.policies
	bySet    map[int32][]*grant // the grants by peer set, where they are many

	// What the opaque objects may drop, and whether they may let everything through.
	opaques     []*opaque
	maybeDenied Ports
	mayAllow    bool

	dir       Direction
	names     []portName                 // of the pods themselves, for their ingress rules
	addresses [2][numFamilies]addressMap // by whether init containers' ports count
}

// manyGrants is from how many grants on a side looks them up by peer set.
const manyGrants = 32

// isolated reports whether the pods are isolated in the side's direction: at
// least one policy of their namespace selects them and has the direction among
// its types (NP1).
func (s *side) isolated() bool { return len(s.policies) > 0 }

// grant is one item of a rule's peer list with the rule's ports: they let
// through what comes from (or goes to) a member of the peer set to the ports.
type grant struct {
	set   int32  // everyone, or index into Network.peers
	named bool   // an egress rule with named ports: resolved at each destination
	f     family // of the block
	block *block // of the peer set, if it is one
	rule  *rule
	ports portsID // without what depends on the destination's container ports
	most  portsID // the same with the ports of init containers counted
}

// sideOf returns what the policies make of the pods in one direction. Kinds
// under the same policies share it, unless they resolve port names differently.
func (c *classifier) sideOf(known map[string]*side, dir Direction, k *kind) *side {
	s := &side{dir: dir}
	named := false
	key := []byte{byte(dir)}
	for _, t := range k.targets {
		if p := c.policies[t]; p.isolates[dir] {
			s.policies = append(s.policies, p)
			key = binary.AppendUvarint(key, uint64(t)+1)
			for i := range p.rules[dir] {
				named = named || p.rules[dir][i].named
			}
		}
	}
	key = append(key, 0)
	for _, t := range k.opaques {
		if q := c.opaques[t]; q.directions[dir] {
			s.opaques = append(s.opaques, q)
			key = binary.AppendUvarint(key, uint64(t)+1)
		}
	}
	if dir == Ingress && named {
		for _, pn := range k.names {
			key = appendPortName(key, pn)
		}
	}
	if shared, ok := known[string(key)]; ok {
		return shared
	}
	c.grant(s, k.names)
	known[string(key)] = s
	return s
}

// grant fills in what the side's policies let through. Names of ingress rules
// mean the container ports of the pods themselves; those of egress rules have
// to wait for a destination (NP21).
func (n *Network) grant(s *side, own []portName) {
	if s.dir == Ingress {
		s.names = own
	}
	for _, p := range s.policies {
		for i := range p.rules[s.dir] {
			r := &p.rules[s.dir][i]
			g := grant{set: everyone, rule: r, ports: r.numbers, most: r.numbers, named: s.dir == Egress && r.named}
			if s.dir == Ingress && r.named {
				g.ports, g.most = n.ports.id(r.portsAt(s.names, false)), n.ports.id(r.portsAt(s.names, true))
			}
			if r.everyone {
				s.grants = append(s.grants, g)
			}
			for _, peer := range r.peers {
				if peer.set == noPeer {
					continue
				}
				g.set, g.block = peer.set, peer.block
				if g.block != nil {
					g.f = g.block.family()
				}
				s.grants = append(s.grants, g)
			}
		}
	}
	if len(s.grants) >= manyGrants {
		s.bySet = map[int32][]*grant{}
		for i := range s.grants {
			s.bySet[s.grants[i].set] = append(s.bySet[s.grants[i].set], &s.grants[i])
		}
	}
	for _, q := range s.opaques {
		if q.denies == deniesAny || q.denies == deniesOpen && !s.isolated() {
			s.maybeDenied = s.maybeDenied.Union(q.denied)
		}
		s.mayAllow = s.mayAllow || q.allows
	}
}
