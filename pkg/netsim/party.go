package netsim

import (
	"net/netip"

	"go4.org/netipx"
	corev1 "k8s.io/api/core/v1"
)

// party is what an endpoint turned out to name. A pod, node or Service that is
// asked for by its address is found here as such.
type party struct {
	pods      []*pod
	namespace *namespace // all of it, if it was asked for; it may have no pods yet
	several   bool       // the endpoint stands for pods as such, not for one pod
	family    familyChoice
	nodes     []nodeAddress
	service   *service
	via       netip.Addr          // the Service's or a node's address that was asked for, if one was
	port      *corev1.ServicePort // the Service's port whose NodePort was asked for, if one was
	address   netip.Addr          // one address outside the cluster
	outside   *netipx.IPSet
}

// nodeAddress is one address of a node.
type nodeAddress struct {
	node    *node
	address netip.Addr
}

// hasPods reports whether the party is about pods, now or later.
func (p *party) hasPods() bool { return len(p.pods) > 0 || p.namespace != nil }

// onePod returns the pod of a party that is exactly one; nil for others.
func (p *party) onePod() *pod {
	if len(p.pods) == 1 && !p.several {
		return p.pods[0]
	}
	return nil
}

// external returns the party's addresses outside the cluster; nil if it has none.
func (p *party) external() *netipx.IPSet {
	if p.address.IsValid() {
		return prefixSet(netip.PrefixFrom(p.address, p.address.BitLen()))
	}
	return p.outside
}

// addresses returns all addresses of the party that are no pod's.
func (p *party) addresses() *netipx.IPSet {
	var b netipx.IPSetBuilder
	if outside := p.external(); outside != nil {
		b.AddSet(outside)
	}
	for _, nd := range p.nodes {
		b.Add(nd.address)
	}
	return mustSet(&b)
}

// familyChoice says in which family an endpoint is to be talked to: in whichever
// suits, unless it was asked for by an address.
type familyChoice uint8

const (
	anyFamily familyChoice = iota
	onlyIPv4
	onlyIPv6
)

// toward is the choice for a flow to an end of the other choice, which counts
// first: a Service has its family whoever asks.
func (c familyChoice) toward(to familyChoice) familyChoice {
	if to != anyFamily {
		return to
	}
	return c
}

func onlyFamilyOf(a netip.Addr) familyChoice {
	if a.Is4() {
		return onlyIPv4
	}
	return onlyIPv6
}

// link is the link of two pods if one of them was asked for with the choice.
func (c familyChoice) link(p, q *pod) link {
	switch {
	case !p.live() || !q.live():
		return link{}
	case c == onlyIPv4:
		return linkIn(ipv4, p.class, q.class)
	case c == onlyIPv6:
		return linkIn(ipv6, p.class, q.class)
	}
	return linkBetween(p.class, q.class)
}
