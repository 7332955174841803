package rbacsim

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Miss is a rule that the subject holds and that would grant the request but for
// what is told.
type Miss struct {
	Grant
	// But says which conditions fail, in words for people; never empty.
	But []string
}

// mostMisses bounds how many near misses are told, mostFailures how far off they
// may be.
const (
	mostMisses   = 3
	mostFailures = 2
)

// Misses yields, where nothing grants the request, the rules of the subject that
// come closest to it, in the order of [Verdict.Grants].
func (v Verdict) Misses() iter.Seq[Miss] { return slices.Values(v.near()) }

func (v Verdict) near() []Miss {
	if v.authorizer == nil || v.Decision == Allowed {
		return nil
	}
	for range v.Grants() {
		return nil // it is undecided, and these are the reasons
	}
	a := v.authorizer
	type near struct {
		holding
		but []string
	}
	var nearest []near
	for h := range a.holdings(v.subject, everywhere) {
		if but := a.failures(h, v.request); len(but) > 0 && len(but) <= mostFailures {
			nearest = append(nearest, near{h, but})
		}
	}
	slices.SortStableFunc(nearest, func(x, y near) int { return cmp.Compare(len(x.but), len(y.but)) })
	var list []Miss
	for _, n := range nearest[:min(len(nearest), mostMisses)] {
		if len(n.but) == len(nearest[0].but) {
			list = append(list, Miss{a.grant(n.holding), n.but})
		}
	}
	return list
}

// failures says which conditions of a holding the request does not meet; nothing of
// one that is about something else altogether.
func (a *Authorizer) failures(h holding, r Request) []string {
	b := a.bindings[h.use.binding]
	var but []string
	if ns := b.ref.Namespace; ns != "" && (r.NonResource || ns != r.Namespace) {
		but = append(but, elsewhere(ns, r))
	}
	switch {
	case b.role == nil:
		return append(but, "the input has no "+b.roleName().String())
	case h.rule == nil && b.open != "":
		return but
	case h.rule == nil:
		return append(but, b.role.ref.String()+" has no rules")
	}
	rule := h.rule.api
	if !slices.Contains(rule.Verbs, wildcard) && !slices.Contains(rule.Verbs, r.Verb) {
		but = append(but, otherVerb(rule.Verbs, r.Verb))
	}
	if r.NonResource {
		if len(rule.NonResourceURLs) == 0 {
			return nil
		}
		if !slices.ContainsFunc(rule.NonResourceURLs, func(url string) bool { return coversPath(url, r.Path) }) {
			but = append(but, "it is about "+wordList(rule.NonResourceURLs))
		}
		return but
	}
	if !coversGroup(rule.APIGroups, r.Group) {
		but = append(but, "it is about API group "+wordList(rule.APIGroups))
	}
	if !coversResource(rule.Resources, r) {
		other := otherResource(rule, r)
		if other == "" {
			return nil
		}
		but = append(but, other)
	}
	if !coversName(rule.ResourceNames, r.Name) {
		but = append(but, otherName(rule.ResourceNames, r))
	}
	return but
}

// elsewhere says why a RoleBinding has no part in a request.
func elsewhere(namespace string, r Request) string {
	switch {
	case r.NonResource:
		return "a RoleBinding grants no URLs"
	case r.Namespace == "":
		return "it grants in namespace " + namespace + " only, not in all namespaces or outside of them"
	}
	return "it grants in namespace " + namespace + ", not in " + r.Namespace
}

func otherVerb(verbs []string, verb string) string {
	for _, v := range verbs {
		if strings.EqualFold(v, verb) {
			return fmt.Sprintf("its verb %s is not %s: upper and lower case are not the same", v, verb)
		}
	}
	return "it is about the verb " + wordList(verbs)
}

// otherResource says why a rule about the same resource, or a subresource of it,
// does not mean the request's; nothing of a rule about others.
func otherResource(rule *rbacv1.PolicyRule, r Request) string {
	for _, has := range rule.Resources {
		base, sub, _ := strings.Cut(has, "/")
		switch {
		case base != r.Resource && (base != wildcard || sub == ""):
		case sub == wildcard:
			return has + " means the subresource called *, and no others"
		case sub == "":
			return fmt.Sprintf("%s does not cover %s", has, r.combined())
		case base == r.Resource:
			return fmt.Sprintf("it is about %s, not about %s", has, r.combined())
		}
	}
	return ""
}

func otherName(names []string, r Request) string {
	if r.Name == "" {
		return "it is about " + wordList(names) + " by name, and the request names no object"
	}
	text := "it is about " + wordList(names) + " only, not " + r.Name
	if slices.Contains(names, wildcard) {
		text += ": * is a name like any other here"
	}
	return text
}

// wordList lists words for people, and counts what is too many.
func wordList(list []string) string {
	const most = 6
	shown := make([]string, 0, most+1)
	for _, w := range list[:min(len(list), most)] {
		shown = append(shown, literal(w))
	}
	if len(list) > most {
		shown = append(shown, fmt.Sprintf("%d more", len(list)-most))
	}
	return strings.Join(shown, ", ")
}
