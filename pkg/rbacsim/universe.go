package rbacsim

import (
	"slices"

	"github.com/aksim/aksim/internal/rulespace"
)

// Universe says over which requests a claim is made. URLs are open in both.
type Universe uint8

const (
	// AllRequests are the requests for any verb, resource and name: those for
	// resources to come, of CustomResourceDefinitions that are yet to be made, and for
	// the literal * among them. Resources that only a review written by hand can have,
	// such as "pods/log" in one field, are left out.
	AllRequests Universe = iota
	// KnownRequests are those for the Authorizer's resources with verbs that
	// these have and where they are, in namespaces or not. What is proved of them holds until the next
	// CustomResourceDefinition.
	KnownRequests
)

// String returns what the universe holds, for people.
func (u Universe) String() string {
	if u == KnownRequests {
		return "all requests for known resources, and for URLs"
	}
	return "all requests, those for resources to come included"
}

// space returns the algebra over the universe.
func (u Universe) space(resources ...*Resources) *rulespace.Space {
	var known []rulespace.Resource
	seen := map[rulespace.Request]bool{}
	for _, rs := range resources {
		for _, r := range rs.list {
			for _, k := range r.known() {
				if key := (rulespace.Request{Group: k.Group, Resource: k.Resource, Subresource: k.Subresource}); !seen[key] {
					seen[key] = true
					known = append(known, k)
				}
			}
		}
	}
	universe := rulespace.Universe{Known: known, Closed: u == KnownRequests}
	plant(planted.universe, &universe)
	return rulespace.New(universe)
}

// known lists the resource and its subresources. Of what is not built in, status and
// scale are taken to be there: nobody lists them.
func (r Resource) known() []rulespace.Resource {
	list := []rulespace.Resource{{Group: r.Group, Resource: r.Name, Namespaced: r.Namespaced, Verbs: r.checkedVerbs()}}
	subresources := slices.Clone(r.Subresources)
	if _, builtin := BuiltinResources().Get(r.Group, r.Name); !builtin {
		for _, sub := range []string{"scale", "status"} {
			if !slices.Contains(subresources, sub) {
				subresources = append(subresources, sub)
			}
		}
	}
	for _, sub := range subresources {
		list = append(list, rulespace.Resource{Group: r.Group, Resource: r.Name, Subresource: sub, Namespaced: r.Namespaced})
	}
	return list
}

// checkedVerbs returns the verbs that the API server asks about for a resource:
// those that it serves, and those that it asks about besides. Nil stands for any.
func (r Resource) checkedVerbs() []string {
	if len(r.Verbs) == 0 {
		return nil
	}
	verbs := slices.Concat(r.Verbs, specialVerbs())
	for _, mode := range []string{"associated-node", "arbitrary-node", "serviceaccount", "user-info"} { // RB38
		verbs = append(verbs, "impersonate:"+mode)
		for _, v := range r.Verbs {
			verbs = append(verbs, "impersonate-on:"+mode+":"+v)
		}
	}
	slices.Sort(verbs)
	return slices.Compact(verbs)
}

func requestOf(r rulespace.Request) Request {
	return Request{
		Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name,
		NonResource: r.NonResource, Path: r.Path,
	}
}

func (r Request) algebraic() rulespace.Request {
	if r.NonResource {
		return rulespace.Request{Verb: r.Verb, NonResource: true, Path: r.Path}
	}
	return rulespace.Request{Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name}
}
