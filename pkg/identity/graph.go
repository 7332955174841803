package identity

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/multi"

	"github.com/aksim/aksim/pkg/model"
)

// Graph is who is who in a snapshot, and how they hang together: a directed
// multigraph of [Node] and [Edge] for gonum's algorithms and for your own. It is
// immutable and safe for concurrent use.
type Graph struct {
	estate *estate
	nodes  []*Node
	edges  []*Edge // ordered by source, target, kind, via, detail and place
	first  []int   // of a node: where its edges begin in edges; one more at the end
	into   [][]*Edge

	byKey map[nodeKey]*Node
	pods  map[*model.Pod]*Node
}

var (
	_ graph.Directed           = (*Graph)(nil)
	_ graph.DirectedMultigraph = (*Graph)(nil)
)

// All yields the nodes by kind, namespace and name.
func (g *Graph) All() iter.Seq[*Node] { return slices.Values(g.nodes) }

// Out yields the edges that start at a node, ordered by their ends and kinds.
func (g *Graph) Out(n *Node) iter.Seq[*Edge] {
	return slices.Values(g.edges[g.first[n.id]:g.first[n.id+1]])
}

// In yields the edges that end at a node, ordered by where they start and by kind.
func (g *Graph) In(n *Node) iter.Seq[*Edge] { return slices.Values(g.into[n.id]) }

// Directory returns what the snapshot says of principals of Microsoft Entra ID.
func (g *Graph) Directory() *Directory { return g.estate.directory }

// Node returns the [*Node] of that ID, and nil where there is none.
func (g *Graph) Node(id int64) graph.Node {
	if n := g.at(id); n != nil {
		return n
	}
	return nil
}

func (g *Graph) at(id int64) *Node {
	if id < 0 || id >= int64(len(g.nodes)) {
		return nil
	}
	return g.nodes[id]
}

// Nodes returns all nodes in the order of [Graph.All].
func (g *Graph) Nodes() graph.Nodes { return nodesOf(g.nodes) }

// Edges returns every pair of nodes that has an edge as a [multi.Edge] of its lines,
// which are [*Edge], in the order of the nodes.
func (g *Graph) Edges() graph.Edges {
	var all []graph.Edge
	for _, n := range g.nodes {
		for lines := range g.bundles(n) {
			all = append(all, bundle(lines))
		}
	}
	if len(all) == 0 {
		return graph.Empty
	}
	return iterator.NewOrderedEdges(all)
}

// From returns the nodes to which edges lead from that of the ID, in their order.
func (g *Graph) From(id int64) graph.Nodes {
	n := g.at(id)
	if n == nil {
		return graph.Empty
	}
	var to []*Node
	for lines := range g.bundles(n) {
		to = append(to, lines[0].to)
	}
	return nodesOf(to)
}

// To returns the nodes from which edges lead to that of the ID, in their order.
func (g *Graph) To(id int64) graph.Nodes {
	if g.at(id) == nil {
		return graph.Empty
	}
	var from []*Node
	for _, e := range g.into[id] {
		from = append(from, e.from)
	}
	return nodesOf(slices.Compact(from))
}

// HasEdgeFromTo reports whether an edge leads from one node to the other.
func (g *Graph) HasEdgeFromTo(uid, vid int64) bool { return len(g.between(uid, vid)) > 0 }

// HasEdgeBetween reports whether an edge leads from one node to the other, or back.
func (g *Graph) HasEdgeBetween(xid, yid int64) bool {
	return g.HasEdgeFromTo(xid, yid) || g.HasEdgeFromTo(yid, xid)
}

// Edge returns the edges from one node to another as a [multi.Edge], and nil where
// there is none.
func (g *Graph) Edge(uid, vid int64) graph.Edge {
	lines := g.between(uid, vid)
	if len(lines) == 0 {
		return nil
	}
	return bundle(lines)
}

// Lines returns the [*Edge] from one node to another, in the order of [Graph.Out].
func (g *Graph) Lines(uid, vid int64) graph.Lines {
	lines := g.between(uid, vid)
	if len(lines) == 0 {
		return graph.Empty
	}
	return bundle(lines).Lines
}

