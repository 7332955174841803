package azure_test

import (
	"fmt"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// world builds a snapshot of Azure.
type world struct {
	model.Builder
	n int
}

func place(n int) model.Origin {
	return model.Origin{Place: model.Place{File: "azure.json", Line: n}}
}

func put[T any](w *world, kind, id string, api *T) {
	w.n++
	model.Add(&w.Builder, &model.Object[T]{Ref: model.AzureRef(kind, id), API: api, Origin: place(w.n)})
}

const (
	alice = "aaaaaaaa-0000-4000-8000-000000000001"
	bob   = "bbbbbbbb-0000-4000-8000-000000000002"
	team  = "cccccccc-0000-4000-8000-000000000003"
	org   = "dddddddd-0000-4000-8000-000000000004"

	owner         = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	contributor   = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	reader        = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	secretsUser   = "4633458b-17de-408a-b874-0445c86b69e6"
	vaultReader   = "21090545-7ca7-4776-b22c-e363652d74d2"
	idOperator    = "f1a07417-d97a-45cb-824c-7a7467783830"
	clusterAdmin  = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
	accessAdmin   = "8b54135c-b56d-4d72-a534-26097cfdc8d8"
	getSecret     = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
	readMetadata  = "Microsoft.KeyVault/vaults/secrets/readMetadata/action"
	assignWrite   = "Microsoft.Authorization/roleAssignments/write"
	rolePrefix    = "/providers/Microsoft.Authorization/roleDefinitions/"
	managementSub = "/providers/Microsoft.Management/managementGroups/"
)

// assign gives somebody a role at a scope.
func (w *world) assign(principal, role, scope string, change ...func(*model.RoleAssignment)) {
	name := fmt.Sprintf("ra-%03d", w.n)
	id := scope + "/providers/Microsoft.Authorization/roleAssignments/" + name
	a := &model.RoleAssignment{
		ID: model.Known(id), Name: model.Known(name), Scope: model.Known(scope),
		RoleDefinitionID: model.Known(rolePrefix + role), PrincipalID: model.Known(principal),
		PrincipalType: model.Known("User"), PrincipalName: model.Known("name-of-" + principal),
	}
	for _, c := range change {
		c(a)
	}
	put(w, "RoleAssignment", id, a)
}

// toGroup makes the principal of an assignment a group.
func toGroup(a *model.RoleAssignment) { a.PrincipalType = model.Known("Group") }

func (w *world) role(guid, name string, permissions ...model.Permission) {
	put(w, "RoleDefinition", guid, &model.RoleDefinition{
		ID: model.Known(rolePrefix + guid), GUID: model.Known(guid), Name: model.Known(name),
		Custom: model.Known(true), Permissions: model.Known(permissions),
	})
}

func (w *world) members(group string, ids ...string) {
	put(w, "GroupMembers", group, &model.GroupMembers{Group: group, Members: ids})
}

func (w *world) user(id, upn string) {
	put(w, "DirectoryObject", id, &model.DirectoryObject{ID: id, Kind: "User", UPN: upn})
}

func (w *world) deny(name, scope string, permission model.Permission, change ...func(*model.DenyAssignment)) {
	d := &model.DenyAssignment{
		ID: model.Known(scope + "/providers/Microsoft.Authorization/denyAssignments/" + name), Name: model.Known(name), Scope: model.Known(scope),
		Permissions: model.Known([]model.Permission{permission}),
		Principals:  model.Known([]model.DeniedPrincipal{{ID: model.Everyone, Type: "SystemDefined"}}),
	}
	for _, c := range change {
		c(d)
	}
	put(w, "DenyAssignment", name, d)
}

func (w *world) vault(scope string, change ...func(*model.KeyVault)) {
	v := &model.KeyVault{Resource: model.Resource{ID: model.Known(scope)}, Policies: model.Known([]model.AccessPolicy(nil))}
	for _, c := range change {
		c(v)
	}
	put(w, "KeyVault", scope, v)
}

func (w *world) group(name string, expanded bool, children ...string) {
	m := &model.ManagementGroup{ID: managementSub + name, Name: name, Expanded: expanded}
	for _, c := range children {
		if azure.MustParseScope(c).Kind() == azure.ManagementGroup {
			m.Groups = append(m.Groups, c)
		} else {
			m.Subscriptions = append(m.Subscriptions, c)
		}
	}
	put(w, "ManagementGroup", m.ID, m)
}

func (w *world) compile() *azure.Authorizer { return azure.New(w.Cluster()) }

func ask(action, scope string) azure.Request {
	return azure.Request{Action: action, Scope: azure.MustParseScope(scope)}
}

func askData(action, scope string) azure.Request {
	return azure.Request{Action: action, Data: true, Scope: azure.MustParseScope(scope)}
}

func who(id string, groups ...string) azure.Subject {
	return azure.Subject{ObjectID: id, Groups: groups}
}
