package rulespace

import (
	"iter"
	"slices"
	"strings"
)

// Minus returns what a allows and b does not, as boxes for people to read: each
// is as large as a rule of a and the exceptions that b makes admit, none is
// within the others, and they may overlap. They are ordered by the rules of a.
//
// It is exact in the open universe, whatever that of the space.
func (s *Space) Minus(a, b Access) []Excess {
	if s.universe.Closed {
		s = New(Universe{Known: s.universe.Known, Reviews: s.universe.Reviews})
	}
	return append(s.resourcesMinus(a, b), s.pathsMinus(a, b)...)
}

// granted is a rule and where it is granted.
type granted struct {
	*rule
	scope string
}

func (s *Space) resourcesMinus(a, b Access) []Excess {
	of, by := s.access(a), s.access(b)
	var targets, others []granted
	seen := map[granted]bool{}
	for _, scope := range of.scopes {
		scopes := []string{""}
		if scope != "" {
			scopes = append(scopes, scope)
		}
		for _, r := range of.in(scope).rules {
			if !r.forResources() || slices.ContainsFunc(scopes, func(in string) bool { return by.in(in).has[r] }) {
				continue
			}
			targets = append(targets, granted{r, scope})
			near := scopes
			if scope == "" {
				near = append(near, slices.DeleteFunc(slices.Clone(by.scopes), func(in string) bool { return in == "" })...)
			}
			for _, in := range near {
				for _, o := range by.near(r, in) {
					if g := (granted{o, in}); !seen[g] {
						seen[g] = true
						others = append(others, g)
					}
				}
			}
		}
	}
	if len(targets) == 0 {
		return nil
	}
	var rules []*rule
	namespaces := rooted()
	place := map[string]int{}
	for _, g := range slices.Concat(targets, others) {
		rules = append(rules, g.rule)
		if g.scope != "" && place[g.scope] == 0 {
			place[g.scope] = namespaces.add(g.scope, 0)
		}
	}
	f := s.field(nil, rules)
	boxOf := func(g granted) box {
		where := make(bitset, words(len(namespaces.labels)))
		if g.scope == "" {
			where.fill(len(namespaces.labels))
		} else {
			where.add(place[g.scope])
		}
		return append(box{where}, f.resourceBox(g.rule)...)
	}
	var out []Excess
	axes := []tree{namespaces, treeOf(f.verbs), treeOf(f.groups), f.resourceTree(), treeOf(f.names)}
	for sets := range difference(boxes(targets, boxOf), boxes(others, boxOf), axes) {
		out = append(out, Excess{Namespaces: sets[0], Verbs: sets[1], Groups: sets[2], Resources: sets[3], Names: sets[4]})
	}
	return out
}

func (s *Space) pathsMinus(a, b Access) []Excess {
	targets, others := s.access(a).in("").paths, s.access(b).in("").paths
	f := s.field(nil, targets, others)
	var out []Excess
	for sets := range difference(boxes(targets, f.pathBox), boxes(others, f.pathBox), []tree{treeOf(f.verbs), f.pathTree()}) {
		out = append(out, Excess{Verbs: sets[0], Paths: sets[1], nonResource: true})
	}
	return out
}

func boxes[T any](rules []T, of func(T) box) []box {
	out := make([]box, len(rules))
	for i, r := range rules {
		out[i] = of(r)
	}
	return out
}

// difference yields large boxes of what is in targets and not in others, written
// as sets, one an axis.
func difference(targets, others []box, axes []tree) iter.Seq[[]Set] {
	var found []box
	for _, t := range targets {
		for {
			var left box
			if remainders(t, slices.Concat(others, found), func(b box) bool { left = b; return false }) {
				break
			}
			found = append(found, grow(left, t, others))
		}
	}
	var out []box
	for _, b := range join(found) {
		out = append(out, writable(b, axes)...)
	}
	for i := range slices.Backward(out) {
		if rest := slices.Delete(slices.Clone(out), i, i+1); remainders(out[i], rest, func(box) bool { return false }) {
			out = rest
		}
	}
	return func(yield func([]Set) bool) {
		for _, b := range out {
			sets := make([]Set, len(b))
			for axis, t := range axes {
				sets[axis] = t.set(b[axis])
			}
			if !yield(sets) {
				return
			}
		}
	}
}

// writable splits a box into those that can be written with one set an axis.
func writable(b box, axes []tree) []box {
	out := []box{b}
	for axis, t := range axes {
		var pieces []box
		for _, b := range out {
			for _, s := range t.split(b[axis]) {
				pieces = append(pieces, b.with(axis, s))
			}
		}
		out = pieces
	}
	return out
}

