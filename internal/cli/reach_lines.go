package cli

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
)

// textEdges prints a line an edge. Replicas that policies don't tell apart share
// their lines, but for those that were asked about by name.
type textEdges struct {
	s     *session
	n     *snapshot
	q     question
	asked []string                  // the ends that the question names
	hosts map[netsim.Endpoint]bool  // pods on the host network
	units map[netsim.Endpoint]*unit // by what the edges name
	firm  map[netsim.Endpoint]*unit // by the unit's endpoint
	count int
}

func newTextEdges(s *session, n *snapshot, q question) *textEdges {
	w := &textEdges{
		s: s, n: n, q: q,
		hosts: map[netsim.Endpoint]bool{}, units: map[netsim.Endpoint]*unit{}, firm: map[netsim.Endpoint]*unit{},
	}
	for _, e := range q.ends {
		w.asked = append(w.asked, strings.TrimPrefix(e.String(), "pod/"))
	}
	for p := range n.cluster.Pods() {
		if p.Spec.HostNetwork {
			for _, e := range namesOf(p) {
				w.hosts[e] = true
			}
		}
	}
	return w
}

// namesOf returns the endpoints by which an edge may name the pod.
func namesOf(p *model.Pod) []netsim.Endpoint {
	names := []netsim.Endpoint{netsim.Named(p.Namespace, p.Name)}
	if p.Template {
		names = append(names, netsim.Workload(p.Workload().Kind, p.Namespace, p.Name))
	}
	return names
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
	of := netsim.Unit{Endpoint: e, Pods: 1}
	if !slices.Contains(w.asked, e.String()) {
		of = w.n.UnitOf(e)
	}
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

func (u *unit) text(end netsim.Endpoint, e *netsim.Edge) string {
	if u.Pods == 1 {
		return e.Label(end)
	}
	return fmt.Sprintf("%s (%d pods)", u.Endpoint, u.Pods)
}

// line returns the edge's line; false if another edge's line tells of it.
func (w *textEdges) line(e *netsim.Edge) (string, bool) {
	from, to := e.Label(e.From), e.Label(e.To)
	if !w.hangsOnNodes(e) {
		source, target := w.unit(e.From), w.unit(e.To)
		within := source == target && e.To == source.second
		if e.From != source.first || e.To != target.first && !within {
			return "", false
		}
		from, to = source.text(e.From, e), target.text(e.To, e)
	}
	return from + " -> " + to + w.q.through() + ": " + reachText(e.Reach, e.Secondary), true
}

// hangsOnNodes reports whether replicas differ by the nodes that they run on: to
// a node or a pod on its network.
func (w *textEdges) hangsOnNodes(e *netsim.Edge) bool {
	isAddress := func(end netsim.Endpoint) bool {
		_, err := netip.ParseAddr(end.String())
		return err == nil
	}
	toNode := len(e.Addresses) == 0 && (isAddress(e.From) || isAddress(e.To))
	return toNode || w.hosts[e.From] || w.hosts[e.To]
}

func (w *textEdges) edge(e netsim.Edge) error {
	_, err := w.print(&e)
	return err
}

// print reports whether the edge has a line of its own.
func (w *textEdges) print(e *netsim.Edge) (bool, error) {
	line, ok := w.line(e)
	if !ok {
		return false, nil
	}
	w.count++
	_, err := fmt.Fprintln(w.s.out, line)
	return true, err
}

func (w *textEdges) end() error {
	if w.count == 0 {
		fmt.Fprintln(w.s.out, "nothing")
	}
	w.s.assumptions(w.n)
	return nil
}

// explainedEdges prints below each line the grounds for it.
type explainedEdges struct {
	*textEdges
	flow    netsim.Flow // without a port
	grounds map[protocolPort][]netsim.Grounds
}

type protocolPort struct {
	protocol netsim.Protocol
	port     uint16
}

func (w *explainedEdges) edge(e netsim.Edge) error {
	if ok, err := w.print(&e); !ok || err != nil {
		return err
	}
	for _, at := range w.portsOf(&e) {
		all, err := w.groundsAt(at)
		if err != nil {
			return err
		}
		for i := range all {
			if g := &all[i]; concerns(g, &e) {
				fmt.Fprintf(w.s.out, "    %s: %s\n", g.Flow(), g.Decision)
				fmt.Fprintln(w.s.out, "        "+strings.ReplaceAll(g.String(), "\n", "\n        "))
			}
		}
	}
	return nil
}

// groundsAt returns the grounds for the flow at a port, for all its ends.
func (w *explainedEdges) groundsAt(at protocolPort) ([]netsim.Grounds, error) {
	if all, ok := w.grounds[at]; ok {
		return all, nil
	}
	f := w.flow
	f.Protocol, f.Port = at.protocol, at.port
	v, err := w.n.Check(f)
	if err != nil {
		return nil, err
	}
	w.grounds[at] = slices.Collect(v.Grounds())
	return w.grounds[at], nil
}

// concerns reports whether the grounds are about the ends of the edge.
func concerns(g *netsim.Grounds, e *netsim.Edge) bool {
	if len(e.Addresses) == 0 {
		return g.From == e.From && g.To == e.To
	}
	return (g.From == e.From || g.To == e.To) && slices.ContainsFunc(g.Addresses, e.Addresses[0].Overlaps)
}

// portsOf picks the ports at which an edge is explained: one of each run that is
// open or undecided or, if there is none, one that the destination serves.
func (w *explainedEdges) portsOf(e *netsim.Edge) []protocolPort {
	served := append(w.n.served(w.q.service, e.To), protocolPort{netsim.TCP, 443})
	var picked []protocolPort
	for _, ports := range []netsim.Ports{e.Ports, e.Undecided} {
		if ports.IsAll() {
			picked = append(picked, served[0])
			continue
		}
		for p := range netsim.Protocols() {
			for run := range ports.Ranges(p) {
				at := protocolPort{p, run.First}
				if i := slices.IndexFunc(served, func(s protocolPort) bool { return s.protocol == p && run.First <= s.port && s.port <= run.Last }); i >= 0 {
					at = served[i]
				}
				picked = append(picked, at)
			}
		}
	}
	if len(picked) == 0 {
		return served[:1]
	}
	return picked
}

// served returns the ports of the Service or, if there is none, those that the
// pod's containers declare.
func (n *snapshot) served(service *model.Object[corev1.Service], pod netsim.Endpoint) (ports []protocolPort) {
	add := func(protocol corev1.Protocol, port int32) {
		if p, err := netsim.ParseProtocol(string(protocol)); err == nil {
			ports = append(ports, protocolPort{p, uint16(port)})
		}
	}
	if service != nil {
		for _, p := range service.API.Spec.Ports {
			add(p.Protocol, p.Port)
		}
		return ports
	}
	for p := range n.cluster.Pods() {
		if slices.Contains(namesOf(p), pod) {
			for _, c := range p.Spec.Containers {
				for _, port := range c.Ports {
					add(port.Protocol, port.ContainerPort)
				}
			}
		}
	}
	return ports
}
