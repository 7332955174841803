package cli

import (
	"encoding/json"
	"io"
	"net/netip"
	"slices"

	"github.com/aksim/aksim/pkg/netsim"
)

// The JSON forms. Decisions are the words allow, deny and undecided; an answer
// that is mixed is undecided with mixed set.

type verdictJSON struct {
	Version     int          `json:"version"`
	From        string       `json:"from"`
	To          string       `json:"to"`
	Port        uint16       `json:"port"`
	Protocol    string       `json:"protocol"`
	Decision    string       `json:"decision"`
	Mixed       bool         `json:"mixed,omitempty"`
	Grounds     []groundJSON `json:"grounds"`
	Assumptions []string     `json:"assumptions"`
}

// groundJSON is the answer for one pair of ends.
type groundJSON struct {
	From      string         `json:"from"`
	To        string         `json:"to"`
	Addresses []netip.Prefix `json:"addresses,omitempty"`
	Service   string         `json:"service,omitempty"`
	Port      uint16         `json:"port"` // at to, behind a Service the target port
	Protocol  string         `json:"protocol"`
	Decision  string         `json:"decision"`
	Reasons   []string       `json:"reasons,omitempty"`
	Sides     []sideJSON     `json:"sides,omitempty"`
}

type sideJSON struct {
	Direction     string     `json:"direction"`
	Pod           string     `json:"pod"`
	Decision      string     `json:"decision"`
	IsolatedBy    []ruleJSON `json:"isolatedBy,omitempty"`
	AllowedBy     []ruleJSON `json:"allowedBy,omitempty"`
	NearestMisses []ruleJSON `json:"nearestMisses,omitempty"`
	MoreMisses    int        `json:"moreNearestMisses,omitempty"`
	Reasons       []string   `json:"reasons,omitempty"`
}

type ruleJSON struct {
	Policy string   `json:"policy"`
	Path   string   `json:"path,omitempty"`
	Place  string   `json:"place,omitempty"` // file:line
	But    []string `json:"but,omitempty"`   // the conditions that fail
}

type edgeJSON struct {
	From               string         `json:"from"`
	To                 string         `json:"to"`
	Service            string         `json:"service,omitempty"` // the ports are its own
	Addresses          []netip.Prefix `json:"addresses,omitempty"`
	Node               string         `json:"node,omitempty"`
	Ports              netsim.Ports   `json:"ports"`
	Undecided          *netsim.Ports  `json:"undecided,omitempty"`
	PortsSecondary     *netsim.Ports  `json:"portsSecondary,omitempty"`
	UndecidedSecondary *netsim.Ports  `json:"undecidedSecondary,omitempty"`
}

type betweenJSON struct {
	Version     int        `json:"version"`
	From        string     `json:"from"`
	To          string     `json:"to"`
	Decision    string     `json:"decision"` // whether any port is open
	Mixed       bool       `json:"mixed,omitempty"`
	Edges       []edgeJSON `json:"edges"`
	Assumptions []string   `json:"assumptions"`
}

func writeJSON(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

func decisionWord(d netsim.Decision) string {
	switch d {
	case netsim.Allowed:
		return "allow"
	case netsim.Denied:
		return "deny"
	default:
		return "undecided"
	}
}

func verdictOf(v netsim.Verdict, n *snapshot) verdictJSON {
	f := v.Flow()
	return verdictJSON{
		Version: 1, From: f.From.String(), To: f.To.String(), Port: f.Port, Protocol: f.Protocol.String(),
		Decision: decisionWord(v.Decision), Mixed: v.Decision == netsim.Mixed,
		Grounds: groundsOf(v), Assumptions: slices.Collect(n.Assumptions()),
	}
}

func groundsOf(v netsim.Verdict) []groundJSON {
	all := []groundJSON{}
	for g := range v.Grounds() {
		out := groundJSON{
			From: g.From.String(), To: g.To.String(), Addresses: unlessAll(&g), Port: g.Port, Protocol: g.Protocol.String(),
			Decision: decisionWord(g.Decision), Reasons: g.Reasons,
		}
		if !g.Service.IsZero() {
			out.Service = g.Service.QualifiedName()
		}
		for _, s := range g.Sides {
			side := sideJSON{Direction: s.Direction.String(), Pod: s.Pod.String(), Decision: decisionWord(s.Decision), MoreMisses: s.MoreMisses, Reasons: s.Reasons}
			for _, p := range s.Isolating {
				side.IsolatedBy = append(side.IsolatedBy, ruleJSON{Policy: p.Policy.QualifiedName(), Place: p.Place.Short()})
			}
			for _, r := range s.Allowing {
				side.AllowedBy = append(side.AllowedBy, ruleJSON{Policy: r.Policy.QualifiedName(), Path: r.Path, Place: r.Place.Short()})
			}
			for _, m := range s.Misses {
				side.NearestMisses = append(side.NearestMisses, ruleJSON{m.Policy.QualifiedName(), m.Path, m.Place.Short(), m.But})
			}
			out.Sides = append(out.Sides, side)
		}
		all = append(all, out)
	}
	return all
}

func edgeOf(e netsim.Edge, q question) edgeJSON {
	out := edgeJSON{
		From: e.From.String(), To: e.To.String(), Service: q.serviceName(), Addresses: several(e.Addresses), Node: e.Node,
		Ports: e.Ports, Undecided: unlessEmpty(e.Undecided),
	}
	if e.Secondary != nil {
		out.PortsSecondary = &e.Secondary.Ports
		out.UndecidedSecondary = unlessEmpty(e.Secondary.Undecided)
	}
	return out
}

// unlessAll returns the blocks that grounds are about, unless they are all there
// are outside the cluster: a set tells them, for a decision they are noise.
func unlessAll(g *netsim.Grounds) []netip.Prefix {
	if g.Label(netsim.Internet()) == netsim.Internet().String() {
		return nil
	}
	return several(g.Addresses)
}

// several returns the blocks of an end that stands for more than one; a single
// one is the end's name already.
func several(blocks []netip.Prefix) []netip.Prefix {
	if len(blocks) < 2 {
		return nil
	}
	return blocks
}

func unlessEmpty(p netsim.Ports) *netsim.Ports {
	if p.IsEmpty() {
		return nil
	}
	return &p
}

func (r *reach) writeBetween(s *session, n *snapshot, q question, d netsim.Decision, edges []netsim.Edge) error {
	out := betweenJSON{
		Version: 1, From: q.ends[0].String(), To: q.ends[1].String(), Decision: decisionWord(d), Mixed: d == netsim.Mixed,
		Edges: []edgeJSON{}, Assumptions: slices.Collect(n.Assumptions()),
	}
	for _, e := range edges {
		out.Edges = append(out.Edges, edgeOf(e, q))
	}
	return writeJSON(s.out, out, "  ")
}
