package netsim

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"github.com/aksim/aksim/pkg/model"
)

// Grounds are the reasons for the answer about one pair of ends.
type Grounds struct {
	From, To Endpoint // a pod, an address, a block, or Internet for several blocks
	// Addresses are, if an end is outside the cluster, the addresses that this
	// answer is about: see [Edge].
	Addresses []netip.Prefix
	outside   string // the addresses for people, where several
	Protocol  Protocol
	Port      uint16 // at To: where a Service lies between, what it translates to
	Service   model.Ref
	Decision  Decision

	// Sides are the ends that are pods, egress first: a connection needs both
	// (NP14). There are none where Reasons settle the answer alone.
	Sides []Side

	// Reasons settle the answer, or leave it open, whatever the sides say.
	Reasons []string
}

// Side is what the policies of one direction say at one pod.
type Side struct {
	Direction Direction
	Pod       Endpoint
	Decision  Decision

	// Isolating are the policies that isolate the pod in the direction.
	Isolating []PolicyRef
	// Allowing are all rules that let the connection through, by policy and rule.
	Allowing []RuleRef
	// Misses are, where nothing does, the rules that come closest to it.
	Misses []Miss
	// MoreMisses counts further rules that come as close.
	MoreMisses int
	// Reasons are what decides, or leaves open, the side besides rules.
	Reasons []string
}

// PolicyRef names a policy and where it was written.
type PolicyRef struct {
	Policy model.Ref
	Place  model.Place
}

// RuleRef names one rule of a policy, with the peer and the port of it that
// match.
type RuleRef struct {
	PolicyRef
	// Path is, for example, ingress[0].from[1].ports[0]: the second peer and the
	// first port of the first rule. A rule without peers or without ports, which
	// matches every one, has no such part in it.
	Path string
}

// Miss is a rule that would let a connection through but for its conditions.
type Miss struct {
	RuleRef
	// But says which conditions fail, in words for people; never empty.
	But []string
}

// Grounds yields the reasons for the verdict, for each pair of ends that the
// flow's endpoints stand for, in the order of [Network.Between].
func (v Verdict) Grounds() iter.Seq[Grounds] {
	return func(yield func(Grounds) bool) {
		if v.network == nil {
			return
		}
		from, to, err := v.network.resolveFlow(v.flow)
		if err != nil {
			return
		}
		for p, err := range v.network.parts(v.flow, from, to) {
			if err != nil || !yield(v.network.grounds(&p)) {
				return
			}
		}
	}
}

// grounds explains one part.
func (n *Network) grounds(p *part) Grounds {
	g := Grounds{From: n.endpointOfEnd(p.from), To: n.endpointOfEnd(p.to), Protocol: p.proto, Port: p.port, Decision: p.decision}
	if p.through != nil {
		g.Service = p.through.object.Ref
	}
	for _, e := range []end{p.from, p.to} {
		if e.addresses != nil {
			g.Addresses, g.outside = e.addresses.Prefixes(), n.outsideText(e.addresses)
		}
	}
	if p.decision == Undecided {
		g.Reasons = n.openBesides(p)
	}
	if reason := n.beyondPolicies(p); reason != "" {
		g.Reasons = append(g.Reasons, reason)
		return g
	}
	if p.from.pod != nil {
		g.Sides = append(g.Sides, n.explainSide(p.from.pod, Egress, p.to, p))
	}
	if p.to.pod != nil {
		g.Sides = append(g.Sides, n.explainSide(p.to.pod, Ingress, p.from, p))
	}
	if reason := n.otherFamily(p); reason != "" {
		g.Reasons = append(g.Reasons, reason)
	}
	if p.decision == Denied && !slices.ContainsFunc(g.Sides, func(s Side) bool { return s.Decision == Denied }) {
		g.Reasons = append(g.Reasons, "each end alone is undecided, but however that is settled, one of the two drops it")
	}
	return g
}

