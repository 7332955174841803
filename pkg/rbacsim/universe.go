package rbacsim

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

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
	// these have and where they are, in namespaces or not, and with those that the API
	// server asks about besides, where it does. What is proved of them holds until the
	// next CustomResourceDefinition.
	KnownRequests
)

// String returns what the universe holds, for people.
func (u Universe) String() string {
	if u == KnownRequests {
		return "all requests for known resources, and for URLs"
	}
	return "all requests, those for resources to come included"
}

// apart says which requests the universe leaves out although they may be asked.
func (u Universe) apart() []string {
	if u != KnownRequests {
		return nil
	}
	return []string{"what is asked about resources that can't be listed: audiences of tokens, and finalizers of owners"}
}

// space returns the algebra over the universe.
func (u Universe) space(resources ...*Resources) *rulespace.Space {
	var known []rulespace.Resource
	type key struct {
		group, resource, subresource string
		namespaced                   bool
	}
	seen := map[key]bool{}
	for _, rs := range resources {
		for _, r := range rs.list {
			for _, k := range r.known() {
				if at := (key{k.Group, k.Resource, k.Subresource, k.Namespaced}); !seen[at] {
					seen[at] = true
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
	if verbs := r.verbsInNamespaces(); len(verbs) > 0 {
		list = append(list, rulespace.Resource{Group: r.Group, Resource: r.Name, Namespaced: true, Verbs: verbs})
	}
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

// verbsInNamespaces returns the verbs with which the API server, or an admission
// plugin, asks in a namespace about a resource that is in none: bind in that of a
// RoleBinding (RB42) and, of what is not built in, use in that of a pod.
func (r Resource) verbsInNamespaces() []string {
	_, builtin := BuiltinResources().Get(r.Group, r.Name)
	switch {
	case r.Namespaced:
		return nil
	case r.Group == rbacv1.GroupName && r.Name == "clusterroles":
		return []string{"bind"}
	case !builtin:
		return []string{"use"}
	}
	return nil
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
