package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// checkDoors proves of each entry that its packets come from the door it names.
func checkDoors(c *Context, a *Answer) {
	entries := c.claims.Spec.Entry
	if len(entries) == 0 {
		a.NotApplicable("the claims name no entry")
		return
	}
	for i := range entries {
		c.checkDoor(a, &entries[i])
	}
	a.Proved("%s, and every address and workload that they let in", count(len(entries), "door"))
}

func (e *Entry) finding() Finding {
	return Finding{Object: "entry " + e.To.String(), Place: e.Place}
}

func (c *Context) checkDoor(a *Answer, e *Entry) {
	f := e.finding()
	if e.Through == ThroughIngress {
		if why, authenticated := c.asksWho(e); authenticated {
			return
		} else if why != "" {
			f.Text = why
		}
	}
	if len(e.From) == 0 {
		f.Text = strings.TrimPrefix(f.Text+"; and the entry does not say where packets come from", "; and the entry ")
		f.Missing = "claims: from of the entry"
		a.Open(f)
		return
	}
	for _, from := range e.From {
		c.checkSource(a, e, from.Endpoint, f)
	}
}

// checkSource proves that what an entry lets in is the door, or a workload that has one
// itself.
func (c *Context) checkSource(a *Answer, e *Entry, from netsim.Endpoint, f Finding) {
	block, isBlock := blockOf(from)
	switch {
	case from == netsim.Internet():
		f.Text = fmt.Sprintf("is through %s, and lets in the internet, which need not go through it", e.Through)
		a.Refute(f)
	case !isBlock:
		if !c.hasDoor(from) {
			text := fmt.Sprintf("is served by %s, which no entry says is behind a firewall, API Management or in the virtual network", from)
			if f.Text != "" {
				text += "; " + f.Text
			}
			f.Text = text
			a.Refute(f)
		}
	case e.Through == ThroughWAF:
		c.checkWAFSource(a, e, block, f)
	case e.Through == ThroughAPIM:
		c.checkAPIMSource(a, block, f)
	case e.Through == ThroughInternal:
		if !isPrivate(block) {
			f.Text = fmt.Sprintf("is internal, and lets in %s, which is no private address", block)
			a.Refute(f)
		}
	default:
		f.Text = fmt.Sprintf("is through ingress, and lets in %s: which controller that is, and what is in front of it, the claims do not say", block)
		f.Missing = "claims: from of the entry names the controller's workload, and that has an entry of its own"
		a.Open(f)
	}
}

// hasDoor reports whether an entry leads from outside the cluster to the pods of an end.
func (c *Context) hasDoor(of netsim.Endpoint) bool {
	some := false
	for p := range c.cluster.Pods() {
		if c.stands(of, p) {
			if some = true; !c.entersPod(p) {
				return false
			}
		}
	}
	return some
}

// isPrivate reports whether nobody on the internet has an address of the block.
func isPrivate(block netip.Prefix) bool {
	for _, text := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10"} {
		if inside(block, netip.MustParsePrefix(text)) {
			return true
		}
	}
	return false
}

func inside(block, of netip.Prefix) bool {
	return of.Bits() <= block.Bits() && of.Contains(block.Addr())
}

// checkWAFSource proves that the block is the subnet of an Application Gateway. What
// Front Door sends comes by Private Link, or from addresses that are not its customer's
// alone.
func (c *Context) checkWAFSource(a *Answer, e *Entry, block netip.Prefix, f Finding) {
	var subnets []string
	var own []netip.Prefix
	for o := range model.All[model.ApplicationGateway](c.cluster) {
		if expression, ok := o.API.SubnetIDs.Unresolved(); ok {
			subnets = append(subnets, expression)
		}
		for _, id := range o.API.SubnetIDs.Or(nil) {
			subnets = append(subnets, id)
			own = append(own, c.subnet(id)...)
		}
	}
	isOwn := slices.ContainsFunc(own, func(p netip.Prefix) bool { return inside(block, p) })
	fronts := slices.Collect(model.All[model.FrontDoor](c.cluster))
	switch {
	case isOwn:
	case len(fronts) > 0 && c.byPrivateLink(e):
		a.Note("%s is reached by Private Link; that it is Front Door that does is for its owner to approve", e.To)
	case len(fronts) > 0:
		f.Text = fmt.Sprintf("is through a firewall, and whether %s is Front Door's, and of this one only, the input does not tell", block)
		a.Open(f)
	case len(subnets) == 0:
		f.Text = "is through a firewall, and the input has neither an Application Gateway nor a Front Door"
		f.Missing = "gateways: az network application-gateway list -o json"
		a.Open(f)
	case len(own) == 0:
		f.Text = "is through a firewall, and the input has no addresses of the subnet of its Application Gateway"
		f.Missing = "virtual networks: az network vnet list -o json"
		a.Open(f)
	default:
		f.Text = fmt.Sprintf("is through a firewall, and lets in %s, which is not in the subnet of an Application Gateway: %s", block, prefixesText(own))
		a.Refute(f)
	}
}

func prefixesText(all []netip.Prefix) string {
	var texts []string
	for _, p := range all {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, ", ")
}

