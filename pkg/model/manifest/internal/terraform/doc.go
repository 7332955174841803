// Package terraform answers which Azure resources a plan or state of Terraform holds,
// in the names of Azure's own templates.
package terraform
