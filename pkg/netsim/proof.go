package netsim

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// Outcome is the outcome of a proof. The zero Outcome is Open: a forgotten proof
// proves nothing.
type Outcome uint8

const (
	// Open says: neither proved nor refuted, for the reasons that the proof gives.
	Open Outcome = iota
	// Proved says that the claim holds for all that it speaks of.
	Proved
	// Refuted says that the claim is false, as the counterexample shows.
	Refuted
)

// String returns undecided, proved or refuted.
func (o Outcome) String() string {
	switch o {
	case Open:
		return "undecided"
	case Proved:
		return "proved"
	case Refuted:
		return "refuted"
	}
	return "Outcome(" + strconv.Itoa(int(o)) + ")"
}

// Proof is the answer to a claim about the pods that exist and those that may
// come: with every label set, in every namespace that the claim speaks of, and,
// where it speaks of all, in namespaces to come. The reserved name label of a
// namespace is its name and nothing else.
//
// Pods on the host network are not what a claim is about: no policy that the
// specification defines keeps them from anything. HostNetwork says where there
// may be some.
type Proof struct {
	Claim   string // the claim, for people
	Over    string // what it is quantified over, for people
	Outcome Outcome

	// Counterexample refutes the claim or, where the outcome is Open, might do so.
	Counterexample *Counterexample

	// Reasons say why the outcome is Open.
	Reasons []string

	// HostNetwork names the namespaces that the claim speaks of and that do not
	// rule out pods on the host network: none of them enforces the Pod Security
	// level baseline or restricted. NewNamespaces stands for those to come.
	HostNetwork []string

	// Remaining is what a pod without labels may still do in the direction of a
	// DefaultDeny that is proved.
	Remaining []Edge
}

// NewNamespaces stands in Proof.HostNetwork for the namespaces to come: nothing
// can be known of what they will enforce.
const NewNamespaces = "(new namespaces)"

// Counterexample is a packet that a claim forbids.
type Counterexample struct {
	// Assume are the pods of the packet that do not exist yet.
	Assume []FuturePod
	Flow   Flow
	// Secondary is true of a packet in the pods' secondary address family where
	// no address is known to ask for: without a port, reach shows it.
	Secondary bool
}

// Args returns the arguments with which aksim reach, given the same input,
// replays the packet.
func (c *Counterexample) Args() []string {
	var args []string
	for _, p := range c.Assume {
		args = append(args, "--assume-pod", p.String())
	}
	if c.Secondary {
		return append(args, c.Flow.From.String(), c.Flow.To.String())
	}
	return append(args, c.Flow.From.String(), c.Flow.Target())
}

// String returns the counterexample on one line.
func (c *Counterexample) String() string {
	parts := []string{c.Flow.String()}
	for _, p := range c.Assume {
		parts = append(parts, "with a new pod "+p.String())
	}
	if c.Secondary {
		parts = append(parts, "in the pods' secondary address family")
	}
	return strings.Join(parts, ", ")
}

// String returns the proof as text of several lines, without a final newline.
func (p Proof) String() string {
	lines := []string{p.Claim + ": " + p.Outcome.String(), "    over " + p.Over}
	if p.Counterexample != nil {
		word := "but "
		if p.Outcome == Open {
			word = "perhaps not: "
		}
		lines = append(lines, "    "+word+p.Counterexample.String(), "    replay: aksim reach … "+quoteArgs(p.Counterexample.Args()))
	}
	for _, r := range p.Reasons {
		lines = append(lines, "    "+r)
	}
	for _, e := range p.Remaining {
		lines = append(lines, "    a pod without labels still has "+e.String())
	}
	if len(p.HostNetwork) > 0 {
		lines = append(lines, "    pods on the host network escape; not ruled out in "+strings.Join(p.HostNetwork, ", "))
	}
	return strings.Join(lines, "\n")
}

// quoteArgs joins arguments as a shell reads them.
func quoteArgs(args []string) string {
	var out []string
	for _, a := range args {
		if strings.ContainsAny(a, " {}[]*?$&;<>|'\"\\") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		out = append(out, a)
	}
	return strings.Join(out, " ")
}

