package azure

import (
	"errors"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/rbacsim"
)

var errNaive = errors.New("status 500")

// naiveMapping maps as the table of docs/azure.md says (AZ60 to AZ67), case by case,
// sharing nothing with the engine but the operation map.
func naiveMapping(m Mapping, cluster string, r rbacsim.Request) (actions []string, attributes map[string]string, scope string, err error) {
	suffixes := map[string]string{
		"get": "read", "list": "read", "watch": "read", "create": "write", "update": "write", "patch": "write", "delete": "delete",
		"deletecollection": "delete", "bind": "bind/action", "escalate": "escalate/action", "use": "use/action", "impersonate": "impersonate/action", "*": "*",
	}
	const base = "Microsoft.ContainerService/managedClusters"
	suffix := suffixes[r.Verb]
	if r.NonResource {
		return []string{path.Join(base, r.Path, suffix)}, nil, cluster, nil
	}
	scope = cluster
	if r.Namespace != "" {
		scope = path.Join(cluster, "namespaces", r.Namespace)
	}
	var groups map[string]map[string]operation
	if m.Operations != nil {
		groups = m.Operations.groups
	}
	group := r.Group
	if group == "" {
		group = "v1"
	}
	if m.CustomResources && len(groups) > 0 && r.Group != "" && r.Group != "*" {
		_, known := groups[r.Group][r.Resource]
		if r.Resource == "" || r.Resource == "*" {
			_, known = groups[r.Group]
		}
		if !known {
			attributes = map[string]string{base + "/customResources:group": r.Group}
			if r.Resource != "" {
				attributes[base+"/customResources:kind"] = r.Resource
			}
			switch suffix {
			case "*":
				return []string{base + "/customresources/delete", base + "/customresources/read", base + "/customresources/write"}, attributes, scope, nil
			case "read", "write", "delete":
				return []string{base + "/customresources/" + suffix}, attributes, scope, nil
			}
			return nil, nil, "", errNaive
		}
	}
	if m.Subresources && slices.Contains(strings.Fields("pods/logs pods/exec pods/portforward pods/proxy pods/ephemeralcontainers pods/attach "+
		"deployments/scale statefulsets/scale replicasets/scale"), r.Resource+"/"+r.Subresource) {
		attributes = map[string]string{base + "/resources:subresource": r.Subresource}
	}
	if r.Verb != "*" && r.Group != "*" && r.Resource != "*" {
		tail := path.Join(r.Resource, suffix)
		if r.Resource == "pods" && r.Subresource == "exec" {
			tail = "pods/exec/action"
		}
		return []string{path.Join(base, r.Group, tail)}, attributes, scope, nil
	}
	for g, resources := range groups {
		for name, op := range resources {
			for verb, id := range op.actions {
				named := r.Resource == name
				switch {
				case r.Group != "*" && g != group, r.Verb != "*" && verb != suffix:
				case named, r.Resource == "*" && (op.namespaced || r.Namespace == ""):
					actions = append(actions, id)
				}
			}
		}
	}
	if len(actions) == 0 {
		return nil, nil, "", errNaive
	}
	slices.Sort(actions)
	return actions, attributes, scope, nil
}

// oddRequest is a request that may be of any form that a review can have, and some that
// none should have.
func oddRequest(rng *rand.Rand) rbacsim.Request {
	verb := pick(rng, "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "use", "impersonate", "*", "*",
		"approve", "sign", "attest", "", "GET", "Get", "list,watch", "connect", "impersonate:user-info", "use-managed-identity", "**", "get ", "..", "a/b")
	if rng.IntN(6) == 0 {
		var parts strings.Builder
		for range 1 + rng.IntN(5) {
			parts.WriteString(pick(rng, "/", "/", "/api", "/metrics", "/secrets", "/..", "/.", "//", "/healthz", "pods/exec/action", "*", "", "/Logs", "/../../..", " "))
		}
		return rbacsim.Request{NonResource: true, Verb: verb, Path: parts.String()}
	}
	return rbacsim.Request{
		Verb: verb,
		Group: pick(rng, "", "", "", "v1", "*", "apps", "batch", "Apps", "rbac.authorization.k8s.io", "networking.k8s.io", "authentication.k8s.io", "example.com",
			"secrets-store.csi.x-k8s.io", "metrics.k8s.io", "*.example.com", "a/b", "..", ".", "apps/", "/apps"),
		Resource: pick(rng, "pods", "pods", "secrets", "deployments", "nodes", "namespaces", "statefulsets", "replicasets", "roles", "clusterroles", "jobs", "*", "*",
			"users", "userextras", "ipaddresses", "secretproviderclasses", "Pods", "PODS", "pod", "", "pods/exec", "pods/", "/pods", "..", ".", "a//b", "podsx"),
		Subresource: pick(rng, "", "", "", "exec", "exec", "log", "logs", "scale", "status", "proxy", "attach", "portforward", "ephemeralcontainers", "Exec", "*", "token"),
		Namespace:   pick(rng, "", "", "app", "pro", "PROD", "*", "kube-system", "a/b", "..", "../..", "x/../y", ".", "/app", "app/"),
		Name:        pick(rng, "", "x", "*"),
	}
}

func TestMappingAgainstTheNaiveOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(60, 67))
	discovered := NewOperations(rbacsim.BuiltinResources())
	modes := []Mapping{
		{}, {Operations: discovered}, {Operations: catalogueMap(), CustomResources: true, Subresources: true},
		{Operations: discovered, CustomResources: true, Subresources: true}, {Subresources: true}, {CustomResources: true}, {Operations: discovered, CustomResources: true},
	}
	outcomes := map[bool]int{}
	cluster := mustScope(t, truthCluster)
	for range 4000 {
		r := oddRequest(rng)
		for i, m := range modes {
			actions, attributes, scope, err := naiveMapping(m, truthCluster, r)
			got, gotErr := m.Map(cluster, r)
			if err == nil && !strings.HasPrefix(scope+"/", truthCluster+"/") {
				require.Error(t, gotErr, "%+v", r) // AZ62: it leaves the cluster
				continue
			}
			outcomes[err != nil]++
			if err != nil {
				require.Error(t, gotErr, "mode %d: %+v", i, r)
				continue
			}
			require.NoError(t, gotErr, "mode %d: %+v", i, r)
			require.Equal(t, actions, got.Actions, "mode %d: %+v", i, r)
			require.Equal(t, attributes, got.Attributes, "mode %d: %+v", i, r)
			require.True(t, strings.EqualFold(scope, got.Scope.String()), "mode %d: %+v: %s", i, r, got.Scope)
		}
	}
	assert.Greater(t, outcomes[true], 500)
	assert.Greater(t, outcomes[false], 1000)
}
