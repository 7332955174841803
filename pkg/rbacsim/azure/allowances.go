package azure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// Allowances returns what a role allows at a scope and below, for [Authorizer.Within]: a
// role by its name, upper and lower case being the same, or by its GUID. What it allows
// under conditions is left out. The error says that no role is called so, with the
// nearest names, or that several are.
func (a *Authorizer) Allowances(role string, at Scope) ([]Allowance, error) {
	r, err := a.roleNamed(role)
	if err != nil {
		return nil, err
	}
	var list []Allowance
	for _, p := range r.granting() {
		if p.condition != nil {
			continue
		}
		for side := range planes {
			if q := &p.planes[side]; len(q.allow.list) > 0 {
				list = append(list, Allowance{texts(q.allow.list), texts(q.except.list), side == data, at})
			}
		}
	}
	return list, nil
}

// roleNamed finds a role of the input, or a built-in one.
func (a *Authorizer) roleNamed(name string) (*role, error) {
	if r, err := a.roleCalled(name); err == nil {
		return r, nil
	}
	var guids, names []string
	add := func(guid, called string) {
		names = append(names, called)
		if strings.EqualFold(called, name) && !slices.Contains(guids, guid) {
			guids = append(guids, guid)
		}
	}
	for _, r := range a.sortedRoles() {
		add(r.guid, r.name)
	}
	for r := range Roles() {
		add(r.GUID, r.Name)
	}
	switch len(guids) {
	case 0:
		return nil, fmt.Errorf("no role %q, neither in the input nor built in%s", name, suggest.Clause(name, names))
	case 1:
		return a.roleCalled(guids[0])
	}
	return nil, fmt.Errorf("several roles are called %q: name one by its GUID, %s", name, strings.Join(guids, ", "))
}
