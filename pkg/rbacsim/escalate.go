package rbacsim

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// This file does what the API server does so that nobody gives more than he has.

// RoleWrite is a Role or ClusterRole that somebody wants to write.
type RoleWrite struct {
	Verb       string    // create, update or patch
	Role       model.Ref // of kind Role or ClusterRole
	Rules      []rbacv1.PolicyRule
	Aggregates bool // it has an aggregationRule, or had one before
}

// BindingWrite is a RoleBinding or ClusterRoleBinding that somebody wants to write,
// be it only to add a subject.
type BindingWrite struct {
	Verb    string    // create, update or patch
	Binding model.Ref // of kind RoleBinding or ClusterRoleBinding
	Role    model.Ref // that it binds
}

// Escalation is the answer about the writing of a role or binding.
type Escalation struct {
	Decision Decision
	// Write is the request itself, which needs to be allowed in any case.
	Write Need
	// Bypass is the right to do it without holding what is given: the verb escalate or
	// bind.
	Bypass Need
	// Uncovered are the atoms of what is given that the subject does not hold in the
	// namespace, in order; with the right to bypass they do not matter.
	Uncovered []rbacv1.PolicyRule
	// Reason says what else settles it; empty if nothing does.
	Reason string
}

// CheckRoleWrite answers whether a subject may write a role (RB41): it needs the
// verb on roles, and besides the verb escalate on this one, or to hold all of the
// role's rules where they are to count. A role that aggregates others may come to
// hold anything, so anything must be held.
func (a *Authorizer) CheckRoleWrite(s Subject, w RoleWrite) Escalation {
	resource := "clusterroles"
	if w.Role.Kind == "Role" {
		resource = "roles"
	}
	rules := w.Rules
	if w.Aggregates {
		rules = slices.Concat(rules, everything())
	}
	e := a.escalation(s, w.Verb, resource, w.Role, Request{Verb: "escalate", Group: rbacv1.GroupName, Resource: resource, Namespace: w.Role.Namespace, Name: w.Role.Name})
	return a.holdsAll(e, s, w.Role.Namespace, rules)
}

// CheckBindingWrite answers whether a subject may write a binding (RB42): it needs
// the verb on bindings, and besides the verb bind on the role, in the binding's
// namespace, or to hold all of the role's rules there. Without the right to bind, a
// role that does not exist can't be bound.
func (a *Authorizer) CheckBindingWrite(s Subject, w BindingWrite) Escalation {
	resource, roles := "clusterrolebindings", "clusterroles"
	if w.Binding.Kind == "RoleBinding" {
		resource = "rolebindings"
	}
	if w.Role.Kind == "Role" {
		roles = "roles"
	}
	bind := Request{Verb: "bind", Group: rbacv1.GroupName, Resource: roles, Namespace: w.Binding.Namespace, Name: w.Role.Name}
	e := a.escalation(s, w.Verb, resource, w.Binding, bind)
	bound := binding{ref: w.Binding, roleRef: rbacv1.RoleRef{Kind: w.Role.Kind, Name: w.Role.Name}}
	r := a.byName[bound.roleKey()]
	if r == nil {
		e.Reason = fmt.Sprintf("%s does not exist: only somebody with the verb bind on it can bind it", w.Role)
		e.Decision = all(e.Write.Decision, e.Bypass.Decision)
		return e
	}
	rules := make([]rbacv1.PolicyRule, len(r.rules))
	for i := range r.rules {
		rules[i] = *r.rules[i].api
	}
	return a.holdsAll(e, s, w.Binding.Namespace, rules)
}

// escalation asks for the write and for the right to bypass.
func (a *Authorizer) escalation(s Subject, verb, resource string, object model.Ref, bypass Request) Escalation {
	write := Request{Verb: verb, Group: rbacv1.GroupName, Resource: resource, Namespace: object.Namespace}
	if verb != "create" {
		write.Name = object.Name
	}
	return Escalation{Write: Need{write, a.Decide(s, write)}, Bypass: Need{bypass, a.Decide(s, bypass)}}
}

