package azure

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// truthDir holds recorded answers that are not part of the repository.
const truthDir = "../../../../shared/truth/azure"

func readTruth(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(truthDir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no " + name + " here")
	}
	require.NoError(t, err)
	return text
}

func decode[T any](t testing.TB, text []byte) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal(text, &v))
	return v
}

func truthLines[T any](t testing.TB, name string) []T {
	t.Helper()
	var list []T
	lines := bufio.NewScanner(strings.NewReader(string(readTruth(t, name))))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		list = append(list, decode[T](t, lines.Bytes()))
	}
	require.NoError(t, lines.Err())
	return list
}

// attributes are those of a SubjectAccessReview.
type attributes struct {
	Resource *struct{ Verb, Group, Resource, Subresource, Namespace, Name string } `json:"resourceAttributes"`
	URL      *struct{ Verb, Path string }                                          `json:"nonResourceAttributes"`
}

func (a attributes) request() rbacsim.Request {
	if a.URL != nil {
		return rbacsim.URL(a.URL.Verb, a.URL.Path)
	}
	r := a.Resource
	return rbacsim.Request{Verb: r.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name}
}

type mapped struct {
	Actions    []string
	Attributes map[string]string
	Scope      string
	Error      string
}

type requestRow struct {
	ID            int
	Request       attributes
	Result        map[string]mapped
	DiscoveryPath bool
}

const truthCluster = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks-prod"

func mustScope(t testing.TB, s string) Scope {
	t.Helper()
	scope, err := ParseScope(s)
	require.NoError(t, err)
	return scope
}

// catalogueMap is the map of the mode golden, made by hand: the whole catalogue, with
// these resources of the core group outside of namespaces and all others in them.
func catalogueMap() *Operations {
	outside := map[string]bool{"componentstatuses": true, "groups": true, "namespaces": true, "nodes": true, "persistentvolumes": true, "users": true}
	o := &Operations{groups: map[string]map[string]operation{}}
	for id := range DataActions() {
		parts := strings.Split(strings.TrimPrefix(id, clusterType+"/"), "/")
		suffix := parts[len(parts)-1:]
		if suffix[0] == "action" {
			suffix = parts[len(parts)-2:]
		}
		parts = parts[:len(parts)-len(suffix)]
		group, resource := coreGroup, parts[0]
		if len(parts) == 2 {
			group, resource = parts[0], parts[1]
		}
		o.add(group, resource, group != coreGroup || !outside[resource], strings.Join(suffix, "/"), id)
	}
	return o
}

func truthModes(t testing.TB) map[string]Mapping {
	t.Helper()
	discovered, err := ParseOperations(readTruth(t, "guard/opmap-discovery.json"))
	require.NoError(t, err)
	return map[string]Mapping{
		"plain":      {},
		"discovered": {Operations: discovered},
		"golden":     {Operations: catalogueMap(), CustomResources: true, Subresources: true},
		"custom":     {Operations: discovered, CustomResources: true, Subresources: true},
	}
}

func checkMapping(t *testing.T, m Mapping, cluster string, r rbacsim.Request, want mapped) bool {
	t.Helper()
	got, err := m.Map(mustScope(t, cluster), r)
	if want.Error != "" {
		return assert.Error(t, err, "%v", r)
	}
	return assert.NoError(t, err, "%v", r) && assert.Equal(t, want.Actions, got.Actions, "%v", r) &&
		assert.Equal(t, want.Attributes, got.Attributes, "%v", r) && assert.True(t, strings.EqualFold(want.Scope, got.Scope.String()), "%v: %s", r, got.Scope)
}

func TestRecordedMappings(t *testing.T) {
	modes := truthModes(t)
	wrong := map[string]int{}
	rows := truthLines[requestRow](t, "guard/requests.jsonl")
	for _, row := range rows {
		r := row.Request.request()
		assert.Equal(t, row.DiscoveryPath, IsDiscovery(r), "%v", r)
		for name, m := range modes {
			require.Contains(t, row.Result, name)
			if !checkMapping(t, m, truthCluster, r, row.Result[name]) {
				wrong[name]++
			}
		}
	}
	require.NotEmpty(t, rows)
	assert.Empty(t, wrong)
}

