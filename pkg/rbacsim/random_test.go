package rbacsim_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

var worlds = flag.Int("worlds", 150, "how many random worlds the tests look at")

// The words that random worlds are made of: few, so that they meet, and with the
// traps of the syntax among them.
var (
	someVerbs      = []string{"get", "list", "create", "deletecollection", "impersonate", "GET", "*", ""}
	someGroups     = []string{"", "apps", "example.com", "*", "*.com"}
	someResources  = []string{"pods", "secrets", "pods/log", "pods/*", "*/log", "*/*", "*", "namespaces", "a/b/c", "/log", "po"}
	someNames      = []string{"a", "b", "*", ""}
	someURLs       = []string{"/", "/a", "/a/*", "/a*", "*", "/a/b", "/a/*/b", "/a**", "x"}
	somePaths      = []string{"/", "/a", "/a/", "/a/b", "/ab", "/a/*/b", "/a/*", "", "x", "/a*"}
	someNamespaces = []string{"n1", "n2", "n3"}
	someUsers      = []string{"alice", "bob", "*", "system:serviceaccount:n1:web", "system:serviceaccount:n2:web", "system:serviceaccount:a:b:c"}
	someUserGroups = []string{"devs", "ops", "*", "system:authenticated", "system:serviceaccounts:n1", "alice"}
)

// world is a random set of RBAC objects.
type world struct {
	rng          *rand.Rand
	verbs        []string
	groups       []string
	resources    []string
	asked        []string // resources of requests
	clusterRoles []*rbacv1.ClusterRole
	roles        []*rbacv1.Role
	cluster      []*rbacv1.ClusterRoleBinding
	namespaced   []*rbacv1.RoleBinding
}

func one[T any](w *world, list []T) T { return list[w.rng.IntN(len(list))] }

func some(w *world, list []string, least int) []string {
	words := make([]string, 0, 3)
	for range least + w.rng.IntN(3) {
		words = append(words, one(w, list))
	}
	return words
}

func newWorld(rng *rand.Rand) *world {
	w := &world{
		rng: rng, verbs: someVerbs, groups: someGroups, resources: someResources,
		asked: []string{"pods", "secrets", "namespaces", "*", "po", "a", "a/b", "pods/log", "", "unheard-of"},
	}
	switch rng.IntN(4) {
	case 0: // many rules about the same
		w.verbs, w.groups, w.resources, w.asked = []string{"get", "list", "*"}, []string{"", "*"}, []string{"pods", "*"}, []string{"pods", "secrets"}
	case 1: // more than one page of verbs
		var verbs []string
		for i := range 150 {
			verbs = append(verbs, fmt.Sprintf("verb%d", i))
		}
		w.verbs = append(slices.Clip(w.verbs), "verb147", "verb148", "verb149")
		rules := []rbacv1.PolicyRule{{Verbs: verbs, APIGroups: []string{"x"}, Resources: []string{"x"}}}
		w.clusterRoles = append(w.clusterRoles, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "all-verbs", Labels: map[string]string{}}, Rules: rules})
	}
	for i := range 1 + rng.IntN(8) {
		r := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("r%d", i), Labels: map[string]string{"n": fmt.Sprint(i)}}, Rules: w.rules(true)}
		if rng.IntN(3) == 0 { // of roles with higher numbers, so that there are no rings
			r.AggregationRule = &rbacv1.AggregationRule{}
			for range 1 + rng.IntN(3) {
				selector := metav1.LabelSelector{MatchLabels: map[string]string{"n": fmt.Sprint(i + 1 + rng.IntN(4))}}
				r.AggregationRule.ClusterRoleSelectors = append(r.AggregationRule.ClusterRoleSelectors, selector)
			}
		}
		w.clusterRoles = append(w.clusterRoles, r)
	}
	w.clusterRoles[0].Labels["kubernetes.io/bootstrapping"] = "rbac-defaults"
	for i := range rng.IntN(5) {
		w.roles = append(w.roles, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: one(w, someNamespaces), Name: fmt.Sprintf("r%d", i)}, Rules: w.rules(false)})
	}
	for i := range rng.IntN(6) {
		w.cluster = append(w.cluster, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("b%d", i)}, Subjects: w.subjects(true), RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: w.roleName()},
		})
	}
	for i := range rng.IntN(10) {
		w.namespaced = append(w.namespaced, w.roleBinding(fmt.Sprintf("b%d", i)))
	}
	return w
}

