package netsim

import (
	"fmt"
	"iter"

	"go4.org/netipx"
)

// Check decides whether the flow may pass. The error is about the question: an
// endpoint that names nothing or more than one thing, a port that a Service does
// not have, two ends that are both outside the policies' reach. A flow without a
// port is asked for with [Network.Between].
//
// An endpoint that stands for several ends is allowed when all of them are and
// denied when none is; else the verdict is Mixed, and [Verdict.Grounds] splits it.
func (n *Network) Check(f Flow) (Verdict, error) {
	v := Verdict{flow: f, network: n}
	from, to, err := n.resolveFlow(f)
	if err != nil {
		return v, err
	}
	switch {
	case f.Port == 0:
		return v, fmt.Errorf("%s: the flow has no port", f)
	case f.Protocol >= numProtocols:
		return v, fmt.Errorf("%s: NetworkPolicy knows TCP, UDP and SCTP only", f)
	}
	if p, q := from.onePod(), to.onePod(); p != nil && q != nil {
		v.Decision = n.judge(p, q, from.family.toward(to.family).link(p, q), f.Protocol, f.Port)
		return v, nil
	}
	if p, q := from.onePod(), to.onePod(); p != nil && to.address.IsValid() {
		v.Decision = n.judgeAddress(p, Egress, to.address, f.Protocol, f.Port)
		return v, nil
	} else if q != nil && from.address.IsValid() {
		v.Decision = n.judgeAddress(q, Ingress, from.address, f.Protocol, f.Port)
		return v, nil
	}
	first := true
	for p, err := range n.parts(f, from, to) {
		if err != nil {
			return Verdict{flow: f, network: n}, err
		}
		if first {
			v.Decision, first = p.decision, false
		}
		v.Decision = combine(v.Decision, p.decision)
	}
	return v, nil
}

// resolveFlow finds what the ends of a flow name. It is an error if that is
// nothing that sends or receives.
func (n *Network) resolveFlow(f Flow) (from, to party, err error) {
	if from, to, err = n.resolveEnds(f); err != nil {
		return from, to, err
	}
	switch {
	case from.namespace != nil && len(from.pods) == 0:
		err = n.notFound(f.From)
	case to.namespace != nil && len(to.pods) == 0:
		err = n.notFound(f.To)
	}
	return from, to, err
}

// resolveEnds is resolveFlow for claims about pods to come: a namespace may have
// no pods yet.
func (n *Network) resolveEnds(f Flow) (from, to party, err error) {
	if from, err = n.resolve(f.From); err != nil {
		return from, to, err
	}
	if to, err = n.resolve(f.To); err != nil {
		return from, to, err
	}
	to = n.throughNodePort(to, f.Protocol, f.Port)
	if from.service != nil {
		return from, to, fmt.Errorf("%s: a Service receives connections and opens none; name its pods or their workload", f.From)
	}
	if a, b := f.From.prefix, f.To.prefix; a.IsValid() && b.IsValid() && a.Addr().Is4() != b.Addr().Is4() {
		return from, to, fmt.Errorf("%s: one address is IPv4 and the other IPv6", f)
	}
	if !from.hasPods() && !to.hasPods() && to.service == nil {
		return from, to, n.notThroughDoor(f, to)
	}
	return from, to, nil
}

// part is the answer for one pair of ends. Of each end one of pod, node and
// addresses says what it is; at least one end is a pod.
type part struct {
	from, to end
	proto    Protocol
	port     uint16 // at the destination: a Service's port has been translated
	decision Decision
	link     link // if both ends are pods
	twins    bool // both ends are the same pod, standing for two of its kind
	through  *service
	why      string // the reason for Undecided, where the ends' policies don't tell it
}

// end is one end of a part.
type end struct {
	pod       *pod
	node      nodeAddress
	addresses *netipx.IPSet
}

// parts yields the answers for all pairs of ends that the flow's endpoints stand
// for: sources in order, for each the destinations in order; pods come first,
// then nodes, then addresses, these as one part for each decision.
func (n *Network) parts(f Flow, from, to party) iter.Seq2[part, error] {
	return func(yield func(part, error) bool) {
		if to.service != nil {
			n.throughService(f, from, to, yield)
			return
		}
		n.directly(f, from, to, f.Port, nil, yield)
	}
}

// directly yields the parts between ends that address each other as they are.
func (n *Network) directly(f Flow, from, to party, port uint16, through *service, yield func(part, error) bool) bool {
	emit := func(p part) bool {
		p.proto, p.port, p.through = f.Protocol, port, through
		return yield(p, nil)
	}
	for _, p := range from.pods {
		for _, q := range to.pods {
			for _, twins := range pairings(from, to, p, q, through) {
				part := part{from: end{pod: p}, to: end{pod: q}, link: from.family.toward(to.family).link(p, q), twins: twins}
				if twins {
					part.decision = n.judgeTwins(p, part.link, f.Protocol, port)
				} else {
					part.decision = n.judge(p, q, part.link, f.Protocol, port)
				}
				if !emit(part) {
					return false
				}
			}
		}
		for _, nd := range to.nodes {
			if !emit(part{from: end{pod: p}, to: end{node: nd}, decision: n.judgeNode(p, Egress, nd, f.Protocol, port)}) {
				return false
			}
		}
		for d, set := range n.judgeOutside(p, Egress, to.external(), f.Protocol, port) {
			if !emit(part{from: end{pod: p}, to: end{addresses: set}, decision: d}) {
				return false
			}
		}
	}
	for _, nd := range from.nodes {
		for _, q := range to.pods {
			if !emit(part{from: end{node: nd}, to: end{pod: q}, decision: n.judgeNode(q, Ingress, nd, f.Protocol, port)}) {
				return false
			}
		}
	}
	for _, q := range to.pods {
		for d, set := range n.judgeOutside(q, Ingress, from.external(), f.Protocol, port) {
			if !emit(part{from: end{addresses: set}, to: end{pod: q}, decision: d}) {
				return false
			}
		}
	}
	return true
}

// pairings returns, for each way in which a question about the parties means a pair
// of pods, whether it is one pod that stands for two of its kind. Who asks about
// many ends does not mean that a pod reaches itself, but a Service may well lead it
// there.
func pairings(from, to party, p, q *pod, through *service) []bool {
	switch {
	case p != q, through != nil && !p.model.Template:
		return []bool{false}
	case through != nil:
		return []bool{false, true}
	case from.several && to.several && p.hasTwins():
		return []bool{true}
	case isOnlyPair(from, to):
		return []bool{false}
	}
	return nil
}

// isOnlyPair reports whether the parties are one pod each and nothing else.
func isOnlyPair(from, to party) bool {
	one := func(p party) bool { return len(p.pods) == 1 && len(p.nodes) == 0 && p.external() == nil }
	return one(from) && one(to)
}
