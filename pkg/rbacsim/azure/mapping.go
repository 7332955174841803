package azure

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// Mapping is how AKS turns a request to the Kubernetes API into questions to Azure.
// Which way a cluster does it is not documented: the zero Mapping is the defaults of
// the authorization webhook's flags (AZ62).
//
// https://github.com/kubeguard/guard/blob/master/authz/providers/azure/rbac/checkaccessreqhelper.go
type Mapping struct {
	// Operations is the operation map; without one every wildcard is an error.
	Operations *Operations
	// CustomResources asks about resources that the map lacks by the data actions
	// customresources/read, write and delete (AZ67). It needs a map.
	CustomResources bool
	// Subresources tells some subresources in an attribute, on which conditions may
	// hang (AZ64).
	Subresources bool
}

// Checks is what Azure is asked for one request: all actions have to be allowed.
type Checks struct {
	Actions    []string          // data actions, sorted
	Attributes map[string]string // of the request, such as Microsoft.ContainerService/managedClusters/resources:subresource; nil for none
	Scope      Scope             // the cluster, or a namespace in it
}

// The attributes that conditions may ask for. What is called kind is the resource's
// name, such as secretproviderclasses (AZ67).
const (
	attributeGroup       = clusterType + "/customResources:group"
	attributeKind        = clusterType + "/customResources:kind"
	attributeSubresource = clusterType + "/resources:subresource"
)

// wildcard is what stands for all groups, resources or verbs.
const wildcard = "*"

// Map returns what Azure is asked about a request to a cluster. The error says why
// the webhook can't ask: it answers with status 500 then, which allows nothing.
func (m Mapping) Map(cluster Scope, r rbacsim.Request) (Checks, error) {
	return m.mapAs(clusterType, cluster, r)
}

// mapAs maps a request for a cluster that is asked about as a resource of a type.
func (m Mapping) mapAs(resourceType string, cluster Scope, r rbacsim.Request) (Checks, error) {
	scope, err := namespaceScope(cluster, "namespaces", r)
	if err != nil {
		return Checks{}, err
	}
	c, err := m.actions(resourceType, r)
	c.Scope = scope
	slices.Sort(c.Actions)
	return c, err
}

// namespaceScope returns the scope of a request: the cluster, or the request's
// namespace in it. The webhook cleans the path, and refuses what leaves the cluster
// by that.
func namespaceScope(cluster Scope, collection string, r rbacsim.Request) (Scope, error) {
	if r.NonResource || r.Namespace == "" {
		return cluster, nil
	}
	scope := Scope{join(cluster.id, lower(collection), lower(r.Namespace))}
	if cluster.IsZero() || !cluster.Covers(scope) {
		return Scope{}, fmt.Errorf("namespace %q leads out of the cluster", r.Namespace)
	}
	return scope, nil
}

func (m Mapping) actions(resourceType string, r rbacsim.Request) (Checks, error) {
	switch {
	case r.NonResource: // AZ63
		return Checks{Actions: []string{path.Join(resourceType, r.Path, suffixOf(r.Verb))}}, nil
	case m.isCustom(r):
		return customResource(resourceType, r)
	case r.Resource == wildcard || r.Group == wildcard || r.Verb == wildcard:
		return m.expand(r)
	}
	c := Checks{Actions: []string{join(resourceType, r.Group, actionOf(r))}, Attributes: m.subresource(r)}
	return c, nil
}

// suffixOf returns what follows the resource for a verb. Verbs that Azure does not
// know, and verbs in upper case, have none (AZ60).
func suffixOf(verb string) string {
	switch verb {
	case "get", "list", "watch":
		return "read"
	case "create", "update", "patch":
		return "write"
	case "delete", "deletecollection":
		return "delete"
	case "bind", "escalate", "impersonate", "use":
		return verb + "/action"
	case wildcard:
		return wildcard
	}
	return ""
}

// actionOf returns the resource with what follows it. Of subresources only pods/exec
// is told apart, whatever the group and the verb (AZ61).
func actionOf(r rbacsim.Request) string {
	if r.Resource == "pods" && r.Subresource == "exec" {
		return "pods/exec/action"
	}
	return join(r.Resource, suffixOf(r.Verb), "")
}

// join is [path.Join], at less cost where there is nothing to clean.
func join(a, b, c string) string {
	switch rest := strings.TrimPrefix(a, "/"); {
	case rest == "" || !isClean(rest) || !isClean(b) || !isClean(c):
		return path.Join(a, b, c)
	case b == "" && c == "":
		return a
	case b == "" || c == "":
		return a + "/" + b + c
	}
	return a + "/" + b + "/" + c
}

// isClean reports whether cleaning changes nothing about parts of a path.
func isClean(part string) bool {
	return part == "" || part[0] != '.' && part[0] != '/' && part[len(part)-1] != '/' && !strings.Contains(part, "/.") && !strings.Contains(part, "//")
}

