package verify

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

const systemPrefix = "system:"

// aadAdminBinding binds the groups of a cluster's adminGroupObjectIDs to cluster-admin.
const aadAdminBinding = "aks-cluster-admin-binding-aad"

// isOwn reports whether a principal is the control plane's or AKS's own: one whose name
// nobody else may have, or a ServiceAccount of AKS's namespaces. Those called default are
// nobody's: every pod that names no other runs as one.
func isOwn(p identity.Principal) bool {
	if p.Kind() == identity.ServiceAccount {
		return isSystemNamespace(p.Namespace()) && p.Name() != defaultAccount
	}
	return strings.HasPrefix(p.Name(), systemPrefix)
}

// isOwnSubject also knows the users of AKS's own bindings: the local accounts, which
// the cluster's configuration turns off, and its support.
func isOwnSubject(p identity.Principal, g rbacsim.Grant) bool {
	switch g.Binding.Name {
	case "aks-cluster-admin-binding":
		return p == identity.NewUser("clusterAdmin") || p == identity.NewUser("clusterUser") || isOwn(p)
	case "aks-service-rolebinding":
		return p == identity.NewUser("aks-support") || isOwn(p)
	}
	return isOwn(p)
}

// isEntraGroup reports whether a principal is a group called by an object id.
func isEntraGroup(p identity.Principal) bool {
	return p.Kind() == identity.Group && identity.IsObjectID(p.Name())
}

// isDefaultRole reports whether a role is one that Kubernetes makes.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
func isDefaultRole(kind, name string) bool {
	switch name {
	case "cluster-admin", "admin", "edit", "view":
		return kind == "ClusterRole"
	}
	return strings.HasPrefix(name, systemPrefix)
}

// held is a rule that a binding gives a principal which is nobody's own.
type held struct {
	rbacsim.Access
	who identity.Principal
}

// heldRules returns the rules that bindings give others than the control plane and AKS,
// by principal. A principal that is nobody in particular is among them.
func (c *Context) heldRules() (all []held) {
	for p := range c.Authorizer().Principals() {
		if isOwn(p) && p.Kind() != identity.ServiceAccount {
			continue
		}
		for r := range c.Authorizer().Rights(rbacsim.As(p)).All() {
			h := held{r, p}
			if r.To == p && (!isOwnSubject(p, r.Grant) || p.Kind() == identity.ServiceAccount && h.isAdmin() && !c.isAddOns(r.Grant)) {
				all = append(all, h)
			}
		}
	}
	return all
}

// isAddOns reports whether a binding is one that Kubernetes makes, or bears a label of
// AKS's add-ons: whoever else makes a ServiceAccount of AKS's namespaces an admin gives
// it to all who may run pods there.
func (c *Context) isAddOns(g rbacsim.Grant) bool {
	var labels map[string]string
	if o, ok := model.Get[rbacv1.ClusterRoleBinding](c.cluster, "", g.Binding.Name); ok && o.Ref == g.Binding {
		labels = o.API.Labels
	} else if o, ok := model.Get[rbacv1.RoleBinding](c.cluster, g.Binding.Namespace, g.Binding.Name); ok && o.Ref == g.Binding {
		labels = o.API.Labels
	}
	for _, label := range []string{"addonmanager.kubernetes.io/mode", "kubernetes.io/cluster-service", "kubernetes.azure.com/managedby"} {
		if labels[label] != "" {
			return true
		}
	}
	return g.BindingAssumed
}

// isEverything reports whether a rule allows every request for resources.
func isEverything(p *rbacv1.PolicyRule) bool {
	return p != nil && len(p.ResourceNames) == 0 && slices.Contains(p.Verbs, everything) &&
		slices.Contains(p.APIGroups, everything) && slices.Contains(p.Resources, everything)
}

// isAdmin reports whether a rule comes with an admin's role, or is one.
func (h held) isAdmin() bool {
	return h.Role.Kind == "ClusterRole" && (h.Role.Name == "cluster-admin" || h.Role.Name == "admin") || isEverything(h.Policy)
}

// finding starts a finding about the rule.
func (h held) finding(c *Context) Finding {
	f := Finding{Object: h.who.String(), Place: h.BindingPlace, Grounds: strings.Split("by "+h.Grant.String(), "\n")}
	if h.Policy != nil {
		f.Replay = c.replayRule(h)
	}
	return f
}

// replayRule asks for a request that the rule allows; nil if there is none that has
// words.
func (c *Context) replayRule(h held) []string {
	p := h.Policy
	switch {
	case len(p.Verbs) == 0:
		return nil
	case len(p.NonResourceURLs) > 0:
		return append([]string{"can-i"}, Access{Verb: p.Verbs[0], What: urlOf(p.NonResourceURLs[0])}.Args(h.who)...)
	case len(p.Resources) == 0 || len(p.APIGroups) == 0:
		return nil
	}
	r := rbacsim.Request{Verb: p.Verbs[0], Group: p.APIGroups[0], Namespace: h.Namespace}
	if r.Resource, r.Subresource, _ = strings.Cut(p.Resources[0], "/"); (r.Group == everything) != (r.Resource == everything) {
		r = c.anInstance(r)
	}
	if len(p.ResourceNames) > 0 {
		r.Name = p.ResourceNames[0]
	}
	return append([]string{"can-i"}, accessOf(r, Access{}).Args(h.who)...)
}

// anInstance puts a resource that is known in the place of a wildcard in group or
// resource alone.
func (c *Context) anInstance(r rbacsim.Request) rbacsim.Request {
	for res := range c.Authorizer().Resources().All() {
		if !res.Check && (r.Group == everything || r.Group == res.Group) && (r.Resource == everything || r.Resource == res.Name) {
			r.Group, r.Resource = res.Group, res.Name
			return r
		}
	}
	return r
}

func urlOf(pattern string) string {
	if pattern == everything {
		return "/"
	}
	return strings.TrimSuffix(pattern, everything)
}

// where says where a rule counts, for people.
func (h held) where() string {
	if h.Namespace == "" {
		return "in the whole cluster"
	}
	return "in namespace " + h.Namespace
}

// bindings returns one rule of each binding to each principal, of those that a test is
// true of.
func (c *Context) bindings(a *Answer, of func(held) bool) (all []held) {
	type key struct {
		who     identity.Principal
		binding string
	}
	seen := map[key]bool{}
	for _, h := range c.heldRules() {
		k := key{h.who, h.Binding.String()}
		if seen[k] || !of(h) {
			continue
		}
		seen[k] = true
		if h.Open != "" || h.Policy == nil || h.who.IsZero() {
			f := h.finding(c)
			f.Object = h.Binding.String()
			f.Text = strings.TrimSuffix("who or what it binds is not settled: "+h.Open, ": ")
			a.Open(f)
			continue
		}
		all = append(all, h)
	}
	return all
}

// overBindings says that all bindings were looked at.
func (c *Context) overBindings(a *Answer) {
	principals, rules := 0, 0
	var last identity.Principal
	for _, h := range c.heldRules() {
		if rules == 0 || h.who != last {
			principals++
		}
		rules, last = rules+1, h.who
	}
	a.Proved("%s with %s by bindings, the control plane's and AKS's own apart", count(principals, "principal"), count(rules, "rule"))
}

// isBreakGlass reports whether a group is that of a team for emergencies.
func (c *Context) isBreakGlass(group string) bool {
	return slices.ContainsFunc(c.claims.Spec.Teams, func(t Team) bool { return t.BreakGlass && strings.EqualFold(t.Group, group) })
}
