package verify

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
)

// route is one way from a door in the cluster to a Service: of an Ingress, or of a
// route of the Gateway API.
type route struct {
	ref   model.Ref
	place model.Place
	// served are the names of what serves it, any of which the claims may use: the
	// ingress class, or the Gateway and its class.
	served     []string
	controller string // of the class; empty if that is not in the input
	host       string // empty: every host
	backend    backend
}

// backend is a Service, or something that is not followed.
type backend struct {
	namespace, service string
	other              string // what it is instead
}

// String returns where the route starts and leads to.
func (r *route) String() string {
	host := r.host
	if host == "" {
		host = "every host"
	}
	return "leads " + host + " to Service " + r.backend.namespace + "/" + r.backend.service
}

// The classes by which a controller of Azure serves Ingresses: it programs an
// Application Gateway, which is itself the door.
// https://learn.microsoft.com/azure/application-gateway/ingress-controller-overview
func isApplicationGateway(controller string) bool {
	switch controller {
	case "azure/application-gateway", "alb.networking.azure.io/alb-controller":
		return true
	}
	return false
}

// isNGINX reports whether a controller is one of those that read the annotations of
// ingress-nginx: it, or the add-on of AKS.
// https://learn.microsoft.com/azure/aks/app-routing
func isNGINX(controller string) bool {
	return controller == "k8s.io/ingress-nginx" || strings.HasPrefix(controller, "webapprouting.kubernetes.azure.com/nginx")
}

const oldIngressClass = "kubernetes.io/ingress.class"

// classOf returns the class of an Ingress and its controller, as far as the input
// tells.
func (c *Context) classOf(o *model.Object[networkingv1.Ingress]) (class, controller string) {
	class = o.API.Annotations[oldIngressClass] // it comes first
	switch {
	case class == "azure/application-gateway":
		return class, class
	case class == "" && o.API.Spec.IngressClassName != nil:
		class = *o.API.Spec.IngressClassName
	case class == "":
		for k := range model.All[networkingv1.IngressClass](c.cluster) {
			if k.API.Annotations[networkingv1.AnnotationIsDefaultIngressClass] == "true" {
				class = k.Ref.Name
				break
			}
		}
	}
	if k, ok := model.Get[networkingv1.IngressClass](c.cluster, "", class); ok {
		return class, k.API.Spec.Controller
	}
	switch { // those that Azure's controllers bring along
	case class == "azure-application-gateway":
		controller = "azure/application-gateway"
	case strings.HasPrefix(class, "webapprouting.kubernetes.azure.com"):
		controller = "webapprouting.kubernetes.azure.com/nginx"
	case class == "nginx":
		controller = "k8s.io/ingress-nginx"
	}
	return class, controller
}

// ingressRoutes returns the routes of all Ingresses, as written.
func (c *Context) ingressRoutes() (routes []route) {
	for o := range model.All[networkingv1.Ingress](c.cluster) {
		class, controller := c.classOf(o)
		add := func(path, host string, b *networkingv1.IngressBackend) {
			r := route{ref: o.Ref, place: o.Origin.At(path), served: []string{class}, controller: controller, host: host}
			if r.backend.namespace = o.Ref.Namespace; b.Service != nil {
				r.backend.service = b.Service.Name
			} else if b.Resource != nil {
				r.backend.other = b.Resource.Kind + " " + b.Resource.Name
			}
			routes = append(routes, r)
		}
		if b := o.API.Spec.DefaultBackend; b != nil {
			add("spec.defaultBackend", "", b)
		}
		for i, rule := range o.API.Spec.Rules {
			if rule.HTTP == nil {
				continue
			}
			for j := range rule.HTTP.Paths {
				add(fmt.Sprintf("spec.rules[%d].http.paths[%d]", i, j), rule.Host, &rule.HTTP.Paths[j].Backend)
			}
		}
	}
	return routes
}

// otherRouters are kinds of custom resources that open ways from outside and are not
// followed.
func isOtherRouter(ref model.Ref) bool {
	kinds := map[string][]string{
		"traefik.io":               {"IngressRoute", "IngressRouteTCP", "IngressRouteUDP"},
		"traefik.containo.us":      {"IngressRoute", "IngressRouteTCP", "IngressRouteUDP"},
		"networking.istio.io":      {"Gateway", "VirtualService"},
		"projectcontour.io":        {"HTTPProxy"},
		"k8s.nginx.org":            {"VirtualServer", "VirtualServerRoute", "TransportServer"},
		"getambassador.io":         {"Mapping", "TCPMapping"},
		"configuration.konghq.com": {"TCPIngress", "UDPIngress"},
		"route.openshift.io":       {"Route"},
	}
	return slices.Contains(kinds[ref.Group], ref.Kind)
}
