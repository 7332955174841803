package netsim

import (
	"errors"
	"iter"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Reach is the exact set of ports on which one end may connect to another.
type Reach struct {
	Ports     Ports // certainly open
	Undecided Ports // open or not: the input or the specification does not say
}

// IsEmpty reports whether no port is open, not even possibly.
func (r Reach) IsEmpty() bool { return r.Ports.IsEmpty() && r.Undecided.IsEmpty() }

// Equal reports whether both are the same sets.
func (r Reach) Equal(s Reach) bool {
	return r.Ports.Equal(s.Ports) && r.Undecided.Equal(s.Undecided)
}

// Decision is the answer to "is any port open?".
func (r Reach) Decision() Decision { return decide(!r.Ports.IsEmpty(), !r.IsEmpty()) }

// Edge is the exact relation between two ends.
type Edge struct {
	// From and To are a pod, an address of a node, or outside the cluster: an
	// address, a block, or Internet for several blocks.
	From, To Endpoint

	// Addresses are, if one end is outside the cluster, the blocks of addresses
	// that the edge is about, sorted. Addresses within them that pods, nodes or Services
	// of the input hold are not meant: those have edges of their own.
	Addresses []netip.Prefix

	outside string // the addresses for people, where several

	// Node is, if one end is an address of a node, the node's name, where known.
	Node string

	// Reach is in the primary address family of both ends.
	Reach

	// Secondary is the relation in the other family, if both ends have both and
	// it differs there; else nil.
	Secondary *Reach
}

// Between yields the relation between all pairs of the ends that the endpoints
// stand for, those without an open port included: sources in order, for each
// the destinations in order, pods before nodes before addresses. Ports are those
// of the destination or, where it is a Service, of the Service. The error is
// about the question.
func (n *Network) Between(from, to Endpoint) (iter.Seq[Edge], error) {
	f := Flow{From: from, To: to}
	source, target, err := n.resolveFlow(f)
	if err != nil {
		return nil, err
	}
	if target.service != nil {
		return n.betweenService(f, source, target)
	}
	return func(yield func(Edge) bool) {
		for _, p := range source.pods {
			for _, q := range target.pods {
				for _, twins := range pairings(source, target, p, q, nil) {
					if !yield(n.edgePods(p, q, source.family.toward(target.family), twins)) {
						return
					}
				}
			}
			for _, nd := range target.nodes {
				if !yield(n.edgeNode(p, Egress, nd)) {
					return
				}
			}
			for e := range n.edgesOutside(p, Egress, target.external()) {
				if !yield(e) {
					return
				}
			}
		}
		for _, nd := range source.nodes {
			for _, q := range target.pods {
				if !yield(n.edgeNode(q, Ingress, nd)) {
					return
				}
			}
		}
		for _, q := range target.pods {
			for e := range n.edgesOutside(q, Ingress, source.external()) {
				if !yield(e) {
					return
				}
			}
		}
	}, nil
}

// betweenService asks for each port of the Service and gathers the answers by
// pair of ends. Ports with nothing behind them are left out, unless all are.
func (n *Network) betweenService(f Flow, from, to party) (iter.Seq[Edge], error) {
	var edges []Edge
	index := map[[2]string]int{}
	var empty error
	for _, sp := range to.service.object.API.Spec.Ports {
		f.Protocol, f.Port = protocolOf(sp.Protocol), uint16(sp.Port)
		answers := map[int]Decision{} // of this port, by edge
		for p, err := range n.parts(f, from, to) {
			if errors.As(err, new(*noBackendError)) {
				empty = err
				break
			}
			if err != nil {
				return nil, err
			}
			e := n.edgeOfPart(p)
			key := [2]string{e.From.String(), e.To.String()}
			for _, a := range e.Addresses {
				key[0] += a.String()
			}
			i, ok := index[key]
			if !ok {
				i = len(edges)
				index[key] = i
				edges = append(edges, e)
			}
			if before, ok := answers[i]; ok { // the pair has several ways
				p.decision = combine(before, p.decision)
			}
			answers[i] = p.decision
		}
		for i, d := range answers {
			one := PortsOf(f.Protocol, f.Port, f.Port)
			switch d {
			case Allowed:
				edges[i].Ports = edges[i].Ports.Union(one)
			case Undecided, Mixed:
				edges[i].Undecided = edges[i].Undecided.Union(one)
			case Denied:
			}
		}
	}
	if len(edges) == 0 {
		if empty == nil {
			_, empty = to.service.port(TCP, 0)
		}
		return nil, empty
	}
	return slices.Values(edges), nil
}

func (n *Network) edgeOfPart(p part) Edge {
	e := Edge{From: n.endpointOfEnd(p.from), To: n.endpointOfEnd(p.to)}
	for _, end := range []end{p.from, p.to} {
		if end.addresses != nil {
			e.Addresses, e.outside = end.addresses.Prefixes(), n.outsideText(end.addresses)
		}
	}
	return e
}

func (n *Network) endpointOfEnd(e end) Endpoint {
	switch {
	case e.pod != nil:
		return n.endpointOf(e.pod)
	case e.node.node != nil:
		return Address(e.node.address)
	default:
		return endpointOfSet(e.addresses)
	}
}

// endpointOfSet names a set of addresses outside the cluster.
func endpointOfSet(s *netipx.IPSet) Endpoint {
	if ps := s.Prefixes(); len(ps) == 1 {
		if ps[0].IsSingleIP() {
			return Address(ps[0].Addr())
		}
		return CIDR(ps[0])
	}
	return Internet()
}

// edgePods is the relation from pod p to pod q.
func (n *Network) edgePods(p, q *pod, choice familyChoice, twins bool) Edge {
	e := Edge{From: n.endpointOf(p), To: n.endpointOf(q)}
	l := choice.link(p, q)
	if !l.ok {
		return e
	}
	e.Reach = n.reachPods(p, q, l.f, twins)
	if other := linkIn(1-l.f, p.class, q.class); other.ok && choice == anyFamily {
		if r := n.reachPods(p, q, other.f, twins); !r.Equal(e.Reach) {
			e.Secondary = &r
		}
	}
	return e
}

// reachPods asks judgePods for one port of each run of ports that no rule of
// the two pods tells apart.
func (n *Network) reachPods(p, q *pod, f family, twins bool) Reach {
	to := q.class
	c := newCuts()
	c.addSide(p.class.sides[Egress], to.names)
	c.addSide(to.sides[Ingress], to.names)
	return c.reach(func(proto Protocol, port uint16) Decision { return n.judgePods(p, q, f, twins, proto, port) })
}

// edgeNode is the relation between a pod and an address of a node.
func (n *Network) edgeNode(p *pod, dir Direction, nd nodeAddress) Edge {
	e := Edge{From: n.endpointOf(p), To: Address(nd.address), Node: nd.node.name}
	if dir == Ingress {
		e.From, e.To = e.To, e.From
	}
	if !p.live() {
		return e
	}
	c := newCuts()
	own := p.class
	c.addSide(own.sides[dir], own.names)
	if dir == Egress {
		n.directory.doors.cut(c)
	}
	for _, h := range nd.node.hostPods {
		there := h.class
		c.addSide(there.sides[1-dir], there.names)
		c.addSide(there.sides[1-dir], own.names)
		c.addSide(own.sides[dir], there.names)
	}
	e.Reach = c.reach(func(proto Protocol, port uint16) Decision { return n.judgeNode(p, dir, nd, proto, port) })
	return e
}

// edgesOutside yields the relation between a pod and addresses outside the
// cluster: an edge for each group of addresses to which the same ports are
// open, groups with more ports first.
func (n *Network) edgesOutside(p *pod, dir Direction, set *netipx.IPSet) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		if set == nil || len(set.Ranges()) == 0 {
			return
		}
		type group struct {
			reach Reach
			set   netipx.IPSetBuilder
		}
		var groups []*group
		n.eachRun(p, dir, set, func(run netipx.IPRange) {
			r := n.reachAddress(p, dir, run.From())
			i := slices.IndexFunc(groups, func(g *group) bool { return g.reach.Equal(r) })
			if i < 0 {
				i = len(groups)
				groups = append(groups, &group{reach: r})
			}
			groups[i].set.AddRange(run)
		})
		if len(groups) == 0 { // of families that the pod does not have
			g := &group{}
			g.set.AddSet(set)
			groups = append(groups, g)
		}
		slices.SortStableFunc(groups, func(a, b *group) int { return b.reach.size() - a.reach.size() })
		for _, g := range groups {
			addresses := mustSet(&g.set)
			e := Edge{From: n.endpointOf(p), To: endpointOfSet(addresses), Addresses: addresses.Prefixes(), outside: n.outsideText(addresses), Reach: g.reach}
			if dir == Ingress {
				e.From, e.To = e.To, e.From
			}
			if !yield(e) {
				return
			}
		}
	}
}

