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

// source of the random rules: each has letters of its own, few enough that its
// rules meet, out of alphabets with everything that is special.
type source struct {
	*rand.Rand
	verbs, groups, resources, names, namespaces, urls, urlVerbs []string
}

func newSource(seed, stream uint64, resources ...string) source {
	s := source{Rand: rand.New(rand.NewPCG(seed, stream))}
	if resources == nil {
		resources = []string{"pods", "pods/log", "*/log", "*", "deployments", "deployments/log", "pods/*", "*/*", "*/b/c", "a/b/c", "pods/", "*/", "/log", ""}
	}
	s.verbs = s.some(3, "get", "list", "*")
	s.groups = s.some(2, "", "apps", "*")
	s.resources = s.some(5, resources...)
	s.names = s.some(3, "one", "two", "", "*", "app", "some-name")
	s.namespaces = s.some(3, "", "app", "data", "some-namespace")
	s.urls = s.some(6, "*", "/a", "/a*", "/a/*", "/a/b", "/b**", "/b", "/*/c", "a*", "", "/aother", "/a/other", "/other", "/aother*")
	s.urlVerbs = s.some(2, "get", "put", "*")
	return s
}

// some returns 1 to most of the letters.
func (s source) some(most int, from ...string) []string {
	from = slices.Clone(from)
	s.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	return from[:1+s.IntN(most)]
}

func (s source) pick(most int, from ...string) []string {
	var out []string
	for range min(s.IntN(most+3), most) { // seldom none
		out = append(out, from[s.IntN(len(from))])
	}
	return out
}

func (s source) rule() rbacv1.PolicyRule {
	if s.IntN(6) == 0 {
		return rbacv1.PolicyRule{
			Verbs:           s.pick(2, s.urlVerbs...),
			NonResourceURLs: s.pick(3, s.urls...),
		}
	}
	rule := rbacv1.PolicyRule{
		Verbs:     s.pick(3, s.verbs...),
		APIGroups: s.pick(2, s.groups...),
		Resources: s.pick(3, s.resources...),
	}
	if s.IntN(3) == 0 {
		rule.ResourceNames = s.pick(2, s.names...)
	}
	if s.IntN(40) == 0 {
		rule.NonResourceURLs = s.pick(2, s.urls...)
	}
	return rule
}

func (s source) access() rulespace.Access {
	var a rulespace.Access
	for range s.IntN(4) {
		g := rulespace.Grant{Namespace: append(s.namespaces, "")[s.IntN(1+len(s.namespaces))]}
		for range s.IntN(4) {
			g.Rules = append(g.Rules, s.rule())
		}
		a = append(a, g)
	}
	return a
}

// each runs the check on random pairs and reports the smallest that fails it.
func each(t *testing.T, n int, check func(a, b rulespace.Access) string, resources ...string) {
	t.Helper()
	for seed := range n {
		s := newSource(uint64(seed), 7, resources...)
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
