package rbacsim

import (
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// Grant is one rule that somebody holds through one binding.
type Grant struct {
	// To is whom the binding names: the user or ServiceAccount itself or a group. It
	// is nobody where a binding may name anybody, since its subject is not understood.
	To identity.Principal
	// Binding names the binding, BindingPlace where that subject of it is written.
	Binding      model.Ref
	BindingPlace model.Place
	// Role is the role that is bound.
	Role model.Ref
	// Through are the roles by which the rule came into Role: the first is aggregated
	// by Role, each by the one before it, and the last has the rule. Empty if Role
	// itself has it.
	Through []model.Ref
	// Rule is the position of the rule in the last of these, and RulePlace where that
	// is written; -1 if it is not written, but may be there.
	Rule      int
	RulePlace model.Place
	// Namespace is the namespace to which the binding limits the rule; empty for none.
	Namespace string
	// BindingAssumed and RuleAssumed are true of defaults that the input does not hold.
	BindingAssumed, RuleAssumed bool
	// Open says why the rule may not be granted, or may say something else; empty if
	// it is as it seems.
	Open string
}

// String returns the grant on two lines: the binding, and indented the rule.
func (g Grant) String() string {
	return g.Binding.String() + " to " + g.to() + at(g.BindingPlace, g.BindingAssumed) + "\n    " + g.Source()
}

func (g Grant) to() string {
	if g.To.IsZero() {
		return "a subject that is not understood"
	}
	return g.To.String()
}

// Source returns the roles and the rule as text: ClusterRole edit, which aggregates
// ClusterRole view, rules[1]  (rbac.yaml:7).
func (g Grant) Source() string {
	var b strings.Builder
	b.WriteString(g.Role.String())
	for _, r := range g.Through {
		b.WriteString(", which aggregates " + r.String())
	}
	if g.Rule >= 0 {
		b.WriteString(", " + rulePath(g.Rule))
	}
	b.WriteString(at(g.RulePlace, g.RuleAssumed))
	if g.Open != "" {
		b.WriteString(": " + g.Open)
	}
	return b.String()
}

func at(p model.Place, assumed bool) string {
	switch {
	case !p.IsZero():
		return "  (" + p.Short() + ")"
	case assumed:
		return "  (a default)"
	}
	return ""
}

// holding is a rule that a holder has through a use.
type holding struct {
	holder *holder
	use    use
	rule   *rule // nil: the role is missing, or the binding not understood
}

// holdings yields what the subject holds in the bindings of the cluster and of some
// namespaces, in the order of bindings, subjects and rules.
func (a *Authorizer) holdings(s Subject, namespace func(uint32) bool) iter.Seq[holding] {
	return a.holdingsOf(a.holdersOf(s), namespace)
}

func (a *Authorizer) holdingsOf(holders []*holder, namespace func(uint32) bool) iter.Seq[holding] {
	type owned struct {
		use
		holder *holder
	}
	return func(yield func(holding) bool) {
		var uses []owned
		for _, h := range holders {
			if h.cluster != nil {
				for _, u := range h.cluster.uses {
					uses = append(uses, owned{u, h})
				}
			}
			for _, ns := range h.within {
				if namespace(ns) {
					for _, u := range a.scopes[scopeKey(h.id, ns)].uses {
						uses = append(uses, owned{u, h})
					}
				}
			}
		}
		slices.SortFunc(uses, func(x, y owned) int {
			if x.binding != y.binding {
				return int(x.binding) - int(y.binding)
			}
			return int(x.subject) - int(y.subject)
		})
		for _, u := range uses {
			role := a.bindings[u.binding].role
			if role == nil || len(role.rules) == 0 || a.bindings[u.binding].open != "" {
				if !yield(holding{u.holder, u.use, nil}) {
					return
				}
			}
			if role == nil {
				continue
			}
			for i := range role.rules {
				if !yield(holding{u.holder, u.use, &role.rules[i]}) {
					return
				}
			}
		}
	}
}

// holdersOf returns the principals whose rights the subject has.
func (a *Authorizer) holdersOf(s Subject) []*holder {
	var list []*holder
	for i := -1; i < len(s.Groups); i++ {
		if h := a.holder(&s, i); h != nil && !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	for h := range a.mayBeIn(&s) {
		if !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	if a.anybody.cluster != nil || len(a.anybody.within) > 0 {
		list = append(list, &a.anybody)
	}
	return list
}

// reaches returns the test for namespaces whose RoleBindings count for a request.
func (a *Authorizer) reaches(r Request) func(uint32) bool {
	if r.NonResource || r.Namespace == "" {
		return func(uint32) bool { return false }
	}
	ns := a.namespaces[r.Namespace]
	return func(n uint32) bool { return n == ns }
}

func everywhere(uint32) bool { return true }

// open says why a holding may not be one.
func (a *Authorizer) openness(h holding) string {
	switch b := a.bindings[h.use.binding]; {
	case b.open != "":
		return b.open
	case b.doubt != "":
		return b.doubt
	case h.use.subject < 0:
		return "its subject is not understood"
	case h.rule != nil:
		return h.rule.open
	}
	return ""
}

// covers reports whether the holding's rule covers a request. A binding that is not
// understood may grant anything.
func (a *Authorizer) covers(h holding, r Request) bool {
	if h.rule == nil {
		return a.bindings[h.use.binding].open != ""
	}
	return covers(h.rule.api, r)
}

// grant describes a holding.
func (a *Authorizer) grant(h holding) Grant {
	b := a.bindings[h.use.binding]
	g := Grant{
		To: h.holder.principal, Binding: b.ref, BindingPlace: b.place(int(h.use.subject)), BindingAssumed: b.assumed,
		Role: b.roleName(), Rule: -1, Namespace: b.ref.Namespace, Open: a.openness(h),
	}
	if b.role == nil {
		return g
	}
	g.RuleAssumed = b.role.assumed
	if h.rule != nil {
		for _, r := range h.rule.through {
			g.Through = append(g.Through, r.ref)
		}
		g.Rule, g.RulePlace, g.RuleAssumed = h.rule.index, h.rule.place(), h.rule.source.assumed
	}
	return g
}

// roleName returns the reference to the role, whether it is there or not.
func (b *binding) roleName() model.Ref {
	key := b.roleKey()
	return model.Ref{Kind: key.kind, Namespace: key.namespace, Name: key.name}
}
