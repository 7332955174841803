package rulespace

import (
	"cmp"
	"slices"
)

// box is a product of sets, one an axis. It is empty if one of them is.
type box []bitset

func (b box) meets(c box) bool {
	for axis, s := range b {
		if !s.meets(c[axis]) {
			return false
		}
	}
	return true
}

func (b box) contains(c box) bool {
	for axis, s := range b {
		if !s.contains(c[axis]) {
			return false
		}
	}
	return true
}

func (b box) and(c box) box {
	out := make(box, len(b))
	for axis, s := range b {
		out[axis] = s.and(c[axis])
	}
	return out
}

func (b box) empty() bool { return slices.ContainsFunc(b, bitset.empty) }

// with returns the box with another set on one axis.
func (b box) with(axis int, s bitset) box {
	out := slices.Clone(b)
	out[axis] = s
	return out
}

func (b box) size() float64 {
	n := 1.0
	for _, s := range b {
		n *= float64(s.count())
	}
	return n
}

// remainders yields what is left of the box without the others, as disjoint
// boxes none of which is empty. It stops when yield returns false, and then
// returns false.
func remainders(b box, others []box, yield func(box) bool) bool {
	var near []box
	for _, o := range others {
		if !o.meets(b) {
			continue
		}
		if o.contains(b) {
			return true
		}
		near = append(near, o)
	}
	if len(near) > 1 {
		near = byOverlap(b, near)
	}
	return cut(b, near, yield)
}

// byOverlap sorts boxes by how much of b they take away, most first.
func byOverlap(b box, others []box) []box {
	type sized struct {
		box
		size float64
	}
	list := make([]sized, len(others))
	for i, o := range others {
		list[i] = sized{o, b.and(o).size()}
	}
	slices.SortStableFunc(list, func(x, y sized) int { return cmp.Compare(y.size, x.size) })
	for i, o := range list {
		others[i] = o.box
	}
	return others
}

func cut(b box, others []box, yield func(box) bool) bool {
	for i, o := range others {
		if !o.meets(b) {
			continue
		}
		for axis := range b {
			if outside := b[axis].minus(o[axis]); !outside.empty() {
				if !cut(b.with(axis, outside), others[i+1:], yield) {
					return false
				}
				b = b.with(axis, b[axis].and(o[axis]))
			}
		}
		return true
	}
	return yield(b)
}
