package netsim

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/aksim/aksim/internal/labelspace"
)

// This file says which rules would have let a packet through, but for what.

// mostMisses is how many rules are told of; the others are counted.
const mostMisses = 3

// findMisses lists the rules of the namespace's policies that fewest conditions
// keep from letting the packet through.
func (x *explainer) findMisses() {
	if len(x.side.Isolating) == 0 || x.side.Decision == Undecided && x.atHostPods() {
		return // it is not rules that are missing
	}
	var near []nearRule
	for _, pol := range x.self.ns.policies {
		if !pol.isolates[x.side.Direction] {
			continue
		}
		for i := range pol.rules[x.side.Direction] {
			if r := x.nearness(pol, &pol.rules[x.side.Direction][i]); r.fails > 0 {
				near = append(near, r)
			}
		}
	}
	slices.SortStableFunc(near, func(a, b nearRule) int { return cmp.Compare(a.fails, b.fails) })
	for i, r := range near {
		switch {
		case r.fails > near[0].fails:
			return
		case i < mostMisses:
			x.side.Misses = append(x.side.Misses, x.miss(r))
		default:
			x.side.MoreMisses++
		}
	}
}

// nearRule is a rule with the number of conditions that keep it from letting the
// packet through, and the peer and port of it that come closest; -1, if all or
// none of them do.
type nearRule struct {
	policy     *policy
	rule       *rule
	peer, port int
	fails      int
}

func (x *explainer) nearness(p *policy, r *rule) nearRule {
	near := nearRule{policy: p, rule: r, peer: -1, port: -1}
	if !p.selector.Matches(x.self.model.Labels) {
		near.fails++
	}
	if !r.everyone {
		near.peer = 0
		fewest := x.failuresOf(&r.peers[0])
		for i := range r.peers {
			if n := x.failuresOf(&r.peers[i]); n < fewest {
				near.peer, fewest = i, n
			}
		}
		near.fails += fewest
	}
	near.port = slices.IndexFunc(r.ports, func(m portMatch) bool { return x.matchesPort(&m) })
	if near.port < 0 {
		near.fails++ // one condition: no port matches
		if len(r.ports) == 1 {
			near.port = 0
		}
	}
	return near
}

// failuresOf counts the conditions of a peer that fail. It is as many as
// whyNotPeer tells.
func (x *explainer) failuresOf(p *peer) int {
	if x.matchesPeer(p) {
		return 0
	}
	pod, s := x.peer.pod, p.selector
	if p.block != nil || pod == nil || s == nil {
		return 1
	}
	fails := 0
	if s.own != nil && s.own != pod.ns || s.own == nil && matchNamespace(s.namespaces, pod.ns) == disjoint {
		fails++
	}
	if !s.pods.Matches(pod.model.Labels) {
		fails++
	}
	return max(fails, 1)
}

// miss puts the conditions that fail into words.
func (x *explainer) miss(near nearRule) Miss {
	var but []string
	if !near.policy.selector.Matches(x.self.model.Labels) {
		but = append(but, fmt.Sprintf("the policy selects pods with %s, and %s has %s", near.policy.selector, x.side.Pod, labelsAt(x.self.model.Labels, near.policy.selector)))
	}
	if near.peer >= 0 {
		but = append(but, x.whyNotPeer(&near.rule.peers[near.peer])...)
	}
	if near.port < 0 || !x.matchesPort(&near.rule.ports[near.port]) {
		but = append(but, x.whyNoPort(near.rule))
	}
	return Miss{near.policy.ruleRef(x.side.Direction, near.rule, near.peer, near.port), but}
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

// whyNoPort says why no port of the rule matches.
func (x *explainer) whyNoPort(r *rule) string {
	var open Ports
	var but []string
	for i := range r.ports {
		open = open.Union(r.ports[i].numbers)
	}
	if !open.IsEmpty() {
		but = append(but, fmt.Sprintf("it is about %s", open))
	}
	for i := range r.ports {
		if m := &r.ports[i]; m.name != "" {
			but = append(but, x.whyNotNamed(m))
		}
	}
	return strings.Join(but, "; ")
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
