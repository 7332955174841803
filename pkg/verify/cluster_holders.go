package verify

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// checkWays looks for who can turn on again what is off, or get in by what is on.
func checkWays(c *Context, a *Answer) {
	c.deployed(a)
	aks := c.AKS()
	cluster, err := azure.ParseScope(aks.API.ID.Or(""))
	if err != nil {
		a.Open(Finding{Object: c.clusterObject(), Place: aks.Origin.Place, Text: how("id", aks.API.ID), Missing: exportCluster})
		return
	}
	if c.onlyTemplateAssignments() {
		a.Open(Finding{
			Object: "role assignments", Text: "those of the input are what a template adds; which others there are, it does not say",
			Missing: "role assignments: az role assignment list --all --include-inherited -o json",
		})
	}
	w := waysFound{found: map[string]int{}}
	for e := range azure.Escalations() {
		if !c.isWay(e) {
			continue
		}
		w.ways++
		w.add(c, a, e, cluster)
		for _, ns := range c.scopesBelow(e) {
			w.add(c, a, e, ns)
		}
	}
	a.Proved("all principals of the role assignments, %s", count(w.ways, "way"))
}

// scopesBelow are the namespaces of the cluster, where a right to assign roles gives its
// holder the namespace.
func (c *Context) scopesBelow(e azure.Escalation) (all []azure.Scope) {
	if e.Action != azure.RoleAssignmentsWrite {
		return nil
	}
	for ns := range c.cluster.Namespaces() {
		if s, err := azure.ParseScope(c.AKS().API.ID.Or("") + "/namespaces/" + ns.Name); err == nil {
			all = append(all, s)
		}
	}
	return all
}

// waysFound are the findings about ways, one for each holder.
type waysFound struct {
	ways  int
	found map[string]int // index of the finding by its object
}

// add looks for the holders of a way at a scope.
func (w *waysFound) add(c *Context, a *Answer, e azure.Escalation, at azure.Scope) {
	for h := range c.Azure().Holders(azure.Request{Action: e.Action, Scope: at}).All() {
		if c.isAdmin(h.Subject()) || isMemberOnly(h) {
			continue
		}
		f := holding(e, h, at.String())
		i, isKnown := w.found[f.Object]
		also := "also " + e.Action + ", which " + e.Why
		switch {
		case isKnown && f.Outcome <= a.findings[i].Outcome:
			if g := &a.findings[i].Grounds; f.Text != a.findings[i].Text && !slices.Contains(*g, also) {
				*g = append(*g, also)
			}
		case isKnown:
			a.findings[i] = f
		default:
			w.found[f.Object] = len(a.findings)
			a.findings = append(a.findings, f)
		}
	}
}

// isWay reports whether a way round leads into the cluster past its authorization, and
// no setting closes it.
func (c *Context) isWay(e azure.Escalation) bool {
	aks := c.AKS().API
	switch e.Name {
	case "local admin":
		return !aks.DisableLocal.Or(false)
	case "run command":
		return !aks.APIServer.DisableRunCommand.Or(false)
	case "cluster settings", "trusted access", "role assignment":
		return true
	}
	return false
}

// isMemberOnly reports whether somebody holds it by groups alone, which are holders, too.
func isMemberOnly(h azure.Holder) bool {
	for g := range h.Grants() {
		if len(g.Through) == 0 {
			return false
		}
	}
	return true
}

// isAdmin reports whether the claims name somebody an admin of the cluster: by a group
// for emergencies, or one within cluster-admin.
func (c *Context) isAdmin(s azure.Subject) bool {
	for _, t := range c.claims.Spec.Teams {
		isFor := t.BreakGlass || slices.ContainsFunc(t.Within, func(b Bound) bool {
			return (b.Role == "cluster-admin" || b.Role == "*") && !b.Local && b.Namespace == ""
		})
		is := func(id string) bool { return strings.EqualFold(id, t.Group) }
		if isFor && (is(s.ObjectID) || slices.ContainsFunc(s.Groups, is)) {
			return true
		}
	}
	return false
}

// holding is the finding about somebody who can take a way round.
func holding(e azure.Escalation, h azure.Holder, cluster string) Finding {
	f := Finding{Outcome: Refuted, Object: "somebody", Text: "may take " + e.Action + ": it " + e.Why}
	if h.Principal.ObjectID != "" {
		who := h.Principal.Principal().String()
		f.Object = who
		if name := h.Principal.Name; name != "" && !strings.HasSuffix(who, "/"+name) {
			f.Object += " (" + name + ")"
		}
		f.Replay = []string{"can-i", e.Action, "--scope", cluster, "--as", who}
	}
	for g := range h.Grants() {
		if f.Place.IsZero() {
			f.Place = g.Place
		}
		f.Grounds = append(f.Grounds, strings.Split(g.String(), "\n")...)
	}
	if h.Decision == rbacsim.Allowed {
		return f
	}
	f.Outcome = Undecided
	f.Text = "perhaps " + f.Text
	f.Missing = "role assignments: what the grounds leave open"
	return f
}

// onlyTemplateAssignments reports whether all role assignments are a template's.
func (c *Context) onlyTemplateAssignments() bool {
	for o := range model.All[model.RoleAssignment](c.cluster) {
		if !o.API.Template {
			return false
		}
	}
	return true
}
