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

func (d Domain) complement() Domain { return Domain{!d.Except, d.Values} }

const (
	assignmentAttributes = "Microsoft.Authorization/roleAssignments:"
	// DeleteAssignments is the action of which the assignment there is decides;
	// of every other one it is the assignment in the request.
	deleteAssignments = "Microsoft.Authorization/roleAssignments/delete"
	maxGrants         = 64
)

// Delegation returns which role assignments the condition lets pass for an
// action on role assignments: what is limited is RoleDefinitionId, PrincipalId
// and PrincipalType. ok is false if that cannot be said: the action may or may
// not be one that the condition names, or there are too many alternatives.
func (c *Condition) Delegation(action string) (d Delegation, ok bool) {
	l := limiter{action: action, source: "Request", exact: true}
	if strings.EqualFold(action, deleteAssignments) {
		l.source = "Resource"
	}
	grants := l.limits(c.root, true)
	if l.failed {
		return Delegation{}, false
	}
	return Delegation{grants, l.exact}, true
}

// limiter turns a condition into alternatives.
type limiter struct {
	action, source string
	exact, failed  bool
}

func all() []Grant { return []Grant{{anything(), anything(), anything()}} }

// limits returns for which assignments the node is true, or false.
func (l *limiter) limits(n node, wanted bool) []Grant {
	switch n := n.(type) {
	case *negation:
		return l.limits(n.term, !wanted)
	case *junction:
		return l.junction(n, wanted)
	case *call:
		return l.call(n, wanted)
	case *comparison:
		if grants, ok := l.comparison(n, wanted); ok {
			return grants
		}
	}
	l.exact = false
	return all()
}

func (l *limiter) junction(j *junction, wanted bool) []Grant {
	either := j.or == wanted
	var grants []Grant
	if !either {
		grants = all()
	}
	for _, term := range j.terms {
		more := l.limits(term, wanted)
		if either {
			grants = append(grants, more...)
		} else {
			grants = product(grants, more)
		}
		if l.failed = l.failed || len(grants) > maxGrants; l.failed {
			return nil
		}
	}
	return grants
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

func (l *limiter) call(c *call, wanted bool) []Grant {
	m := c.pattern.Match(l.action)
	if c.sub {
		m = actionset.No // role assignments have no sub-operations
	}
	l.failed = l.failed || m == actionset.Maybe
	if (m == actionset.Yes) == wanted {
		return all()
	}
	return nil
}

// comparison returns the limit that a comparison of one of the three attributes
// with literal values is; false if it is none.
func (l *limiter) comparison(c *comparison, wanted bool) ([]Grant, bool) {
	name, ok := strings.CutPrefix(c.left.attribute.Name, assignmentAttributes)
	if !ok || c.left.attribute.Source != l.source || c.right.attribute.Source != "" || c.operator.relation != equals {
		return nil, false
	}
	values, ok := c.plain(name == "PrincipalType")
	if !ok {
		return nil, false
	}
	g := all()[0]
	switch name {
	case "RoleDefinitionId":
		g.Roles = c.domain(values, wanted)
	case "PrincipalId":
		g.Principals = c.domain(values, wanted)
	case "PrincipalType":
		g.Types = c.domain(values, wanted)
	default:
		return nil, false
	}
	return product([]Grant{g}, all()), true
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
