package kql

import (
	"encoding/json"
	"math"
	"strconv"
)

// exact is the greatest whole number that a float64 holds exactly.
const exact = 1 << 53

type valueKind uint8

const (
	unknownValue valueKind = iota // some value
	nullValue                     // dynamic: what is not there
	stringValue
	longValue
	realValue
	boolValue
	compositeValue // an object or array, or its text
)

// value is what an expression comes to in one row.
type value struct {
	kind valueKind
	// dynamic is true of what came out of a dynamic column or parse_json.
	dynamic bool
	text    string  // of strings; of composites, as JSON
	number  float64 // of numbers
	truth   truths  // of bool
	parts   any     // of dynamic composites: a map[string]any or []any
}

// truth is a bool that is known.
func truth(is bool) value {
	if is {
		return value{kind: boolValue, truth: yes}
	}
	return value{kind: boolValue, truth: no}
}

// dynamic makes a value of what encoding/json reads.
func dynamic(parts any) value {
	v := value{dynamic: true}
	switch x := parts.(type) {
	case nil:
		v.kind = nullValue
	case string:
		v.kind, v.text = stringValue, x
	case bool:
		v = truth(x)
		v.dynamic = true
	case float64:
		v.kind, v.number = realValue, x
		if x == math.Trunc(x) && math.Abs(x) <= exact {
			v.kind = longValue
		}
	case map[string]any, []any:
		encoded, err := json.Marshal(x)
		if err != nil {
			return value{}
		}
		v.kind, v.text, v.parts = compositeValue, string(encoded), x
	default:
		v.kind = unknownValue
	}
	return v
}

// literal returns the value as a query writes it.
func (v value) literal() string {
	switch v.kind {
	case longValue:
		return strconv.FormatFloat(v.number, 'f', -1, 64)
	case realValue:
		s := strconv.FormatFloat(v.number, 'f', -1, 64)
		if v.number == math.Trunc(v.number) {
			s += ".0"
		}
		return s
	case boolValue:
		return strconv.FormatBool(v.truth == yes)
	default:
		return quote(v.text)
	}
}

// typeName returns the type as Kusto calls it.
func (v value) typeName() string {
	switch {
	case v.kind == unknownValue:
		return "a type that is not known"
	case v.dynamic:
		return "dynamic"
	case v.kind == longValue, v.kind == nullValue:
		return "long"
	case v.kind == realValue:
		return "real"
	case v.kind == boolValue:
		return "bool"
	}
	return "string"
}

func (v value) isNumber() bool { return v.kind == longValue || v.kind == realValue }

// step returns a property or item of a dynamic value: null if it has none.
func (v value) step(k key) value {
	switch parts := v.parts.(type) {
	case map[string]any:
		if !k.isItem {
			return dynamic(parts[k.name])
		}
	case []any:
		if k.isItem && k.index < len(parts) {
			return dynamic(parts[k.index])
		}
	}
	return value{kind: nullValue, dynamic: true}
}

// parseJSON is parse_json: what is dynamic stays as it is.
// https://learn.microsoft.com/kusto/query/parse-json-function
func (v value) parseJSON() value {
	if v.dynamic || v.kind == unknownValue {
		return v
	}
	if v.kind != stringValue {
		return value{}
	}
	var parts any
	if v.text == "" {
		return value{} // not documented
	}
	if json.Unmarshal([]byte(v.text), &parts) != nil {
		return value{kind: stringValue, dynamic: true, text: v.text}
	}
	return dynamic(parts)
}

func (v value) toString() value {
	switch v.kind {
	case nullValue:
		return value{kind: stringValue}
	case longValue:
		return value{kind: stringValue, text: strconv.FormatFloat(v.number, 'f', -1, 64)}
	case stringValue:
		return value{kind: stringValue, text: v.text}
	case compositeValue:
		return value{kind: compositeValue, text: v.text}
	default: // how reals and bools are written is left open
		return value{}
	}
}

func (v value) toLong() value {
	switch v.kind {
	case longValue:
		return value{kind: longValue, number: v.number}
	case nullValue:
		return value{kind: nullValue}
	case stringValue:
		if i, err := strconv.ParseInt(v.text, 10, 64); err == nil && i <= exact && i >= -exact {
			return value{kind: longValue, number: float64(i)}
		}
	default:
	}
	return value{}
}
