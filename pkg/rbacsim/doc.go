// Package rbacsim answers whether an identity may make a Kubernetes API call: what
// the RBAC objects of one cluster snapshot allow, to whom, and why.
package rbacsim
