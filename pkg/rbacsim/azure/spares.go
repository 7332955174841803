package azure

import (
	"iter"
	"slices"
	"strconv"

	"github.com/aksim/aksim/internal/actionset"
)

// SpareKind is why a role assignment may be removed.
type SpareKind uint8

// The kinds of spare assignments.
const (
	// Redundant: other assignments of the same principal, or of their groups, grant
	// all that it does.
	Redundant SpareKind = iota + 1
	// Dangling: its role does not exist, as far as is known.
	Dangling
	// OfDeleted: its principal does not exist any more.
	OfDeleted
	// Idle: it grants nothing: its role has no actions, or data actions of a key vault
	// that access policies decide about.
	Idle
)

// String returns redundant, dangling, of a deleted principal or idle.
func (k SpareKind) String() string {
	switch k {
	case Redundant:
		return "redundant"
	case Dangling:
		return "dangling"
	case OfDeleted:
		return "of a deleted principal"
	case Idle:
		return "idle"
	}
	return "SpareKind(" + strconv.Itoa(int(k)) + ")"
}

// Spare is a role assignment that may be removed without anybody losing a right.
type Spare struct {
	Kind       SpareKind
	Assignment Grant
	By         []Grant // with Redundant, what grants it all the same, in the order of the input
	Why        string  // for people
}

// Spares yields the role assignments that may be removed, in the order of the input.
// All those that are redundant may be removed together (AZ54).
func (a *Authorizer) Spares() iter.Seq[Spare] {
	return func(yield func(Spare) bool) {
		found := map[int32]Spare{}
		named := slices.ContainsFunc(a.assignments, func(x *assignment) bool { return x.api.PrincipalName.Or("") != "" })
		for i, x := range slices.Backward(a.assignments) {
			if s, ok := a.spare(x, named, found); ok {
				found[int32(i)] = s
			}
		}
		for i, x := range a.assignments {
			s, ok := found[int32(i)]
			if by := a.coveredBy(x, found); s.Kind == Redundant && len(by) > 0 { // those that stay
				s.By = a.plainGrants(by)
			}
			if ok && !yield(s) {
				return
			}
		}
	}
}

func (a *Authorizer) spare(x *assignment, named bool, found map[int32]Spare) (Spare, bool) {
	s := Spare{Assignment: a.plainGrant(x)}
	switch {
	case x.role.open != "" && x.role.guid != "" && len(x.role.permissions) == 0 && x.role.ref.IsZero():
		s.Kind, s.Why = Dangling, x.role.open
	case named && a.isDeleted(x):
		s.Kind, s.Why = OfDeleted, "its principalName is empty, and nothing else in the input names "+x.principal
	case a.isIdle(x):
		s.Kind, s.Why = Idle, "role "+x.role.label()+" has no actions that count at "+x.scope.String()
	default:
		by := a.coveredBy(x, found)
		if len(by) == 0 {
			return Spare{}, false
		}
		s.Kind, s.Why = Redundant, "other assignments grant all that it does"
		s.By = a.plainGrants(by)
	}
	return s, true
}

// plainGrant describes an assignment as such.
func (a *Authorizer) plainGrant(x *assignment) Grant {
	g := a.grant(&Subject{ObjectID: x.principal}, held{x, a.holders[x.principal], yes}, &query{})
	g.Permission, g.Pattern = -1, ""
	return g
}

func (a *Authorizer) plainGrants(list []*assignment) (grants []Grant) {
	for _, x := range list {
		grants = append(grants, a.plainGrant(x))
	}
	return grants
}

// isDeleted reports whether the principal is gone: the export tells no name of it,
// although it does of others, and nothing else speaks of it.
func (a *Authorizer) isDeleted(x *assignment) bool {
	name := x.api.PrincipalName
	if x.principal == "" || name.Or("") != "" || name.IsAbsent() || x.api.Template {
		return false
	}
	if _, ok := name.Unresolved(); ok {
		return false
	}
	e, ok := a.directory.Lookup(x.principal)
	known := ok && (e.Name != "" || e.ClientID != "" || e.ResourceID != "" || e.Place != x.place)
	return !known && len(a.members.parents[x.principal]) == 0 && !a.directory.KnowsMembers(x.principal)
}

// isIdle reports whether an assignment grants nothing for certain.
func (a *Authorizer) isIdle(x *assignment) bool {
	if x.role.open != "" || x.scope.IsZero() {
		return false
	}
	for i := range x.role.permissions {
		for side := range planes {
			p := &x.role.permissions[i].planes[side]
			if len(p.allow.list) == 0 {
				continue
			}
			r := right{set: actionset.Permission{Allow: p.allow.list, Except: p.except.list}}
			if side == data {
				a.limit(&r, x.scope)
			}
			if !(actionset.Set{r.set}).Empty() {
				return false
			}
		}
	}
	return true
}

// coveredBy returns assignments that grant all that another does; none if there are
// none. Those that are redundant themselves don't count.
func (a *Authorizer) coveredBy(x *assignment, found map[int32]Spare) []*assignment {
	if x.open != "" && !x.api.Eligible || x.principal == "" || x.scope.IsZero() || x.role.open != "" {
		return nil
	}
	var others []*assignment
	for _, id := range append(slices.Collect(a.directory.Groups(x.principal)), x.principal) {
		h := a.holders[id]
		if h == nil {
			continue
		}
		for _, p := range h.placed {
			for _, y := range p.grants {
				if _, spare := found[y.number]; y != x && !spare && a.mayCoverAll(y, x) {
					others = append(others, y)
				}
			}
		}
	}
	slices.SortFunc(others, func(y, z *assignment) int { return int(y.number) - int(z.number) })
	covers := func(list []*assignment) bool {
		var roles []*role
		for _, y := range list {
			roles = append(roles, y.role)
		}
		_, _, ok := x.role.within(roles)
		return ok
	}
	if len(others) == 0 || !covers(others) {
		return nil
	}
	for i := 0; i < len(others) && len(others) > 1; {
		if less := slices.Delete(slices.Clone(others), i, i+1); covers(less) {
			others = less
		} else {
			i++
		}
	}
	return others
}

// mayCoverAll reports whether an assignment counts wherever another does, and at least
// under the same condition.
func (a *Authorizer) mayCoverAll(y, x *assignment) bool {
	switch {
	case y.role.open != "" || y.open != "" && !(y.api.Eligible && x.api.Eligible):
		return false
	case y.condition != nil && y.condition.String() != x.condition.String():
		return false
	}
	return !y.scope.IsZero() && a.covers(y.scope, x.scope) == yes
}
