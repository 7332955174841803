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
		parts := strings.Split(strings.TrimPrefix(id, managedClusters+"/"), "/")
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

func TestOperationsWhoseNamesBeginAlike(t *testing.T) { // AZ66
	odd := rbacsim.BuiltinResources().With(rbacsim.Resource{Group: "apps", Name: "deploy"}, rbacsim.Resource{Name: "pod"})
	o := NewOperations(odd)
	assert.Equal(t, "Microsoft.ContainerService/managedClusters/apps/deployments/read", o.groups["apps"]["deploy"].actions["read"])
	assert.False(t, o.Has("", "pod"), "of the core group the whole name counts")
}

func TestMappingCorners(t *testing.T) {
	cluster := mustScope(t, truthCluster)
	pods := func(verb string) rbacsim.Request {
		return rbacsim.Request{Verb: verb, Resource: "pods", Namespace: "app"}
	}
	for _, c := range []struct {
		r          rbacsim.Request
		id, suffix string
	}{
		{pods("get"), "pods/read", "/namespaces/app"},
		{pods("GET"), "pods", "/namespaces/app"},
		{rbacsim.Request{Verb: "get", Group: "x.io", Resource: "pods", Subresource: "exec"}, "x.io/pods/exec/action", ""},
		{rbacsim.Request{Verb: "get", Group: "..", Resource: "x"}, "../x/read", ""},
		{rbacsim.Request{Verb: "get", Namespace: "."}, "read", "/namespaces"},
		{rbacsim.URL("get", "/../../Microsoft.Authorization/roleAssignments"), "../../Microsoft.Authorization/roleAssignments/read", ""},
		{rbacsim.URL("*", "/metrics"), "metrics/*", ""},
		{rbacsim.URL("post", "/pods/exec/action"), "pods/exec/action", ""},
	} {
		got, err := Mapping{}.Map(cluster, c.r)
		require.NoError(t, err, "%v", c.r)
		assert.Equal(t, []string{path.Join(managedClusters, c.id)}, got.Actions, "%v", c.r)
		assert.Equal(t, cluster.String()+c.suffix, got.Scope.String(), "%v", c.r)
	}
	for _, ns := range []string{"../..", "../../aks-prod-2", "../../../x"} {
		r := pods("get")
		r.Namespace = ns
		_, err := Mapping{}.Map(cluster, r)
		require.ErrorContains(t, err, "leads out of the cluster", "%s", ns)
	}
	_, err := Mapping{CustomResources: true, Operations: NewOperations(rbacsim.BuiltinResources())}.Map(cluster, rbacsim.Request{Verb: "impersonate", Group: "authentication.k8s.io", Resource: "userextras"})
	require.ErrorContains(t, err, "userextras.authentication.k8s.io")
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
