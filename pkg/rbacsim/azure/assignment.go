package azure

import (
	"cmp"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// assignment is a role assignment that is compiled.
type assignment struct {
	number    int32 // in the order of the input
	api       *model.RoleAssignment
	ref       model.Ref
	place     model.Place
	name      string // for people
	principal string // object id or, where that hangs on a template, its expression; empty if nobody known
	role      *role
	scope     Scope // zero: not known
	condition *condition
	open      string // why it may not grant what it says, or not to whom it says
}

// match reports whether the assignment grants the action where it counts.
func (a *assignment) match(q *query) match {
	m := a.role.match(q)
	if m == no {
		return m
	}
	m = min(m, a.condition.eval(q)) // AZ8
	if a.open != "" {
		m = min(m, maybe)
	}
	return m
}

const assignmentsSegment = "/providers/microsoft.authorization/roleassignments/"

// readAssignments compiles the role assignments, in the order of the input.
func (c *compiler) readAssignments(cluster *model.Cluster) {
	for o := range model.All[model.RoleAssignment](cluster) {
		d := o.API
		a := &assignment{number: int32(len(c.assignments)), api: d, ref: o.Ref, place: o.Origin.Place, role: c.roleOf(d)}
		a.name = cmp.Or(d.Name.Or(""), lastSegment(d.ID.Or("")), lastSegment(o.Ref.Name))
		a.condition = c.condition(d.Condition.Or(""), d.ConditionVersion.Or(""), openCondition(d.Condition, d.ConditionVersion))
		var openScope, openPrincipal string
		a.scope, openScope = c.scopeOf(d.Scope, d.ID, assignmentsSegment)
		a.principal, openPrincipal = c.principalOf(d)
		a.open = cmp.Or(openPrincipal, openScope, o.Origin.Doubt()) // AZ4
		if d.Eligible {                                             // AZ12
			a.open = cmp.Or(a.open, "it is only eligible: nobody has it until they activate it in Privileged Identity Management")
		}
		c.assignments = append(c.assignments, a)
		c.lintAssignment(a, o.Origin)
		c.place(a)
	}
}

// principalOf returns the object id of whom an assignment names, and why it may be
// another (AZ17). An assignment that a managed identity of another tenant stands behind
// (delegatedManagedIdentityResourceId) is one like all others (AZ16).
func (c *compiler) principalOf(d *model.RoleAssignment) (id, open string) {
	if id, ok := d.PrincipalID.Get(); ok && id != "" {
		return strings.ToLower(id), ""
	}
	if expression, ok := d.PrincipalID.Unresolved(); ok {
		// Equal expressions of one template have equal values.
		return strings.ToLower(expression), ""
	}
	name := d.PrincipalName.Or("")
	if d.Classic && name != "" { // AZ13
		var found []string
		for e := range c.directory.Entities() {
			if lower(e.Name) == lower(name) && e.Kind != identity.Group {
				found = append(found, e.ObjectID)
			}
		}
		if len(found) == 1 {
			return found[0], ""
		}
		return "", "nothing in the input says which object id " + name + " has"
	}
	return "", "its principalId is " + unknown(d.PrincipalID)
}

// scopeOf returns the scope that an assignment states or its id tells, and why that is
// not known.
func (c *compiler) scopeOf(scope, id model.Property[string], segment string) (s Scope, open string) {
	text, ok := scope.Get()
	if expression, unresolved := scope.Unresolved(); unresolved {
		if s, err := ParseScope(expression); err == nil && vague(s) {
			return s, ""
		}
		return Scope{}, "its scope is not known: " + expression
	}
	if !ok || text == "" {
		if text, ok = id.Get(); ok { // AZ7
			i := strings.LastIndex(lower(text), segment)
			if i < 0 {
				return Scope{}, "neither its scope nor its id says where it counts"
			}
			text = cmp.Or(text[:i], "/")
		} else {
			return Scope{}, "its scope is " + unknown(scope)
		}
	}
	if s, ok := c.scopes[text]; ok {
		return s, ""
	}
	s, err := ParseScope(text)
	if err != nil {
		return Scope{}, "its scope is not understood: " + err.Error()
	}
	c.scopes[text] = s
	return s, ""
}

func lastSegment(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
