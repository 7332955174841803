package netsim

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"

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
	case s.Decision == Allowed && len(s.Isolating) == 0:
		x.because("no policy selects it for %s", s.Direction)
	case s.Decision == Allowed && len(s.Allowing) == 0:
		x.because("what comes from its own node always gets in")
	case s.Decision == Undecided:
		x.findDoubts(cl)
	}
	if s.Decision == Allowed {
		return
	}
	if len(s.Isolating) > 0 && len(cl.sides[s.Direction].grants) == 0 {
		x.because("no %s rule applies to it", s.Direction)
	}
	x.findInert()
}

// findInert tells of rules that are never asked, because their direction is not
// among their policy's types (NP3): somebody may count on them.
func (x *explainer) findInert() {
	dir := x.side.Direction
	for _, pol := range x.self.ns.policies {
		spec := &pol.object.API.Spec
		rules, policyType := len(spec.Ingress), networkingv1.PolicyTypeIngress
		if dir == Egress {
			rules, policyType = len(spec.Egress), networkingv1.PolicyTypeEgress
		}
		if rules > 0 && !pol.isolates[dir] && pol.selector.Matches(x.self.model.Labels) {
			ref := PolicyRef{pol.object.Ref, pol.object.Origin.At("spec." + dir.String())}
			x.because("the %s rules of %s do nothing, since %s is not among its policyTypes%s", dir, ref.Policy, policyType, ref.at())
		}
	}
}

// findDoubts says what leaves the side open.
func (x *explainer) findDoubts(cl *class) {
	for _, q := range cl.sides[x.side.Direction].opaques {
		x.because("%s%s", q.why, PolicyRef{q.ref, q.origin.Place}.at())
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
		x.because("%s is an address of node %s, and it is not known whether %s runs there: what comes from a pod's own node always gets in", x.peer.node.address, x.peer.node.node, x.side.Pod)
	case x.peer.node.node != nil && x.side.Direction == Egress && x.self.node == x.peer.node.node:
		x.because("%s is an address of the pod's own node: whether egress policies apply to that is left to the implementation", x.peer.node.address)
	case x.atHostPods():
		x.because("%s is an address of node %s: whether policies see the node or a pod on its network, such as %s, is left to the implementation", x.peer.node.address, x.peer.node.node, x.endpointOf(x.peer.node.node.hostPods[0]))
	}
}

// atHostPods reports whether the other end is an address that a node shares with
// pods on its network.
func (x *explainer) atHostPods() bool {
	return x.peer.node.node != nil && len(x.peer.node.node.hostPods) > 0
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
		hint := "give --pod-cidr"
		if x.peer.pod.state == onHost || len(x.podCIDRs) > 0 {
			hint = "the status of the running pod would tell"
		}
		x.because("the address of %s is not known: it may or may not be in %s (%s)", x.endpointOf(x.peer.pod), blockText(p.block), hint)
		return
	}
	ns := x.peer.pod.ns
	x.because("namespace %s is not in the input, and whether it has %s is not known (add the Namespace)", ns.Name, p.selector.namespaces.Free(model.NameLabel))
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
	if len(x.side.Isolating) == 0 || x.side.Decision == Undecided && x.atHostPods() {
		return // it is not rules that are missing
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
	for i, m := range all {
		switch {
		case len(m.miss.But) > len(all[0].miss.But):
		case i < mostMisses:
			x.side.Misses = append(x.side.Misses, m.miss)
		default:
			x.side.MoreMisses++
		}
	}
}

func (x *explainer) whyNotSelected(p *policy) []string {
	if p.selector.Matches(x.self.model.Labels) {
		return nil
	}
	return []string{fmt.Sprintf("the policy selects pods with %s, and %s has %s", p.selector, x.side.Pod, labelsAt(x.self.model.Labels, p.selector))}
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
	switch {
	case x.peer.node.node != nil:
		return []string{fmt.Sprintf("it is about pods, and %s is an address of node %s", x.peerName(), x.peer.node.node)}
	case x.peer.pod == nil:
		return []string{fmt.Sprintf("it is about pods, and %s is outside the cluster", x.peerName())}
	}
	var but []string
	pod := x.peer.pod
	if s := p.selector; s != nil {
		if s.own != nil && s.own != pod.ns {
			but = append(but, fmt.Sprintf("without a namespaceSelector it is about pods of namespace %s, and %s is in %s", s.own.Name, x.peerName(), pod.ns.Name))
		} else if s.own == nil && matchNamespace(s.namespaces, pod.ns) == disjoint {
			but = append(but, fmt.Sprintf("it wants namespaces with %s, and namespace %s has %s", s.namespaces, pod.ns.Name, labelsAt(pod.ns.Labels, s.namespaces)))
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
	name, addresses := x.peerName(), x.peer.addresses
	if pod := x.peer.pod; pod != nil {
		a := pod.addr[x.f]
		if !a.IsValid() {
			return fmt.Sprintf("%s holds no address that %s can have", blockText(b), name)
		}
		name += " (" + a.String() + ")"
		addresses = prefixSet(netip.PrefixFrom(a, a.BitLen()))
	} else if addresses == nil {
		addresses = prefixSet(netip.PrefixFrom(x.peer.node.address, x.peer.node.address.BitLen()))
	}
	if !addresses.OverlapsPrefix(b.cidr) {
		return fmt.Sprintf("%s is not in %s", name, b.cidr)
	}
	for _, e := range b.except {
		var rest netipx.IPSetBuilder
		rest.AddSet(addresses)
		rest.RemovePrefix(e)
		if len(mustSet(&rest).Ranges()) == 0 {
			return fmt.Sprintf("%s is in %s, which %s excepts", name, e, b.cidr)
		}
	}
	return fmt.Sprintf("nothing of %s is in %s", name, blockText(b))
}

func (x *explainer) peerName() string {
	if x.peer.addresses != nil {
		return x.endpointOfEnd(x.peer).label(x.outsideText(x.peer.addresses))
	}
	return x.endpointOfEnd(x.peer).String()
}

// nearestPort returns the position of a port that matches or, of several of which
// none does, -1, and why none does.
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
	if len(r.ports) > 1 {
		at = -1
	}
	return at, but
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
