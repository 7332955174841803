package verify

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/model"
)

// gatewayGroup is the API group of the Gateway API.
// https://gateway-api.sigs.k8s.io/reference/spec/
const gatewayGroup = "gateway.networking.k8s.io"

// gateway is a Gateway with its listeners.
type gateway struct {
	object     *model.Object[model.Unmodelled]
	class      string
	controller string
}

// gateways returns the Gateways by namespace and name.
func (c *Context) gateways() map[NamespacedName]gateway {
	controllers := map[string]string{}
	for _, o := range c.customs(gatewayGroup) {
		if o.Ref.Kind == "GatewayClass" {
			controllers[o.Ref.Name] = digText(o.API.Content, "spec", "controllerName")
		}
	}
	all := map[NamespacedName]gateway{}
	for _, o := range c.customs(gatewayGroup) {
		if o.Ref.Kind == "Gateway" {
			g := gateway{object: o, class: digText(o.API.Content, "spec", "gatewayClassName")}
			if g.controller = controllers[g.class]; g.controller == "" && strings.HasPrefix(g.class, "azure-alb-") {
				g.controller = "alb.networking.azure.io/alb-controller"
			}
			all[NamespacedName{Namespace: namespaceOfCustom(o), Name: o.Ref.Name}] = g
		}
	}
	return all
}

// attachment is a Gateway that a route names, with the listener; an empty section means
// all of its listeners.
type attachment struct {
	name    NamespacedName
	gateway gateway
	known   bool // the Gateway is in the input
	section string
}

// attachments returns what a route is attached to: Gateways that the input has not, and
// those that let routes of its namespace attach themselves.
func (c *Context) attachments(o *model.Object[model.Unmodelled], all map[NamespacedName]gateway) (to []attachment) {
	for _, p := range digList(o.API.Content, "spec", "parentRefs") {
		if kind := digText(p, "kind"); kind != "" && kind != "Gateway" {
			continue // a Service, say: a route of a mesh, which nobody outside gets at
		}
		at := attachment{name: NamespacedName{Namespace: digText(p, "namespace"), Name: digText(p, "name")}, section: digText(p, "sectionName")}
		if at.name.Namespace == "" {
			at.name.Namespace = namespaceOfCustom(o)
		}
		if at.gateway, at.known = all[at.name]; !at.known || c.admits(at, namespaceOfCustom(o)) {
			to = append(to, at)
		}
	}
	return to
}

// admits reports whether a listener that the route names lets routes of the namespace
// attach themselves: of the Gateway's own, where it does not say.
func (c *Context) admits(at attachment, namespace string) bool {
	for _, l := range at.listeners() {
		switch digText(l, "allowedRoutes", "namespaces", "from") {
		case "All":
			return true
		case "Selector":
			selector := &metav1.LabelSelector{MatchLabels: digMap(l, "allowedRoutes", "namespaces", "selector", "matchLabels")}
			exact := len(digList(l, "allowedRoutes", "namespaces", "selector", "matchExpressions")) == 0
			for ns := range c.cluster.Namespaces() {
				if ns.Name == namespace && (!exact || selects(selector, ns.Labels)) {
					return true
				}
			}
		case "None":
		default:
			if at.name.Namespace == namespace {
				return true
			}
		}
	}
	return false
}

// listeners returns the listeners that the attachment means.
func (at *attachment) listeners() (all []any) {
	for _, l := range digList(at.gateway.object.API.Content, "spec", "listeners") {
		if at.section == "" || at.section == digText(l, "name") {
			all = append(all, l)
		}
	}
	return all
}

// isGatewayRoute reports whether the object is a route of the Gateway API.
func isGatewayRoute(ref model.Ref) bool {
	return slices.Contains([]string{"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"}, ref.Kind)
}

// gatewayRoutes returns the routes of the Gateway API that are attached to Gateways.
func (c *Context) gatewayRoutes() (routes []route) {
	all := c.gateways()
	for _, o := range c.customs(gatewayGroup) {
		if !isGatewayRoute(o.Ref) {
			continue
		}
		to := c.attachments(o, all)
		if len(to) == 0 {
			continue
		}
		r := route{ref: o.Ref, place: o.Origin.Place, controller: to[0].gateway.controller}
		for _, at := range to {
			r.served = append(r.served, at.name.Name, at.name.String())
			if at.known {
				r.served = append(r.served, at.gateway.class)
			}
		}
		hosts := digTexts(o.API.Content, "spec", "hostnames")
		if len(hosts) == 0 {
			hosts = []string{""}
		}
		for _, b := range c.backendRefs(o) {
			for _, host := range hosts {
				r.host, r.backend = host, b
				routes = append(routes, r)
			}
		}
	}
	return routes
}

// backendRefs returns where the rules of a route lead, mirrors included. A Service in
// another namespace counts if a ReferenceGrant there allows it.
func (c *Context) backendRefs(o *model.Object[model.Unmodelled]) (all []backend) {
	from := namespaceOfCustom(o)
	add := func(ref any) {
		b := backend{namespace: digText(ref, "namespace"), service: digText(ref, "name")}
		if b.namespace == "" {
			b.namespace = from
		}
		if kind := digText(ref, "kind"); kind != "" && kind != "Service" || digText(ref, "group") != "" {
			b.other = kind + " " + b.service
		}
		if (b.namespace == from || c.granted(o.Ref.Kind, from, b)) && !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	for _, rule := range digList(o.API.Content, "spec", "rules") {
		for _, ref := range digList(rule, "backendRefs") {
			add(ref)
		}
		for _, f := range digList(rule, "filters") {
			if ref := dig(f, "requestMirror", "backendRef"); ref != nil {
				add(ref)
			}
		}
	}
	return all
}

// granted reports whether a ReferenceGrant lets routes of a namespace lead to a
// Service in another.
// https://gateway-api.sigs.k8s.io/api-types/referencegrant/
func (c *Context) granted(kind, from string, to backend) bool {
	for _, o := range c.customs(gatewayGroup) {
		if o.Ref.Kind != "ReferenceGrant" || namespaceOfCustom(o) != to.namespace {
			continue
		}
		isFrom := slices.ContainsFunc(digList(o.API.Content, "spec", "from"), func(f any) bool {
			return digText(f, "group") == gatewayGroup && digText(f, "kind") == kind && digText(f, "namespace") == from
		})
		isTo := slices.ContainsFunc(digList(o.API.Content, "spec", "to"), func(t any) bool {
			name := digText(t, "name")
			return digText(t, "kind") == "Service" && (name == "" || name == to.service)
		})
		if isFrom && isTo {
			return true
		}
	}
	return false
}
