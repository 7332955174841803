package rbacsim

import (
	"slices"

	"github.com/aksim/aksim/pkg/identity"
)

// Decide returns what the API server's authorizers say of a request, at the same
// cost however many bindings there are. It allocates nothing. [Authorizer.Check]
// tells why.
func (a *Authorizer) Decide(s Subject, r Request) Decision {
	if slices.Contains(s.Groups, identity.Masters) { // RB32
		return Allowed
	}
	d := a.decideRBAC(&s, &r)
	if d == Denied && (isNode(s) || a.unasked != "") {
		return Undecided
	}
	return d
}

// isNode reports whether the Node authorizer, which is not modelled, might allow
// what RBAC does not (RB33).
func isNode(s Subject) bool { return slices.Contains(s.Groups, identity.Nodes) }

// decideRBAC asks the bindings of the cluster and, if the request is for something
// in a namespace, those of that namespace (RB16). What any of them grants is
// granted, in whatever order they are asked (RB23).
func (a *Authorizer) decideRBAC(s *Subject, r *Request) Decision {
	var q query
	var ns uint32
	if !r.NonResource && r.Namespace != "" {
		ns = a.namespaces[r.Namespace]
	}
	open := false
	for i := -1; i < len(s.Groups); i++ {
		h := a.holder(s, i)
		if h == nil {
			continue
		}
		switch a.ask(h, ns, r, &q) {
		case Allowed:
			return Allowed
		case Undecided:
			open = true
		case Denied:
		}
	}
	for h := range a.mayBeIn(s) {
		open = open || a.ask(h, ns, r, &q) != Denied
	}
	if open || a.ask(&a.anybody, ns, r, &q) != Denied {
		return Undecided
	}
	return Denied
}

// holder returns who holds rights under the subject's i-th group or, for -1, under
// its user name (RB17); nil if no binding names it.
func (a *Authorizer) holder(s *Subject, i int) *holder {
	if i < 0 {
		return a.users[s.User]
	}
	return a.groups[s.Groups[i]]
}

// ask asks what one holder has in the cluster and in the namespace.
func (a *Authorizer) ask(h *holder, ns uint32, r *Request, q *query) Decision {
	d := Denied
	for _, s := range [...]*scope{h.cluster, a.scope(h, ns)} {
		if s == nil {
			continue
		}
		if !q.ready {
			a.vocabulary.read(q, r)
		}
		if s.sure.covers(a.vocabulary, q) {
			return Allowed
		}
		if s.open.covers(a.vocabulary, q) {
			d = Undecided
		}
	}
	return d
}

// scope returns what a holder has in a namespace; nil for nothing, and for no
// namespace.
func (a *Authorizer) scope(h *holder, ns uint32) *scope {
	if ns == noWord || len(h.within) == 0 {
		return nil
	}
	return a.scopes[scopeKey(h.id, ns)]
}
