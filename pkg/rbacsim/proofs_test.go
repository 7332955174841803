package rbacsim_test

import (
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
	"github.com/aksim/aksim/pkg/rbacsim"
)

// everyKind are representatives of all requests that the rules of random worlds can
// tell apart: each word of theirs, one that is none of them, and the literal *.
func (w *world) everyKind() []rbacsim.Request {
	verbs := append(slices.Clip(w.verbs), "unheard-of", "*", "")
	groups := append(slices.Clip(someGroups), "x.com")
	var list []rbacsim.Request
	for _, verb := range slices.Compact(slices.Sorted(slices.Values(verbs))) {
		for _, path := range append(slices.Clip(somePaths), "/unheard-of", "/a/unheard-of") {
			list = append(list, rbacsim.URL(verb, path))
		}
		for _, group := range groups {
			for _, resource := range []string{"pods", "secrets", "namespaces", "*", "po", "a", "a/b", "", "unheard-of"} {
				for _, sub := range []string{"", "log", "*", "b/c", "c", "exec"} {
					if sub == "" && strings.Contains(resource, "/") {
						continue // only a review can ask this
					}
					for _, name := range append(slices.Clip(someNames), "c") {
						for _, namespace := range []string{"", "n1", "n2", "n3", "n4"} {
							list = append(list, rbacsim.Request{Verb: verb, Group: group, Resource: resource, Subresource: sub, Name: name, Namespace: namespace})
						}
					}
				}
			}
		}
	}
	return list
}

// completed completes the world by what it refers to, so that every question about it
// is decided.
func (w *world) completed() *world {
	for _, r := range w.clusterRoles {
		if r.AggregationRule == nil {
			continue
		}
		r.AggregationRule.ClusterRoleSelectors = slices.DeleteFunc(r.AggregationRule.ClusterRoleSelectors, func(s metav1.LabelSelector) bool {
			return !slices.ContainsFunc(w.clusterRoles, func(o *rbacv1.ClusterRole) bool { return o.Labels["n"] == s.MatchLabels["n"] })
		})
		if len(r.AggregationRule.ClusterRoleSelectors) == 0 {
			r.AggregationRule = nil
		}
	}
	for i := range 6 {
		w.namespaced = append(w.namespaced, w.roleBinding("also"+string(rune('0'+i))))
	}
	w.fill()
	return w
}

// changed returns a copy of the world with a few bindings gone and a few more.
func (w *world) changed() *world {
	c := *w
	c.namespaced, c.cluster = slices.Clone(w.namespaced), slices.Clone(w.cluster)
	for range w.rng.IntN(3) {
		if n := len(c.namespaced); n > 0 {
			i := w.rng.IntN(n)
			c.namespaced = slices.Delete(c.namespaced, i, i+1)
		}
	}
	for i := range w.rng.IntN(3) {
		c.namespaced = append(c.namespaced, c.roleBinding("more"+string(rune('0'+i))))
	}
	c.clusterRoles, c.roles = slices.Clip(w.clusterRoles), slices.Clip(w.roles)
	c.fill()
	return &c
}

func allows(a *rbacsim.Authorizer, s rbacsim.Subject) func(rbacsim.Request) bool {
	return func(r rbacsim.Request) bool { return a.Decide(s, r) == rbacsim.Allowed }
}

// within wants the outcome and, if it is refuted, a genuine example.
func within(t *testing.T, d rbacsim.Difference, of, without func(rbacsim.Request) bool, universe []rbacsim.Request) {
	t.Helper()
	some := false
	for _, r := range universe {
		some = some || of(r) && !without(r)
	}
	if !some {
		require.Equal(t, rbacsim.Proved, d.Outcome, "%v", d.Example)
		require.Nil(t, d.Example)
		return
	}
	require.Equal(t, rbacsim.Refuted, d.Outcome)
	require.True(t, of(d.Example.Request) && !without(d.Example.Request), d.Example.String())
	require.NotEmpty(t, d.Example.Grants)
}

