package abac

import (
	"slices"
	"strings"
)

// relation is what an operator asks of two values, its negation left aside.
type relation uint8

const (
	equals relation = iota
	startsWith
	like
	less
	lessEquals
	greater
	greaterEquals
)

// operator is a comparison of single values.
type operator struct {
	name     string
	kind     kind
	relation relation
	negated  bool
	anyCase  bool
}

// operators are all that are documented (AZ29).
//
//nolint:gochecknoglobals // a constant table
var operators = slices.Concat(
	bothCases("String", "Equals", equals), bothCases("String", "StartsWith", startsWith), bothCases("String", "Like", like),
	bothWays(operator{name: "Numeric Equals", kind: kindNumber}), ordered("Numeric", kindNumber),
	bothWays(operator{name: "Bool Equals", kind: kindBool}),
	bothWays(operator{name: "DateTime Equals", kind: kindTime}), ordered("DateTime", kindTime),
	bothWays(operator{name: "Guid Equals", kind: kindGUID}),
)

// bothWays are the operator and its negation, whose Not stands in the gap.
func bothWays(o operator) []operator {
	not := o
	not.negated = true
	before, after, _ := strings.Cut(o.name, " ")
	o.name, not.name = before+after, before+"Not"+after
	return []operator{o, not}
}

func bothCases(subject, verb string, r relation) []operator {
	return append(bothWays(operator{name: subject + " " + verb, relation: r}),
		bothWays(operator{name: subject + " " + verb + "IgnoreCase", relation: r, anyCase: true})...)
}

func ordered(subject string, k kind) []operator {
	return []operator{
		{name: subject + "LessThan", kind: k, relation: less},
		{name: subject + "LessThanEquals", kind: k, relation: lessEquals},
		{name: subject + "GreaterThan", kind: k, relation: greater},
		{name: subject + "GreaterThanEquals", kind: k, relation: greaterEquals},
	}
}

// quantifier says for which pairs of values an operator has to hold.
type quantifier struct {
	name     string
	all, any bool // of the left: all or any; of the right: any or all
}

// quantifiers are the documented ones; no quantifier is the zero one.
//
//nolint:gochecknoglobals // a constant table
var quantifiers = []quantifier{
	{"ForAnyOfAnyValues", false, true},
	{"ForAllOfAnyValues", true, true},
	{"ForAnyOfAllValues", false, false},
	{"ForAllOfAllValues", true, false},
}

// named returns the entry of a table with the name in any case: built-in roles
// have boolequals (AZ29).
func named[T any](table []T, name func(T) string, want string) (T, bool) {
	for _, entry := range table {
		if strings.EqualFold(name(entry), want) {
			return entry, true
		}
	}
	var none T
	return none, false
}

func names[T any](table []T, name func(T) string) []string {
	all := make([]string, len(table))
	for i, entry := range table {
		all[i] = name(entry)
	}
	return all
}

func operatorName(o operator) string     { return o.name }
func quantifierName(q quantifier) string { return q.name }

// holds compares two values. Values of a type that the operator is not for are
// Unknown (AZ28).
func (o operator) holds(left, right scalar) Truth {
	t := o.positive(left, right)
	if o.negated {
		return t.not()
	}
	return t
}

func (o operator) positive(left, right scalar) Truth {
	switch o.kind {
	case kindGUID:
		l, ok := left.asGUID()
		r, also := right.asGUID()
		return both(ok, also, l == r)
	case kindTime:
		l, ok := left.asTime()
		r, also := right.asTime()
		return both(ok, also, o.relation.ordered(l.compare(r)))
	case kindBool:
		return both(left.kind == kindBool, right.kind == kindBool, left.truth == right.truth)
	case kindNumber:
		order := 0
		if left.number != right.number {
			order = 1
			if left.number < right.number {
				order = -1
			}
		}
		return both(left.kind == kindNumber, right.kind == kindNumber, o.relation.ordered(order))
	default:
		if left.kind != kindText || right.kind != kindText {
			return Unknown
		}
		return o.texts(left.text, right.text)
	}
}

// texts compares strings. Without IgnoreCase their case counts; with it, that
// of ASCII does not, and for other letters nothing is documented (AZ30).
func (o operator) texts(left, right string) Truth {
	if !o.anyCase {
		return truthOf(o.relation.texts(left, right, exactCase))
	}
	sure, possible := o.relation.texts(left, right, asciiCase), o.relation.texts(left, right, anyCase)
	if sure != possible {
		return Unknown
	}
	return truthOf(sure)
}

func both(left, right, holds bool) Truth {
	if !left || !right {
		return Unknown
	}
	return truthOf(holds)
}

func (r relation) ordered(order int) bool {
	switch r {
	case less:
		return order < 0
	case lessEquals:
		return order <= 0
	case greater:
		return order > 0
	case greaterEquals:
		return order >= 0
	default:
		return order == 0
	}
}

func (r relation) texts(left, right string, f folding) bool {
	switch r {
	case startsWith:
		return hasPrefix(left, right, f)
	case like:
		return matchLike(left, right, f)
	default:
		return left == right || f != exactCase && sameText(left, right, f)
	}
}