func TestGoldenMappings(t *testing.T) {
	rows := decode[[]struct {
		Verb, Group, Resource, Subresource, Namespace, Path string

		CR, Sub bool
		Actions []string
		Attrs   map[string]string
		Scope   string
		Err     string
	}](t, readTruth(t, "guard-golden.json"))
	require.NotEmpty(t, rows)
	for _, row := range rows {
		m := Mapping{CustomResources: row.CR, Subresources: row.Sub}
		if row.CR {
			m.Operations = catalogueMap()
		}
		r := rbacsim.Request{Verb: row.Verb, Group: row.Group, Resource: row.Resource, Subresource: row.Subresource, Namespace: row.Namespace}
		if row.Path != "" {
			r = rbacsim.URL(row.Verb, row.Path)
		}
		got, err := m.Map(mustScope(t, "/subscriptions/S/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/C"), r)
		if row.Err != "" {
			assert.Error(t, err, "%v", r)
			continue
		}
		require.NoError(t, err, "%v", r)
		if n := len(row.Actions) - 1; row.Actions[n] == "..." { // the rest was cut off
			row.Actions, got.Actions = row.Actions[:n], got.Actions[:n]
		}
		assert.Equal(t, row.Actions, got.Actions, "%v", r)
		assert.Equal(t, row.Attrs, got.Attributes, "%v", r)
		assert.True(t, strings.EqualFold(row.Scope, got.Scope.String()), "%v: %s", r, got.Scope)
	}
}

// The recorded map was made from a real server's list, that of the built-in resources
// and the metrics server.
func TestOperationsFromDiscovery(t *testing.T) {
	recorded, err := ParseOperations(readTruth(t, "guard/opmap-discovery.json"))
	require.NoError(t, err)
	metrics := []rbacsim.Resource{{Group: "metrics.k8s.io", Name: "nodes"}, {Group: "metrics.k8s.io", Name: "pods", Namespaced: true}}
	assert.Equal(t, recorded, NewOperations(rbacsim.BuiltinResources().With(metrics...)))
}

func TestCatalogue(t *testing.T) {
	want := decode[struct{ DataActions []string }](t, readTruth(t, "aks-data-actions.json")).DataActions
	want = slices.DeleteFunc(want, func(id string) bool { return strings.Contains(id, "/customresources/") }) // of no resource's own
	assert.ElementsMatch(t, want, slices.Collect(DataActions()))
}

func TestParseOperations(t *testing.T) {
	const read = `{"namespaced": true, "verbs": {"read": "Microsoft.ContainerService/managedClusters/pods/read"}}`
	o, err := ParseOperations([]byte(`{"v1": {"pods": ` + read + `}}`))
	require.NoError(t, err)
	assert.True(t, o.Has("", "pods"))
	assert.Equal(t, 1, o.Len())
	for text, want := range map[string]string{
		``:                       "not an operation map",
		`[]`:                     "not an operation map",
		`{}`:                     "without groups",
		`{"v1": {"pods": {}}}`:   "v1/pods: does not say whether it is namespaced",
		`{"v1": {"pods": null}}`: "v1/pods: does not say whether it is namespaced",
		`{"v1": {"pods": {"namespaced": null, "verbs": {"read": "x"}}}}`:             "v1/pods: does not say whether it is namespaced",
		`{"v1": {"pods": {"namespaced": true}}}`:                                     "v1/pods: has no verbs",
		`{"v1": {"pods": {"namespaced": 1, "verbs": {}}}}`:                           "v1/pods: namespaced: ",
		`{"v1": {"pods": {"namespaced": true, "verb": {}}}}`:                         "v1/pods: verb: want namespaced and verbs",
		`{"v1": {"pods": {"namespaced": true, "verbs": {"read": "Microsoft.Web"}}}}`: `v1/pods: verbs: read: "Microsoft.Web" is no action`,
	} {
		_, err := ParseOperations([]byte(text))
		assert.ErrorContains(t, err, want, "%s", text)
	}
}

// actionsOf maps a request, and returns what follows the type in the actions.
func actionsOf(t testing.TB, m Mapping, r rbacsim.Request) []string {
	t.Helper()
	checks, err := m.Map(mustScope(t, truthCluster), r)
	require.NoError(t, err, "%v", r)
	var list []string
	for _, id := range checks.Actions {
		rest, ok := strings.CutPrefix(id, clusterType+"/")
		if !ok {
			rest = id
		}
		list = append(list, rest)
	}
	return list
}

func podsRequest(verb string) rbacsim.Request {
	return rbacsim.Request{Verb: verb, Resource: "pods", Namespace: "app"}
}

