package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// mostGrounds is how many pairs of ends a finding explains.
const mostGrounds = 3

// needAllowed finds out whether a flow works; every port of it, where none is named.
func (c *Context) needAllowed(a *Answer, f netsim.Flow, at model.Place) {
	if f.Port == 0 {
		c.needAllPorts(a, f, at)
		return
	}
	v, err := c.Network().Check(f)
	finding := Finding{Object: f.String(), Place: at, Replay: replayFlow(f)}
	switch {
	case err != nil:
		finding.Text = err.Error()
		a.Open(finding)
	case v.Decision == netsim.Allowed:
		for _, why := range c.allowanceDeviations(v) {
			finding.Text = why
			a.Open(finding)
		}
	default:
		finding.Text = "is " + v.Decision.String() + ", and must be allowed"
		finding.Grounds = groundsOf(v, netsim.Allowed)
		a.settle(v.Decision, netsim.Denied, finding)
	}
}

func (c *Context) needAllPorts(a *Answer, f netsim.Flow, at model.Place) {
	edges, err := c.Network().Between(f.From, f.To)
	if err != nil {
		a.Open(Finding{Object: f.String(), Place: at, Text: err.Error()})
		return
	}
	for e := range edges {
		finding := Finding{Object: f.String(), Place: at, Replay: replayFlow(f)}
		switch {
		case e.Ports.IsAll():
		case e.Ports.Union(e.Undecided).IsAll():
			finding.Text = e.String()
			a.Open(finding)
		default:
			finding.Text = e.String() + ": not every port is open"
			a.Refute(finding)
		}
	}
}

// needDenied finds out whether a flow is denied; on every port, where none is named,
// and then for the pods to come of a namespace, too.
func (c *Context) needDenied(a *Answer, f netsim.Flow, at model.Place) {
	deviations := slices.Concat(c.deviationsInto(f.To), c.deviationsOutOf(f.From, f.To))
	if f.Port == 0 && !isOutside(f.To) && !isService(f.To) {
		proof, err := c.Network().Isolated(f.From, f.To)
		c.proof(a, proof, err, f.String(), at, deviations)
		return
	}
	finding := Finding{Object: f.String(), Place: at, Replay: replayFlow(f)}
	if f.Port == 0 {
		c.needNoEdge(a, f, finding, deviations)
		return
	}
	v, err := c.Network().Check(f)
	switch {
	case err != nil:
		finding.Text = err.Error()
		a.Open(finding)
	case v.Decision == netsim.Denied:
		a.deviate(finding, deviations)
	default:
		finding.Text = "is " + v.Decision.String() + ", and must be denied"
		finding.Grounds = groundsOf(v, netsim.Denied)
		a.settle(v.Decision, netsim.Allowed, finding)
	}
}

func (c *Context) needNoEdge(a *Answer, f netsim.Flow, finding Finding, deviations []string) {
	edges, err := c.Network().Between(f.From, f.To)
	if err != nil {
		finding.Text = err.Error()
		a.Open(finding)
		return
	}
	for e := range edges {
		finding.Text = e.String()
		a.edge(e, finding)
	}
	a.deviate(finding, deviations)
}

// edge adds a finding about an edge that should not be.
func (a *Answer) edge(e netsim.Edge, finding Finding) {
	switch {
	case !e.Ports.IsEmpty() || e.Secondary != nil && !e.Secondary.Ports.IsEmpty():
		a.Refute(finding)
	case !e.Undecided.IsEmpty() || e.Secondary != nil && !e.Secondary.IsEmpty():
		a.Open(finding)
	}
}

// settle adds a finding that refutes if the decision is the wrong one for certain, be
// it for a part of the ends only.
func (a *Answer) settle(got, wrong netsim.Decision, f Finding) {
	if got == wrong || got == netsim.Mixed {
		a.Refute(f)
	} else {
		a.Open(f)
	}
}

