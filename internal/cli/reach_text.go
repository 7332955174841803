package cli

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/netsim"
)

// runFlow answers the question about one flow.
func (r *reach) runFlow(s *session, n *snapshot, f netsim.Flow, args []string) (int, error) {
	v, err := n.Check(f)
	if err != nil {
		return 0, r.advise(n, err, args...)
	}
	switch r.output {
	default:
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
	}
	return exitOf(v.Decision), err
}

// summarise prints the decision and, a line each, what either side says.
func summarise(s *session, v netsim.Verdict) {
	fmt.Fprintf(s.out, "%s: %s\n", v.Flow(), v.Decision)
	parts := slices.Collect(v.Grounds())
	if len(parts) > 1 {
		s.summariseSeveral(parts)
		return
	}
	for i := range parts {
		g := &parts[i]
		if !g.Service.IsZero() {
			fmt.Fprintf(s.out, "    through %s: %s\n", g.Service, g.Target())
		}
		s.summariseGrounds(g, "    ")
	}
}

// mostParts is how many pairs of ends a summary lists of each decision.
const mostParts = 10

// summariseSeveral prints the pairs of ends by decision: a few of each and, where
// these are not all, how many there are.
func (s *session) summariseSeveral(parts []netsim.Grounds) {
	byDecision := map[netsim.Decision][]netsim.Grounds{}
	for i := range parts {
		byDecision[parts[i].Decision] = append(byDecision[parts[i].Decision], parts[i])
	}
	for _, d := range []netsim.Decision{netsim.Allowed, netsim.Undecided, netsim.Denied} {
		found := byDecision[d]
		if len(parts) > mostParts && len(found) > 0 {
			fmt.Fprintf(s.out, "    %s for %d of %d:\n", d, len(found), len(parts))
		}
		for i := range found[:min(len(found), mostParts)] {
			fmt.Fprintf(s.out, "    %s: %s\n", found[i].Flow(), d)
			s.summariseGrounds(&found[i], "        ")
		}
		if more := len(found) - mostParts; more > 0 {
			fmt.Fprintf(s.out, "    … and %d more; --explain lists all\n", more)
		}
	}
}

func (s *session) summariseGrounds(g *netsim.Grounds, indent string) {
	for _, reason := range g.Reasons {
		fmt.Fprintln(s.out, indent+reason)
	}
	for i := range g.Sides {
		fmt.Fprintln(s.out, indent+g.Sides[i].Summary())
	}
}

// engine is what answers questions about a snapshot.
type engine interface{ Assumptions() iter.Seq[string] }

// assumptions prints what the answer takes for granted.
func (s *session) assumptions(e engine) {
	fmt.Fprintln(s.out, "assuming: "+strings.Join(slices.Collect(e.Assumptions()), "; "))
}
