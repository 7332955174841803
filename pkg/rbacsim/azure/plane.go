package azure

import (
	"slices"
	"strings"
	"sync"
)

// Plane reports whether an action is a data action, and whether that is known: from
// the actions and data actions that roles name, else from the longest pattern that
// ends in a star and matches it on one plane only (AZ51). What Kubernetes serves is data.
//
// https://learn.microsoft.com/azure/role-based-access-control/role-definitions#control-and-data-actions
func (a *Authorizer) Plane(action string) (isData, known bool) {
	action = lower(action)
	if kubernetesData(action) {
		return true, true
	}
	own := newPlaneTable(a.sortedRoles())
	for _, t := range []*planeTable{builtinPlanes(), own} {
		if on := t.literal[action]; on[data] != on[control] {
			return on[data], true
		}
	}
	longest := [planes]int{}
	for side := range longest {
		longest[side] = max(builtinPlanes().longest(side, action), own.longest(side, action))
	}
	return longest[data] > longest[control], longest[data] != longest[control]
}

// planeTable is which actions roles name on which plane.
type planeTable struct {
	literal  map[string][planes]bool
	prefixes map[string][planes]bool // of patterns that end in a star, with a slash at the end
}

var builtinPlanes = sync.OnceValue(func() *planeTable { //nolint:gochecknoglobals // a constant table, read once
	return newPlaneTable(builtinRoles())
})

func newPlaneTable(roles []*role) *planeTable {
	t := &planeTable{literal: map[string][planes]bool{}, prefixes: map[string][planes]bool{}}
	note := func(table map[string][planes]bool, text string, side int) {
		on := table[text]
		on[side] = true
		table[text] = on
	}
	for _, r := range roles {
		for i := range r.permissions {
			for side := range r.permissions[i].planes {
				p := &r.permissions[i].planes[side]
				for _, pattern := range slices.Concat(p.allow.list, p.except.list) {
					text := lower(pattern.String())
					before, after, star := strings.Cut(text, "*")
					switch {
					case !star:
						note(t.literal, text, side)
					case after == "" && strings.HasSuffix(before, "/"):
						note(t.prefixes, before, side)
					}
				}
			}
		}
	}
	return t
}

// longest returns the length of the longest prefix of the action on a plane.
func (t *planeTable) longest(side int, action string) int {
	for i := len(action) - 1; i > 0; i-- {
		if action[i] == '/' && t.prefixes[action[:i+1]][side] {
			return i + 1
		}
	}
	return 0
}

const clusterActions = "microsoft.containerservice/managedclusters/"

// kubernetesData reports whether the action is about an object in a Kubernetes cluster:
// one of the core group, of a group of Kubernetes or of a group with a domain.
func kubernetesData(action string) bool {
	rest, ok := strings.CutPrefix(action, clusterActions)
	if !ok {
		return false
	}
	word, _, _ := strings.Cut(rest, "/")
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
