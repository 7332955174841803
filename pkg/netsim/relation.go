package netsim

import (
	"iter"
	"slices"
	"sync"

	"github.com/aksim/aksim/internal/wordset"
)

// This file computes the relation between all classes in bulk, a row at a time:
// all that a class can reach, 64 destination classes a step. One kernel does so
// for one world; a row over all worlds tells what holds in each of them (least)
// and in any (most).

// kernel holds the ingress rules of all classes turned round: by who they let
// in, so that a row visits no rule that does not concern it.
type kernel struct {
	*Network
	world
	bySet  [][]use // by peer set: the classes whose rules let its members in
	anyone []use   // the classes whose rules, or lack of policies, let everyone in
	words  int     // that all classes take
	has    [numFamilies]wordset.Set
	onHost wordset.Set
}

// use is a run of destination classes that let some peer in on the ports.
type use struct {
	wordset.Word
	ports portsID
}

// cell is a run of destination classes that a row's class reaches on the ports:
// on least in every world, on most in some.
type cell struct {
	wordset.Word
	least, most portsID
}

// lazyKernels makes the kernel of each world when first asked for.
type lazyKernels struct {
	once sync.Once
	all  []*kernel
}

func (n *Network) allKernels() []*kernel {
	n.kernels.once.Do(func() {
		for _, w := range n.worlds {
			n.kernels.all = append(n.kernels.all, n.newKernel(w))
		}
	})
	return n.kernels.all
}

func (n *Network) newKernel(w world) *kernel {
	k := &kernel{Network: n, world: w, bySet: make([][]use, len(n.peers)), words: len(n.classes)/64 + 1}
	for _, c := range n.classes {
		for f := range k.has {
			if c.has[f] {
				k.has[f].Append(c.id)
			}
		}
		if c.onHost {
			k.onHost.Append(c.id)
		}
		open, isolated := k.open(c, Ingress)
		addUse(&k.anyone, c.id, open)
		if !isolated {
			continue
		}
		s := c.sides[Ingress]
		for i := range s.grants {
			g := &s.grants[i]
			ports := k.portsOf(s, g)
			if g.set == everyone {
				addUse(&k.anyone, c.id, ports)
			} else {
				addUse(&k.bySet[g.set], c.id, ports)
			}
		}
	}
	return k
}

// open returns the ports that are open whatever the rules say, and whether the
// rules have a say at all. It is beforeRules for all ports at once.
func (k *kernel) open(c *class, dir Direction) (ports portsID, rules bool) {
	s := c.sides[dir]
	switch {
	case c.onHost && !k.hostsArePods, k.most && s.mayAllow:
		return allPorts, false
	case s.isolated():
		return noPorts, true
	case k.most:
		return allPorts, false
	}
	return k.ports.id(AllPorts().Minus(s.maybeDenied)), false
}

// portsOf returns the ports of a grant in the kernel's world, without those of
// names still to be resolved at a destination.
func (k *kernel) portsOf(s *side, g *grant) portsID {
	if k.most {
		return g.most
	}
	if s.maybeDenied.IsEmpty() {
		return g.ports
	}
	return k.ports.id(k.ports.get(g.ports).Minus(s.maybeDenied))
}

// addUse adds a class to a list of uses; classes come in ascending order.
func addUse(uses *[]use, class int, ports portsID) {
	if ports == noPorts {
		return
	}
	word := wordset.Word{Index: uint32(class / 64), Bits: 1 << (class % 64)}
	for i := len(*uses) - 1; i >= 0 && (*uses)[i].Index == word.Index; i-- {
		if (*uses)[i].ports == ports {
			(*uses)[i].Bits |= word.Bits
			return
		}
	}
	*uses = append(*uses, use{word, ports})
}

// strip is what is known of 64 classes while a row is computed: disjoint runs
// of them with their ports.
type strip []use

// add gives the classes the ports, beside those that they have.
func (s *strip) add(t *portTable, bits uint64, ports portsID) {
	for i := 0; bits != 0 && i < len(*s); i++ {
		u := &(*s)[i]
		both := u.Bits & bits
		if both == 0 {
			continue
		}
		bits &^= both
		if union := t.union(u.ports, ports); union != u.ports {
			u.Bits &^= both
			s.put(both, union)
		}
	}
	s.put(bits, ports)
}

