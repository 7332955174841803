package azure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/pkg/model"
)

// The planes of actions: what actions and notActions are about, and what dataActions
// and notDataActions are about. The one says nothing of the other (AZ6).
const (
	control = iota
	data
	planes
)

func planeOf(isData bool) int {
	if isData {
		return data
	}
	return control
}

// role is a role definition, or the built-in role of a GUID.
type role struct {
	number     int32  // from 1 on, in the order in which assignments name roles; 0: none does
	guid, name string // GUID in lower case
	builtin    bool   // of the table, not of the input
	custom     bool
	ref        model.Ref
	place      model.Place

	permissions []permission
	open        string // why it may hold anything; empty if it is as it says
}

// label returns the name, or the GUID where no name is known.
func (r *role) label() string {
	if r.name == "" {
		return "role " + r.guid
	}
	return r.name
}

// permission is one permission object: each subtracts on its own (AZ5).
type permission struct {
	planes    [planes]plane
	condition *condition // nil: none
}

// plane is the part of a permission object that is about one plane.
type plane struct{ allow, except patterns }

// patterns are patterns of actions, of which any may match.
type patterns struct {
	list []actionset.Pattern
	// Where there are many: in lower case those without star, and what is before the
	// star of those that end in /*; and all others.
	literals, prefixes map[string]int32
	others             []int32
}

// manyPatterns is how many patterns are looked up rather than tried one by one.
const manyPatterns = 8

func newPatterns(list []string) patterns {
	p := patterns{list: actionset.CompileAll(list...)}
	if len(list) < manyPatterns {
		return p
	}
	p.literals, p.prefixes = map[string]int32{}, map[string]int32{}
	for i, text := range list {
		text = lower(text)
		before, after, star := strings.Cut(text, "*")
		switch {
		case !star:
			note(p.literals, text, int32(i))
		case after == "" && strings.HasSuffix(before, "/"):
			note(p.prefixes, before, int32(i))
		default:
			p.others = append(p.others, int32(i))
		}
	}
	return p
}

// note keeps the first index of a text.
func note(table map[string]int32, text string, i int32) {
	if _, ok := table[text]; !ok {
		table[text] = i
	}
}

// match returns the best match and a pattern that has it.
func (p *patterns) match(q *query) (match, int32) {
	if p.literals == nil {
		best, at := no, int32(-1)
		for i := range p.list {
			if m := p.list[i].Match(q.Action); m > best {
				if best, at = m, int32(i); m == yes {
					break
				}
			}
		}
		return best, at
	}
	action := q.folded()
	if i, ok := p.literals[string(action)]; ok {
		return yes, i
	}
	if len(p.prefixes) > 0 {
		for i, c := range action {
			if c == '/' {
				if i, ok := p.prefixes[string(action[:i+1])]; ok {
					return yes, i
				}
			}
		}
	}
	best, at := no, int32(-1)
	for _, i := range p.others {
		if m := p.list[i].Match(q.Action); m > best {
			if best, at = m, i; m == yes {
				break
			}
		}
	}
	return best, at
}

// not is the match of the complement.
func not(m match) match { return yes - m }

// match reports whether a permission object has the action, its condition left aside.
func (p *permission) match(q *query) match {
	side := &p.planes[planeOf(q.Data)]
	m, _ := side.allow.match(q)
	if m == no {
		return m
	}
	excepted, _ := side.except.match(q)
	return min(m, not(excepted))
}

// match reports whether any permission object of the role has the action (AZ5).
func (r *role) match(q *query) match {
	if r.number == 0 || int(r.number) >= len(q.roles) {
		return r.evaluate(q)
	}
	known := &q.roles[r.number]
	if *known == 0 {
		*known = 1 + r.evaluate(q)
	}
	return *known - 1
}

func (r *role) evaluate(q *query) match {
	best := no
	if r.open != "" {
		best = maybe
	}
	for i := range r.permissions {
		p := &r.permissions[i]
		m := p.match(q)
		if m > best {
			m = min(m, p.condition.eval(q)) // AZ8
		}
		if best = max(best, m); best == yes {
			break
		}
	}
	return best
}

// set returns what the role has on one plane. With sure, permission objects that have
// a condition are left out.
func (r *role) set(isData, sure bool) actionset.Set {
	var set actionset.Set
	for i := range r.permissions {
		p := &r.permissions[i]
		if side := &p.planes[planeOf(isData)]; len(side.allow.list) > 0 && (!sure || p.condition == nil) {
			set = append(set, actionset.Permission{Allow: side.allow.list, Except: side.except.list})
		}
	}
	return set
}

// permissionText is a permission object before it is compiled.
type permissionText struct {
	lists              [planes]struct{ allow, except []string }
	condition, version string
	open               string // why the condition is not known
}

// reader compiles roles and conditions; equal conditions are compiled once.
type reader struct{ conditions map[string]*condition }

func newReader() *reader { return &reader{conditions: map[string]*condition{}} }

func (r *reader) permission(t permissionText) permission {
	p := permission{condition: r.condition(t.condition, t.version, t.open)}
	for i, l := range t.lists {
		p.planes[i] = plane{newPatterns(l.allow), newPatterns(l.except)}
	}
	return p
}

