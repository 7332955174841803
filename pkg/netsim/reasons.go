package netsim

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
)

// This file puts into words what decides a side besides its rules, and what
// leaves it open.

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
