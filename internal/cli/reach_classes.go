package cli

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/netsim"
)

type classJSON struct {
	ID   int      `json:"id"`
	Pods []string `json:"pods"`
}

type classEdgeJSON struct {
	From               int           `json:"from"`
	To                 int           `json:"to"`
	Ports              netsim.Ports  `json:"ports"`
	Undecided          *netsim.Ports `json:"undecided,omitempty"`
	PortsSecondary     *netsim.Ports `json:"portsSecondary,omitempty"`
	UndecidedSecondary *netsim.Ports `json:"undecidedSecondary,omitempty"`
}

// runClasses prints the classes of pods and the relation between them.
func (r *reach) runClasses(s *session, n *snapshot) (int, error) {
	var classes []classJSON
	for c := range n.Classes() {
		out := classJSON{ID: c.ID}
		for _, p := range c.Pods {
			out.Pods = append(out.Pods, p.String())
		}
		classes = append(classes, out)
	}
	switch r.output {
	default:
		for _, c := range classes {
			fmt.Fprintf(s.out, "class %d: %s\n", c.ID, strings.Join(c.Pods, ", "))
		}
		for e := range n.ClassEdges() {
			fmt.Fprintf(s.out, "%d -> %d: %s\n", e.From, e.To, reachText(e.Reach, e.Secondary))
		}
		s.assumptions(n)
		return exitYes, nil
	case "json":
		s.noteAssumptions(n)
		return exitYes, writeClasses(s, n, classes)
	case "jsonl":
		s.noteAssumptions(n)
		for _, c := range classes {
			if err := writeJSON(s.out, c, ""); err != nil {
				return 0, err
			}
		}
		for e := range n.ClassEdges() {
			if err := writeJSON(s.out, classEdgeOf(e), ""); err != nil {
				return 0, err
			}
		}
		return exitYes, nil
	}
}

func classEdgeOf(e netsim.ClassEdge) classEdgeJSON {
	out := classEdgeJSON{From: e.From, To: e.To, Ports: e.Ports, Undecided: unlessEmpty(e.Undecided)}
	if e.Secondary != nil {
		out.PortsSecondary = &e.Secondary.Ports
		out.UndecidedSecondary = unlessEmpty(e.Secondary.Undecided)
	}
	return out
}

// writeClasses streams one object: the classes, then the relation.
func writeClasses(s *session, n *snapshot, classes []classJSON) error {
	fmt.Fprint(s.out, "{\"version\":1,\n\"classes\":[")
	for i, c := range classes {
		fmt.Fprint(s.out, []string{"", ","}[min(i, 1)]+"\n")
		if err := writeJSON(trimNewline{w: s.out}, c, ""); err != nil {
			return err
		}
	}
	fmt.Fprint(s.out, "],\n\"relation\":[")
	i := 0
	for e := range n.ClassEdges() {
		fmt.Fprint(s.out, []string{"", ","}[min(i, 1)]+"\n")
		if err := writeJSON(trimNewline{w: s.out}, classEdgeOf(e), ""); err != nil {
			return err
		}
		i++
	}
	fmt.Fprint(s.out, "]}\n")
	return nil
}
