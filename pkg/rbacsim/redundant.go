package rbacsim

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// Spare is a role, rule, value of a rule, binding or subject that can go without
// anybody losing access that a request could make use of.
type Spare struct {
	Object model.Ref
	Path   string // within the object, such as rules[0].verbs[1]; empty: the whole object
	Value  string // of a value of a rule
	Place  model.Place
	// Dead is true of what grants nothing that a request of a client can use, and false
	// of what is granted anyway: without that, no review that carries the subject's own
	// groups gets another answer.
	Dead bool
	// Why is a clause for people.
	Why string
	// By are the bindings that grant it anyway to the subject of a binding.
	By []model.Ref
}

// String returns the spare part on one line: the part, that it is dead or redundant, and why.
func (s Spare) String() string {
	var b strings.Builder
	b.WriteString(s.Object.String())
	if s.Path != "" {
		b.WriteString(" " + s.Path)
	}
	if s.Value != "" {
		b.WriteString(" " + literal(s.Value))
	}
	word := " is redundant: "
	if s.Dead {
		word = " is dead: "
	}
	return b.String() + word + s.Why + at(s.Place, false)
}

// Spares yields what can go, all of it together: roles that nobody is bound to, rules
// and values that no request matches or that the rest of the role allows anyway,
// bindings and subjects that grant nothing, or nothing that is not granted anyway. It
// is about objects of the input only, and not about what is open in them; the
// default roles and bindings of an API server are left alone. They are
// ordered by object, and within one by path.
func (a *Authorizer) Spares(u Universe) iter.Seq[Spare] {
	var list []Spare
	space := u.space(a.resources)
	for _, r := range a.roles {
		if r.origin != nil && r.labels[bootstrapLabel] != bootstrapValue {
			list = append(list, a.sparesOfRole(r, space)...)
		}
	}
	redundant := a.redundantUses(space)
	for i, b := range a.bindings {
		if b.origin != nil && b.open == "" && b.labels[bootstrapLabel] != bootstrapValue {
			list = append(list, a.sparesOfBinding(int32(i), b, redundant)...)
		}
	}
	slices.SortStableFunc(list, func(x, y Spare) int { return x.Object.Compare(y.Object) })
	return slices.Values(list)
}

// sparesOfRole looks at the rules of one role, by themselves.
func (a *Authorizer) sparesOfRole(r *role, space *rulespace.Space) []Spare {
	part := func(path, value string, dead bool, why string) Spare {
		return Spare{Object: r.ref, Path: path, Value: value, Place: r.origin.At(path), Dead: dead, Why: why}
	}
	if len(r.bindings) == 0 && !a.aggregated(r) {
		s := part("", "", true, "no binding of the input binds it")
		s.Place = r.origin.Place
		return []Spare{s}
	}
	if r.aggregation != nil || slices.ContainsFunc(r.own, func(q rule) bool { return q.open != "" }) {
		return nil // its rules are those of others, or not all understood
	}
	grant := rulespace.Grant{Namespace: a.onlyWithin(r)}
	for i := range r.own {
		grant.Rules = append(grant.Rules, *r.own[i].api)
	}
	var list []Spare
	isDead := map[string]bool{}
	for _, d := range rulespace.Dead(grant) {
		path := pathOf(d.Part)
		isDead[path] = true
		list = append(list, part(path, d.Value, true, d.Why))
	}
	for _, q := range space.Redundant(rulespace.Access{grant}) {
		path := pathOf(q.Part)
		if isDead[path] || isDead[rulePath(q.Rule)] {
			continue
		}
		if q.Nothing {
			if !asksForUnlisted(grant.Rules[q.Rule]) {
				list = append(list, part(path, q.Value, true, "no request for a known resource matches it"))
			}
			continue
		}
		var by []string
		for _, p := range q.By {
			by = append(by, pathOf(p))
		}
		if q.Field != "" {
			by = append(by, "the rest of the rule")
		}
		list = append(list, part(path, q.Value, false, "it is allowed anyway, by "+strings.Join(by, ", ")))
	}
	slices.SortStableFunc(list, func(x, y Spare) int { return comparePaths(x.Path, y.Path) })
	return emptied(list, grant.Rules, part)
}

