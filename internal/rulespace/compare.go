package rulespace

import "slices"

// access is an Access with its rules numbered.
type access struct {
	scopes []string // in order of first appearance
	roles  map[string][]*role
}

func (s *Space) access(a Access) *access {
	out := &access{roles: make(map[string][]*role, min(len(a), 8))}
	type key struct {
		scope string
		role  *role
	}
	seen := make(map[key]bool, len(a))
	for _, g := range a {
		r := s.role(g.Rules)
		if k := (key{g.Namespace, r}); !seen[k] {
			seen[k] = true
			if out.roles[g.Namespace] == nil {
				out.scopes = append(out.scopes, g.Namespace)
			}
			out.roles[g.Namespace] = append(out.roles[g.Namespace], r)
		}
	}
	return out
}

// rules returns the rules of the scopes, each rule once.
func (a *access) rules(scopes ...string) []*rule {
	var out []*rule
	seen := map[*rule]bool{}
	for _, scope := range scopes {
		for _, role := range a.roles[scope] {
			for _, r := range role.rules {
				if !seen[r] {
					seen[r] = true
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// Covers reports whether a allows every request that b allows. If it does not,
// the witness is one that only b allows.
func (s *Space) Covers(a, b Access) (witness Request, ok bool) {
	by, of := s.access(a), s.access(b)
	for _, scope := range of.scopes {
		if witness, escapes := s.escape(by, of, scope); escapes {
			return witness, false
		}
	}
	return Request{}, true
}

// escape looks for a request that what is granted in one scope of b allows, and
// a does not.
//
// Whatever a cluster-wide rule allows beyond a, it allows beyond a where a has
// no grants but cluster-wide ones, too. So these alone are looked at.
func (s *Space) escape(a, b *access, scope string) (Request, bool) {
	scopes := []string{""}
	if scope != "" {
		scopes = append(scopes, scope)
	}
	var left []*role
	for _, r := range b.roles[scope] {
		if !slices.ContainsFunc(scopes, func(in string) bool { return slices.Contains(a.roles[in], r) }) {
			left = append(left, r)
		}
	}
	if len(left) == 0 {
		return Request{}, false
	}
	by := a.rules(scopes...)
	have := make(map[*rule]bool, len(by))
	for _, r := range by {
		have[r] = true
	}
	targets := (&access{roles: map[string][]*role{"": left}}).rules("")
	targets = slices.DeleteFunc(targets, func(r *rule) bool { return have[r] })
	if len(targets) == 0 {
		return Request{}, false
	}

	var names []string
	lists := [][]*rule{targets, by}
	if s.universe.Closed {
		names = append(names, scope)
		lists = append(lists, a.rules(a.scopes...))
	}
	f := s.field(names, lists...)
	c := cover{apart: a.scopes, resources: f.boxes(by, f.resourceBox)}
	c.in = func(namespace string) []box { return f.boxes(a.rules("", namespace), f.resourceBox) }
	if scope == "" {
		c.paths = f.boxes(by, f.pathBox)
	}
	for _, r := range targets {
		if found, ok := f.escapeRule(r, scope, c); ok {
			return found, true
		}
	}
	return Request{}, false
}

// cover is what is allowed in a scope.
type cover struct {
	resources, paths []box
	apart            []string                     // namespaces with grants of their own
	in               func(namespace string) []box // resources of a namespace; for a closed universe
}

// escapeRule looks for a request that the rule allows in the scope, and the
// cover does not.
func (f *field) escapeRule(r *rule, scope string, c cover) (Request, bool) {
	if b := f.resourceBox(r); b != nil {
		if found, ok := f.escapeResource(b, scope, c); ok {
			return found, true
		}
	}
	if b := f.pathBox(r); b != nil && scope == "" {
		return f.witness(b, c.paths, f.pathRequest)
	}
	return Request{}, false
}

func (f *field) escapeResource(b box, scope string, c cover) (Request, bool) {
	request := func(left box) Request { return f.resourceRequest(left, scope, c.apart) }
	if !f.universe.Closed {
		return f.witness(b, c.resources, request)
	}
	for _, w := range f.worlds(scope, c.apart) {
		part := b.and(w.box)
		if part.empty() {
			continue
		}
		by := c.resources
		if w.namespace != "" {
			by = c.in(w.namespace)
		}
		if found, ok := f.witness(part, by, request); ok {
			return found, true
		}
	}
	return Request{}, false
}

func (f *field) boxes(rules []*rule, of func(*rule) box) []box {
	var out []box
	for _, r := range rules {
		if b := of(r); b != nil {
			out = append(out, b)
		}
	}
	return out
}

// Relation says how two sets of requests compare.
type Relation int

// The relations. The zero Relation is none of them.
const (
	Equal        Relation = iota + 1 // the same requests
	Narrower                         // a proper part of the other
	Wider                            // all of the other and more
	Incomparable                     // each has something the other has not
)

func (r Relation) String() string {
	switch r {
	case Equal:
		return "equal"
	case Narrower:
		return "narrower"
	case Wider:
		return "wider"
	case Incomparable:
		return "incomparable"
	}
	return "unknown"
}

// Comparison is how a compares with b.
type Comparison struct {
	Relation     Relation
	OnlyA, OnlyB Request // set as the relation says: Wider and Incomparable, Narrower and Incomparable
}

// Compare says how a compares with b: Narrower if b allows more.
func (s *Space) Compare(a, b Access) Comparison {
	var c Comparison
	var narrower, wider bool
	c.OnlyB, wider = s.Covers(a, b)
	c.OnlyA, narrower = s.Covers(b, a)
	switch {
	case narrower && wider:
		c.Relation = Equal
	case narrower:
		c.Relation = Narrower
	case wider:
		c.Relation = Wider
	default:
		c.Relation = Incomparable
	}
	return c
}

// Intersects reports whether some request is in both sets, and returns one.
func (s *Space) Intersects(a, b Access) (witness Request, ok bool) {
	x, y := s.access(a), s.access(b)
	for _, scope := range x.scopes {
		for _, other := range y.scopes {
			if scope != "" && other != "" && scope != other {
				continue
			}
			if witness, ok := s.meet(x.rules(scope), y.rules(other), max(scope, other)); ok {
				return witness, true
			}
		}
	}
	return Request{}, false
}

// meet looks for a request of the scope that a rule of each list allows.
func (s *Space) meet(a, b []*rule, scope string) (Request, bool) {
	var names []string
	if s.universe.Closed {
		names = append(names, scope)
	}
	f := s.field(names, a, b)
	worlds := []world{{}}
	if s.universe.Closed {
		worlds = f.worlds(scope, nil)
	}
	for _, x := range f.boxes(a, f.resourceBox) {
		for _, y := range f.boxes(b, f.resourceBox) {
			for _, w := range worlds {
				if both := x.and(y); x.meets(y) && w.box == nil {
					return f.resourceRequest(both, scope, nil), true
				} else if x.meets(y) && both.meets(w.box) {
					return f.resourceRequest(both.and(w.box), scope, nil), true
				}
			}
		}
	}
	if scope != "" {
		return Request{}, false
	}
	for _, x := range f.boxes(a, f.pathBox) {
		for _, y := range f.boxes(b, f.pathBox) {
			if x.meets(y) {
				return f.pathRequest(x.and(y)), true
			}
		}
	}
	return Request{}, false
}

// Empty reports whether the set holds no request; if it does, the witness is
// one.
func (s *Space) Empty(a Access) (witness Request, ok bool) {
	witness, found := s.Intersects(a, Everything())
	return witness, !found
}
