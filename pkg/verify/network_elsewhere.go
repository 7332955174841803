package verify

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// podsElsewhere returns pods to come outside the given namespaces that egress rules in
// these select, in namespaces that exist and in new ones: each with the fewest labels.
// What leaves for pods to come of the given namespaces is for their own ingress.
func (c *Context) podsElsewhere(a *Answer, namespaces []string) (pods []netsim.FuturePod) {
	seen := map[string]bool{}
	for o := range model.All[networkingv1.NetworkPolicy](c.cluster) {
		if !slices.Contains(namespaces, o.Ref.Namespace) {
			continue
		}
		for _, rule := range o.API.Spec.Egress {
			for _, peer := range rule.To {
				found, ok := c.podsOfPeer(peer, namespaces)
				if !ok {
					a.Open(Finding{Object: o.Ref.String(), Place: o.Origin.Place, Text: "a peer tells apart too many kinds of pods to come"})
				}
				for _, p := range found {
					if key := p.String(); !seen[key] {
						seen[key] = true
						p.Name = fmt.Sprintf("to-come-%d", len(pods)+1)
						if p.NamespaceLabels != nil && p.Namespace == "" {
							p.Namespace = fmt.Sprintf("namespace-to-come-%d", len(pods)+1)
						}
						pods = append(pods, p)
					}
				}
			}
		}
	}
	return pods
}

// podsOfPeer returns the pods to come that a peer selects, without names, and a new
// namespace without one, too. It is false of too many.
func (c *Context) podsOfPeer(peer networkingv1.NetworkPolicyPeer, besides []string) (pods []netsim.FuturePod, ok bool) {
	if peer.NamespaceSelector == nil {
		return nil, true
	}
	sets := []map[string]string{{}}
	podsOK := true
	if peer.PodSelector != nil {
		sets, podsOK = labelSets(peer.PodSelector)
	}
	namespaceSets, ok := labelSets(peer.NamespaceSelector)
	for _, set := range sets {
		for ns := range c.cluster.Namespaces() {
			if !slices.Contains(besides, ns.Name) && selects(peer.NamespaceSelector, ns.Labels) {
				pods = append(pods, netsim.FuturePod{Namespace: ns.Name, Labels: set})
			}
		}
		for _, of := range namespaceSets {
			name := of[model.NameLabel]
			if _, exists := c.cluster.Namespace(name); exists {
				continue
			}
			of = maps.Clone(of)
			delete(of, model.NameLabel)
			pods = append(pods, netsim.FuturePod{Namespace: name, NamespaceLabels: of, Labels: set})
		}
	}
	return pods, ok && podsOK
}

// toCome returns the pod to come that an edge goes to.
func (s egress) toCome(to netsim.Endpoint) (netsim.FuturePod, bool) {
	i := slices.IndexFunc(s.elsewhere, func(p netsim.FuturePod) bool {
		return to == netsim.Pod(p.Namespace, p.Name) || to == netsim.Named(p.Namespace, p.Name)
	})
	if i < 0 {
		return netsim.FuturePod{}, false
	}
	return s.elsewhere[i], true
}

// permittedTo returns the ports on which a flow permits to get to a pod to come: one to
// its namespace, to the workload that it would be of, or to the Service that would lead
// to it.
func (c *Context) permittedTo(f netsim.Flow, to netsim.FuturePod) (ports netsim.Ports) {
	end := netsim.Pod(to.Namespace, to.Name)
	is := f.To == netsim.Namespace(to.Namespace)
	for _, unit := range c.kin(podKind{pod: to}) {
		is = is || f.To == unit || c.towardsUnit(f, unit)
	}
	for s := range model.All[corev1.Service](c.cluster) {
		if f.To != netsim.Service(s.Ref.Namespace, s.Ref.Name) || s.Ref.Namespace != to.Namespace ||
			len(s.API.Spec.Selector) == 0 || !hasAll(to.Labels, s.API.Spec.Selector) {
			continue
		}
		var pods []*model.Pod
		for p := range c.cluster.Pods() {
			if p.Namespace == to.Namespace && selectsPod(s.API, p) {
				pods = append(pods, p)
			}
		}
		if f, is = c.behind(f, end, pods); !is {
			return ports
		}
	}
	switch {
	case !is:
		return ports
	case f.Port == 0:
		return netsim.AllPorts()
	}
	return netsim.PortsOf(f.Protocol, f.Port, f.Port)
}

// towardsUnit reports whether a flow goes to all pods of a unit.
func (c *Context) towardsUnit(f netsim.Flow, unit netsim.Endpoint) bool {
	some := false
	for p := range c.cluster.Pods() {
		if c.stands(unit, p) {
			if isService(f.To) || !c.stands(f.To, p) {
				return false
			}
			some = true
		}
	}
	return some
}
