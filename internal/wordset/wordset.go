// Package wordset answers which small integers are in a set, for sets of up to
// millions of integers that mostly hold few of them or runs of neighbours.
//
// A set is the list of its non-zero 64-bit words. Pods are numbered by
// namespace, so a set of one namespace's pods is a word or two, and one of all
// pods costs two bits a pod.
package wordset

import (
	"iter"
	"math/bits"
	"slices"
)

// Word holds the members 64*Index … 64*Index+63 of a set: bit i stands for
// 64*Index+i.
type Word struct {
	Index uint32
	Bits  uint64
}

// Set is a set of integers: its non-zero words, ordered by index. The nil Set
// is empty.
type Set []Word

// Append adds a member that is not smaller than any there.
func (s *Set) Append(member int) {
	index, bit := uint32(member/64), uint64(1)<<(member%64)
	if n := len(*s); n > 0 && (*s)[n-1].Index == index {
		(*s)[n-1].Bits |= bit
		return
	}
	*s = append(*s, Word{index, bit})
}

// Contains reports whether the integer is a member.
func (s Set) Contains(member int) bool {
	index := uint32(member / 64)
	lo, hi := 0, len(s)
	if hi == 0 || index < s[0].Index || index > s[hi-1].Index {
		return false
	}
	// A set with few gaps has its word close to where a gapless one would.
	if guess := int(index - s[0].Index); guess < hi {
		if s[guess].Index == index {
			return s[guess].Bits>>(member%64)&1 != 0
		}
		hi = guess // indices grow by at least one a step
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s[mid].Index < index {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(s) && s[lo].Index == index && s[lo].Bits>>(member%64)&1 != 0
}

// Members yields the members in ascending order.
func (s Set) Members() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, w := range s {
			for m := range w.Members() {
				if !yield(m) {
					return
				}
			}
		}
	}
}

// Members yields the word's members in ascending order.
func (w Word) Members() iter.Seq[int] {
	return func(yield func(int) bool) {
		for b := w.Bits; b != 0; b &= b - 1 {
			if !yield(int(w.Index)*64 + bits.TrailingZeros64(b)) {
				return
			}
		}
	}
}

// Len returns the number of members.
func (s Set) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w.Bits)
	}
	return n
}

// Union returns the members of either set.
func (s Set) Union(t Set) Set {
	switch {
	case len(s) == 0:
		return t
	case len(t) == 0:
		return s
	}
	r := make(Set, 0, len(s)+len(t))
	for len(s) > 0 && len(t) > 0 {
		switch {
		case s[0].Index < t[0].Index:
			r, s = append(r, s[0]), s[1:]
		case s[0].Index > t[0].Index:
			r, t = append(r, t[0]), t[1:]
		default:
			r = append(r, Word{s[0].Index, s[0].Bits | t[0].Bits})
			s, t = s[1:], t[1:]
		}
	}
	return append(append(r, s...), t...)
}

// Equal reports whether both sets have the same members.
func (s Set) Equal(t Set) bool { return slices.Equal(s, t) }
