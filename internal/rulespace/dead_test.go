package rulespace_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

func TestDead(t *testing.T) {
	rule := func(change func(*rbacv1.PolicyRule)) rbacv1.PolicyRule {
		r := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}
		change(&r)
		return r
	}
	for _, c := range []struct {
		name      string
		namespace string
		rule      rbacv1.PolicyRule
		want      []string
	}{
		{"alive", "app", rule(func(*rbacv1.PolicyRule) {}), nil},
		{"no verbs", "", rule(func(r *rbacv1.PolicyRule) { r.Verbs = nil }), []string{"rules[0]: it has no verbs"}},
		{"no groups", "", rule(func(r *rbacv1.PolicyRule) { r.APIGroups = nil }), []string{`rules[0]: it has no apiGroups: the core group is ""`}},
		{"no resources", "", rule(func(r *rbacv1.PolicyRule) { r.Resources = nil }), []string{"rules[0]: it has no resources"}},
		{"stars", "", rule(func(r *rbacv1.PolicyRule) {
			r.Verbs, r.APIGroups, r.Resources = []string{"*", "ge*"}, []string{"*", "*.io"}, []string{"*", "*/log", "pods/*", "*/*", "po*"}
		}), []string{
			`rules[0].verbs[1] "ge*": a star is literal within a verb`,
			`rules[0].apiGroups[1] "*.io": a star is literal within a group`,
			`rules[0].resources[2] "pods/*": it is the subresource that is called *, not all subresources: list them`,
			`rules[0].resources[3] "*/*": it is the subresource that is called *, not all subresources: write *`,
			`rules[0].resources[4] "po*": a star is literal within a resource`,
		}},
		{"only pods/*", "", rule(func(r *rbacv1.PolicyRule) { r.Resources = []string{"pods/*"} }),
			[]string{"rules[0]: none of its resources can match: it is the subresource that is called *, not all subresources: list them"}},
		{"spelling", "", rule(func(r *rbacv1.PolicyRule) {
			r.Verbs, r.APIGroups = []string{"get", "GET"}, []string{"", "core", "apps/v1", "Apps"}
			r.Resources = []string{"pods", "Pods", "a/b/c", "pods/", ""}
		}), []string{
			`rules[0].verbs[1] "GET": verbs of requests are lower case`,
			`rules[0].apiGroups[1] "core": the core group is written ""`,
			`rules[0].apiGroups[2] "apps/v1": groups are written without version`,
			`rules[0].apiGroups[3] "Apps": groups are lower case`,
			`rules[0].resources[1] "Pods": resources are lower case`,
			`rules[0].resources[2] "a/b/c": no subresource has a slash`,
			`rules[0].resources[3] "pods/": it names no resource`,
			`rules[0].resources[4] "": it names no resource`,
		}},
		{"names", "", rule(func(r *rbacv1.PolicyRule) {
			r.Verbs, r.ResourceNames = []string{"get", "create", "deletecollection"}, []string{"a", "*"}
		}), []string{
			`rules[0].verbs[2] "deletecollection": no request to delete a collection carries a name`,
			`rules[0].resourceNames[1] "*": a star is literal in resourceNames: leave them out for any name`,
		}},
		{"names with the nameless", "", rule(func(r *rbacv1.PolicyRule) {
			r.Verbs, r.ResourceNames = []string{"deletecollection"}, []string{"a", ""}
		}), nil},
		{"names of impersonation", "", rule(func(r *rbacv1.PolicyRule) {
			r.Verbs, r.ResourceNames = []string{"impersonate:user-info"}, []string{"*"}
		}), nil},
		{"URLs", "", rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"*", "/a*", "/a/*/b", "healthz", ""}}, []string{
			`rules[0].nonResourceURLs[2] "/a/*/b": a star is literal unless at the end`,
			`rules[0].nonResourceURLs[3] "healthz": paths of requests begin with /`,
			`rules[0].nonResourceURLs[4] "": paths of requests begin with /`,
		}},
		{"URLs by RoleBinding", "app", rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"/a"}},
			[]string{"rules[0]: URLs are not in a namespace: only a ClusterRoleBinding grants them"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, d := range rulespace.Dead(rulespace.Grant{Namespace: c.namespace, Rules: []rbacv1.PolicyRule{c.rule}}) {
				got = append(got, d.String()+": "+d.Why)
			}
			assert.Equal(t, c.want, got)
		})
	}
}
