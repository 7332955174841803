package netsim

import (
	"fmt"

	"go4.org/netipx"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/pkg/model"
)

// grantedItem is one peer of one rule with the rule's ports: what redundancy is
// about. Peer -1 stands for a rule without peers.
type grantedItem struct {
	p    *policy
	r    *rule
	peer int
}

// redundancy finds rules of which every peer is let in on every port by another
// rule for the same pods, now and whatever pods may come.
func (l *linter) redundancy() {
	for _, ns := range l.sortedNamespaces() {
		for d := range Direction(numDirections) {
			l.dir = d
			var items []grantedItem
			for _, p := range ns.policies {
				for i := range p.rules[d] {
					items = append(items, itemsOf(p, &p.rules[d][i])...)
				}
			}
			for _, p := range ns.policies {
				for i := range p.rules[d] {
					l.redundant(p, &p.rules[d][i], items)
				}
			}
		}
	}
}

func itemsOf(p *policy, r *rule) []grantedItem {
	if r.everyone {
		return []grantedItem{{p, r, -1}}
	}
	var items []grantedItem
	for i := range r.peers {
		items = append(items, grantedItem{p, r, i})
	}
	return items
}

func (l *linter) redundant(p *policy, r *rule, items []grantedItem) {
	var by *grantedItem
	for at, own := range items {
		if own.r != r {
			continue
		}
		covered := false
		for i, other := range items {
			if other.r != r && l.covers(other, own) && (i < at || !l.covers(own, other)) {
				by, covered = &items[i], true
				break
			}
		}
		if !covered {
			return
		}
	}
	if by == nil {
		return
	}
	l.p = p
	ref := by.p.ruleRef(l.dir, by.r, by.peer, -1)
	l.find("redundant-rule", fmt.Sprintf("spec.%s[%d]", l.dir, r.index), "", "the rule adds nothing: %s allows all of it", ref)
}

// covers reports whether a lets through everything that b does, for all pods
// for which b does.
func (l *linter) covers(a, b grantedItem) bool {
	if !b.p.selector.SubsetOf(a.p.selector) {
		return false
	}
	for i := range b.r.ports {
		if !coversPort(a.r, &b.r.ports[i]) {
			return false
		}
	}
	switch {
	case a.peer < 0:
		return true
	case b.peer < 0:
		return false
	}
	x, y := &a.r.peers[a.peer], &b.r.peers[b.peer]
	switch {
	case x.set == y.set:
		return true
	case x.block != nil && y.block != nil:
		return coversBlock(x.block, y.block)
	case x.selector != nil && y.selector != nil:
		return y.selector.pods.SubsetOf(x.selector.pods) && coversNamespaces(x.selector, y.selector)
	}
	return false
}

func coversPort(r *rule, m *portMatch) bool {
	var numbers Ports
	for i := range r.ports {
		if m.name != "" && r.ports[i].name == m.name && r.ports[i].protocol == m.protocol {
			return true
		}
		numbers = numbers.Union(r.ports[i].numbers)
	}
	want := m.numbers
	if m.name != "" {
		want = PortsOf(m.protocol, 1, 65535) // whatever the name means
	}
	return want.Minus(numbers).IsEmpty()
}

func coversBlock(a, b *block) bool {
	var rest netipx.IPSetBuilder
	rest.AddSet(b.set())
	rest.RemoveSet(a.set())
	return len(mustSet(&rest).Ranges()) == 0
}

func coversNamespaces(a, b *podPeer) bool {
	switch {
	case a.own != nil && b.own != nil:
		return a.own == b.own
	case b.own != nil:
		return matchNamespace(a.namespaces, b.own) == covers
	case a.own != nil:
		return b.namespaces.SubsetOf(labelspace.Everything().Where(model.NameLabel, labelspace.In(a.own.Name)))
	}
	return b.namespaces.SubsetOf(a.namespaces)
}