func TestAZ60VerbsGiveTheSuffix(t *testing.T) {
	for verb, want := range map[string]string{
		"get": "pods/read", "list": "pods/read", "watch": "pods/read", "create": "pods/write", "update": "pods/write", "patch": "pods/write",
		"delete": "pods/delete", "deletecollection": "pods/delete", "bind": "pods/bind/action", "escalate": "pods/escalate/action",
		"impersonate": "pods/impersonate/action", "use": "pods/use/action", "approve": "pods", "GET": "pods", "": "pods",
	} {
		assert.Equal(t, []string{want}, actionsOf(t, Mapping{}, podsRequest(verb)), "%q", verb)
	}
	for want, r := range map[string]rbacsim.Request{
		"apps/deployments/read": {Verb: "get", Group: "apps", Resource: "deployments", Subresource: "scale", Name: "x"}, "read": {Verb: "get"},
	} {
		assert.Equal(t, []string{want}, actionsOf(t, Mapping{}, r))
	}
}

func TestAZ61OnlyExecIsToldApart(t *testing.T) {
	for want, r := range map[string]rbacsim.Request{
		"pods/exec/action":      {Verb: "nod", Resource: "pods", Subresource: "exec"},
		"x.io/pods/exec/action": {Verb: "get", Group: "x.io", Resource: "pods", Subresource: "exec"},
		"pods/write":            {Verb: "create", Resource: "pods", Subresource: "Exec"},
		"Pods/write":            {Verb: "create", Resource: "Pods", Subresource: "exec"},
		"pods/read":             {Verb: "get", Resource: "pods", Subresource: "proxy"},
	} {
		assert.Equal(t, []string{want}, actionsOf(t, Mapping{}, r))
	}
}

func TestAZ62WhatCannotBeMappedIsAnError(t *testing.T) {
	m := Mapping{CustomResources: true, Operations: NewOperations(rbacsim.BuiltinResources())}
	for want, r := range map[string]rbacsim.Request{
		"userextras.authentication.k8s.io": {Verb: "impersonate", Group: "authentication.k8s.io", Resource: "userextras"},
		`the verb "nod"`:                   {Verb: "nod", Resource: "*"},
	} {
		_, err := m.Map(mustScope(t, truthCluster), r)
		require.ErrorContains(t, err, want)
	}
	for _, ns := range []string{"../..", "../../aks-prod-2", "../../../x"} {
		r := podsRequest("get")
		r.Namespace = ns
		_, err := Mapping{}.Map(mustScope(t, truthCluster), r)
		require.ErrorContains(t, err, "leads out of the cluster", "%s", ns)
	}
}

func TestAZ63URLsAreCleaned(t *testing.T) {
	for want, r := range map[string]rbacsim.Request{
		"secrets/read":     rbacsim.URL("get", "/secrets"),
		"metrics/read":     rbacsim.URL("get", "/logs/../metrics"),
		"metrics/*":        rbacsim.URL("*", "/metrics"),
		"metrics":          rbacsim.URL("GET", "/metrics/"),
		"pods/exec/action": rbacsim.URL("post", "/pods/exec/action"),
		"Microsoft.Authorization/roleAssignments/read": rbacsim.URL("get", "/../../Microsoft.Authorization/roleAssignments"),
	} {
		assert.Equal(t, []string{want}, actionsOf(t, Mapping{}, r))
	}
}

func TestAZ64SomeSubresourcesAreTold(t *testing.T) {
	for sub, want := range map[string]map[string]string{"proxy": {attributeSubresource: "proxy"}, "log": nil, "": nil, "logs": {attributeSubresource: "logs"}} {
		r := podsRequest("get")
		r.Subresource = sub
		got, err := Mapping{Subresources: true}.Map(mustScope(t, truthCluster), r)
		require.NoError(t, err)
		assert.Equal(t, want, got.Attributes, sub)
		got, err = Mapping{}.Map(mustScope(t, truthCluster), r)
		require.NoError(t, err)
		assert.Nil(t, got.Attributes, sub)
	}
}

