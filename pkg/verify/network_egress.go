package verify

import (
	"slices"

	"go4.org/netipx"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// checkEgress compares all that the pods of application namespaces reach elsewhere
// with the flows. What they reach in one another's namespaces is for AKS-NET-004.
func checkEgress(c *Context, a *Answer) {
	namespaces := c.AppNamespaces()
	elsewhere := c.podsElsewhere(a, namespaces)
	changed, err := netsim.Assume(c.cluster, elsewhere...)
	if err != nil {
		a.Open(Finding{Object: "pods to come", Text: err.Error()})
		return
	}
	net := c.recompile(changed)
	for _, from := range c.units(namespaces) {
		of := func(f netsim.Flow) bool { return c.comesFrom(f, from) }
		c.egressOf(a, egress{net, from, from.String(), c.placeOf(from), of, nil, elsewhere}, namespaces)
	}
	kinds := 0
	for _, k := range c.kindsToCome(a, namespaces, netsim.Egress) {
		kinds++
		c.egressOfKind(a, k, namespaces, elsewhere)
	}
	a.Proved("%s of %s and %s of pods to come, to every address, node and other namespace, pods to come included, on all ports",
		c.countPods(namespaces), list(namespaces), count(kinds, "kind"))
}

// egress is one source whose ways out are compared with the flows.
type egress struct {
	net    *netsim.Network
	from   netsim.Endpoint
	object string
	place  model.Place
	of     func(netsim.Flow) bool // whether a flow permits the source something
	assume []string               // arguments by which aksim reach knows the source

	elsewhere []netsim.FuturePod // pods to come of other namespaces that net has
}

func (c *Context) egressOfKind(a *Answer, k podKind, namespaces []string, elsewhere []netsim.FuturePod) {
	changed, err := netsim.Assume(c.cluster, append(slices.Clone(elsewhere), k.pod)...)
	if err != nil {
		a.Open(Finding{Object: k.object(), Place: k.place, Text: err.Error()})
		return
	}
	kin := c.kin(k)
	of := func(f netsim.Flow) bool {
		return f.From == netsim.Namespace(k.pod.Namespace) || slices.ContainsFunc(kin, func(u netsim.Endpoint) bool { return c.comesFrom(f, u) })
	}
	c.egressOf(a, egress{c.recompile(changed), netsim.Pod(k.pod.Namespace, k.pod.Name), k.object(), k.place, of, []string{"--assume-pod", k.pod.String()}, elsewhere}, namespaces)
}

func (c *Context) egressOf(a *Answer, s egress, namespaces []string) {
	edges, err := s.net.OutOf(s.from)
	if err != nil {
		a.Open(Finding{Object: s.object, Place: s.place, Text: err.Error()})
		return
	}
	for e := range edges {
		if slices.Contains(namespaces, namespaceOf(e.To)) {
			continue
		}
		c.egressEdge(a, s, e)
	}
	a.deviate(Finding{Object: s.object, Place: s.place}, c.denialDeviations(netsim.Egress, func(string, map[string]string) bool { return true }))
}

// egressEdge takes from an edge what the flows permit, address by address.
func (c *Context) egressEdge(a *Answer, s egress, e netsim.Edge) {
	future, isFuture := s.toCome(e.To)
	if isFuture {
		s.assume = append(slices.Clone(s.assume), "--assume-pod", future.String())
	}
	parts := []addresses{{set: setOf(e)}}
	for _, f := range c.permitted() {
		n := f.Netsim()
		if !s.of(n) {
			continue
		}
		ports := netsim.AllPorts()
		if n.Port != 0 {
			ports = netsim.PortsOf(n.Protocol, n.Port, n.Port)
		}
		if isFuture {
			parts[0].permitted = parts[0].permitted.Union(c.permittedTo(n, future))
			continue
		}
		parts = c.permit(parts, n, e, ports)
	}
	for _, p := range parts {
		open, perhaps := e.Ports.Minus(p.permitted), e.Undecided.Minus(p.permitted)
		if e.Secondary != nil {
			open, perhaps = open.Union(e.Secondary.Ports.Minus(p.permitted)), perhaps.Union(e.Secondary.Undecided.Minus(p.permitted))
		}
		if open.IsEmpty() && perhaps.IsEmpty() {
			continue
		}
		to := e.To
		text := e.Label(e.To)
		if p.set != nil {
			to = netsim.Address(exampleOf(p.set))
			text = rangesText(p.set)
		}
		finding := Finding{Object: s.object, Place: s.place, Text: "reaches " + text + ": " + netsim.Reach{Ports: open, Undecided: perhaps}.String()}
		c.explainEgress(&finding, s, to, open.Union(perhaps))
		if open.IsEmpty() {
			a.Open(finding)
		} else {
			a.Refute(finding)
		}
	}
}

// addresses are some of an edge's addresses, all that the flows permit the same; nil
// where the edge goes to a pod.
type addresses struct {
	set       *netipx.IPSet
	permitted netsim.Ports
}

// permit cuts the parts along the destination of a flow.
func (c *Context) permit(parts []addresses, f netsim.Flow, e netsim.Edge, ports netsim.Ports) (cut []addresses) {
	for _, p := range parts {
		if p.set == nil {
			if n, ok := c.reachesEnd(f, e.To); ok {
				if n.Port != 0 {
					ports = netsim.PortsOf(n.Protocol, n.Port, n.Port)
				}
				p.permitted = p.permitted.Union(ports)
			}
			cut = append(cut, p)
			continue
		}
		in, out := split(p.set, f.To)
		if !isEmptySet(in) {
			cut = append(cut, addresses{in, p.permitted.Union(ports)})
		}
		if !isEmptySet(out) {
			cut = append(cut, addresses{out, p.permitted})
		}
	}
	return cut
}

// reachesEnd reports whether a flow goes to the pod that an edge names, and returns it
// as one to that.
func (c *Context) reachesEnd(f netsim.Flow, to netsim.Endpoint) (netsim.Flow, bool) {
	for p := range c.cluster.Pods() {
		if c.stands(to, p) && c.stands(f.To, p) {
			if isService(f.To) {
				return c.behind(f, to, []*model.Pod{p})
			}
			return f, true
		}
	}
	return f, false
}

// comesFrom reports whether a flow permits something to all pods of a unit.
func (c *Context) comesFrom(f netsim.Flow, unit netsim.Endpoint) bool {
	if isOutside(f.From) {
		return false
	}
	some := false
	for p := range c.cluster.Pods() {
		if c.stands(unit, p) {
			if !c.stands(f.From, p) {
				return false
			}
			some = true
		}
	}
	return some
}

// explainEgress adds to a finding how it comes about, for the first open port.
func (c *Context) explainEgress(f *Finding, s egress, to netsim.Endpoint, ports netsim.Ports) {
	for p := range netsim.Protocols() {
		for r := range ports.Ranges(p) {
			flow := netsim.Flow{From: s.from, To: to, Port: r.First, Protocol: p}
			if ports.Contains(netsim.TCP, 443) {
				flow.Protocol, flow.Port = netsim.TCP, 443
			}
			f.Replay = append(append([]string{"reach"}, s.assume...), flow.From.String(), flow.Target())
			if v, err := s.net.Check(flow); err == nil {
				f.Grounds = groundsOf(v, netsim.Denied)
			}
			return
		}
	}
}
