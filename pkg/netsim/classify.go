package netsim

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/gaissmai/bart"
	"go4.org/netipx"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/internal/wordset"
	"github.com/aksim/aksim/pkg/model"
)

// kind is a first, finer cut than class: pods that agree in every trait that
// some selector, block or port name looks at.
type kind struct {
	pods    []*pod
	targets []int // policies that select the pods, ascending
	opaques []int
	in      setList
	maybeIn setList
	names   []portName
	atoms   [numFamilies]int32 // see atomOf
}

// pod returns one of the pods, to stand for all.
func (k *kind) pod() *pod { return k.pods[0] }

// classify cuts the pods into classes. Its cost is the number of pods plus the
// number of (selector, kind) pairs that match, not their product.
func (n *Network) classify() {
	c := newClassifier(n)
	c.cutKinds()
	c.index()
	c.matchTargets()
	c.matchPeers()
	c.mergeKinds()
}

type classifier struct {
	*Network
	keys    map[string]*labelKey // label keys that some selector mentions
	names   map[string]bool      // port names that some policy mentions
	borders bart.Table[int32]    // every CIDR and exception, numbered
	blocks  map[netip.Prefix][]int32
	kinds   []*kind

	byNamespace [][]int // kinds of each namespace
	byLabel     map[labelValue][]int
}

// labelKey is a label key with the values that selectors mention; the others
// are all the same to them.
type labelKey struct {
	id     uint32
	values map[string]uint32 // from 1; 0 is every other value
}

type labelValue struct{ key, value uint32 }

func newClassifier(n *Network) *classifier {
	c := &classifier{Network: n, keys: map[string]*labelKey{}, names: map[string]bool{}, blocks: map[netip.Prefix][]int32{}}
	for _, p := range n.policies {
		c.mention(p.selector)
		for _, rules := range p.rules {
			for _, r := range rules {
				for _, m := range r.ports {
					if m.name != "" {
						c.names[m.name] = true
					}
				}
			}
		}
	}
	for i, s := range n.peers {
		if s.block == nil {
			c.mention(s.selector.pods)
			continue
		}
		c.blocks[s.block.cidr] = append(c.blocks[s.block.cidr], int32(i))
		for _, p := range s.block.prefixes() {
			if _, known := c.borders.Get(p); !known {
				c.borders.Insert(p, int32(c.borders.Size()))
			}
		}
	}
	for _, q := range n.opaques {
		c.mention(q.pods)
	}
	return c
}

func (c *classifier) mention(b labelspace.Box) {
	for key, values := range b.Dims() {
		k := c.keys[key]
		if k == nil {
			k = &labelKey{id: uint32(len(c.keys)), values: map[string]uint32{}}
			c.keys[key] = k
		}
		listed, _ := values.Listed()
		for _, v := range listed {
			if k.values[v] == 0 {
				k.values[v] = uint32(len(k.values)) + 1
			}
		}
	}
}

// traits is the list of label values that selectors can see, by key.
func (c *classifier) traits(labels map[string]string, into []labelValue) []labelValue {
	for key, value := range labels {
		if k := c.keys[key]; k != nil {
			into = append(into, labelValue{k.id, k.values[value]})
		}
	}
	slices.SortFunc(into, func(a, b labelValue) int { return int(a.key) - int(b.key) })
	return into
}

// atomOf numbers the addresses that no block tells apart: those with the same
// longest prefix among the borders of all blocks.
func (c *classifier) atomOf(p *pod, f family) int32 {
	switch {
	case !p.has[f]:
		return -3
	case !p.addr[f].IsValid():
		return -2
	}
	if atom, ok := c.borders.Lookup(p.addr[f]); ok {
		return atom
	}
	return -1
}

func (c *classifier) cutKinds() {
	byKey := map[string]int{}
	var key []byte
	var traits []labelValue
	for i := range c.Network.pods {
		p := &c.Network.pods[i]
		if !p.live() {
			continue
		}
		key = binary.AppendUvarint(key[:0], uint64(p.ns.id))
		key = append(key, byte(p.state), byte(p.primary))
		var atoms [numFamilies]int32
		for f := range atoms {
			atoms[f] = c.atomOf(p, family(f))
			key = binary.AppendVarint(key, int64(atoms[f]))
		}
		traits = c.traits(p.model.Labels, traits[:0])
		key = binary.AppendUvarint(key, uint64(len(traits)))
		for _, t := range traits {
			key = binary.AppendUvarint(key, uint64(t.key))
			key = binary.AppendUvarint(key, uint64(t.value))
		}
		names := c.mentioned(p.names)
		for _, pn := range names {
			key = appendPortName(key, pn)
		}
		k, ok := byKey[string(key)]
		if !ok {
			k = len(c.kinds)
			byKey[string(key)] = k
			c.kinds = append(c.kinds, &kind{names: slices.Clone(names), atoms: atoms})
		}
		c.kinds[k].pods = append(c.kinds[k].pods, p)
	}
}

func appendPortName(key []byte, pn portName) []byte {
	key = append(append(key, pn.name...), 0, byte(pn.protocol), byte(pn.number>>8), byte(pn.number), 0)
	if pn.initOnly {
		key[len(key)-1] = 1
	}
	return key
}

// mentioned returns the named ports whose name some policy uses.
func (c *classifier) mentioned(names []portName) []portName {
	var kept []portName
	for _, pn := range names {
		if c.names[pn.name] {
			kept = append(kept, pn)
		}
	}
	return kept
}

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

// withHostPods adds to a list of kinds those on the host network.
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

