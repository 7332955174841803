package netsim

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/aksim/aksim/pkg/model"
)

// service is a Service with what is behind it. Policies never see the Service:
// they judge the backends, at their target ports (NP24, NP31).
type service struct {
	object   *model.Object[corev1.Service]
	pods     []*pod // that its selector matches
	slices   []*discoveryv1.EndpointSlice
	address  []netip.Addr // virtual addresses, not those of nodes
	headless bool
}

// backend is one end behind a port of a Service: a pod, or an address (of a
// Service without selector).
type backend struct {
	pod     *pod
	address netip.Addr
	port    uint16
}

func (n *Network) readServices(d *directory) {
	endpoints := map[objectName][]*discoveryv1.EndpointSlice{}
	for o := range model.All[discoveryv1.EndpointSlice](n.cluster) {
		name := objectName{o.Ref.Namespace, o.API.Labels[discoveryv1.LabelServiceName]}
		endpoints[name] = append(endpoints[name], o.API)
	}
	for o := range model.All[corev1.Service](n.cluster) {
		name := objectName{o.Ref.Namespace, o.Ref.Name}
		s := &service{object: o, headless: o.API.Spec.ClusterIP == corev1.ClusterIPNone}
		if len(o.API.Spec.Selector) > 0 {
			s.pods = n.selected(o.Ref.Namespace, o.API.Spec.Selector)
		} else {
			s.slices = endpoints[name]
		}
		d.services[name] = s
		d.doors.addService(s)
		for _, a := range serviceAddresses(o.API) {
			s.address = append(s.address, a)
			if n.nodeByAddr[a] == nil && d.podByAddr[a] == nil {
				d.serviceByAddr[a] = s
			}
		}
	}
}

func (n *Network) selected(namespace string, selector map[string]string) (pods []*pod) {
	for _, p := range n.namespaces[namespace].pods {
		matches := true
		for k, v := range selector {
			value, ok := p.model.Labels[k]
			matches = matches && ok && value == v
		}
		if matches {
			pods = append(pods, p)
		}
	}
	return pods
}

func serviceAddresses(s *corev1.Service) (addrs []netip.Addr) {
	texts := slices.Concat([]string{s.Spec.ClusterIP, s.Spec.LoadBalancerIP}, s.Spec.ClusterIPs, s.Spec.ExternalIPs)
	for _, in := range s.Status.LoadBalancer.Ingress {
		texts = append(texts, in.IP)
	}
	for _, t := range texts {
		if a, ok := parseAddr(t); ok && !slices.Contains(addrs, a) {
			addrs = append(addrs, a)
		}
	}
	return addrs
}

// isClusterIP reports whether the address is one that only the cluster knows.
func (s *service) isClusterIP(a netip.Addr) bool {
	for _, t := range append([]string{s.object.API.Spec.ClusterIP}, s.object.API.Spec.ClusterIPs...) {
		if c, ok := parseAddr(t); ok && c == a {
			return true
		}
	}
	return false
}

// hasDoor reports whether the Service can be addressed from outside the cluster.
func (s *service) hasDoor() bool {
	t := s.object.API.Spec.Type
	return t == corev1.ServiceTypeLoadBalancer || t == corev1.ServiceTypeNodePort || len(s.object.API.Spec.ExternalIPs) > 0
}