// A comparison of subjects says what brute force over every kind of request says,
// and its boxes hold just what they differ in.
func TestCompareSubjectsAgainstBruteForce(t *testing.T) {
	relations := map[rbacsim.Relation]int{}
	fewWorlds(t, func(t *testing.T, w *world) {
		a := rbacsim.New(w.completed().snapshot())
		x, y := w.subject(), w.subject()
		universe := w.everyKind()
		c := a.CompareSubjects(x, y, rbacsim.AllRequests)
		relations[c.Relation]++
		within(t, c.Gained, allows(a, y), allows(a, x), universe)
		within(t, c.Lost, allows(a, x), allows(a, y), universe)
		gained, lost := c.Gained.Boxes(), c.Lost.Boxes()
		in := func(boxes []rbacsim.Box, r rbacsim.Request) bool {
			return slices.ContainsFunc(boxes, func(b rbacsim.Box) bool { return b.Contains(r) })
		}
		for _, r := range universe {
			mayX, mayY := allows(a, x)(r), allows(a, y)(r)
			require.Equal(t, mayY && !mayX, in(gained, r), "%s: %v", r, gained)
			require.Equal(t, mayX && !mayY, in(lost, r), "%s: %v", r, lost)
		}
		back := a.CompareSubjects(y, x, rbacsim.AllRequests)
		require.Equal(t, c.Gained.Outcome, back.Lost.Outcome)
		require.Equal(t, c.Lost.Outcome, back.Gained.Outcome)
	})
	assert.Len(t, relations, 4, "%v", relations)
}

// The same of known requests: those that the resources serve.
func TestCompareSubjectsClosedAgainstBruteForce(t *testing.T) {
	served := rbacsim.BuiltinResources()
	fewWorlds(t, func(t *testing.T, w *world) {
		a := rbacsim.New(w.completed().snapshot(), rbacsim.WithResources(served))
		x, y := w.subject(), w.subject()
		var universe []rbacsim.Request
		for _, r := range w.everyKind() {
			res, ok := served.Get(r.Group, r.Resource)
			switch {
			case r.NonResource:
			case !ok || r.Subresource != "" && !slices.Contains(res.Subresources, r.Subresource):
				continue
			case res.Name == "namespaces":
				r.Namespace = r.Name
				if r.Subresource == "" && len(res.Verbs) > 0 && !slices.Contains(res.Verbs, r.Verb) && r.Verb != "impersonate" {
					continue
				}
			}
			universe = append(universe, r)
		}
		for _, ns := range someNamespaces { // by name
			for _, verb := range []string{"get", "list", "create", "impersonate"} {
				universe = append(universe, rbacsim.Request{Verb: verb, Resource: "namespaces", Namespace: ns, Name: ns})
			}
		}
		c := a.CompareSubjects(x, y, rbacsim.KnownRequests)
		within(t, c.Gained, allows(a, y), allows(a, x), universe)
		within(t, c.Lost, allows(a, x), allows(a, y), universe)
		if c.Gained.Outcome == rbacsim.Refuted && !c.Gained.Example.Request.NonResource {
			r := c.Gained.Example.Request
			_, ok := served.Get(r.Group, r.Resource)
			require.True(t, ok, r.String())
		}
	})
}

