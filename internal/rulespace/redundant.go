package rulespace

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Redundancy is a part that changes nothing: what it allows is allowed anyway.
type Redundancy struct {
	Part
	By []Part // the rules that allow it, as few as there can be; the rule itself is not listed
	// Nothing is true of what allows no request of the universe.
	Nothing bool
}

// Redundant returns the rules and, in the rules that stay, the values that can
// go without changing what the access allows, all of them together. Of two
// equal rules the later one can go. A rule that allows nothing can go, too: see
// [Dead] for why.
//
// They are ordered by grant, rule, field and index.
func (s *Space) Redundant(a Access) []Redundancy {
	var out []Redundancy
	w := s.weigh(a)
	for g := range slices.Backward(a) {
		for i := range slices.Backward(a[g].Rules) {
			if w.spare(g, i, a[g].Rules[i], nil) {
				w.rules[g][i] = nil
				out = append(out, Redundancy{Part: Part{Grant: g, Rule: i}})
			}
		}
	}
	for g := range a {
		for i, rule := range a[g].Rules {
			if w.rules[g][i] != nil {
				out = append(out, w.values(g, i, rule)...)
			}
		}
	}
	of := func(p Part) rbacv1.PolicyRule {
		rule := a[p.Grant].Rules[p.Rule]
		if p.Field != "" {
			rule = only(rule, fieldIndex(p.Field), p.Value)
		}
		return rule
	}
	for i, r := range out {
		out[i].By = w.by(r.Grant, r.Rule, of(r.Part))
	}
	for i, r := range out {
		_, out[i].Nothing = s.Empty(Access{{a[r.Grant].Namespace, []rbacv1.PolicyRule{of(r.Part)}}})
	}
	slices.SortFunc(out, func(x, y Redundancy) int {
		return cmp.Or(cmp.Compare(x.Grant, y.Grant), cmp.Compare(x.Rule, y.Rule), cmp.Compare(fieldIndex(x.Field), fieldIndex(y.Field)), cmp.Compare(x.Index, y.Index))
	})
	return out
}

func fieldIndex(name string) int {
	for i, f := range fields {
		if f.name == name {
			return i
		}
	}
	return -1
}

// weighing holds the rules that are still there, as boxes.
type weighing struct {
	*field
	access Access
	scopes []string
	rules  [][]*weighed
}

type weighed struct{ resources, paths box }

func (s *Space) weigh(a Access) *weighing {
	compiled := make([][]*rule, len(a))
	var named []*rule // what is named beside a star, too
	var scopes []string
	for g, grant := range a {
		for _, p := range grant.Rules {
			compiled[g] = append(compiled[g], s.rule(p))
			named = append(named, s.rule(withoutStars(p)))
		}
		if !slices.Contains(scopes, grant.Namespace) {
			scopes = append(scopes, grant.Namespace)
		}
	}
	var names []string
	if s.universe.Closed {
		names = slices.Clone(scopes)
	}
	w := &weighing{field: s.field(names, append(slices.Clone(compiled), named)...), access: a, scopes: scopes}
	for g := range a {
		var list []*weighed
		for _, r := range compiled[g] {
			list = append(list, w.boxesOf(r))
		}
		w.rules = append(w.rules, list)
	}
	return w
}

func (w *weighing) boxesOf(r *rule) *weighed { return &weighed{w.resourceBox(r), w.pathBox(r)} }

// values finds the values of a rule that can go.
func (w *weighing) values(g, i int, rule rbacv1.PolicyRule) []Redundancy {
	var out []Redundancy
	for n, field := range fields {
		for at, value := range slices.Backward(*field.list(&rule)) {
			if len(*field.list(&rule)) == 1 {
				break
			}
			rest := without(rule, n, at)
			if w.spare(g, i, only(rule, n, value), w.boxesOf(w.rule(rest))) {
				out = append(out, Redundancy{Part: Part{g, i, field.name, at, value}})
				rule = rest
				w.rules[g][i] = w.boxesOf(w.rule(rest))
			}
		}
	}
	return out
}

// spare reports whether everything that part, which is of a rule, allows is
// allowed by the other rules and the rest of that rule.
func (w *weighing) spare(g, i int, part rbacv1.PolicyRule, rest *weighed) bool {
	r := w.rule(part)
	scope := w.access[g].Namespace
	return w.covers(w.near(w.boxesOf(r), scope, Part{Grant: g, Rule: i}), rest, r, scope)
}

// by lists the other rules that it takes to allow the part: none can be spared,
// and the first that suffice are taken.
func (w *weighing) by(g, i int, part rbacv1.PolicyRule) []Part {
	r := w.rule(part)
	scope := w.access[g].Namespace
	by := w.near(w.boxesOf(r), scope, Part{Grant: g, Rule: i})
	for at := range slices.Backward(by) {
		fewer := slices.Delete(slices.Clone(by), at, at+1)
		if w.covers(fewer, w.rules[g][i], r, scope) {
			by = fewer
		}
	}
	return by
}

// covers reports whether the rules and the rest, all of them in or above the
// scope, allow all that r allows in it.
func (w *weighing) covers(by []Part, rest *weighed, r *rule, scope string) bool {
	c := w.cover(by, rest, scope)
	_, escapes := w.escapeResource(r, scope, c)
	if !escapes && scope == "" {
		_, escapes = w.escapePath(r, c)
	}
	return !escapes
}

// near lists the rules that are still there and allow something of what the
// part allows.
func (w *weighing) near(part *weighed, scope string, self Part) []Part {
	var out []Part
	for g, list := range w.rules {
		ns := w.access[g].Namespace
		if ns != "" && scope != "" && ns != scope || ns != "" && !w.universe.Closed && scope == "" {
			continue
		}
		for i, r := range list {
			if r == nil || (Part{Grant: g, Rule: i}) == self {
				continue
			}
			if r.resources != nil && part.resources != nil && r.resources.meets(part.resources) ||
				ns == "" && r.paths != nil && part.paths != nil && r.paths.meets(part.paths) {
				out = append(out, Part{Grant: g, Rule: i})
			}
		}
	}
	return out
}

func (w *weighing) cover(by []Part, rest *weighed, scope string) cover {
	in := func(namespace string) []box {
		var out []box
		for _, p := range by {
			if r, ns := w.rules[p.Grant][p.Rule], w.access[p.Grant].Namespace; r.resources != nil && (ns == "" || ns == namespace) {
				out = append(out, r.resources)
			}
		}
		if rest != nil && rest.resources != nil {
			out = append(out, rest.resources)
		}
		return out
	}
	c := cover{resources: in(scope), taken: w.scopes, apart: w.scopes, in: in}
	for _, p := range by {
		if r := w.rules[p.Grant][p.Rule]; r.paths != nil && w.access[p.Grant].Namespace == "" {
			c.paths = append(c.paths, r.paths)
		}
	}
	if rest != nil && rest.paths != nil {
		c.paths = append(c.paths, rest.paths)
	}
	return c
}
