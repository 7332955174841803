package document

import (
	"encoding/json"
	"errors"
	"iter"
)

// Value is one value within JSON that is known to be well formed; of other JSON
// its members and elements end where the sense does.
type Value struct {
	json       []byte
	start, end int
}

// Member is a name and value of an object.
type Member struct {
	Name  string
	Key   int // offset of the name
	Value Value
}

// Offset returns where in the document's JSON the value begins.
func (v Value) Offset() int { return v.start }

// Raw returns the value's own JSON.
func (v Value) Raw() []byte { return v.json[v.start:v.end] }

// Kind returns the value's first byte, which tells its type: one of { [ " t f n
// - or a digit; 0 for no value at all.
func (v Value) Kind() byte {
	if v.start >= v.end {
		return 0
	}
	return v.json[v.start]
}

// Text returns what a string value says, and false of other values.
func (v Value) Text() (string, bool) {
	if v.Kind() != '"' {
		return "", false
	}
	return unquote(v.Raw()), true
}

// Members yields the members of an object in the order written.
func (v Value) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		if v.Kind() != '{' {
			return
		}
		i, more, err := enter(v.json, v.start)
		for more && err == nil {
			var m Member
			if m, err = memberAt(v.json, i); err != nil {
				return
			}
			if m.Value.end, err = valueEnd(v.json, m.Value.start, noLimit); err != nil || !yield(m) {
				return
			}
			i, more, err = next(v.json, m.Value.end, '}')
		}
	}
}

// Elements yields the elements of an array and their indices.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.Kind() != '[' {
			return
		}
		i, more, err := enter(v.json, v.start)
		for n := 0; more && err == nil; n++ {
			var end int
			if end, err = valueEnd(v.json, i, noLimit); err != nil || !yield(n, Value{v.json, i, end}) {
				return
			}
			i, more, err = next(v.json, end, ']')
		}
	}
}

// Member returns the member of that name, the last if there are several, as a
// decoder would.
func (v Value) Member(name string) (Member, bool) {
	var found Member
	ok := false
	for m := range v.Members() {
		if m.Name == name {
			found, ok = m, true
		}
	}
	return found, ok
}

const noLimit = int(^uint(0) >> 1)

var (
	errUnclosed = errors.New("what begins here does not end")
	errString   = errors.New("the string that begins here does not end on its line")
	errNoValue  = errors.New("want a value")
	errNoName   = errors.New("want a name in quotes and a colon")
	errNoComma  = errors.New("want a comma or the end of what is open")
)

// enter moves from the bracket that opens an object or array to what is first in
// it, be that no more than the bracket that closes it.
func enter(b []byte, i int) (at int, more bool, err error) {
	at = skipSpace(b, i+1)
	if at == len(b) {
		return i, false, errUnclosed
	}
	return at, b[at] != b[i]+2, nil // in ASCII, [ and ] as well as { and } are two apart
}

// next moves from behind a value to the value after the comma, or to the bracket.
func next(b []byte, i int, shut byte) (at int, more bool, err error) {
	i = skipSpace(b, i)
	switch {
	case i < len(b) && b[i] == shut:
		return i, false, nil
	case i == len(b):
		return i, false, errUnclosed
	case b[i] != ',':
		return i, false, errNoComma
	}
	return skipSpace(b, i+1), true, nil
}

// memberAt reads the name at i and finds where its value begins.
func memberAt(b []byte, i int) (Member, error) {
	if i == len(b) {
		return Member{Key: i}, errUnclosed
	}
	if b[i] != '"' {
		return Member{Key: i}, errNoName
	}
	end, err := stringEnd(b, i)
	if err != nil {
		return Member{Key: i}, err
	}
	at := skipSpace(b, end)
	if at == len(b) || b[at] != ':' {
		return Member{Key: i}, errNoName
	}
	return Member{Name: unquote(b[i:end]), Key: i, Value: Value{json: b, start: skipSpace(b, at+1)}}, nil
}

// valueEnd returns the offset behind the value at i. It matches brackets and
// strings and leaves the rest of the syntax to the decoder.
func valueEnd(b []byte, i, maxDepth int) (int, error) {
	start, depth := i, 0
	for i < len(b) {
		switch c := b[i]; c {
		case '"':
			end, err := stringEnd(b, i)
			if err != nil {
				return i, err
			}
			i = end
		case '{', '[':
			if depth++; depth > maxDepth {
				return i, errDepth
			}
			i++
			continue
		case '}', ']':
			if depth--; depth < 0 {
				return i, errNoValue
			}
			i++
		case ' ', '\t', '\r', '\n', ',', ':':
			if depth == 0 {
				return i, errNoValue
			}
			i++
			continue
		default:
			for i < len(b) && !delimits(b[i]) {
				i++
			}
		}
		if depth == 0 {
			return i, nil
		}
	}
	return start, errUnclosed
}

func stringEnd(b []byte, i int) (int, error) {
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '"':
			return j + 1, nil
		case '\\':
			j++
		case '\n':
			return i, errString
		}
	}
	return i, errString
}

func delimits(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ':', '{', '}', '[', ']', '"':
		return true
	}
	return false
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	for _, c := range inner {
		if c == '\\' || c >= 0x80 {
			var s string
			if json.Unmarshal(quoted, &s) != nil {
				return string(inner)
			}
			return s
		}
	}
	return string(inner)
}
