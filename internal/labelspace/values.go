package labelspace

import (
	"encoding/binary"
	"slices"
	"strconv"
)

// Values is a set of what one label key can hold: label values, and possibly
// the absence of the key. It is finite or the complement of a finite set. The
// zero Values is empty.
type Values struct {
	absent bool     // the key may be absent
	not    bool     // all values but those listed
	listed []string // sorted, distinct
}

// In returns the set of the values given; absence is not among them.
func In(values ...string) Values { return Values{listed: sorted(values)} }

// NotIn returns every value but those given, and absence.
func NotIn(values ...string) Values { return Values{absent: true, not: true, listed: sorted(values)} }

// Present returns every value, but not absence.
func Present() Values { return Values{not: true} }

// Absent returns absence alone.
func Absent() Values { return Values{absent: true} }

// Any returns every value and absence.
func Any() Values { return NotIn() }

func sorted(values []string) []string { return slices.Compact(slices.Sorted(slices.Values(values))) }

// Contains reports whether the value, or absence if present is false, is in the set.
func (v Values) Contains(value string, present bool) bool {
	if !present {
		return v.absent
	}
	_, listed := slices.BinarySearch(v.listed, value)
	return listed != v.not
}

// IsEmpty reports whether nothing is in the set. A complement never is empty:
// there are more label values than anyone can list.
func (v Values) IsEmpty() bool { return !v.absent && !v.not && len(v.listed) == 0 }

// IsAny reports whether everything is in the set.
func (v Values) IsAny() bool { return v.absent && v.not && len(v.listed) == 0 }

// Listed returns the values that the set names, and whether they are what it
// leaves out rather than what it holds. The slice must not be modified.
func (v Values) Listed() (values []string, excluded bool) { return v.listed, v.not }

// HasAbsent reports whether absence of the key is in the set.
func (v Values) HasAbsent() bool { return v.absent }

// Equal reports whether both sets hold the same.
func (v Values) Equal(w Values) bool {
	return v.absent == w.absent && v.not == w.not && slices.Equal(v.listed, w.listed)
}

// Intersect returns what both sets hold.
func (v Values) Intersect(w Values) Values {
	r := Values{absent: v.absent && w.absent, not: v.not && w.not}
	switch {
	case v.not && w.not:
		r.listed = union(v.listed, w.listed)
	case v.not:
		r.listed = without(w.listed, v.listed)
	case w.not:
		r.listed = without(v.listed, w.listed)
	default:
		r.listed = without(v.listed, without(v.listed, w.listed))
	}
	return r
}

// Minus returns what v holds and w does not.
func (v Values) Minus(w Values) Values { return v.Intersect(w.complement()) }

// SubsetOf reports whether w holds all that v holds.
func (v Values) SubsetOf(w Values) bool { return v.Minus(w).IsEmpty() }

func (v Values) complement() Values {
	return Values{absent: !v.absent, not: !v.not, listed: v.listed}
}

// pick returns one member, absence before values: labels that a witness need
// not carry would only distract. The set must not be empty.
func (v Values) pick() (value string, present bool) {
	switch {
	case v.absent:
		return "", false
	case !v.not:
		return v.listed[0], true
	}
	fresh := "other"
	for i := 2; ; i++ {
		if _, listed := slices.BinarySearch(v.listed, fresh); !listed {
			return fresh, true
		}
		fresh = "other-" + strconv.Itoa(i)
	}
}

// appendKey appends a text that two sets share only if they are equal.
func (v Values) appendKey(b []byte) []byte {
	b = strconv.AppendBool(strconv.AppendBool(b, v.absent), v.not)
	b = binary.AppendUvarint(b, uint64(len(v.listed)))
	for _, s := range v.listed {
		b = appendText(b, s)
	}
	return b
}

// appendText appends a text with its length before it.
func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func union(a, b []string) []string { return sorted(slices.Concat(a, b)) }

// without returns the members of a that are not in b; both are sorted.
func without(a, b []string) []string {
	var r []string
	for _, s := range a {
		if _, ok := slices.BinarySearch(b, s); !ok {
			r = append(r, s)
		}
	}
	return r
}
