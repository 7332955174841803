package azure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// Grant is one role assignment, or one access policy of a key vault, by which somebody
// may do something.
type Grant struct {
	// Assignment names the role assignment, or the vault of an access policy, and Place
	// is where it is written.
	Assignment model.Ref
	Place      model.Place
	// Name is the assignment's own: a GUID, mostly.
	Name string
	// To is whom it names: the subject itself or a group. It is the zero Entity where it
	// may name anybody, since the input does not say whom.
	To identity.Entity
	// Through are the groups that lead from the subject to that group, which is the
	// last; empty if it names the subject itself or may name anybody. A single group
	// of which the input lists no such member comes from the question.
	Through []string
	// Role and RoleGUID name the role; RolePlace is where it is written, and the zero
	// Place of a built-in role that the input does not define.
	Role, RoleGUID string
	RolePlace      model.Place
	// Permission is the position of the permission object in the role, and Pattern what
	// matches in it; -1 and empty of a role that may hold anything.
	Permission int
	Pattern    string
	// Data is true of data actions.
	Data bool
	// Scope is where it counts; zero if that is not known.
	Scope Scope
	// Policy is the position of the access policy in the vault; -1 of role assignments.
	Policy int
	// Eligible is true of an assignment that has to be activated, Classic of a classic
	// administrator.
	Eligible, Classic bool
	// Condition is what the assignment or the permission object is limited by.
	Condition string
	// Open says why it may not grant what is asked; empty if it does.
	Open string

	builtin bool
	subject string
}

// String returns the grant on several lines: the assignment and, indented, what of the
// role matches and by which groups it comes to the subject.
func (g Grant) String() string {
	var b strings.Builder
	if g.Policy >= 0 {
		fmt.Fprintf(&b, "access policy %d of %s, for %s%s", g.Policy, g.Scope, g.to(), at(g.Place))
	} else {
		fmt.Fprintf(&b, "%s %s: %s to %s, at %s%s", g.kind(), g.Name, g.role(), g.to(), g.where(), at(g.Place))
	}
	if text := g.source(); text != "" {
		b.WriteString("\n    " + text)
	}
	if text := g.Path(); text != "" {
		b.WriteString("\n    " + text)
	}
	if g.Condition != "" {
		b.WriteString("\n    if " + strings.Join(strings.Fields(g.Condition), " "))
	}
	if g.Open != "" {
		b.WriteString("\n    but " + g.Open)
	}
	return b.String()
}

func (g Grant) kind() string {
	switch {
	case g.Classic:
		return "classic administrator"
	case g.Eligible:
		return "eligible role assignment"
	}
	return "role assignment"
}

func (g Grant) role() string { return cmp.Or(g.Role, "role "+g.RoleGUID) }

func (g Grant) where() string { return cmp.Or(g.Scope.String(), "a scope that is not known") }

func (g Grant) to() string {
	if g.To.ObjectID == "" {
		return "somebody whom the input does not tell"
	}
	return label(g.To)
}

// label names somebody for people.
func label(e identity.Entity) string {
	text := e.Principal().String()
	if e.Name != "" && !strings.Contains(text, e.Name) {
		text += " (" + e.Name + ")"
	}
	return text
}

// source says what of the role matches.
func (g Grant) source() string {
	if g.Pattern == "" {
		return ""
	}
	if g.Policy >= 0 {
		return "permissions " + g.Pattern
	}
	text := "actions "
	if g.Data {
		text = "dataActions "
	}
	text += g.Pattern
	if g.Permission > 0 {
		text += fmt.Sprintf(", in permissions[%d]", g.Permission)
	}
	if g.builtin {
		return text + "  (built in)"
	}
	return text + at(g.RolePlace)
}

// Path says by which groups the grant comes to the subject; empty if it names them.
func (g Grant) Path() string {
	if len(g.Through) == 0 || g.subject == "" {
		return ""
	}
	text := "which they are in"
	for i, group := range g.Through {
		if i == 0 {
			text = g.subject + " is in group/" + group
		} else {
			text += ", which is in group/" + group
		}
	}
	return text
}

func at(p model.Place) string {
	if p.IsZero() {
		return ""
	}
	return "  (" + p.Short() + ")"
}

// held is an assignment that a subject has, or may have, and that counts for a request,
// or may count.
type held struct {
	*assignment
	holder *holder
	reach  match
}

