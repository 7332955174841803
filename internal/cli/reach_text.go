package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/netsim"
)

// runFlow answers the question about one flow.
func (r *reach) runFlow(s *session, n *snapshot, f netsim.Flow) (int, error) {
	v, err := n.Check(f)
	if err != nil {
		return 0, err
	}
	switch r.output {
	case "text":
		if r.explain {
			fmt.Fprintln(s.out, v.Explain())
		} else {
			summarise(s, v)
		}
		s.assumptions(n)
	case "json":
		err = writeJSON(s.out, verdictOf(v, n), "  ")
	case "jsonl":
		err = writeJSON(s.out, verdictOf(v, n), "")
	default:
		return 0, fmt.Errorf("-o %s is for sets of ports: leave out the port, or say --into, --out-of or --all", r.output)
	}
	return exitOf(v.Decision), err
}

// mostParts is how many pairs of ends a summary lists.
const mostParts = 10

// summarise prints the decision and, a line each, what either side says.
func summarise(s *session, v netsim.Verdict) {
	fmt.Fprintf(s.out, "%s: %s\n", v.Flow(), v.Decision)
	var parts []netsim.Grounds
	for g := range v.Grounds() {
		parts = append(parts, g)
	}
	for i := range parts {
		g := &parts[i]
		by := "    "
		if len(parts) > 1 {
			if i == mostParts {
				fmt.Fprintf(s.out, "    … and %d more; --explain lists all\n", len(parts)-i)
				return
			}
			fmt.Fprintf(s.out, "    %s: %s\n", g.Flow(), g.Decision)
			by = "        "
		} else if !g.Service.IsZero() {
			fmt.Fprintf(s.out, "    through %s: %s\n", g.Service, g.Target())
		}
		for _, reason := range g.Reasons {
			fmt.Fprintln(s.out, by+reason)
		}
		for j := range g.Sides {
			fmt.Fprintln(s.out, by+g.Sides[j].Summary())
		}
	}
}

// assumptions prints what the answer takes for granted.
func (s *session) assumptions(n *snapshot) {
	fmt.Fprintln(s.out, "assuming: "+strings.Join(slices.Collect(n.Assumptions()), "; "))
}
