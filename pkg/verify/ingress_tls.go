package verify

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
)

// checkTLS proves of every host of every door that it is served by TLS only.
func checkTLS(c *Context, a *Answer) {
	hosts := 0
	for o := range model.All[networkingv1.Ingress](c.cluster) {
		hosts += c.checkIngressTLS(a, o)
	}
	hosts += c.checkGatewayTLS(a)
	for o := range model.All[model.ApplicationGateway](c.cluster) {
		for _, l := range o.API.Listeners {
			hosts++
			c.checkListener(a, o, l)
		}
	}
	if hosts == 0 {
		a.NotApplicable("the input has no Ingress, no Gateway and no Application Gateway that serves a host")
		return
	}
	a.Proved("%s of Ingresses, Gateways and Application Gateways", count(hosts, "host"))
}

// The annotations by which controllers serve an Ingress without TLS, or with it though
// it has no section tls.
const (
	sslRedirectAnnotation   = "nginx.ingress.kubernetes.io/ssl-redirect"
	forceRedirectAnnotation = "nginx.ingress.kubernetes.io/force-ssl-redirect"
	gatewayCertAnnotation   = "appgw.ingress.kubernetes.io/appgw-ssl-certificate"
	traefikTLSAnnotation    = "traefik.ingress.kubernetes.io/router.tls"
)

// checkIngressTLS returns how many hosts it has looked at.
func (c *Context) checkIngressTLS(a *Answer, o *model.Object[networkingv1.Ingress]) (hosts int) {
	_, controller := c.classOf(o)
	f := Finding{Object: o.Ref.String(), Place: o.Origin.Place}
	secured := controller == "traefik.io/ingress-controller" && o.API.Annotations[traefikTLSAnnotation] == "true" ||
		isApplicationGateway(controller) && o.API.Annotations[gatewayCertAnnotation] != ""
	need := func(host, what, path string) {
		hosts++
		if !secured && !slices.ContainsFunc(o.API.Spec.TLS, func(t networkingv1.IngressTLS) bool { return coversTLS(t, host) }) {
			f.Text, f.Place = what+" is served without TLS: no entry of spec.tls covers it", o.Origin.At(path)
			a.Refute(f)
		}
	}
	if o.API.Spec.DefaultBackend != nil {
		need("", "the default backend", "spec.defaultBackend")
	}
	for i, r := range o.API.Spec.Rules {
		what := "host " + r.Host
		if r.Host == "" {
			what = "every host"
		}
		need(r.Host, what, fmt.Sprintf("spec.rules[%d]", i))
	}
	if isNGINX(controller) && o.API.Annotations[sslRedirectAnnotation] == "false" && o.API.Annotations[forceRedirectAnnotation] != "true" {
		f.Text, f.Place = "is served without TLS, too: "+sslRedirectAnnotation+" is false", o.Origin.Place
		a.Refute(f)
	}
	return hosts
}

// coversTLS reports whether a section of spec.tls is about the host. One without hosts
// is about all of them.
func coversTLS(t networkingv1.IngressTLS, host string) bool {
	return len(t.Hosts) == 0 || slices.ContainsFunc(t.Hosts, func(h string) bool { return coversHost(h, host) })
}

// checkGatewayTLS looks at the listeners to which routes are attached. Routes that only
// redirect to https may be at a plain one.
func (c *Context) checkGatewayTLS(a *Answer) (hosts int) {
	all := c.gateways()
	for _, o := range c.customs(gatewayGroup) {
		if !isGatewayRoute(o.Ref) || onlyRedirects(o) {
			continue
		}
		for _, at := range c.attachments(o, all) {
			hosts += max(1, len(digTexts(o.API.Content, "spec", "hostnames")))
			f := Finding{Object: o.Ref.String(), Place: o.Origin.Place}
			if !at.known {
				f.Text, f.Missing = "is attached to Gateway "+at.name.String()+", which is not in the input", "Gateways: kubectl get gateways -A -o yaml"
				a.Open(f)
				continue
			}
			for _, l := range at.listeners() {
				switch protocol := digText(l, "protocol"); protocol {
				case "HTTPS", "TLS":
				case "HTTP", "TCP", "UDP":
					f.Text = fmt.Sprintf("is served without TLS, by listener %s of %s: its protocol is %s", digText(l, "name"), at.gateway.object.Ref, protocol)
					a.Refute(f)
				default:
					f.Text = fmt.Sprintf("is served by listener %s of %s, whose protocol %q is not known", digText(l, "name"), at.gateway.object.Ref, protocol)
					a.Open(f)
				}
			}
		}
	}
	return hosts
}

// onlyRedirects reports whether a route does nothing but redirect to https.
func onlyRedirects(o *model.Object[model.Unmodelled]) bool {
	rules := digList(o.API.Content, "spec", "rules")
	return len(rules) > 0 && !slices.ContainsFunc(rules, func(rule any) bool {
		toTLS := slices.ContainsFunc(digList(rule, "filters"), func(f any) bool { return digText(f, "requestRedirect", "scheme") == "https" })
		return !toTLS || len(digList(rule, "backendRefs")) > 0
	})
}

// checkListener looks at a listener of an Application Gateway.
func (c *Context) checkListener(a *Answer, o *model.Object[model.ApplicationGateway], l model.GatewayListener) {
	f := Finding{Object: "ApplicationGateway " + o.API.Name.Or(o.Ref.Name), Place: o.Origin.Place}
	protocol, known := l.Protocol.Get()
	redirects, isKnown := l.Redirects.Get()
	switch {
	case !known:
		c.openProperty(a, f, "the protocol of listener "+l.Name, l.Protocol, "")
	case strings.EqualFold(protocol, "Https") || strings.EqualFold(protocol, "Tls") || redirects:
	case !isKnown:
		c.openProperty(a, f, "whether listener "+l.Name+", without TLS, only redirects", l.Redirects, "")
	default:
		f.Text = "listener " + l.Name + " takes requests without TLS, and does not only redirect them"
		a.Refute(f)
	}
}
