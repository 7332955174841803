// Package azure answers which actions a principal may take in Azure: what role
// assignments, deny assignments, role definitions, management groups, groups of
// Microsoft Entra ID and key vaults of one snapshot allow, to whom, where, and why, or
// why not.
package azure
