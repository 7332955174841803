package rbacsim

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// Access is one rule with how far it reaches and where it is from: what proofs are
// built of.
type Access struct {
	// Policy is the rule: shared, never to be modified. It is nil if the role that is
	// bound does not exist, and may then be anything.
	Policy *rbacv1.PolicyRule
	Grant
}

// Rights are all rules that one subject holds.
type Rights struct {
	subject    Subject
	authorizer *Authorizer
}

// Rights returns what a subject holds by RBAC. That of group system:masters is not
// all it may do, nor that of system:nodes: see [Rights.Incomplete].
func (a *Authorizer) Rights(s Subject) Rights { return Rights{s, a} }

// All yields every rule of the subject: by binding, those of the cluster first, then
// by namespace, name, subject and rule.
func (r Rights) All() iter.Seq[Access] { return r.within(everywhere) }

// In yields the rules of the subject that count in a namespace, those of the cluster
// among them, in the order of [Rights.All]: what a SelfSubjectRulesReview tells and
// kubectl auth can-i --list prints. For no namespace it is those of the cluster.
func (r Rights) In(namespace string) iter.Seq[Access] { return r.within(r.in(namespace)) }

func (r Rights) in(namespace string) func(uint32) bool {
	return r.authorizer.reaches(Request{Namespace: namespace})
}

func (r Rights) within(namespace func(uint32) bool) iter.Seq[Access] {
	return func(yield func(Access) bool) {
		a := r.authorizer
		for h := range a.holdings(r.subject, namespace) {
			access := Access{Grant: a.grant(h)}
			switch b := a.bindings[h.use.binding]; {
			case h.rule != nil:
				access.Policy = h.rule.api
			case b.open != "":
				access.Policy = &anything
			case b.role != nil:
				continue // it has no rules
			}
			if !yield(access) {
				return
			}
		}
	}
}

// Incomplete yields why the subject may have more rights than that in a namespace:
// roles that its bindings name and the input lacks, and authorizers besides RBAC.
func (r Rights) Incomplete(namespace string) iter.Seq[string] {
	return r.authorizer.incompleteFor(r.subject, r.in(namespace))
}

func (a *Authorizer) incompleteFor(s Subject, namespace func(uint32) bool) iter.Seq[string] {
	list := slices.Collect(a.incomplete(a.holdings(s, namespace)))
	if slices.Contains(s.Groups, identity.Masters) { // RB34
		list = append(list, "group "+identity.Masters+" is allowed everything, without any role")
	}
	if isNode(s) {
		list = append(list, "the Node authorizer, which is not modelled, allows group "+identity.Nodes+" more")
	}
	return slices.Values(list)
}

// RoleRules yields the rules in force of a Role or ClusterRole, in order, as if it
// was bound in the whole cluster or, a Role, in its namespace. The error is about a
// role that does not exist.
func (a *Authorizer) RoleRules(ref model.Ref) (iter.Seq[Access], error) {
	r := a.byName[roleKey{ref.Kind, ref.Namespace, ref.Name}]
	if r == nil {
		var names []string
		for _, other := range a.roles {
			if other.ref.Kind == ref.Kind {
				names = append(names, other.ref.QualifiedName())
			}
		}
		return nil, fmt.Errorf("no %s in the input%s", ref, suggest.Clause(ref.QualifiedName(), names))
	}
	return func(yield func(Access) bool) {
		for i := range r.rules {
			q := &r.rules[i]
			g := Grant{Role: r.ref, Rule: q.index, RulePlace: q.place(), RuleAssumed: q.source.assumed, Namespace: r.ref.Namespace, Open: q.open}
			for _, t := range q.through {
				g.Through = append(g.Through, t.ref)
			}
			if !yield(Access{q.api, g}) {
				return
			}
		}
	}, nil
}

// Principals yields everyone whom a binding names, ordered by [identity.Principal.Compare].
func (a *Authorizer) Principals() iter.Seq[identity.Principal] {
	return func(yield func(identity.Principal) bool) {
		for _, h := range a.whoIndex().ranked {
			if !yield(h.principal) {
				return
			}
		}
	}
}

// Namespaces is in which namespaces a subject may do something.
type Namespaces struct {
	// Everywhere is the answer for the cluster as a whole: all namespaces, those to
	// come included.
	Everywhere Decision
	// In are the namespaces where the answer is not a no, by name: of those that the
	// input knows of, and those of default bindings.
	In []NamespaceAnswer
	// Incomplete is as of [Rights.Incomplete], for all namespaces.
	Incomplete []string
}

// NamespaceAnswer is the answer in one namespace.
type NamespaceAnswer struct {
	Namespace string
	Decision  Decision
}

// Namespaces answers a request, whose namespace plays no part, for each namespace.
func (a *Authorizer) Namespaces(s Subject, r Request) Namespaces {
	r.Namespace = ""
	n := Namespaces{Everywhere: a.Decide(s, r), Incomplete: slices.Collect(a.incompleteFor(s, everywhere))}
	for _, namespace := range a.allNamespaces() {
		r.Namespace = namespace
		if d := a.Decide(s, r); d != Denied {
			n.In = append(n.In, NamespaceAnswer{namespace, d})
		}
	}
	return n
}

// allNamespaces returns the namespaces of the snapshot and of all bindings, by name.
func (a *Authorizer) allNamespaces() []string {
	names := slices.Collect(maps.Keys(a.namespaces))
	for ns := range a.cluster.Namespaces() {
		names = append(names, ns.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Matrix answers one request with several verbs for several subjects: a row for
// each subject, with an answer for each verb.
func (a *Authorizer) Matrix(subjects []Subject, verbs []string, r Request) [][]Decision {
	rows := make([][]Decision, len(subjects))
	for i, s := range subjects {
		rows[i] = make([]Decision, len(verbs))
		for j, verb := range verbs {
			r.Verb = verb
			rows[i][j] = a.Decide(s, r)
		}
	}
	return rows
}

// idle says why somebody who is denied holds nothing that comes near.
func (a *Authorizer) idle(s Subject) string {
	n := 0
	last := int32(-1)
	for h := range a.holdings(s, everywhere) {
		if h.use.binding != last {
			last = h.use.binding
			n++
		}
	}
	switch {
	case n == 0 && len(s.Groups) == 0:
		return "no binding names " + s.String()
	case n == 0:
		return "no binding names " + strings.Replace(s.String(), " in ", " or ", 1)
	case n == 1:
		return "1 binding applies, and grants nothing that comes near"
	}
	return fmt.Sprintf("%d bindings apply, and grant nothing that comes near", n)
}
