package azure_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// truthFile returns a recorded table, and skips the test where there is none.
func truthFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "truth", "azure", name))
	if os.IsNotExist(err) {
		t.Skip("the truth tables are not here")
	}
	require.NoError(t, err)
	return text
}

func truth[T any](t *testing.T, name string) (table T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(truthFile(t, name), &table), name)
	return table
}

func truthLines[T any](t *testing.T, name string) (rows []T) {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(string(truthFile(t, name))))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row T
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row), name)
		rows = append(rows, row)
	}
	return rows
}

// exportedPermission is a permission object as Azure exports it.
type exportedPermission struct {
	Actions, NotActions, DataActions, NotDataActions []string
	Condition, ConditionVersion                      *string
}

func (p exportedPermission) model() model.Permission {
	m := model.Permission{Actions: p.Actions, NotActions: p.NotActions, DataActions: p.DataActions, NotDataActions: p.NotDataActions}
	if p.Condition != nil {
		m.Condition, m.ConditionVersion = model.Known(*p.Condition), model.Known(*p.ConditionVersion)
	}
	return m
}

// The embedded table says of every built-in role what the export says.
func TestBuiltinRolesAreThoseOfAzure(t *testing.T) {
	table := truth[struct {
		Roles []struct {
			ID, Name    string
			Permissions []exportedPermission
		}
	}](t, "builtin-roles.json")
	var w world
	for _, r := range table.Roles {
		var permissions []model.Permission
		for _, p := range r.Permissions {
			permissions = append(permissions, p.model())
		}
		w.role(r.ID, r.Name, permissions...)
	}
	for f := range w.compile().Findings() {
		t.Error(f) // it differs from the table
	}
	var names []string
	for r := range azure.Roles() {
		names = append(names, r.Name)
	}
	assert.Len(t, names, len(table.Roles))
	assert.True(t, slices.IsSorted(names))
}

// 52 requests by the roles of AKS.
func TestRolesOfKubernetesDecideAsRecorded(t *testing.T) {
	table := truth[struct {
		Rows []struct {
			DataActions []string
			Scope       string
			Allowed     map[string]bool
		}
	}](t, "aks-rbac-truth.json")
	const custom = "custom */read"
	wrong, n := 0, 0
	for _, row := range table.Rows {
		for name, want := range row.Allowed {
			var w world
			w.role("custom", custom, model.Permission{DataActions: []string{"Microsoft.ContainerService/managedClusters/*/read"}})
			guid := "custom"
			for r := range azure.Roles() {
				if r.Name == name {
					guid = r.GUID
				}
			}
			w.assign(alice, guid, strings.Split(row.Scope, "/namespaces/")[0])
			a := w.compile()
			got := rbacsim.Allowed
			for _, action := range row.DataActions {
				if d := a.Decide(who(alice), askData(action, row.Scope)); d != rbacsim.Allowed {
					got = d
				}
			}
			n++
			if !assert.Equal(t, want, got == rbacsim.Allowed, "%s: %v", name, row) || !assert.NotEqual(t, rbacsim.Undecided, got) {
				wrong++
			}
		}
	}
	assert.NotZero(t, n)
	assert.Zero(t, wrong)
}

