package rulespace

import (
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Grant is rules where they are granted.
//
// With an empty Namespace it is what a ClusterRoleBinding grants: requests in
// every namespace, across all namespaces, for cluster-scoped resources, and for
// URLs. Otherwise it is what a RoleBinding of that namespace grants: resource
// requests of exactly that namespace.
//
// Grants that share a role should share the slice: it is read once.
type Grant struct {
	Namespace string
	Rules     []rbacv1.PolicyRule
}

// Access is a set of requests: those that at least one grant allows. It serves
// as the rights of a subject and as any other set of requests to compare them
// with.
type Access []Grant

// Everything is the set of all requests.
func Everything() Access {
	return Access{{Rules: []rbacv1.PolicyRule{
		{Verbs: []string{rbacv1.VerbAll}, APIGroups: []string{rbacv1.APIGroupAll}, Resources: []string{rbacv1.ResourceAll}},
		{Verbs: []string{rbacv1.VerbAll}, NonResourceURLs: []string{rbacv1.NonResourceAll}},
	}}}
}

// Request is what an authorizer is asked, the subject apart. Values are literal:
// nothing is a wildcard, and an empty one is the empty string of a review.
type Request struct {
	Verb string

	Group, Resource, Subresource string
	Namespace                    string // empty: across namespaces, or a cluster-scoped resource
	Name                         string // empty: the request carries none

	// NonResource requests are for Path, and have none of the fields above but
	// the verb.
	NonResource bool
	Path        string
}

// String returns the request for people: `get pods/log "web" in namespace app`.
func (r Request) String() string {
	if r.NonResource {
		return word(r.Verb) + " " + word(r.Path)
	}
	var s strings.Builder
	s.WriteString(word(r.Verb) + " " + word(r.Resource))
	if r.Group != "" {
		s.WriteString("." + r.Group)
	}
	if r.Subresource != "" {
		s.WriteString("/" + r.Subresource)
	}
	if r.Name != "" {
		s.WriteString(" " + strconv.Quote(r.Name))
	}
	if r.Namespace != "" {
		s.WriteString(" in namespace " + r.Namespace)
	}
	return s.String()
}

func word(s string) string {
	if s == "" {
		return `""`
	}
	return s
}
