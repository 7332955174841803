package azure

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// Holders is who may do something.
type Holders struct {
	request    Request
	authorizer *Authorizer
	list       []Holder
}

// Holder is one of them.
type Holder struct {
	// Principal is somebody whom assignments or access policies name, or a member of
	// such a group; the zero Entity if one may name anybody.
	Principal identity.Entity
	// Decision is Allowed or Undecided.
	Decision Decision

	subject    Subject
	request    Request
	authorizer *Authorizer
}

// whoIndex is everybody with the groups that they are in: finding these takes longer
// than deciding.
type whoIndex struct{ subjects map[string]*Subject }

func (a *Authorizer) whoIndex() *whoIndex {
	a.who.once.Do(func() {
		a.who.index = &whoIndex{map[string]*Subject{}}
		know := func(id string) {
			if _, ok := a.who.index.subjects[id]; !ok {
				s := a.subject(id)
				a.who.index.subjects[id] = &s
			}
		}
		for id := range a.holders {
			know(id)
		}
		for group := range a.members.direct {
			know(group)
			for _, id := range a.members.direct[group] {
				know(id)
			}
		}
		for _, v := range a.vaults {
			for _, p := range v.policies {
				know(p.principal)
			}
		}
	})
	return a.who.index
}

// Holders answers who may do what is asked: those whom assignments name and, where the
// input lists them, the members of groups. The request's scope counts as it is: whoever
// may do it only further down is not among them.
func (a *Authorizer) Holders(r Request) Holders {
	h := Holders{request: r, authorizer: a}
	q := &query{Request: r}
	index := a.whoIndex()
	found := map[string]bool{}
	for id := range a.candidates(q) {
		for _, member := range append([]string{id}, a.members.everyone(id)...) {
			if found[member] {
				continue
			}
			found[member] = true
			s := index.subjects[member]
			if d := a.Decide(*s, r); d != rbacsim.Denied {
				e, _ := a.directory.Lookup(member)
				if e.Kind == 0 && len(a.members.direct[member]) > 0 {
					e.Kind = identity.Group
				}
				h.list = append(h.list, Holder{e, d, *s, r, a})
			}
		}
	}
	if a.anybodyMay(q) {
		h.list = append(h.list, Holder{Decision: rbacsim.Undecided, request: r, authorizer: a})
	}
	slices.SortFunc(h.list, func(x, y Holder) int {
		return cmp.Or(
			x.Principal.Principal().Compare(y.Principal.Principal())*rank(x.Principal)*rank(y.Principal),
			cmp.Compare(rank(x.Principal), rank(y.Principal)),
			strings.Compare(x.Principal.ObjectID, y.Principal.ObjectID),
		)
	})
	return h
}

// rank puts those whom nobody knows before all others.
func rank(e identity.Entity) int {
	if e.ObjectID == "" {
		return 0
	}
	return 1
}

// candidates yields those whom an assignment or policy names that grants the request,
// or may grant it, in no stated order.
func (a *Authorizer) candidates(q *query) iter.Seq[string] {
	return func(yield func(string) bool) {
		vault, ok := a.vaultFor(q)
		if !ok || vault == nil || vault.rbac != no {
			reach := a.reach(q.Scope, nil)
			for id, h := range a.holders {
				if h.grants(reach, q) != no && !yield(id) {
					return
				}
			}
		}
		if ok && vault != nil && vault.rbac != yes {
			for i := range vault.policies {
				p := &vault.policies[i]
				if p.principal != "" && p.gives(q) != no && !yield(p.principal) {
					return
				}
			}
		}
	}
}

// anybodyMay reports whether the request may be granted to somebody whom the input
// does not tell.
func (a *Authorizer) anybodyMay(q *query) bool {
	vault, ok := a.vaultFor(q)
	if ok && vault == nil {
		return true
	}
	if !ok || vault.rbac != no {
		reach := a.reach(q.Scope, nil)
		if a.anybody.grants(reach, q) != no || a.anonym.grants(reach, q) != no {
			return !a.deniedToAll(reach, q)
		}
	}
	if !ok || vault.rbac == yes {
		return false
	}
	return vault.open != "" || slices.ContainsFunc(vault.policies, func(p policy) bool {
		return (p.principal == "" || p.group || p.open != "") && p.gives(q) != no
	})
}

// deniedToAll reports whether a deny assignment that excludes nobody denies the request
// to everyone.
func (a *Authorizer) deniedToAll(reach []reached, q *query) bool {
	for _, at := range reach {
		for _, d := range at.node.denies {
			if at.match == yes && len(d.excluded) == 0 && d.openExcept == "" && d.match(&Subject{}, q) == yes {
				return true
			}
		}
	}
	return false
}

// Request returns what was asked for.
func (h Holders) Request() Request { return h.request }

// All yields them ordered by kind and name, as [identity.Principal.Compare] does, and
// by object id. Whoever the input does not tell comes first.
func (h Holders) All() iter.Seq[Holder] { return slices.Values(h.list) }

// Subject returns the holder as they ask; nobody for the zero Entity.
func (h Holder) Subject() Subject { return h.subject }

// Grants yields the assignments and access policies by which the holder may do it, in
// the order of the input.
func (h Holder) Grants() iter.Seq[Grant] {
	return Verdict{subject: h.subject, request: h.request, authorizer: h.authorizer}.Grants()
}