// isCustom reports whether the request is asked about as one for a custom resource:
// the map lacks the resource or, if the request is for all of a group, the group
// (AZ67).
func (m Mapping) isCustom(r rbacsim.Request) bool {
	switch {
	case !m.CustomResources || m.Operations.Len() == 0 || r.Group == "" || r.Group == wildcard:
		return false
	case r.Resource == "" || r.Resource == wildcard:
		return !m.Operations.hasGroup(r.Group)
	}
	return !m.Operations.Has(r.Group, r.Resource)
}

// customResource returns the actions for a custom resource, which are there for
// reading, writing and deleting only.
func customResource(resourceType string, r rbacsim.Request) (Checks, error) {
	c := Checks{Attributes: map[string]string{attributeGroup: r.Group}}
	if r.Resource != "" {
		c.Attributes[attributeKind] = r.Resource
	}
	at := resourceType + "/customresources/"
	switch suffix := suffixOf(r.Verb); suffix {
	case wildcard:
		c.Actions = []string{at + "delete", at + "read", at + "write"}
	case "read", "write", "delete":
		c.Actions = []string{at + suffix}
	default:
		return Checks{}, fmt.Errorf("the operation map lacks %s, and custom resources have no action for the verb %q", name(r), r.Verb)
	}
	return c, nil
}

// expand returns the actions that a request with wildcards stands for: those of the
// map for the group, resource and verb, and in a namespace those of namespaced
// resources only, unless the request names the resource (AZ65).
func (m Mapping) expand(r rbacsim.Request) (Checks, error) {
	if m.Operations.Len() == 0 {
		return Checks{}, errors.New("wildcards need an operation map")
	}
	c := Checks{Attributes: m.subresource(r)}
	for group, resources := range m.Operations.groups {
		if r.Group != wildcard && group != r.Group && (r.Group != "" || group != coreGroup) {
			continue
		}
		for resource, op := range resources {
			if r.Resource == wildcard && (r.Namespace == "" || op.namespaced) || r.Resource == resource {
				c.Actions = append(c.Actions, op.of(r.Verb)...)
			}
		}
	}
	if len(c.Actions) == 0 {
		return Checks{}, fmt.Errorf("the operation map has no action for %s and the verb %q", name(r), r.Verb)
	}
	return c, nil
}

// of returns the ids for a verb.
func (op operation) of(verb string) []string {
	var ids []string
	for suffix, id := range op.actions {
		if verb == wildcard || suffix == suffixOf(verb) {
			ids = append(ids, id)
		}
	}
	return ids
}

// subresource returns the attribute that tells the subresource, and nil for those
// that are not told. Of the log of pods the webhook knows a name that no request has
// (AZ64).
func (m Mapping) subresource(r rbacsim.Request) map[string]string {
	if !m.Subresources {
		return nil
	}
	switch r.Resource + "/" + r.Subresource {
	case "pods/attach", "pods/ephemeralcontainers", "pods/exec", "pods/logs", "pods/portforward", "pods/proxy",
		"deployments/scale", "replicasets/scale", "statefulsets/scale":
		return map[string]string{attributeSubresource: r.Subresource}
	}
	return nil
}

// requestSource is what conditions call the source of these attributes.
const requestSource = "Request"

// known returns what conditions may know of a question with such attributes. Which
// ones a webhook does not send is known only of one that sends them at all (AZ77).
func (m Mapping) known(attributes map[string]string) Attributes {
	a := Attributes{NoSubOperation: true}
	if m.CustomResources && m.Subresources {
		a.Complete = []string{requestSource}
	}
	if len(attributes) > 0 {
		a.Values = make(map[string][]string, len(attributes))
	}
	for name, value := range attributes {
		a.Values[requestSource+":"+name] = []string{value}
	}
	return a
}

// name returns the resource of a request with its group.
func name(r rbacsim.Request) string {
	return rbacsim.Resource{Group: r.Group, Name: r.Resource}.String()
}

// IsDiscovery reports whether a request is for a path that tells what a server serves
// or how it is. Such requests are allowed to everybody whom Azure RBAC is asked about,
// unless the cluster is set up otherwise. The test is for the beginning of the path
// and knows neither segments nor case: /apiserver-custom passes, and so does
// /healthz/../secrets (AZ69).
func IsDiscovery(r rbacsim.Request) bool {
	if !r.NonResource || !strings.EqualFold(r.Verb, "get") {
		return false
	}
	at := strings.ToLower(r.Path)
	return slices.ContainsFunc([]string{"/api", "/openapi", "/version", "/healthz"}, func(prefix string) bool {
		return strings.HasPrefix(at, prefix)
	})
}