// holdsAll decides an escalation by what the subject holds.
func (a *Authorizer) holdsAll(e Escalation, s Subject, namespace string, rules []rbacv1.PolicyRule) Escalation {
	if slices.Contains(s.Groups, identity.Masters) {
		e.Reason = "group " + identity.Masters + " may give what it likes"
		e.Decision = Allowed
		return e
	}
	var sure, perhaps []*rbacv1.PolicyRule
	for access := range a.Rights(s).In(namespace) {
		if access.Policy == nil {
			continue
		}
		perhaps = append(perhaps, access.Policy)
		if access.Open == "" {
			sure = append(sure, access.Policy)
		}
	}
	e.Uncovered = uncovered(sure, rules)
	held := Denied
	switch {
	case len(e.Uncovered) == 0:
		held = Allowed
	case len(uncovered(perhaps, rules)) == 0:
		held = Undecided
	}
	e.Decision = all(e.Write.Decision, either(e.Bypass.Decision, held))
	return e
}

func everything() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		{Verbs: []string{wildcard}, APIGroups: []string{wildcard}, Resources: []string{wildcard}},
		{Verbs: []string{wildcard}, NonResourceURLs: []string{wildcard}},
	}
}

// uncovered returns the atoms of the rules that no single rule of the held ones
// covers, as the API server's own comparison has it. That is no exact containment:
// it takes words for what they are, and */scale to cover any resource's scale.
func uncovered(held []*rbacv1.PolicyRule, rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var missing []rbacv1.PolicyRule
	for i := range rules {
		for atom := range atoms(&rules[i]) {
			if !slices.ContainsFunc(held, func(h *rbacv1.PolicyRule) bool { return coversAtom(h, &atom) }) {
				missing = append(missing, atom)
			}
		}
	}
	return missing
}

// atoms yields a rule's parts: one verb on one resource or URL, and one name if it
// has any.
func atoms(r *rbacv1.PolicyRule) func(func(rbacv1.PolicyRule) bool) {
	return func(yield func(rbacv1.PolicyRule) bool) {
		for _, group := range r.APIGroups {
			for _, resource := range r.Resources {
				for _, verb := range r.Verbs {
					atom := rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: []string{verb}}
					for _, name := range r.ResourceNames {
						named := atom
						named.ResourceNames = []string{name}
						if !yield(named) {
							return
						}
					}
					if len(r.ResourceNames) == 0 && !yield(atom) {
						return
					}
				}
			}
		}
		for _, url := range r.NonResourceURLs {
			for _, verb := range r.Verbs {
				if !yield(rbacv1.PolicyRule{NonResourceURLs: []string{url}, Verbs: []string{verb}}) {
					return
				}
			}
		}
	}
}

// coversAtom reports whether a rule covers an atom, by the API server's comparison.
func coversAtom(held, atom *rbacv1.PolicyRule) bool {
	has := func(list []string, word string) bool {
		return slices.Contains(list, wildcard) || slices.Contains(list, word)
	}
	if !has(held.Verbs, atom.Verbs[0]) {
		return false
	}
	if len(atom.NonResourceURLs) > 0 {
		return slices.ContainsFunc(held.NonResourceURLs, func(url string) bool { return coversPath(url, atom.NonResourceURLs[0]) })
	}
	resource := atom.Resources[0]
	_, sub, isSub := strings.Cut(resource, "/")
	if !has(held.Resources, resource) && (!isSub || !slices.Contains(held.Resources, wildcard+"/"+sub)) {
		return false
	}
	if !has(held.APIGroups, atom.APIGroups[0]) {
		return false
	}
	return len(held.ResourceNames) == 0 || len(atom.ResourceNames) > 0 && slices.Contains(held.ResourceNames, atom.ResourceNames[0])
}
