package rbacsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// naive is the slow and obvious reading of RBAC: lists, and a loop over all of them
// for every question. It knows objects that are understood in full, and nothing
// undecided.
type naive struct {
	clusterRoles        map[string][]rbacv1.PolicyRule
	roles               map[[2]string][]rbacv1.PolicyRule // by namespace and name
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
	roleBindings        []*rbacv1.RoleBinding
}

func newNaive(t testing.TB, c *model.Cluster) *naive {
	t.Helper()
	var clusterRoles []*rbacv1.ClusterRole
	n := &naive{clusterRoles: map[string][]rbacv1.PolicyRule{}, roles: map[[2]string][]rbacv1.PolicyRule{}}
	labelled := false
	note := func(labels map[string]string) {
		labelled = labelled || labels["kubernetes.io/bootstrapping"] == "rbac-defaults"
	}
	for o := range model.All[rbacv1.ClusterRole](c) {
		clusterRoles = append(clusterRoles, o.API)
		note(o.API.Labels)
	}
	for o := range model.All[rbacv1.Role](c) {
		n.roles[[2]string{o.Ref.Namespace, o.Ref.Name}] = o.API.Rules
		note(o.API.Labels)
	}
	for o := range model.All[rbacv1.ClusterRoleBinding](c) {
		n.clusterRoleBindings = append(n.clusterRoleBindings, o.API)
		note(o.API.Labels)
	}
	for o := range model.All[rbacv1.RoleBinding](c) {
		n.roleBindings = append(n.roleBindings, o.API)
		note(o.API.Labels)
	}
	n.addDefaults(!labelled, &clusterRoles)
	n.aggregate(t, clusterRoles)
	return n
}

// addDefaults adds the default objects that are not there: all of them, or the roles
// that bindings name, and what those aggregate that are added.
func (n *naive) addDefaults(all bool, clusterRoles *[]*rbacv1.ClusterRole) {
	defaultClusterRoles, defaultRoles, clusterRoleBindings, roleBindings := rbacsim.Defaults()
	wanted := map[string]bool{}
	for _, b := range n.clusterRoleBindings {
		wanted[b.RoleRef.Kind+"/"+b.RoleRef.Name] = true
	}
	for _, b := range n.roleBindings {
		wanted[b.RoleRef.Kind+"/"+b.RoleRef.Name] = true
		wanted["Role/"+b.Namespace+"/"+b.RoleRef.Name] = b.RoleRef.Kind == "Role"
	}
	given := func(name string) bool {
		return slices.ContainsFunc(*clusterRoles, func(has *rbacv1.ClusterRole) bool { return has.Name == name })
	}
	for range 3 { // admin aggregates edit, and that view
		for _, r := range defaultClusterRoles {
			if r.AggregationRule == nil || !wanted["ClusterRole/"+r.Name] || given(r.Name) {
				continue
			}
			for key := range r.AggregationRule.ClusterRoleSelectors[0].MatchLabels {
				for _, part := range defaultClusterRoles {
					if part.Labels[key] == "true" {
						wanted["ClusterRole/"+part.Name] = true
					}
				}
			}
		}
	}
	for _, r := range defaultClusterRoles {
		if !given(r.Name) && (all || wanted["ClusterRole/"+r.Name]) {
			*clusterRoles = append(*clusterRoles, r)
		}
	}
	for _, r := range defaultRoles {
		key := [2]string{r.Namespace, r.Name}
		if _, given := n.roles[key]; !given && (all || wanted["Role/"+r.Namespace+"/"+r.Name]) {
			n.roles[key] = r.Rules
		}
	}
	if !all {
		return
	}
	for _, b := range clusterRoleBindings {
		if !slices.ContainsFunc(n.clusterRoleBindings, func(has *rbacv1.ClusterRoleBinding) bool { return has.Name == b.Name }) {
			n.clusterRoleBindings = append(n.clusterRoleBindings, b)
		}
	}
	for _, b := range roleBindings {
		if !slices.ContainsFunc(n.roleBindings, func(has *rbacv1.RoleBinding) bool { return has.Namespace == b.Namespace && has.Name == b.Name }) {
			n.roleBindings = append(n.roleBindings, b)
		}
	}
}

