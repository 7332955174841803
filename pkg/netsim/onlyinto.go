package netsim

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/aksim/aksim/internal/labelspace"
)

// OnlyInto proves that nothing but the flows gets into the target's pods: not
// from the pods that exist, not from any that may come, in namespaces that exist
// or not, and not from outside the cluster. Where the target is a namespace, its
// pods to come are meant as well. Each flow has to go to pods of the target; a
// flow without a port stands for every port.
//
// A pod to come counts as one of a flow's source if it lies in the same
// namespace and has the labels by which that source's workload knows its pods
// (spec.selector) or, for a pod on its own, all of that pod's labels.
//
// A pod's own node always gets in (NP33); it is not among the sources. What comes
// in by a Service or a hostPort from outside may look as if it did, and leaves the
// claim open. The error is about the endpoints.
func (n *Network) OnlyInto(target Endpoint, flows ...Flow) (Proof, error) {
	into, err := n.resolve(target)
	if err != nil {
		return Proof{}, err
	}
	if !into.hasPods() || target.kind == addressBlock {
		return Proof{}, notPods(target)
	}
	o := onlyInto{Network: n}
	var list []string
	for _, f := range flows {
		w, err := n.permit(f, into)
		if err != nil {
			return Proof{}, err
		}
		o.permits = append(o.permits, w)
		list = append(list, f.String())
	}
	o.proof = Proof{
		Outcome:     Proved,
		Claim:       fmt.Sprintf("only into %s: %s", target, cmp.Or(strings.Join(list, ", "), "nothing")),
		HostNetwork: append(n.hostNetworkNamespaces(), NewNamespaces),
	}
	o.proof.Over = fmt.Sprintf("%s, and every pod to come, in namespaces that exist or not, and every address", count(len(n.pods), "pod"))
	for _, t := range o.targets(target, into) {
		o.fromPods(t, n.directory.pointers)
		o.fromNodes(t, n.nodeAddresses())
		for _, name := range slices.Sorted(maps.Keys(n.namespaces)) {
			o.fromFuture(t, n.namespaces[name])
		}
		o.fromFutureNamespaces(t)
		for _, outside := range n.directory.outside {
			o.fromOutside(t, outside)
		}
		o.fromDoors(t, Internet())
	}
	return o.proof, nil
}

// Isolated proves that nothing that one endpoint stands for can connect to
// anything that the other stands for, on any port: not the pods that exist and,
// where an endpoint is a namespace, not those to come either. The error is about
// the endpoints.
func (n *Network) Isolated(from, to Endpoint) (Proof, error) {
	source, target, err := n.resolveEnds(Flow{From: from, To: to})
	if err != nil {
		return Proof{}, err
	}
	if !target.hasPods() {
		return Proof{}, notPods(to)
	}
	o := onlyInto{Network: n, proof: Proof{
		Outcome: Proved,
		Claim:   fmt.Sprintf("%s isolated from %s", to, from),
		Over:    "every pod of them that exists",
	}}
	for _, e := range []Endpoint{from, to} {
		if e.kind != oneNamespace {
			continue
		}
		o.proof.Over += ", and every pod to come in namespace " + e.namespace
		if ns := n.namespaces[e.namespace]; !ns.rulesOutHostNetwork() && !slices.Contains(o.proof.HostNetwork, e.namespace) {
			o.proof.HostNetwork = append(o.proof.HostNetwork, e.namespace)
		}
	}
	for _, t := range o.targets(to, target) {
		o.fromPods(t, source.pods)
		o.fromNodes(t, source.nodes)
		if from.kind == oneNamespace {
			o.fromFuture(t, n.namespaces[from.namespace])
		}
		o.fromOutside(t, source.external())
		if source.external() != nil {
			o.fromDoors(t, from)
		}
	}
	return o.proof, nil
}

// targets returns the pods of the network that the claim is about: those that
// exist and, of a namespace, those to come.
func (o *onlyInto) targets(e Endpoint, p party) []*pod {
	var targets []*pod
	for _, t := range p.pods {
		switch t.state {
		case onPodNetwork:
			targets = append(targets, t)
		case onHost:
			o.open("%s is on the host network: whether policies apply to it is left to the implementation", o.endpointOf(t))
		case withoutAddress, terminated:
		}
	}
	if e.kind == oneNamespace {
		targets = append(targets, o.futureTargets(o.namespaces[e.namespace])...)
	}
	return targets
}

