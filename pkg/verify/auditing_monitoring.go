package verify

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

const exportRules = "data collection rules: az monitor data-collection rule list -o json, and az monitor data-collection rule association list --resource CLUSTER_ID -o json"

// checkMonitoring holds if one of two ways to watch the cluster is complete.
// https://learn.microsoft.com/azure/azure-monitor/containers/kubernetes-monitoring-enable
func checkMonitoring(c *Context, a *Answer) {
	c.deployed(a)
	insights := c.insights()
	if insights == "" {
		a.Proved("Container insights of %s", c.clusterObject())
		return
	}
	prometheus := c.prometheus()
	if prometheus == "" {
		a.Proved("managed Prometheus of %s", c.clusterObject())
		return
	}
	aks := c.AKS()
	f := Finding{Object: c.clusterObject(), Place: aks.Origin.At("azureMonitorProfile"), Text: insights + ", and " + prometheus}
	isOn := aks.API.AddOns["omsagent"].Enabled.Or(false) || aks.API.ContainerInsights.Or(false) || aks.API.MetricsEnabled.Or(false)
	switch {
	case c.monitoringIsOpen():
		f.Missing = exportCluster
		a.Open(f)
	case isOn && !c.hasRules():
		f.Missing = exportRules
		a.Open(f)
	default:
		a.Refute(f)
	}
}

// hasRules reports whether the input has associations, and the rule of each that is the
// cluster's.
func (c *Context) hasRules() bool {
	some := false
	for o := range model.All[model.DataCollectionRuleAssociation](c.cluster) {
		some = true
		if sameID(o.API.TargetID, c.AKS().API.ID) == rbacsim.Denied || o.API.RuleID.IsAbsent() || o.API.RuleID.IsNull() {
			continue // of another, or of an endpoint
		}
		isThere := false
		for r := range model.All[model.DataCollectionRule](c.cluster) {
			isThere = isThere || sameID(r.API.ID, o.API.RuleID) == rbacsim.Allowed
		}
		if !isThere {
			return false
		}
	}
	return some
}

func (c *Context) monitoringIsOpen() bool {
	aks := c.AKS().API
	for _, p := range []model.Property[bool]{aks.AddOns["omsagent"].Enabled, aks.ContainerInsights, aks.MetricsEnabled} {
		if _, isOpen := p.Unresolved(); isOpen {
			return true
		}
	}
	_, isOpen := aks.AddOns["omsagent"].Config["useaadauth"].Unresolved()
	return isOpen
}

// insights says what Container insights lack; empty if they lack nothing.
func (c *Context) insights() string {
	aks := c.AKS().API
	addOn := aks.AddOns["omsagent"]
	if !addOn.Enabled.Or(false) && !aks.ContainerInsights.Or(false) {
		return how("addonProfiles.omsagent.enabled", addOn.Enabled)
	}
	auth := addOn.Config["useaadauth"]
	_, isOpen := auth.Unresolved()
	if !aks.ContainerInsights.Or(false) && !isOpen && !strings.EqualFold(auth.Or("false"), "true") {
		if idText(addOn.Config["loganalyticsworkspaceresourceid"]) == "" {
			return how("addonProfiles.omsagent.config.logAnalyticsWorkspaceResourceID", addOn.Config["loganalyticsworkspaceresourceid"])
		}
		return "" // by the workspace's key
	}
	return c.ruled("Container insights", func(r *model.DataCollectionRule) bool {
		return slices.ContainsFunc(r.Streams.Or(nil), func(s string) bool {
			return strings.HasPrefix(s, "Microsoft-ContainerInsights-") || strings.HasPrefix(s, "Microsoft-ContainerLog")
		}) &&
			len(r.Workspaces.Or(nil)) > 0
	})
}

// prometheus says what managed Prometheus lacks; empty if it lacks nothing.
func (c *Context) prometheus() string {
	if p := c.AKS().API.MetricsEnabled; !p.Or(false) {
		return how("azureMonitorProfile.metrics.enabled", p)
	}
	return c.ruled("managed Prometheus", func(r *model.DataCollectionRule) bool {
		return slices.Contains(r.Streams.Or(nil), "Microsoft-PrometheusMetrics") && len(r.MonitorAccs.Or(nil)) > 0
	})
}

// ruled says that no data collection rule of a kind is associated with the cluster;
// empty if one is.
func (c *Context) ruled(what string, is func(*model.DataCollectionRule) bool) string {
	for o := range model.All[model.DataCollectionRuleAssociation](c.cluster) {
		if sameID(o.API.TargetID, c.AKS().API.ID) != rbacsim.Allowed || doubt(o.Origin) != "" {
			continue
		}
		for r := range model.All[model.DataCollectionRule](c.cluster) {
			if sameID(r.API.ID, o.API.RuleID) == rbacsim.Allowed && is(r.API) && doubt(r.Origin) == "" {
				return ""
			}
		}
	}
	return "no data collection rule with the stream of " + what + " is associated with the cluster"
}
