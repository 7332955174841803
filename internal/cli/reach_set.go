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

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// edgeWriter renders a relation, an edge at a time.
type edgeWriter interface {
	edge(netsim.Edge) error
	end() error
}

// question is what the edges answer.
type question struct {
	ends    []netsim.Endpoint             // asked about; none with --all
	service *model.Object[corev1.Service] // the destination, if it is one
}

// serviceName returns the destination's name, if it is a Service.
func (q question) serviceName() string {
	if q.service == nil {
		return ""
	}
	return q.service.Ref.QualifiedName()
}

// through says that the ports of an edge are a Service's.
func (q question) through() string {
	if q.service == nil {
		return ""
	}
	return " through " + q.service.Ref.String()
}

// serviceAt returns the Service that the end names or is an address of.
func (n *snapshot) serviceAt(end netsim.Endpoint) *model.Object[corev1.Service] {
	for o := range model.All[corev1.Service](n.cluster) {
		addresses := append(slices.Clone(o.API.Spec.ClusterIPs), o.API.Spec.ClusterIP)
		if end == netsim.Service(o.Ref.Namespace, o.Ref.Name) || slices.Contains(addresses, end.String()) {
			return o
		}
	}
	return nil
}

func (r *reach) newEdgeWriter(s *session, n *snapshot, q question) (edgeWriter, error) {
	switch r.output {
	case "json":
		s.noteAssumptions(n)
		return &jsonEdges{w: s.out, q: q}, nil
	case "jsonl":
		s.noteAssumptions(n)
		return &jsonEdges{w: s.out, q: q, lines: true}, nil
	case "csv":
		s.noteAssumptions(n)
		w := csv.NewWriter(s.out)
		return &csvEdges{w, q}, w.Write([]string{"from", "to", "service", "addresses", "family", "protocol", "first_port", "last_port", "decision"})
	case "dot":
		s.noteAssumptions(n)
		return newDotEdges(s.out, q), nil
	case "mermaid":
		s.noteAssumptions(n)
		fmt.Fprintln(s.out, "flowchart LR")
		return &mermaidEdges{w: s.out, q: q, ids: map[string]string{}}, nil
	case "md":
		fmt.Fprint(s.out, "| From | To | Ports | Undecided |\n|---|---|---|---|\n")
		return &mdEdges{s, n, q}, nil
	}
	return newTextEdges(s, n, q), nil
}

// noteAssumptions says on standard error what a format has no room for.
func (s *session) noteAssumptions(e engine) {
	s.note("assuming: %s", strings.Join(slices.Collect(e.Assumptions()), "; "))
}

// jsonEdges writes a list, or a line an edge, as they come.
type jsonEdges struct {
	w     io.Writer
	q     question
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
	return writeJSON(trimNewline{w.w, w.lines}, edgeOf(e, w.q), "")
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

// csvEdges writes a row for each run of ports. The family is named where the two
// families differ.
type csvEdges struct {
	w *csv.Writer
	q question
}

func (w *csvEdges) edge(e netsim.Edge) error {
	if e.Secondary == nil {
		return w.reach(e, "", e.Reach)
	}
	if err := w.reach(e, "primary", e.Reach); err != nil {
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
				row := []string{e.From.String(), e.To.String(), w.q.serviceName(), prefixList(e.Addresses), family, p.String(), port(run.First), port(run.Last), set.word}
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
	n *snapshot
	q question
}

func (w *mdEdges) edge(e netsim.Edge) error {
	ports := e.Ports.String()
	undecided := ""
	if !e.Undecided.IsEmpty() {
		undecided = e.Undecided.String()
	}
	_, err := fmt.Fprintf(w.s.out, "| %s | %s | %s | %s |\n", e.Label(e.From), e.Label(e.To)+w.q.through(), ports+secondaryText(e.Secondary), undecided)
	return err
}

func (w *mdEdges) end() error {
	fmt.Fprintln(w.s.out)
	w.s.assumptions(w.n)
	return nil
}

// reachText returns the ports of an edge, for people.
func reachText(r netsim.Reach, secondary *netsim.Reach) string {
	return r.String() + secondaryText(secondary)
}

func secondaryText(secondary *netsim.Reach) string {
	if secondary == nil {
		return ""
	}
	return " (in the secondary family: " + secondary.String() + ")"
}

// isClosed reports whether no port is open in either family, not even possibly.
func isClosed(e *netsim.Edge) bool {
	return e.Reach.IsEmpty() && (e.Secondary == nil || e.Secondary.IsEmpty())
}

// isOpen reports whether some port is open for certain.
func isOpen(e *netsim.Edge) bool {
	return !e.Ports.IsEmpty() || e.Secondary != nil && !e.Secondary.Ports.IsEmpty()
}

// mermaidEdges writes a flowchart. What is undecided is dashed, and between ends
// that no port connects there is no arrow.
type mermaidEdges struct {
	w   io.Writer
	q   question
	ids map[string]string
}

func (w *mermaidEdges) edge(e netsim.Edge) error {
	from, to := e.Label(e.From), e.Label(e.To)+w.q.through()
	if isClosed(&e) {
		_, err := fmt.Fprintf(w.w, "    %s\n    %s\n", w.node(from), w.node(to))
		return err
	}
	arrow := "-->"
	if !isOpen(&e) {
		arrow = "-.->"
	}
	_, err := fmt.Fprintf(w.w, "    %s %s|\"%s\"| %s\n", w.node(from), arrow, reachText(e.Reach, e.Secondary), w.node(to))
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
	q     question
	graph *multi.DirectedGraph
	nodes map[string]dotNode
	edges int64
}

func newDotEdges(w io.Writer, q question) *dotEdges {
	return &dotEdges{w: w, q: q, graph: multi.NewDirectedGraph(), nodes: map[string]dotNode{}}
}

type dotNode struct {
	id   int64
	name string
}

func (n dotNode) ID() int64     { return n.id }
func (n dotNode) DOTID() string { return strconv.Quote(n.name) }

type dotLine struct {
	multi.Line
	reach string
	open  bool
}

// Attributes label the line with its ports; one that is undecided is dashed.
func (l dotLine) Attributes() []encoding.Attribute {
	attributes := []encoding.Attribute{{Key: "label", Value: strconv.Quote(l.reach)}}
	if !l.open {
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
	from, to := w.node(e.Label(e.From)), w.node(e.Label(e.To)+w.q.through())
	if !isClosed(&e) {
		w.graph.SetLine(dotLine{multi.Line{F: from, T: to, UID: w.edges}, reachText(e.Reach, e.Secondary), isOpen(&e)})
		w.edges++
	}
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
