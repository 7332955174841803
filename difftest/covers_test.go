package difftest

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/component-helpers/auth/rbac/validation"
	"sigs.k8s.io/yaml"

	"github.com/aksim/aksim/internal/rulespace"
)

var rulePairs = flag.Int("rules", 50_000, "random pairs of lists of rules")

// Our Covers equals the API server's own, which decides who may grant what,
// except that it takes `*/x` to cover `r/x` for every x. Where x has a slash, or
// is empty, that is wrong: a request whose resource has the slash escapes. Where
// reviews may be of any form, it is wrong for every x. Where they may not, r/ names
// nothing, which the API server's does not know.
func TestCovers(t *testing.T) {
	for _, u := range []rulespace.Universe{{}, {Reviews: true}} {
		var covered, deviations int
		for seed := range *rulePairs {
			s := rulesource{rand.New(rand.NewPCG(uint64(seed), 3))}
			owner, servant := s.rules(), s.rules()
			theirs, left := validation.Covers(owner, servant)
			witness, ours := rulespace.New(u).Covers(rulespace.Access{{Rules: owner}}, rulespace.Access{{Rules: servant}})
			if theirs {
				covered++
			}
			if ours == theirs {
				continue
			}
			deviations++
			if !theirs { // what is left names nothing that a client can ask for: r/, */
				require.False(t, u.Reviews, "seed %d: %v covers %v except %v", seed, owner, servant, left)
				require.True(t, nameNothing(left), "seed %d: %v covers %v except %v", seed, owner, servant, left)
				continue
			}
			require.Contains(t, witness.Resource, "/", "seed %d: %v, %v", seed, owner, servant)
			require.True(t, slices.ContainsFunc(servant, func(r rbacv1.PolicyRule) bool {
				return slices.ContainsFunc(r.Resources, func(resource string) bool { return starTakenTooFar(owner, resource, u) })
			}), "seed %d: %v, %v", seed, owner, servant)
		}
		t.Logf("%+v: %d covered, %d deviations", u, covered, deviations)
		assert.NotZero(t, deviations)
		assert.Greater(t, covered, *rulePairs/50)
		assert.Less(t, covered, *rulePairs*49/50)
	}
}

// nameNothing reports whether all resources of the rules end in a slash.
func nameNothing(rules []rbacv1.PolicyRule) bool {
	return !slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return slices.ContainsFunc(r.Resources, func(resource string) bool { return !strings.HasSuffix(resource, "/") })
	})
}

// starTakenTooFar reports whether a rule of the owner has the `*/x` that the
// resource r/x is taken to be covered by.
func starTakenTooFar(owner []rbacv1.PolicyRule, resource string, u rulespace.Universe) bool {
	_, sub, slash := strings.Cut(resource, "/")
	return slash && (u.Reviews || sub == "" || strings.Contains(sub, "/")) &&
		slices.ContainsFunc(owner, func(r rbacv1.PolicyRule) bool { return slices.Contains(r.Resources, "*/"+sub) })
}

// Every pair of the default roles, and each with its rules in pieces.
func TestCoversOfDefaultRoles(t *testing.T) {
	data, err := os.ReadFile("../../shared/truth/rbac/bootstrap-clusterroles.yaml")
	if os.IsNotExist(err) {
		t.Skip("no recorded roles here")
	}
	require.NoError(t, err)
	var list rbacv1.ClusterRoleList
	require.NoError(t, yaml.Unmarshal(data, &list))
	roles := slices.DeleteFunc(list.Items, func(r rbacv1.ClusterRole) bool { return r.Kind != "ClusterRole" })
	require.Greater(t, len(roles), 50)
	s := rulespace.New(rulespace.Universe{})
	covered := 0
	for _, owner := range roles {
		for _, servant := range roles {
			theirs, _ := validation.Covers(owner.Rules, servant.Rules)
			witness, ours := s.Covers(rulespace.Access{{Rules: owner.Rules}}, rulespace.Access{{Rules: servant.Rules}})
			assert.Equal(t, theirs, ours, "%s, %s: %v", owner.Name, servant.Name, witness)
			if ours {
				covered++
			}
		}
		var pieces []rbacv1.PolicyRule
		for _, r := range owner.Rules {
			pieces = append(pieces, validation.BreakdownRule(r)...)
		}
		c := s.Compare(rulespace.Access{{Rules: owner.Rules}}, rulespace.Access{{Rules: pieces}})
		assert.Equal(t, rulespace.Equal, c.Relation, "%s: %v", owner.Name, c)
	}
	assert.Greater(t, covered, len(roles))
}

// rulesource makes rules of small alphabets, so that they meet.
type rulesource struct{ *rand.Rand }

func (s rulesource) pick(most int, from ...string) []string {
	var out []string
	for range s.IntN(most + 1) {
		out = append(out, from[s.IntN(len(from))])
	}
	return out
}

func (s rulesource) rules() []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for range 1 + s.IntN(4) {
		r := rbacv1.PolicyRule{Verbs: s.pick(3, "get", "list", "GET", "*")}
		if s.IntN(5) == 0 {
			r.NonResourceURLs = s.pick(3, "*", "", "/a", "/a*", "/a/*", "/a/b", "/b**", "/b", "/*/c", "a*")
		} else {
			r.APIGroups = s.pick(2, "", "apps", "*")
			r.Resources = s.pick(3, "pods", "pods/log", "*/log", "*", "deployments", "pods/*", "*/*", "*/b/c", "a/b/c", "pods/", "*/", "")
			if s.IntN(3) == 0 {
				r.ResourceNames = s.pick(2, "one", "two", "", "*")
			}
		}
		out = append(out, r)
	}
	return out
}