// keepsSource reports whether backends see who connects from outside, and policies
// with them: what the API promises of this traffic policy.
// https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
func (s *service) keepsSource() bool {
	return s.object.API.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

// family is the one in which clients reach what is behind the Service: of the
// address asked for, else the Service's first.
func (s *service) family(via netip.Addr) familyChoice {
	spec := &s.object.API.Spec
	if a, ok := parseAddr(spec.ClusterIP); ok && !via.IsValid() {
		via = a
	}
	switch {
	case via.IsValid():
		return onlyFamilyOf(via)
	case len(spec.IPFamilies) == 0:
		return anyFamily
	case spec.IPFamilies[0] == corev1.IPv6Protocol:
		return onlyIPv6
	}
	return onlyIPv4
}

func (s *service) String() string { return s.object.Ref.String() }

// port finds a port of the Service. It is an error if there is none, or nothing
// behind it: what cannot be reached at all would prove any denial.
func (s *service) port(proto Protocol, number uint16) (*corev1.ServicePort, error) {
	spec := &s.object.API.Spec
	if spec.Type == corev1.ServiceTypeExternalName {
		return nil, fmt.Errorf("%s is another name for %s, whose address is not in the input; ask for the address", s, spec.ExternalName)
	}
	var have []string
	for i := range spec.Ports {
		sp := &spec.Ports[i]
		if protocolOf(sp.Protocol) == proto && sp.Port == int32(number) {
			return sp, nil
		}
		have = append(have, fmt.Sprintf("%d/%s", sp.Port, protocolOf(sp.Protocol)))
	}
	if len(have) == 0 {
		return nil, fmt.Errorf("%s has no ports", s)
	}
	return nil, fmt.Errorf("%s has no port %d/%s; it has %s", s, number, proto, strings.Join(have, ", "))
}

// noBackendError is the error about a port of a Service that leads nowhere.
type noBackendError struct{ text string }

func (e *noBackendError) Error() string { return e.text }

// backends returns the ends behind a port of the Service, pods in their order,
// then addresses in theirs.
func (n *Network) backends(s *service, sp *corev1.ServicePort) ([]backend, error) {
	var bs []backend
	if len(s.object.API.Spec.Selector) > 0 {
		for _, p := range s.pods {
			if number, ok := targetPort(p, sp); ok {
				bs = append(bs, backend{pod: p, port: number})
			}
		}
		if len(s.pods) == 0 {
			return nil, &noBackendError{fmt.Sprintf("%s has nothing behind it: its selector matches no pod of namespace %s", s, s.object.Ref.Namespace)}
		}
		if len(bs) == 0 {
			return nil, &noBackendError{fmt.Sprintf("%s has nothing behind port %d: no pod that it selects names a %s port %q", s, sp.Port, protocolOf(sp.Protocol), sp.TargetPort.String())}
		}
		return bs, nil
	}
	for _, slice := range s.slices {
		for _, ep := range slice.Ports {
			if ep.Port == nil || ep.Name != nil && *ep.Name != sp.Name || ep.Protocol != nil && protocolOf(*ep.Protocol) != protocolOf(sp.Protocol) {
				continue
			}
			for _, e := range slice.Endpoints {
				for _, text := range e.Addresses {
					a, ok := parseAddr(text)
					if !ok {
						continue
					}
					b := backend{address: a, port: uint16(*ep.Port)}
					if holders := n.directory.podByAddr[a]; len(holders) > 0 {
						b.pod = holders[0]
					}
					bs = append(bs, b)
				}
			}
		}
	}
	if len(bs) == 0 {
		return nil, &noBackendError{fmt.Sprintf("%s has no selector, and no EndpointSlice of the input says what is behind port %d", s, sp.Port)}
	}
	slices.SortStableFunc(bs, func(a, b backend) int {
		return cmp.Or(a.address.Compare(b.address), cmp.Compare(a.port, b.port))
	})
	return bs, nil
}

// targetPort resolves a Service port at a pod: a number is itself; a name is
// the first container port so named with the protocol, regular containers
// before sidecars.
func targetPort(p *pod, sp *corev1.ServicePort) (uint16, bool) {
	target := sp.TargetPort
	switch {
	case target.StrVal != "":
		for _, pn := range p.names {
			if pn.name == target.StrVal && pn.protocol == protocolOf(sp.Protocol) && !pn.initOnly {
				return pn.number, true
			}
		}
		return 0, false
	case target.IntVal != 0:
		return uint16(target.IntVal), true
	default:
		return uint16(sp.Port), true
	}
}

// throughService yields the parts of a flow to a port of a Service.
func (n *Network) throughService(f Flow, from, to party, yield func(part, error) bool) {
	s := to.service
	backends, err := n.backendsFor(f, from, to)
	if err != nil {
		yield(part{}, err)
		return
	}
	for _, b := range backends {
		target := party{address: b.address}
		if b.pod != nil {
			target = party{pods: n.directory.pointers[b.pod.id : b.pod.id+1], several: from.several, family: s.family(to.via)}
		} else if nd := n.nodeByAddr[b.address]; nd != nil {
			target = party{nodes: []nodeAddress{{nd, b.address}}}
		}
		goOn := n.directly(f, from, target, b.port, s, func(p part, err error) bool {
			if err == nil {
				n.rewrite(&p, f, to)
			}
			return yield(p, err)
		})
		if !goOn {
			return
		}
	}
}

func (n *Network) backendsFor(f Flow, from, to party) (_ []backend, err error) {
	s, sp := to.service, to.port
	if sp == nil {
		if sp, err = s.port(f.Protocol, f.Port); err != nil {
			return nil, err
		}
	}
	if e := from.external(); e != nil && len(e.Ranges()) > 0 && !s.hasDoor() {
		outside := "nothing outside the cluster"
		if len(from.pods) > 0 {
			outside = "no address of " + f.From.String() + " outside the cluster"
		}
		return nil, fmt.Errorf("%s is a %s Service, which %s can address; ask for its pods", s, s.typeName(), outside)
	}
	return n.backends(s, sp)
}

func (s *service) typeName() string {
	t := s.object.API.Spec.Type
	switch {
	case s.headless:
		return "headless"
	case t == "":
		return string(corev1.ServiceTypeClusterIP)
	}
	return string(t)
}

// rewrite turns the decision of a part between a source and a backend into that
// of the part through the Service. For a pod that reaches another through a
// cluster address nothing changes: policies see the backend (NP31). Where it is
// open what policies see at one of the ends, the part is decided only if that
// makes no difference.
func (n *Network) rewrite(p *part, f Flow, to party) {
	s := to.service
	if s.headless { // nothing is rewritten: clients address the backends themselves
		return
	}
	if p.from.pod != nil && (!p.from.pod.live() || p.to.pod != nil && !p.link.ok) {
		return
	}
	atDoor := to.via.IsValid() && !s.isClusterIP(to.via)
	var egress, ingress []Decision // by what policies may see
	switch {
	case p.from.addresses != nil && s.keepsSource():
		return
	case p.from.addresses != nil:
		// The source may have become a node's address (NP30).
		p.why = "whether policies see the source as it is, or what the Service puts in its place, such as a node's address, is left to the implementation; of the source as it is:"
		ingress = []Decision{p.decision, n.ofAnyone(p.to.pod, Ingress, p.proto, p.port)}
	case p.from.pod == nil:
		return
	case p.from.pod == p.to.pod && !p.twins:
		p.why = "whether a pod reaches itself through its own Service is left to the implementation; if policies are asked:"
		egress = []Decision{Allowed, n.judgeSide(p.from.pod, Egress, p.to.pod, p.link.f, p.proto, p.port)}
		ingress = []Decision{Allowed, n.ofAnyone(p.to.pod, Ingress, p.proto, p.port)}
	case p.to.pod == nil || atDoor:
		p.why = "whether policies see the Service's address or what is behind it is left to the implementation; of what is behind it:"
		asked := s.address
		if to.via.IsValid() {
			asked = []netip.Addr{to.via}
		}
		egress, ingress = n.eitherAddress(p, asked, f.Port)
	default:
		return
	}
	p.decision = ifSeenAsEither(egress, ingress)
}

// ifSeenAsEither decides a part of which each side may be judged by one of
// several things that policies may see.
func ifSeenAsEither(egress, ingress []Decision) Decision {
	return decide(all(egress, Allowed) && all(ingress, Allowed),
		!(len(egress) > 0 && all(egress, Denied)) && !(len(ingress) > 0 && all(ingress, Denied)))
}

// eitherAddress returns what a pod's egress policies say of the addresses and port
// that it asks for and of what is behind them, and what the ingress policies there
// say of the pod and of whoever may be put in its place.
func (n *Network) eitherAddress(p *part, asked []netip.Addr, port uint16) (egress, ingress []Decision) {
	for _, a := range asked {
		if nd := n.nodeByAddr[a]; nd != nil {
			egress = append(egress, n.judgeNodeSide(p.from.pod, Egress, nodeAddress{nd, a}, p.proto, port))
		} else {
			egress = append(egress, n.judgeAddress(p.from.pod, Egress, a, p.proto, port))
		}
	}
	if len(asked) == 0 {
		egress = append(egress, n.ofAnyone(p.from.pod, Egress, p.proto, port))
	}
	if q := p.to.pod; q != nil {
		fam := p.link.f
		egress = append(egress, n.judgeSide(p.from.pod, Egress, q, fam, p.proto, p.port))
		ingress = append(ingress, n.judgeSide(q, Ingress, p.from.pod, fam, p.proto, p.port), n.ofAnyone(q, Ingress, p.proto, p.port))
	} else {
		egress = append(egress, p.decision)
	}
	return egress, ingress
}

func all(ds []Decision, want Decision) bool {
	for _, d := range ds {
		if d != want {
			return false
		}
	}
	return true
}

// ofAnyone decides whether a side of the pod lets through whatever address is at
// the other end: undecided, if that depends on it.
func (n *Network) ofAnyone(p *pod, dir Direction, proto Protocol, port uint16) Decision {
	least, most := true, false
	for f := range family(numFamilies) {
		if !p.has[f] {
			continue
		}
		for d := range n.judgeOutside(p, dir, outside(f), proto, port) {
			least = least && d == Allowed
			most = most || d != Denied
		}
	}
	if dir == Ingress {
		most = true // from its own node (NP33)
	}
	return decide(least, most)
}
