package rulespace_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

var lists = flag.Int("lists", 600, "random lists of rules per test")

// source of the random rules: small alphabets, so that rules meet.
type source struct{ *rand.Rand }

func (s source) pick(most int, from ...string) []string {
	var out []string
	for range s.IntN(most + 1) {
		out = append(out, from[s.IntN(len(from))])
	}
	return out
}

func (s source) rule() rbacv1.PolicyRule {
	if s.IntN(6) == 0 {
		return rbacv1.PolicyRule{
			Verbs:           s.pick(2, "get", "put", "*"),
			NonResourceURLs: s.pick(3, "*", "/a", "/a*", "/a/*", "/a/b", "/b**", "/b", "/*/c", "a*"),
		}
	}
	rule := rbacv1.PolicyRule{
		Verbs:     s.pick(3, "get", "list", "*"),
		APIGroups: s.pick(2, "", "apps", "*"),
		Resources: s.pick(3, "pods", "pods/log", "*/log", "*", "deployments", "pods/*", "*/*", "*/b/c", "a/b/c", "pods/", "*/"),
	}
	if s.IntN(3) == 0 {
		rule.ResourceNames = s.pick(2, "one", "two", "", "*")
	}
	if s.IntN(40) == 0 {
		rule.NonResourceURLs = s.pick(2, "/a", "*")
	}
	return rule
}

func (s source) access() rulespace.Access {
	var a rulespace.Access
	for range s.IntN(4) {
		g := rulespace.Grant{Namespace: []string{"", "", "app", "data"}[s.IntN(4)]}
		for range s.IntN(4) {
			g.Rules = append(g.Rules, s.rule())
		}
		a = append(a, g)
	}
	return a
}

// each runs the check on random pairs and reports the smallest that fails it.
func each(t *testing.T, n int, check func(a, b rulespace.Access) string) {
	t.Helper()
	for seed := range n {
		s := source{rand.New(rand.NewPCG(uint64(seed), 7))}
		a, b := s.access(), s.access()
		if check(a, b) == "" {
			continue
		}
		for {
			x, y, smaller := shrink(a, b, check)
			if !smaller {
				break
			}
			a, b = x, y
		}
		require.Failf(t, "seed", "%d: %s\na = %+v\nb = %+v", seed, check(a, b), a, b)
	}
}

func shrink(a, b rulespace.Access, check func(a, b rulespace.Access) string) (x, y rulespace.Access, smaller bool) {
	for _, s := range smallerOnes(a) {
		if check(s, b) != "" {
			return s, b, true
		}
	}
	for _, s := range smallerOnes(b) {
		if check(a, s) != "" {
			return a, s, true
		}
	}
	return a, b, false
}

// smallerOnes yields the access without one grant, rule, or value.
func smallerOnes(a rulespace.Access) []rulespace.Access {
	var out []rulespace.Access
	for i, g := range a {
		out = append(out, slices.Delete(slices.Clone(a), i, i+1))
		for j, rule := range g.Rules {
			with := func(rules ...rbacv1.PolicyRule) {
				c := slices.Clone(a)
				c[i].Rules = slices.Replace(slices.Clone(g.Rules), j, j+1, rules...)
				out = append(out, c)
			}
			with()
			for _, field := range []func(*rbacv1.PolicyRule) *[]string{
				func(r *rbacv1.PolicyRule) *[]string { return &r.Verbs },
				func(r *rbacv1.PolicyRule) *[]string { return &r.APIGroups },
				func(r *rbacv1.PolicyRule) *[]string { return &r.Resources },
				func(r *rbacv1.PolicyRule) *[]string { return &r.ResourceNames },
				func(r *rbacv1.PolicyRule) *[]string { return &r.NonResourceURLs },
			} {
				for k := range *field(&rule) {
					c := *rule.DeepCopy()
					*field(&c) = slices.Delete(*field(&c), k, k+1)
					with(c)
				}
			}
		}
	}
	return out
}