// privateLinkService is the annotation that puts a Private Link service in front of a
// Service.
// https://learn.microsoft.com/azure/aks/private-link-service
const privateLinkService = "service.beta.kubernetes.io/azure-pls-create"

// byPrivateLink reports whether all Services of type LoadBalancer that lead to an entry
// are behind a Private Link service only.
func (c *Context) byPrivateLink(e *Entry) bool {
	some := false
	for s := range model.All[corev1.Service](c.cluster) {
		if s.API.Spec.Type != corev1.ServiceTypeLoadBalancer || !c.leadsTo(s, e) {
			continue
		}
		some = true
		if s.API.Annotations[privateLinkService] != "true" || !isInternal(s.API) {
			return false
		}
	}
	return some
}

// leadsTo reports whether a Service leads to pods that an entry is for.
func (c *Context) leadsTo(s *model.Object[corev1.Service], e *Entry) bool {
	if e.To.Endpoint == netsim.Service(s.Ref.Namespace, s.Ref.Name) {
		return true
	}
	for p := range c.cluster.Pods() {
		if p.Namespace == s.Ref.Namespace && selectsPod(s.API, p) && c.stands(e.To.Endpoint, p) {
			return true
		}
	}
	return false
}

// subnet returns the blocks of a subnet of the input.
func (c *Context) subnet(id string) (blocks []netip.Prefix) {
	for o := range model.All[model.VirtualNetwork](c.cluster) {
		for _, s := range o.API.Subnets {
			if !strings.EqualFold(s.ID.Or(""), id) {
				continue
			}
			for _, text := range s.AddressPrefixes.Or(nil) {
				if p, err := netip.ParsePrefix(text); err == nil {
					blocks = append(blocks, p)
				}
			}
		}
	}
	return blocks
}

// checkAPIMSource proves that the block is API Management's: its subnet or addresses.
func (c *Context) checkAPIMSource(a *Answer, block netip.Prefix, f Finding) {
	var own []netip.Prefix
	some := false
	for o := range model.All[model.APIManagement](c.cluster) {
		some = true
		own = append(own, c.subnet(o.API.SubnetID.Or(""))...)
		for _, text := range slices.Concat(o.API.PrivateIPs.Or(nil), o.API.PublicIPs.Or(nil)) {
			if addr, err := netip.ParseAddr(text); err == nil {
				own = append(own, netip.PrefixFrom(addr, addr.BitLen()))
			}
		}
	}
	switch {
	case slices.ContainsFunc(own, func(p netip.Prefix) bool { return inside(block, p) }):
	case !some:
		f.Text, f.Missing = "is through API Management, of which the input has none", "API Management: az apim list -o json"
		a.Open(f)
	case len(own) == 0:
		f.Text, f.Missing = "is through API Management, whose addresses the input does not have", "virtual networks: az network vnet list -o json"
		a.Open(f)
	default:
		f.Text = fmt.Sprintf("is through API Management, and lets in %s, which is not its own: %s", block, prefixesText(own))
		a.Refute(f)
	}
}

// The annotations by which ingress-nginx asks who is there: for a certificate of the
// client, or by a request to a login service.
// https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
const (
	tlsSecretAnnotation = "nginx.ingress.kubernetes.io/auth-tls-secret"
	tlsVerifyAnnotation = "nginx.ingress.kubernetes.io/auth-tls-verify-client"
	authURLAnnotation   = "nginx.ingress.kubernetes.io/auth-url"
)

// asksWho reports whether every Ingress that leads to an entry lets in only whom it
// knows; if not, it says why, where one looks as if it did.
func (c *Context) asksWho(e *Entry) (why string, ok bool) {
	some := false
	for _, r := range c.ingressRoutes() {
		pods, _ := c.podsBehind(r.backend.namespace, r.backend.service)
		if !slices.ContainsFunc(pods, func(p *model.Pod) bool { return c.stands(e.To.Endpoint, p) }) {
			continue
		}
		some = true
		o, _ := model.Get[networkingv1.Ingress](c.cluster, r.ref.Namespace, r.ref.Name)
		if why, ok := authenticates(o.API, r.controller); !ok {
			return why, false
		}
	}
	return "", some
}

// authenticates reports whether an Ingress lets in only whom the controller knows.
func authenticates(o *networkingv1.Ingress, controller string) (why string, ok bool) {
	if !isNGINX(controller) {
		return "", false
	}
	if o.Annotations[authURLAnnotation] != "" {
		return "", true
	}
	verify, set := o.Annotations[tlsVerifyAnnotation]
	switch {
	case o.Annotations[tlsSecretAnnotation] == "" && set:
		return fmt.Sprintf("Ingress %s/%s has %s without %s, which does nothing", o.Namespace, o.Name, tlsVerifyAnnotation, tlsSecretAnnotation), false
	case o.Annotations[tlsSecretAnnotation] == "":
		return "", false
	case set && verify != "on":
		return fmt.Sprintf("Ingress %s/%s lets in who has no certificate: %s is %q", o.Namespace, o.Name, tlsVerifyAnnotation, verify), false
	}
	return "", true
}
