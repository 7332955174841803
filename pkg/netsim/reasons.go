package netsim

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/pkg/model"
)

// This file puts into words what decides a side besides its rules, what leaves
// it open, and which rules would have let a packet through but for what.

func (x *explainer) because(format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if !slices.Contains(x.side.Reasons, reason) {
		x.side.Reasons = append(x.side.Reasons, reason)
	}
}

// findReasons says what decides the side besides rules or leaves it open.
func (x *explainer) findReasons() {
	s, cl := x.side, x.self.class
	switch {
	case s.Decision == Allowed && x.self.state == onHost && len(s.Allowing) == 0:
		x.because("it is on the host network, and no policy that could select it stands in the way")
	case s.Decision == Allowed && len(s.Isolating) == 0:
		x.because("no policy selects it for %s", s.Direction)
	case s.Decision == Allowed && len(s.Allowing) == 0:
		x.because("traffic from its own node is always allowed")
	case s.Decision == Denied && len(s.Isolating) > 0 && len(cl.sides[s.Direction].grants) == 0:
		x.because("they let nothing through")
	case s.Decision == Undecided:
		x.findDoubts(cl)
	}
}

// findDoubts says what leaves the side open.
func (x *explainer) findDoubts(cl *class) {
	for _, q := range cl.sides[x.side.Direction].opaques {
		x.because("%s (%s)", q.why, q.origin.Place.Short())
	}
	if x.self.state == onHost {
		x.because("%s is on the host network: whether policies apply to it is left to the implementation", x.side.Pod)
	}
	x.doubtNode()
	for _, pol := range x.policiesOf(x.self) {
		for i := range pol.rules[x.side.Direction] {
			r := &pol.rules[x.side.Direction][i]
			for _, at := range x.matchingPeers(r) {
				if at >= 0 && slices.ContainsFunc(r.ports, func(m portMatch) bool { return x.matchesPort(&m) }) {
					x.doubtPeer(&r.peers[at])
				}
				x.doubtNames(r)
			}
		}
	}
	if len(x.side.Reasons) == 0 {
		x.because("it depends on what the input does not tell")
	}
}

func (x *explainer) doubtNode() {
	switch {
	case x.peer.pod != nil && x.peer.pod.state == onHost:
		x.because("%s is on the host network: whether policies see a pod or its node's address is left to the implementation", x.endpointOf(x.peer.pod))
	case x.peer.node.node != nil && sameNode(x.self.node, x.peer.node.node) == overlaps:
		x.because("%s is an address of node %s, and it is not known whether %s runs there", x.peer.node.address, x.peer.node.node, x.side.Pod)
	case x.peer.node.node != nil && x.side.Direction == Egress && x.self.node == x.peer.node.node:
		x.because("%s is an address of the pod's own node: whether egress policies apply to that is left to the implementation", x.peer.node.address)
	case x.peer.node.node != nil && len(x.peer.node.node.hostPods) > 0:
		x.because("%s is an address of node %s, and whether policies see the node or a pod on its network, such as %s, is left to the implementation", x.peer.node.address, x.peer.node.node, x.endpointOf(x.peer.node.node.hostPods[0]))
	}
}

func (nd *node) String() string {
	switch {
	case nd.name != "":
		return nd.name
	case len(nd.addresses) > 0:
		return nd.addresses[0].String()
	}
	return "unknown"
}

// doubtPeer says why it is not known whether the peer matches.
func (x *explainer) doubtPeer(p *peer) {
	if x.peer.pod == nil || x.holds(world{hostsArePods: true}, p.grant(), x.peer.pod.class, x.f) {
		return
	}
	if p.block != nil {
		hint := "say --pod-cidr"
		if x.peer.pod.state == onHost || len(x.podCIDRs) > 0 {
			hint = "its status would tell"
		}
		x.because("the address of %s is not known, and %s holds only a part of what it can be (%s)", x.endpointOf(x.peer.pod), blockText(p.block), hint)
		return
	}
	ns := x.peer.pod.ns
	x.because("namespace %s is not in the input, and whether it has %s is not known", ns.Name, p.selector.namespaces.Free(model.NameLabel))
}

// doubtNames says that a port name is one of an init container only.
func (x *explainer) doubtNames(r *rule) {
	for _, m := range r.ports {
		if m.name == "" || m.at(x.destination(), false).Contains(x.proto, x.port) || !m.at(x.destination(), true).Contains(x.proto, x.port) {
			continue
		}
		x.because("port name %q is declared by an init container only, and whether policies mean that is settled nowhere", m.name)
	}
}

func blockText(b *block) string {
	if len(b.except) == 0 {
		return b.cidr.String()
	}
	var except []string
	for _, e := range b.except {
		except = append(except, e.String())
	}
	return b.cidr.String() + " except " + strings.Join(except, ", ")
}

const mostMisses = 3

