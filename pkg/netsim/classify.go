package netsim

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/gaissmai/bart"

	"github.com/aksim/aksim/internal/labelspace"
	"github.com/aksim/aksim/internal/wordset"
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
