package verify

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

func evidenceActivityAlerts() Evidence {
	return Evidence{"activity log alerts", "az monitor activity-log alert list -o json", absentUnless[model.ActivityLogAlert]("activity log alert")}
}

// operation is what an activity log alert has to catch, and where.
type operation struct {
	name string
	at   string // resource id, or that of a subscription
	what string // the same for people
}

// operations lists what leads into the cluster, or hides that, from Azure.
func (c *Context) operations() (all []operation) {
	id := idText(c.AKS().API.ID)
	subscription, _, _ := cutFold(id, "/resourceGroups/")
	all = []operation{
		{"Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action", id, "the cluster"},
		{"Microsoft.ContainerService/managedClusters/runCommand/action", id, "the cluster"},
		{"Microsoft.ContainerService/managedClusters/write", id, "the cluster"},
		{azure.RoleAssignmentsWrite, subscription, "the cluster's subscription"},
		{"Microsoft.Insights/diagnosticSettings/delete", id, "the cluster"},
	}
	for o := range model.All[model.UserAssignedIdentity](c.cluster) {
		all = append(all, operation{
			"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", idText(o.API.ID),
			"the managed identity " + o.API.Name.Or(lastSegment(o.Ref.Name)),
		})
	}
	for o := range model.All[model.KeyVault](c.cluster) {
		all = append(all, operation{azure.AccessPoliciesWrite, idText(o.API.ID), "the vault " + o.API.Name.Or(lastSegment(o.Ref.Name))})
	}
	return all
}

func checkActivityAlerts(c *Context, a *Answer) {
	all := c.operations()
	reported := map[string]bool{}
	for _, op := range all {
		by, why, isOpen := c.activityAlert(op)
		if by || reported[op.name] {
			continue
		}
		reported[op.name] = true
		f := Finding{Object: op.name, Place: c.AKS().Origin.Place, Text: "no activity log alert catches it at " + op.what, Grounds: why}
		if isOpen {
			f.Text, f.Missing = "whether an activity log alert catches it at "+op.what+" is not known", "activity log alerts: az monitor activity-log alert list -o json"
			a.Open(f)
			continue
		}
		a.Refute(f)
	}
	a.Proved("%s", count(len(all), "operation and place"))
}

// activityAlert reports whether an alert catches an operation; if none does, why not of
// those that name it, and whether that is not known.
func (c *Context) activityAlert(op operation) (by bool, why []string, isOpen bool) {
	for o := range model.All[model.ActivityLogAlert](c.cluster) {
		meets, text := meetsAll(o.API.Conditions, op)
		if meets == not3 {
			if text != "" {
				why = append(why, activityName(o)+": "+text)
			}
			continue
		}
		state, reason := activityState(o, op)
		switch {
		case state == not3:
			text = reason
		case state == yes3 && meets == yes3:
			return true, nil, false
		default:
			isOpen = true
			if text == "" {
				text = reason
			}
		}
		why = append(why, activityName(o)+": "+text)
	}
	return false, why, isOpen
}

func activityName(o *model.Object[model.ActivityLogAlert]) string {
	return "alert " + o.API.Name.Or(lastSegment(o.Ref.Name))
}

// activityState reports whether an alert is on, holds the place and tells anybody.
func activityState(o *model.Object[model.ActivityLogAlert], op operation) (three, string) {
	alert := o.API
	on, ok := alert.Enabled.Get()
	_, isOpen := alert.Enabled.Unresolved()
	scopes, hasScopes := alert.Scopes.Get()
	groups, hasGroups := alert.ActionGroupIDs.Get()
	_, groupsOpen := alert.ActionGroupIDs.Unresolved()
	holds := rbacsim.Denied
	for _, id := range scopes {
		switch covers(id, op.at) {
		case rbacsim.Allowed:
			holds = rbacsim.Allowed
		case rbacsim.Undecided:
			if holds == rbacsim.Denied {
				holds = rbacsim.Undecided
			}
		default:
		}
	}
	switch {
	case ok && !on:
		return not3, "is not enabled"
	case !ok && !isOpen && !alert.Template: // a template's is on by default
		return maybe, how("enabled", alert.Enabled)
	case hasGroups && len(groups) == 0, !hasGroups && !groupsOpen:
		return not3, "has no action group: nobody is told"
	case hasScopes && holds == rbacsim.Denied:
		return not3, "its scopes do not hold " + op.what
	case isOpen:
		return maybe, how("enabled", alert.Enabled)
	case !hasScopes, holds == rbacsim.Undecided:
		return maybe, "whether its scopes hold " + op.what + " is not known"
	case groupsOpen:
		return maybe, how("actionGroups", alert.ActionGroupIDs)
	case doubt(o.Origin) != "":
		return maybe, doubt(o.Origin)
	}
	return yes3, ""
}

// meetsAll reports whether an event of an operation, done by anybody, meets all
// conditions; and why not, of an alert that names the operation.
func meetsAll(conditions model.Property[[]model.ActivityCondition], op operation) (all three, text string) {
	cs, ok := conditions.Get()
	if !ok {
		return maybe, how("condition", conditions)
	}
	all = yes3
	isNamed := false
	for _, cond := range cs {
		meets, why := meetsOne(cond, op)
		isNamed = isNamed || cond.Field != "" && strings.EqualFold(cond.Field, "operationName") && meets == yes3
		switch {
		case meets == not3 && all != not3:
			all, text = not3, why
		case meets == maybe && all == yes3:
			all, text = maybe, why
		}
	}
	if all == not3 && !isNamed {
		text = ""
	}
	return all, text
}

// meetsOne is about one condition.
// https://learn.microsoft.com/azure/azure-monitor/essentials/activity-log-schema
func meetsOne(cond model.ActivityCondition, op operation) (three, string) {
	if len(cond.AnyOf) > 0 {
		best, text := not3, ""
		for _, one := range cond.AnyOf {
			meets, why := meetsOne(one, op)
			if meets == yes3 {
				return yes3, ""
			}
			if meets == maybe || text == "" {
				text = why
			}
			if meets == maybe {
				best = maybe
			}
		}
		return best, text
	}
	values := slices.Clone(cond.Contains)
	is := func(v, want string) bool { return strings.Contains(strings.ToLower(want), strings.ToLower(v)) }
	if equals, ok := cond.Equals.Get(); ok {
		values, is = []string{equals}, strings.EqualFold
	} else if len(values) == 0 {
		return maybe, how(cond.Field, cond.Equals)
	}
	meets := func(wants ...string) (three, string) {
		for _, v := range values {
			if slices.ContainsFunc(wants, func(want string) bool { return is(v, want) }) {
				return yes3, ""
			}
		}
		return not3, "wants " + cond.Field + " " + list(values)
	}
	switch provider, _, _ := strings.Cut(op.name, "/"); strings.ToLower(cond.Field) {
	case "category":
		return meets("Administrative")
	case "operationname":
		return meets(op.name)
	case "resourceprovider":
		return meets(provider)
	case "level":
		return meets("Informational")
	case "status":
		return meets("Started", "Succeeded")
	case "resourceid":
		return meets(op.at)
	case "resourcegroup":
		if _, group, ok := cutFold(op.at, "/resourceGroups/"); ok {
			group, _, _ = strings.Cut(group, "/")
			return meets(group)
		}
	case "caller":
		return not3, "is about one caller: " + list(values)
	}
	return maybe, "what its condition on " + cond.Field + " leaves is not modelled"
}
