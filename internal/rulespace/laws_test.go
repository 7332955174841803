package rulespace_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// atoms splits rules into those with one value in each list.
func atoms(a rulespace.Access) rulespace.Access {
	var out rulespace.Access
	for _, g := range a {
		var rules []rbacv1.PolicyRule
		for _, r := range g.Rules {
			for _, verb := range r.Verbs {
				for _, url := range r.NonResourceURLs {
					rules = append(rules, rbacv1.PolicyRule{Verbs: []string{verb}, NonResourceURLs: []string{url}})
				}
				for _, group := range r.APIGroups {
					for _, resource := range r.Resources {
						atom := rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: []string{resource}}
						if len(r.ResourceNames) == 0 {
							rules = append(rules, atom)
						}
						for _, name := range r.ResourceNames {
							named := atom
							named.ResourceNames = []string{name}
							rules = append(rules, named)
						}
					}
				}
			}
		}
		out = append(out, rulespace.Grant{Namespace: g.Namespace, Rules: rules})
	}
	return out
}

func TestLaws(t *testing.T) {
	third := func(a, b rulespace.Access) rulespace.Access { // depends on both, so that shrinking keeps it
		return newSource(uint64(len(a)), uint64(len(b))).access()
	}
	mirrored := map[rulespace.Relation]rulespace.Relation{
		rulespace.Equal: rulespace.Equal, rulespace.Narrower: rulespace.Wider,
		rulespace.Wider: rulespace.Narrower, rulespace.Incomparable: rulespace.Incomparable,
	}
	for _, u := range []rulespace.Universe{{}, {Reviews: true}, {Known: known(), Closed: true}} {
		t.Run(fmt.Sprintf("closed=%t,reviews=%t", u.Closed, u.Reviews), func(t *testing.T) {
			seen := map[rulespace.Relation]int{}
			each(t, 5**lists, func(a, b rulespace.Access) string {
				s := rulespace.New(u)
				covers := func(x, y rulespace.Access) bool { _, ok := s.Covers(x, y); return ok }
				c := third(a, b)
				union := append(append(rulespace.Access{}, a...), b...)
				ab, ba := s.Compare(a, b), s.Compare(b, a)
				seen[ab.Relation]++
				_, meets := s.Intersects(a, b)
				_, meetsToo := s.Intersects(b, a)
				_, empty := s.Empty(a)
				switch {
				case !covers(a, a):
					return "not reflexive"
				case ab.Relation != mirrored[ba.Relation]:
					return "not antisymmetric"
				case covers(a, b) && covers(b, c) && !covers(a, c):
					return "not transitive"
				case !covers(union, a) || !covers(union, b):
					return "a union is not wider"
				case covers(c, a) && covers(c, b) != covers(c, union):
					return "a union is wider than its parts"
				case s.Compare(a, atoms(a)).Relation != rulespace.Equal:
					return "splitting a rule into atoms changes something"
				case meets != meetsToo:
					return "meeting is not mutual"
				case !covers(rulespace.Everything(), a) || !covers(a, nil):
					return "everything is not all, or nothing is something"
				case covers(nil, a) != empty:
					return "empty, yet not covered by nothing"
				case covers(a, b) && meets == (func() bool { _, e := s.Empty(b); return e })():
					return "what is covered meets"
				}
				return ""
			})
			for relation := range mirrored {
				assert.NotZero(t, seen[relation], "no pair was %s", relation)
			}
		})
	}
}

// FuzzCovers holds the algebra to brute force for values of any spelling.
func FuzzCovers(f *testing.F) {
	f.Add("get", "apps", "pods/log", "one", "/a*", "*", "*", "*/log", "", "/a/b")
	f.Add("", "", "a/b/c", "", "*", "*", "", "*/b/c", "*", "**")
	f.Fuzz(func(t *testing.T, v1, g1, r1, n1, u1, v2, g2, r2, n2, u2 string) {
		if long := r1 + r2 + u1 + u2; len(long) > 60 || strings.Contains(v1+v2+g1+g2+n1+n2+long, "fresh") {
			return // the first makes too many requests, the second takes what brute force holds for unused
		}
		rules := func(v, g, r, n, u string) rulespace.Access {
			resources := rbacv1.PolicyRule{Verbs: []string{v}, APIGroups: []string{g}, Resources: []string{r}}
			if n != "" {
				resources.ResourceNames = []string{n}
			}
			return rulespace.Access{{Rules: []rbacv1.PolicyRule{resources, {Verbs: []string{v}, NonResourceURLs: []string{u}}}}}
		}
		x, y := rules(v1, g1, r1, n1, u1), rules(v2, g2, r2, n2, u2)
		for _, reviews := range []bool{false, true} {
			if problem := bruteForce(reviews, x, y); problem != "" {
				t.Fatalf("%s\na = %+v\nb = %+v", problem, x, y)
			}
		}
	})
}
