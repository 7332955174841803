package identity

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// Route is how somebody becomes somebody else.
type Route struct {
	To    *Node
	Steps []*Edge // in order
}

// Open yields what has to hold for the route to be one, in the order of its steps;
// nothing if it is certain.
func (r Route) Open() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, e := range r.Steps {
			if e.Open != "" && !yield(e.Open) {
				return
			}
		}
	}
}

// String returns the route as lines: whom it leads to, and its steps, indented.
func (r Route) String() string {
	var b strings.Builder
	b.WriteString(r.To.String())
	for _, e := range r.Steps {
		b.WriteString("\n    " + e.String())
	}
	return b.String()
}

// ActsAs yields the principals that the node can act as by what it is: by the groups
// it is in, and by the tokens it has (AZ105). Rights by which it could get more tokens,
// such as creating pods, are not looked at. Each comes with one route: the shortest of
// those that are certain, else the shortest, and of these that with the fewest open
// steps. They are ordered by the number of steps, then as nodes are; the node itself is
// not among them.
//
// A pod becomes a managed identity by tokens that it has. A ServiceAccount does by all
// credentials for it, since whoever makes its tokens chooses the audience.
func (g *Graph) ActsAs(from *Node) iter.Seq[Route] {
	return func(yield func(Route) bool) {
		certain := g.walk(from, func(e *Edge) bool { return e.Open == "" })
		possible := g.walk(from, func(*Edge) bool { return true })
		var routes []Route
		for id, w := range possible {
			if n := g.nodes[id]; w.reached && n != from && !n.principal.IsZero() {
				ways := possible
				if certain[id].reached {
					ways = certain
				}
				routes = append(routes, route(ways, n))
			}
		}
		slices.SortStableFunc(routes, func(a, b Route) int { return cmp.Compare(len(a.Steps), len(b.Steps)) })
		for _, r := range routes {
			if !yield(r) {
				return
			}
		}
	}
}

// way is how a walk came to a node.
type way struct {
	reached bool
	open    int   // so many steps of it are open
	by      *Edge // nil where the walk starts
}

// walk goes breadth first along the edges by which one becomes somebody, as far as the
// filter lets it. Of ways of one length that with the fewest open steps stays, and the
// first in the order of edges.
func (g *Graph) walk(from *Node, follow func(*Edge) bool) []way {
	ways := make([]way, len(g.nodes))
	ways[from.id].reached = true
	depth := make([]int, len(g.nodes))
	for layer := []*Node{from}; len(layer) > 0; {
		var next []*Node
		for _, n := range layer {
			for e := range g.Out(n) {
				if !becomes(from, e) || !follow(e) {
					continue
				}
				w := way{true, ways[n.id].open, e}
				if e.Open != "" {
					w.open++
				}
				switch known := &ways[e.to.id]; {
				case !known.reached:
					*known, depth[e.to.id] = w, depth[n.id]+1
					next = append(next, e.to)
				case depth[e.to.id] == depth[n.id]+1 && w.open < known.open:
					*known = w
				}
			}
		}
		slices.SortFunc(next, func(a, b *Node) int { return cmp.Compare(a.id, b.id) })
		layer = next
	}
	return ways
}

// becomes reports whether the edge is a step by which somebody who started there
// becomes somebody else.
func becomes(start *Node, e *Edge) bool {
	switch e.kind {
	case MemberOf, Exchanges, CredentialOf, ReachesMetadata, Attached, LegacyIdentity, BindingOf:
		return true
	case HoldsToken:
		return e.Detail == "" // others don't let it speak to the API server
	case Federated:
		return e.from == start
	case UsesBinding:
		return e.from == start
	default:
		return false
	}
}

func route(ways []way, to *Node) Route {
	r := Route{To: to}
	for n := to; ways[n.id].by != nil; n = ways[n.id].by.from {
		r.Steps = append(r.Steps, ways[n.id].by)
	}
	slices.Reverse(r.Steps)
	return r
}

// Principal returns the node of a principal: a ServiceAccount or Kubernetes user or
// group by name, or whom [Directory.Find] finds. The error is that of Find, or says
// that no ServiceAccount is called so, with the nearest names.
func (g *Graph) Principal(p Principal) (*Node, error) {
	if p.Kind() == ServiceAccount {
		ref := model.Ref{Kind: "ServiceAccount", Namespace: p.Namespace(), Name: p.Name()}
		if n, ok := g.byKey[nodeKey{kind: ServiceAccountNode, ref: ref, principal: p}]; ok {
			return n, nil
		}
		var names []string
		for n := range g.All() {
			if n.kind == ServiceAccountNode {
				names = append(names, n.principal.String())
			}
		}
		return nil, fmt.Errorf("no ServiceAccount %s in the input%s", ref.QualifiedName(), suggest.Clause(p.String(), names))
	}
	for _, kind := range []NodeKind{UserNode, GroupNode} {
		if n, ok := g.byKey[nodeKey{kind: kind, principal: p}]; ok {
			return n, nil
		}
	}
	e, err := g.estate.directory.Find(p)
	if err != nil {
		for _, n := range g.nodes { // an identity to come has no object id yet
			if p.Kind() == ManagedIdentity && n.kind == ManagedIdentityNode && n.entity.ObjectID == "" && strings.EqualFold(n.principal.Name(), p.Name()) {
				return n, nil
			}
		}
		return nil, err
	}
	if n, ok := g.byKey[nodeKey{objectID: e.ObjectID}]; ok {
		return n, nil
	}
	return nil, &NotFoundError{Principal: p}
}
