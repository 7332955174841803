package azure

import (
	"slices"
	"strings"
	"sync"

	"github.com/aksim/aksim/internal/actionset"
)

// Plane reports whether an action is a data action, and whether that is known (AZ51).
// What Kubernetes serves is data, and so is what access policies are about. Else it is
// what roles say that name the action, or another one on the same type, or the longest
// pattern within a provider that matches it on one plane only.
//
// https://learn.microsoft.com/azure/role-based-access-control/role-definitions#control-and-data-actions
func (a *Authorizer) Plane(action string) (isData, known bool) {
	action = lower(action)
	if on, ok := servicePlane(action); ok {
		return on, true
	}
	a.planes.once.Do(func() { a.planes.table = newPlaneTable(a.sortedRoles()) })
	tables := []*planeTable{builtinPlanes(), a.planes.table}
	for _, t := range tables {
		if on := t.literal[action]; on[data] != on[control] {
			return on[data], true
		}
	}
	kind := action[:strings.LastIndexByte(action, '/')+1]
	longest := [planes]int{}
	for _, t := range tables {
		if verb := action[len(kind):]; verb != "action" && t.kinds[kind] == [planes]bool{control: true} {
			return false, true
		}
		for side := range longest {
			longest[side] = max(longest[side], t.longest(side, action))
		}
	}
	return longest[data] > longest[control], longest[data] != longest[control]
}

// servicePlane reports whether an action of a service that is modelled is a data action.
func servicePlane(action string) (isData, known bool) {
	if rest, ok := strings.CutPrefix(action, vaultType+"/"); ok {
		_, isData = policyRules[rest]
		return isData, isData || action == lower(VaultWrite) || action == lower(AccessPoliciesWrite)
	}
	rest, ok := strings.CutPrefix(action, clusterActions)
	return kubernetesData(rest), ok
}

// planeTable is which actions roles name on which plane.
type planeTable struct {
	literal  map[string][planes]bool
	kinds    map[string][planes]bool                // what is before the verb of these, but for actions
	patterns map[string][planes][]actionset.Pattern // by namespace
}

var builtinPlanes = sync.OnceValue(func() *planeTable { //nolint:gochecknoglobals // a constant table, read once
	return newPlaneTable(builtinRoles())
})

func newPlaneTable(roles []*role) *planeTable {
	t := &planeTable{literal: map[string][planes]bool{}, kinds: map[string][planes]bool{}, patterns: map[string][planes][]actionset.Pattern{}}
	for _, r := range roles {
		for i := range r.permissions {
			for side := range r.permissions[i].planes {
				p := &r.permissions[i].planes[side]
				for _, pattern := range slices.Concat(p.allow.list, p.except.list) {
					t.add(pattern, side)
				}
			}
		}
	}
	return t
}

func (t *planeTable) add(p actionset.Pattern, side int) {
	mark := func(table map[string][planes]bool, text string) {
		on := table[text]
		on[side] = true
		table[text] = on
	}
	text := lower(p.String())
	if p.Literal() {
		mark(t.literal, text)
		if end := strings.LastIndexByte(text, '/') + 1; text[end:] != "action" {
			mark(t.kinds, text[:end])
		}
		return
	}
	namespace, _, ok := strings.Cut(text, "/")
	if ok && !strings.Contains(namespace, "*") {
		list := t.patterns[namespace]
		list[side] = append(list[side], p)
		t.patterns[namespace] = list
	}
}

// longest returns the length of the longest pattern that matches an action on a plane.
func (t *planeTable) longest(side int, action string) (most int) {
	namespace, _, _ := strings.Cut(action, "/")
	for _, p := range t.patterns[namespace][side] {
		if n := len(p.String()); n > most && p.Match(action) == yes {
			most = n
		}
	}
	return most
}

const clusterActions = "microsoft.containerservice/managedclusters/"

// kubernetesData reports whether an action, given without the type of clusters, is
// about an object in a Kubernetes cluster: one of the core group, of a group of
// Kubernetes or of a group with a domain.
func kubernetesData(action string) bool {
	word, _, _ := strings.Cut(action, "/")
	return strings.Contains(word, ".") || kubernetesWords[word]
}

// kubernetesWords are the resources and groups of Kubernetes that data actions name.
//
// https://learn.microsoft.com/azure/role-based-access-control/permissions/containers
var kubernetesWords = words( //nolint:gochecknoglobals // a constant table
	"apps", "autoscaling", "batch", "extensions", "policy",
	"bindings", "componentstatuses", "configmaps", "customresources", "endpoints", "events", "groups", "limitranges", "namespaces", "nodes",
	"persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates", "replicationcontrollers", "resourcequotas", "secrets",
	"serviceaccounts", "services", "users",
	"api", "apis", "healthz", "livez", "logs", "metrics", "openapi", "readyz", "resetmetrics", "swagger-api", "swagger-ui", "ui", "version",
)

func words(list ...string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, w := range list {
		set[w] = true
	}
	return set
}
