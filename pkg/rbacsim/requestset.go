package rbacsim

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// ScopedRule is a set of requests: what one rule allows where it is granted.
type ScopedRule struct {
	// Namespace limits it to requests in that namespace. Empty is no limit: requests
	// in every namespace, across namespaces, outside of them, and for URLs.
	Namespace string
	Policy    rbacv1.PolicyRule
}

// RequestSet is a set of requests: those that any of the rules allows. The zero
// RequestSet is empty.
type RequestSet []ScopedRule

// RequestsFor returns the set of what one means by requests: one without a name
// stands for all names, one without a namespace for all namespaces, and * for
// whatever it stands for in a rule.
func RequestsFor(requests ...Request) RequestSet {
	var set RequestSet
	for _, r := range requests {
		p := rbacv1.PolicyRule{Verbs: []string{r.Verb}}
		if r.NonResource {
			p.NonResourceURLs = []string{r.Path}
			set = append(set, ScopedRule{"", p})
			continue
		}
		p.APIGroups, p.Resources = []string{r.Group}, []string{r.combined()}
		if r.Name != "" {
			p.ResourceNames = []string{r.Name}
		}
		set = append(set, ScopedRule{r.Namespace, p})
	}
	return set
}

// Contains reports whether the request is in the set.
func (s RequestSet) Contains(r Request) bool {
	return slices.ContainsFunc(s, func(rule ScopedRule) bool {
		return (rule.Namespace == "" || !r.NonResource && rule.Namespace == r.Namespace) && covers(&rule.Policy, r)
	})
}

// String returns the set for people: get, list secrets in namespace data.
func (s RequestSet) String() string {
	const most = 4
	if len(s) == 0 {
		return "no request"
	}
	var list []string
	for _, b := range boxesOf(rulespace.New(rulespace.Universe{}).Minus(s.access(), nil)) {
		list = append(list, b.String())
	}
	if len(list) > most {
		list = append(list[:most], "…")
	}
	return strings.Join(list, "; ")
}

func (s RequestSet) access() rulespace.Access {
	var a rulespace.Access
	for i := range s {
		a = append(a, rulespace.Grant{Namespace: s[i].Namespace, Rules: []rbacv1.PolicyRule{s[i].Policy}})
	}
	return a
}
