package netsim

import (
	"cmp"
	"iter"
	"maps"
	"net/netip"
	"slices"
)

// All yields the relation between all pairs of distinct pods, as far as a port
// is open or may be: sources by namespace and name, for each the destinations
// by namespace and name. Pods that a template stands for count as one.
//
// The relation is computed class by class; its cost follows the number of
// classes and of pairs yielded.
func (n *Network) All() iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		cache := rowCache{rows: n.newRows()}
		for i := range n.pods {
			p := &n.pods[i]
			if !p.live() {
				continue
			}
			for _, t := range n.withNodeMates(p, cache.of(p.class)) {
				if t.pod == p {
					continue
				}
				var e Edge
				if t.target == nil {
					e = n.edgePods(p, t.pod, anyFamily, false)
				} else {
					e = Edge{From: n.endpointOf(p), To: n.endpointOf(t.pod), Reach: t.target.main, Secondary: t.target.secondary}
				}
				if !e.isEmpty() && !yield(e) {
					return
				}
			}
		}
	}
}

// withNodeMates replaces, among the pods that a row says p reaches, those for
// which the row does not count: one of the two is on the host network and they
// run on one node, or may do so (NP33).
func (n *Network) withNodeMates(p *pod, reached []podTarget) []podTarget {
	var mates []podTarget
	others := n.hostPods
	if p.state == onHost {
		others = n.directory.pointers
	}
	for _, q := range others {
		if q != p && q.live() && sameNode(p.node, q.node) != disjoint {
			mates = append(mates, podTarget{pod: q})
		}
	}
	if len(mates) == 0 {
		return reached
	}
	merged := slices.Concat(mates, reached)
	slices.SortStableFunc(merged, comparePods)
	return slices.CompactFunc(merged, func(a, b podTarget) bool { return a.pod == b.pod })
}

func comparePods(a, b podTarget) int { return cmp.Compare(a.pod.id, b.pod.id) }

func (e *Edge) isEmpty() bool {
	return e.Reach.IsEmpty() && (e.Secondary == nil || e.Secondary.IsEmpty())
}

// rowCache keeps the destinations of classes of which several pods are still to
// come, up to a total that bounds its memory.
type rowCache struct {
	rows *rows
	kept map[int][]podTarget
	size int
}

const rowCacheLimit = 1 << 22 // destinations

// podTarget is a pod and what is reached of it; nil, if that is for the two pods
// to settle.
type podTarget struct {
	pod    *pod
	target *target
}

// of returns all pods that a pod of the class reaches, in their order.
func (c *rowCache) of(from *class) []podTarget {
	if pods, ok := c.kept[from.id]; ok {
		return pods
	}
	var pods []podTarget
	targets := c.rows.targets(from)
	for i := range targets {
		for _, q := range targets[i].class.pods {
			pods = append(pods, podTarget{q, &targets[i]})
		}
	}
	slices.SortFunc(pods, comparePods)
	if len(from.pods) > 1 && c.size+len(pods) <= rowCacheLimit {
		if c.kept == nil {
			c.kept = map[int][]podTarget{}
		}
		c.kept[from.id] = pods
		c.size += len(pods)
	}
	return pods
}

// target is what a class reaches of another.
type target struct {
	class     *class
	main      Reach
	secondary *Reach
}

// targets returns what pods of the class reach of each class, by number of the
// class: in the family of both and, where it differs, in the other. Pods on the
// host network are taken to be on different nodes.
func (r *rows) targets(from *class) []target {
	var out []target
	index := map[int]int{}
	for _, c := range r.row(from, from.primary) {
		for id := range c.Members() {
			to := r.classes[id]
			index[id] = len(out)
			out = append(out, target{class: to, main: r.settle(from, to, from.primary, c)})
		}
	}
	other := 1 - from.primary
	if !from.has[other] {
		return out
	}
	shared := map[int]bool{} // classes with both families that are open in the other
	for _, c := range r.row(from, other) {
		for id := range c.Members() {
			to := r.classes[id]
			reach := r.settle(from, to, other, c)
			i, ok := index[id]
			switch {
			case !to.has[from.primary]:
				out = append(out, target{class: to, main: reach})
			case !ok:
				out = append(out, target{class: to, secondary: &reach})
			case !reach.Equal(out[i].main):
				out[i].secondary = &reach
			}
			shared[id] = true
		}
	}
	for i := range out {
		if to := out[i].class; to.has[other] && to.has[from.primary] && !shared[to.id] {
			out[i].secondary = &Reach{}
		}
	}
	slices.SortFunc(out, func(a, b target) int { return cmp.Compare(a.class.id, b.class.id) })
	return out
}

