package abac_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/abac"
)

// expr is a random condition and its meaning if everything is known.
type expr struct {
	text string
	hold func(world) bool
}

// world is a request: an action, a sub-operation, and three attributes, nil if
// absent. Comparisons are only made of what is there.
type world struct {
	action, sub string
	attributes  [3][]string
}

func quote(words []string) string { return "{'" + strings.Join(words, "', '") + "'}" }

func pick(rng *rand.Rand) []string {
	words := make([]string, 1+rng.IntN(2))
	for i := range words {
		words[i] = []string{"a", "A", "ab", "b"}[rng.IntN(4)]
	}
	return words
}

// single operators, as one would write them in Go.
var singles = map[string]func(l, r string) bool{
	"StringEquals":                  func(l, r string) bool { return l == r },
	"StringNotEquals":               func(l, r string) bool { return l != r },
	"StringEqualsIgnoreCase":        strings.EqualFold,
	"StringNotEqualsIgnoreCase":     func(l, r string) bool { return !strings.EqualFold(l, r) },
	"StringStartsWith":              strings.HasPrefix,
	"StringNotStartsWithIgnoreCase": func(l, r string) bool { return !strings.HasPrefix(strings.ToLower(l), strings.ToLower(r)) },
}

func quantified(name string, l, r []string, op func(l, r string) bool) bool {
	switch name {
	case "ForAnyOfAnyValues":
		return slices.ContainsFunc(l, func(x string) bool { return slices.ContainsFunc(r, func(y string) bool { return op(x, y) }) })
	case "ForAllOfAnyValues":
		return !slices.ContainsFunc(l, func(x string) bool { return !slices.ContainsFunc(r, func(y string) bool { return op(x, y) }) })
	case "ForAnyOfAllValues":
		return slices.ContainsFunc(l, func(x string) bool { return !slices.ContainsFunc(r, func(y string) bool { return !op(x, y) }) })
	default:
		return !slices.ContainsFunc(l, func(x string) bool { return slices.ContainsFunc(r, func(y string) bool { return !op(x, y) }) })
	}
}

func random(rng *rand.Rand, depth int) expr {
	if depth == 0 {
		return leaf(rng)
	}
	switch rng.IntN(4) {
	case 0:
		e := random(rng, depth-1)
		return expr{"NOT (" + e.text + ")", func(w world) bool { return !e.hold(w) }}
	case 1:
		return leaf(rng)
	}
	or := rng.IntN(2) == 0
	var terms []expr
	var texts []string
	for range 2 + rng.IntN(2) {
		e := random(rng, depth-1)
		terms, texts = append(terms, e), append(texts, "("+e.text+")")
	}
	return expr{strings.Join(texts, map[bool]string{true: " || ", false: " AND "}[or]), func(w world) bool {
		return slices.ContainsFunc(terms, func(e expr) bool { return e.hold(w) == or }) == or
	}}
}

func leaf(rng *rand.Rand) expr {
	switch rng.IntN(5) {
	case 0:
		action := []string{"a/read", "a/write", "a/*", "*/read"}[rng.IntN(4)]
		return expr{"ActionMatches{'" + action + "'}", func(w world) bool {
			return strings.HasPrefix(w.action, strings.TrimSuffix(action, "*")) || strings.HasPrefix(action, "*") && strings.HasSuffix(w.action, action[1:])
		}}
	case 1:
		return expr{"SubOperationMatches{'list'}", func(w world) bool { return w.sub == "list" }}
	case 2:
		i := rng.IntN(3)
		return expr{fmt.Sprintf("Exists @Request[%d]", i), func(w world) bool { return w.attributes[i] != nil }}
	}
	names := []string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringStartsWith", "StringNotStartsWithIgnoreCase"}
	name := names[rng.IntN(len(names))]
	quantifier := []string{"ForAnyOfAnyValues", "ForAllOfAnyValues", "ForAnyOfAllValues", "ForAllOfAllValues"}[rng.IntN(4)]
	i, right := rng.IntN(2), pick(rng) // the third attribute may be absent
	return expr{fmt.Sprintf("@Request[%d] %s:%s %s", i, quantifier, name, quote(right)), func(w world) bool {
		return quantified(quantifier, w.attributes[i], right, singles[name])
	}}
}

