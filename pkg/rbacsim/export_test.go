package rbacsim

import rbacv1 "k8s.io/api/rbac/v1"

// Defaults are the default roles and bindings of the table.
func Defaults() ([]*rbacv1.ClusterRole, []*rbacv1.Role, []*rbacv1.ClusterRoleBinding, []*rbacv1.RoleBinding) {
	d := readDefaults()
	return d.clusterRoles, d.roles, d.clusterRoleBindings, d.roleBindings
}

// Covers is how explanations read one rule.
func Covers(rule *rbacv1.PolicyRule, r Request) bool { return covers(rule, r) }
