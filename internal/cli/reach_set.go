package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/graph/encoding"
	"gonum.org/v1/gonum/graph/encoding/dot"
	"gonum.org/v1/gonum/graph/multi"

	"github.com/aksim/aksim/pkg/netsim"
)

// edgeWriter renders a relation, an edge at a time.
type edgeWriter interface {
	edge(netsim.Edge) error
	end() error
}

func (r *reach) newEdgeWriter(s *session, n *netsim.Network) (edgeWriter, error) {
	switch r.output {
	case "json":
		s.noteAssumptions(n)
		return &jsonEdges{w: s.out}, nil
	case "jsonl":
		s.noteAssumptions(n)
		return &jsonEdges{w: s.out, lines: true}, nil
	case "csv":
		s.noteAssumptions(n)
		w := csv.NewWriter(s.out)
		return &csvEdges{w}, w.Write([]string{"from", "to", "addresses", "family", "protocol", "first_port", "last_port", "decision"})
	case "dot":
		s.noteAssumptions(n)
		return newDotEdges(s.out), nil
	case "mermaid":
		s.noteAssumptions(n)
		fmt.Fprintln(s.out, "flowchart LR")
		return &mermaidEdges{w: s.out, ids: map[string]string{}}, nil
	case "md":
		fmt.Fprint(s.out, "| From | To | Ports | Undecided |\n|---|---|---|---|\n")
		return &mdEdges{s, n}, nil
	}
	return &textEdges{s: s, n: n, units: map[netsim.Endpoint]*unit{}}, nil
}

// noteAssumptions says on standard error what a format has no room for.
func (s *session) noteAssumptions(n *netsim.Network) {
	s.note("assuming: %s", strings.Join(slices.Collect(n.Assumptions()), "; "))
}

// textEdges prints a line an edge; replicas that policies don't tell apart share
// their lines.
type textEdges struct {
	s     *session
	n     *netsim.Network
	units map[netsim.Endpoint]*unit // by what the edges name
	firm  map[netsim.Endpoint]*unit // by the unit's endpoint
	count int
}

// unit is a workload, or a pod, with the pods of it that have lines.
type unit struct {
	netsim.Unit
	first, second netsim.Endpoint
}

func (w *textEdges) unit(e netsim.Endpoint) *unit {
	if u, ok := w.units[e]; ok {
		return u
	}
	if w.firm == nil {
		w.firm = map[netsim.Endpoint]*unit{}
	}
	of := w.n.UnitOf(e)
	u := w.firm[of.Endpoint]
	switch {
	case u == nil:
		u = &unit{Unit: of, first: e}
		w.firm[of.Endpoint] = u
	case u.second == netsim.Endpoint{}:
		u.second = e
	}
	w.units[e] = u
	return u
}

func (u *unit) String() string {
	if u.Pods == 1 {
		return u.Endpoint.String()
	}
	return fmt.Sprintf("%s (%d pods)", u.Endpoint, u.Pods)
}

func (w *textEdges) edge(e netsim.Edge) error {
	from, to := w.unit(e.From), w.unit(e.To)
	within := from == to && e.To == from.second
	if e.From != from.first || e.To != to.first && !within {
		return nil
	}
	w.count++
	text := e.String()
	if _, rest, ok := strings.Cut(text, e.From.String()+" -> "+e.To.String()); ok {
		text = from.String() + " -> " + to.String() + rest
	}
	_, err := fmt.Fprintln(w.s.out, text)
	return err
}

func (w *textEdges) end() error {
	if w.count == 0 {
		fmt.Fprintln(w.s.out, "nothing")
	}
	w.s.assumptions(w.n)
	return nil
}

// jsonEdges writes a list, or a line an edge, as they come.
type jsonEdges struct {
	w     io.Writer
	lines bool
	count int
}

func (w *jsonEdges) edge(e netsim.Edge) error {
	if !w.lines {
		before := ",\n"
		if w.count == 0 {
			before = "[\n"
		}
		if _, err := io.WriteString(w.w, before); err != nil {
			return err
		}
	}
	w.count++
	return writeJSON(trimNewline{w.w, w.lines}, edgeOf(e), "")
}

// trimNewline drops the newline that ends an encoded value, unless it is wanted.
type trimNewline struct {
	w    io.Writer
	keep bool
}

func (t trimNewline) Write(b []byte) (int, error) {
	n := len(b)
	if !t.keep && n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	_, err := t.w.Write(b)
	return n, err
}

func (w *jsonEdges) end() error {
	if w.lines {
		return nil
	}
	end := "\n]\n"
	if w.count == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(w.w, end)
	return err
}

// csvEdges writes a row for each run of ports.
type csvEdges struct{ w *csv.Writer }