// open notes a reason for which the claim cannot be proved.
func (o *onlyInto) open(format string, args ...any) {
	if o.refuted() {
		return
	}
	o.proof.Outcome = Open
	o.proof.Reasons = append(o.proof.Reasons, fmt.Sprintf(format, args...))
}

// hostNetworkNamespaces lists the namespaces that do not rule out pods on the
// host network.
func (n *Network) hostNetworkNamespaces() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(n.namespaces)) {
		if !n.namespaces[name].rulesOutHostNetwork() {
			names = append(names, name)
		}
	}
	return names
}

// onlyInto is a proof under way. Once it is refuted, nothing more is asked.
type onlyInto struct {
	*Network
	proof   Proof
	permits []permit
}

func (o *onlyInto) refuted() bool { return o.proof.Outcome == Refuted }

// permit is a flow that a claim allows.
type permit struct {
	ports   Ports
	from    party
	pods    map[*pod]bool // of the source
	to      map[*pod]bool
	toAll   *namespace // all pods of it, those to come included
	fromAll *namespace // likewise
	kin     []kin
}

// kin are the pods to come that count as ones of a source: those of a namespace
// with certain labels.
type kin struct {
	ns     *namespace
	labels labelspace.Box
}

func (n *Network) permit(f Flow, target party) (permit, error) {
	from, to, err := n.resolveEnds(f)
	if err != nil {
		return permit{}, err
	}
	p := permit{ports: AllPorts(), from: from, pods: map[*pod]bool{}, to: map[*pod]bool{}}
	if f.Port != 0 {
		p.ports = PortsOf(f.Protocol, f.Port, f.Port)
	}
	for _, q := range to.pods {
		if !slices.Contains(target.pods, q) {
			return permit{}, fmt.Errorf("%s: %s is not among the pods that the claim is about", f, n.endpointOf(q))
		}
		p.to[q] = true
	}
	if len(to.pods) == 0 && (to.namespace == nil || to.namespace != target.namespace) {
		return permit{}, fmt.Errorf("%s: the destination is none of the pods that the claim is about", f)
	}
	p.toAll, p.fromAll = to.namespace, from.namespace
	for _, q := range from.pods {
		p.pods[q] = true
		if box, ok := n.kinOf(q); ok {
			p.kin = append(p.kin, kin{q.ns, box})
		}
	}
	return p, nil
}

// kinOf returns the labels that make another pod of the namespace the same to its
// workload or, for a pod on its own, those that it has; false if it has none.
func (n *Network) kinOf(p *pod) (labelspace.Box, bool) {
	if ref := p.model.Workload(); !ref.IsZero() {
		for w := range n.cluster.Workloads() {
			if w.Ref == ref && w.Selector != nil {
				return labelspace.FromSelector(w.Selector), true
			}
		}
	}
	return labelspace.Exactly(p.model.Labels, maps.Keys(p.model.Labels)), len(p.model.Labels) > 0
}

// permitted returns the ports on which the claim lets p reach t.
func (o *onlyInto) permitted(p, t *pod) Ports {
	var open Ports
	for _, w := range o.permits {
		to := w.to[t] || w.toAll != nil && w.toAll == t.ns
		from := w.pods[p] || w.fromAll != nil && w.fromAll == p.ns ||
			p.class.imagined != nil && slices.ContainsFunc(w.kin, func(k kin) bool { return k.ns == p.ns && k.labels.Matches(p.model.Labels) })
		if to && from {
			open = open.Union(w.ports)
		}
	}
	return open
}

// compare ends the proof, or notes a doubt, if p reaches t beyond what is
// permitted. A target to come may declare its named ports as it likes.
func (o *onlyInto) compare(p, t *pod) {
	o.compareAs(p, t)
	if t.class.imagined != nil {
		for _, variant := range o.portVariants(p, t) {
			o.compareAs(p, variant)
		}
	}
}

// compareAs compares with the ports that the pods declare.
func (o *onlyInto) compareAs(p, t *pod) {
	if o.refuted() {
		return
	}
	permitted := o.permitted(p, t)
	for f := range family(numFamilies) {
		if !p.has[f] || !t.has[f] {
			continue
		}
		r := o.reachPods(p, t, f, true)
		if open := r.Ports.Minus(permitted); !open.IsEmpty() {
			o.found(true, open, p, t, f)
			return
		}
		if open := r.Undecided.Minus(permitted); !open.IsEmpty() && o.proof.Counterexample == nil {
			o.found(false, open, p, t, f)
		}
	}
}