// With everything known a condition is what a naive reader makes of it. With
// less known it is that or Unknown; of Targets, what is not targeted is always
// true; reasons there are if and only if it is not true.
func TestAgainstNaiveReader(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		e := random(rng, rng.IntN(4))
		c := parse(t, e.text)
		require.Equal(t, c, parse(t, c.String()), e.text)
		w := world{action: []string{"a/read", "a/write", "b/read"}[rng.IntN(3)], sub: []string{"list", ""}[rng.IntN(2)]}
		for i := range w.attributes {
			if w.attributes[i] = pick(rng); i == 2 && rng.IntN(2) == 0 {
				w.attributes[i] = nil
			}
		}
		in := abac.Input{Action: w.action, SubOperation: w.sub, NoSubOperation: w.sub == ""}
		in.Attribute = func(_, name string) (abac.Value, abac.Presence) {
			if v := w.attributes[name[0]-'0']; v != nil {
				return abac.Text(v...), abac.Present
			}
			return abac.Value{}, abac.Absent
		}
		want := abac.False
		if e.hold(w) {
			want = abac.True
		}
		require.Equal(t, want, c.Eval(in), "%s: %v", e.text, w)

		truth, reasons := c.Why(in)
		require.Equal(t, want, truth)
		require.Equal(t, want == abac.True, len(reasons) == 0, "%s: %v", e.text, w)
		if c.Targets(w.action) == 0 {
			require.Equal(t, abac.True, want, "%s: %v", e.text, w)
		}

		less := in
		less.NoSubOperation = false
		hidden := rng.IntN(3)
		less.Attribute = func(source, name string) (abac.Value, abac.Presence) {
			if int(name[0]-'0') == hidden {
				return abac.Value{}, abac.NotKnown
			}
			return in.Attribute(source, name)
		}
		if got := c.Eval(less); got != abac.Unknown {
			require.Equal(t, want, got, "%s: %v without %d", e.text, w, hidden)
		}
	}
}

// What a delegation says of an assignment is what evaluating the condition does.
func TestDelegationAgainstEval(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	guids := []string{reader, contributor, owner}
	types := []string{"User", "Group", "ServicePrincipal"}
	var build func(depth int) string
	build = func(depth int) string {
		if depth > 0 && rng.IntN(3) > 0 {
			op := []string{" AND ", " OR "}[rng.IntN(2)]
			return []string{"", "!"}[rng.IntN(2)] + "((" + build(depth-1) + ")" + op + "(" + build(depth-1) + "))"
		}
		quantifier := []string{"ForAnyOfAnyValues:", "ForAllOfAnyValues:", "ForAnyOfAllValues:", "ForAllOfAllValues:"}[rng.IntN(4)]
		not := []string{"", "Not"}[rng.IntN(2)]
		switch rng.IntN(4) {
		case 0:
			return "ActionMatches{'" + roleAssignments + []string{"*", "delete"}[rng.IntN(2)] + "'}"
		case 1:
			return "@Request[" + principalType + "] " + quantifier + "String" + not + "Equals {'" + types[rng.IntN(3)] + "', '" + types[rng.IntN(3)] + "'}"
		default:
			name := []string{roleID, principalID}[rng.IntN(2)]
			return "@Request[" + name + "] " + quantifier + "Guid" + not + "Equals {" + guids[rng.IntN(3)] + ", " + guids[rng.IntN(3)] + "}"
		}
	}
	checked := 0
	for range 1000 {
		c := parse(t, build(3))
		d, ok := c.Delegation(roleAssignments + "write")
		if !ok {
			continue // too many alternatives
		}
		require.True(t, d.Exact, c)
		checked++
		for _, role := range guids {
			for _, principal := range guids {
				for _, kind := range types {
					in := abac.Input{Action: roleAssignments + "write", Attribute: known(map[string]*abac.Value{
						"@Request[" + roleID + "]": text(role), "@Request[" + principalID + "]": text(principal), "@Request[" + principalType + "]": text(kind),
					})}
					passes := slices.ContainsFunc(d.Grants, func(g abac.Grant) bool {
						return g.Roles.Has(role) && g.Principals.Has(principal) && g.Types.Has(kind)
					})
					require.Equal(t, c.Eval(in) == abac.True, passes, "%s: %s, %s, %s", c, role, principal, kind)
					require.True(t, !passes || d.Roles().Has(role))
				}
			}
		}
	}
	require.Greater(t, checked, 800)
}
