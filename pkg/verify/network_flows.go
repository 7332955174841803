package verify

import (
	"slices"

	"github.com/aksim/aksim/pkg/netsim"
)

// required returns the flows that have to work: those of the claims, those outside,
// and those from the sources of the doors.
func (c *Context) required() []Flow {
	s := &c.claims.Spec
	flows := slices.Concat(s.Flows.Required, s.Egress)
	for _, e := range s.Entry {
		for _, from := range e.From {
			flows = append(flows, Flow{from, e.To, e.Place})
		}
	}
	return flows
}

// permitted returns all flows that may work.
func (c *Context) permitted() []Flow { return slices.Concat(c.required(), c.claims.Spec.Flows.Allowed) }

func checkRequiredFlows(c *Context, a *Answer) {
	flows := c.required()
	if len(flows) == 0 {
		a.NotApplicable("the claims require no flow")
		return
	}
	for _, f := range flows {
		c.needAllowed(a, f.Netsim(), f.Place)
	}
	a.Proved("%s, between all pods and addresses that they stand for", count(len(flows), "flow"))
}

// checkOnlyInto proves for each workload, and for a pod to come of each kind that
// ingress policies select, that nothing but the flows gets in. A pod to come that no
// policy selects is what default deny is about (AKS-NET-001).
func checkOnlyInto(c *Context, a *Answer) {
	namespaces := c.AppNamespaces()
	targets := c.units(namespaces)
	for _, to := range targets {
		p, err := c.Network().OnlyInto(to, c.flowsInto(to)...)
		c.proof(a, p, err, to.String(), c.placeOf(to), c.deviationsInto(to))
	}
	kinds := 0
	for _, k := range c.kindsToCome(a, namespaces, netsim.Ingress) {
		kinds++
		c.onlyIntoKind(a, k)
	}
	a.Proved("%s of %s and %s of pods to come, from every pod that exists or may come, in namespaces that exist or not, and every address, on all ports",
		c.countPods(namespaces), list(namespaces), count(kinds, "kind"))
}

// flowsInto returns the flows that go to pods of an endpoint, as flows to it.
func (c *Context) flowsInto(to netsim.Endpoint) (flows []netsim.Flow) {
	for _, f := range c.permitted() {
		if n, ok := c.towards(f.Netsim(), to); ok {
			flows = append(flows, n)
		}
	}
	return flows
}

// onlyIntoKind proves it of a pod to come, as if it was there.
func (c *Context) onlyIntoKind(a *Answer, k podKind) {
	changed, err := netsim.Assume(c.cluster, k.pod)
	if err != nil {
		a.Open(Finding{Object: k.object(), Place: k.place, Text: err.Error()})
		return
	}
	target := netsim.Pod(k.pod.Namespace, k.pod.Name)
	var flows []netsim.Flow
	for _, unit := range c.kin(k) {
		for _, f := range c.flowsInto(unit) {
			f.To = target
			flows = append(flows, f)
		}
	}
	for _, f := range c.permitted() {
		if f.To.Endpoint == netsim.Namespace(k.pod.Namespace) {
			n := f.Netsim()
			n.To = target
			flows = append(flows, n)
		}
	}
	p, err := c.recompile(changed).OnlyInto(target, flows...)
	if x := p.Counterexample; x != nil && !slices.ContainsFunc(x.Assume, func(p netsim.FuturePod) bool { return p.Namespace == k.pod.Namespace && p.Name == k.pod.Name }) {
		x.Assume = append(x.Assume, k.pod)
	}
	c.proof(a, p, err, k.object(), k.place, c.denialDeviations(netsim.Ingress, aboutNamespace(k.pod.Namespace)))
}
