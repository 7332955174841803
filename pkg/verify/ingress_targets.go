package verify

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/aksim/aksim/pkg/model"
)

// checkRoutes traces every route to pods, each of which an entry of the claims has to
// name for that route.
func checkRoutes(c *Context, a *Answer) {
	routes := slices.Concat(c.ingressRoutes(), c.gatewayRoutes())
	others := 0
	for o := range model.All[model.Unmodelled](c.cluster) {
		if isOtherRouter(o.Ref) {
			others++
			a.Open(Finding{Object: o.Ref.String(), Place: o.Origin.Place, Text: "opens a way from outside that is not followed: routes of " + o.Ref.Group + " are not modelled"})
		}
	}
	if len(routes)+others == 0 {
		a.NotApplicable("the input has neither an Ingress nor a route of the Gateway API")
		return
	}
	for i := range routes {
		c.checkRoute(a, &routes[i])
	}
	a.Proved("%s of Ingresses and of the Gateway API, and all pods behind them", count(len(routes), "route"))
}

func (c *Context) checkRoute(a *Answer, r *route) {
	f := Finding{Object: r.ref.String(), Place: r.place}
	if r.backend.other != "" {
		f.Text = "leads to " + r.backend.other + ", which is not followed"
		a.Open(f)
		return
	}
	pods, why := c.podsBehind(r.backend.namespace, r.backend.service)
	if why != "" {
		f.Text = r.String() + ": " + why
		a.Open(f)
		return
	}
	var seen []string
	for _, p := range pods {
		name := unitOf(p).String()
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		if why := c.undeclared(r, p); why != "" {
			f.Text = fmt.Sprintf("%s, and so to %s: %s", r, name, why)
			a.Refute(f)
		}
	}
}

// undeclared says why no entry of the claims is about the route to the pod; empty if
// one is.
func (c *Context) undeclared(r *route, p *model.Pod) string {
	why := "no entry of the claims names it"
	for i := range c.claims.Spec.Entry {
		e := &c.claims.Spec.Entry[i]
		if isOutside(e.To.Endpoint) || !c.stands(e.To.Endpoint, p) {
			continue
		}
		isClass := e.Class != "" && slices.Contains(r.served, e.Class)
		switch {
		case e.Class != "" && !isClass:
			why = fmt.Sprintf("its entry is by class %s, and this is by %s", e.Class, r.servedText())
		case e.Through != ThroughIngress && !isClass && !isApplicationGateway(r.controller):
			why = fmt.Sprintf("its entry is through %s, and this is an ingress of class %s", e.Through, r.servedText())
		case len(e.Hosts) > 0 && !slices.ContainsFunc(e.Hosts, func(h string) bool { return coversHost(h, r.host) }):
			why = "its entry is for " + strings.Join(e.Hosts, ", ")
		default:
			return ""
		}
	}
	return why
}

// servedText names the class of an Ingress or the Gateway of a route.
func (r *route) servedText() string {
	if r.served[0] == "" {
		return "no class"
	}
	return r.served[0]
}

// coversHost reports whether a host name, which may begin with a wildcard for one label, is
// or covers another. The empty one is every host.
func coversHost(pattern, host string) bool {
	pattern, host = strings.ToLower(pattern), strings.ToLower(host)
	if pattern == host {
		return true
	}
	_, rest, ok := strings.Cut(host, ".")
	return ok && host != "" && !strings.HasPrefix(host, "*") && pattern == "*."+rest
}

// podsBehind returns the pods that a Service leads to, or says why that is not known.
// Service is the name; one that is an alias of another is followed.
func (c *Context) podsBehind(namespace, service string) (pods []*model.Pod, why string) {
	var seen []NamespacedName
	for {
		name := NamespacedName{Namespace: namespace, Name: service}
		if slices.Contains(seen, name) {
			return nil, "the Service is an alias of itself"
		}
		seen = append(seen, name)
		s, ok := model.Get[corev1.Service](c.cluster, namespace, service)
		if !ok {
			return nil, "Service " + name.String() + " is not in the input"
		}
		if s.API.Spec.Type != corev1.ServiceTypeExternalName {
			return c.podsOfService(s)
		}
		parts := strings.Split(strings.TrimSuffix(strings.ToLower(s.API.Spec.ExternalName), "."), ".")
		if len(parts) < 3 || parts[2] != "svc" {
			return nil, "Service " + name.String() + " is an alias of " + s.API.Spec.ExternalName + ", of which the input does not tell what it is"
		}
		service, namespace = parts[0], parts[1]
	}
}

func (c *Context) podsOfService(s *model.Object[corev1.Service]) (pods []*model.Pod, why string) {
	addresses := map[string]bool{}
	for o := range model.All[discoveryv1.EndpointSlice](c.cluster) {
		if o.Ref.Namespace == s.Ref.Namespace && o.API.Labels[discoveryv1.LabelServiceName] == s.Ref.Name {
			for _, e := range o.API.Endpoints {
				for _, address := range e.Addresses {
					addresses[address] = true
				}
			}
		}
	}
	if len(s.API.Spec.Selector) == 0 && len(addresses) == 0 {
		return nil, s.Ref.String() + " has no selector, and the input has no EndpointSlice of it"
	}
	for p := range c.cluster.Pods() {
		if p.Namespace == s.Ref.Namespace && selectsPod(s.API, p) {
			pods = append(pods, p)
			continue
		}
		if p.Status == nil || len(s.API.Spec.Selector) > 0 {
			continue
		}
		for _, ip := range p.Status.PodIPs {
			if addresses[ip.IP] {
				pods = append(pods, p)
				break
			}
		}
	}
	if len(s.API.Spec.Selector) == 0 && len(pods) == 0 {
		return nil, s.Ref.String() + " leads to addresses that are no pod's of the input"
	}
	return pods, ""
}