// heldBy returns what the subject has at some nodes, in the order of the input.
func (a *Authorizer) heldBy(s *Subject, reach []reached) []held {
	var list []held
	seen := map[int32]int{}
	add := func(h *holder) {
		for _, at := range reach {
			for _, g := range h.at(at.node.number) {
				if i, ok := seen[g.number]; ok {
					list[i].reach = max(list[i].reach, at.match)
					continue
				}
				seen[g.number] = len(list)
				list = append(list, held{g, h, at.match})
			}
		}
	}
	for i := -1; i < len(s.Groups); i++ {
		if h := a.holder(s, i); h != nil {
			add(h)
		}
	}
	add(&a.anybody)
	if a.isAnonymous(s) {
		add(&a.anonym)
	}
	slices.SortFunc(list, func(x, y held) int { return cmp.Compare(x.number, y.number) })
	return list
}

// certain reports whether the assignment surely names the subject.
func (a *Authorizer) certain(h held) bool { return h.holder != &a.anybody && h.holder != &a.anonym }

// match is what the assignment says of a request of the subject.
func (h held) matches(a *Authorizer, q *query) match {
	m := min(h.assignment.match(q), h.reach)
	if !a.certain(h) {
		m = min(m, maybe)
	}
	return m
}

// grant describes what somebody has.
func (a *Authorizer) grant(s *Subject, h held, q *query) Grant {
	g := Grant{
		Assignment: h.ref, Place: h.place, Name: h.name, Role: h.role.name, RoleGUID: h.role.guid, RolePlace: h.role.place,
		Permission: -1, Data: q.Data, Scope: h.scope, Policy: -1, Eligible: h.api.Eligible, Classic: h.api.Classic,
		Condition: h.condition.String(), builtin: h.role.builtin,
	}
	g.To, g.Through, g.subject = a.recipient(s, h.principal)
	if !a.certain(h) {
		g.Through = nil
	}
	best := no
	var open []string
	for i := range h.role.permissions {
		p := &h.role.permissions[i]
		m := min(p.match(q), p.condition.eval(q))
		if m <= best {
			continue
		}
		best = m
		side := &p.planes[planeOf(q.Data)]
		_, pattern := side.allow.match(q)
		g.Permission, g.Pattern = i, side.allow.list[pattern].String()
		if p.condition != nil {
			g.Condition = p.condition.String()
		}
		open = permissionDoubts(p, q)
	}
	if h.role.open != "" && best != yes {
		open = append(open, h.role.open)
	}
	g.Open = strings.Join(append(open, a.doubts(h, q)...), "; ")
	return g
}

// permissionDoubts says why a permission object may not have the action.
func permissionDoubts(p *permission, q *query) (open []string) {
	side := &p.planes[planeOf(q.Data)]
	if m, pattern := side.allow.match(q); m == maybe {
		open = append(open, side.allow.list[pattern].String()+" matches only if /*/ may stand for a single slash")
	}
	if m, pattern := side.except.match(q); m == maybe {
		open = append(open, "the exception "+side.except.list[pattern].String()+" matches if /*/ may stand for a single slash")
	}
	if p.condition.eval(q) == maybe {
		open = append(open, p.condition.doubt(q))
	}
	return open
}

// doubts says why an assignment may not count.
func (a *Authorizer) doubts(h held, q *query) (open []string) {
	add := func(text string) {
		if text != "" && !slices.Contains(open, text) {
			open = append(open, text)
		}
	}
	if h.condition.eval(q) == maybe {
		add(h.condition.doubt(q))
	}
	add(h.open)
	if !a.certain(h) && h.principal != "" {
		if gap := a.members.gap(h.principal); gap != "" {
			add("the input does not list who is in " + a.name(gap))
		}
		if expression, ok := h.api.PrincipalID.Unresolved(); ok {
			add("its principalId is not known: " + expression)
		}
	}
	if h.reach == maybe && !h.scope.IsZero() {
		if h.scope.Kind() == ManagementGroup {
			add("the input does not say whether that is above " + q.Scope.String())
		} else {
			add("its scope hangs on where the template is deployed")
		}
	}
	return open
}

// recipient returns whom an object id names, and by which groups a subject is meant.
func (a *Authorizer) recipient(s *Subject, id string) (to identity.Entity, through []string, who string) {
	if id == "" {
		return identity.Entity{}, nil, ""
	}
	to, _ = a.directory.Lookup(id)
	if id == s.ObjectID {
		return to, nil, ""
	}
	if to.Kind == 0 {
		to.Kind = identity.Group
	}
	if through = a.members.path(s.ObjectID, id); through == nil {
		through = []string{id} // as the question says
	}
	return to, through, a.name(s.ObjectID)
}

// name returns who has an object id, for people.
func (a *Authorizer) name(id string) string {
	e, known := a.directory.Lookup(id)
	if !known || e.Kind == 0 {
		return cmp.Or(e.Name, id)
	}
	return label(e)
}
