package rbacsim_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// The authorizer and the algebra of proofs each read a rule by themselves, and read
// the same.
func TestRulesAreReadAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	one := func(from ...string) string { return from[r.IntN(len(from))] }
	some := func(from ...string) (list []string) {
		for range r.IntN(3) {
			list = append(list, one(from...))
		}
		return list
	}
	allowed := 0
	const rounds = 200_000
	for range rounds {
		rule := rbacv1.PolicyRule{
			Verbs: some("get", "Get", "ge*", "*", ""), APIGroups: some("", "apps", "*"),
			Resources:       some("pods", "pods/log", "*/log", "*", "pods/*", "*/*", "pods/", "*/", "/log", "", "a/b/c"),
			ResourceNames:   some("one", "", "*"),
			NonResourceURLs: some("/a", "/a*", "/a**", "/*/b", "*", "", "a"),
		}
		q := rulespace.Request{
			Verb: one("get", "Get", "*", ""), Group: one("", "apps", "*"), Resource: one("pods", "*", "", "a", "a/b", "pods/", "pods/log"),
			Subresource: one("", "", "log", "*", "b/c", "c"), Name: one("one", "", "*"),
		}
		if r.IntN(3) == 0 {
			q = rulespace.Request{NonResource: true, Verb: q.Verb, Path: one("/a", "/a/b", "/a*", "/*/b", "", "a", "/x")}
		}
		want := rulespace.Grant{Rules: []rbacv1.PolicyRule{rule}}.Allows(q)
		got := rbacsim.Covers(&rule, rbacsim.Request{
			Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource, Name: q.Name, NonResource: q.NonResource, Path: q.Path,
		})
		require.Equal(t, want, got, "%+v\n%+v", rule, q)
		if got {
			allowed++
		}
	}
	require.Greater(t, allowed, rounds/100)
}