// grow widens the box within the bounds as far as it keeps clear of the others:
// to the whole of an axis where it can.
func grow(b, bounds box, others []box) box {
	others = slices.DeleteFunc(slices.Clone(others), func(o box) bool { return !o.meets(bounds) })
	free := func(b box) bool { return !slices.ContainsFunc(others, b.meets) }
	for axis := range b {
		if whole := b.with(axis, bounds[axis]); free(whole) {
			b = whole
			continue
		}
		wider := slices.Clone(b[axis])
		for i := range bounds[axis].minus(b[axis]).all() {
			one := make(bitset, len(wider))
			one.add(i)
			if free(b.with(axis, one)) {
				wider.add(i)
			}
		}
		b = b.with(axis, wider)
	}
	return b
}

// join makes one of two boxes that differ on one axis only, again and again.
func join(list []box) []box {
	for i := 0; i < len(list); i++ {
		for j := i + 1; j < len(list); j++ {
			if one, ok := joined(list[i], list[j]); ok {
				list[i] = one
				list = slices.Delete(list, j, j+1)
				i, j = -1, len(list) // from the start
			}
		}
	}
	return list
}

func joined(a, b box) (box, bool) {
	differ := -1
	for axis := range a {
		if !slices.Equal(a[axis], b[axis]) {
			if differ >= 0 {
				return nil, false
			}
			differ = axis
		}
	}
	if differ < 0 {
		return a, true
	}
	union := slices.Clone(a[differ])
	for i := range b[differ].all() {
		union.add(i)
	}
	return a.with(differ, union), true
}

// tree is how the values of an axis are written: each as a pattern that also
// matches the values below it.
type tree struct {
	labels  []string
	parents []int // of each value, or alone
	all     int   // the value whose pattern is all; -1 if there is none
}

const alone = -1 // no other pattern matches it

// rooted returns the tree of an axis whose value 0 stands for all others.
func rooted() tree { return tree{labels: []string{""}, parents: []int{alone}} }

func (t *tree) add(label string, parent int) int {
	t.labels = append(t.labels, label)
	t.parents = append(t.parents, parent)
	return len(t.labels) - 1
}

func treeOf(a axis) tree {
	t := rooted()
	for _, id := range a.ids {
		t.add(a.t.strings[id], 0)
	}
	return t
}

func (f *field) resourceTree() tree {
	t := rooted()
	for _, suffix := range f.suffixes {
		t.add("*/"+suffix, 0)
	}
	for _, id := range f.points.ids {
		p := f.pointOf[id]
		parent := 0
		if i, ok := f.suffix[p.subresource]; ok {
			parent = 1 + i
		}
		t.add(combined(p.resource, p.subresource), parent)
	}
	return t
}

// pathTree is the tree of the classes of paths: each is below the longest
// prefix that it has.
func (f *field) pathTree() tree {
	t := tree{all: -1}
	for i, c := range f.paths {
		own, _ := pathPrefix(c.pattern)
		parent, longest := alone, -1
		for j, other := range f.paths {
			if prefix, ok := pathPrefix(other.pattern); ok && i != j && strings.HasPrefix(own, prefix) && len(prefix) > longest {
				parent, longest = j, len(prefix)
			}
		}
		if c.pattern == "*" {
			t.all = i
		}
		t.add(c.pattern, parent)
	}
	return t
}

// roots yields the values of a set that no other's pattern matches, with the
// members below and the exceptions to its pattern.
func (t tree) roots(s bitset) iter.Seq2[int, reach] {
	return func(yield func(int, reach) bool) {
		for root, parent := range t.parents {
			if !s.has(root) || parent >= 0 && s.has(parent) {
				continue
			}
			r := reach{members: make(bitset, len(s))}
			for i := range t.parents {
				if s.has(i) && t.under(s, i, root) {
					r.members.add(i)
				} else if p := t.parents[i]; !s.has(i) && p >= 0 && t.under(s, p, root) {
					r.but = append(r.but, t.labels[i])
				}
			}
			if !yield(root, r) {
				return
			}
		}
	}
}

type reach struct {
	members bitset
	but     []string
}

// split cuts a set so that exceptions to one pattern are not in another.
func (t tree) split(s bitset) []bitset {
	var out []bitset
	plain := make(bitset, len(s))
	for _, r := range t.roots(s) {
		if len(r.but) > 0 {
			out = append(out, r.members)
			continue
		}
		for i := range r.members.all() {
			plain.add(i)
		}
	}
	if !plain.empty() {
		out = append(out, plain)
	}
	return out
}

// set writes a set that split has cut.
func (t tree) set(s bitset) Set {
	var out Set
	for root, r := range t.roots(s) {
		if out.But = r.but; root == t.all {
			out.All = true
		} else {
			out.Values = append(out.Values, t.labels[root])
		}
	}
	slices.SortFunc(out.Values, usualOrder)
	slices.SortFunc(out.But, usualOrder)
	return out
}

// under reports whether i is root or below it by way of members of the set.
func (t tree) under(s bitset, i, root int) bool {
	for i != root && i >= 0 && s.has(i) {
		i = t.parents[i]
	}
	return i == root
}
