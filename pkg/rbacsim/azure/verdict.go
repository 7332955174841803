package azure

import (
	"errors"
	"iter"
	"slices"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Verdict is the answer about one request of one subject. The grounds are computed
// when asked for.
type Verdict struct {
	Decision Decision

	subject    Subject
	request    Request
	authorizer *Authorizer
}

// The errors of questions that ask for nothing.
var (
	ErrNoAction = errors.New("no action is asked for: want one such as Microsoft.KeyVault/vaults/secrets/getSecret/action")
	ErrNoScope  = errors.New("no scope is asked about: want a resource id such as /subscriptions/ID/resourceGroups/NAME")
)

// Check answers a request, and why. The error is [ErrNobody], [ErrNoAction] or
// [ErrNoScope]: whatever else is asked has an answer.
func (a *Authorizer) Check(s Subject, r Request) (Verdict, error) {
	switch {
	case s.ObjectID == "" && len(s.Groups) == 0:
		return Verdict{}, ErrNobody
	case r.Action == "":
		return Verdict{}, ErrNoAction
	case r.Scope.IsZero():
		return Verdict{}, ErrNoScope
	}
	return Verdict{Decision: a.Decide(s, r), subject: s, request: r, authorizer: a}, nil
}

// Subject returns who asked.
func (v Verdict) Subject() Subject { return v.subject }

// Request returns what was asked for.
func (v Verdict) Request() Request { return v.request }

// judges says who decides: roles, access policies of the vault, or perhaps both.
func (v Verdict) judges(q *query) (roles, policies bool, vault *keyVault) {
	vault, ok := v.authorizer.vaultFor(q)
	if !ok {
		return true, false, nil
	}
	if vault == nil {
		return true, false, nil
	}
	return vault.rbac != no, vault.rbac != yes, vault
}

// Grants yields every role assignment and access policy that grants the request or, if
// it is undecided, may grant it: in the order of the input. What is granted may be
// denied all the same; see [Verdict.Denials].
func (v Verdict) Grants() iter.Seq[Grant] {
	return func(yield func(Grant) bool) {
		if v.authorizer == nil {
			return
		}
		a, q := v.authorizer, &query{Request: v.request}
		roles, policies, vault := v.judges(q)
		if roles {
			for _, h := range a.heldBy(&v.subject, a.reach(q.Scope, nil)) {
				if h.matches(a, q) != no && !yield(a.grant(&v.subject, h, q)) {
					return
				}
			}
		}
		if policies {
			for i := range vault.policies {
				if vault.policies[i].match(&v.subject, q) != no && !yield(a.policyGrant(&v.subject, vault, i, q)) {
					return
				}
			}
		}
	}
}

// policyGrant describes what an access policy gives.
func (a *Authorizer) policyGrant(s *Subject, v *keyVault, i int, q *query) Grant {
	p := &v.policies[i]
	g := Grant{
		Assignment: v.ref, Place: p.place, Name: v.scope.Name(), Permission: -1, Data: true, Scope: v.scope, Policy: i,
		Pattern: p.words(q), Open: p.doubt(s, q),
	}
	g.To, g.Through, g.subject = a.recipient(s, p.principal)
	if p.isFor(s) != yes && p.principal != s.ObjectID && !slices.Contains(s.Groups, p.principal) {
		g.Through = nil
	}
	return g
}

// Denial is one deny assignment that denies what is asked, or may deny it.
type Denial struct {
	Assignment model.Ref
	Place      model.Place
	Name       string
	Scope      Scope
	Pattern    string // what matches; empty if that is not known
	Open       bool   // it may not deny it
}

// String returns the deny assignment on one line.
func (d Denial) String() string {
	text := "deny assignment " + d.Name + ", at " + d.Scope.String() + at(d.Place)
	if d.Pattern != "" {
		text += ": " + d.Pattern
	}
	return text
}

// Denials yields the deny assignments that deny the request whatever grants it, or may
// deny it, in the order of the input.
func (v Verdict) Denials() iter.Seq[Denial] { return v.denials(false) }

func (v Verdict) denials(audit bool) iter.Seq[Denial] {
	return func(yield func(Denial) bool) {
		if v.authorizer == nil {
			return
		}
		a, q := v.authorizer, &query{Request: v.request}
		if roles, _, _ := v.judges(q); !roles {
			return
		}
		reach := a.reach(q.Scope, nil)
		for _, d := range a.denies {
			if d.audit != audit {
				continue
			}
			asked := *d
			asked.audit = false
			m := no
			for _, at := range reach {
				if slices.Contains(at.node.denies, d) {
					m = max(m, min(at.match, asked.match(&v.subject, q)))
				}
			}
			if m != no && !yield(d.denial(q, m)) {
				return
			}
		}
	}
}

func (d *deny) denial(q *query, m match) Denial {
	made := Denial{Assignment: d.ref, Place: d.place, Name: d.name, Scope: d.scope, Open: m != yes}
	for i := range d.permissions {
		side := &d.permissions[i].planes[planeOf(q.Data)]
		if d.permissions[i].match(q) != no {
			_, pattern := side.allow.match(q)
			made.Pattern = side.allow.list[pattern].String()
			break
		}
	}
	return made
}

// Reasons yields what settles the answer, or leaves it open, besides assignments, and
// what there is to know about it, each as a clause for people.
func (v Verdict) Reasons() iter.Seq[string] {
	return func(yield func(string) bool) {
		if v.authorizer == nil {
			return
		}
		for _, text := range v.reasons() {
			if !yield(text) {
				return
			}
		}
	}
}

func (v Verdict) reasons() (list []string) {
	a, q := v.authorizer, &query{Request: v.request}
	if vault, ok := a.vaultFor(q); ok && vault != nil {
		name := "vault " + vault.scope.Name()
		switch vault.rbac {
		case no:
			list = append(list, name+" is in the mode of access policies, which decide about its data whatever roles say: "+vault.why+at(vault.place))
		case maybe:
			list = append(list, "whether roles or access policies decide about the data of "+name+" is open: "+vault.why+at(vault.place))
		case yes:
		}
	}
	for d := range v.denials(true) {
		list = append(list, "deny assignment "+d.Name+" would deny it, but only audits"+at(d.Place))
	}
	if v.Decision == rbacsim.Denied && !v.hasAny() {
		list = append(list, "nothing is assigned to "+v.asker()+" or their groups, anywhere")
	}
	return list
}

// hasAny reports whether anything is assigned to the subject.
func (v Verdict) hasAny() bool {
	if v.authorizer.vaultHas(&v.subject, v.request.Scope) {
		return true
	}
	for i := -1; i < len(v.subject.Groups); i++ {
		if v.authorizer.holder(&v.subject, i) != nil {
			return true
		}
	}
	return false
}

// vaultHas reports whether the vault around a scope has a policy for the subject.
func (a *Authorizer) vaultHas(s *Subject, at Scope) bool {
	where, _ := vaultOf(at)
	vault := a.vaults[where]
	return vault != nil && slices.ContainsFunc(vault.policies, func(p policy) bool { return p.isFor(s) != no })
}

// Incomplete yields what the input refers to and lacks, and what the answer hangs on
// besides [Verdict.Grants] and [Verdict.Denials].
func (v Verdict) Incomplete() iter.Seq[string] {
	return func(yield func(string) bool) {
		if v.authorizer == nil {
			return
		}
		q := &query{Request: v.request}
		vault, ok := v.authorizer.vaultFor(q)
		switch {
		case !ok:
		case vault == nil:
			where, _ := vaultOf(q.Scope)
			yield("the input holds key vaults, but not " + where.String() + ": whether roles or access policies decide about its data is not known")
		case vault.rbac != yes && vault.open != "" && v.Decision != rbacsim.Allowed:
			yield("of vault " + vault.scope.Name() + ", " + vault.open)
		}
	}
}