// put adds classes that have nothing yet.
func (s *strip) put(bits uint64, ports portsID) {
	if bits == 0 {
		return
	}
	for i := range *s {
		if u := &(*s)[i]; u.ports == ports || u.Bits == 0 {
			u.Bits, u.ports = u.Bits|bits, ports
			return
		}
	}
	*s = append(*s, use{wordset.Word{Bits: bits}, ports})
}

// scratch is the working memory of row: a strip for each word, of which the
// touched ones are listed.
type scratch struct {
	in, out     []strip
	inAt, outAt []uint32
	row         []use
}

func (k *kernel) newScratch() *scratch {
	return &scratch{in: make([]strip, k.words), out: make([]strip, k.words)}
}

func (k *kernel) touch(strips []strip, touched *[]uint32, w wordset.Word, ports portsID) {
	if ports == noPorts || w.Bits == 0 {
		return
	}
	s := &strips[w.Index]
	if len(*s) == 0 {
		*touched = append(*touched, w.Index)
	}
	s.add(k.ports, w.Bits, ports)
}

// rowOf returns the classes that the class can reach over the family, and on
// which ports: runs in ascending order of words, disjoint. The result is valid
// until the scratch is used again.
func (k *kernel) rowOf(c *class, f family, sc *scratch) []use {
	sc.row = sc.row[:0]
	if !c.has[f] {
		return nil
	}
	for _, u := range k.anyone {
		k.touch(sc.in, &sc.inAt, u.Word, u.ports)
	}
	for set := range k.setsOf(c, f) {
		for _, u := range k.bySet[set] {
			k.touch(sc.in, &sc.inAt, u.Word, u.ports)
		}
	}
	open, rules := k.open(c, Egress)
	if rules {
		k.grantEgress(c, f, sc)
	}
	words := sc.outAt
	if !rules {
		words = sc.inAt
	}
	slices.Sort(words)
	for _, i := range words {
		has := bitsAt(k.has[f], i)
		if !rules {
			for _, in := range sc.in[i] {
				k.emit(sc, i, in.Bits&has, k.ports.intersect(in.ports, open))
			}
			continue
		}
		for _, out := range sc.out[i] {
			for _, in := range sc.in[i] {
				if both := in.Bits & out.Bits & has; both != 0 {
					k.emit(sc, i, both, k.ports.intersect(in.ports, out.ports))
				}
			}
		}
	}
	sc.clear()
	return sc.row
}

func (sc *scratch) clear() {
	for _, i := range sc.inAt {
		sc.in[i] = sc.in[i][:0]
	}
	for _, i := range sc.outAt {
		sc.out[i] = sc.out[i][:0]
	}
	sc.inAt, sc.outAt = sc.inAt[:0], sc.outAt[:0]
}

// emit adds a run to the row, into the one of the same word and ports if there is one.
func (k *kernel) emit(sc *scratch, word uint32, bits uint64, ports portsID) {
	if bits == 0 || ports == noPorts {
		return
	}
	for i := len(sc.row) - 1; i >= 0 && sc.row[i].Index == word; i-- {
		if sc.row[i].ports == ports {
			sc.row[i].Bits |= bits
			return
		}
	}
	sc.row = append(sc.row, use{wordset.Word{Index: word, Bits: bits}, ports})
}

// setsOf yields the peer sets that hold the class in the kernel's world, for a
// flow of the family. It is holds, asked for all sets at once.
func (k *kernel) setsOf(c *class, f family) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		lists := [4]setList{c.in}
		if k.most {
			lists[1] = c.maybeIn
		}
		if c.unknown[f] {
			u := &k.unknown[bit(c.onHost)][f]
			lists[2] = u.yes
			if k.most {
				lists[3] = u.maybe
			}
		}
		for _, list := range lists {
			for _, set := range list {
				if k.looksAt(set, c.onHost, f) && !yield(set) {
					return
				}
			}
		}
	}
}

// looksAt reports whether the peer set can hold a class at all.
func (k *kernel) looksAt(set int32, onHost bool, f family) bool {
	if b := k.peers[set].block; b != nil {
		return b.family() == f
	}
	return !onHost || k.hostsArePods
}

