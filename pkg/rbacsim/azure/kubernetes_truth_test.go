package azure

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// estate builds snapshots for tests of the cluster.
type estate struct{ b model.Builder }

func (e *estate) cluster(c model.ManagedCluster) *estate {
	add(e, "ManagedCluster", c.ID.Or("")+c.Name.Or(""), c)
	return e
}

func add[T any](e *estate, kind, id string, api T) {
	model.Add(&e.b, &model.Object[T]{Ref: model.AzureRef(kind, id), API: &api})
}

func (e *estate) assign(id, scope, role, principal, kind string) *estate {
	add(e, "RoleAssignment", id, model.RoleAssignment{
		ID: model.Known(scope + "/providers/Microsoft.Authorization/roleAssignments/" + id), Name: model.Known(id), Scope: model.Known(scope),
		RoleDefinitionID: model.Known("/providers/Microsoft.Authorization/roleDefinitions/" + role), PrincipalID: model.Known(principal), PrincipalType: model.Known(kind),
	})
	return e
}

func (e *estate) role(guid string, permissions ...model.Permission) *estate {
	add(e, "RoleDefinition", guid, model.RoleDefinition{
		ID: model.Known("/providers/Microsoft.Authorization/roleDefinitions/" + guid), GUID: model.Known(guid), Name: model.Known("role " + guid[:4]),
		Custom: model.Known(true), Permissions: model.Known(permissions),
	})
	return e
}

func (e *estate) member(group string, members ...string) *estate {
	add(e, "GroupMembers", group, model.GroupMembers{Group: group, Members: members})
	return e
}

func (e *estate) directory(o model.DirectoryObject) *estate {
	add(e, "DirectoryObject", o.ID, o)
	return e
}

func dataActions(allow ...string) model.Permission { return model.Permission{DataActions: allow} }

// recordedEstate reads the exports beside the recorded decisions.
func recordedEstate(t testing.TB) (*model.Cluster, map[string]string) {
	t.Helper()
	var files []string
	for _, name := range []string{"cluster", "assignments", "roles", "groups"} {
		readTruth(t, "guard/"+name+".json") // or skip
		files = append(files, filepath.Join(truthDir, "guard", name+".json"))
	}
	cluster, err := manifest.Load(files...)
	require.NoError(t, err)
	oids := map[string]string{}
	for _, u := range decode[struct{ Users []struct{ Name, ID string } }](t, readTruth(t, "guard/principals.json")).Users {
		oids[u.Name] = u.ID
	}
	return cluster, oids
}

type decided struct {
	Allowed   []string
	By        map[string][]string
	Error     bool
	Ambiguous []string
}

// Everybody asks as the webhook asks about them: by object id, and whoever has none in
// the recorded directory by a principal of it.
func TestRecordedDecisions(t *testing.T) {
	cluster, oids := recordedEstate(t)
	requests := map[int]rbacsim.Request{}
	for _, row := range truthLines[requestRow](t, "guard/requests.jsonl") {
		requests[row.ID] = row.Request.request()
	}
	rbac, az := rbacsim.New(cluster), New(cluster)
	modes := truthModes(t)
	wrong, asked := 0, 0
	for _, row := range truthLines[struct {
		ID            int
		Plain, Custom decided
		DiscoveryPath bool
	}](t, "guard/decisions.jsonl") {
		r, ok := requests[row.ID]
		require.True(t, ok)
		for mode, want := range map[string]decided{"plain": row.Plain, "custom": row.Custom} {
			k := NewKubernetes(rbac, az, WithMapping(modes[mode]), WithoutDiscoveryPaths())
			withPaths := NewKubernetes(rbac, az, WithMapping(modes[mode]))
			for name, oid := range oids {
				asked++
				s := k.Review(name, nil, map[string][]string{"oid": {strings.ToUpper(oid)}})
				v, err := k.Check(s, r)
				require.NoError(t, err)
				expect := rbacsim.Denied
				switch {
				case slices.Contains(want.Allowed, name):
					expect = rbacsim.Allowed
				case slices.Contains(want.Ambiguous, name):
					expect = rbacsim.Undecided
				}
				d, err := k.Decide(s, r)
				require.NoError(t, err)
				assert.Equal(t, v.Decision, d)
				if expect != v.Azure.Decision || want.Error != (v.Azure.Error != nil) || expect == rbacsim.Allowed && !sameNames(want.By[name], assignmentsOf(v.Azure)) {
					wrong++
					assert.Fail(t, "a wrong answer", "%s in mode %s: want %s: %s", name, mode, expect, v.Explain())
				}
				if d, err = withPaths.Decide(s, r); row.DiscoveryPath && assert.NoError(t, err) {
					assert.Equal(t, rbacsim.Allowed, d, "%s", r)
				}
			}
		}
	}
	require.NotZero(t, asked)
	assert.Zero(t, wrong)
	t.Logf("%d decisions, %d wrong", asked, wrong)
}

