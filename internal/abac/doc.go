// Package abac answers whether a role assignment condition holds.
//
// A condition (version 2.0 of the language) narrows what a role assignment, or
// a permission of a built-in role, grants. Its answer is one of three: what is
// not known of a request makes it Unknown wherever that could turn it, and so
// does what Azure's documentation leaves open (AZ28).
//
// Conditions are immutable and safe for concurrent use.
package abac
