package rbacsim

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// This file is the authorizer's only reading of one rule. The index of index.go is made
// of the same pieces, and property tests hold the two together. internal/rulespace, which
// knows of no authorizer and serves as its check, reads rules by itself:
// TestRulesAreReadAlike holds the two together.

// wildcard is the only one there is, for verbs, groups, resources and, as the end
// of a URL, for paths (RB2).
const wildcard = "*"

// covers reports whether a single rule allows a request: one rule must match in
// every respect, and no two rules help each other (RB1). Of a rule for resources and
// URLs, which a server refuses, both halves would count (RB14).
func covers(rule *rbacv1.PolicyRule, r Request) bool {
	if !slices.Contains(rule.Verbs, wildcard) && !slices.Contains(rule.Verbs, r.Verb) { // RB3, RB4
		return false
	}
	if r.NonResource {
		return slices.ContainsFunc(rule.NonResourceURLs, func(url string) bool { return coversPath(url, r.Path) })
	}
	return coversGroup(rule.APIGroups, r.Group) && coversResource(rule.Resources, r) && coversName(rule.ResourceNames, r.Name)
}

// coversGroup reports whether the groups hold the request's; none at all is no
// group (RB7).
func coversGroup(groups []string, group string) bool {
	return slices.Contains(groups, wildcard) || slices.Contains(groups, group)
}

// coversResource reports whether one of the resources means the request's (RB5):
// with the subresource joined to it by a slash, or for any resource by */ (RB6).
func coversResource(resources []string, r Request) bool {
	for _, has := range resources {
		if has == wildcard || has == r.combined() {
			return true
		}
		if sub, ok := strings.CutPrefix(has, wildcard+"/"); ok && r.Subresource != "" && sub == r.Subresource {
			return true
		}
	}
	return false
}

// combined returns the resource as rules name it: pods/log.
func (r Request) combined() string {
	if r.Subresource == "" {
		return r.Resource
	}
	return r.Resource + "/" + r.Subresource
}

// coversName reports whether the names hold the request's. None means any, a star
// is the name of a star, and "" is that of a request without one (RB8).
func coversName(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

// coversPath reports whether a rule's URL means the path: as it is or, with stars
// at its end, as a prefix of it, borders of segments or not (RB12).
func coversPath(url, path string) bool {
	prefix := pathPrefix(url)
	return url == path || prefix != url && strings.HasPrefix(path, prefix)
}

// pathPrefix returns a URL without the stars at its end.
func pathPrefix(url string) string { return strings.TrimRight(url, wildcard) }