// String returns, for example, app/api -> data/db: TCP 5432.
func (e Edge) String() string {
	return e.Label(e.From) + " -> " + e.Label(e.To) + ": " + e.Reach.String() + e.secondaryText()
}

// Label names one of the edge's ends for people: with the node if it is an address
// of one, by its addresses if it stands for some outside the cluster but not all.
func (e Edge) Label(end Endpoint) string {
	if end.kind == oneAddress && e.Node != "" {
		return end.String() + " (node " + e.Node + ")"
	}
	return end.label(e.outside)
}

func (e Edge) secondaryText() string {
	if e.Secondary == nil {
		return ""
	}
	return " (in the secondary family: " + e.Secondary.String() + ")"
}

// String returns the ports and, apart, those that are undecided.
func (r Reach) String() string {
	switch {
	case r.Undecided.IsEmpty():
		return r.Ports.String()
	case r.Ports.IsEmpty():
		return "undecided " + r.Undecided.String()
	}
	return r.Ports.String() + "; undecided " + r.Undecided.String()
}

// refute ends a proof with a counterexample: the packet is allowed for certain,
// or may be.
func (p *Proof) refute(certain bool, flow Flow, pods ...*pod) {
	c := &Counterexample{Flow: flow}
	for _, q := range pods {
		if q != nil && q.class.imagined != nil {
			c.Assume = append(c.Assume, q.future())
		}
	}
	p.Counterexample = c
	if certain {
		p.Outcome, p.Reasons = Refuted, nil
	} else {
		p.Outcome = Open
	}
}

// future turns an imagined pod back into its description.
func (p *pod) future() FuturePod {
	f := FuturePod{Namespace: p.model.Namespace, Name: p.model.Name, Labels: p.model.Labels}
	if p.ns.id < 0 {
		f.NamespaceLabels = map[string]string{}
		for k, v := range p.ns.Labels {
			if k != model.NameLabel {
				f.NamespaceLabels[k] = v
			}
		}
	}
	for _, pn := range p.names {
		f.Ports = append(f.Ports, NamedPort{pn.name, pn.number, pn.protocol})
	}
	return f
}

// mostCells bounds how many classes of future pods a proof looks at in one
// namespace before it gives up.
const mostCells = 100_000

// errTooManyCells is a reason of proofs that gave up.
func tooManyCells(ns string) string {
	return fmt.Sprintf("the policies tell apart more than %d kinds of pods in namespace %s", mostCells, ns)
}

// knownNamespace finds a namespace of the input.
func (n *Network) knownNamespace(name string) (*namespace, error) {
	if ns := n.namespaces[name]; ns != nil {
		return ns, nil
	}
	return nil, fmt.Errorf("no namespace %s in the input%s", name, suggest.Clause(name, namespaceNames(n.cluster)))
}

// rulesOutHostNetwork reports whether the namespace enforces a Pod Security
// level that refuses pods on the host network.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
func (ns *namespace) rulesOutHostNetwork() bool {
	level := ns.Labels["pod-security.kubernetes.io/enforce"]
	return ns.Known && (level == "baseline" || level == "restricted")
}

// freeName returns a name that no pod or workload of the namespace has.
func (n *Network) freeName(ns string) string {
	name := "new"
	for i := 2; ; i++ {
		at := objectName{ns, name}
		if n.directory.pods[at] == nil && n.directory.workloads[at] == nil {
			return name
		}
		name = "new-" + strconv.Itoa(i)
	}
}

// stranger returns an address outside the cluster, one for documentation if it
// can be.
func (n *Network) stranger(f family) netip.Addr {
	a := netip.MustParseAddr([numFamilies]string{"192.0.2.1", "2001:db8::1"}[f])
	if n.directory.outside[f].Contains(a) {
		return a
	}
	return n.directory.outside[f].Ranges()[0].From()
}

// firstPort returns the port for a counterexample out of those that are open: 80
// over TCP if it is among them, else the first.
func firstPort(open Ports) (Protocol, uint16) {
	if open.Contains(TCP, 80) {
		return TCP, 80
	}
	for p := range Protocols() {
		for r := range open.Ranges(p) {
			return p, r.First
		}
	}
	return TCP, 0
}
