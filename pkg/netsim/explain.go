package netsim

import (
	"fmt"
	"slices"
	"strings"
)

// Explain returns the verdict and all its grounds as text of several lines,
// without a final newline: the first line is the flow and the decision, and
// indented lines give the reasons.
func (v Verdict) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", v.flow, v.Decision)
	all := make([]Grounds, 0, 1)
	for g := range v.Grounds() {
		all = append(all, g)
	}
	for i := range all {
		b.WriteString("\n")
		if len(all) > 1 || all[i].From != v.flow.From || all[i].To != v.flow.To {
			fmt.Fprintf(&b, "    %s: %s\n", all[i].Flow(), all[i].Decision)
			b.WriteString(indent(all[i].String(), "        "))
			continue
		}
		b.WriteString(indent(all[i].String(), "    "))
	}
	return b.String()
}

// Flow returns the pair of ends and the port that the grounds are about, for
// people: app/api -> data/db:5432/TCP.
func (g *Grounds) Flow() string {
	target := g.Target()
	if label := g.Label(g.To); label != g.To.String() {
		target = fmt.Sprintf("%s port %d/%s", label, g.Port, g.Protocol)
	}
	s := g.Label(g.From) + " -> " + target
	switch {
	case !g.Service.IsZero():
		s += " through " + g.Service.String()
	case g.From == g.To && len(g.Sides) > 0:
		s += " between two such pods"
	}
	return s
}

// Label names one of the ends for people, as [Edge.Label] does.
func (g *Grounds) Label(end Endpoint) string { return end.label(g.outside) }

// Target returns the destination with the port, as [Flow.Target] does.
func (g *Grounds) Target() string {
	return Flow{To: g.To, Port: g.Port, Protocol: g.Protocol}.Target()
}

// String returns the grounds as lines of text, without a final newline.
func (g *Grounds) String() string {
	lines := slices.Clone(g.Reasons)
	for i := range g.Sides {
		lines = append(lines, g.Sides[i].String())
	}
	return strings.Join(lines, "\n")
}

// String returns the side as lines of text, without a final newline.
func (s *Side) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-7s %s: %s", s.Direction, s.Pod, s.Decision)
	reasons := s.Reasons
	if len(s.Isolating) == 0 && len(reasons) == 1 {
		b.WriteString(", " + reasons[0])
		reasons = nil
	}
	if len(s.Isolating) > 0 && s.Decision != Allowed {
		var list []string
		for _, p := range s.Isolating {
			list = append(list, p.String())
		}
		b.WriteString("\n    isolated by " + strings.Join(list, "\n            and "))
	}
	for _, r := range reasons {
		b.WriteString("\n    " + r)
	}
	by := "by "
	if s.Decision == Undecided {
		by = "perhaps by "
	}
	for _, r := range s.Allowing {
		b.WriteString("\n    " + by + r.String())
	}
	for _, m := range s.Misses {
		b.WriteString("\n    not by " + m.RuleRef.String())
		for _, but := range m.But {
			b.WriteString("\n        " + but)
		}
	}
	if s.MoreMisses > 0 {
		fmt.Fprintf(&b, "\n    nor by %s as near", count(s.MoreMisses, "more rule"))
	}
	return b.String()
}

// Summary returns the side on one line: its decision and the first ground of it.
func (s *Side) Summary() string {
	text := fmt.Sprintf("%-7s %s: %s", s.Direction, s.Pod, s.Decision)
	switch {
	case s.Decision == Undecided && len(s.Reasons) > 0:
		return text + ", " + s.Reasons[0]
	case len(s.Allowing) > 0:
		return text + " by " + s.Allowing[0].String() + andMore(len(s.Allowing))
	case s.Decision == Allowed && len(s.Reasons) > 0:
		return text + ", " + s.Reasons[0]
	case len(s.Isolating) > 0:
		return text + ", isolated by " + s.Isolating[0].String() + andMore(len(s.Isolating))
	case len(s.Reasons) > 0:
		return text + ", " + s.Reasons[0]
	}
	return text
}

func andMore(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n-1)
}

// String returns, for example, NetworkPolicy shop/db (deploy/shop.yaml:20).
func (p PolicyRef) String() string { return p.Policy.String() + p.at() }

// String returns, for example, NetworkPolicy shop/db, ingress[0].from[1]  (deploy/shop.yaml:31).
func (r RuleRef) String() string { return r.Policy.String() + ", " + r.Path + r.at() }

func (p PolicyRef) at() string {
	if p.Place.IsZero() {
		return ""
	}
	return "  (" + p.Place.Short() + ")"
}

func indent(s, by string) string { return by + strings.ReplaceAll(s, "\n", "\n"+by) }