// asksForUnlisted reports whether the rule is for what [KnownRequests] leave out.
func asksForUnlisted(r rbacv1.PolicyRule) bool {
	return slices.Contains(r.Verbs, "request-serviceaccounts-token-audience") ||
		slices.ContainsFunc(r.Resources, func(res string) bool { return strings.HasSuffix(res, "/finalizers") })
}

// emptied puts a rule in the place of its values where all of a list can go, some of
// them dead and the others redundant: without any, the list would mean something else.
func emptied(list []Spare, rules []rbacv1.PolicyRule, part func(path, value string, dead bool, why string) Spare) []Spare {
	for i := range rules {
		rule := rulePath(i)
		for field, values := range listsOf(&rules[i]) {
			in := func(s Spare) bool { return strings.HasPrefix(s.Path, rule+"."+field+"[") }
			n := 0
			for _, s := range list {
				if in(s) {
					n++
				}
			}
			if n == 0 || n < len(values) {
				continue
			}
			at := slices.IndexFunc(list, func(s Spare) bool { return strings.HasPrefix(s.Path, rule+".") })
			list = slices.DeleteFunc(list, func(s Spare) bool { return strings.HasPrefix(s.Path, rule+".") })
			list = slices.Insert(list, at, part(rule, "", true, "of its "+field+" some can't match, and the others are allowed anyway"))
		}
	}
	return list
}

// listsOf yields the lists of a rule with their names, in the order of the API.
func listsOf(r *rbacv1.PolicyRule) iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		_ = yield("verbs", r.Verbs) && yield("apiGroups", r.APIGroups) && yield("resources", r.Resources) &&
			yield("resourceNames", r.ResourceNames) && yield("nonResourceURLs", r.NonResourceURLs)
	}
}

// comparePaths orders paths by rule, list and value.
func comparePaths(x, y string) int {
	key := func(path string) []int {
		rule, value, _ := strings.Cut(path, ".")
		field, _, _ := strings.Cut(value, "[")
		return []int{indexIn(rule), slices.Index([]string{"", "verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"}, field), indexIn(value)}
	}
	return slices.Compare(key(x), key(y))
}

// indexIn returns the number in brackets; 0 if there is none.
func indexIn(path string) int {
	_, rest, _ := strings.Cut(path, "[")
	n, _ := strconv.Atoi(strings.TrimSuffix(rest, "]")) // our own paths
	return n
}

// aggregated reports whether another role collects the rules of this one.
func (a *Authorizer) aggregated(r *role) bool {
	return r.ref.Kind == "ClusterRole" && slices.ContainsFunc(a.roles, func(o *role) bool {
		return o != r && o.aggregation != nil && (o.unclear != "" || selects(o.aggregation, r.labels))
	})
}

// onlyWithin returns a namespace for a role that is not granted in the whole cluster.
func (a *Authorizer) onlyWithin(r *role) string {
	namespace := r.ref.Namespace
	if namespace != "" || a.aggregated(r) {
		return namespace
	}
	for _, i := range r.bindings {
		if namespace = a.bindings[i].ref.Namespace; namespace == "" {
			break
		}
	}
	return namespace
}

// sparesOfBinding says what of a binding can go.
func (a *Authorizer) sparesOfBinding(i int32, b *binding, redundant map[use][]model.Ref) []Spare {
	whole := func(dead bool, why string) []Spare {
		return []Spare{{Object: b.ref, Place: b.origin.Place, Dead: dead, Why: why}}
	}
	switch {
	case b.role == nil:
		return whole(true, "it binds "+b.roleName().String()+", which is not in the input: it grants nothing until somebody creates that")
	case len(b.role.rules) == 0 && b.role.absent == "":
		return whole(true, b.role.ref.String()+" has no rules")
	case len(b.subjects) == 0:
		return whole(true, "it has no subjects")
	}
	var list []Spare
	var by []model.Ref
	dead := 0
	for j := range b.subjects {
		s := Spare{Object: b.ref, Path: fmt.Sprintf("subjects[%d]", j), Place: b.place(j)}
		p, ok := b.principalOf(&b.subjects[j])
		granting, isRedundant := redundant[use{i, int32(j)}]
		switch {
		case !ok:
			s.Dead, s.Why = true, "it is nobody"
			dead++
		case isRedundant:
			s.Why, s.By = p.String()+" has it anyway", granting
			if text := refs(granting); text != "" {
				s.Why += ", by " + text
			}
			for _, g := range granting {
				if !slices.Contains(by, g) {
					by = append(by, g)
				}
			}
		default:
			continue
		}
		list = append(list, s)
	}
	switch {
	case len(list) < len(b.subjects):
		return list
	case dead == len(list):
		return whole(true, "its subjects are nobody")
	}
	spares := whole(false, "its subjects have it anyway")
	if text := refs(by); text != "" {
		spares[0].Why += ", by " + text
	}
	spares[0].By = by
	return spares
}

