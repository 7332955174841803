package abac

import (
	"strconv"
	"strings"
)

// Presence says what is known of an attribute. The zero value is NotKnown.
type Presence uint8

const (
	// NotKnown is an attribute that the input says nothing about.
	NotKnown Presence = iota
	// Absent is one that is known not to be there.
	Absent
	// Present is one that has a value.
	Present
)

// Value is what an attribute has: one value or several, all of a type. The zero
// Value is the empty list.
type Value struct {
	items []scalar
}

// Text is a value of strings: names, GUIDs and points in time, too.
func Text(values ...string) Value {
	v := Value{items: make([]scalar, len(values))}
	for i, s := range values {
		v.items[i] = scalar{kind: kindText, text: s}
	}
	return v
}

// Number is a value of integers.
func Number(values ...int64) Value {
	v := Value{items: make([]scalar, len(values))}
	for i, n := range values {
		v.items[i] = scalar{kind: kindNumber, number: n}
	}
	return v
}

// Bool is a value that is true or false.
func Bool(b bool) Value { return Value{items: []scalar{{kind: kindBool, truth: b}}} }

// String writes the value as a condition does, lists without their braces.
func (v Value) String() string { return list(v.items, len(v.items)) }

// list writes items with commas between, the first few of them.
func list(items []scalar, most int) string {
	if len(items) == 0 {
		return "{}"
	}
	shown := items[:min(most, len(items))]
	words := make([]string, len(shown))
	for i, s := range shown {
		words[i] = s.String()
	}
	text := strings.Join(words, ", ")
	if more := len(items) - len(shown); more > 0 {
		text += " and " + strconv.Itoa(more) + " more"
	}
	return text
}

type kind uint8

const (
	kindText kind = iota
	kindNumber
	kindBool
	kindGUID
	kindTime // of operators alone: points in time are written as strings
)

// scalar is a single value. Literals are given the GUID or the point in time
// that they stand for when they are parsed.
type scalar struct {
	kind   kind
	text   string
	number int64
	truth  bool
	guid   guid
}

// String writes the value as a condition does.
func (s scalar) String() string {
	switch s.kind {
	case kindNumber:
		return strconv.FormatInt(s.number, 10)
	case kindBool:
		return strconv.FormatBool(s.truth)
	case kindGUID:
		return s.guid.String()
	default:
		return "'" + s.text + "'"
	}
}

// asGUID returns the GUID that the value is, whether it is quoted or not.
func (s scalar) asGUID() (guid, bool) {
	switch s.kind {
	case kindGUID:
		return s.guid, true
	case kindText:
		return parseGUID(s.text)
	default:
		return guid{}, false
	}
}

// asTime returns the point in time that a string is.
func (s scalar) asTime() (instant, bool) {
	if s.kind != kindText {
		return instant{}, false
	}
	return parseTime(s.text)
}
