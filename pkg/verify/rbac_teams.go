package verify

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// phrase is a bound in words.
type phrase string

func (p phrase) String() string { return string(p) }

func checkConfined(c *Context, a *Answer) {
	n := 0
	for _, t := range c.claims.Spec.Teams {
		if t.BreakGlass || t.ReadOnly || len(t.Within)+len(t.Namespaces) == 0 {
			continue
		}
		n++
		group := identity.NewGroup(t.Group)
		if len(t.Within) > 0 {
			words := make([]string, len(t.Within))
			for i, b := range t.Within {
				words[i] = b.String()
			}
			c.NeedWithin(a, group, t.Within, phrase("within "+strings.Join(words, ", ")))
		}
		if len(t.Namespaces) > 0 && !t.boundsAreInNamespaces() {
			bounds, names := make([]Bound, len(t.Namespaces)), make([]string, len(t.Namespaces))
			for i, ns := range t.Namespaces {
				bounds[i], names[i] = Bound{Role: everything, Namespace: ns.Name}, ns.Name
			}
			c.NeedWithin(a, group, bounds, phrase("in "+strings.Join(names, ", ")))
		}
	}
	if n == 0 {
		a.NotApplicable("the claims confine no team")
		return
	}
	c.noOtherGroups(a)
	a.Note("members of a team may have rights of their own, and by groups that the team is not in: those are not the team's")
	a.Proved("%s: every verb, resource and name, known or not, in every namespace, by bindings and by role assignments", count(n, "team"))
}

// noOtherGroups looks for groups of Entra that bindings give rights, and of which the
// claims say nothing.
func (c *Context) noOtherGroups(a *Answer) {
	for o := range model.All[rbacv1.ClusterRoleBinding](c.cluster) {
		c.onlyKnownGroups(a, o.Ref, o.Origin.Place, o.API.RoleRef, o.API.Subjects)
	}
	for o := range model.All[rbacv1.RoleBinding](c.cluster) {
		c.onlyKnownGroups(a, o.Ref, o.Origin.Place, o.API.RoleRef, o.API.Subjects)
	}
}

func (c *Context) onlyKnownGroups(a *Answer, binding model.Ref, at model.Place, role rbacv1.RoleRef, subjects []rbacv1.Subject) {
	for _, s := range subjects {
		if s.Kind != rbacv1.GroupKind || !identity.IsObjectID(s.Name) || c.speaksOf(s.Name) {
			continue
		}
		a.Refute(Finding{
			Object: identity.NewGroup(s.Name).String(), Place: at,
			Text: fmt.Sprintf("is no team of the claims, and %s gives it %s %s", binding, role.Kind, role.Name),
		})
	}
}

// speaksOf reports whether a group is a team of the claims, or a statement is about it.
func (c *Context) speaksOf(group string) bool {
	return slices.ContainsFunc(c.claims.Spec.Teams, func(t Team) bool { return strings.EqualFold(t.Group, group) }) ||
		slices.ContainsFunc(c.claims.Spec.Claims, func(st Statement) bool { return strings.Contains(st.String(), "group/"+group) })
}

// boundsAreInNamespaces reports whether the bounds of a team, if it has any, lie in the
// namespaces that it is confined to: then who is within these is confined.
func (t *Team) boundsAreInNamespaces() bool {
	outside := func(b Bound) bool {
		return !slices.ContainsFunc(t.Namespaces, func(n Name) bool { return n.Name == b.Namespace })
	}
	return len(t.Within) > 0 && !slices.ContainsFunc(t.Within, outside)
}

func checkReadOnly(c *Context, a *Answer) {
	n := 0
	for _, t := range c.claims.Spec.Teams {
		if !t.ReadOnly {
			continue
		}
		n++
		group := identity.NewGroup(t.Group)
		c.NeedWithin(a, group, []Bound{{Role: "view"}}, phrase("within view"))
		for _, verb := range []string{"get", "list", "watch"} {
			c.NeedCannot(a, group, Access{Verb: verb, What: "secrets", Place: t.Place})
		}
	}
	if n == 0 {
		a.NotApplicable("the claims call no team readOnly")
		return
	}
	a.Proved("%s: every request, and secrets in every namespace, by bindings and by role assignments", count(n, "team"))
}

func checkNever(c *Context, a *Answer) {
	n := 0
	for _, t := range c.claims.Spec.Teams {
		for _, access := range t.Never {
			n++
			c.NeedCannot(a, identity.NewGroup(t.Group), access)
		}
	}
	if n == 0 {
		a.NotApplicable("the claims forbid no team anything by never")
		return
	}
	a.Proved("%s: all names, and all namespaces where it names none", count(n, "request"))
}

func checkOwnClusterRole(c *Context, a *Answer) {
	first, told := map[string]held{}, map[string]bool{}
	for _, h := range c.bindings(a, func(h held) bool {
		return h.who.Kind() == identity.Group && h.Role.Kind == "ClusterRole" && !isDefaultRole(h.Role.Kind, h.Role.Name)
	}) {
		other, ok := first[h.Role.Name]
		if !ok {
			first[h.Role.Name] = h
			continue
		}
		key := h.Role.Name + " " + h.who.String()
		if other.who == h.who || told[key] {
			continue
		}
		told[key] = true
		f := h.finding(c)
		f.Object = h.Role.String()
		f.Text = fmt.Sprintf("is bound to %s by %s, and to %s by %s", other.who, other.Binding, h.who, h.Binding)
		a.Refute(f)
	}
	a.Proved("%s that are bound to groups, Kubernetes' default ones apart", count(len(first), "ClusterRole"))
}

func checkNoWildcards(c *Context, a *Answer) {
	rules := 0
	for _, h := range c.heldRules() {
		if h.Policy == nil || isDefaultRole(h.Role.Kind, h.Role.Name) || c.isBreakGlass(h.who.Name()) && h.who.Kind() == identity.Group {
			continue
		}
		rules++
		for _, field := range wildcardsOf(h.Policy) {
			f := h.finding(c)
			f.Object, f.Place = h.Role.String(), h.RulePlace
			f.Text = fmt.Sprintf("has * among its %s, and is %s's %s", field, h.who, h.where())
			if h.Open != "" || h.who.IsZero() {
				a.Open(f)
			} else {
				a.Refute(f)
			}
		}
	}
	a.Proved("%s that bindings give people and workloads, Kubernetes' default roles apart", count(rules, "rule"))
}

// wildcardsOf names the fields of a rule that have a wildcard.
func wildcardsOf(p *rbacv1.PolicyRule) (fields []string) {
	for _, f := range []struct {
		name   string
		values []string
	}{{"verbs", p.Verbs}, {"apiGroups", p.APIGroups}, {"resources", p.Resources}, {"nonResourceURLs", p.NonResourceURLs}} {
		if slices.Contains(f.values, everything) {
			fields = append(fields, f.name)
		}
	}
	return fields
}

func checkEverybody(c *Context, a *Answer) {
	bare := c.bareAuthorizer()
	for _, p := range []identity.Principal{
		identity.NewGroup(identity.AllAuthenticated), identity.NewGroup(identity.AllServiceAccounts),
		identity.NewGroup(identity.AllUnauthenticated), identity.NewUser(identity.Anonymous),
	} {
		c.withinSet(a, p, rbacsim.As(p), rightsIn(bare, rbacsim.As(p)), phrase("allowed by default"))
	}
	if aks := c.AKS(); aks != nil {
		a.Note("Azure RBAC assigns roles to nobody but principals of Microsoft Entra ID")
	}
	a.Proved("system:authenticated, system:serviceaccounts, system:unauthenticated and system:anonymous: every request")
}