// deviate leaves open what the engine of the cluster does otherwise.
func (a *Answer) deviate(f Finding, deviations []string) {
	for _, why := range deviations {
		f.Text, f.Grounds, f.Replay = why, nil, nil
		a.Open(f)
	}
}

// proof adds what a proof found out. The object is what findings are about.
func (c *Context) proof(a *Answer, p netsim.Proof, err error, object string, at model.Place, deviations []string) {
	f := Finding{Object: object, Place: at}
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	if x := p.Counterexample; x != nil {
		f.Text, f.Replay = x.String(), append([]string{"reach"}, x.Args()...)
		f.Grounds = c.explain(x)
	}
	switch p.Outcome {
	case netsim.Refuted:
		a.Refute(f)
	case netsim.Proved:
		a.deviate(f, deviations)
		for _, ns := range p.HostNetwork {
			if ns != netsim.NewNamespaces {
				a.Note("pods on the host network escape every policy, and namespace %s does not rule them out by Pod Security", ns)
			}
		}
	default:
		f.Text = strings.TrimPrefix(f.Text+"; "+strings.Join(p.Reasons, "; "), "; ")
		a.Open(f)
	}
}

// explain returns the grounds for the packet of a counterexample.
func (c *Context) explain(x *netsim.Counterexample) []string {
	n := c.Network()
	if len(x.Assume) > 0 {
		changed, err := netsim.Assume(c.cluster, x.Assume...)
		if err != nil {
			return nil
		}
		n = c.recompile(changed)
	}
	if x.Flow.Port == 0 {
		return nil
	}
	v, err := n.Check(x.Flow)
	if err != nil {
		return nil
	}
	return groundsOf(v, netsim.Denied)
}

// groundsOf explains the parts of a verdict that are not as they should be.
func groundsOf(v netsim.Verdict, want netsim.Decision) (lines []string) {
	shown, more := 0, 0
	for g := range v.Grounds() {
		if g.Decision == want {
			continue
		}
		if shown == mostGrounds {
			more++
			continue
		}
		shown++
		lines = append(lines, g.Flow()+": "+g.Decision.String())
		for line := range strings.Lines(g.String()) {
			lines = append(lines, "    "+strings.TrimRight(line, "\n"))
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more pairs of ends", more))
	}
	return lines
}

func replayFlow(f netsim.Flow) []string { return []string{"reach", f.From.String(), f.Target()} }

func isService(e netsim.Endpoint) bool { return strings.HasPrefix(e.String(), "svc/") }

// deviationsInto are those of a claim that something does not get into pods.
func (c *Context) deviationsInto(to netsim.Endpoint) []string {
	ns := namespaceOf(to)
	if ns == "" {
		return nil
	}
	return c.denialDeviations(netsim.Ingress, c.podsOf(to))
}

// deviationsOutOf are those of a claim that pods do not get at something: only at
// their own node and beyond do engines differ.
func (c *Context) deviationsOutOf(from, to netsim.Endpoint) []string {
	if namespaceOf(from) == "" || !isOutside(to) {
		return nil
	}
	if to == netsim.Internet() {
		return c.denialDeviations(netsim.Egress, c.podsOf(from))
	}
	all := c.nodeDeviations(to)
	if block, _ := blockOf(to); c.Engine().Name == npm && block.Contains(metadataService()) {
		all = append(all, "Azure Network Policy Manager does not keep pods from the instance metadata service")
	}
	return all
}

// podsOf says which pods an endpoint means.
func (c *Context) podsOf(e netsim.Endpoint) about {
	ns := namespaceOf(e)
	if isNamespace(e) {
		return aboutNamespace(ns)
	}
	var sets []map[string]string
	for p := range c.cluster.Pods() {
		if p.Namespace == ns && c.stands(e, p) {
			sets = append(sets, p.Labels)
		}
	}
	return func(namespace string, labels map[string]string) bool {
		return namespace == ns && (sets == nil || slices.ContainsFunc(sets, func(s map[string]string) bool { return maps.Equal(s, labels) }))
	}
}
