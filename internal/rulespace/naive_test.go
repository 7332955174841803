package rulespace_test

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// The slow reading: every request of a universe of representatives is put to
// every rule, both spelt out here.

func naiveAllows(a rulespace.Access, r rulespace.Request) bool {
	for _, g := range a {
		if g.Namespace != "" && g.Namespace != r.Namespace {
			continue
		}
		for _, rule := range g.Rules {
			if r.NonResource && g.Namespace == "" && naiveURL(rule, r) || !r.NonResource && naiveResource(rule, r) {
				return true
			}
		}
	}
	return false
}

func naiveAny(list []string, value string) bool {
	for _, v := range list {
		if v == "*" || v == value {
			return true
		}
	}
	return false
}

func naiveResource(rule rbacv1.PolicyRule, r rulespace.Request) bool {
	full := r.Resource
	if r.Subresource != "" {
		full += "/" + r.Subresource
	}
	ok := false
	for _, res := range rule.Resources {
		ok = ok || res == "*" || res == full || r.Subresource != "" && res == "*/"+r.Subresource
	}
	named := len(rule.ResourceNames) == 0
	for _, n := range rule.ResourceNames {
		named = named || n == r.Name
	}
	return ok && named && naiveAny(rule.Verbs, r.Verb) && naiveAny(rule.APIGroups, r.Group)
}

func naiveURL(rule rbacv1.PolicyRule, r rulespace.Request) bool {
	for _, u := range rule.NonResourceURLs {
		if u == r.Path || strings.HasSuffix(u, "*") && strings.HasPrefix(r.Path, strings.TrimRight(u, "*")) {
			return naiveAny(rule.Verbs, r.Verb)
		}
	}
	return false
}

// requests lists representatives of everything that the accesses can tell
// apart: each value they mention, one they do not mention, and the literal `*`.
func requests(reviews bool, accesses ...rulespace.Access) []rulespace.Request {
	verbs, groups, names, namespaces := []string{"fresh", "*"}, []string{"fresh", "*"}, []string{"fresh", "*", ""}, []string{"fresh", ""}
	resources := [][2]string{{"fresh", ""}, {"*", ""}, {"fresh", "fresh"}, {"*", "*"}, {"fresh", "*"}}
	paths := []string{"fresh", "*", "", "/", "/fresh"}
	for _, a := range accesses {
		for _, g := range a {
			namespaces = append(namespaces, g.Namespace)
			for _, rule := range g.Rules {
				verbs = append(verbs, rule.Verbs...)
				groups = append(groups, rule.APIGroups...)
				names = append(names, rule.ResourceNames...)
				for _, res := range rule.Resources {
					for i := range res {
						if res[i] == '/' && i+1 < len(res) {
							resources = append(resources, [2]string{res[:i], res[i+1:]}, [2]string{"fresh", res[i+1:]}, [2]string{"*", res[i+1:]}, [2]string{res[:i], "fresh"})
						}
					}
					if !strings.Contains(res, "/") || reviews {
						resources = append(resources, [2]string{res, ""})
					}
					resources = append(resources, [2]string{res, "fresh"})
				}
				for _, u := range rule.NonResourceURLs {
					base := strings.TrimRight(u, "*")
					paths = append(paths, u, base, base+"fresh", base+"/fresh", base+"/")
				}
			}
		}
	}
	var out []rulespace.Request
	for _, v := range unique(verbs) {
		for _, p := range unique(paths) {
			out = append(out, rulespace.Request{NonResource: true, Verb: v, Path: p})
		}
		for _, g := range unique(groups) {
			for _, r := range unique(resources) {
				for _, n := range unique(names) {
					for _, ns := range unique(namespaces) {
						out = append(out, rulespace.Request{Verb: v, Group: g, Resource: r[0], Subresource: r[1], Name: n, Namespace: ns})
					}
				}
			}
		}
	}
	return out
}

func unique[T comparable](list []T) []T {
	var out []T
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