// Which built-in roles hold what is dangerous.
func TestHoldersOfDangerousActions(t *testing.T) {
	for action, want := range truth[map[string][]string](t, "escalation-action-holders.json") {
		var got []string
		for r := range azure.RolesWith(action, false) {
			if r.Decision == rbacsim.Allowed || r.Constrained {
				got = append(got, r.Role.Name)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		assert.Equal(t, want, got, action)
	}
}

// guardWorld reads the role assignments, roles and groups of the guard tables.
func guardWorld(t *testing.T) (*azure.Authorizer, map[string]string) {
	t.Helper()
	var w world
	for _, r := range truth[[]struct {
		ID, Name, RoleName string
		Permissions        []exportedPermission
	}](t, "guard/roles.json") {
		d := &model.RoleDefinition{ID: model.Known(r.ID), GUID: model.Known(r.Name), Name: model.Known(r.RoleName)}
		var permissions []model.Permission
		for _, p := range r.Permissions {
			permissions = append(permissions, p.model())
		}
		d.Permissions = model.Known(permissions)
		put(&w, "RoleDefinition", r.ID, d)
	}
	for _, a := range truth[[]struct{ ID, Name, PrincipalID, PrincipalName, PrincipalType, RoleDefinitionID, Scope string }](t, "guard/assignments.json") {
		put(&w, "RoleAssignment", a.ID, &model.RoleAssignment{
			ID: model.Known(a.ID), Name: model.Known(a.Name), PrincipalID: model.Known(a.PrincipalID), PrincipalName: model.Known(a.PrincipalName),
			PrincipalType: model.Known(a.PrincipalType), RoleDefinitionID: model.Known(a.RoleDefinitionID), Scope: model.Known(a.Scope),
			Condition: model.Null[string](), ConditionVersion: model.Null[string](),
		})
	}
	kinds := map[string]string{}
	for group, members := range truth[map[string][]map[string]string](t, "guard/groups.json") {
		var ids []string
		for _, m := range members {
			ids = append(ids, m["id"])
			kinds[m["id"]] = strings.TrimPrefix(m["@odata.type"], "#microsoft.graph.")
		}
		w.members(group, ids...)
	}
	for id, kind := range kinds {
		put(&w, "DirectoryObject", id, &model.DirectoryObject{ID: id, Kind: kind})
	}
	users := map[string]string{}
	for _, u := range truth[struct{ Users []struct{ Name, ID string } }](t, "guard/principals.json").Users {
		users[u.Name] = u.ID
	}
	return w.compile(), users
}

// 35 users by half a thousand requests, in two modes of mapping.
func TestAssignmentsDecideAsRecorded(t *testing.T) {
	type mapped struct {
		Actions []string
		Scope   string
		Error   string
	}
	requests := map[int]map[string]mapped{}
	for _, r := range truthLines[struct {
		ID     int
		Result map[string]mapped
	}](t, "guard/requests.jsonl") {
		requests[r.ID] = r.Result
	}
	a, users := guardWorld(t)
	type decision struct {
		Error     bool
		Allowed   []string
		Ambiguous []string
		By        map[string][]string
	}
	n := 0
	for _, row := range truthLines[struct {
		ID            int
		Plain, Custom decision
	}](t, "guard/decisions.jsonl") {
		for mode, want := range map[string]decision{"plain": row.Plain, "custom": row.Custom} {
			m, ok := requests[row.ID][mode]
			if !ok || want.Error {
				continue
			}
			for name, id := range users {
				subject, err := a.SubjectOf(identity.NewUser(id))
				require.NoError(t, err)
				got := rbacsim.Allowed
				by := map[string]bool{}
				for _, action := range m.Actions {
					v, err := a.Check(subject, askData(action, m.Scope))
					require.NoError(t, err)
					if v.Decision != rbacsim.Allowed && got != rbacsim.Denied {
						got = v.Decision
					}
					if v.Decision != rbacsim.Allowed {
						continue
					}
					for g := range v.Grants() {
						by[g.Name] = true
					}
				}
				n++
				expected := rbacsim.Denied
				switch {
				case slices.Contains(want.Ambiguous, name):
					expected = rbacsim.Undecided
				case slices.Contains(want.Allowed, name):
					expected = rbacsim.Allowed
				}
				require.Equal(t, expected, got, "%d %s: %s %v", row.ID, mode, name, m)
				if expected == rbacsim.Allowed {
					for _, name := range want.By[name] {
						require.True(t, by[name], "%d: %s", row.ID, name)
					}
					require.Len(t, by, len(want.By[name]))
				}
			}
		}
	}
	require.NotZero(t, n)
	t.Log(n, "answers")
}
