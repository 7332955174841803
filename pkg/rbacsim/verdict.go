package rbacsim

import (
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
)

// Verdict is the answer about one request of one subject. The grounds are computed
// when asked for.
type Verdict struct {
	// Decision is what the authorizers say of the request as it was put, and so what a
	// SubjectAccessReview is answered.
	Decision Decision
	// Effective is whether a real request can do what was asked for: RBAC says yes to
	// questions that no request ever asks, such as one for nodes in a namespace. See
	// [Verdict.Ways].
	Effective Decision

	subject    Subject
	request    Request
	authorizer *Authorizer
	ways       []Way
	notes      []string // about real requests
}

// Check answers a request, and why. The error is [ErrNobody]: whatever else is
// asked has an answer.
func (a *Authorizer) Check(s Subject, r Request) (Verdict, error) {
	if s.User == "" && len(s.Groups) == 0 {
		return Verdict{}, ErrNobody
	}
	v := Verdict{Decision: a.Decide(s, r), subject: s, request: r, authorizer: a}
	v.effect()
	return v, nil
}

// Subject returns who asked.
func (v Verdict) Subject() Subject { return v.subject }

// Request returns what was asked for.
func (v Verdict) Request() Request { return v.request }

// Grants yields every rule that grants the request or, if it is undecided, may
// grant it: by binding, those of the cluster first, then by namespace, name,
// subject and rule.
func (v Verdict) Grants() iter.Seq[Grant] {
	return func(yield func(Grant) bool) {
		if v.authorizer == nil {
			return
		}
		a := v.authorizer
		for h := range a.holdings(v.subject, a.reaches(v.request)) {
			if a.covers(h, v.request) && !yield(a.grant(h)) {
				return
			}
		}
	}
}

// Reasons yields what settles the answer, or leaves it open, besides rules, and what
// there is to know about it, each as a clause for people.
func (v Verdict) Reasons() iter.Seq[string] {
	if v.authorizer == nil {
		return slices.Values([]string(nil))
	}
	var list []string
	switch {
	case slices.Contains(v.subject.Groups, identity.Masters):
		list = append(list, "group "+identity.Masters+" is allowed everything, before any role is asked")
	case v.Decision == Undecided && v.authorizer.unasked != "":
		list = append(list, v.authorizer.unasked)
	case v.Decision == Undecided && isNode(v.subject):
		list = append(list, "no role allows it, but the Node authorizer may, and is not modelled: it decides about group "+identity.Nodes)
	case v.Decision == Denied:
		list = append(list, v.authorizer.unaddedGroups(v.subject, v.request)...)
		if len(v.near()) == 0 {
			list = append(list, v.authorizer.idle(v.subject))
		}
	}
	return slices.Values(slices.Concat(list, v.notes, v.authorizer.warnings(v.request)))
}

// unaddedGroups says which groups, that a user's own requests would carry and this
// question does not, change the answer (RB21).
func (a *Authorizer) unaddedGroups(s Subject, r Request) []string {
	if s.User == "" {
		return nil
	}
	own := As(identity.NewUser(s.User), s.Groups...)
	if len(own.Groups) == len(s.Groups) || a.Decide(own, r) != Allowed {
		return nil
	}
	return []string{"a review adds no groups: the user's own requests would be allowed, which also carry " + strings.Join(own.Groups[len(s.Groups):], ", ")}
}

// EvaluationError returns what the API server says beside a no about roles that
// bindings of the subject name and that do not exist; empty if there is none.
func (v Verdict) EvaluationError() string {
	var list []string
	if v.authorizer == nil || v.Decision == Allowed {
		return ""
	}
	for b := range v.missing() {
		if !slices.Contains(list, b.missing) {
			list = append(list, b.missing)
		}
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return "rbac: RBAC: " + list[0]
	}
	return "rbac: RBAC: [" + strings.Join(list, ", ") + "]"
}

// missing yields the subject's bindings that count for the request and whose role
// does not exist (RB22).
func (v Verdict) missing() iter.Seq[*binding] {
	return func(yield func(*binding) bool) {
		a := v.authorizer
		for h := range a.holdings(v.subject, a.reaches(v.request)) {
			if b := a.bindings[h.use.binding]; b.role == nil && !yield(b) {
				return
			}
		}
	}
}

// Incomplete yields what the input refers to and does not hold, and what could make
// a yes of a no: roles that bindings of the subject name, and the parts of roles
// that aggregate others. There is nothing for an answer that is a yes.
func (v Verdict) Incomplete() iter.Seq[string] {
	if v.authorizer == nil || v.Decision == Allowed {
		return slices.Values([]string(nil))
	}
	a := v.authorizer
	return a.incomplete(a.holdings(v.subject, a.reaches(v.request)))
}

func (a *Authorizer) incomplete(holdings iter.Seq[holding]) iter.Seq[string] {
	var list []string
	for h := range holdings {
		b := a.bindings[h.use.binding]
		text := ""
		switch {
		case b.role == nil:
			text = b.ref.String() + " binds " + b.roleName().String() + ", which is not in the input" + at(b.roleRefPlace(), b.assumed)
		case b.role.absent != "":
			text = b.role.absent
		}
		if text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return slices.Values(list)
}
