package model

// KeyVault is a key vault, with who may use it where Azure RBAC does not decide that.
// https://learn.microsoft.com/azure/templates/microsoft.keyvault/vaults
type KeyVault struct {
	Resource
	TenantID Property[string]

	// RBAC says that Azure RBAC decides about data; with false access policies do.
	// Null or absent means access policies in an export; in a template it hangs on
	// the API version.
	// https://learn.microsoft.com/azure/key-vault/general/access-control-default
	RBAC     Property[bool]
	Policies Property[[]AccessPolicy]

	PublicNetwork   Property[string] // publicNetworkAccess: Enabled or Disabled
	NetworkDefault  Property[string] // networkAcls.defaultAction: Allow or Deny
	NetworkBypass   Property[string] // networkAcls.bypass
	IPRules         Property[[]string]
	SubnetRules     Property[[]string] // resource ids
	PurgeProtection Property[bool]
	SoftDelete      Property[bool]
	PrivateEndpoint Property[bool] // has a private endpoint connection

	// ForDeployment and its siblings let Azure itself read the vault.
	ForDeployment, ForDiskEncryption, ForTemplateDeployment Property[bool]
}

// AccessPolicy is what one principal may do in a vault whose mode is access policies.
type AccessPolicy struct {
	TenantID      Property[string]
	ObjectID      Property[string]
	ApplicationID Property[string] // then only this application on the principal's behalf

	// The permissions as written: get, list, all, … Upper and lower case mean nothing.
	Secrets, Keys, Certificates, Storage []string

	Place Place
}
