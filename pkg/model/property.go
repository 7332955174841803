package model

// Property is one property of an Azure object. Exports and templates tell four
// things apart that mean different things: a property that is not there, one that is
// null, one with a value, and one whose value is an expression that the input does
// not settle. The zero Property is not there. It is comparable if T is.
type Property[T any] struct {
	state      propertyState
	value      T
	expression string
}

type propertyState uint8

const (
	absent propertyState = iota
	null
	known
	unresolved
)

// Known returns a property that has the value.
func Known[T any](value T) Property[T] { return Property[T]{state: known, value: value} }

// Null returns a property that is there and null.
func Null[T any]() Property[T] { return Property[T]{state: null} }

// Unresolved returns a property whose value hangs on what the text names: a template
// expression as it is written, or an attribute that is known after apply.
func Unresolved[T any](expression string) Property[T] {
	return Property[T]{state: unresolved, expression: expression}
}

// Get returns the value, and false where there is none or none that is known.
func (p Property[T]) Get() (T, bool) { return p.value, p.state == known }

// Or returns the value, and the given one where none is known. What is unresolved
// must not pass for a default: ask [Property.Unresolved] first.
func (p Property[T]) Or(otherwise T) T {
	if p.state == known {
		return p.value
	}
	return otherwise
}

// IsAbsent reports whether the property is not there at all.
func (p Property[T]) IsAbsent() bool { return p.state == absent }

// IsNull reports whether the property is there and null.
func (p Property[T]) IsNull() bool { return p.state == null }

// IsKnown reports whether the property has a value.
func (p Property[T]) IsKnown() bool { return p.state == known }

// Unresolved returns the expression on which the value hangs, and false where the
// value is known, null or not there.
func (p Property[T]) Unresolved() (expression string, ok bool) {
	return p.expression, p.state == unresolved
}
