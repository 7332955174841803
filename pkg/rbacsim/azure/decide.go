package azure

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// match is what is three-valued inside: whether a scope covers, a pattern matches, a
// condition holds.
type match = actionset.Match

const (
	no    = actionset.No
	maybe = actionset.Maybe
	yes   = actionset.Yes
)

// query is a request while it is answered.
type query struct {
	Request
	buffer [192]byte
	size   int
	roles  [64]match // what the first roles say, and 1 more; 0: not asked
}

// folded returns the action in lower case.
func (q *query) folded() []byte {
	switch {
	case q.size > 0:
	case len(q.Action) > len(q.buffer):
		return []byte(lower(q.Action))
	default:
		q.size = copy(q.buffer[:], q.Action)
		for i, c := range q.buffer[:q.size] {
			if 'A' <= c && c <= 'Z' {
				q.buffer[i] = c + 'a' - 'A'
			}
		}
	}
	return q.buffer[:q.size]
}

// reached is a node whose assignments count for a request, or may count.
type reached struct {
	node  *node
	match match
}

// Decide returns whether the subject may take the action, at the same cost however
// many assignments there are. It allocates nothing, unless conditions are asked.
// [Authorizer.Check] tells why.
func (a *Authorizer) Decide(s Subject, r Request) Decision {
	q := query{Request: r}
	if v, ok := a.vaultFor(&q); ok { // AZ40
		return a.decideInVault(v, &s, &q)
	}
	return a.decideRoles(&s, &q)
}

// decideRoles asks deny assignments and then role assignments (AZ14).
func (a *Authorizer) decideRoles(s *Subject, q *query) Decision {
	var buffer [24]reached
	reach := a.reach(q.Scope, buffer[:0])
	denied := no
	for _, at := range reach {
		for _, d := range at.node.denies {
			if denied = max(denied, min(d.match(s, q), at.match)); denied == yes {
				return rbacsim.Denied
			}
		}
	}
	switch granted := a.granted(reach, s, q); {
	case granted == no:
		return rbacsim.Denied
	case granted == yes && denied == no:
		return rbacsim.Allowed
	}
	return rbacsim.Undecided
}

// granted reports whether any assignment grants what is asked.
func (a *Authorizer) granted(reach []reached, s *Subject, q *query) match {
	best := no
	for i := -1; i < len(s.Groups); i++ {
		if h := a.holder(s, i); h != nil {
			if best = max(best, h.grants(reach, q)); best == yes {
				return yes
			}
		}
	}
	if best == no && len(a.anybody.placed) > 0 {
		best = min(maybe, a.anybody.grants(reach, q))
	}
	if best == no && len(a.anonym.placed) > 0 && a.isAnonymous(s) {
		best = min(maybe, a.anonym.grants(reach, q))
	}
	return best
}

// isAnonymous reports whether the input does not tell by which address somebody signs in
// who may be a user: then they may be a classic administrator, of whom only that is told
// (AZ13). The UPN of a guest is another, and a display name is none.
func (a *Authorizer) isAnonymous(s *Subject) bool {
	e, _ := a.directory.Lookup(s.ObjectID)
	mayBeUser := e.Kind == identity.User || e.Kind == 0
	return e.Name == "" || mayBeUser && (e.Guest || !strings.Contains(e.Name, "@"))
}

// holder returns who holds rights under the subject's i-th group or, for -1, under
// its object id; nil if no assignment names it.
func (a *Authorizer) holder(s *Subject, i int) *holder {
	if i < 0 {
		return a.holders[s.ObjectID]
	}
	return a.holders[s.Groups[i]]
}

// bit is the place of a node in masks.
func bit(node int32) uint64 { return 1 << (node & 63) }

func (h *holder) grants(reach []reached, q *query) match {
	best := no
	for _, at := range reach {
		if at.match <= best || h.mask&bit(at.node.number) == 0 {
			continue
		}
		for _, g := range h.at(at.node.number) {
			if best = max(best, min(g.match(q), at.match)); best == yes {
				return yes
			}
		}
	}
	return best
}

// reach appends the nodes that count for a scope: those of the scope and of what is
// above it by its id (AZ2), management groups above it (AZ3), and perhaps those whose
// scope is not known (AZ4).
func (a *Authorizer) reach(s Scope, list []reached) []reached {
	if s.IsZero() {
		return list
	}
	if n := a.nodes["/"]; n != nil {
		list = append(list, reached{n, yes})
	}
	for i := 1; i <= len(s.id); i++ {
		if (i == len(s.id) || s.id[i] == '/') && i > 1 {
			if n := a.nodes[s.id[:i]]; n != nil {
				list = append(list, reached{n, yes})
			}
		}
	}
	w := a.wayAbove(s)
	for _, n := range w.sure {
		list = append(list, reached{n, yes})
	}
	for _, n := range w.perhaps {
		list = append(list, reached{n, maybe})
	}
	if vague(s) { // anything of the same form may be meant
		for _, n := range a.nodes {
			if !n.scope.Covers(s) && n.scope.Kind() != ManagementGroup && mayCover(n.scope, s) {
				list = append(list, reached{n, maybe})
			}
		}
	} else {
		for _, n := range a.vague {
			if mayCover(n.scope, s) {
				list = append(list, reached{n, maybe})
			}
		}
	}
	list = append(list, reached{a.nowhere, maybe})
	if planted.reach != nil {
		made := reaching{a, s, slices.Clone(list)}
		planted.reach(&made)
		list = append(list[:0], made.list...)
	}
	return list
}

// wayAbove returns the management groups above a scope.
func (a *Authorizer) wayAbove(s Scope) *way {
	top := s.Subscription()
	if top.IsZero() && strings.HasPrefix(s.id, managementPrefix) {
		top = s.cut(4)
	}
	if top.IsZero() || len(a.groups) == 0 {
		return &noWay
	}
	switch w := a.ways[top.id]; {
	case w != nil:
		return w
	case vague(top): // any of those that the input tells of, too
		return a.anywhere
	}
	return a.unknown
}

var noWay way //nolint:gochecknoglobals // a constant

// covers reports whether what is assigned at a scope counts at another.
func (a *Authorizer) covers(s, t Scope) match {
	switch {
	case s.Covers(t):
		return yes
	case s.Kind() == ManagementGroup:
		top := t.Subscription()
		if top.IsZero() && strings.HasPrefix(t.id, managementPrefix) {
			top = t.cut(4)
		}
		if top.IsZero() {
			return no
		}
		return a.hierarchy.covers(s, top)
	case (vague(s) || vague(t)) && mayCover(s, t):
		return maybe
	}
	return no
}