// findMisses lists the rules of the namespace's policies that fewest conditions
// keep from letting the packet through.
func (x *explainer) findMisses() {
	if x.self.state == onHost {
		return
	}
	type near struct {
		miss  Miss
		order int
	}
	var all []near
	for _, pol := range x.self.ns.policies {
		if !pol.isolates[x.side.Direction] {
			continue
		}
		selection := x.whyNotSelected(pol)
		for i := range pol.rules[x.side.Direction] {
			r := &pol.rules[x.side.Direction][i]
			at, peerWhy := x.nearestPeer(r)
			port, portWhy := x.nearestPort(r)
			but := slices.Concat(selection, peerWhy, portWhy)
			if len(but) > 0 {
				all = append(all, near{Miss{pol.ruleRef(x.side.Direction, r, at, port), but}, len(all)})
			}
		}
	}
	slices.SortFunc(all, func(a, b near) int {
		return cmp.Or(cmp.Compare(len(a.miss.But), len(b.miss.But)), cmp.Compare(a.order, b.order))
	})
	for _, m := range all[:min(len(all), mostMisses)] {
		if len(m.miss.But) == len(all[0].miss.But) {
			x.side.Misses = append(x.side.Misses, m.miss)
		}
	}
}

func (x *explainer) whyNotSelected(p *policy) []string {
	if p.selector.Matches(x.self.model.Labels) {
		return nil
	}
	return []string{fmt.Sprintf("the policy selects %s, and %s has %s", p.selector, x.side.Pod, labelsAt(x.self.model.Labels, p.selector))}
}

// nearestPeer returns the position of the peer that fails fewest conditions,
// and which those are.
func (x *explainer) nearestPeer(r *rule) (at int, but []string) {
	if r.everyone {
		return -1, nil
	}
	for i := range r.peers {
		why := x.whyNotPeer(&r.peers[i])
		if i == 0 || len(why) < len(but) {
			at, but = i, why
		}
	}
	return at, but
}

func (x *explainer) whyNotPeer(p *peer) []string {
	if x.matchesPeer(p) {
		return nil
	}
	if p.block != nil {
		return []string{x.whyNotInBlock(p.block)}
	}
	if x.peer.pod == nil {
		return []string{fmt.Sprintf("it is about pods, and %s is none", x.peerName())}
	}
	var but []string
	pod := x.peer.pod
	if s := p.selector; s != nil {
		if s.own != nil && s.own != pod.ns {
			but = append(but, fmt.Sprintf("without a namespaceSelector it is about pods of namespace %s, and %s is in %s", s.own.Name, x.peerName(), pod.ns.Name))
		} else if s.own == nil && matchNamespace(s.namespaces, pod.ns) == disjoint {
			but = append(but, fmt.Sprintf("it wants namespaces with %s, and %s has %s", s.namespaces, pod.ns.Name, labelsAt(pod.ns.Labels, s.namespaces)))
		}
		if !s.pods.Matches(pod.model.Labels) {
			but = append(but, fmt.Sprintf("it wants pods with %s, and %s has %s", s.pods, x.peerName(), labelsAt(pod.model.Labels, s.pods)))
		}
	}
	if len(but) == 0 {
		but = []string{"it matches nothing"}
	}
	return but
}

func (x *explainer) whyNotInBlock(b *block) string {
	name, a := x.peerName(), netip.Addr{}
	if pod := x.peer.pod; pod != nil {
		if a = pod.addr[x.f]; !a.IsValid() {
			return fmt.Sprintf("%s holds no address that %s can have", blockText(b), name)
		}
		name += " (" + a.String() + ")"
	} else {
		a = x.peer.anAddress()
	}
	for _, e := range b.except {
		if e.Contains(a) {
			return fmt.Sprintf("%s is in %s, which %s excepts", name, e, b.cidr)
		}
	}
	return fmt.Sprintf("%s is not in %s", name, b.cidr)
}

func (x *explainer) peerName() string { return x.endpointOfEnd(x.peer).String() }

// nearestPort returns the position of a port that matches, or of the first, and
// why none does.
func (x *explainer) nearestPort(r *rule) (at int, but []string) {
	var open Ports
	for i := range r.ports {
		if x.matchesPort(&r.ports[i]) {
			return i, nil
		}
		open = open.Union(r.ports[i].numbers)
	}
	var names []string
	for i := range r.ports {
		if m := &r.ports[i]; m.name != "" {
			names = append(names, x.whyNotNamed(m))
		}
	}
	if !open.IsEmpty() {
		but = append(but, fmt.Sprintf("it is about %s", open))
	}
	if but = append(but, names...); len(but) > 1 {
		but = []string{strings.Join(but, "; ")} // one condition: no port matches
	}
	return 0, but
}

func (x *explainer) whyNotNamed(m *portMatch) string {
	where := x.side.Pod.String()
	if x.side.Direction == Egress {
		where = x.peerName()
		if x.peer.pod == nil {
			return fmt.Sprintf("port name %q means nothing at %s, which is no pod", m.name, where)
		}
	}
	if at := m.at(x.destination(), true); !at.IsEmpty() {
		return fmt.Sprintf("port name %q is %s at %s", m.name, at, where)
	}
	return fmt.Sprintf("%s has no %s port named %q", where, m.protocol, m.name)
}

// labelsAt says what a label set has at the keys on which the box sets conditions.
func labelsAt(labels map[string]string, b labelspace.Box) string {
	var has []string
	for key := range b.Dims() {
		if value, ok := labels[key]; ok {
			has = append(has, key+"="+value)
		} else {
			has = append(has, "no "+key)
		}
	}
	return strings.Join(has, ", ")
}