// reachAddress returns the ports that a side of the pod leaves open between it
// and an address outside the cluster.
func (n *Network) reachAddress(p *pod, dir Direction, a netip.Addr) Reach {
	least, most := AllPorts(), Ports{}
	for _, w := range n.worldsOf(p) {
		open := n.openTo(w, p, dir, a)
		least, most = least.Intersect(open), most.Union(open)
	}
	return Reach{Ports: least, Undecided: most.Minus(least)}
}

func (n *Network) openTo(w world, p *pod, dir Direction, a netip.Addr) Ports {
	c := p.class
	s := c.sides[dir]
	switch {
	case c.onHost && !w.hostsArePods, w.most && s.mayAllow:
		return AllPorts()
	}
	open := AllPorts()
	if s.isolated() {
		open = runOf(s.addressesOf(familyOf(a), w.most), a).ports
	}
	if !w.most {
		open = open.Minus(s.maybeDenied)
	}
	return open
}

// size counts the open ports.
func (r Reach) size() int {
	size := 0
	for _, s := range []Ports{r.Ports, r.Undecided} {
		for p := range Protocols() {
			for run := range s.Ranges(p) {
				size += int(run.Last) - int(run.First) + 1
			}
		}
	}
	return size
}

// cuts are the ports at which some rule begins or ceases to match.
type cuts struct{ starts [numProtocols][]uint32 }

