package verify

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

func checkInternalServices(c *Context, a *Answer) {
	namespaces := c.AppNamespaces()
	services := 0
	for s := range model.All[corev1.Service](c.cluster) {
		if !slices.Contains(namespaces, s.Ref.Namespace) {
			continue
		}
		services++
		if why := exposure(s.API); why != "" && !c.isEntry(s) {
			a.Refute(Finding{Object: s.Ref.String(), Place: s.Origin.Place, Text: why + ", and no entry of the claims leads to it"})
		}
	}
	for p := range c.cluster.Pods() {
		if !slices.Contains(namespaces, p.Namespace) || c.entersPod(p) {
			continue
		}
		ref := model.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}
		if w := p.Workload(); !w.IsZero() {
			ref = w
		}
		for _, ct := range slices.Concat(p.Spec.InitContainers, p.Spec.Containers) {
			for _, port := range ct.Ports {
				if port.HostPort != 0 {
					a.Refute(Finding{Object: ref.String(), Place: p.Origin.Place, Text: fmt.Sprintf("container %s listens on port %d of its node, and no entry of the claims leads to it", ct.Name, port.HostPort)})
				}
			}
		}
	}
	a.Proved("%s and %s of %s", count(services, "Service"), c.countPods(namespaces), list(namespaces))
}

// exposure says how a Service can be reached from outside the cluster; empty if it
// can't.
func exposure(s *corev1.Service) string {
	switch {
	case len(s.Spec.ExternalIPs) > 0:
		return "has external IPs"
	case s.Spec.Type == corev1.ServiceTypeLoadBalancer && isInternal(s):
		return "is of type LoadBalancer, in the virtual network"
	case s.Spec.Type == corev1.ServiceTypeLoadBalancer, s.Spec.Type == corev1.ServiceTypeNodePort:
		return "is of type " + string(s.Spec.Type)
	}
	return ""
}

// isEntry reports whether an entry of the claims leads to the Service or to all pods
// behind it.
func (c *Context) isEntry(s *model.Object[corev1.Service]) bool {
	service := netsim.Service(s.Ref.Namespace, s.Ref.Name)
	some := false
	for p := range c.cluster.Pods() {
		if p.Namespace != s.Ref.Namespace || !selectsPod(s.API, p) {
			continue
		}
		if !c.entersPod(p) {
			return false
		}
		some = true
	}
	return some || slices.ContainsFunc(c.claims.Spec.Entry, func(e Entry) bool { return e.isDoor() && e.To.Endpoint == service })
}

// entersPod reports whether an entry of the claims leads to the pod from outside the
// cluster.
func (c *Context) entersPod(p *model.Pod) bool {
	return slices.ContainsFunc(c.claims.Spec.Entry, func(e Entry) bool {
		return e.isDoor() && !isOutside(e.To.Endpoint) && c.stands(e.To.Endpoint, p)
	})
}

// isDoor reports whether packets come from outside the cluster, and not from a
// controller in it.
func (e *Entry) isDoor() bool { return e.Through != ThroughIngress }
