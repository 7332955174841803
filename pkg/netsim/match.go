package netsim

import (
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/pkg/model"
)

// This file finds which kinds the policies select and the peers match.

// index lists the kinds by namespace and by each label value.
func (c *classifier) index() {
	c.byNamespace = make([][]int, len(c.namespaces))
	c.byLabel = map[labelValue][]int{}
	var traits []labelValue
	for i, k := range c.kinds {
		ns := k.pod().ns.id
		c.byNamespace[ns] = append(c.byNamespace[ns], i)
		traits = c.traits(k.pod().model.Labels, traits[:0])
		for _, t := range traits {
			c.byLabel[t] = append(c.byLabel[t], i)
		}
	}
}

// matching returns the kinds of the namespaces, which are distinct, that the
// box matches, ascending.
func (c *classifier) matching(namespaces []int, pods labelspace.Box) []int {
	if pods.IsEmpty() {
		return nil
	}
	all := 0
	for _, ns := range namespaces {
		all += len(c.byNamespace[ns])
	}
	var found []int
	if candidates, ok := c.candidates(pods); ok && len(candidates) < all {
		in := make(map[int]bool, len(namespaces))
		for _, ns := range namespaces {
			in[ns] = true
		}
		for _, k := range candidates {
			if p := c.kinds[k].pod(); in[p.ns.id] && pods.Matches(p.model.Labels) {
				found = append(found, k)
			}
		}
	} else {
		for _, ns := range namespaces {
			for _, k := range c.byNamespace[ns] {
				if pods.Matches(c.kinds[k].pod().model.Labels) {
					found = append(found, k)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// candidates returns the kinds that have one of the values that the box wants
// of some key: of the key for which they are fewest. It returns false if the
// box wants no key's value to be among listed ones.
func (c *classifier) candidates(pods labelspace.Box) (kinds []int, ok bool) {
	for key, values := range pods.Dims() {
		listed, excluded := values.Listed()
		if excluded || values.HasAbsent() {
			continue
		}
		k := c.keys[key]
		var with []int
		for _, v := range listed {
			with = append(with, c.byLabel[labelValue{k.id, k.values[v]}]...)
		}
		if !ok || len(with) < len(kinds) {
			kinds, ok = with, true
		}
	}
	return kinds, ok
}

func (c *classifier) matchTargets() {
	for _, p := range c.policies {
		for _, k := range c.matching([]int{p.ns.id}, p.selector) {
			c.kinds[k].targets = append(c.kinds[k].targets, p.id)
		}
	}
	for i, q := range c.opaques {
		var within []int
		for _, ns := range c.sortedNamespaces() {
			if q.concerns(ns) {
				within = append(within, ns.id)
			}
		}
		concerned := c.matching(within, q.pods)
		if q.onNodes {
			concerned = c.withHostPods(concerned)
		}
		for _, k := range concerned {
			c.kinds[k].opaques = append(c.kinds[k].opaques, i)
		}
	}
}

// withHostPods adds to a list of kinds those on the host network. In the worlds
// where these are pods, what concerns nodes has a hold on them; that leaves open
// what it could change, so the other worlds need not know of it.
func (c *classifier) withHostPods(kinds []int) []int {
	for i, k := range c.kinds {
		if k.pod().state == onHost {
			kinds = append(kinds, i)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// sortedNamespaces returns the namespaces by name, which is by id.
func (n *Network) sortedNamespaces() []*namespace {
	all := make([]*namespace, len(n.namespaces))
	for _, ns := range n.namespaces {
		all[ns.id] = ns
	}
	return all
}

func (c *classifier) matchPeers() {
	type namespaces struct{ yes, maybe []int }
	bySelector := map[string]namespaces{}
	index := c.indexNamespaces()
	for i := range c.peers {
		s := c.peers[i].selector
		if s == nil {
			continue
		}
		var match namespaces
		if s.own != nil {
			match.yes = []int{s.own.id}
		} else if known, ok := bySelector[s.namespaces.Key()]; ok {
			match = known
		} else {
			for _, ns := range index.candidates(s.namespaces) {
				switch matchNamespace(s.namespaces, ns) {
				case covers:
					match.yes = append(match.yes, ns.id)
				case overlaps:
					match.maybe = append(match.maybe, ns.id)
				case disjoint:
				}
			}
			bySelector[s.namespaces.Key()] = match
		}
		for _, k := range c.matching(match.yes, s.pods) {
			c.kinds[k].in = append(c.kinds[k].in, int32(i))
		}
		for _, k := range c.matching(match.maybe, s.pods) {
			c.kinds[k].maybeIn = append(c.kinds[k].maybeIn, int32(i))
		}
	}
	c.matchBlocks()
}

// namespaceIndex lists the namespaces by label value.
type namespaceIndex struct {
	all     []*namespace // by id
	byLabel map[[2]string][]*namespace
	vague   []*namespace // whose labels are not known, but for the name
}

func (n *Network) indexNamespaces() *namespaceIndex {
	x := &namespaceIndex{all: n.sortedNamespaces(), byLabel: map[[2]string][]*namespace{}}
	for _, ns := range x.all {
		for k, v := range ns.Labels {
			x.byLabel[[2]string{k, v}] = append(x.byLabel[[2]string{k, v}], ns)
		}
		if !ns.Known {
			x.vague = append(x.vague, ns)
		}
	}
	return x
}

// candidates returns namespaces by id, among them all that the box may match.
func (x *namespaceIndex) candidates(b labelspace.Box) []*namespace {
	for key, values := range b.Dims() {
		listed, excluded := values.Listed()
		if excluded || values.HasAbsent() {
			continue
		}
		var with []*namespace
		for _, v := range listed {
			with = append(with, x.byLabel[[2]string{key, v}]...)
		}
		if key != model.NameLabel {
			with = append(with, x.vague...)
		}
		slices.SortFunc(with, func(a, b *namespace) int { return a.id - b.id })
		return slices.Compact(with)
	}
	return x.all
}

// matchBlocks finds the blocks that hold the pods' addresses: under the
// specification an ipBlock matches pods, too (NP29).
func (c *classifier) matchBlocks() {
	type key struct {
		f    family
		atom int32
	}
	blocksOf := map[key]setList{}
	for _, k := range c.kinds {
		for f, a := range k.pod().addr {
			if !a.IsValid() {
				continue
			}
			at := key{family(f), k.atoms[f]}
			blocks, ok := blocksOf[at]
			if !ok {
				blocks = c.blocksWith(a)
				blocksOf[at] = blocks
			}
			k.in = append(k.in, blocks...)
		}
		slices.Sort(k.in)
	}
	for i, s := range c.peers {
		if s.block == nil {
			continue
		}
		for host := range c.unknown {
			f := s.block.family()
			u := &c.unknown[host][f]
			c.peers[i].possible[host] = s.block.relationTo(c.possible(host == 1, f))
			switch c.peers[i].possible[host] {
			case covers:
				u.yes = append(u.yes, int32(i))
			case overlaps:
				u.maybe = append(u.maybe, int32(i))
			case disjoint:
			}
		}
	}
}

// blocksWith returns the peer sets whose block holds the address.
func (c *classifier) blocksWith(a netip.Addr) (sets setList) {
	for p := range c.borders.Supernets(netip.PrefixFrom(a, a.BitLen())) {
		for _, i := range c.blocks[p] {
			if c.peers[i].block.contains(a) {
				sets = append(sets, i)
			}
		}
	}
	return sets
}

// possible returns the addresses that a pod of unknown address might have:
// those of the pod CIDR or, on a host, any that a node can have.
func (n *Network) possible(onHost bool, f family) *netipx.IPSet {
	if onHost {
		return anyPodAddress(f)
	}
	return n.podRange[f]
}
