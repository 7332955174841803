package netsim

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// Lint yields what NetworkPolicies of the snapshot do other than they look like,
// ordered by place: rules that are never asked, isolation that is none, selectors
// and port names that meet nothing, rules that add nothing to others, DNS
// forgotten. A cluster without pods is asked only about what policies say by
// themselves.
func (n *Network) Lint() iter.Seq[model.Finding] {
	l := linter{Network: n}
	for _, p := range n.policies {
		l.p = p
		l.directions()
		for d := range p.rules {
			l.dir = Direction(d)
			for i := range p.rules[d] {
				l.rule(&p.rules[d][i])
			}
		}
		l.selection()
	}
	l.redundancy()
	l.dns()
	slices.SortStableFunc(l.found, model.Finding.Compare)
	return slices.Values(l.found)
}

type linter struct {
	*Network
	p     *policy
	dir   Direction
	found []model.Finding
}

// find notes something at a field of the policy.
func (l *linter) find(rule, path, hint, format string, args ...any) {
	o := l.p.object
	l.found = append(l.found, model.Finding{
		Rule: rule, Object: o.Ref, Place: o.Origin.At(path), Path: path, Text: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// directions finds rules of a direction in which the policy does not isolate
// (NP3), and empty lists that look as if they did (NP2).
func (l *linter) directions() {
	spec := &l.p.object.API.Spec
	for _, d := range []struct {
		dir     Direction
		t       networkingv1.PolicyType
		rules   int
		written bool
	}{
		{Ingress, networkingv1.PolicyTypeIngress, len(spec.Ingress), spec.Ingress != nil},
		{Egress, networkingv1.PolicyTypeEgress, len(spec.Egress), spec.Egress != nil},
	} {
		path := "spec." + d.dir.String()
		hint := fmt.Sprintf("add %s to policyTypes", d.t)
		switch {
		case l.p.isolates[d.dir] || !d.written:
		case d.rules > 0:
			l.find("inert-rules", path, hint, "%s rules without %s in policyTypes do nothing", d.dir, d.t)
		default:
			l.find("isolates-nothing", path, hint, "an empty %s list without %s in policyTypes isolates nothing", d.dir, d.t)
		}
	}
}

func (l *linter) rule(r *rule) {
	path := fmt.Sprintf("spec.%s[%d]", l.dir, r.index)
	for i := range r.peers {
		l.peer(fmt.Sprintf("%s.%s[%d]", path, l.dir.peerField(), i), &r.peers[i])
		if i > 0 {
			l.andOr(fmt.Sprintf("%s.%s[%d]", path, l.dir.peerField(), i), &r.peers[i-1], &r.peers[i])
		}
	}
	for i := range r.ports {
		if r.ports[i].name != "" {
			l.portName(fmt.Sprintf("%s.ports[%d]", path, i), r, &r.ports[i])
		}
	}
}

// peer finds peers that match nothing in the snapshot.
func (l *linter) peer(path string, p *peer) {
	if p.block != nil {
		if len(p.block.set().Ranges()) == 0 {
			l.find("matches-nothing", path, "", "the exceptions leave nothing of %s", p.block.cidr)
		}
		return
	}
	if len(l.pods) == 0 || p.selector == nil {
		return
	}
	s := &l.peers[p.set]
	if len(s.classes) > 0 || len(s.maybe) > 0 {
		return
	}
	switch sel := p.selector; {
	case sel.own != nil:
		l.find("matches-nothing", path, "", "no pod of namespace %s has %s", sel.own.Name, sel.pods)
	case !l.anyNamespace(sel):
		l.find("matches-nothing", path, "", "no namespace has %s", sel.namespaces)
	default:
		l.find("matches-nothing", path, "", "no pod there has %s", sel.pods)
	}
}

func (l *linter) anyNamespace(s *podPeer) bool {
	for _, ns := range l.namespaces {
		if s.mayMatch(ns) {
			return true
		}
	}
	return false
}

// andOr finds a namespaceSelector and a podSelector as two items of a list,
// which is an OR, where one item, an AND, is likely to be meant (NP12): unless
// the podSelector has its own sense, in the policy's namespace.
func (l *linter) andOr(path string, a, b *peer) {
	byNamespace, byPod := a.selector, b.selector
	if byNamespace != nil && byNamespace.own != nil {
		byNamespace, byPod = byPod, byNamespace
	}
	if byNamespace == nil || byPod == nil || byNamespace.own != nil || byPod.own == nil ||
		!byNamespace.pods.IsEverything() || byNamespace.namespaces.IsEverything() || byPod.pods.IsEverything() {
		return
	}
	for _, p := range l.p.ns.pods {
		if byPod.pods.Matches(p.model.Labels) {
			return
		}
	}
	l.find("and-or", path, "for pods that match both, write podSelector and namespaceSelector in one item",
		"two items match either: every pod of namespaces with %s, and pods of namespace %s with %s", byNamespace.namespaces, l.p.ns.Name, byPod.pods)
}

// portName finds names that no pod serves where they are looked for, or that
// mean different numbers there (NP21, NP23).
func (l *linter) portName(path string, r *rule, m *portMatch) {
	var all Ports
	destinations := 0
	for c := range l.destinations(r) {
		all = all.Union(m.at(c.names, false))
		destinations++
	}
	switch numbers := slices.Collect(all.Ranges(m.protocol)); {
	case destinations == 0:
	case len(numbers) == 0:
		l.find("port-name-unserved", path, "", "no pod here has a %s port named %q, so the name matches nothing", m.protocol, m.name)
	case len(numbers) > 1 || numbers[0].First != numbers[0].Last:
		l.find("port-name-ambiguous", path, "", "port name %q means %s, depending on the pod", m.name, all)
	}
}

// destinations yields the classes at which the rule's ports are looked for: of
// the pods selected or, for egress, of the peers. A class can come twice.
func (l *linter) destinations(r *rule) iter.Seq[*class] {
	return func(yield func(*class) bool) {
		if l.dir == Ingress {
			for _, p := range l.p.ns.pods {
				if l.p.selector.Matches(p.model.Labels) && !yield(p.class) {
					return
				}
			}
			return
		}
		if r.everyone {
			for _, c := range l.classes {
				if !yield(c) {
					return
				}
			}
		}
		for _, p := range r.peers {
			if p.set == noPeer {
				continue
			}
			for id := range l.peers[p.set].classes.Union(l.peers[p.set].maybe).Members() {
				if !yield(l.classes[id]) {
					return
				}
			}
		}
	}
}

// selection finds policies that select nothing.
func (l *linter) selection() {
	if len(l.pods) == 0 {
		return
	}
	for _, p := range l.p.ns.pods {
		if l.p.selector.Matches(p.model.Labels) {
			return
		}
	}
	if ns := l.p.ns; !ns.Known && len(ns.pods) == 0 {
		var known []string
		for name, other := range l.namespaces {
			if other.Known || len(other.pods) > 0 {
				known = append(known, name)
			}
		}
		l.find("selects-nothing", "metadata.namespace", "", "namespace %s is not in the input, nor any pod of it%s", ns.Name, suggest.Clause(ns.Name, known))
		return
	}
	if l.p.selector.IsEverything() {
		return // a default for pods to come
	}
	l.find("selects-nothing", "spec.podSelector", "", "no pod of namespace %s has %s", l.p.ns.Name, l.p.selector)
}

// dns finds pods whose egress is isolated but open to some pod, and not for DNS:
// they can reach what they can't find.
func (l *linter) dns() {
	var order []*policy
	cut := map[*policy][]*pod{} // by the first policy that isolates them
	for _, c := range l.classes {
		s := c.sides[Egress]
		if !s.isolated() || c.onHost || len(s.opaques) > 0 {
			continue
		}
		open, toPods := Ports{}, false
		for _, g := range s.grants {
			open = open.Union(g.rule.portsAt(nil, false))
			toPods = toPods || g.block == nil
		}
		if !toPods || open.Contains(UDP, 53) {
			continue
		}
		p := s.grants[0].rule.policy
		if cut[p] == nil {
			order = append(order, p)
		}
		cut[p] = append(cut[p], c.pods...)
	}
	for _, l.p = range order {
		l.find("no-dns", "spec.egress", "allow UDP and TCP 53 to the cluster's DNS", "egress of %s is isolated, and nothing lets DNS out", l.names(cut[l.p]))
	}
}

// names lists the first of the pods and counts the others.
func (l *linter) names(pods []*pod) string {
	slices.SortFunc(pods, func(a, b *pod) int { return a.id - b.id })
	var names []string
	for _, p := range pods[:min(len(pods), 3)] {
		names = append(names, l.endpointOf(p).String())
	}
	if more := len(pods) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
