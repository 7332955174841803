package labelspace

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Box is a set of label sets: those whose value at each of the box's keys is
// one of the key's Values. The zero Box holds every label set.
type Box struct {
	dims  []dim // sorted by key; none is Any
	empty bool  // some key is left with no value
}

type dim struct {
	key    string
	values Values
}

// Everything returns the box of all label sets.
func Everything() Box { return Box{} }

// Nothing returns the box of no label set.
func Nothing() Box { return Box{empty: true} }

// Exactly returns the box of the label sets that agree with the labels at the
// keys given: the same value, or absence where the labels lack the key.
func Exactly(labels map[string]string, keys iter.Seq[string]) Box {
	b := Everything()
	for k := range keys {
		v := Absent()
		if value, ok := labels[k]; ok {
			v = In(value)
		}
		b = b.Where(k, v)
	}
	return b
}

// FromSelector returns the box of the label sets that the selector matches:
// matchLabels AND matchExpressions; In, NotIn (also true where the key is
// absent), Exists, DoesNotExist (NP39). An operator that admission validation would
// have refused matches nothing. A nil selector is for the caller to interpret:
// its meaning differs from field to field.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
func FromSelector(s *metav1.LabelSelector) Box {
	b := Box{dims: make([]dim, 0, len(s.MatchLabels)+len(s.MatchExpressions))}
	for k, v := range s.MatchLabels {
		b.dims = append(b.dims, dim{k, In(v)})
	}
	slices.SortFunc(b.dims, func(x, y dim) int { return strings.Compare(x.key, y.key) })
	for _, e := range s.MatchExpressions {
		var v Values
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			v = In(e.Values...)
		case metav1.LabelSelectorOpNotIn:
			v = NotIn(e.Values...)
		case metav1.LabelSelectorOpExists:
			v = Present()
		case metav1.LabelSelectorOpDoesNotExist:
			v = Absent()
		}
		b = b.Where(e.Key, v)
	}
	return b
}

// Where returns the part of the box where the key holds one of the values.
func (b Box) Where(key string, v Values) Box {
	i, found := slices.BinarySearchFunc(b.dims, key, compareKey)
	r := Box{empty: b.empty}
	switch {
	case found:
		v = v.Intersect(b.dims[i].values)
		r.dims = slices.Clone(b.dims)
		r.dims[i].values = v
	case v.IsAny():
		return b
	default:
		r.dims = slices.Insert(slices.Clone(b.dims), i, dim{key, v})
	}
	r.empty = r.empty || v.IsEmpty()
	return r
}

func compareKey(d dim, key string) int { return strings.Compare(d.key, key) }

// Matches reports whether the label set is in the box.
func (b Box) Matches(labels map[string]string) bool {
	for _, d := range b.dims {
		value, ok := labels[d.key]
		if !d.values.Contains(value, ok) {
			return false
		}
	}
	return !b.empty
}

// IsEmpty reports whether no label set is in the box.
func (b Box) IsEmpty() bool { return b.empty }

// IsEverything reports whether every label set is in the box.
func (b Box) IsEverything() bool { return len(b.dims) == 0 && !b.empty }

// At returns what the key may hold in the box.
func (b Box) At(key string) Values {
	if i, ok := slices.BinarySearchFunc(b.dims, key, compareKey); ok {
		return b.dims[i].values
	}
	return Any()
}

// Free returns the box without its condition on the key.
func (b Box) Free(key string) Box {
	i, ok := slices.BinarySearchFunc(b.dims, key, compareKey)
	if !ok {
		return b
	}
	r := Box{dims: slices.Delete(slices.Clone(b.dims), i, i+1)}
	for _, d := range r.dims {
		r.empty = r.empty || d.values.IsEmpty()
	}
	return r
}

// Dims yields the keys on which the box sets a condition, sorted, with what
// they may hold.
func (b Box) Dims() iter.Seq2[string, Values] {
	return func(yield func(string, Values) bool) {
		for _, d := range b.dims {
			if !yield(d.key, d.values) {
				return
			}
		}
	}
}

// Intersect returns what both boxes hold.
func (b Box) Intersect(c Box) Box {
	for _, d := range c.dims {
		b = b.Where(d.key, d.values)
	}
	b.empty = b.empty || c.empty
	return b
}

// SubsetOf reports whether c holds all that b holds.
func (b Box) SubsetOf(c Box) bool {
	if b.empty {
		return true
	}
	for _, d := range c.dims {
		if !b.At(d.key).SubsetOf(d.values) {
			return false
		}
	}
	return !c.empty
}

// Minus returns what b holds and c does not, as disjoint boxes.
func (b Box) Minus(c Box) []Box {
	if b.empty {
		return nil
	}
	if b.Intersect(c).empty {
		return []Box{b}
	}
	var rest []Box
	for _, d := range c.dims {
		if outside := b.Where(d.key, Any().Minus(d.values)); !outside.empty {
			rest = append(rest, outside)
		}
		b = b.Where(d.key, d.values)
	}
	return rest
}

// Witness returns a label set of the box with as few labels as possible. The
// box must not be empty.
func (b Box) Witness() map[string]string {
	labels := map[string]string{}
	for _, d := range b.dims {
		if value, present := d.values.pick(); present {
			labels[d.key] = value
		}
	}
	return labels
}

// AppendKey appends a text that two boxes share only if they are equal.
func (b Box) AppendKey(key []byte) []byte {
	if b.empty {
		return append(key, "empty"...)
	}
	key = binary.AppendUvarint(key, uint64(len(b.dims)))
	for _, d := range b.dims {
		key = d.values.appendKey(appendText(key, d.key))
	}
	return key
}

// Key returns the text of AppendKey.
func (b Box) Key() string { return string(b.AppendKey(nil)) }

// Gap returns a part of the space that none of the boxes covers, and false if
// together they cover all of it.
func Gap(space Box, boxes []Box) (Box, bool) {
	if space.empty {
		return Box{}, false
	}
	for i, b := range boxes {
		if space.Intersect(b).empty {
			continue
		}
		for _, rest := range space.Minus(b) {
			if gap, ok := Gap(rest, boxes[i+1:]); ok {
				return gap, true
			}
		}
		return Box{}, false
	}
	return space, true
}

// String returns the box in the grammar of kubectl's -l flag, for people.
func (b Box) String() string {
	if b.empty {
		return "<nothing>"
	}
	var parts []string
	for _, d := range b.dims {
		parts = append(parts, d.values.phrase(d.key))
	}
	return strings.Join(parts, ",")
}

func (v Values) phrase(key string) string {
	list := strings.Join(v.listed, ",")
	switch {
	case v.not && v.absent:
		return key + " notin (" + list + ")"
	case v.not && len(v.listed) == 0:
		return key
	case v.not:
		return key + "," + key + " notin (" + list + ")"
	case v.absent && len(v.listed) == 0:
		return "!" + key
	case v.absent:
		return key + " in (" + list + ") or !" + key
	case len(v.listed) == 1:
		return key + "=" + list
	}
	return key + " in (" + list + ")"
}
