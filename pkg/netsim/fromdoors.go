package netsim

import (
	"cmp"
	"maps"
	"slices"

	"go4.org/netipx"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// entrances returns the Services by which something outside the cluster can come
// in without policies being sure to see it as it is, by namespace and name.
func (n *Network) entrances() (all []*service) {
	for _, s := range n.directory.services {
		if s.hasDoor() && !s.keepsSource() {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *service) int { return a.object.Ref.Compare(b.object.Ref) })
	return all
}

// leadsTo reports whether the pod is, or would be, behind the Service.
func (s *service) leadsTo(p *pod) bool {
	selector := s.object.API.Spec.Selector
	switch {
	case len(selector) == 0:
		return slices.ContainsFunc(s.slices, func(es *discoveryv1.EndpointSlice) bool {
			return slices.ContainsFunc(es.Endpoints, func(e discoveryv1.Endpoint) bool {
				return slices.ContainsFunc(e.Addresses, func(text string) bool {
					a, ok := parseAddr(text)
					return ok && slices.Contains(p.addr[:], a)
				})
			})
		})
	case s.object.Ref.Namespace != p.ns.Name:
		return false
	}
	for k, v := range selector {
		if value, ok := p.model.Labels[k]; !ok || value != v {
			return false
		}
	}
	return true
}

// fromDoors asks about ways in from outside by which a connection may look as if it
// came from the target's own node, which always gets in (NP30, NP33).
func (o *onlyInto) fromDoors(t *pod, from Endpoint) {
	for _, s := range o.entrances() {
		if o.refuted() || !s.leadsTo(t) {
			continue
		}
		for i := range s.object.API.Spec.Ports {
			sp := &s.object.API.Spec.Ports[i]
			proto := protocolOf(sp.Protocol)
			number, ok := targetPort(t, sp)
			if !ok || o.permittedOutside(t, proto, number) {
				continue
			}
			if o.proof.Counterexample == nil {
				to := Service(s.object.Ref.Namespace, s.object.Ref.Name)
				o.proof.refute(false, Flow{From: from, To: to, Port: uint16(sp.Port), Protocol: proto}, t)
			}
			o.open("what comes in through %s may look as if it came from the pod's own node, which always gets in, unless its externalTrafficPolicy is Local", s)
			break
		}
	}
	doors := o.directory.doors.hostPorts
	for _, at := range slices.SortedFunc(maps.Keys(doors), func(a, b nodePort) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.proto, b.proto))
	}) {
		for _, door := range doors[at] {
			if door.pod == t && !o.permittedOutside(t, at.proto, door.port) {
				o.open("what comes in by the hostPort %d/%s of %s may look as if it came from the pod's own node, which always gets in", at.number, at.proto, o.endpointOf(t))
			}
		}
	}
}

// permittedOutside reports whether the claim lets every address outside the cluster
// reach the port.
func (o *onlyInto) permittedOutside(t *pod, proto Protocol, port uint16) bool {
	for f := range family(numFamilies) {
		if !t.has[f] {
			continue
		}
		for _, p := range o.pieces(netipx.IPRangeFrom(firstOf(f), lastOf(f)), t) {
			if !p.permitted.Contains(proto, port) && o.directory.outside[f].OverlapsRange(p.IPRange) {
				return false
			}
		}
	}
	return true
}