func (w *csvEdges) edge(e netsim.Edge) error {
	if err := w.reach(e, "primary", e.Reach); err != nil || e.Secondary == nil {
		return err
	}
	return w.reach(e, "secondary", *e.Secondary)
}

func (w *csvEdges) reach(e netsim.Edge, family string, r netsim.Reach) error {
	for _, set := range []struct {
		word  string
		ports netsim.Ports
	}{{"allow", r.Ports}, {"undecided", r.Undecided}} {
		for p := range netsim.Protocols() {
			for run := range set.ports.Ranges(p) {
				row := []string{e.From.String(), e.To.String(), prefixList(e.Addresses), family, p.String(), port(run.First), port(run.Last), set.word}
				if err := w.w.Write(row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (w *csvEdges) end() error {
	w.w.Flush()
	return w.w.Error()
}

func port(p uint16) string { return strconv.Itoa(int(p)) }

func prefixList(ps []netip.Prefix) string {
	var list []string
	for _, p := range ps {
		list = append(list, p.String())
	}
	return strings.Join(list, " ")
}

// mdEdges writes a table for people.
type mdEdges struct {
	s *session
	n *netsim.Network
}

func (w *mdEdges) edge(e netsim.Edge) error {
	ports := e.Ports.String()
	undecided := ""
	if !e.Undecided.IsEmpty() {
		undecided = e.Undecided.String()
	}
	if e.Secondary != nil {
		ports += " (in the secondary family: " + e.Secondary.String() + ")"
	}
	_, err := fmt.Fprintf(w.s.out, "| %s | %s | %s | %s |\n", label(e.From, e), label(e.To, e), ports, undecided)
	return err
}

func (w *mdEdges) end() error {
	fmt.Fprintln(w.s.out)
	w.s.assumptions(w.n)
	return nil
}

// label names an end, with its addresses if it stands for several blocks.
func label(end netsim.Endpoint, e netsim.Edge) string {
	if end == netsim.Internet() && len(e.Addresses) > 1 {
		return end.String() + " (" + netsim.AddressText(e.Addresses, 4) + ")"
	}
	return end.String()
}

// mermaidEdges writes a flowchart.
type mermaidEdges struct {
	w   io.Writer
	ids map[string]string
}

func (w *mermaidEdges) edge(e netsim.Edge) error {
	arrow := "-->"
	if e.Ports.IsEmpty() {
		arrow = "-.->"
	}
	_, err := fmt.Fprintf(w.w, "    %s %s|\"%s\"| %s\n", w.node(label(e.From, e)), arrow, e.Reach, w.node(label(e.To, e)))
	return err
}

// node returns the node's id, with its label at the first mention.
func (w *mermaidEdges) node(text string) string {
	if id, ok := w.ids[text]; ok {
		return id
	}
	id := "n" + strconv.Itoa(len(w.ids))
	w.ids[text] = id
	return fmt.Sprintf("%s[\"%s\"]", id, text)
}

func (w *mermaidEdges) end() error { return nil }

// dotEdges collects a graph for gonum's encoder.
type dotEdges struct {
	w     io.Writer
	graph *multi.DirectedGraph
	nodes map[string]dotNode
	edges int64
}

func newDotEdges(w io.Writer) *dotEdges {
	return &dotEdges{w: w, graph: multi.NewDirectedGraph(), nodes: map[string]dotNode{}}
}

type dotNode struct {
	id   int64
	name string
}

func (n dotNode) ID() int64     { return n.id }
func (n dotNode) DOTID() string { return strconv.Quote(n.name) }

type dotLine struct {
	multi.Line
	reach netsim.Reach
}

// Attributes label the line with its ports; one that is undecided is dashed.
func (l dotLine) Attributes() []encoding.Attribute {
	attributes := []encoding.Attribute{{Key: "label", Value: strconv.Quote(l.reach.String())}}
	if l.reach.Ports.IsEmpty() {
		attributes = append(attributes, encoding.Attribute{Key: "style", Value: "dashed"})
	}
	return attributes
}

func (w *dotEdges) node(name string) dotNode {
	n, ok := w.nodes[name]
	if !ok {
		n = dotNode{int64(len(w.nodes)), name}
		w.nodes[name] = n
		w.graph.AddNode(n)
	}
	return n
}

func (w *dotEdges) edge(e netsim.Edge) error {
	from, to := w.node(label(e.From, e)), w.node(label(e.To, e))
	w.graph.SetLine(dotLine{multi.Line{F: from, T: to, UID: w.edges}, e.Reach})
	w.edges++
	return nil
}

func (w *dotEdges) end() error {
	text, err := dot.MarshalMulti(w.graph, "reach", "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.w, "%s\n", text)
	return err
}
