package rulespace_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
)

// known is a small cluster in the letters of the random rules.
func known() []rulespace.Resource {
	return []rulespace.Resource{
		{Resource: "pods", Namespaced: true, Verbs: []string{"get", "list"}},
		{Resource: "pods", Subresource: "log", Namespaced: true, Verbs: []string{"get"}},
		{Group: "apps", Resource: "deployments", Namespaced: true},
		{Group: "apps", Resource: "deployments", Subresource: "b/c", Namespaced: true, Verbs: []string{"patch"}},
		{Resource: "namespaces", Verbs: []string{"get", "list"}},
		{Resource: "namespaces", Subresource: "log"},
		{Group: "apps", Resource: "nodes", Verbs: []string{"get", "list"}},
		{Group: "apps", Resource: "nodes", Namespaced: true, Verbs: []string{"patch"}},
	}
}

// closedRequests lists what the known resources serve: of all requests those
// with a known resource, one of its verbs, and a namespace where it has one.
func closedRequests(accesses ...rulespace.Access) []rulespace.Request {
	names, namespaces, verbs := []string{"fresh", ""}, []string{"fresh"}, []string{"fresh", "get", "list", "patch"}
	for _, a := range accesses {
		for _, g := range a {
			namespaces = append(namespaces, g.Namespace)
			for _, r := range g.Rules {
				names = append(names, r.ResourceNames...)
				verbs = append(verbs, r.Verbs...)
			}
		}
	}
	var out []rulespace.Request
	for _, r := range requests(false, accesses...) {
		if r.NonResource {
			out = append(out, r)
		}
	}
	namespaces = unique(append(namespaces, ""))
	for _, k := range known() {
		for _, v := range unique(verbs) {
			if k.Verbs != nil && !slices.Contains(k.Verbs, v) {
				continue
			}
			r := rulespace.Request{Verb: v, Group: k.Group, Resource: k.Resource, Subresource: k.Subresource}
			isNamespaces := k.Group == "" && k.Resource == "namespaces"
			for _, r.Name = range unique(append(names, namespaces...)) {
				switch {
				case k.Namespaced:
					for _, r.Namespace = range namespaces {
						out = append(out, r)
					}
				case isNamespaces:
					r.Namespace = r.Name
					out = append(out, r)
				default:
					r.Namespace = ""
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// The closed universe equals brute force over the requests that it serves.
func TestBruteForceClosed(t *testing.T) {
	each(t, 8**lists, func(a, b rulespace.Access) string {
		s := rulespace.New(rulespace.Universe{Known: known(), Closed: true})
		covered, meets, empty := true, false, true
		all := closedRequests(a, b)
		for _, r := range all {
			inA, inB := naiveAllows(a, r), naiveAllows(b, r)
			covered, meets, empty = covered && (!inB || inA), meets || inA && inB, empty && !inA
		}
		witness, ok := s.Covers(a, b)
		if ok != covered || !ok && (naiveAllows(a, witness) || !naiveAllows(b, witness) || !served(witness)) {
			return fmt.Sprintf("Covers = %t, witness %+v", ok, witness)
		}
		if witness, ok := s.Intersects(a, b); ok != meets || ok && !(naiveAllows(a, witness) && naiveAllows(b, witness) && served(witness)) {
			return fmt.Sprintf("Intersects = %t, witness %+v", ok, witness)
		}
		if witness, ok := s.Empty(a); ok != empty || !ok && !(naiveAllows(a, witness) && served(witness)) {
			return fmt.Sprintf("Empty = %t, witness %+v", ok, witness)
		}
		return ""
	}, "namespaces", "namespaces", "namespaces/log", "nodes", "pods", "deployments/b/c", "*/log", "*/b/c", "*")
}

// served reports whether a known resource serves the request.
func served(r rulespace.Request) bool {
	return r.NonResource || slices.ContainsFunc(known(), func(k rulespace.Resource) bool {
		return k.Group == r.Group && k.Resource == r.Resource && k.Subresource == r.Subresource &&
			(k.Verbs == nil || slices.Contains(k.Verbs, r.Verb)) &&
			(k.Namespaced || r.Namespace == "" && k.Resource != "namespaces" || k.Resource == "namespaces" && r.Namespace == r.Name)
	})
}

// All that is known is not all that may come.
func TestEqualTodayNotAfterTheNextCRD(t *testing.T) {
	all := rulespace.Access{{Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}}}
	today := rulespace.Access{{Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods", "pods/log", "namespaces", "namespaces/log"}},
		{Verbs: []string{"get"}, APIGroups: []string{"apps"}, Resources: []string{"deployments", "nodes"}},
	}}}
	closed := rulespace.New(rulespace.Universe{Known: known(), Closed: true}).Compare(all, today)
	assert.Equal(t, rulespace.Equal, closed.Relation, "%v", closed)
	list := append(known(), rulespace.Resource{Resource: "secrets"})
	open := rulespace.New(rulespace.Universe{Known: list}).Compare(all, today)
	assert.Equal(t, rulespace.Wider, open.Relation)
	assert.Equal(t, "get secrets", open.OnlyA.String())
}