// A comparison of snapshots says of each principal what brute force says, and what is
// proved of everybody holds for whoever is in whatever groups.
func TestCompareSnapshotsAgainstBruteForce(t *testing.T) {
	outcomes := map[rbacsim.Outcome]int{}
	fewWorlds(t, func(t *testing.T, w *world) {
		before := rbacsim.New(w.completed().snapshot())
		v := w.changed()
		after := rbacsim.New(v.snapshot())
		universe := w.everyKind()
		c := rbacsim.CompareSnapshots(before, after, rbacsim.AllRequests)
		proof := rbacsim.NoNewAccess(before, after, rbacsim.AllRequests)
		require.Equal(t, c.Gained, proof.Outcome)
		outcomes[proof.Outcome]++
		differ := map[identity.Principal]rbacsim.SubjectComparison{}
		for _, s := range c.Subjects {
			differ[s.Principal] = s
		}
		for _, p := range allPrincipals(before, after) {
			own := rbacsim.Review(p.Username())
			if p.Kind() == identity.Group {
				own = rbacsim.Review("", p.Name())
			}
			s, ok := differ[p]
			if !ok {
				s.Gained.Outcome, s.Lost.Outcome = rbacsim.Proved, rbacsim.Proved
			}
			within(t, s.Gained, allows(after, own), allows(before, rbacsim.As(p)), universe)
			within(t, s.Lost, allows(before, own), allows(after, rbacsim.As(p)), universe)
		}
		gains := false
		for range 6 {
			s := rbacsim.As(identity.NewUser(one(w, someUsers)), some(w, someUserGroups, 0)...)
			for _, r := range universe {
				gains = gains || allows(after, s)(r) && !allows(before, s)(r)
			}
		}
		require.False(t, gains && proof.Outcome == rbacsim.Proved)
		if proof.Outcome == rbacsim.Refuted {
			e := proof.Counterexample
			require.Equal(t, rbacsim.Allowed, after.Decide(e.Subject, e.Request), e.String())
			require.Equal(t, rbacsim.Denied, before.Decide(e.Subject, e.Request), e.String())
			require.NotEmpty(t, e.Grants)
		}
	})
	assert.Len(t, outcomes, 2, "%v", outcomes)
}

func allPrincipals(authorizers ...*rbacsim.Authorizer) []identity.Principal {
	var list []identity.Principal
	for _, a := range authorizers {
		list = slices.AppendSeq(list, a.Principals())
	}
	slices.SortFunc(list, identity.Principal.Compare)
	return slices.Compact(list)
}

// set returns a random set of requests.
func (w *world) set() rbacsim.RequestSet {
	var set rbacsim.RequestSet
	for range 1 + w.rng.IntN(2) {
		r := w.request()
		if strings.Contains(r.Resource, "/") {
			r.Resource = "pods" // only a review can ask that
		}
		set = append(set, rbacsim.RequestsFor(r)...)
	}
	if rules := w.rules(true); len(rules) > 0 && w.rng.IntN(2) == 0 {
		set = append(set, rbacsim.ScopedRule{Namespace: one(w, []string{"", "n1", "n2"}), Policy: rules[0]})
	}
	return set
}

// NotGranted, NobodyExcept and Within say what brute force says.
func TestClaimsAgainstBruteForce(t *testing.T) {
	outcomes := map[rbacsim.Outcome]int{}
	fewWorlds(t, func(t *testing.T, w *world) {
		a := rbacsim.New(w.completed().snapshot())
		universe := w.everyKind()
		for range 4 {
			set := w.set()
			var inSet []rbacsim.Request
			for _, r := range universe {
				if set.Contains(r) {
					inSet = append(inSet, r)
				}
			}
			except := []identity.Principal{identity.NewUser(one(w, someUsers)), identity.NewGroup(one(w, someUserGroups))}
			anybody, anybodyElse := false, false
			for _, r := range inSet {
				for h := range a.WhoCan(r).All() {
					anybody = true
					member := slices.Contains(except, h.Principal)
					for _, g := range rbacsim.As(h.Principal).Groups {
						member = member || slices.Contains(except, identity.NewGroup(g))
					}
					anybodyElse = anybodyElse || !member
				}
			}
			for _, c := range []struct {
				proof rbacsim.Proof
				false bool
			}{
				{a.NotGranted(set, rbacsim.AllRequests), anybody},
				{a.NobodyExcept(except, set, rbacsim.AllRequests), anybodyElse},
			} {
				p := c.proof
				outcomes[p.Outcome]++
				if !c.false {
					require.Equal(t, rbacsim.Proved, p.Outcome, p.String())
					continue
				}
				require.Equal(t, rbacsim.Refuted, p.Outcome, p.String())
				e := p.Counterexample
				require.True(t, set.Contains(e.Request), p.String())
				require.Equal(t, rbacsim.Allowed, a.Decide(e.Subject, e.Request), p.String())
				require.NotEmpty(t, e.Grants, p.String())
			}
			s := w.subject()
			p := a.Within(s, set, rbacsim.AllRequests)
			outcomes[p.Outcome]++
			beyond := slices.ContainsFunc(universe, func(r rbacsim.Request) bool { return allows(a, s)(r) && !set.Contains(r) })
			if !beyond {
				require.Equal(t, rbacsim.Proved, p.Outcome, p.String())
				continue
			}
			require.Equal(t, rbacsim.Refuted, p.Outcome, p.String())
			e := p.Counterexample
			require.True(t, a.Decide(e.Subject, e.Request) == rbacsim.Allowed && !set.Contains(e.Request), p.String())
		}
	})
	assert.Len(t, outcomes, 2, "%v", outcomes)
}