func (g *Graph) between(uid, vid int64) []*Edge {
	if g.at(uid) == nil {
		return nil
	}
	out := g.edges[g.first[uid]:g.first[uid+1]]
	i, _ := slices.BinarySearchFunc(out, vid, func(e *Edge, v int64) int { return cmp.Compare(e.to.id, v) })
	j := i
	for j < len(out) && out[j].to.id == vid {
		j++
	}
	return out[i:j]
}

// bundles yields the edges that start at a node, those of one target together.
func (g *Graph) bundles(n *Node) iter.Seq[[]*Edge] {
	return func(yield func([]*Edge) bool) {
		out := g.edges[g.first[n.id]:g.first[n.id+1]]
		for len(out) > 0 {
			lines := g.between(n.id, out[0].to.id)
			if !yield(lines) {
				return
			}
			out = out[len(lines):]
		}
	}
}

func bundle(edges []*Edge) multi.Edge {
	lines := make([]graph.Line, len(edges))
	for i, e := range edges {
		lines[i] = e
	}
	return multi.Edge{F: edges[0].from, T: edges[0].to, Lines: iterator.NewOrderedLines(lines)}
}

func nodesOf(nodes []*Node) graph.Nodes {
	if len(nodes) == 0 {
		return graph.Empty
	}
	all := make([]graph.Node, len(nodes))
	for i, n := range nodes {
		all[i] = n
	}
	return iterator.NewOrderedNodes(all)
}

// NewGraph compiles a snapshot.
func NewGraph(c *model.Cluster) *Graph {
	b := &graphBuilder{estate: newEstate(c), nodes: map[nodeKey]*Node{}, pods: map[*model.Pod]*Node{}}
	b.addKubernetes()
	b.addAzure()
	for p := range c.Pods() {
		b.addPod(p)
	}
	return b.graph()
}

// graphBuilder collects nodes and edges.
type graphBuilder struct {
	*estate
	nodes map[nodeKey]*Node
	pods  map[*model.Pod]*Node
	edges []*Edge
}

// node returns the node that is like the given one, which is added if there is none.
// A place is kept once one is known.
func (b *graphBuilder) node(n Node) *Node {
	k := n.key()
	known, ok := b.nodes[k]
	if !ok {
		b.nodes[k] = &n
		return &n
	}
	if known.place.IsZero() {
		known.place = n.place
	}
	return known
}

func (b *graphBuilder) edge(from *Node, kind EdgeKind, to *Node, e Edge) {
	e.from, e.kind, e.to = from, kind, to
	b.edges = append(b.edges, &e)
}

// graph puts everything into its order.
func (b *graphBuilder) graph() *Graph {
	g := &Graph{estate: b.estate, byKey: b.nodes, pods: b.pods, edges: b.edges}
	g.nodes = slices.SortedFunc(maps.Values(b.nodes), (*Node).compare)
	for i, n := range g.nodes {
		n.id = int64(i)
	}
	slices.SortFunc(g.edges, compareEdges)
	g.edges = slices.CompactFunc(g.edges, func(a, b *Edge) bool { return compareEdges(a, b) == 0 })
	g.first = make([]int, len(g.nodes)+1)
	g.into = make([][]*Edge, len(g.nodes))
	for i, e := range g.edges {
		e.id = int64(i)
		g.first[e.from.id+1]++
		g.into[e.to.id] = append(g.into[e.to.id], e)
	}
	for i := range g.nodes {
		g.first[i+1] += g.first[i]
	}
	return g
}

// compareEdges is the order of edges. Those that it can't tell apart are the same.
func compareEdges(a, b *Edge) int {
	switch { // most differ in their ends, and cmp.Or compares everything first
	case a.from.id != b.from.id:
		return cmp.Compare(a.from.id, b.from.id)
	case a.to.id != b.to.id:
		return cmp.Compare(a.to.id, b.to.id)
	case a.kind != b.kind:
		return cmp.Compare(a.kind, b.kind)
	}
	return cmp.Or(
		a.Via.Compare(b.Via),
		strings.Compare(a.Detail, b.Detail),
		a.Place.Compare(b.Place),
		strings.Compare(a.Open, b.Open),
	)
}
