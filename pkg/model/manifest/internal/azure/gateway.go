package azure

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

func applicationGateway(s *sheet) *model.ApplicationGateway {
	g := &model.ApplicationGateway{
		Resource: s.resource(), PolicyID: s.str("firewallPolicy", "id"),
		WAFEnabled: s.boolean("webApplicationFirewallConfiguration", "enabled"), WAFMode: s.str("webApplicationFirewallConfiguration", "firewallMode"),
		SubnetIDs: gather(s.view, "gatewayIPConfigurations", func(v *view) model.Property[string] { return v.str("subnet", "id") }),
		Listeners: listed(s.view, gatewayListener, "httpListeners"),
		Backends:  backends(s),
	}
	// In the REST API and templates the sku of a gateway is a property.
	if sku := s.skuView(); sku != nil {
		g.Tier = sku.str("tier")
	}
	front := objects(s.view, func(v *view) pair { return pair{v.str("publicIPAddress", "id"), v.str("privateIPAddress")} }, "frontendIPConfigurations")
	g.PublicIPs, g.PrivateIPs = column(front, 0), column(front, 1)
	g.PathPolicyIDs = gatherAll(s.view, "urlPathMaps", func(v *view) model.Property[[]string] {
		return gather(v, "pathRules", func(r *view) model.Property[string] { return r.str("firewallPolicy", "id") })
	})
	redirects(s, g.Listeners)
	g.ListenerPolicyIDs = known(g.Listeners, func(l model.GatewayListener) model.Property[string] { return l.PolicyID })
	return g
}

// redirects says of each listener whether it only redirects.
func redirects(s *sheet, listeners []model.GatewayListener) {
	rules := objects(s.view, func(v *view) pair { return pair{v.str("httpListener", "id"), v.str("redirectConfiguration", "id")} }, "requestRoutingRules")
	expression, open := rules.Unresolved()
	if !open && !rules.IsKnown() {
		return // not known
	}
	for i := range listeners {
		l := &listeners[i]
		l.Redirects = model.Known(false)
		if open {
			l.Redirects = model.Unresolved[bool](expression)
		}
		some, all := false, true
		for _, r := range rules.Or(nil) {
			if e, ok := r[0].Unresolved(); ok {
				l.Redirects = model.Unresolved[bool](e)
			}
			if strings.HasSuffix(strings.ToLower(r[0].Or("")), "/httplisteners/"+strings.ToLower(l.Name)) {
				some, all = true, all && r[1].Or("") != ""
			}
		}
		if some && all && l.Redirects.IsKnown() {
			l.Redirects = model.Known(true)
		}
	}
}

func gatewayListener(v *view) model.GatewayListener {
	return model.GatewayListener{
		Name: v.str("name").Or(""), Protocol: v.str("protocol"), PolicyID: v.str("firewallPolicy", "id"),
		Hosts: firstOf(nonEmpty(v.strs("hostNames")), mapped(v.str("hostName"), func(s string) []string { return []string{s} })),
	}
}

func backends(s *sheet) model.Property[[]string] {
	return gatherAll(s.view, "backendAddressPools", func(v *view) model.Property[[]string] {
		return gather(v, "backendAddresses", func(a *view) model.Property[string] { return firstOf(a.str("fqdn"), a.str("ipAddress")) })
	})
}

func gatewayFirewall(s *sheet) *model.WAFPolicy { return firewall(s, false) }

func frontDoorFirewall(s *sheet) *model.WAFPolicy { return firewall(s, true) }

func firewall(s *sheet, frontDoor bool) *model.WAFPolicy {
	p := &model.WAFPolicy{Resource: s.resource(), FrontDoor: frontDoor}
	if v := s.child("policySettings"); v != nil {
		state := firstOf(v.str("state"), v.str("enabledState"))
		p.Enabled = mapped(state, func(s string) bool { return equal(s, "Enabled") })
		p.Mode = v.str("mode")
	}
	if v := s.child("managedRules"); v != nil {
		p.RuleSets = objects(v, func(set *view) string { return set.plain("ruleSetType") + " " + set.plain("ruleSetVersion") }, "managedRuleSets")
	}
	return p
}

func frontDoor(s *sheet) *model.FrontDoor {
	d := &model.FrontDoor{Resource: s.resource()}
	if sku := s.skuView(); sku != nil {
		d.SKU = sku.str("name")
	}
	return d
}

// classicFrontDoor is one that has everything in itself.
func classicFrontDoor(s *sheet) *model.FrontDoor {
	d := &model.FrontDoor{Resource: s.resource()}
	front := objects(s.view, func(v *view) pair { return pair{v.str("hostName"), v.str("webApplicationFirewallPolicyLink", "id")} }, "frontendEndpoints")
	d.Endpoints, d.PolicyIDs = column(front, 0), column(front, 1)
	d.Origins = gatherAll(s.view, "backendPools", func(v *view) model.Property[[]string] {
		return gather(v, "backends", func(b *view) model.Property[string] { return b.str("address") })
	})
	return d
}

// The parts of a profile that are resources of their own.

func frontDoorEndpoint(s *sheet) *model.FrontDoor {
	host := single(s.str("hostName"))
	return s.frontDoorPart(parentOf, model.FrontDoor{Endpoints: host})
}

func frontDoorOrigin(s *sheet) *model.FrontDoor {
	host := single(s.str("hostName"))
	return s.frontDoorPart(func(id string) string { return parentOf(parentOf(id)) }, model.FrontDoor{Origins: host})
}

func frontDoorSecurity(s *sheet) *model.FrontDoor {
	var policy model.Property[[]string]
	if p := s.child("parameters"); p != nil {
		policy = single(p.str("wafPolicy", "id"))
	}
	return s.frontDoorPart(parentOf, model.FrontDoor{PolicyIDs: policy})
}

func (s *sheet) frontDoorPart(profile func(id string) string, part model.FrontDoor) *model.FrontDoor {
	of := s.ofID(profile)
	partOf(s, of, func(d *model.FrontDoor) {
		d.Endpoints, d.Origins, d.PolicyIDs = concat(d.Endpoints, part.Endpoints), concat(d.Origins, part.Origins), concat(d.PolicyIDs, part.PolicyIDs)
	})
	part.Resource, part.SKU = s.wholeOf(of, "Microsoft.Cdn/profiles"), notThere[string]("the profile")
	return &part
}

func apiManagement(s *sheet) *model.APIManagement {
	m := &model.APIManagement{
		Resource: s.resource(), NetworkType: s.str("virtualNetworkType"), PublicNetwork: s.str("publicNetworkAccess"), GatewayURL: s.str("gatewayUrl"),
		SubnetID: s.str("virtualNetworkConfiguration", "subnetResourceId"), PublicIPs: firstOf(s.strs("publicIPAddresses"), single(s.str("publicIpAddressId"))),
		PrivateIPs: s.strs("privateIPAddresses"), Identity: s.identities(),
	}
	if sku := s.skuView(); sku != nil {
		m.SKU = sku.str("name")
	}
	return m
}