// aggregate does what the controller does, for all roles over and over until
// nothing changes.
func (n *naive) aggregate(t testing.TB, roles []*rbacv1.ClusterRole) {
	t.Helper()
	slices.SortFunc(roles, func(a, b *rbacv1.ClusterRole) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range roles {
		n.clusterRoles[r.Name] = r.Rules
	}
	same := func(a, b rbacv1.PolicyRule) bool { return fmt.Sprint(a.String()) == fmt.Sprint(b.String()) }
	for range len(roles) + 1 {
		changed := false
		for _, r := range roles {
			if r.AggregationRule == nil {
				continue
			}
			var rules []rbacv1.PolicyRule
			for _, s := range r.AggregationRule.ClusterRoleSelectors {
				selector, err := metav1.LabelSelectorAsSelector(&s)
				require.NoError(t, err)
				for _, source := range roles {
					if source == r || !selector.Matches(labels.Set(source.Labels)) {
						continue
					}
					for _, rule := range n.clusterRoles[source.Name] {
						if !slices.ContainsFunc(rules, func(has rbacv1.PolicyRule) bool { return same(has, rule) }) {
							rules = append(rules, rule)
						}
					}
				}
			}
			if len(rules) > 0 && !slices.EqualFunc(rules, n.clusterRoles[r.Name], same) {
				n.clusterRoles[r.Name] = rules
				changed = true
			}
		}
		if !changed {
			return
		}
	}
}

func (n *naive) allows(s rbacsim.Subject, r rbacsim.Request) bool {
	if slices.Contains(s.Groups, "system:masters") {
		return true
	}
	for _, b := range n.clusterRoleBindings {
		if naiveApplies(b.Subjects, "", s) && naiveAny(n.rulesOf(b.RoleRef, ""), r) {
			return true
		}
	}
	if r.NonResource || r.Namespace == "" {
		return false
	}
	for _, b := range n.roleBindings {
		if b.Namespace == r.Namespace && naiveApplies(b.Subjects, b.Namespace, s) && naiveAny(n.rulesOf(b.RoleRef, b.Namespace), r) {
			return true
		}
	}
	return false
}

func (n *naive) rulesOf(ref rbacv1.RoleRef, namespace string) []rbacv1.PolicyRule {
	switch ref.Kind {
	case "ClusterRole":
		return n.clusterRoles[ref.Name]
	case "Role":
		return n.roles[[2]string{namespace, ref.Name}]
	}
	return nil
}

func naiveApplies(subjects []rbacv1.Subject, namespace string, s rbacsim.Subject) bool {
	for _, subject := range subjects {
		switch subject.Kind {
		case "User":
			if subject.Name == s.User {
				return true
			}
		case "Group":
			if slices.Contains(s.Groups, subject.Name) {
				return true
			}
		case "ServiceAccount":
			ns := subject.Namespace
			if ns == "" {
				ns = namespace
			}
			if ns != "" && s.User == "system:serviceaccount:"+ns+":"+subject.Name {
				return true
			}
		}
	}
	return false
}

func naiveAny(rules []rbacv1.PolicyRule, r rbacsim.Request) bool {
	for _, rule := range rules {
		if naiveRule(rule, r) {
			return true
		}
	}
	return false
}

func naiveRule(rule rbacv1.PolicyRule, r rbacsim.Request) bool {
	oneOf := slices.ContainsFunc[[]string]
	if !oneOf(rule.Verbs, func(v string) bool { return v == "*" || v == r.Verb }) {
		return false
	}
	if r.NonResource {
		return oneOf(rule.NonResourceURLs, func(url string) bool {
			if url == "*" || url == r.Path {
				return true
			}
			prefix := url
			for strings.HasSuffix(prefix, "*") {
				prefix = prefix[:len(prefix)-1]
			}
			return prefix != url && len(r.Path) >= len(prefix) && r.Path[:len(prefix)] == prefix
		})
	}
	full := r.Resource
	if r.Subresource != "" {
		full = r.Resource + "/" + r.Subresource
	}
	return oneOf(rule.APIGroups, func(g string) bool { return g == "*" || g == r.Group }) &&
		oneOf(rule.Resources, func(res string) bool {
			return res == "*" || res == full || r.Subresource != "" && res == "*/"+r.Subresource
		}) &&
		(len(rule.ResourceNames) == 0 || oneOf(rule.ResourceNames, func(name string) bool { return name == r.Name }))
}

// holders returns everyone who is named in a binding that grants the request,
// sorted.
func (n *naive) holders(r rbacsim.Request) []string {
	found := map[string]bool{}
	add := func(subjects []rbacv1.Subject, namespace string) {
		for _, s := range subjects {
			switch s.Kind {
			case "User":
				found[identity.NewUser(s.Name).String()] = true
			case "Group":
				found[identity.NewGroup(s.Name).String()] = true
			case "ServiceAccount":
				if s.Namespace != "" {
					found[identity.NewServiceAccount(s.Namespace, s.Name).String()] = true
				} else if namespace != "" {
					found[identity.NewServiceAccount(namespace, s.Name).String()] = true
				}
			}
		}
	}
	for _, b := range n.clusterRoleBindings {
		if naiveAny(n.rulesOf(b.RoleRef, ""), r) {
			add(b.Subjects, "")
		}
	}
	for _, b := range n.roleBindings {
		if !r.NonResource && r.Namespace != "" && b.Namespace == r.Namespace && naiveAny(n.rulesOf(b.RoleRef, b.Namespace), r) {
			add(b.Subjects, b.Namespace)
		}
	}
	var names []string
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// roleRules returns every role with its rules as text, each list sorted.
func (n *naive) roleRules() map[string][]string {
	all := map[string][]string{}
	add := func(name string, rules []rbacv1.PolicyRule) {
		all[name] = []string{}
		for _, r := range rules {
			all[name] = append(all[name], r.String())
		}
		slices.Sort(all[name])
	}
	for name, rules := range n.clusterRoles {
		add(name, rules)
	}
	for key, rules := range n.roles {
		add(key[0]+"/"+key[1], rules)
	}
	return all
}

// bindingLines returns every binding as text, sorted.
func (n *naive) bindingLines() []string {
	var lines []string
	for _, b := range n.clusterRoleBindings {
		lines = append(lines, fmt.Sprint(b.Name, b.RoleRef, b.Subjects))
	}
	for _, b := range n.roleBindings {
		lines = append(lines, fmt.Sprint(b.Namespace, b.Name, b.RoleRef, b.Subjects))
	}
	slices.Sort(lines)
	return lines
}
