package netsim

import (
	"go4.org/netipx"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/pkg/model"
)

// What follows is exact where labels of a namespace or the address of a pod are
// not known and more than one rule depends on them. Taking each rule's worst or
// best case on its own would call undecided what holds whatever the labels are:
// one rule for team=a beside one for team!=a lets every namespace in.

// condition says for which labels of the peer's namespace and for which
// addresses of the peer a side admits a packet: if always is set, for all; else
// if any label box or any block holds.
type condition struct {
	always bool
	labels []labelspace.Box
	blocks []*block
}

// isVague reports whether the answer may depend on labels or addresses that are
// not known.
func (n *Network) isVague(p, q *pod) bool {
	vague := func(c *class) bool { return c.vague != nil || c.unknown[ipv4] || c.unknown[ipv6] }
	return vague(p.class) || vague(q.class)
}

// judgeVague decides as judgePods does, over every label set and address that
// fits what is known instead of rule by rule.
func (n *Network) judgeVague(p, q *pod, pk *packet) Decision {
	least, most := true, false
	for _, w := range n.worldsOf(p, q) {
		pk.names = w.namesOf(q.class)
		egress := n.conditionOf(w, p, Egress, q, pk)
		ingress := n.conditionOf(w, q, Ingress, p, pk)
		if w.most {
			most = most || satisfiable(egress, ingress, p.ns == q.ns)
		} else {
			least = least && n.certain(egress, q, pk.f) && n.certain(ingress, p, pk.f)
		}
	}
	return decide(least, most)
}

// conditionOf collects the rules of one side that let the packet through for
// some labels or addresses of the peer.
func (n *Network) conditionOf(w world, self *pod, dir Direction, peer *pod, pk *packet) condition {
	definite := world{hostsArePods: w.hostsArePods}
	selfClass, peerClass := self.class, peer.class
	switch n.beforeRules(w, selfClass, dir, pk.proto, pk.port) {
	case admitted:
		return condition{always: true}
	case dropped:
		return condition{}
	case lookAtRules:
	}
	if exempt(w, self, dir, peer) {
		return condition{always: true}
	}
	var c condition
	grants := selfClass.sides[dir].grants
	for i := range grants {
		g := &grants[i]
		if !g.rule.allows(pk.names, w.most, pk.proto, pk.port) {
			continue
		}
		if n.holds(definite, g, peerClass, pk.f) {
			return condition{always: true}
		}
		if !n.holds(world{hostsArePods: w.hostsArePods, most: true}, g, peerClass, pk.f) {
			continue
		}
		if s := &n.peers[g.set]; s.block != nil {
			c.blocks = append(c.blocks, s.block)
		} else {
			c.labels = append(c.labels, s.selector.namespaces)
		}
	}
	return c
}

// certain reports whether the condition holds whatever the peer's unknown
// labels and address are. A rule speaks of one or of the other, so together
// they cover everything only if the ones or the others do.
func (n *Network) certain(c condition, peer *pod, f family) bool {
	if c.always {
		return true
	}
	known := labelspace.Everything().Where(model.NameLabel, labelspace.In(peer.ns.Name))
	if _, gap := labelspace.Gap(known, c.labels); len(c.labels) > 0 && !gap {
		return true
	}
	if len(c.blocks) == 0 {
		return false
	}
	var rest netipx.IPSetBuilder
	rest.AddSet(n.possible(peer.state == onHost, f))
	for _, b := range c.blocks {
		rest.RemoveSet(b.set())
	}
	return len(mustSet(&rest).Ranges()) == 0
}

// possible reports whether some labels and address of the peer fulfil the condition.
func (c condition) possible() bool { return c.always || len(c.labels) > 0 || len(c.blocks) > 0 }

// satisfiable reports whether some labels and addresses fulfil both conditions.
// Those of different pods are independent, but for the labels of a namespace
// that both share.
func satisfiable(egress, ingress condition, sameNamespace bool) bool {
	if !egress.possible() || !ingress.possible() {
		return false
	}
	byLabels := func(c condition) bool { return !c.always && len(c.blocks) == 0 }
	if !sameNamespace || !byLabels(egress) || !byLabels(ingress) {
		return true
	}
	for _, e := range egress.labels {
		for _, i := range ingress.labels {
			if !e.Intersect(i).IsEmpty() {
				return true
			}
		}
	}
	return false
}
