package kql

import (
	"maps"
	"strings"
)

// Type is the type of a column.
type Type uint8

// The types of columns. An Opaque one has a value that nothing is known of.
const (
	Opaque Type = iota
	String
	Dynamic
)

// Schema is the columns of a table, by name.
type Schema map[string]Type

// Keeps reports whether the query keeps a row of its table. The row has the values of
// columns: strings, and what encoding/json reads for dynamic ones; a column that it
// lacks is empty or null. The error, an *Error, is about what the query can't do with
// the table: a column that it does not have, say.
func (q *Query) Keeps(schema Schema, row map[string]any) (Truth, error) {
	e := evaluation{schema: schema, row: row, extended: map[string]value{}}
	kept := Yes
	for _, s := range q.steps {
		if s.where != nil {
			v, err := e.predicate(s.where)
			if err != nil {
				return Unknown, err
			}
			kept = min2(kept, v.kept())
			continue
		}
		columns := map[string]value{} // none sees another of the same extend
		for _, c := range s.extend {
			v, err := c.value.eval(&e)
			if err != nil {
				return Unknown, err
			}
			columns[c.name] = v
		}
		maps.Copy(e.extended, columns)
	}
	return kept, nil
}

// min2 is the conjunction of what two operators keep.
func min2(a, b Truth) Truth {
	if a == No || b == No {
		return No
	}
	return min(a, b)
}

type evaluation struct {
	schema   Schema
	row      map[string]any
	extended map[string]value
}

func (e *evaluation) predicate(x expression) (truths, error) {
	v, err := x.eval(e)
	if err != nil {
		return 0, err
	}
	if v.kind == unknownValue {
		return any3, nil
	}
	if v.kind != boolValue || v.dynamic {
		return 0, x.place().error("want a predicate, not a value of type %s", v.typeName())
	}
	return v.truth, nil
}

func (l literal) eval(*evaluation) (value, error) { return l.value, nil }

func (p path) eval(e *evaluation) (value, error) {
	v, ok := e.extended[p.column]
	if !ok {
		typ, ok := e.schema[p.column]
		if !ok {
			return value{}, p.error("the table is not known to have a column %s", p.column)
		}
		v = e.read(p.column, typ)
	}
	for _, k := range p.keys {
		if v.kind == unknownValue {
			return v, nil
		}
		if !v.dynamic {
			return value{}, p.error("%s is of type %s, which has no properties: want parse_json", p.column, v.typeName())
		}
		v = v.step(k)
	}
	return v, nil
}

func (e *evaluation) read(name string, typ Type) value {
	switch content := e.row[name]; typ {
	case String:
		s, ok := content.(string)
		if !ok && content != nil {
			return value{}
		}
		return value{kind: stringValue, text: s}
	case Dynamic:
		return dynamic(content)
	default:
		return value{}
	}
}

func (c call) eval(e *evaluation) (value, error) {
	v, err := c.argument.eval(e)
	if err != nil {
		return value{}, err
	}
	switch c.function {
	case "parse_json", "todynamic":
		return v.parseJSON(), nil
	case "tostring":
		return v.toString(), nil
	default:
		return v.toLong(), nil
	}
}

func (c comparison) eval(e *evaluation) (value, error) {
	left, err := c.left.eval(e)
	if err != nil {
		return value{}, err
	}
	op, isNegated := strings.CutPrefix(c.op, "!")
	all := no
	for _, item := range c.list {
		right, err := item.eval(e)
		if err != nil {
			return value{}, err
		}
		if err := c.comparable(op, left, right); err != nil {
			return value{}, err
		}
		var t truths
		switch op {
		case "has", "contains":
			t = contains(left, right.text, op == "has")
		default:
			t = equal(left, right, strings.HasSuffix(op, "~"))
			if right.kind == nullValue && left.kind != nullValue {
				t = equal(right, left, strings.HasSuffix(op, "~"))
			}
		}
		all = or(all, t)
		if len(c.list) == 1 {
			all = t
		}
	}
	if isNegated {
		all = all.not()
	}
	return value{kind: boolValue, truth: all}, nil
}

// comparable reports what Kusto refuses to compare.
// https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic
func (c comparison) comparable(op string, left, right value) error {
	if left.kind == unknownValue || right.kind == unknownValue {
		return nil
	}
	a, b := left.typeName(), right.typeName()
	isText := strings.HasSuffix(op, "~") && op != "in~" || op == "~" || op == "has" || op == "contains"
	switch {
	case isText && b != "string":
		return c.error("%s with a value of type %s is not understood", c.op, b)
	case isText && right.kind != stringValue:
		return c.error("%s with a text that is not constant is not understood", c.op)
	case a == "dynamic" && b == "dynamic":
		return c.error("a comparison of two dynamic values: want tostring")
	case a == b || a == "dynamic" || b == "dynamic" || left.isNumber() && right.isNumber():
		return nil
	}
	return c.error("a comparison of types %s and %s", a, b)
}

func (j junction) eval(e *evaluation) (value, error) {
	all, join := yes, and
	if j.isOr {
		all, join = no, or
	}
	for _, t := range j.terms {
		v, err := e.predicate(t)
		if err != nil {
			return value{}, err
		}
		all = join(all, v)
	}
	return value{kind: boolValue, truth: all}, nil
}

func (n negation) eval(e *evaluation) (value, error) {
	t, err := e.predicate(n.of)
	return value{kind: boolValue, truth: t.not()}, err
}
