package azure

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func roleAssignment(s *sheet) *model.RoleAssignment {
	if isClassic(s) {
		return classicRow(s)
	}
	a := &model.RoleAssignment{
		ID: s.id, Name: s.header(s.res.Name, "name"), Scope: firstOf(s.str("scope"), s.scope()),
		RoleDefinitionID: s.str("roleDefinitionId"), RoleDefinitionName: s.str("roleDefinitionName"),
		PrincipalID: s.str("principalId"), PrincipalName: s.str("principalName"), PrincipalType: s.str("principalType"),
		Condition: s.str("condition"), ConditionVersion: s.str("conditionVersion"),
		DelegatedManagedIdentityResourceID: s.str("delegatedManagedIdentityResourceId"), Template: s.res.Template,
	}
	if s.res.Template && s.res.Scope.Kind != tree.Absent {
		a.Scope = s.scope()
	}
	require(s, a.PrincipalID, "principalId")
	require(s, a.RoleDefinitionID, "roleDefinitionId")
	require(s, a.Scope, "scope")
	if s.id.IsAbsent() && !a.Template {
		// Cut down by a query: what it says names it.
		s.ref = model.AzureRef(s.kind.name, strings.TrimRight(a.Scope.Or(""), "/")+"/"+lastOf(a.RoleDefinitionID.Or(""))+"/"+a.PrincipalID.Or(""))
		s.invented = false
	}
	return a
}

// eligibility is a role that a principal may activate.
func eligibility(s *sheet) *model.RoleAssignment {
	a := roleAssignment(s)
	a.Eligible = true
	if of := s.child("expandedProperties"); of != nil {
		if p := of.child("principal"); p != nil {
			a.PrincipalName = firstOf(a.PrincipalName, p.str("email"), p.str("displayName"))
			a.PrincipalType = firstOf(a.PrincipalType, p.str("type"))
		}
		a.RoleDefinitionName = firstOf(a.RoleDefinitionName, of.str("roleDefinition", "displayName"))
	}
	return a
}

// isClassic reports whether an entry of az role assignment list
// --include-classic-administrators is about one.
func isClassic(s *sheet) bool {
	id := s.id.Or("")
	return strings.HasPrefix(id, "NA(classic")
}

func classicRow(s *sheet) *model.RoleAssignment {
	a := &model.RoleAssignment{
		ID: s.id, Name: s.header(tree.Node{}, "name"), Scope: s.str("scope"), RoleDefinitionName: s.str("roleDefinitionName"),
		PrincipalName: s.str("principalName"), PrincipalID: s.str("principalId"), Classic: true,
	}
	s.ref = model.AzureRef(s.kind.name, a.Scope.Or("")+"/classicAdministrators/"+a.PrincipalName.Or("")+"/"+a.RoleDefinitionName.Or(""))
	return a
}

func classicAdministrator(s *sheet) *model.RoleAssignment {
	return &model.RoleAssignment{
		ID: s.id, Name: s.header(tree.Node{}, "name"), Scope: s.ofID(targetOf), RoleDefinitionName: s.str("role"),
		PrincipalName: s.str("emailAddress"), Classic: true,
	}
}

func roleDefinition(s *sheet) *model.RoleDefinition {
	d := &model.RoleDefinition{ID: s.id, Template: s.res.Template, AssignableScopes: s.strs("assignableScopes")}
	name := s.header(s.res.Name, "name")
	if s.isRoleInput() {
		// The file that az role definition create takes, and PowerShell prints.
		d.Name, d.Custom, d.GUID = name, s.boolean("isCustom"), mapped(s.id, lastOf)
		if !isID(s.id.Or("")) {
			d.ID = model.Property[string]{}
		}
		d.Permissions = model.Known([]model.Permission{permission(s.view)})
	} else {
		d.Name = firstOf(s.str("roleName"), name)
		if d.GUID = mapped(s.id, lastOf); !d.GUID.IsKnown() && model.IsGUID(name.Or("")) {
			d.GUID = name
		}
		custom := mapped(firstOf(s.str("roleType"), s.roleType()), func(t string) bool { return strings.EqualFold(t, "CustomRole") })
		d.Custom = firstOf(custom, s.boolean("isCustom"))
		d.Permissions = objects(s.view, permission, "permissions")
		require(s, d.Permissions, "permissions")
	}
	require(s, d.Name, "name")
	if guid, ok := d.GUID.Get(); ok {
		s.ref = model.AzureRef(s.kind.name, guid)
		s.invented = false
	}
	return d
}

// roleType is whether a role is custom as the REST API says it, below the properties:
// the type at the top is that of all role definitions.
func (s *sheet) roleType() model.Property[string] {
	n := s.inner.Get("type")
	if n.Kind == tree.Absent {
		if n = s.own.Get("type"); isType(n.Text) {
			return model.Property[string]{}
		}
	}
	return valueOf(s, n, "type", "a string", text)
}

// isRoleInput reports whether a role is written as az role definition create takes it:
// without a type, and with its permissions at the top or, of late, in one list.
func (s *sheet) isRoleInput() bool {
	return !s.res.Template && !s.own.Has("permissions") && s.inner.Kind == tree.Absent && s.typ() == ""
}

func permission(v *view) model.Permission {
	return model.Permission{
		Actions: v.plains("actions"), NotActions: v.plains("notActions"),
		DataActions: v.plains("dataActions"), NotDataActions: v.plains("notDataActions"),
		Condition: v.str("condition"), ConditionVersion: v.str("conditionVersion"),
	}
}

func denyAssignment(s *sheet) *model.DenyAssignment {
	d := &model.DenyAssignment{
		ID: s.id, Name: firstOf(s.str("denyAssignmentName"), s.header(s.res.Name, "name")), Scope: firstOf(s.str("scope"), s.scope()),
		NotForChildren: s.boolean("doNotApplyToChildScopes"), Permissions: objects(s.view, permission, "permissions"),
		Principals: objects(s.view, deniedPrincipal, "principals"), ExcludedPrincipals: objects(s.view, deniedPrincipal, "excludePrincipals"),
		Condition: s.str("condition"), Effect: s.str("denyAssignmentEffect"), System: s.boolean("isSystemProtected"), Template: s.res.Template,
	}
	require(s, d.Permissions, "permissions")
	require(s, d.Principals, "principals")
	require(s, d.Scope, "scope")
	if s.id.IsAbsent() && !d.Template {
		s.ref = model.AzureRef(s.kind.name, strings.TrimRight(d.Scope.Or(""), "/")+"/"+d.Name.Or(""))
		s.invented = false
	}
	return d
}

func deniedPrincipal(v *view) model.DeniedPrincipal {
	p := model.DeniedPrincipal{ID: strings.ToLower(v.plain("id")), Type: v.plain("type")}
	if p.ID == "" && v.s.open == "" {
		v.s.fail(v.own, join(v.path, "id"), "missing: "+needs[v.s.kind.name], "")
	}
	return p
}