func refs(list []model.Ref) string {
	var names []string
	for _, r := range list {
		names = append(names, r.String())
	}
	return strings.Join(names, ", ")
}

// redundantUses finds the subjects of bindings who have all that they are granted
// there by other bindings, too, their own or those of groups that they are in by
// themselves. Of two that grant the same the later one can go.
func (a *Authorizer) redundantUses(space *rulespace.Space) map[use][]model.Ref {
	survey := newSurveyor(a)
	found := map[use][]model.Ref{}
	gone := func(u use) bool { _, ok := found[u]; return ok }
	for _, h := range a.whoIndex().ranked {
		groups := a.groupsOf(h.principal)
		for _, scope := range append([]uint32{0}, h.within...) {
			mine := a.usesIn(h, scope)
			others := slices.Clone(mine)
			if scope != 0 {
				others = append(others, a.usesIn(h, 0)...)
			}
			for _, g := range groups {
				others = append(others, a.usesIn(g, 0)...)
				if scope != 0 {
					others = append(others, a.usesIn(g, scope)...)
				}
			}
			if len(others) < 2 {
				continue
			}
			others = slices.DeleteFunc(others, gone)
			for _, u := range slices.Backward(mine) {
				rest := slices.DeleteFunc(slices.Clone(others), func(o use) bool { return o == u })
				if survey.anyway(u, rest, space) {
					found[u], others = nil, rest
				}
			}
			for _, u := range mine {
				if gone(u) {
					found[u] = survey.by(u, others, space)
				}
			}
		}
	}
	return found
}

// groupsOf returns the groups with bindings that a principal is in by itself.
func (a *Authorizer) groupsOf(p identity.Principal) []*holder {
	var list []*holder
	for m := range identity.Authenticated(p) {
		if g := a.groups[m.Group]; g != nil && g.principal != p {
			list = append(list, g)
		}
	}
	return list
}

// usesIn returns what a holder has in the cluster, or in a namespace.
func (a *Authorizer) usesIn(h *holder, namespace uint32) []use {
	scope := h.cluster
	if namespace != 0 {
		scope = a.scope(h, namespace)
	}
	if scope == nil {
		return nil
	}
	return scope.uses
}

// anyway reports whether other uses grant all that one does. Nothing that is open is
// taken for granted, nor anything open said to be.
func (s *surveyor) anyway(u use, others []use, space *rulespace.Space) bool {
	b := s.bindings[u.binding]
	if b.origin == nil || b.role == nil || b.open != "" || b.doubt != "" {
		return false
	}
	role := s.role(b.role)
	if len(role.sure) == 0 || len(role.open) > 0 {
		return false
	}
	var e extent
	for _, o := range others {
		s.use(&e, o)
	}
	_, ok := space.Covers(e.sure, rulespace.Access{{Namespace: b.ref.Namespace, Rules: role.sure}})
	return ok
}

// mostBy is up to how many bindings it is worth finding the few that suffice.
const mostBy = 50

// by returns the few bindings of others that grant all that a use does; none where
// there are too many to look.
func (s *surveyor) by(u use, others []use, space *rulespace.Space) []model.Ref {
	if len(others) > mostBy {
		return nil
	}
	for i := range slices.Backward(others) {
		if fewer := slices.Delete(slices.Clone(others), i, i+1); s.anyway(u, fewer, space) {
			others = fewer
		}
	}
	var refs []model.Ref
	for _, o := range others {
		if ref := s.bindings[o.binding].ref; !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}