// settle returns what a cell says of two classes, exact also where several rules
// depend on the same unknown.
func (r *rows) settle(from, to *class, f family, c cell) Reach {
	least, most := r.ports.get(c.least), r.ports.get(c.most)
	reach := Reach{Ports: least, Undecided: most.Minus(least)}
	if p, q := from.pods[0], to.pods[0]; c.least != c.most && !from.onHost && !to.onHost && r.isVague(p, q) {
		return r.reachPods(p, q, f, true)
	}
	return reach
}

// Into yields what can reach the endpoint's pods, as far as a port is open or
// may be: for each of the pods in order, first the pods that reach it, then the
// nodes, then the addresses outside the cluster. The error is about the
// endpoint.
func (n *Network) Into(e Endpoint) (iter.Seq[Edge], error) { return n.around(e, Ingress) }

// OutOf yields what the endpoint's pods can reach, in the order of [Network.Into].
func (n *Network) OutOf(e Endpoint) (iter.Seq[Edge], error) { return n.around(e, Egress) }

func (n *Network) around(e Endpoint, dir Direction) (iter.Seq[Edge], error) {
	p, err := n.resolve(e)
	if err != nil {
		return nil, err
	}
	pods := p.pods
	if p.service != nil {
		pods = p.service.pods
	}
	switch {
	case len(pods) > 0:
	case p.namespace != nil:
		return nil, n.notFound(e)
	default:
		return nil, notPods(e)
	}
	nodes := n.nodeAddresses()
	return func(yield func(Edge) bool) {
		for _, p := range pods {
			if !p.live() {
				continue
			}
			for _, edge := range n.podsAround(p, dir) {
				if !yield(edge) {
					return
				}
			}
			for _, nd := range nodes {
				if edge := n.edgeNode(p, dir, nd); p.has[familyOf(nd.address)] && !edge.isEmpty() && !yield(edge) {
					return
				}
			}
			for f := range family(numFamilies) {
				if !p.has[f] {
					continue
				}
				for edge := range n.edgesOutside(p, dir, n.directory.outside[f]) {
					if !edge.isEmpty() && !yield(edge) {
						return
					}
				}
			}
		}
	}, nil
}

// podsAround returns the edges between the pod and every other, by the other's
// number: computed once for each class.
func (n *Network) podsAround(p *pod, dir Direction) []Edge {
	type found struct {
		pod  *pod
		edge Edge
	}
	var all []found
	for _, c := range n.classes {
		edge := n.edgeToward(p, dir, c.pods[0])
		for _, q := range c.pods {
			if q == p {
				continue
			}
			e := edge
			if p.state == onHost || q.state == onHost {
				e = n.edgeToward(p, dir, q)
			}
			if dir == Ingress {
				e.From = n.endpointOf(q)
			} else {
				e.To = n.endpointOf(q)
			}
			if !e.isEmpty() {
				all = append(all, found{q, e})
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.pod.id, b.pod.id) })
	edges := make([]Edge, len(all))
	for i := range all {
		edges[i] = all[i].edge
	}
	return edges
}

// edgeToward is the edge between the pod and the other, or a twin of it.
func (n *Network) edgeToward(p *pod, dir Direction, q *pod) Edge {
	if dir == Ingress {
		return n.edgePods(q, p, anyFamily, true)
	}
	return n.edgePods(p, q, anyFamily, true)
}

// nodeAddresses returns the known addresses of nodes, sorted.
func (n *Network) nodeAddresses() []nodeAddress {
	var all []nodeAddress
	for _, a := range slices.SortedFunc(maps.Keys(n.nodeByAddr), netip.Addr.Compare) {
		all = append(all, nodeAddress{n.nodeByAddr[a], a})
	}
	return all
}

// Class is a set of pods that no policy tells apart.
type Class struct {
	ID   int
	Pods []Endpoint // by namespace and name; never empty
}

// Classes yields the classes that the pods fall into, by ID.
func (n *Network) Classes() iter.Seq[Class] {
	return func(yield func(Class) bool) {
		for _, c := range n.classes {
			out := Class{ID: c.id}
			for _, p := range c.pods {
				out.Pods = append(out.Pods, n.endpointOf(p))
			}
			if !yield(out) {
				return
			}
		}
	}
}

// ClassEdge is the relation between any two distinct pods of two classes.
type ClassEdge struct {
	From, To int // Class.ID
	Reach
	Secondary *Reach // as of Edge
}

// ClassEdges yields the relation between classes, as far as a port is open or
// may be, by From and To. What depends on the nodes that pods run on is left
// out: pods on the host network are taken to be on other nodes.
func (n *Network) ClassEdges() iter.Seq[ClassEdge] {
	return func(yield func(ClassEdge) bool) {
		r := n.newRows()
		for _, c := range n.classes {
			for _, t := range r.targets(c) {
				if !yield(ClassEdge{c.id, t.class.id, t.main, t.secondary}) {
					return
				}
			}
		}
	}
}
