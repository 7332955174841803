package netsim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/pkg/model"
)

// fromFuture asks about the pods to come in a namespace that the target's rules,
// or their own egress policies, can tell apart.
func (o *onlyInto) fromFuture(t *pod, ns *namespace) {
	if o.refuted() {
		return
	}
	selectors := o.ofSources(t, func(s *podPeer) bool { return s.mayMatch(ns) })
	selectors = append(selectors, o.selecting(ns, Egress)...)
	for _, w := range o.permits {
		for _, k := range w.kin {
			if k.ns == ns {
				selectors = append(selectors, k.labels)
			}
		}
	}
	for _, p := range o.cells(FuturePod{Namespace: ns.Name, Name: o.freeName(ns.Name)}, selectors, false) {
		o.compare(p, t)
	}
}

// ofSources returns what the target's rules want of the pods of the namespaces
// that the function accepts.
func (o *onlyInto) ofSources(t *pod, accepts func(*podPeer) bool) (selectors []labelspace.Box) {
	for _, g := range t.class.sides[Ingress].grants {
		if g.set == everyone || g.block != nil {
			continue
		}
		if s := o.peers[g.set].selector; accepts(s) {
			selectors = append(selectors, s.pods)
		}
	}
	return selectors
}

// fromFutureNamespaces asks about pods in namespaces that do not exist: of every
// name that some rule mentions, and of one that none does, with every label set
// that rules can tell apart.
func (o *onlyInto) fromFutureNamespaces(t *pod) {
	if o.refuted() {
		return
	}
	names := map[string]bool{o.freeNamespace(): true}
	var selectors []labelspace.Box
	for _, g := range t.class.sides[Ingress].grants {
		if g.set == everyone || g.block != nil || o.peers[g.set].selector.own != nil {
			continue
		}
		box := o.peers[g.set].selector.namespaces
		selectors = append(selectors, box)
		listed, excluded := box.At(model.NameLabel).Listed()
		for _, name := range listed {
			if !excluded && o.namespaces[name] == nil {
				names[name] = true
			}
		}
	}
	pods := o.ofSources(t, func(s *podPeer) bool { return s.own == nil })
	for _, name := range slices.Sorted(maps.Keys(names)) {
		space := labelspace.Everything().Where(model.NameLabel, labelspace.In(name))
		for cell, matched := range labelspace.Cells(space, selectors, mostCells) {
			if matched == nil {
				o.open("%s", tooManyCells(name))
				return
			}
			labels := cell.Witness()
			delete(labels, model.NameLabel)
			for _, p := range o.cells(FuturePod{Namespace: name, NamespaceLabels: labels, Name: "new"}, pods, false) {
				o.compare(p, t)
			}
		}
	}
}

func (o *onlyInto) freeNamespace() string {
	name := "new"
	for i := 2; o.namespaces[name] != nil; i++ {
		name = fmt.Sprintf("new-%d", i)
	}
	return name
}

// futureTargets returns a pod to come for each way in which the ingress policies
// of the namespace, and anyone's egress rules, can see one.
func (o *onlyInto) futureTargets(ns *namespace) []*pod {
	selectors := o.selecting(ns, Ingress)
	for _, p := range o.policies {
		for _, r := range p.rules[Egress] {
			for _, peer := range r.peers {
				if s := peer.selector; s != nil && s.mayMatch(ns) {
					selectors = append(selectors, s.pods)
				}
			}
		}
	}
	return o.cells(FuturePod{Namespace: ns.Name, Name: o.freeName(ns.Name)}, selectors, true)
}

// selecting returns what policies of one direction select in the namespace.
func (n *Network) selecting(ns *namespace, dir Direction) (selectors []labelspace.Box) {
	for _, p := range ns.policies {
		if p.isolates[dir] {
			selectors = append(selectors, p.selector)
		}
	}
	for _, q := range n.opaques {
		if q.directions[dir] && q.concerns(ns) {
			selectors = append(selectors, q.pods)
		}
	}
	return selectors
}

// cells imagines a pod like the one given for each class of label sets that the
// selectors tell apart. A pod for each name of a port that its policies mention
// makes the most of rules with port names.
func (o *onlyInto) cells(like FuturePod, selectors []labelspace.Box, named bool) []*pod {
	var pods []*pod
	slices.SortFunc(selectors, func(a, b labelspace.Box) int { return strings.Compare(a.Key(), b.Key()) })
	selectors = slices.CompactFunc(selectors, func(a, b labelspace.Box) bool { return a.Key() == b.Key() })
	for cell, matched := range labelspace.Cells(labelspace.Everything(), selectors, mostCells) {
		if matched == nil {
			o.open("%s", tooManyCells(like.Namespace))
			return pods
		}
		like.Labels, like.Ports = cell.Witness(), nil
		p := o.imagine(like)
		if named {
			if like.Ports = portNamesFor(p.class.sides[Ingress]); len(like.Ports) > 0 {
				p = o.imagine(like)
			}
		}
		pods = append(pods, p)
	}
	return pods
}

// portVariants returns likenesses of a pod to come that give the names of ports
// in p's and its own rules numbers of their own and, for each of the two sides,
// a number that this side lets through anyway: if any numbers open a way, those
// do.
func (o *onlyInto) portVariants(p, t *pod) []*pod {
	like := t.future()
	if like.Ports = portNamesFor(t.class.sides[Ingress], p.class.sides[Egress]); len(like.Ports) == 0 {
		return nil
	}
	base := o.imagine(like)
	variants := []*pod{base}
	for f := range family(numFamilies) {
		if !p.has[f] || !t.has[f] {
			continue
		}
		for _, open := range []Ports{o.reachSide(p, Egress, base, f), o.reachSide(base, Ingress, p, f)} {
			open = open.Minus(o.permitted(p, t))
			variant := like
			variant.Ports = slices.Clone(like.Ports)
			for i := range variant.Ports {
				for r := range open.Ranges(variant.Ports[i].Protocol) {
					variant.Ports[i].Port = r.First
					break
				}
			}
			variants = append(variants, o.imagine(variant))
		}
	}
	return variants
}

// portNamesFor returns ports under every name that the rules mention, each
// at a number of its own, for a future pod that makes the most of them.
func portNamesFor(sides ...*side) []NamedPort {
	var ports []NamedPort
	number := uint16(20000)
	for _, s := range sides {
		for _, g := range s.grants {
			for _, m := range g.rule.ports {
				if m.name == "" || slices.ContainsFunc(ports, func(p NamedPort) bool { return p.Name == m.name && p.Protocol == m.protocol }) {
					continue
				}
				number++
				ports = append(ports, NamedPort{m.name, number, m.protocol})
			}
		}
	}
	return ports
}

// reachSide returns the ports that a side of a pod may let through.
func (n *Network) reachSide(self *pod, dir Direction, peer *pod, f family) Ports {
	c := newCuts()
	for _, names := range [][]portName{self.names, peer.names} {
		c.addSide(self.class.sides[dir], names)
	}
	r := c.reach(func(proto Protocol, port uint16) Decision { return n.judgeSide(self, dir, peer, f, proto, port) })
	return r.Ports.Union(r.Undecided)
}
