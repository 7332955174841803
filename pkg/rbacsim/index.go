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

// indexer collects rules into an index.
type indexer struct {
	vocabulary *vocabulary
	cells      map[uint64]*buildCell
	order      []uint64
	index      *ruleIndex
}

type buildCell struct {
	verbs  uint64
	byName map[uint32]uint64
}

func newIndexer(v *vocabulary) *indexer {
	return &indexer{vocabulary: v, index: &ruleIndex{}}
}

// add adds a rule's atoms to the index; the words are taken into the vocabulary.
func (x *indexer) add(rule *rbacv1.PolicyRule) {
	v := x.vocabulary
	verbs := v.verbSet(rule.Verbs)
	if len(verbs) == 0 {
		return
	}
	for _, url := range rule.NonResourceURLs {
		x.addPath(url, verbs)
	}
	for _, g := range rule.APIGroups {
		group := v.groups.add(g)
		for _, r := range rule.Resources {
			resource := v.addResource(r)
			for page, set := range verbs {
				if set == 0 {
					continue
				}
				c := x.cell(cellKey(group, resource, uint32(page)))
				if len(rule.ResourceNames) == 0 {
					c.verbs |= set
				}
				for _, name := range rule.ResourceNames {
					if c.byName == nil {
						c.byName = map[uint32]uint64{}
					}
					c.byName[v.names.add(name)] |= set
				}
			}
		}
	}
}

// verbSet returns verbs as a set, page by page.
func (v *vocabulary) verbSet(verbs []string) []uint64 {
	var set []uint64
	for _, verb := range verbs {
		n := v.verbs.add(verb)
		for uint32(len(set)) <= verbPage(n) {
			set = append(set, 0)
		}
		set[verbPage(n)] |= verbBit(n)
	}
	return set
}

func (x *indexer) cell(key uint64) *buildCell {
	if x.cells == nil {
		x.cells = map[uint64]*buildCell{}
	}
	c, ok := x.cells[key]
	if !ok {
		c = &buildCell{}
		x.cells[key] = c
		x.order = append(x.order, key)
	}
	return c
}

func (x *indexer) addPath(url string, verbs []uint64) {
	ix := x.index
	if prefix := pathPrefix(url); prefix != url {
		if ix.starts == nil {
			ix.starts = map[string][]uint64{}
		}
		ix.starts[prefix] = union(ix.starts[prefix], verbs)
		return
	}
	if ix.paths == nil {
		ix.paths = map[string][]uint64{}
	}
	ix.paths[url] = union(ix.paths[url], verbs)
}

func union(a, b []uint64) []uint64 {
	u := make([]uint64, max(len(a), len(b)))
	copy(u, a)
	for i, set := range b {
		u[i] |= set
	}
	return u
}

// merge adds all that another index holds.
func (x *indexer) merge(other *ruleIndex) {
	for i := range other.cells {
		from := &other.cells[i]
		c := x.cell(from.key)
		c.verbs |= from.verbs
		for _, n := range from.byName {
			if c.byName == nil {
				c.byName = map[uint32]uint64{}
			}
			c.byName[n.name] |= n.verbs
		}
	}
	for path, verbs := range other.paths {
		x.addPath(path, verbs)
	}
	for prefix, verbs := range other.starts {
		x.addPath(prefix+wildcard, verbs)
	}
}

// done returns the index. The indexer must not be used afterwards.
func (x *indexer) done() *ruleIndex {
	ix := x.index
	slices.Sort(x.order)
	ix.cells = make([]cell, len(x.order))
	for i, key := range x.order {
		from := x.cells[key]
		c := cell{key: key, verbs: from.verbs, overall: from.verbs}
		for name, verbs := range from.byName {
			if verbs &^= c.verbs; verbs != 0 {
				c.byName = append(c.byName, nameVerbs{name, verbs})
				c.overall |= verbs
			}
		}
		slices.SortFunc(c.byName, func(a, b nameVerbs) int { return cmp.Compare(a.name, b.name) })
		ix.cells[i] = c
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
