package rbacsim

import (
	"cmp"
	"slices"
	"sync/atomic"

	rbacv1 "k8s.io/api/rbac/v1"
)

// ruleIndex answers whether one of many rules covers a request, without looking at
// each. Resource rules fall into cells, one for each group and resource that some
// rule names together; a request meets at most six of them.
type ruleIndex struct {
	id     int32
	alone  *ruleSet         // of this index only
	cells  []cell           // sorted by key
	byKey  map[uint64]int32 // into cells, where these are many
	paths  map[string][]uint64
	starts map[string][]uint64 // prefixes of paths
	widths []int               // the distinct lengths of those, ascending
}

// cell is a group and a resource, and the verbs on it, in sets of one page.
type cell struct {
	key     uint64
	verbs   uint64      // on any name
	byName  []nameVerbs // sorted by name
	overall uint64      // on any name at all; nothing else need be looked at
}

type nameVerbs struct {
	name  uint32
	verbs uint64
}

// A key holds group, resource and page of verbs. The numbers of words stay far
// below these widths: each takes a line of input.
const (
	resourceBits = 28
	groupBits    = 28
)

func cellKey(group, resource, page uint32) uint64 {
	return uint64(page)<<(groupBits+resourceBits) | uint64(group)<<resourceBits | uint64(resource)
}

// manyCells is from how many cells on a hash table finds one sooner than a look
// at all of them.
const manyCells = 8

// indexer collects rules into an index. It can be used again after done.
type indexer struct {
	vocabulary    *vocabulary
	cells         []cell
	at            map[uint64]int32 // into cells, where these are many
	paths, starts map[string][]uint64
	verbs         []uint64 // scratch
}

func newIndexer(v *vocabulary) *indexer { return &indexer{vocabulary: v} }

// add adds a rule's atoms to the index; the words are taken into the vocabulary.
func (x *indexer) add(rule *rbacv1.PolicyRule) {
	v := x.vocabulary
	x.verbs = v.verbSet(x.verbs[:0], rule.Verbs)
	for _, url := range rule.NonResourceURLs {
		x.addPath(url, x.verbs)
	}
	for _, g := range rule.APIGroups {
		group := v.groups.add(g)
		for _, r := range rule.Resources {
			resource := v.addResource(r)
			for page, set := range x.verbs {
				if set == 0 {
					continue
				}
				c := x.cell(cellKey(group, resource, uint32(page)))
				if len(rule.ResourceNames) == 0 {
					c.verbs |= set
				}
				for _, name := range rule.ResourceNames {
					c.byName = append(c.byName, nameVerbs{v.names.add(name), set})
				}
			}
		}
	}
}

// verbSet appends verbs as a set, page by page.
func (v *vocabulary) verbSet(set []uint64, verbs []string) []uint64 {
	for _, verb := range verbs {
		n := v.verbs.add(verb)
		for uint32(len(set)) <= verbPage(n) {
			set = append(set, 0)
		}
		set[verbPage(n)] |= verbBit(n)
	}
	return set
}

// cell returns the cell of a key, a new one if there is none. The next call may
// move it.
func (x *indexer) cell(key uint64) *cell {
	if i, ok := x.find(key); ok {
		return &x.cells[i]
	}
	if x.at != nil {
		x.at[key] = int32(len(x.cells))
	}
	x.cells = append(x.cells, cell{key: key})
	return &x.cells[len(x.cells)-1]
}

func (x *indexer) find(key uint64) (int32, bool) {
	if x.at != nil {
		i, ok := x.at[key]
		return i, ok
	}
	for i := range x.cells {
		if x.cells[i].key == key {
			return int32(i), true
		}
	}
	if len(x.cells) > manyCells {
		x.at = make(map[uint64]int32, 4*manyCells)
		for i := range x.cells {
			x.at[x.cells[i].key] = int32(i)
		}
	}
	return 0, false
}

func (x *indexer) addPath(url string, verbs []uint64) {
	if len(verbs) == 0 {
		return
	}
	if prefix := pathPrefix(url); prefix != url {
		if x.starts == nil {
			x.starts = map[string][]uint64{}
		}
		x.starts[prefix] = union(x.starts[prefix], verbs)
		return
	}
	if x.paths == nil {
		x.paths = map[string][]uint64{}
	}
	x.paths[url] = union(x.paths[url], verbs)
}

func union(a, b []uint64) []uint64 {
	u := make([]uint64, max(len(a), len(b)))
	copy(u, a)
	for i, set := range b {
		u[i] |= set
	}
	return u
}

// merge adds all that an index holds.
func (x *indexer) merge(ix *ruleIndex) {
	for i := range ix.cells {
		from := &ix.cells[i]
		c := x.cell(from.key)
		c.verbs |= from.verbs
		c.byName = append(c.byName, from.byName...)
	}
	for path, verbs := range ix.paths {
		x.addPath(path, verbs)
	}
	for prefix, verbs := range ix.starts {
		x.addPath(prefix+wildcard, verbs)
	}
}