// mergeKinds makes one class of all kinds that the same policies select and the
// same peers match.
func (c *classifier) mergeKinds() {
	byKey := map[string]*class{}
	sides := map[string]*side{}
	var key []byte
	for _, k := range c.kinds {
		p := k.pod()
		key = append(key[:0], byte(p.state), byte(p.primary), bit(p.has[ipv4]), bit(p.has[ipv6]), bit(p.addr[ipv4].IsValid()), bit(p.addr[ipv6].IsValid()))
		var vague *namespace
		if len(k.maybeIn) > 0 {
			vague = p.ns
			key = binary.AppendUvarint(key, uint64(vague.id)+1)
		} else {
			key = append(key, 0)
		}
		key = appendInts(appendInts(key, k.targets), k.opaques)
		key = appendInts(appendInts(key, k.in), k.maybeIn)
		for _, pn := range k.names {
			key = appendPortName(key, pn)
		}
		cl := byKey[string(key)]
		if cl == nil {
			cl = &class{id: len(c.classes), onHost: p.state == onHost, has: p.has, primary: p.primary, names: k.names, in: k.in, maybeIn: k.maybeIn, vague: vague}
			for d := range cl.sides {
				cl.sides[d] = c.sideOf(sides, Direction(d), k)
			}
			for f := range cl.unknown {
				cl.unknown[f] = p.has[f] && !p.addr[f].IsValid()
			}
			byKey[string(key)] = cl
			c.classes = append(c.classes, cl)
		}
		cl.pods = append(cl.pods, k.pods...)
		for _, p := range k.pods {
			p.class = cl
		}
	}
	for _, cl := range c.classes {
		slices.SortFunc(cl.pods, func(a, b *pod) int { return a.id - b.id })
		for _, i := range cl.in {
			c.peers[i].classes.Append(cl.id)
		}
		for _, i := range cl.maybeIn {
			c.peers[i].maybe.Append(cl.id)
		}
	}
	c.addUnknown()
}

// addUnknown adds the classes of unknown address to the peer sets of blocks.
func (c *classifier) addUnknown() {
	var unknown [2][numFamilies]wordset.Set
	for _, cl := range c.classes {
		for f, u := range cl.unknown {
			if u {
				unknown[bit(cl.onHost)][f].Append(cl.id)
			}
		}
	}
	for host := range unknown {
		for f, classes := range unknown[host] {
			if len(classes) == 0 {
				continue
			}
			for _, i := range c.unknown[host][f].yes {
				c.peers[i].classes = c.peers[i].classes.Union(classes)
			}
			for _, i := range c.unknown[host][f].maybe {
				c.peers[i].maybe = c.peers[i].maybe.Union(classes)
			}
		}
	}
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendInts[T int | int32](key []byte, list []T) []byte {
	key = binary.AppendUvarint(key, uint64(len(list)))
	for _, i := range list {
		key = binary.AppendUvarint(key, uint64(i))
	}
	return key
}

// sideOf returns what the policies make of the pods in one direction. Kinds
// under the same policies share it, unless they resolve port names differently.
func (c *classifier) sideOf(known map[string]*side, dir Direction, k *kind) *side {
	s := &side{dir: dir}
	named := false
	key := []byte{byte(dir)}
	for _, t := range k.targets {
		if p := c.policies[t]; p.isolates[dir] {
			s.policies = append(s.policies, p)
			key = binary.AppendUvarint(key, uint64(t)+1)
			for i := range p.rules[dir] {
				named = named || p.rules[dir][i].named
			}
		}
	}
	key = append(key, 0)
	for _, t := range k.opaques {
		if q := c.opaques[t]; q.directions[dir] {
			s.opaques = append(s.opaques, q)
			key = binary.AppendUvarint(key, uint64(t)+1)
		}
	}
	if dir == Ingress && named {
		for _, pn := range k.names {
			key = appendPortName(key, pn)
		}
	}
	if shared, ok := known[string(key)]; ok {
		return shared
	}
	c.grant(s, k.names)
	known[string(key)] = s
	return s
}

// grant fills in what the side's policies let through. Names of ingress rules
// mean the container ports of the pods themselves; those of egress rules have
// to wait for a destination (NP21).
func (n *Network) grant(s *side, own []portName) {
	if s.dir == Ingress {
		s.names = own
	}
	for _, p := range s.policies {
		for i := range p.rules[s.dir] {
			r := &p.rules[s.dir][i]
			g := grant{set: everyone, rule: r, ports: r.numbers, most: r.numbers, named: s.dir == Egress && r.named}
			if s.dir == Ingress && r.named {
				g.ports, g.most = n.ports.id(r.portsAt(s.names, false)), n.ports.id(r.portsAt(s.names, true))
			}
			if r.everyone {
				s.grants = append(s.grants, g)
			}
			for _, peer := range r.peers {
				if peer.set == noPeer {
					continue
				}
				g.set, g.block = peer.set, peer.block
				if g.block != nil {
					g.f = g.block.family()
				}
				s.grants = append(s.grants, g)
			}
		}
	}
	if len(s.grants) >= manyGrants {
		s.bySet = map[int32][]*grant{}
		for i := range s.grants {
			s.bySet[s.grants[i].set] = append(s.bySet[s.grants[i].set], &s.grants[i])
		}
	}
	for _, q := range s.opaques {
		if q.denies == deniesAny || q.denies == deniesOpen && !s.isolated() {
			s.maybeDenied = s.maybeDenied.Union(q.denied)
		}
		s.mayAllow = s.mayAllow || q.allows
		s.mayDenyOnNode = s.mayDenyOnNode || q.onNodes
	}
}
