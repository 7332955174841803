package rulespace_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

func (s source) of(from ...string) string { return from[s.IntN(len(from))] }

func (s source) request() rulespace.Request {
	if s.IntN(6) == 0 {
		return rulespace.Request{NonResource: true, Verb: s.of("get", "post"), Path: s.of("/a", "/b", "/*/c", "")}
	}
	return rulespace.Request{
		Verb: s.of("get", "list", "create", "deletecollection"), Group: s.of("", "apps"),
		Resource: s.of("pods", "deployments"), Subresource: s.of("", "", "log", "*"),
		Namespace: s.of("", "app", "app", "data"), Name: s.of("", "one", "two", "*"),
	}
}

// A minimal role is minimal: everything that was asked for, nothing else, and
// no rule and no value too many.
func TestMinimalIsMinimal(t *testing.T) {
	for seed := range 3 * *lists {
		s := newSource(uint64(seed), 11)
		var requests []rulespace.Request
		for range 1 + s.IntN(8) {
			requests = append(requests, s.request())
		}
		m := rulespace.Minimal(requests)
		for _, r := range requests {
			require.True(t, naiveAllows(m.Access, r), "seed %d: %v by %+v", seed, r, m.Access)
		}
		needs, err := rulespace.Exact(m.Access, requests)
		require.NoError(t, err, "seed %d: %v by %+v", seed, requests, m.Access)
		for _, n := range needs {
			require.False(t, naiveAllows(m.Access.Without(n.Part), n.Request), "seed %d: %v is no need", seed, n)
		}
		require.Empty(t, rulespace.New(rulespace.Universe{}).Redundant(m.Access), "seed %d", seed)
		s.Shuffle(len(requests), func(i, j int) { requests[i], requests[j] = requests[j], requests[i] })
		require.Equal(t, m.Access, rulespace.Minimal(append(requests, requests...)).Access, "seed %d: order matters", seed)
	}
}

func TestMinimalReadsWell(t *testing.T) {
	requests := []rulespace.Request{
		{Verb: "get", Resource: "pods", Namespace: "app"},
		{Verb: "list", Resource: "pods", Namespace: "app"},
		{Verb: "watch", Resource: "pods", Namespace: "app"},
		{Verb: "get", Resource: "services", Namespace: "app"},
		{Verb: "list", Resource: "services", Namespace: "app"},
		{Verb: "watch", Resource: "services", Namespace: "app"},
		{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "app", Name: "web"},
		{Verb: "get", Resource: "secrets", Namespace: "app", Name: "b"},
		{Verb: "get", Resource: "secrets", Namespace: "app", Name: "a"},
		{Verb: "get", Resource: "pods", Namespace: "app", Name: "web"}, // allowed anyway
		{Verb: "list", Resource: "nodes"},
		{Verb: "get", NonResource: true, Path: "/metrics"},
	}
	m := rulespace.Minimal(requests)
	assert.Equal(t, rulespace.Access{
		{Rules: []rbacv1.PolicyRule{
			{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}},
			{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"nodes"}},
		}},
		{Namespace: "app", Rules: []rbacv1.PolicyRule{
			{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{""}, Resources: []string{"pods", "services"}},
			{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods/log"}, ResourceNames: []string{"web"}},
			{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"a", "b"}},
		}},
	}, m.Access)
	assert.Equal(t, []rulespace.Note{
		{requests[10], "allowing it across namespaces allows it in each, unless the resource is cluster-scoped"},
	}, m.Notes)
}

func TestMinimalSaysWhatRulesCannotSay(t *testing.T) {
	for _, c := range []struct {
		request rulespace.Request
		note    string
		covered bool
	}{
		{rulespace.Request{Verb: "*", Resource: "pods"}, "no rule allows the verb * and nothing else", false},
		{rulespace.Request{Verb: "get", Group: "*", Resource: "pods"}, "no rule allows the group * and nothing else", false},
		{rulespace.Request{Verb: "get", Resource: "*"}, "no rule allows the resource * and nothing else", false},
		{rulespace.Request{Verb: "get", Resource: "*/log"}, "no rule allows the resource * and nothing else", false},
		{rulespace.Request{Verb: "get", NonResource: true, Path: "/a*"}, "no rule allows a path that ends with a star and nothing else", false},
		{rulespace.Request{Verb: "create", Resource: "pods", Namespace: "app", Name: "web"}, "a request to create carries no name, except through apply or PUT: the rule matches only these", true},
		{rulespace.Request{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: "app", Name: "web"}, "", true},
		{rulespace.Request{Verb: "deletecollection", Resource: "pods", Namespace: "app", Name: "web"}, "a request to delete a collection carries no name: the rule will never match", true},
		{rulespace.Request{Verb: "watch", Resource: "pods", Namespace: "app", Name: "web"}, "the rule matches only with the field selector metadata.name=web", true},
		{rulespace.Request{Verb: "get", Resource: "pods/log", Namespace: "app"}, "rules take it for the subresource", true},
	} {
		m := rulespace.Minimal([]rulespace.Request{c.request})
		assert.Equal(t, c.covered, m.Access.Allows(c.request), "%v", c.request)
		if c.note == "" {
			assert.Empty(t, m.Notes)
		} else if assert.Len(t, m.Notes, 1, "%v", c.request) {
			assert.Equal(t, c.note, m.Notes[0].Text)
		}
	}
}

// Lists that only look alike when written together are not joined.
func TestMinimalKeepsListsApart(t *testing.T) {
	var requests []rulespace.Request
	for _, r := range [][2]string{{"secrets", "a"}, {"secrets", "b"}, {"pods", "ab"}} {
		requests = append(requests, rulespace.Request{Verb: "get", Resource: r[0], Name: r[1], Namespace: "app"})
	}
	_, err := rulespace.Exact(rulespace.Minimal(requests).Access, requests)
	require.NoError(t, err)
}

// What is not least is found out.
func TestExactRefuses(t *testing.T) {
	get := rulespace.Request{Verb: "get", Resource: "pods", Namespace: "app", Name: "web"}
	rule := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"web"}}
	in := func(rules ...rbacv1.PolicyRule) rulespace.Access {
		return rulespace.Access{{Namespace: "app", Rules: rules}}
	}
	needs, err := rulespace.Exact(in(rule), []rulespace.Request{get})
	require.NoError(t, err)
	assert.Equal(t, []rulespace.Need{{rulespace.Part{}, get}}, needs)

	_, err = rulespace.Exact(in(), []rulespace.Request{get})
	assert.EqualError(t, err, `get pods "web" in namespace app is not allowed`)
	wide := rule
	wide.ResourceNames = nil
	_, err = rulespace.Exact(in(wide), []rulespace.Request{get})
	assert.EqualError(t, err, "get pods in namespace app is allowed, too")
	_, err = rulespace.Exact(in(rule, rule), []rulespace.Request{get})
	assert.EqualError(t, err, "rules[0] can go")
	twice := rule
	twice.Verbs = []string{"get", "get"}
	_, err = rulespace.Exact(in(twice), []rulespace.Request{get})
	assert.EqualError(t, err, `rules[0].verbs[0] "get" can go`)
}
