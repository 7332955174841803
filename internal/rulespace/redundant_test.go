package rulespace_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

func parts(list []rulespace.Redundancy) []rulespace.Part {
	var out []rulespace.Part
	for _, r := range list {
		out = append(out, r.Part)
	}
	return out
}

// What is redundant can go, all together; and then nothing more can.
func TestRedundant(t *testing.T) {
	for _, u := range []rulespace.Universe{{}, {Known: known(), Closed: true}} {
		t.Run(fmt.Sprintf("closed=%t", u.Closed), func(t *testing.T) {
			each(t, 3**lists, func(a, b rulespace.Access) string {
				a = append(a, b...)
				s := rulespace.New(u)
				redundant := s.Redundant(a)
				rest := a.Without(parts(redundant)...)
				if c := s.Compare(a, rest); c.Relation != rulespace.Equal {
					return fmt.Sprintf("without %+v: %+v", redundant, c)
				}
				if more := s.Redundant(rest); len(more) > 0 {
					return fmt.Sprintf("after %+v still %+v", redundant, more)
				}
				for _, r := range redundant {
					if problem := superfluous(s, a, r); problem != "" {
						return problem
					}
				}
				// Nothing else could go: each rule and value is needed for something.
				for _, p := range allParts(rest) {
					if s.Compare(rest, rest.Without(p)).Relation == rulespace.Equal {
						return fmt.Sprintf("%+v can go", p)
					}
				}
				return ""
			})
		})
	}
}

// superfluous says what is wrong with the rules that are said to allow the
// redundant part.
func superfluous(s *rulespace.Space, a rulespace.Access, r rulespace.Redundancy) string {
	if r.Field != "" {
		return ""
	}
	self := rulespace.Access{{Namespace: a[r.Grant].Namespace, Rules: a[r.Grant].Rules[r.Rule : r.Rule+1]}}
	var by rulespace.Access
	for _, p := range r.By {
		by = append(by, rulespace.Grant{Namespace: a[p.Grant].Namespace, Rules: a[p.Grant].Rules[p.Rule : p.Rule+1]})
	}
	if witness, ok := s.Covers(by, self); !ok {
		return fmt.Sprintf("%+v: not allowed by those: %v", r, witness)
	}
	return ""
}

// allParts lists the rules and the values of lists with several.
func allParts(a rulespace.Access) []rulespace.Part {
	var out []rulespace.Part
	for g, grant := range a {
		for i, rule := range grant.Rules {
			out = append(out, rulespace.Part{Grant: g, Rule: i})
			for field, list := range map[string][]string{
				"verbs": rule.Verbs, "apiGroups": rule.APIGroups, "resources": rule.Resources,
				"resourceNames": rule.ResourceNames, "nonResourceURLs": rule.NonResourceURLs,
			} {
				for at := range list {
					if len(list) > 1 {
						out = append(out, rulespace.Part{Grant: g, Rule: i, Field: field, Index: at})
					}
				}
			}
		}
	}
	return out
}

func TestRedundantSaysWhy(t *testing.T) {
	rule := func(verbs, resources []string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: verbs, APIGroups: []string{""}, Resources: resources}
	}
	a := rulespace.Access{
		{Rules: []rbacv1.PolicyRule{rule([]string{"get"}, []string{"pods"})}},
		{Namespace: "app", Rules: []rbacv1.PolicyRule{
			rule([]string{"list"}, []string{"pods"}),
			rule([]string{"get", "list"}, []string{"pods"}),
			rule([]string{"get", "*"}, []string{"services"}),
		}},
	}
	assert.Equal(t, []rulespace.Redundancy{
		{Part: rulespace.Part{Grant: 1, Rule: 1}, By: []rulespace.Part{{Grant: 0, Rule: 0}, {Grant: 1, Rule: 0}}},
		{Part: rulespace.Part{Grant: 1, Rule: 2, Field: "verbs", Index: 0, Value: "get"}},
	}, rulespace.New(rulespace.Universe{}).Redundant(a))
}