// Where the input lacks roles, nothing is proved that a role could falsify: whatever
// is put in their place, what was proved holds and what was refuted does not.
func TestProofsHoldWhateverIsMissing(t *testing.T) {
	outcomes := map[rbacsim.Outcome]int{}
	fewWorlds(t, func(t *testing.T, w *world) {
		for _, r := range w.clusterRoles {
			r.AggregationRule = nil
		}
		a := rbacsim.New(w.snapshot())
		set, x, y := w.set(), w.subject(), w.subject()
		proofs := []rbacsim.Outcome{a.NotGranted(set, rbacsim.AllRequests).Outcome, a.Within(x, set, rbacsim.AllRequests).Outcome}
		compared := a.CompareSubjects(x, y, rbacsim.AllRequests)
		proofs = append(proofs, compared.Gained.Outcome, compared.Lost.Outcome)
		for range 4 {
			filled := *w
			filled.clusterRoles, filled.roles = slices.Clone(w.clusterRoles), slices.Clone(w.roles)
			filled.fill()
			b := rbacsim.New(filled.snapshot())
			compared := b.CompareSubjects(x, y, rbacsim.AllRequests)
			for i, now := range []rbacsim.Outcome{
				b.NotGranted(set, rbacsim.AllRequests).Outcome, b.Within(x, set, rbacsim.AllRequests).Outcome, compared.Gained.Outcome, compared.Lost.Outcome,
			} {
				require.NotEqual(t, rbacsim.Open, now)
				if proofs[i] != rbacsim.Open {
					require.Equal(t, proofs[i], now, "claim %d", i)
				}
				outcomes[proofs[i]]++
			}
		}
	})
	assert.Len(t, outcomes, 3, "%v", outcomes)
}

// fill adds random roles where bindings want some.
func (w *world) fill() {
	has := map[string]bool{}
	for _, r := range w.clusterRoles {
		has[r.Name] = true
	}
	for _, r := range w.roles {
		has[r.Namespace+"/"+r.Name] = true
	}
	want := func(kind, namespace, name string) {
		switch {
		case kind == "ClusterRole" && !has[name]:
			r := &rbacv1.ClusterRole{Rules: w.rules(true)}
			r.Name = name
			w.clusterRoles, has[name] = append(w.clusterRoles, r), true
		case kind == "Role" && !has[namespace+"/"+name]:
			r := &rbacv1.Role{Rules: w.rules(false)}
			r.Namespace, r.Name = namespace, name
			w.roles, has[namespace+"/"+name] = append(w.roles, r), true
		}
	}
	for _, b := range w.cluster {
		want(b.RoleRef.Kind, "", b.RoleRef.Name)
	}
	for _, b := range w.namespaced {
		want(b.RoleRef.Kind, b.Namespace, b.RoleRef.Name)
	}
}

// fewWorlds looks at some of the worlds: brute force takes its time.
func fewWorlds(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	for seed := range max(25, uint64(*worlds)/6) {
		w := newWorld(rand.New(rand.NewPCG(seed, 11)))
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { run(t, w) }) {
			return
		}
	}
}
