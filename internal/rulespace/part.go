package rulespace

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Part is a rule of an access, or one value of one of its lists.
type Part struct {
	Grant, Rule int
	Field       string // as in the API, verbs … nonResourceURLs; empty: the whole rule
	Index       int    // of the value in the list
	Value       string
}

// fields are the lists of a rule.
//
//nolint:gochecknoglobals // a constant
var fields = []struct {
	name string
	list func(*rbacv1.PolicyRule) *[]string
}{
	{"verbs", func(r *rbacv1.PolicyRule) *[]string { return &r.Verbs }},
	{"apiGroups", func(r *rbacv1.PolicyRule) *[]string { return &r.APIGroups }},
	{"resources", func(r *rbacv1.PolicyRule) *[]string { return &r.Resources }},
	{"resourceNames", func(r *rbacv1.PolicyRule) *[]string { return &r.ResourceNames }},
	{"nonResourceURLs", func(r *rbacv1.PolicyRule) *[]string { return &r.NonResourceURLs }},
}

// Without returns the access without the parts. A list whose every value goes
// becomes empty: for resourceNames that allows more, not less.
func (a Access) Without(parts ...Part) Access {
	gone := map[Part]bool{}
	for _, p := range parts {
		p.Value = ""
		gone[p] = true
	}
	var out Access
	for g, grant := range a {
		rest := Grant{Namespace: grant.Namespace}
		for i := range grant.Rules {
			if gone[Part{Grant: g, Rule: i}] {
				continue
			}
			rule := grant.Rules[i]
			for _, field := range fields {
				var kept []string
				for j, v := range *field.list(&rule) {
					if !gone[Part{Grant: g, Rule: i, Field: field.name, Index: j}] {
						kept = append(kept, v)
					}
				}
				*field.list(&rule) = kept
			}
			rest.Rules = append(rest.Rules, rule)
		}
		if len(rest.Rules) > 0 {
			out = append(out, rest)
		}
	}
	return out
}

// only returns the rule with a single value in the list.
func only(rule rbacv1.PolicyRule, field int, value string) rbacv1.PolicyRule {
	*fields[field].list(&rule) = []string{value}
	return rule
}

// without returns the rule without one value of the list.
func without(rule rbacv1.PolicyRule, field, index int) rbacv1.PolicyRule {
	list := fields[field].list(&rule)
	*list = slices.Delete(slices.Clone(*list), index, index+1)
	return rule
}

// withoutStars returns the rule without the values that stand for all.
func withoutStars(rule rbacv1.PolicyRule) rbacv1.PolicyRule {
	for _, list := range []*[]string{&rule.Verbs, &rule.APIGroups, &rule.Resources} {
		*list = slices.DeleteFunc(slices.Clone(*list), func(v string) bool { return v == "*" })
	}
	return rule
}

// String returns the part as a path into its grant: `rules[2].verbs[0] "get"`.
func (p Part) String() string {
	s := fmt.Sprintf("rules[%d]", p.Rule)
	if p.Field != "" {
		s += fmt.Sprintf(".%s[%d] %q", p.Field, p.Index, p.Value)
	}
	return s
}

// parts lists the rules of an access and the values of their lists. The only
// value of a list is the rule itself.
func (a Access) parts() []Part {
	var out []Part
	for g, grant := range a {
		for i, rule := range grant.Rules {
			out = append(out, Part{Grant: g, Rule: i})
			for _, field := range fields {
				list := *field.list(&rule)
				for at, v := range list {
					if len(list) > 1 {
						out = append(out, Part{g, i, field.name, at, v})
					}
				}
			}
		}
	}
	return out
}
