package abac

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/actionset"
)

// Delegation is what a condition leaves of the right to write or delete role
// assignments (AZ36).
type Delegation struct {
	// Grants are the alternatives: an assignment in one of them passes. None
	// means that nothing does.
	Grants []Grant
	// Exact: all of that passes. If not, there are conditions besides, and less
	// may pass, never more.
	Exact bool
}

// Grant is a kind of role assignment: roles and principals by GUID, and types
// of principals.
type Grant struct{ Roles, Principals, Types Domain }

// Free reports whether assignments of every role to everybody pass.
func (d Delegation) Free() bool {
	return slices.ContainsFunc(d.Grants, func(g Grant) bool { return g.Roles.Any() && g.Principals.Any() && g.Types.Any() })
}

// Roles returns the roles that pass for some principal: none of the others
// can be assigned.
func (d Delegation) Roles() Domain {
	roles := Domain{}
	for _, g := range d.Grants {
		roles = roles.complement().intersect(g.Roles.complement()).complement()
	}
	return roles
}

const (
	assignmentAttributes = "Microsoft.Authorization/roleAssignments:"
	// deleteAssignments is the action of which the assignment there is decides;
	// of every other one it is the assignment in the request.
	deleteAssignments = "Microsoft.Authorization/roleAssignments/delete"
	maxGrants         = 64
)

// Delegation returns which role assignments the condition lets pass for an
// action on role assignments: what is limited is RoleDefinitionId, PrincipalId
// and PrincipalType. ok is false if that cannot be said: the action may or may
// not be one that the condition names, or there are too many alternatives.
func (c *Condition) Delegation(action string) (d Delegation, ok bool) {
	l := limiter{action: action, source: "Request"}
	if strings.EqualFold(action, deleteAssignments) {
		l.source = "Resource"
	}
	if d = l.limits(c.root, true); l.failed {
		return Delegation{}, false
	}
	return d, true
}

// limiter turns a condition into alternatives.
type limiter struct {
	action, source string
	failed         bool
}

// everything passes, or cannot be told from that.
func everything(exact bool) Delegation {
	return Delegation{Grants: []Grant{{anything(), anything(), anything()}}, Exact: exact}
}

// limits returns for which assignments the node is as wanted.
func (l *limiter) limits(n node, wanted bool) Delegation {
	switch n := n.(type) {
	case *negation:
		return l.limits(n.term, !wanted)
	case *junction:
		return l.junction(n, wanted)
	case *call:
		return l.call(n, wanted)
	case *comparison:
		if g, ok := l.comparison(n, wanted); ok {
			return Delegation{Grants: product([]Grant{g}, everything(true).Grants), Exact: true}
		}
	}
	return everything(false)
}

func (l *limiter) junction(j *junction, wanted bool) Delegation {
	either := j.or == wanted
	d := Delegation{Exact: true}
	if !either {
		d = everything(true)
	}
	for _, term := range j.terms {
		more := l.limits(term, wanted)
		if either {
			if more.Exact && more.Free() {
				return more
			}
			d.Grants = append(d.Grants, more.Grants...)
		} else {
			d.Grants = product(d.Grants, more.Grants)
		}
		d.Grants = distinct(d.Grants)
		d.Exact = d.Exact && more.Exact
		if l.failed = l.failed || len(d.Grants) > maxGrants; l.failed {
			return Delegation{}
		}
	}
	d.Exact = d.Exact || len(d.Grants) == 0 // less than nothing cannot pass
	return d
}

// distinct returns the grants that none before or after contains.
func distinct(grants []Grant) []Grant {
	var kept []Grant
	for i, g := range grants {
		if !slices.ContainsFunc(grants[:i], g.within) && !slices.ContainsFunc(grants[i+1:], func(h Grant) bool { return g.within(h) && !h.within(g) }) {
			kept = append(kept, g)
		}
	}
	return kept
}

// within reports whether all of the grant is part of another.
func (g Grant) within(h Grant) bool {
	return g.Roles.within(h.Roles) && g.Principals.within(h.Principals) && g.Types.within(h.Types)
}

// product returns what passes one of each.
func product(some, others []Grant) []Grant {
	var grants []Grant
	for _, a := range some {
		for _, b := range others {
			g := Grant{a.Roles.intersect(b.Roles), a.Principals.intersect(b.Principals), a.Types.intersect(b.Types)}
			if !g.Roles.Empty() && !g.Principals.Empty() && !g.Types.Empty() {
				grants = append(grants, g)
			}
		}
	}
	return grants
}

func (l *limiter) call(c *call, wanted bool) Delegation {
	m := c.pattern.Match(l.action)
	if c.sub {
		m = actionset.No // role assignments have no sub-operations
	}
	l.failed = l.failed || m == actionset.Maybe
	if (m == actionset.Yes) == wanted {
		return everything(true)
	}
	return Delegation{Exact: true}
}

// comparison returns the limit that a comparison of one of the three attributes
// with literal values is; false if it is none.
func (l *limiter) comparison(c *comparison, wanted bool) (Grant, bool) {
	g := Grant{anything(), anything(), anything()}
	name, ok := strings.CutPrefix(c.left.attribute.Name, assignmentAttributes)
	if !ok || c.left.attribute.Source != l.source || c.right.attribute.Source != "" || c.operator.relation != equals {
		return g, false
	}
	values, ok := c.plain(name == "PrincipalType")
	if !ok {
		return g, false
	}
	switch name {
	case "RoleDefinitionId":
		g.Roles = c.domain(values, wanted)
	case "PrincipalId":
		g.Principals = c.domain(values, wanted)
	case "PrincipalType":
		g.Types = c.domain(values, wanted)
	default:
		return g, false
	}
	return g, true
}

// plain returns the values that are compared with, sorted: GUIDs, or types of
// principals in their own spelling. Others, which may mean nothing to Azure,
// are not understood.
func (c *comparison) plain(types bool) ([]string, bool) {
	if len(c.right.items) == 0 || c.quantifier.name == "" && len(c.right.items) > 1 || types == (c.operator.kind == kindGUID) {
		return nil, false
	}
	var values []string
	for _, s := range c.right.items {
		if !types {
			g, ok := s.asGUID()
			if !ok {
				return nil, false
			}
			values = append(values, g.String())
			continue
		}
		name, ok := named(principalTypes, itself, s.text)
		if !ok || s.kind != kindText || !c.operator.anyCase && name != s.text {
			return nil, false
		}
		values = append(values, name)
	}
	return slices.Compact(slices.Sorted(slices.Values(values))), true
}

//nolint:gochecknoglobals // a constant table
var principalTypes = []string{"User", "Group", "ServicePrincipal", "ForeignGroup", "Device"}

// domain returns for which single value on the left the comparison is as
// wanted.
func (c *comparison) domain(values []string, wanted bool) Domain {
	d := Domain{Except: c.operator.negated, Values: values}
	// Equal to all of several is nothing, unequal to any of several everything.
	if quantified := c.quantifier.name != ""; quantified && len(values) > 1 && c.quantifier.any == c.operator.negated {
		d = Domain{Except: c.operator.negated}
	}
	if !wanted {
		return d.complement()
	}
	return d
}