func sameNames(want, got []string) bool { return slices.Equal(slices.Sorted(slices.Values(want)), got) }

// assignmentsOf returns the names of the assignments that grant.
func assignmentsOf(v WebhookVerdict) []string {
	var names []string
	for a := range v.Asked() {
		for _, answer := range a.Verdicts {
			for g := range answer.Grants() {
				id := g.Assignment.Name
				names = append(names, id[strings.LastIndex(id, "/")+1:])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestRolesOnKubernetes(t *testing.T) {
	truth := decode[struct {
		Rows []struct {
			Verb, Group, Resource, Subresource, Namespace, Path string

			DataActions []string
			Scope       string
			Allowed     map[string]bool
		}
	}](t, readTruth(t, "aks-rbac-truth.json"))
	require.NotEmpty(t, truth.Rows)
	const cluster = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/C"
	guids := map[string]string{
		"Azure Kubernetes Service RBAC Reader": "7f6c6a51-bcf8-42ba-9220-52d62157d7db", "Azure Kubernetes Service RBAC Writer": "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb",
		"Azure Kubernetes Service RBAC Admin": "3498e952-d568-435e-9b2c-8d77e338d7f7", "Azure Kubernetes Service RBAC Cluster Admin": "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
		"Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c", "custom */read": "00000000-0000-4000-8000-00000000c0de",
	}
	e := (&estate{}).cluster(asked(cluster)).role(guids["custom */read"], dataActions(clusterType+"/*/read"))
	for _, guid := range guids { // everybody is called by their role's id
		e.assign("at-"+guid, cluster, guid, guid, "User")
	}
	snapshot := e.b.Cluster()
	k := NewKubernetes(rbacsim.New(snapshot), New(snapshot), WithoutDiscoveryPaths())
	for _, row := range truth.Rows {
		r := rbacsim.Request{Verb: row.Verb, Group: row.Group, Resource: row.Resource, Subresource: row.Subresource, Namespace: row.Namespace}
		if row.Path != "" {
			r = rbacsim.URL(row.Verb, row.Path)
		}
		for name, allowed := range row.Allowed {
			require.Contains(t, guids, name)
			s, err := k.As(identity.NewUser(guids[name]))
			require.NoError(t, err)
			v, err := k.Check(s, r)
			require.NoError(t, err)
			want := rbacsim.Denied
			if allowed {
				want = rbacsim.Allowed
			}
			assert.Equal(t, want, v.Azure.Decision, "%s: %s", name, v.Explain())
		}
	}
}

// asked returns a cluster that asks Azure.
func asked(id string) model.ManagedCluster {
	return model.ManagedCluster{
		Resource: model.Resource{ID: model.Known(id), Name: model.Known(id[strings.LastIndex(id, "/")+1:])},
		Entra:    model.EntraProfile{Present: model.Known(true), AzureRBAC: model.Known(true)},
	}
}
