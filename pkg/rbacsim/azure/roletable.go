package azure

import (
	"iter"
	"slices"
)

// Role is a role definition.
type Role struct {
	GUID, Name string
	// Builtin is true of a role of the embedded table; see [RolesDate].
	Builtin bool
}

// Roles yields the built-in roles as they were on [RolesDate], by name.
func Roles() iter.Seq[Role] {
	return func(yield func(Role) bool) {
		for _, r := range builtinRoles() {
			if !yield(r.api()) {
				return
			}
		}
	}
}

func (r *role) api() Role { return Role{r.guid, r.name, r.builtin} }

// RoleWith is a role that has an action.
type RoleWith struct {
	Role Role
	// Decision is Allowed, or Undecided if the action hangs on a condition or on whether
	// /*/ may stand for a single slash.
	Decision Decision
	// Constrained is true if every permission object of the role that has the action has
	// a condition: then the role has it for some cases only.
	Constrained bool
}

// RolesWith yields the built-in roles that have an action, or may have it, by name. Who
// looks for danger takes all of them, who looks for what is needed those with Allowed.
func RolesWith(action string, isData bool) iter.Seq[RoleWith] {
	return rolesWith(builtinRoles(), action, isData)
}

// RolesWith yields the roles that the input defines or that are assigned, and that have
// an action, or may have it, by name and GUID.
func (a *Authorizer) RolesWith(action string, isData bool) iter.Seq[RoleWith] {
	return rolesWith(a.sortedRoles(), action, isData)
}

func (a *Authorizer) sortedRoles() []*role {
	list := make([]*role, 0, len(a.roles))
	for _, r := range a.roles {
		list = append(list, r)
	}
	slices.SortFunc(list, compareRoles)
	return list
}

func rolesWith(roles []*role, action string, isData bool) iter.Seq[RoleWith] {
	return func(yield func(RoleWith) bool) {
		q := &query{Request: Request{Action: action, Data: isData}}
		for _, r := range roles {
			m := r.match(q)
			if m != no && !yield(RoleWith{r.api(), verdictOf(m), r.constrained(q)}) {
				return
			}
		}
	}
}

// constrained reports whether the role has an action under conditions only (AZ50).
func (r *role) constrained(q *query) bool {
	found := false
	for i := range r.permissions {
		if p := &r.permissions[i]; p.match(q) == yes {
			if p.condition == nil {
				return false
			}
			found = true
		}
	}
	return found
}
