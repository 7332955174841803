package model

// UserAssignedIdentity is a managed identity that is a resource of its own.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
type UserAssignedIdentity struct {
	Resource
	ClientID    Property[string] // by which clients ask for it
	PrincipalID Property[string] // by which role assignments name it
	TenantID    Property[string]
}

// FederatedCredential lets whoever has a token of an issuer for a subject become a
// managed identity.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
type FederatedCredential struct {
	Resource
	IdentityID Property[string] // resource id of the managed identity that it belongs to
	Issuer     Property[string] // compared byte by byte, a slash at the end included
	Subject    Property[string]
	Audiences  Property[[]string]

	// ClaimsMatching is the expression of a flexible credential, which takes the
	// place of Subject.
	ClaimsMatching Property[string]
}

// DirectoryObject is somebody whom Microsoft Entra ID knows, as an export of users,
// groups, service principals or members shows them.
type DirectoryObject struct {
	ID          string // object id, lower case
	Kind        string // User, Group, ServicePrincipal, Device, or empty if the export does not say
	DisplayName string
	UPN         string // of a user
	AppID       string // of a service principal: its client id

	// UserType is Guest for somebody of another directory, whom Kubernetes knows by
	// object id and not by UPN.
	UserType string
}

// GroupMembers is who is in a group, as one export tells it. The groups among the
// members have members of their own.
type GroupMembers struct {
	Group   string   // object id, lower case
	Members []string // object ids, lower case, ordered

	// Transitive is true of an export that has followed the groups in the group
	// already.
	Transitive bool
}