// openBesides says what leaves a part open besides the policies of its pods.
func (n *Network) openBesides(p *part) (reasons []string) {
	if p.why != "" {
		reasons = append(reasons, p.why)
	}
	if p.to.node.node != nil && p.from.pod != nil {
		if why := n.whyDoor(p.to.node, p.proto, p.port); why != "" {
			reasons = append(reasons, why)
		}
	}
	for dir, e := range [numDirections]end{Egress: p.from, Ingress: p.to} {
		if e.node.node == nil {
			continue
		}
		for _, q := range n.onNodes[dir] {
			reasons = append(reasons, q.why+PolicyRef{q.ref, q.origin.Place}.at())
		}
	}
	return reasons
}

// beyondPolicies says what settles a part without any policy being asked.
func (n *Network) beyondPolicies(p *part) string {
	for _, e := range []end{p.from, p.to} {
		if e.pod == nil {
			continue
		}
		name := n.endpointOf(e.pod).String()
		switch e.pod.state {
		case terminated:
			return fmt.Sprintf("%s has ended (phase %s): it neither sends nor receives", name, e.pod.model.Status.Phase)
		case withoutAddress:
			return fmt.Sprintf("%s has no address yet (phase %s): it neither sends nor receives", name, e.pod.model.Status.Phase)
		case onPodNetwork, onHost:
		}
	}
	from, to := p.from.pod, p.to.pod
	switch {
	case from != nil && from == to && !p.twins && p.why == "":
		return "a pod can always connect to itself"
	case from != nil && to != nil:
		if !p.link.ok {
			return n.noLink(from, to, p.link.f)
		}
	case p.through == nil || p.decision != Undecided:
		for _, e := range [2][2]end{{p.from, p.to}, {p.to, p.from}} {
			if e[0].pod != nil && e[1].pod == nil && !e[0].pod.has[familyOf(e[1].anAddress())] {
				return fmt.Sprintf("%s has no %s address", n.endpointOf(e[0].pod), familyOf(e[1].anAddress()))
			}
		}
	}
	return ""
}

// otherFamily says that two pods of both families get another answer in the other
// one than in that of the part.
func (n *Network) otherFamily(p *part) string {
	q, other := p.to.pod, 1-p.link.f
	if p.from.pod == nil || q == nil || p.through != nil || !linkIn(other, p.from.pod.class, q.class).ok {
		return ""
	}
	d := n.judgePods(p.from.pod, q, other, p.twins, p.proto, p.port)
	if d == p.decision {
		return ""
	}
	return fmt.Sprintf("that is for %s; over %s it is %s", p.link.f, other, d)
}

// noLink says why two pods have no connection in the family asked for.
func (n *Network) noLink(p, q *pod, f family) string {
	if !linkBetween(p.class, q.class).ok {
		return fmt.Sprintf("%s and %s have no address of the same family", n.endpointOf(p), n.endpointOf(q))
	}
	if p.has[f] {
		p = q
	}
	return fmt.Sprintf("%s has no %s address", n.endpointOf(p), f)
}

// anAddress returns an address of an end that is no pod.
func (e *end) anAddress() netip.Addr {
	if e.node.node != nil {
		return e.node.address
	}
	return e.addresses.Ranges()[0].From()
}

// explainer gathers what is to be said of one side.
type explainer struct {
	*Network
	side    *Side
	self    *pod
	peer    end
	f       family
	proto   Protocol
	port    uint16
	through bool
}

