package rulespace

import (
	"iter"
	"math/bits"
)

// bitset is a set of small integers. Sets of one axis have one length.
type bitset []uint64

func words(n int) int { return (n + 63) / 64 }

func (s bitset) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s bitset) remove(i int)   { s[i/64] &^= 1 << (i % 64) }
func (s bitset) has(i int) bool { return s[i/64]>>(i%64)&1 != 0 }

// fill makes the set {0 … n-1}.
func (s bitset) fill(n int) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	if rest := n % 64; rest != 0 {
		s[len(s)-1] = 1<<rest - 1
	}
}

func (s bitset) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s bitset) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s bitset) meets(t bitset) bool {
	for i, w := range s {
		if w&t[i] != 0 {
			return true
		}
	}
	return false
}

func (s bitset) contains(t bitset) bool {
	for i, w := range t {
		if w&^s[i] != 0 {
			return false
		}
	}
	return true
}

func (s bitset) and(t bitset) bitset {
	out := make(bitset, len(s))
	for i, w := range s {
		out[i] = w & t[i]
	}
	return out
}

func (s bitset) minus(t bitset) bitset {
	out := make(bitset, len(s))
	for i, w := range s {
		out[i] = w &^ t[i]
	}
	return out
}

// all yields the members in ascending order.
func (s bitset) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range s {
			for ; w != 0; w &= w - 1 {
				if !yield(64*i + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}
