package azure

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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

// catalogueMap is the map of the mode golden: the whole catalogue, with these
// resources outside of namespaces and all others in them.
func catalogueMap() *Operations {
	outside := map[string]bool{"nodes": true, "namespaces": true, "persistentvolumes": true}
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
		o.add(group, resource, !outside[resource], strings.Join(suffix, "/"), id)
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