func (w *world) roleBinding(name string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: one(w, someNamespaces), Name: name}, Subjects: w.subjects(false),
		RoleRef: rbacv1.RoleRef{Kind: one(w, []string{"ClusterRole", "Role"}), Name: w.roleName()},
	}
}

func (w *world) roleName() string { return fmt.Sprintf("r%d", w.rng.IntN(9)) }

func (w *world) rules(urls bool) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for range w.rng.IntN(5) {
		r := rbacv1.PolicyRule{Verbs: some(w, w.verbs, 1)}
		if urls && w.rng.IntN(4) == 0 {
			r.NonResourceURLs = some(w, someURLs, 1)
		} else {
			r.APIGroups, r.Resources = some(w, w.groups, 1), some(w, w.resources, 1)
			if w.rng.IntN(2) == 0 {
				r.ResourceNames = some(w, someNames, 0)
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func (w *world) subjects(cluster bool) []rbacv1.Subject {
	var list []rbacv1.Subject
	for range w.rng.IntN(4) {
		switch w.rng.IntN(3) {
		case 0:
			list = append(list, rbacv1.Subject{Kind: "User", Name: one(w, someUsers), Namespace: one(w, []string{"", "n1"})})
		case 1:
			list = append(list, rbacv1.Subject{Kind: "Group", Name: one(w, someUserGroups)})
		default:
			s := rbacv1.Subject{Kind: "ServiceAccount", Name: "web", Namespace: one(w, someNamespaces)}
			if !cluster && w.rng.IntN(2) == 0 {
				s.Namespace = ""
			}
			list = append(list, s)
		}
	}
	return list
}

// snapshot puts the objects together; of two roles of one name the first counts.
func (w *world) snapshot() *model.Cluster {
	var b model.Builder
	seen := map[[2]string]bool{}
	for _, r := range w.clusterRoles {
		add(&b, "ClusterRole", "", r)
	}
	for _, r := range w.roles {
		if key := [2]string{r.Namespace, r.Name}; !seen[key] {
			seen[key] = true
			add(&b, "Role", r.Namespace, r)
		}
	}
	for _, o := range w.cluster {
		add(&b, "ClusterRoleBinding", "", o)
	}
	seen = map[[2]string]bool{}
	for _, o := range w.namespaced {
		if key := [2]string{o.Namespace, o.Name}; !seen[key] {
			seen[key] = true
			add(&b, "RoleBinding", o.Namespace, o)
		}
	}
	return b.Cluster()
}

func (w *world) subject() rbacsim.Subject {
	if w.rng.IntN(2) == 0 {
		return rbacsim.As(identity.NewUser(one(w, someUsers)), some(w, someUserGroups, 0)...)
	}
	return rbacsim.Review(one(w, someUsers), some(w, someUserGroups, 0)...)
}

func (w *world) request() rbacsim.Request {
	verb := one(w, append(slices.Clip(w.verbs), "unheard-of"))
	if w.rng.IntN(5) == 0 {
		return rbacsim.URL(verb, one(w, somePaths))
	}
	return rbacsim.Request{
		Verb: verb, Group: one(w, append(slices.Clip(w.groups), "x.com")),
		Resource:    one(w, w.asked),
		Subresource: one(w, []string{"", "", "", "log", "*", "b/c", "c", "exec"}),
		Namespace:   one(w, []string{"", "n1", "n2", "n3", "n4"}),
		Name:        one(w, append(slices.Clip(someNames), "c")),
	}
}

func eachWorld(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	for seed := range uint64(*worlds) {
		w := newWorld(rand.New(rand.NewPCG(seed, 7)))
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { run(t, w) }) {
			return
		}
	}
}

func decision(allowed bool) rbacsim.Decision {
	if allowed {
		return rbacsim.Allowed
	}
	return rbacsim.Denied
}

// The engine answers as the naive evaluator does, and its grounds are grounds.
func TestAgainstNaive(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		c := w.snapshot()
		a, naive := rbacsim.New(c), newNaive(t, c)
		for range 60 {
			s, r := w.subject(), w.request()
			allowed := naive.allows(s, r)
			require.Equal(t, decision(allowed), a.Decide(s, r), "%s: %s", s, r)
			v, err := a.Check(s, r)
			require.NoError(t, err)
			require.Equal(t, decision(allowed), v.Decision)
			grants := slices.Collect(v.Grants())
			require.Equal(t, allowed, len(grants) > 0, v.Explain())
			for _, g := range grants {
				require.True(t, naiveRule(ruleOf(t, a, g), r), "%s\n%s", r, g)
				require.True(t, g.Namespace == "" || g.Namespace == r.Namespace, "%s\n%s", r, g)
			}
			misses := slices.Collect(v.Misses())
			require.True(t, !allowed || len(misses) == 0)
			for _, m := range misses {
				require.NotEmpty(t, m.But, m.String())
			}
		}
	})
}

