package labelspace

import "iter"

// Cells cuts the space into the classes of label sets that the selectors cannot
// tell apart, and yields one box of each class together with the selectors that
// hold in it (matched[i] for selectors[i]; valid only during the iteration
// step). No class is yielded twice, and the order is fixed: label sets outside
// a selector come before those inside it.
//
// The number of classes can grow as the product of the values that the
// selectors mention, key by key. After limit steps the iteration ends with a
// nil matched, which says that classes are missing.
func Cells(space Box, selectors []Box, limit int) iter.Seq2[Box, []bool] {
	return func(yield func(Box, []bool) bool) {
		c := cutter{selectors: selectors, matched: make([]bool, len(selectors)), seen: map[string]bool{}, left: limit, yield: yield}
		if !c.cut(space, 0) && c.left <= 0 {
			yield(Box{}, nil)
		}
	}
}

type cutter struct {
	selectors []Box
	matched   []bool
	seen      map[string]bool
	left      int
	yield     func(Box, []bool) bool
}

// cut yields the classes of the box, of which selectors[:i] are settled. It
// returns false when the iteration is over.
func (c *cutter) cut(b Box, i int) bool {
	if c.left--; c.left <= 0 {
		return false
	}
	if i == len(c.selectors) {
		signature := make([]byte, len(c.matched))
		for j, m := range c.matched {
			if m {
				signature[j] = 1
			}
		}
		if c.seen[string(signature)] {
			return true
		}
		c.seen[string(signature)] = true
		return c.yield(b, c.matched)
	}
	inside := b.Intersect(c.selectors[i])
	if inside.IsEmpty() {
		c.matched[i] = false
		return c.cut(b, i+1)
	}
	for _, outside := range b.Minus(c.selectors[i]) {
		c.matched[i] = false
		if !c.cut(outside, i+1) {
			return false
		}
	}
	c.matched[i] = true
	defer func() { c.matched[i] = false }()
	return c.cut(inside, i+1)
}