func newCuts() *cuts {
	c := &cuts{}
	for p := range c.starts {
		c.starts[p] = []uint32{1}
	}
	return c
}

// addSide adds the borders of the ports that the side's rules and opaque
// objects mention, named ones as the destination resolves them.
func (c *cuts) addSide(s *side, destination []portName) {
	for _, g := range s.grants {
		for i := range g.rule.ports {
			c.add(g.rule.ports[i].at(destination, true))
		}
	}
	c.add(s.maybeDenied)
}

func (c *cuts) add(ports Ports) {
	for p := range c.starts {
		for r := range ports.Ranges(Protocol(p)) {
			c.starts[p] = append(c.starts[p], uint32(r.First), uint32(r.Last)+1)
		}
	}
}

// reach asks about the first port of each run.
func (c *cuts) reach(judge func(Protocol, uint16) Decision) Reach {
	var r Reach
	for p, starts := range c.starts {
		slices.Sort(starts)
		starts = slices.Compact(starts)
		for i, first := range starts {
			last := uint32(65535)
			if i+1 < len(starts) {
				last = starts[i+1] - 1
			}
			if first > 65535 {
				break
			}
			run := PortsOf(Protocol(p), uint16(first), uint16(last))
			switch judge(Protocol(p), uint16(first)) {
			case Allowed:
				r.Ports = r.Ports.Union(run)
			case Undecided, Mixed:
				r.Undecided = r.Undecided.Union(run)
			case Denied:
			}
		}
	}
	return r
}