// permissions compiles the permission objects of a role or deny assignment; open says
// why there may be others.
func (r *reader) permissions(list model.Property[[]model.Permission]) (made []permission, open string) {
	known, ok := list.Get()
	if !ok {
		return nil, "its permissions are " + unknown(list)
	}
	for _, p := range known {
		t := permissionText{open: openCondition(p.Condition, p.ConditionVersion)}
		t.condition, t.version = p.Condition.Or(""), p.ConditionVersion.Or("")
		t.lists[control].allow, t.lists[control].except = p.Actions, p.NotActions
		t.lists[data].allow, t.lists[data].except = p.DataActions, p.NotDataActions
		made = append(made, r.permission(t))
	}
	return made, ""
}

// unknown says why a property has no value, to stand after "is".
func unknown[T any](p model.Property[T]) string {
	if text, ok := p.Unresolved(); ok {
		return "not known: " + text
	}
	if p.IsNull() {
		return "null"
	}
	return "not in the input"
}

// trailingGUID returns the last segment of the id of a role definition, by which roles
// are compared: the same role has an id in each subscription (AZ45).
func trailingGUID(id string) string {
	id, _, _ = strings.Cut(id, "|") // Terraform adds the scope
	return lower(id[strings.LastIndexByte(id, '/')+1:])
}

// readRoles compiles the role definitions of the input, by GUID. They take precedence
// over the built-in ones (AZ46). Where they can be assigned is of no account (AZ18).
func (c *compiler) readRoles(cluster *model.Cluster) {
	for o := range model.All[model.RoleDefinition](cluster) {
		d := o.API
		guid := lower(d.GUID.Or(""))
		if guid == "" {
			guid = trailingGUID(d.ID.Or(""))
		}
		if guid == "" {
			continue // nothing can name it
		}
		r := &role{guid: guid, name: d.Name.Or(""), custom: d.Custom.Or(false), ref: o.Ref, place: o.Origin.Place}
		r.permissions, r.open = c.permissions(d.Permissions)
		if doubt := o.Origin.Doubt(); doubt != "" { // AZ4
			r.permissions, r.open = nil, doubt
		}
		if old, ok := c.roles[guid]; ok {
			if !old.same(r) {
				old.permissions, old.open = nil, "the input has two definitions of it that differ, the other at "+r.place.Short()
			}
			continue
		}
		c.roles[guid] = r
		if r.name != "" {
			c.roleNames[lower(r.name)] = append(c.roleNames[lower(r.name)], r)
		}
		b := c.builtin(guid)
		if b == nil {
			c.lintRole(r, d, o.Origin)
		} else if r.open == "" && !b.same(r) {
			c.findings = append(c.findings, model.Finding{
				Rule: "azure-role-differs", Object: r.ref, Place: r.place, Note: true,
				Text: "the input defines the built-in role " + b.name + " otherwise than Azure did on " + RolesDate() + "; the input counts",
			})
		}
	}
}

// same reports whether two roles have the same permission objects, in whatever order
// their patterns are.
func (r *role) same(s *role) bool {
	texts := func(list []actionset.Pattern) []string {
		var all []string
		for _, p := range list {
			all = append(all, lower(p.String()))
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	return r.open == s.open && slices.EqualFunc(r.granting(), s.granting(), func(p, q permission) bool {
		for i := range p.planes {
			if !slices.Equal(texts(p.planes[i].allow.list), texts(q.planes[i].allow.list)) ||
				!slices.Equal(texts(p.planes[i].except.list), texts(q.planes[i].except.list)) {
				return false
			}
		}
		return p.condition.String() == q.condition.String()
	})
}

// granting returns the permission objects that have any action.
func (r *role) granting() []permission {
	return slices.DeleteFunc(slices.Clone(r.permissions), func(p permission) bool {
		return len(p.planes[control].allow.list) == 0 && len(p.planes[data].allow.list) == 0
	})
}

// roleOf returns the role that an assignment names; a role that is not known is open:
// it may hold anything (AZ47).
func (c *compiler) roleOf(a *model.RoleAssignment) *role {
	name := a.RoleDefinitionName.Or("")
	id, ok := a.RoleDefinitionID.Get()
	switch {
	case a.Classic && id == "":
		return c.roleByGUID(ownerGUID, "Owner")
	case ok && id != "":
		return c.roleByGUID(trailingGUID(id), name)
	case a.RoleDefinitionID.IsAbsent() && name != "":
		if found := c.roleNames[lower(name)]; len(found) == 1 {
			return found[0]
		} else if len(found) == 0 && builtinNames()[lower(name)] != "" {
			return c.roleByGUID(builtinNames()[lower(name)], name)
		}
		return &role{name: name, open: "nothing in the input says which role " + name + " is"}
	}
	return &role{name: name, open: "which role it is, is " + unknown(a.RoleDefinitionID)}
}

const ownerGUID = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"

func (c *compiler) roleByGUID(guid, name string) *role {
	r, ok := c.roles[guid]
	if !ok {
		if r = c.builtin(guid); r == nil {
			r = &role{
				guid: guid, name: name,
				open: "the input has no role definition " + guid + ", and no built-in role of " + RolesDate() + " is called so",
			}
		} else {
			c.builtinUsed = true
		}
		c.roles[guid] = r
	}
	if r.number == 0 {
		c.numbered++
		r.number = c.numbered
	}
	return r
}

// compareRoles orders roles by name and GUID.
func compareRoles(x, y *role) int {
	return cmp.Or(strings.Compare(x.name, y.name), strings.Compare(x.guid, y.guid))
}
