package verify

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// checkFirewalls proves that every gateway of the input has a firewall that blocks, and
// for each listener and path.
func checkFirewalls(c *Context, a *Answer) {
	gateways, fronts := 0, 0
	for o := range model.All[model.ApplicationGateway](c.cluster) {
		gateways++
		c.checkGateway(a, o)
	}
	for o := range model.All[model.FrontDoor](c.cluster) {
		fronts++
		c.checkFrontDoor(a, o)
	}
	if gateways+fronts > 0 {
		a.Proved("%s and %s, with all their listeners", count(gateways, "Application Gateway"), count(fronts, "Front Door"))
		return
	}
	if c.claims.Kind == "" {
		a.Open(Finding{Object: "claims", Text: "the input has neither an Application Gateway nor a Front Door, and no claims say that there is one", Missing: "gateways: az network application-gateway list -o json"})
	}
	for i := range c.claims.Spec.Entry {
		if e := &c.claims.Spec.Entry[i]; e.Through == ThroughWAF {
			f := e.finding()
			f.Text = "is through a firewall, and the input has neither an Application Gateway nor a Front Door"
			f.Missing = "gateways: az network application-gateway list -o json"
			a.Open(f)
		}
	}
	a.NotApplicable("the input has neither an Application Gateway nor a Front Door, and the claims name no such door")
}

// doubts leaves open what a template may not deploy, or deploys otherwise.
func (a *Answer) doubts(f Finding, o model.Origin) {
	for _, g := range o.Gaps {
		f.Text, f.Place = g.What, g.Place
		a.Open(f)
	}
}

func (c *Context) checkGateway(a *Answer, o *model.Object[model.ApplicationGateway]) {
	g := o.API
	f := Finding{Object: "ApplicationGateway " + g.Name.Or(o.Ref.Name), Place: o.Origin.Place}
	a.doubts(f, o.Origin)
	tier, known := g.Tier.Get()
	switch {
	case !known:
		c.openProperty(a, f, "sku.tier", g.Tier, "az network application-gateway show -o json")
	case !strings.EqualFold(tier, "WAF_v2") && !strings.EqualFold(tier, "WAF"):
		f.Text = "is of tier " + tier + ", which has no firewall"
		a.Refute(f)
		return
	}
	own := 0
	for _, l := range g.Listeners {
		switch id, isKnown := l.PolicyID.Get(); {
		case isKnown && id != "":
			own++
			c.checkPolicy(a, f, id, "listener "+l.Name)
		case isUnresolved(l.PolicyID):
			c.openProperty(a, f, "the firewall policy of listener "+l.Name, l.PolicyID, "")
		}
	}
	for _, id := range g.PathPolicyIDs.Or(nil) {
		c.checkPolicy(a, f, id, "a path")
	}
	if isUnresolved(g.PathPolicyIDs) {
		c.openProperty(a, f, "the firewall policies of paths", g.PathPolicyIDs, "")
	}
	if own == len(g.Listeners) && own > 0 {
		return // what the gateway has itself counts for nobody
	}
	id := g.PolicyID.Or("")
	switch {
	case isUnresolved(g.PolicyID):
		c.openProperty(a, f, "firewallPolicy.id", g.PolicyID, "")
	case id != "":
		c.checkPolicy(a, f, id, "")
	default:
		c.checkOwnFirewall(a, f, o)
	}
}

// checkOwnFirewall looks at the configuration that a gateway has without a policy.
func (c *Context) checkOwnFirewall(a *Answer, f Finding, o *model.Object[model.ApplicationGateway]) {
	g := o.API
	mode := g.WAFMode.Or("")
	switch {
	case isUnresolved(g.WAFEnabled):
		c.openProperty(a, f, "webApplicationFirewallConfiguration.enabled", g.WAFEnabled, "")
	case isUnresolved(g.WAFMode):
		c.openProperty(a, f, "webApplicationFirewallConfiguration.firewallMode", g.WAFMode, "")
	case !g.WAFEnabled.IsKnown():
		f.Text = "has neither a firewall policy nor a configuration of the firewall"
		a.Refute(f)
	case !g.WAFEnabled.Or(false):
		f.Text = "has its firewall switched off"
		a.Refute(f)
	case !strings.EqualFold(mode, "Prevention"):
		f.Text = "has its firewall in mode " + orNone(mode) + ", which only logs"
		a.Refute(f)
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// checkPolicy proves that a firewall policy blocks, for what part of a gateway it is.
func (c *Context) checkPolicy(a *Answer, f Finding, id, part string) {
	if part != "" {
		part += " has "
	} else {
		part = "has "
	}
	o, ok := model.Get[model.WAFPolicy](c.cluster, "", strings.ToLower(id))
	if !ok {
		f.Text = part + "firewall policy " + lastOf(id) + ", which is not in the input"
		f.Missing = "firewall policies: az network application-gateway waf-policy list -o json, or az network front-door waf-policy list -o json"
		a.Open(f)
		return
	}
	part += "firewall policy " + o.API.Name.Or(lastOf(id)) + ", which "
	f.Place = o.Origin.Place
	a.doubts(f, o.Origin)
	enabled, isKnown := o.API.Enabled.Get()
	mode, hasMode := o.API.Mode.Get()
	sets, hasSets := o.API.RuleSets.Get()
	switch {
	case isKnown && !enabled:
		f.Text = part + "is disabled"
		a.Refute(f)
	case hasMode && !strings.EqualFold(mode, "Prevention"):
		f.Text = part + "is in mode " + mode + ": it only logs"
		a.Refute(f)
	case hasSets && len(sets) == 0 && !o.API.FrontDoor:
		f.Text = part + "has no managed rules"
		a.Refute(f)
	case !isKnown:
		c.openProperty(a, f, part+"does not tell whether it is enabled: policySettings", o.API.Enabled, "")
	case !hasMode:
		c.openProperty(a, f, part+"does not tell its mode: policySettings.mode", o.API.Mode, "")
	}
}

func (c *Context) checkFrontDoor(a *Answer, o *model.Object[model.FrontDoor]) {
	f := Finding{Object: "FrontDoor " + o.API.Name.Or(o.Ref.Name), Place: o.Origin.Place}
	a.doubts(f, o.Origin)
	ids, known := o.API.PolicyIDs.Get()
	switch {
	case !known:
		c.openProperty(a, f, "its security policies", o.API.PolicyIDs, "az afd security-policy list -g GROUP --profile-name NAME -o json")
	case len(ids) == 0:
		f.Text = "has no firewall policy"
		a.Refute(f)
	default:
		a.Note("which domains and paths of %s its security policies cover is not read", f.Object)
	}
	for _, id := range ids {
		c.checkPolicy(a, f, id, "")
	}
}

// lastOf returns the last segment of a resource id.
func lastOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func isUnresolved[T any](p model.Property[T]) bool {
	_, ok := p.Unresolved()
	return ok
}

// openProperty leaves open what hangs on a property without a value.
func (c *Context) openProperty(a *Answer, f Finding, name string, p interface {
	Unresolved() (string, bool)
}, how string) {
	f.Text = name + " is not in the input"
	if expression, ok := p.Unresolved(); ok {
		f.Text = name + " hangs on " + expression
	}
	if how != "" {
		f.Missing = name + ": " + how
	}
	a.Open(f)
}
