package rulespace

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Allows reports whether some grant allows the request. It reads the rules one
// by one; every witness of this package can be replayed with it.
func (a Access) Allows(r Request) bool {
	return slices.ContainsFunc(a, func(g Grant) bool { return g.Allows(r) })
}

// Allows reports whether one of the grant's rules, where it is granted, allows
// the request.
func (g Grant) Allows(r Request) bool {
	if g.Namespace != "" && (r.NonResource || r.Namespace != g.Namespace) {
		return false
	}
	return slices.ContainsFunc(g.Rules, func(rule rbacv1.PolicyRule) bool { return matches(rule, r) })
}

// matches reads one rule. All of the request must be in this one rule. pkg/rbacsim has
// a reading of its own, which this package must not know; TestRulesAreReadAlike there
// holds the two together.
func matches(rule rbacv1.PolicyRule, r Request) bool {
	if !has(rule.Verbs, r.Verb, rbacv1.VerbAll) {
		return false
	}
	if r.NonResource {
		return slices.ContainsFunc(rule.NonResourceURLs, func(pattern string) bool { return matchesPath(pattern, r.Path) })
	}
	return has(rule.APIGroups, r.Group, rbacv1.APIGroupAll) &&
		slices.ContainsFunc(rule.Resources, func(pattern string) bool { return matchesResource(pattern, r.Resource, r.Subresource) }) &&
		(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, r.Name))
}

func has(list []string, value, all string) bool {
	return slices.Contains(list, all) || slices.Contains(list, value)
}

// matchesResource: `*` is every resource and subresource, `*/sub` the
// subresource of any resource, anything else is literal.
func matchesResource(pattern, resource, subresource string) bool {
	return pattern == rbacv1.ResourceAll || pattern == combined(resource, subresource) ||
		subresource != "" && pattern == "*/"+subresource
}

// combined is a resource as rules write it.
func combined(resource, subresource string) string {
	if subresource == "" {
		return resource
	}
	return resource + "/" + subresource
}

// matchesPath: trailing stars make a prefix, other stars are literal.
func matchesPath(pattern, path string) bool {
	if prefix, ok := pathPrefix(pattern); ok && strings.HasPrefix(path, prefix) {
		return true
	}
	return pattern == path
}

func pathPrefix(pattern string) (prefix string, ok bool) {
	return strings.TrimRight(pattern, "*"), strings.HasSuffix(pattern, "*")
}
