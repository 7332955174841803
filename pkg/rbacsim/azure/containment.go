package azure

import (
	"fmt"

	"github.com/aksim/aksim/internal/actionset"
)

// RoleWithin reports whether whatever one role allows another does, too: the roles by
// GUID, of the input or built in. If not, the witness is an action that only the first
// allows, and isData its plane; an empty witness says that it is not shown. What the
// first allows under conditions counts, what the second does so does not (AZ53), and so
// it is in both readings of /*/. The
// error names a role that is not known.
func (a *Authorizer) RoleWithin(guid, other string) (witness string, isData, ok bool, err error) {
	r, err := a.roleCalled(guid)
	if err != nil {
		return "", false, false, err
	}
	s, err := a.roleCalled(other)
	if err != nil {
		return "", false, false, err
	}
	witness, isData, ok = r.within([]*role{s})
	return witness, isData, ok, nil
}

func (a *Authorizer) roleCalled(guid string) (*role, error) {
	guid = trailingGUID(guid)
	r := a.roles[guid]
	if r == nil {
		r = newReader().builtin(guid)
	}
	switch {
	case r == nil:
		return nil, fmt.Errorf("no role has the GUID %q, neither in the input nor built in", guid)
	case r.open != "":
		return nil, fmt.Errorf("what role %s allows is not known: %s", guid, r.open)
	}
	return r, nil
}

// within reports whether the others together allow what the role does.
func (r *role) within(others []*role) (witness string, isData, ok bool) {
	for side := range planes {
		var have actionset.Set
		for _, s := range others {
			if s.guid == r.guid && s.open == "" {
				return "", false, true // under the same conditions
			}
			have = append(have, s.set(side == data, true)...)
		}
		own := r.set(side == data, false)
		if witness, ok := own.Certain().Subset(have.Certain()); !ok {
			return witness, side == data, false
		}
		if witness, ok := own.Possible().Subset(have.Possible()); !ok {
			return witness, side == data, false
		}
	}
	return "", false, true
}