// found is the end of the proof, or a doubt: p reaches t on ports beyond what is
// permitted.
func (o *onlyInto) found(certain bool, open Ports, p, t *pod, f family) {
	proto, port := firstPort(open)
	from, to := o.endpointOf(p), o.endpointOf(t)
	secondary := f != linkBetween(p.class, t.class).f
	switch {
	case secondary && t.addr[f].IsValid(): // asked for by address, a pod is talked to in its family
		to, secondary = Address(t.addr[f]), false
	case secondary && p.addr[f].IsValid():
		from, secondary = Address(p.addr[f]), false
	}
	if !certain {
		o.doubt(p, t, f, proto, port)
	}
	o.proof.refute(certain, Flow{From: from, To: to, Port: port, Protocol: proto}, p, t)
	o.proof.Counterexample.Secondary = secondary
}

// doubt notes why it is open whether p reaches t.
func (o *onlyInto) doubt(p, t *pod, f family, proto Protocol, port uint16) {
	part := part{link: link{f, true}, from: end{pod: p}, to: end{pod: t}, proto: proto, port: port, decision: Undecided, twins: p == t}
	g := o.grounds(&part)
	for _, s := range g.Sides {
		if s.Decision == Undecided {
			o.proof.Reasons = append(o.proof.Reasons, s.Reasons...)
		}
	}
}

// fromPods asks about pods that exist; those on the host network are left to
// Proof.HostNetwork.
func (o *onlyInto) fromPods(t *pod, sources []*pod) {
	for _, p := range sources {
		if p.state == onPodNetwork && (p != t || p.model.Template) {
			o.compare(p, t)
		}
	}
}

// fromNodes asks about the addresses of nodes that certainly are not the
// target's own.
func (o *onlyInto) fromNodes(t *pod, nodes []nodeAddress) {
	for _, nd := range nodes {
		if sameNode(t.node, nd.node) == disjoint {
			o.fromOutside(t, prefixSet(netip.PrefixFrom(nd.address, nd.address.BitLen())), o.onNodes[Egress]...)
		}
	}
}

// fromOutside asks about addresses that are no pod's. What has a hold on whatever
// is there may keep it from sending.
func (o *onlyInto) fromOutside(t *pod, set *netipx.IPSet, hold ...*opaque) {
	if set == nil || o.refuted() {
		return
	}
	o.eachRun(t, Ingress, set, func(run netipx.IPRange) {
		r := o.reachAddress(t, Ingress, run.From())
		if len(hold) > 0 {
			r = Reach{Undecided: r.Ports.Union(r.Undecided)}
		}
		for _, piece := range o.pieces(run, t) {
			open, undecided := r.Ports.Minus(piece.permitted), r.Undecided.Minus(piece.permitted)
			certain := !open.IsEmpty()
			if o.refuted() || !certain && (undecided.IsEmpty() || o.proof.Counterexample != nil) {
				continue
			}
			if !certain {
				open = undecided
				for _, q := range slices.Concat(hold, t.class.sides[Ingress].opaques) {
					o.open("%s", q.why)
				}
			}
			proto, port := firstPort(open)
			o.proof.refute(certain, Flow{From: Address(piece.From()), To: o.endpointOf(t), Port: port, Protocol: proto}, t)
		}
	})
}

// piece is a run of addresses from which the claim permits the same ports.
type piece struct {
	netipx.IPRange
	permitted Ports
}

// pieces cuts a run of addresses along the sources of the flows permitted.
func (o *onlyInto) pieces(run netipx.IPRange, t *pod) []piece {
	all := []piece{{IPRange: run}}
	for _, w := range o.permits {
		set := w.from.addresses()
		if !w.to[t] && (w.toAll == nil || w.toAll != t.ns) {
			continue
		}
		var next []piece
		for _, p := range all {
			var in, out netipx.IPSetBuilder
			in.AddRange(p.IPRange)
			in.Intersect(set)
			out.AddRange(p.IPRange)
			out.RemoveSet(set)
			for _, r := range mustSet(&out).Ranges() {
				next = append(next, piece{r, p.permitted})
			}
			for _, r := range mustSet(&in).Ranges() {
				next = append(next, piece{r, p.permitted.Union(w.ports)})
			}
		}
		all = next
	}
	return all
}
