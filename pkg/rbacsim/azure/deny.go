package azure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// deny is a deny assignment that is compiled.
type deny struct {
	api         *model.DenyAssignment
	ref         model.Ref
	place       model.Place
	name        string
	scope       Scope // zero: not known
	onlyHere    match
	everyone    bool
	principals  []string // object ids, lower case
	excluded    []string
	doubtful    []string // groups among the principals some of whose members are not known
	spared      []string // and among the excluded
	permissions []permission
	condition   *condition
	open        string // why it may not deny what it says
	openExcept  string // why more may be excluded
	openTo      string // why others may be named
	audit       bool   // it only logs
}

const denySegment = "/providers/microsoft.authorization/denyassignments/"

// readDenies compiles the deny assignments, in the order of the input.
func (c *compiler) readDenies(cluster *model.Cluster) {
	for o := range model.All[model.DenyAssignment](cluster) {
		api := o.API
		d := &deny{api: api, ref: o.Ref, place: o.Origin.Place}
		d.name = cmp.Or(api.Name.Or(""), lastSegment(api.ID.Or("")), lastSegment(o.Ref.Name))
		var openScope, openPermissions string
		d.scope, openScope = c.scopeOf(api.Scope, api.ID, denySegment)
		d.permissions, openPermissions = c.permissions(api.Permissions)
		d.condition = c.condition(api.Condition.Or(""), "", openCondition(api.Condition, model.Property[string]{}))
		d.open = cmp.Or(openScope, openPermissions, o.Origin.Doubt())
		if openPermissions != "" {
			d.permissions = []permission{c.anything}
		}
		d.onlyHere = truth(api.NotForChildren)               // AZ19
		switch effect := lower(api.Effect.Or("enforced")); { // AZ9
		case effect == "audit":
			d.audit = true
		case effect != "enforced":
			d.open = cmp.Or(d.open, "its effect "+effect+" is not known")
		}
		if expression, ok := api.Effect.Unresolved(); ok {
			d.open = cmp.Or(d.open, "its effect is not known: "+expression)
		}
		d.name = cmp.Or(d.name, "without name")
		c.readDenied(d)
		c.denies = append(c.denies, d)
		n := c.node(d.scope)
		n.denies = append(n.denies, d)
	}
}

// readDenied reads whom a deny assignment names and whom it excludes (AZ9).
func (c *compiler) readDenied(d *deny) {
	if list, ok := d.api.Principals.Get(); ok {
		for _, p := range list {
			id := strings.ToLower(p.ID)
			d.everyone = d.everyone || id == model.Everyone || id == "" && lower(p.Type) == "everyone"
			d.principals = append(d.principals, id)
			if c.mayBeGroup(id, p.Type) && c.members.gap(id) != "" {
				d.doubtful = append(d.doubtful, id)
			}
		}
	} else {
		d.openTo = "whom it names is " + unknown(d.api.Principals)
	}
	if list, ok := d.api.ExcludedPrincipals.Get(); ok {
		for _, p := range list {
			id := strings.ToLower(p.ID)
			d.excluded = append(d.excluded, id)
			if c.mayBeGroup(id, p.Type) && c.members.gap(id) != "" {
				d.spared = append(d.spared, id)
			}
		}
	} else if expression, ok := d.api.ExcludedPrincipals.Unresolved(); ok {
		d.openExcept = "whom it excludes is not known: " + expression
	}
}

func truth(p model.Property[bool]) match {
	if _, ok := p.Unresolved(); ok {
		return maybe
	}
	if p.Or(false) {
		return yes
	}
	return no
}

// names reports whether a deny assignment is about a subject: it names them, one of
// their groups or everyone, and excludes none of these.
func (d *deny) names(s *Subject) match {
	m := no
	switch {
	case d.everyone || s.isAny(d.principals):
		m = yes
	case len(d.doubtful) > 0 || d.openTo != "":
		m = maybe
	}
	switch {
	case m == no || s.isAny(d.excluded):
		return no
	case len(d.spared) > 0 || d.openExcept != "":
		return maybe
	}
	return m
}

// isAny reports whether the subject or one of their groups is among the ids.
func (s *Subject) isAny(ids []string) bool {
	return slices.Contains(ids, s.ObjectID) || slices.ContainsFunc(s.Groups, func(g string) bool { return slices.Contains(ids, g) })
}

// countsAt reports whether a deny assignment that covers a scope is not kept from it by
// being for its own scope alone (AZ19). One whose scope is not known, or hangs on a
// deployment, may be at that very scope.
func (d *deny) countsAt(s Scope) match {
	switch {
	case d.scope == s:
		return yes
	case d.onlyHere == yes && (d.scope.IsZero() || (vague(d.scope) || vague(s)) && mayCover(d.scope, s) && mayCover(s, d.scope)):
		return maybe
	}
	return not(d.onlyHere)
}

// match reports whether the deny assignment denies the action to the subject, where
// it counts.
func (d *deny) match(s *Subject, q *query) match {
	if d.audit {
		return no
	}
	m := no
	for i := range d.permissions {
		p := &d.permissions[i]
		if of := p.match(q); of > m {
			m = max(m, min(of, p.condition.eval(q)))
		}
	}
	if m == no {
		return m
	}
	m = min(m, d.names(s))
	if m == no {
		return m
	}
	m = min(m, d.countsAt(q.Scope), d.condition.eval(q))
	if d.open != "" {
		m = min(m, maybe)
	}
	return m
}
