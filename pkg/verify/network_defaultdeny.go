package verify

import (
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

func checkDefaultDenyIngress(c *Context, a *Answer) { c.defaultDenyEverywhere(a, netsim.Ingress) }

func checkDefaultDenyEgress(c *Context, a *Answer) { c.defaultDenyEverywhere(a, netsim.Egress) }

func (c *Context) defaultDenyEverywhere(a *Answer, dir netsim.Direction) {
	namespaces := c.AppNamespaces()
	if len(namespaces) == 0 {
		a.NotApplicable("there is no application namespace")
		return
	}
	for _, ns := range namespaces {
		c.defaultDeny(a, ns, dir)
	}
	if others := c.idleNamespaces(namespaces); len(others) > 0 {
		a.Note("without pods, and not in defaultDeny of the claims, so left out: namespaces %s", list(others))
	}
	if dir == netsim.Egress && c.Engine().Name == calico {
		a.Note("whether Calico on AKS keeps pods from their own node is not documented, and not claimed")
	}
	a.Proved("%s and every pod to come in %s (%s), all ports", c.countPods(namespaces), count(len(namespaces), "namespace"), list(namespaces))
}

// defaultDeny finds out whether a namespace denies by default in the direction.
func (c *Context) defaultDeny(a *Answer, ns string, dir netsim.Direction) {
	var place model.Place
	if o, ok := c.cluster.Namespace(ns); ok {
		place = o.Origin.Place
	}
	p, err := c.Network().DefaultDeny(ns, dir)
	c.proof(a, p, err, "namespace/"+ns, place, c.denialDeviations(dir, aboutNamespace(ns)))
}
