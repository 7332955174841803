package model

import "strings"

// AzureGroup is the Group of references to Azure objects, which are not in the
// Kubernetes API: their Kind is the name of the type here, their Namespace is empty
// and their Name is the resource id in lower case, or the object id of what Microsoft
// Entra ID keeps.
const AzureGroup = "azure"

// AzureRef returns the reference of an Azure object. Upper and lower case mean
// nothing in ids.
func AzureRef(kind, id string) Ref {
	return Ref{Group: AzureGroup, Kind: kind, Name: strings.ToLower(id)}
}

// Resource is what all Azure resources have. Names, groups and subscriptions are
// known from the ID where the export does not repeat them.
// https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
type Resource struct {
	ID       Property[string] // as written, upper and lower case kept
	Name     Property[string]
	Type     string // Microsoft.KeyVault/vaults, as written
	Location Property[string]
	Tags     map[string]string

	// APIVersion is that of a template's resource, and empty in exports. Some
	// defaults hang on it.
	APIVersion string

	// Template is true of what a template or plan will make, false of what an export
	// or state says there is: what a template leaves out has a default, what an
	// export leaves out was not set.
	Template bool
}

// IsGUID reports whether a text has the form of a GUID, in upper or lower case, as ids of
// subscriptions, principals and roles have.
func IsGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i] | 0x20; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if s[i] != '-' {
				return false
			}
		case (c < 'a' || c > 'f') && (s[i] < '0' || s[i] > '9'):
			return false
		}
	}
	return true
}

// azureKinds are the kinds of Azure objects: the types of this package.
var azureKinds = [...]string{ //nolint:gochecknoglobals // a constant table
	"RoleAssignment", "RoleDefinition", "DenyAssignment", "ManagementGroup", "PolicyAssignment", "PolicySetDefinition",
	"ManagedCluster", "TrustedAccessRoleBinding", "IdentityBinding", "ScaleSet",
	"UserAssignedIdentity", "FederatedCredential", "DirectoryObject", "GroupMembers",
	"KeyVault", "DiagnosticSetting", "LogAlert", "ActivityLogAlert", "DataCollectionRule", "DataCollectionRuleAssociation",
	"ApplicationGateway", "WAFPolicy", "FrontDoor", "APIManagement",
	"VirtualNetwork", "PrivateDNSZone", "PrivateDNSLink", "PrivateEndpoint", "OtherAzureResource",
}

// azureKind finds a kind of Azure object; upper and lower case are the same.
func azureKind(word string) (string, bool) {
	for _, k := range azureKinds {
		if strings.EqualFold(k, word) {
			return k, true
		}
	}
	return "", false
}

// ManagedIdentities is which identities an Azure resource has.
type ManagedIdentities struct {
	Type Property[string] // SystemAssigned, UserAssigned, both with a comma, or None

	// Of the identity that lives and dies with the resource.
	PrincipalID, TenantID Property[string]

	UserAssigned []AttachedIdentity // by resource id
}

// AttachedIdentity is a user-assigned managed identity that a resource may use.
type AttachedIdentity struct {
	ResourceID            Property[string]
	ClientID, PrincipalID Property[string]
}

// OtherAzureResource is an Azure resource of a type that this library does not model.
// Only its id and type are kept.
type OtherAzureResource struct{ Resource }
