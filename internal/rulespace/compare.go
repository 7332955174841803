package rulespace

import "slices"

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
	in := func(has func(*listing) bool) bool {
		return slices.ContainsFunc(scopes, func(scope string) bool { return has(a.in(scope)) })
	}
	var left []*role
	for _, r := range b.roles[scope] {
		if !slices.ContainsFunc(scopes, func(in string) bool { return slices.Contains(a.roles[in], r) }) {
			left = append(left, r)
		}
	}
	targets := s.list(left)
	for _, r := range targets.rules {
		if !r.forResources() || in(func(l *listing) bool { return l.has[r] }) {
			continue
		}
		near := a.near(r, scopes...)
		if slices.ContainsFunc(near, func(o *rule) bool { return o.includes(r) }) {
			continue
		}
		if found, ok := s.escapeNear(r, near, a, scope); ok {
			return found, true
		}
	}
	if scope != "" || len(targets.paths) == 0 {
		return Request{}, false
	}
	f := s.field(nil, targets.paths, a.in("").paths)
	c := cover{paths: f.boxes(a.in("").paths, f.pathBox)}
	for _, r := range targets.paths {
		if found, ok := f.escapePath(r, c); ok {
			return found, true
		}
	}
	return Request{}, false
}

// escapeNear looks for a resource request of the rule that none of the rules
// near it allows.
func (s *Space) escapeNear(r *rule, near []*rule, a *access, scope string) (Request, bool) {
	lists := [][]*rule{{r}, near}
	var names, apart []string
	in := map[string][]*rule{}
	if s.universe.Closed {
		names = append(names, scope)
		if scope == "" && s.forNamespaces(r) {
			apart = a.scopes
		}
		for _, namespace := range apart {
			in[namespace] = a.near(r, "", namespace)
			lists = append(lists, in[namespace])
		}
	}
	f := s.field(names, lists...)
	return f.escapeResource(r, scope, cover{
		resources: f.boxes(near, f.resourceBox),
		taken:     a.scopes,
		apart:     apart,
		in:        func(namespace string) []box { return f.boxes(in[namespace], f.resourceBox) },
	})
}

// cover is what is allowed in a scope.
type cover struct {
	resources, paths []box
	taken            []string                     // namespaces with grants of their own
	apart            []string                     // those of them whose namespace object they may be for; in a closed universe
	in               func(namespace string) []box // resources of a namespace; in a closed universe
}

// escapePath looks for a URL request of the rule that the cover does not allow.
func (f *field) escapePath(r *rule, c cover) (Request, bool) {
	if b := f.pathBox(r); b != nil {
		return f.witness(b, c.paths, f.pathRequest)
	}
	return Request{}, false
}

// escapeResource does the same for the resource requests that a rule allows in
// the scope.
func (f *field) escapeResource(r *rule, scope string, c cover) (Request, bool) {
	b := f.resourceBox(r)
	if b == nil {
		return Request{}, false
	}
	request := func(left box) Request { return f.resourceRequest(left, scope, c.taken) }
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
			if witness, ok := s.meet(x.in(scope).rules, y.in(other).rules, max(scope, other)); ok {
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
