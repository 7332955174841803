package rbacsim

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/identity"
)

// Within proves that a subject may make no request but those of a set: that it has
// the least privilege, where the set is what it needs.
func (a *Authorizer) Within(s Subject, allowed RequestSet, u Universe) Proof {
	p := Proof{Claim: fmt.Sprintf("%s may do nothing but %s", s.short(), allowed), Over: u.String(), Apart: apartFor(u, s)}
	d := newSurveyor(a).of(s).within(extent{sure: allowed.access()}, u.space(a.resources))
	p.conclude(d, func() *Counterexample { return a.counterexample(s.principal(), s, d.witness) })
	return p
}

// NotGranted proves that no role grants anybody a request of the set. Everybody is
// whoever bindings name: members of a group have what the group has.
func (a *Authorizer) NotGranted(set RequestSet, u Universe) Proof {
	p := a.nobodyBut(nil, set, u)
	p.Claim = "nobody is granted " + set.String()
	return p
}

// NobodyExcept proves that roles grant the requests of a set to nobody but the
// principals. A group stands for its members as far as names tell them: that of a
// namespace's ServiceAccounts for these, system:authenticated for everyone but the
// anonymous.
func (a *Authorizer) NobodyExcept(principals []identity.Principal, set RequestSet, u Universe) Proof {
	p := a.nobodyBut(principals, set, u)
	var names []string
	for _, q := range principals {
		names = append(names, q.String())
	}
	p.Claim = "nobody but " + strings.Join(names, ", ") + " is granted " + set.String()
	if len(names) == 0 {
		p.Claim = "nobody is granted " + set.String()
	}
	return p
}

func (a *Authorizer) nobodyBut(principals []identity.Principal, set RequestSet, u Universe) Proof {
	p := Proof{Over: u.String() + ", and everybody whom a binding names", Outcome: Proved, Apart: apart(u)}
	space, survey, access := u.space(a.resources), newSurveyor(a), set.access()
	type place struct {
		namespace string
		first     *rbacv1.PolicyRule
	}
	known := map[place]direction{}
	look := func(h *holder) bool {
		e := survey.own(h)
		// Bindings of one role in one place are all alike: each is asked about once.
		for _, g := range e.sure {
			key := place{g.Namespace, &g.Rules[0]}
			d, ok := known[key]
			if !ok {
				d = extent{sure: rulespace.Access{g}}.meets(access, space)
				known[key] = d
			}
			if d.outcome == Refuted {
				p.refute(true, a.asNamed(h.principal, d.witness))
				return false
			}
		}
		d := extent{open: e.open}.meets(access, space)
		if d.outcome != Open {
			return true
		}
		if p.Counterexample == nil && !h.principal.IsZero() {
			p.Counterexample = a.asNamed(h.principal, d.witness)
		}
		p.Outcome = Open
		for _, r := range d.reasons {
			if !slices.Contains(p.Reasons, r) {
				p.Reasons = append(p.Reasons, r)
			}
		}
		return true
	}
	for _, h := range a.whoIndex().ranked {
		if !isOneOf(h.principal, principals) && !look(h) {
			return p
		}
	}
	look(&a.anybody)
	return p
}

// isOneOf reports whether a principal is one of others, or in a group of theirs.
func isOneOf(p identity.Principal, others []identity.Principal) bool {
	if slices.Contains(others, p) {
		return true
	}
	for m := range identity.Authenticated(p) {
		if slices.Contains(others, identity.NewGroup(m.Group)) {
			return true
		}
	}
	return false
}

// conclude ends a proof that there is no such request.
func (p *Proof) conclude(d direction, witness func() *Counterexample) {
	if p.Outcome = d.outcome; d.outcome != Proved {
		p.refute(d.outcome == Refuted, witness(), d.reasons...)
	}
}

// short returns the subject for people, without groups that are its own anyway.
func (s Subject) short() string {
	if p := s.principal(); s.is(As(p)) {
		return p.String()
	}
	return s.String()
}

// is reports whether two subjects are the same, in whatever order their groups are.
func (s Subject) is(o Subject) bool {
	return s.User == o.User && len(s.Groups) == len(o.Groups) &&
		!slices.ContainsFunc(s.Groups, func(g string) bool { return !slices.Contains(o.Groups, g) })
}

// principal returns who the subject is, as a question of aksim can-i names it.
func (s Subject) principal() identity.Principal {
	switch {
	case s.User != "":
		return identity.NewUser(s.User)
	case len(s.Groups) > 0:
		return identity.NewGroup(s.Groups[0])
	}
	return identity.Principal{}
}
