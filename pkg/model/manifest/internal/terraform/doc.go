// Package terraform answers which Azure resources a plan or state of Terraform holds,
// as terraform show -json prints them, in the names of Azure's own templates.
//
//	for _, r := range terraform.Resources(node) {
//		read := azure.Decode(file, r)
//		…
//	}
//
// # Semantics
//
// Providers azurerm from version 3 on, azuread and azapi are read; a resource of a type
// that is not known comes out with its type alone. Where a value is left out, the
// provider's default counts. A value that is known after apply is an expression that
// names the attribute.
//
// An id that Azure has not given yet stands for itself where a plan passes it on: the
// principal_id of azurerm_user_assigned_identity.api is the object id
// azurerm_user_assigned_identity.api.principal_id, for the identity and for whatever
// refers to exactly that attribute. That is sound, since nothing that exists already
// can name what does not exist yet. Only object ids and ids of identities are passed on
// so: a scope may be more than what it refers to, and a plan does not tell.
package terraform