// done returns the index of what was added since the last one.
func (x *indexer) done() *ruleIndex {
	ix := &ruleIndex{cells: slices.Clone(x.cells), paths: x.paths, starts: x.starts}
	clear(x.cells)
	*x = indexer{vocabulary: x.vocabulary, cells: x.cells[:0], verbs: x.verbs}
	slices.SortFunc(ix.cells, func(a, b cell) int { return cmp.Compare(a.key, b.key) })
	for i := range ix.cells {
		ix.cells[i].tidy()
	}
	if len(ix.cells) > manyCells {
		ix.byKey = make(map[uint64]int32, len(ix.cells))
		for i := range ix.cells {
			ix.byKey[ix.cells[i].key] = int32(i)
		}
	}
	for prefix := range ix.starts {
		if i, found := slices.BinarySearch(ix.widths, len(prefix)); !found {
			ix.widths = slices.Insert(ix.widths, i, len(prefix))
		}
	}
	return ix
}

// tidy sorts the names of a cell, each once, and without the verbs that need none.
func (c *cell) tidy() {
	slices.SortFunc(c.byName, func(a, b nameVerbs) int { return cmp.Compare(a.name, b.name) })
	kept := c.byName[:0]
	c.overall = c.verbs
	for _, n := range c.byName {
		if n.verbs &^= c.verbs; n.verbs == 0 {
			continue
		}
		c.overall |= n.verbs
		if last := len(kept) - 1; last >= 0 && kept[last].name == n.name {
			kept[last].verbs |= n.verbs
		} else {
			kept = append(kept, n)
		}
	}
	c.byName = kept
}

// covers reports whether a rule of the index covers the request.
func (ix *ruleIndex) covers(v *vocabulary, q *query) bool {
	if q.nonResource {
		return ix.coversPath(q)
	}
	if ix.coversOn(v, q, 0, starBit|q.bitOn(0)) {
		return true
	}
	if page := q.page(); page != 0 {
		return ix.coversOn(v, q, page, q.bitOn(page))
	}
	return false
}

// starBit is the wildcard in the first page of a set of verbs.
const starBit = 1

func (q *query) page() uint32 {
	if q.verb == noWord {
		return 0
	}
	return verbPage(q.verb)
}

// bitOn returns the request's verb in a set of that page, if it is there.
func (q *query) bitOn(page uint32) uint64 {
	if q.verb == noWord || verbPage(q.verb) != page {
		return 0
	}
	return verbBit(q.verb)
}

// coversOn looks at one page of verbs, of which any in the set will do.
func (ix *ruleIndex) coversOn(v *vocabulary, q *query, page uint32, verbs uint64) bool {
	if ix.byKey == nil {
		return ix.scan(v, q, page, verbs)
	}
	for _, g := range q.groups {
		if g == noWord {
			break
		}
		for _, r := range q.resources {
			if r == noWord {
				break
			}
			if i, ok := ix.byKey[cellKey(g, r, page)]; ok && ix.cells[i].covers(v, q, verbs) {
				return true
			}
		}
	}
	return false
}

// scan is coversOn for few cells.
func (ix *ruleIndex) scan(v *vocabulary, q *query, page uint32, verbs uint64) bool {
	for i := range ix.cells {
		c := &ix.cells[i]
		if c.overall&verbs == 0 || uint32(c.key>>(groupBits+resourceBits)) != page {
			continue
		}
		group, resource := uint32(c.key>>resourceBits)&(1<<groupBits-1), uint32(c.key)&(1<<resourceBits-1)
		if (group == q.groups[0] || group == q.groups[1]) &&
			(resource == q.resources[0] || resource == q.resources[1] || resource == q.resources[2]) && c.covers(v, q, verbs) {
			return true
		}
	}
	return false
}

func (c *cell) covers(v *vocabulary, q *query, verbs uint64) bool {
	if c.verbs&verbs != 0 {
		return true
	}
	if c.overall&verbs == 0 {
		return false
	}
	name := v.nameOf(q)
	if name == noWord {
		return false
	}
	i, ok := slices.BinarySearchFunc(c.byName, name, func(n nameVerbs, name uint32) int { return cmp.Compare(n.name, name) })
	return ok && c.byName[i].verbs&verbs != 0
}

func (ix *ruleIndex) coversPath(q *query) bool {
	path := q.path
	if q.in(ix.paths[path]) {
		return true
	}
	for _, width := range ix.widths {
		if width > len(path) {
			break
		}
		if q.in(ix.starts[path[:width]]) {
			return true
		}
	}
	return false
}

// in reports whether a set of verbs holds the request's.
func (q *query) in(set []uint64) bool {
	if len(set) == 0 {
		return false
	}
	page := q.page()
	return set[0]&starBit != 0 || page < uint32(len(set)) && set[page]&q.bitOn(page) != 0
}

// ruleSet is the rules of several roles. Scopes with the same roles share one.
type ruleSet struct {
	parts  []*ruleIndex
	merged atomic.Pointer[ruleIndex]
}

// fewParts is up to how many roles are asked one after the other.
const fewParts = 2

// covers reports whether a rule of the set covers the request. Of many roles one
// index is made when the first question comes.
func (s *ruleSet) covers(v *vocabulary, q *query) bool {
	if s == nil {
		return false
	}
	if len(s.parts) > fewParts {
		m := s.merged.Load()
		if m == nil {
			m = s.merge(v)
		}
		return m.covers(v, q)
	}
	for _, p := range s.parts {
		if p.covers(v, q) {
			return true
		}
	}
	return false
}

// merge makes the one index of all parts. Two askers may both make it.
func (s *ruleSet) merge(v *vocabulary) *ruleIndex {
	x := newIndexer(v)
	for _, p := range s.parts {
		x.merge(p)
	}
	s.merged.CompareAndSwap(nil, x.done())
	return s.merged.Load()
}