func (n *Network) explainSide(self *pod, dir Direction, peer end, p *part) Side {
	s := Side{Direction: dir, Pod: n.endpointOf(self)}
	x := explainer{Network: n, side: &s, self: self, peer: peer, proto: p.proto, port: p.port, through: p.through != nil}
	cl := self.class
	if peer.pod != nil {
		x.f = p.link.f
		s.Decision = n.judgeSide(self, dir, peer.pod, x.f, p.proto, p.port)
	} else {
		x.f = familyOf(peer.anAddress())
		s.Decision = x.decideAddress()
	}
	for _, pol := range cl.sides[dir].policies {
		s.Isolating = append(s.Isolating, pol.ref())
	}
	x.findRules()
	x.findReasons()
	if s.Decision == Denied || s.Decision == Undecided && len(s.Allowing) == 0 {
		x.findMisses()
	}
	return s
}

// decideAddress decides the side towards an end that is no pod.
func (x *explainer) decideAddress() Decision {
	if x.peer.node.node != nil {
		return x.judgeNodeSide(x.self, x.side.Direction, x.peer.node, x.proto, x.port)
	}
	return x.judgeAddress(x.self, x.side.Direction, x.peer.anAddress(), x.proto, x.port)
}

func (p *policy) ref() PolicyRef { return PolicyRef{p.object.Ref, p.object.Origin.Place} }

// ruleRef names a rule with the positions of its peer and port, or -1 for none.
func (p *policy) ruleRef(dir Direction, r *rule, peer, port int) RuleRef {
	path := fmt.Sprintf("%s[%d]", dir, r.index)
	at := "spec." + path
	if peer >= 0 && !r.everyone {
		path += fmt.Sprintf(".%s[%d]", dir.peerField(), peer)
		at += fmt.Sprintf(".%s[%d]", dir.peerField(), peer)
	}
	if port >= 0 && !r.anyPort {
		if r.everyone {
			at += fmt.Sprintf(".ports[%d]", port)
		}
		path += fmt.Sprintf(".ports[%d]", port)
	}
	return RuleRef{PolicyRef{p.object.Ref, p.object.Origin.At(at)}, path}
}

// findRules lists every rule, peer and port that lets the packet through in
// some world; the reasons say what is uncertain about them.
func (x *explainer) findRules() {
	for _, pol := range x.policiesOf(x.self) {
		for i := range pol.rules[x.side.Direction] {
			r := &pol.rules[x.side.Direction][i]
			for _, peer := range x.matchingPeers(r) {
				for port := range r.ports {
					if x.matchesPort(&r.ports[port]) {
						x.side.Allowing = append(x.side.Allowing, pol.ruleRef(x.side.Direction, r, peer, port))
					}
				}
			}
		}
	}
	slices.SortStableFunc(x.side.Allowing, func(a, b RuleRef) int { return a.Policy.Compare(b.Policy) })
}

func (x *explainer) policiesOf(p *pod) []*policy {
	return p.class.sides[x.side.Direction].policies
}

// matchingPeers returns the positions of the rule's peers that match the other
// end, certainly or possibly; -1 for a rule without peers.
func (x *explainer) matchingPeers(r *rule) []int {
	if r.everyone {
		return []int{-1}
	}
	var found []int
	for i := range r.peers {
		if x.matchesPeer(&r.peers[i]) {
			found = append(found, i)
		}
	}
	return found
}

func (x *explainer) matchesPeer(p *peer) bool {
	switch {
	case p.set == noPeer:
		return false
	case x.peer.pod != nil:
		return x.holds(world{hostsArePods: true, most: true}, p.grant(), x.peer.pod.class, x.f)
	case p.block == nil:
		return false
	case x.peer.node.node != nil:
		return p.block.contains(x.peer.node.address)
	}
	return slices.ContainsFunc(p.block.set().Ranges(), x.peer.addresses.OverlapsRange)
}

func (x *explainer) matchesPort(m *portMatch) bool {
	return m.at(x.destination(), true).Contains(x.proto, x.port)
}

// destination returns the named ports of the end that receives.
func (x *explainer) destination() []portName {
	switch {
	case x.side.Direction == Ingress:
		return x.self.class.names
	case x.peer.pod != nil:
		return x.peer.pod.class.names
	}
	return nil
}