// ruleOf returns the rule that a grant is about.
func ruleOf(t *testing.T, a *rbacsim.Authorizer, g rbacsim.Grant) rbacv1.PolicyRule {
	t.Helper()
	written := g.Role
	if len(g.Through) > 0 {
		written = g.Through[len(g.Through)-1]
	}
	if written.Kind == "Role" {
		o, ok := model.Get[rbacv1.Role](a.Cluster(), written.Namespace, written.Name)
		require.True(t, ok, g.String())
		return o.API.Rules[g.Rule]
	}
	o, ok := model.Get[rbacv1.ClusterRole](a.Cluster(), "", written.Name)
	require.True(t, ok, g.String())
	return o.API.Rules[g.Rule]
}

// Whoever the naive evaluator says can do it is whom WhoCan yields, in order, and
// each can by himself.
func TestWhoCanAgainstNaive(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		c := w.snapshot()
		a, naive := rbacsim.New(c), newNaive(t, c)
		for range 20 {
			r := w.request()
			var got []string
			var last identity.Principal
			for h := range a.WhoCan(r).All() {
				require.Equal(t, rbacsim.Allowed, h.Decision)
				require.Positive(t, h.Principal.Compare(last))
				last = h.Principal
				got = append(got, h.Principal.String())
				s := rbacsim.Review(h.Principal.Username())
				if h.Principal.Kind() == identity.Group {
					s = rbacsim.Review("", h.Principal.Name())
				}
				require.Equal(t, rbacsim.Allowed, a.Decide(s, r), "%s: %s", s, r)
				require.NotEmpty(t, slices.Collect(h.Grants()))
				for g := range h.Grants() {
					require.Equal(t, h.Principal, g.To)
				}
			}
			slices.Sort(got)
			require.Equal(t, naive.holders(r), got, r.String())
		}
	})
}

// Namespaces, the matrix and the list of rights say the same as single questions.
func TestListsAgainstNaive(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		c := w.snapshot()
		a, naive := rbacsim.New(c), newNaive(t, c)
		for range 20 {
			s, r := w.subject(), w.request()
			n := a.Namespaces(s, r)
			r.Namespace = ""
			assert.Equal(t, decision(naive.allows(s, r)), n.Everywhere)
			var want []rbacsim.NamespaceAnswer
			for ns := range c.Namespaces() {
				r.Namespace = ns.Name
				if naive.allows(s, r) {
					want = append(want, rbacsim.NamespaceAnswer{Namespace: ns.Name, Decision: rbacsim.Allowed})
				}
			}
			require.Equal(t, want, n.In, "%s: %s", s, r)

			r = w.request()
			verbs := []string{"get", "*", "list"}
			for j, d := range a.Matrix([]rbacsim.Subject{s}, verbs, r)[0] {
				r.Verb = verbs[j]
				require.Equal(t, decision(naive.allows(s, r)), d)
			}
			listed := false
			for access := range a.Rights(s).In(r.Namespace) {
				inScope := access.Namespace == "" || !r.NonResource && access.Namespace == r.Namespace
				listed = listed || access.Policy != nil && inScope && naiveRule(*access.Policy, r)
			}
			require.Equal(t, naive.allows(s, r), listed, "%s: %s", s, r)
		}
	})
}

// Who is bound more can do no less.
func TestLawAddingABinding(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		before := rbacsim.New(w.snapshot())
		w.namespaced = append(w.namespaced, w.roleBinding("one-more"))
		after := rbacsim.New(w.snapshot())
		for range 40 {
			if s, r := w.subject(), w.request(); before.Decide(s, r) == rbacsim.Allowed {
				require.Equal(t, rbacsim.Allowed, after.Decide(s, r), "%s: %s", s, r)
			}
		}
	})
}

// A rule says what its atoms say: one verb, group, resource, name or URL each.
func TestLawAtoms(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		whole := rbacsim.New(w.snapshot())
		for _, r := range w.clusterRoles {
			r.Rules = atoms(r.Rules)
		}
		for _, r := range w.roles {
			r.Rules = atoms(r.Rules)
		}
		split := rbacsim.New(w.snapshot())
		for range 40 {
			s, r := w.subject(), w.request()
			require.Equal(t, whole.Decide(s, r), split.Decide(s, r), "%s: %s", s, r)
		}
	})
}

