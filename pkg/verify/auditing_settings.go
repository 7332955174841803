package verify

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// The categories of the audit log: the second has no events of get and list.
// https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs
const (
	kubeAudit      = "kube-audit"
	kubeAuditAdmin = "kube-audit-admin"
)

// stream is a category of the cluster's logs on its way to a workspace.
type stream struct {
	setting   *model.Object[model.DiagnosticSetting]
	workspace string // its id
	// dedicated says that it goes to tables of its own, and not to AzureDiagnostics.
	dedicated bool
	open      string // why it may not go there; empty if it does
}

const exportDiagnostics = "diagnostic settings: az monitor diagnostic-settings list --resource CLUSTER_ID -o json"

// streams returns where the cluster's diagnostic settings send a category, those first
// that certainly do.
func (c *Context) streams(category string) (all []stream) {
	for o := range model.All[model.DiagnosticSetting](c.cluster) {
		d := o.API
		isOurs := sameID(d.TargetID, c.AKS().API.ID)
		workspace := idText(d.WorkspaceID)
		_, isOpen := d.WorkspaceID.Unresolved()
		sent, open := sends(d, category)
		if isOurs == rbacsim.Denied || sent == not3 || workspace == "" && !isOpen {
			continue
		}
		s := stream{setting: o, workspace: workspace, dedicated: strings.EqualFold(d.DestinationType.Or(""), "Dedicated"), open: open}
		_, typeOpen := d.DestinationType.Unresolved()
		switch {
		case s.open != "":
		case isOurs == rbacsim.Undecided:
			s.open = how("scope", d.TargetID)
		case workspace == "":
			s.open = how("workspaceId", d.WorkspaceID)
		case typeOpen:
			s.open = how("logAnalyticsDestinationType", d.DestinationType)
		default:
			s.open = doubt(o.Origin)
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(s, t stream) int { return len(s.open) - len(t.open) })
	return all
}

// three is what is known of a question.
type three uint8

// The answers of three.
const (
	maybe three = iota
	not3
	yes3
)

// sends reports whether a setting sends a category, and why that is not known.
func sends(d *model.DiagnosticSetting, category string) (sent three, open string) {
	logs, ok := d.Logs.Get()
	if expression, isOpen := d.Logs.Unresolved(); !ok {
		if isOpen {
			return maybe, "logs hangs on " + expression
		}
		return not3, ""
	}
	sent = not3
	for _, l := range logs {
		isAll := strings.EqualFold(l.CategoryGroup, "allLogs") || strings.EqualFold(l.CategoryGroup, "audit")
		if !isAll && !strings.EqualFold(l.Category, category) {
			continue
		}
		switch on, ok := l.Enabled.Get(); {
		case on:
			return yes3, ""
		case !ok:
			sent, open = maybe, "of the category "+category+" "+how("enabled", l.Enabled)
		}
	}
	return sent, open
}

// checkCategory is the check of a control about one category.
func checkCategory(category string) func(*Context, *Answer) {
	return func(c *Context, a *Answer) {
		all := c.streams(category)
		for _, s := range all {
			f := Finding{Object: c.clusterObject(), Place: s.setting.Origin.Place, Missing: exportDiagnostics}
			if s.open == "" {
				a.Proved("the diagnostic setting %s of %s, to the workspace %s", s.setting.API.Name.Or(""), c.clusterObject(), lastSegment(s.workspace))
				a.findings = nil
				return
			}
			f.Text = s.open
			a.Open(f)
		}
		if len(all) > 0 {
			return
		}
		f := Finding{Object: c.clusterObject(), Place: c.AKS().Origin.Place, Text: "no diagnostic setting sends " + category + " to Log Analytics"}
		for o := range model.All[model.DiagnosticSetting](c.cluster) {
			if sameID(o.API.TargetID, c.AKS().API.ID) == rbacsim.Allowed {
				f.Place = o.Origin.At("logs")
				break
			}
		}
		if category == kubeAudit && len(c.streams(kubeAuditAdmin)) > 0 {
			f.Text += ": with " + kubeAuditAdmin + " alone, reads that were forbidden are not there"
		}
		a.Refute(f)
	}
}