func TestAZ65WildcardsStandForTheMap(t *testing.T) {
	m := Mapping{Operations: NewOperations(rbacsim.BuiltinResources())}
	assert.Equal(t, []string{"pods/delete", "pods/exec/action", "pods/read", "pods/write"}, actionsOf(t, m, podsRequest("*")))
	assert.Equal(t, actionsOf(t, m, podsRequest("*")), actionsOf(t, m, rbacsim.Request{Verb: "*", Group: "v1", Resource: "pods"}))
	r := rbacsim.Request{Verb: "get", Resource: "*"}
	assert.Contains(t, actionsOf(t, m, r), "nodes/read")
	r.Namespace = "app"
	assert.NotContains(t, actionsOf(t, m, r), "nodes/read", "nodes are in no namespace")
	assert.Equal(t, []string{"nodes/read"}, actionsOf(t, m, rbacsim.Request{Verb: "get", Group: "*", Resource: "nodes", Namespace: "app"}), "but who names them gets them")
	_, err := Mapping{}.Map(mustScope(t, truthCluster), r)
	require.EqualError(t, err, "wildcards need an operation map")
}

func TestAZ66TheMapIsWhatIsServedAndOffered(t *testing.T) {
	odd := rbacsim.BuiltinResources().With(rbacsim.Resource{Group: "apps", Name: "deploy"}, rbacsim.Resource{Name: "pod"})
	o := NewOperations(odd)
	assert.Equal(t, clusterType+"/apps/deployments/read", o.groups["apps"]["deploy"].actions["read"])
	assert.False(t, o.Has("", "pod"), "of the core group the whole name counts")
	assert.True(t, o.Has("", "pods"))
	assert.False(t, o.Has("", "users"), "which no server lists")
	assert.False(t, o.Has("resource.k8s.io", "resourceclaims"), "which Azure does not offer")
}

func TestAZ67WhatTheMapLacksIsACustomResource(t *testing.T) {
	m := Mapping{CustomResources: true, Subresources: true, Operations: NewOperations(rbacsim.BuiltinResources())}
	for want, r := range map[string]rbacsim.Request{
		"customresources/read":   {Verb: "list", Group: "x.io", Resource: "widgets", Subresource: "scale"},
		"customresources/write":  {Verb: "create", Group: "resource.k8s.io", Resource: "resourceclaims"},
		"customresources/delete": {Verb: "delete", Group: "x.io", Resource: "*"},
		"pods/delete":            {Verb: "delete", Resource: "pods"},
		"widgets/read":           {Verb: "get", Resource: "widgets"}, // the core group has no custom resources
	} {
		got, err := m.Map(mustScope(t, truthCluster), r)
		require.NoError(t, err)
		assert.Equal(t, []string{clusterType + "/" + want}, got.Actions)
		if r.Group != "" {
			assert.Equal(t, map[string]string{attributeGroup: r.Group, attributeKind: r.Resource}, got.Attributes)
		}
	}
	assert.Equal(t, []string{"x.io/widgets/read"}, actionsOf(t, Mapping{CustomResources: true}, rbacsim.Request{Verb: "get", Group: "x.io", Resource: "widgets"}), "without a map there is no check")
	assert.Len(t, actionsOf(t, m, rbacsim.Request{Verb: "*", Group: "x.io", Resource: "widgets"}), 3)
}

func FuzzMapping(f *testing.F) {
	f.Add("get", "", "pods", "log", "app", "", false)
	f.Add("*", "*", "*", "", "", "", false)
	f.Add("get", "..", "../..", "exec", "..", "/../x", true)
	modes := []Mapping{{}, {Operations: NewOperations(rbacsim.BuiltinResources()), CustomResources: true, Subresources: true}}
	cluster := MustParseScope(truthCluster)
	f.Fuzz(func(t *testing.T, verb, group, resource, sub, namespace, p string, url bool) {
		r := rbacsim.Request{Verb: verb, Group: group, Resource: resource, Subresource: sub, Namespace: namespace}
		if url {
			r = rbacsim.URL(verb, p)
		}
		for _, m := range modes {
			got, err := m.Map(cluster, r)
			again, errAgain := m.Map(cluster, r)
			require.Equal(t, err, errAgain)
			require.Equal(t, got, again)
			if err != nil {
				continue
			}
			require.NotEmpty(t, got.Actions)
			require.True(t, slices.IsSorted(got.Actions))
			require.True(t, cluster.Covers(got.Scope))
		}
	})
}

func TestJoinIsPathJoin(t *testing.T) {
	parts := []string{"", "a", "/", ".", "..", "a/b", "/a", "a/", "a//b", "a/../b", "../a", ".a", "a.b", "...", "/..", "a/."}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				assert.Equal(t, path.Join(a, b, c), join(a, b, c), "%q %q %q", a, b, c)
			}
		}
	}
}
