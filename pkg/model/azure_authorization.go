package model

// RoleAssignment gives a principal a role at a scope and below it.
// https://learn.microsoft.com/azure/role-based-access-control/role-assignments
type RoleAssignment struct {
	ID    Property[string]
	Name  Property[string] // a GUID
	Scope Property[string] // a resource id, or /

	RoleDefinitionID   Property[string] // its last segment, a GUID, says which role
	RoleDefinitionName Property[string] // as exports repeat it; may be out of date

	PrincipalID   Property[string] // object id
	PrincipalName Property[string] // UPN, client id or display name; empty of a deleted principal
	PrincipalType Property[string] // User, Group, ServicePrincipal, ForeignGroup, Device

	Condition        Property[string]
	ConditionVersion Property[string] // 2.0

	DelegatedManagedIdentityResourceID Property[string]

	Template bool // see [Resource.Template]

	// Eligible is true of what Privileged Identity Management lets a principal
	// activate: nobody has it until they do.
	Eligible bool

	// Classic is true of a classic administrator, who counts as Owner of the
	// subscription. PrincipalName is all that is known of them.
	Classic bool
}

// RoleDefinition is a role of Azure RBAC, built in or custom.
// https://learn.microsoft.com/azure/role-based-access-control/role-definitions
type RoleDefinition struct {
	ID   Property[string]
	GUID Property[string] // by which assignments name it
	Name Property[string] // the display name, such as Key Vault Secrets User

	Custom           Property[bool]
	AssignableScopes Property[[]string]

	// Permissions grant independently of one another: what one of them excludes,
	// another may grant.
	Permissions Property[[]Permission]

	Template bool // see [Resource.Template]
}

// Permission is one permission object of a role or deny assignment: the actions that
// match a pattern of Actions and none of NotActions, and likewise for data actions.
type Permission struct {
	Actions, NotActions         []string
	DataActions, NotDataActions []string

	Condition        Property[string]
	ConditionVersion Property[string]
}

// DenyAssignment takes actions from principals, whatever roles they have.
// https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
type DenyAssignment struct {
	ID    Property[string]
	Name  Property[string] // for people
	Scope Property[string]

	// NotForChildren limits it to the scope itself (doNotApplyToChildScopes).
	NotForChildren Property[bool]

	Permissions Property[[]Permission]

	Principals, ExcludedPrincipals Property[[]DeniedPrincipal]

	Condition Property[string]
	Effect    Property[string] // enforced or audit (denyAssignmentEffect)
	System    Property[bool]   // isSystemProtected
	Template  bool             // see [Resource.Template]
}

// Everyone is the object id by which a deny assignment means all principals.
const Everyone = "00000000-0000-0000-0000-000000000000"

// DeniedPrincipal is whom a deny assignment names; [Everyone] with the type
// SystemDefined or Everyone means all principals.
type DeniedPrincipal struct {
	ID   string // object id
	Type string // User, Group, ServicePrincipal, SystemDefined, Everyone
}

// ManagementGroup is a node of the hierarchy above subscriptions, with its children
// as far as the export expands them.
// https://learn.microsoft.com/azure/governance/management-groups/overview
type ManagementGroup struct {
	ID          string // /providers/Microsoft.Management/managementGroups/NAME
	Name        string
	DisplayName Property[string]
	ParentID    Property[string]

	// Groups and Subscriptions are the direct children, by id. Expanded is false if
	// the export does not list children: then there may be any.
	Groups        []string // resource ids
	Subscriptions []string // /subscriptions/GUID
	Expanded      bool
}

// PolicyAssignment puts an Azure Policy or an initiative in force at a scope.
type PolicyAssignment struct {
	Resource
	Scope              Property[string]
	NotScopes          Property[[]string]
	PolicyDefinitionID Property[string] // of a definition or a set
	EnforcementMode    Property[string] // Default (also if absent) or DoNotEnforce
	DisplayName        Property[string]
	Parameters         map[string]Property[string] // values as JSON, by name as written
}

// PolicySetDefinition is an initiative: several policies under one name.
type PolicySetDefinition struct {
	Resource
	DisplayName Property[string]
	PolicyType  Property[string] // BuiltIn, Custom, Static
	Definitions Property[[]string]
}