func atoms(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var all []rbacv1.PolicyRule
	for _, r := range rules {
		for _, verb := range r.Verbs {
			for _, url := range r.NonResourceURLs {
				all = append(all, rbacv1.PolicyRule{Verbs: []string{verb}, NonResourceURLs: []string{url}})
			}
			for _, g := range r.APIGroups {
				for _, res := range r.Resources {
					atom := rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{g}, Resources: []string{res}}
					if len(r.ResourceNames) == 0 {
						all = append(all, atom)
					}
					for _, name := range r.ResourceNames {
						atom.ResourceNames = []string{name}
						all = append(all, atom)
					}
				}
			}
		}
	}
	return all
}

// The order of rules and of subjects plays no part.
func TestLawOrder(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		before := rbacsim.New(w.snapshot())
		for _, r := range w.clusterRoles {
			r.Rules = slices.Clone(r.Rules)
			slices.Reverse(r.Rules)
		}
		for _, b := range w.namespaced {
			b.Subjects = slices.Clone(b.Subjects)
			slices.Reverse(b.Subjects)
		}
		after := rbacsim.New(w.snapshot())
		for range 40 {
			s, r := w.subject(), w.request()
			require.Equal(t, before.Decide(s, r), after.Decide(s, r), "%s: %s", s, r)
		}
	})
}

// FuzzRule holds one rule, as the explanations and as the index read it, to the
// naive evaluator. The lists of the rule are words with commas between.
func FuzzRule(f *testing.F) {
	f.Add("get,*", "apps", "pods/log,*/log", "a,", "/a*,/b", "get", "apps", "pods", "log", "a", "/ab", false)
	f.Add("get", "", "a/b/c", "", "*", "get", "", "a", "b/c", "", "", false)
	f.Add("", "*", "*", "", "/e**", "", "x", "*", "*", "n", "/e", true)
	f.Fuzz(func(t *testing.T, verbs, groups, resources, names, urls, verb, group, resource, sub, name, path string, nonResource bool) {
		list := func(s string) []string {
			if s == "" {
				return nil
			}
			return strings.Split(s, ",")
		}
		rule := rbacv1.PolicyRule{Verbs: list(verbs), APIGroups: strings.Split(groups, ","), Resources: list(resources), ResourceNames: list(names), NonResourceURLs: list(urls)}
		r := rbacsim.Request{Verb: verb, Group: group, Resource: resource, Subresource: sub, Name: name}
		if nonResource {
			r = rbacsim.URL(verb, path)
		}
		want := naiveRule(rule, r)
		require.Equal(t, want, rbacsim.Covers(&rule, r), "%s %s", rule.String(), r)
		var b model.Builder
		labels := map[string]string{"kubernetes.io/bootstrapping": "rbac-defaults"}
		add(&b, "ClusterRole", "", &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "r", Labels: labels}, Rules: []rbacv1.PolicyRule{rule}})
		add(&b, "ClusterRoleBinding", "", &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "b"}, Subjects: []rbacv1.Subject{{Kind: "User", Name: "u"}}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "r"},
		})
		require.Equal(t, decision(want), rbacsim.New(b.Cluster()).Decide(rbacsim.Review("u"), r), "%s %s", rule.String(), r)
	})
}

// FuzzHTTP: what can be read of a request is one for a resource or for a URL, and a
// name is never lifted out of a selector where a list does not carry it.
func FuzzHTTP(f *testing.F) {
	for _, target := range []string{
		"/api/v1/namespaces/ns/pods/p/log?x=1", "/apis/apps/v1/deployments?watch=1&fieldSelector=metadata.name%3Da", "/api/v1/watch", "//healthz", "/api/v1/namespaces//pods", "/api/v1/proxy/nodes/n/x",
	} {
		f.Add("GET", target)
		f.Add("DELETE", target)
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		r, err := rbacsim.HTTP(method, target)
		if err != nil {
			return
		}
		if r.NonResource {
			require.Equal(t, strings.ToLower(method), r.Verb)
			require.Equal(t, rbacsim.URL(r.Verb, r.Path), r)
			return
		}
		require.Empty(t, r.Path)
		if r.Verb == "deletecollection" {
			require.Empty(t, r.Name)
		}
		if r.Name == "" {
			require.NotEqual(t, "get", r.Verb)
		}
	})
}
