package kql

// truths is a set of the values true, false and null, one of which a predicate has: a
// set of several where Kusto's answer is not known.
type truths uint8

const (
	yes truths = 1 << iota
	no
	null

	any3 = yes | no | null
)

// each calls f for each pair of members, and unites the results.
func each(a, b truths, f func(a, b truths) truths) (all truths) {
	for x := yes; x <= null; x <<= 1 {
		for y := yes; y <= null; y <<= 1 {
			if a&x != 0 && b&y != 0 {
				all |= f(x, y)
			}
		}
	}
	return all
}

// and of null and what is not false is documented not to be true, and no more.
func and(a, b truths) truths {
	return each(a, b, func(a, b truths) truths {
		switch {
		case a == no || b == no:
			return no
		case a == yes && b == yes:
			return yes
		}
		return no | null
	})
}

func or(a, b truths) truths {
	return each(a, b, func(a, b truths) truths {
		switch {
		case a == yes || b == yes:
			return yes
		case a == no && b == no:
			return no
		}
		return no | null
	})
}

func (t truths) not() (all truths) {
	if t&yes != 0 {
		all |= no
	}
	if t&no != 0 {
		all |= yes
	}
	return all | t&null
}

// Truth is whether a query keeps a row. The zero Truth is Unknown.
type Truth uint8

// The truths: Unknown where Kusto's answer is not documented.
const (
	Unknown Truth = iota
	No
	Yes
)

// kept is what where makes of a predicate: null counts as false.
// https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
func (t truths) kept() Truth {
	switch {
	case t == yes:
		return Yes
	case t&yes == 0:
		return No
	}
	return Unknown
}