// grantEgress marks what the class's egress rules open.
func (k *kernel) grantEgress(c *class, f family, sc *scratch) {
	s := c.sides[Egress]
	for i := range s.grants {
		g := &s.grants[i]
		ports := k.portsOf(s, g)
		if g.set == everyone {
			for _, w := range k.has[f] {
				k.touchEgress(s, g, w, ports, sc)
			}
			continue
		}
		peers := &k.peers[g.set]
		if peers.block != nil && peers.block.family() != f {
			continue
		}
		for _, w := range peers.classes {
			k.touchEgress(s, g, k.withoutHosts(peers, w), ports, sc)
		}
		if k.most {
			for _, w := range peers.maybe {
				k.touchEgress(s, g, k.withoutHosts(peers, w), ports, sc)
			}
		}
	}
}

// withoutHosts drops the classes that the peer's selectors don't see.
func (k *kernel) withoutHosts(p *peerSet, w wordset.Word) wordset.Word {
	if p.block == nil && !k.hostsArePods {
		w.Bits &^= bitsAt(k.onHost, w.Index)
	}
	return w
}

func (k *kernel) touchEgress(s *side, g *grant, w wordset.Word, ports portsID, sc *scratch) {
	if !g.named {
		k.touch(sc.out, &sc.outAt, w, ports)
		return
	}
	for class := range w.Members() { // each destination resolves names for itself (NP21)
		at := g.rule.portsAt(k.namesOf(k.classes[class]), k.most)
		if !k.most {
			at = at.Minus(s.maybeDenied)
		}
		k.touch(sc.out, &sc.outAt, wordset.Word{Index: w.Index, Bits: 1 << (class % 64)}, k.ports.id(at))
	}
}

func bitsAt(s wordset.Set, index uint32) uint64 {
	i, ok := slices.BinarySearchFunc(s, index, func(w wordset.Word, i uint32) int { return int(w.Index) - int(i) })
	if !ok {
		return 0
	}
	return s[i].Bits
}

// rows computes rows of the relation over all worlds. It is not safe for
// concurrent use; each goroutine makes its own.
type rows struct {
	*Network
	kernels []*kernel
	scratch []*scratch
	cells   []cell
}

func (n *Network) newRows() *rows {
	r := &rows{Network: n, kernels: n.allKernels()}
	for _, k := range r.kernels {
		r.scratch = append(r.scratch, k.newScratch())
	}
	return r
}

// row returns what the class reaches over the family: disjoint cells in
// ascending order of words, valid until the next call. What depends on the
// pods' nodes, or on several rules about one unknown, is left for the pods
// themselves: see Network.settle.
func (r *rows) row(c *class, f family) []cell {
	r.cells = r.cells[:0]
	worlds := make([][]use, len(r.kernels))
	for i, k := range r.kernels {
		worlds[i] = k.rowOf(c, f, r.scratch[i])
	}
	if len(worlds) == 1 {
		for _, u := range worlds[0] {
			r.cells = append(r.cells, cell{u.Word, u.ports, u.ports})
		}
		return r.cells
	}
	for {
		word, ok := firstWord(worlds)
		if !ok {
			return r.cells
		}
		parts := []cell{{wordset.Word{Index: word, Bits: ^uint64(0)}, allPorts, noPorts}}
		for i := range worlds {
			var runs []use
			for len(worlds[i]) > 0 && worlds[i][0].Index == word {
				runs, worlds[i] = append(runs, worlds[i][0]), worlds[i][1:]
			}
			parts = r.refine(parts, runs)
		}
		for _, p := range parts {
			if p.most != noPorts {
				r.cells = append(r.cells, p)
			}
		}
	}
}

func firstWord(worlds [][]use) (word uint32, ok bool) {
	for _, w := range worlds {
		if len(w) > 0 && (!ok || w[0].Index < word) {
			word, ok = w[0].Index, true
		}
	}
	return word, ok
}

// refine cuts the parts of one word along the runs of a further world.
func (r *rows) refine(parts []cell, runs []use) []cell {
	var cut []cell
	for _, p := range parts {
		rest := p.Bits
		for _, u := range runs {
			if both := p.Bits & u.Bits; both != 0 {
				rest &^= both
				cut = append(cut, cell{wordset.Word{Index: p.Index, Bits: both}, r.ports.intersect(p.least, u.ports), r.ports.union(p.most, u.ports)})
			}
		}
		if rest != 0 {
			cut = append(cut, cell{wordset.Word{Index: p.Index, Bits: rest}, noPorts, p.most})
		}
	}
	return cut
}
