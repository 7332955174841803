package kql

import (
	"strconv"
	"strings"
)

// Query is a log query that is understood. The zero Query has no table.
type Query struct {
	Table  string
	steps  []step
	counts bool
}

// Counts reports whether the query ends with count: then its result is one row, with
// the number of rows that it keeps in the column Count.
func (q *Query) Counts() bool { return q.counts }

// String returns the query as Parse reads it, a line for each operator.
func (q *Query) String() string {
	var b strings.Builder
	b.WriteString(q.Table)
	for _, s := range q.steps {
		b.WriteString("\n| ")
		if s.where != nil {
			b.WriteString("where " + s.where.print(lowest))
			continue
		}
		b.WriteString("extend ")
		for i, c := range s.extend {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(c.name + " = " + c.value.print(lowest))
		}
	}
	if q.counts {
		b.WriteString("\n| count")
	}
	return b.String()
}

// step is where with a predicate, or extend with columns.
type step struct {
	where  expression
	extend []column
}

type column struct {
	name  string
	value expression
}

// expression is a node of a query.
type expression interface {
	// print writes the node for a place that binds as tightly as the level says.
	print(level) string
	place() position
	eval(*evaluation) (value, error)
}

// level is how tightly an operator binds.
type level uint8

const (
	lowest level = iota
	conjunct
	operand
)

type (
	literal struct {
		position

		value value
	}
	path struct {
		position

		column string
		keys   []key
	}
	call struct {
		position

		function string
		argument expression
	}
	comparison struct {
		position

		op   string // ==, !=, =~, !~, has, contains, in, in~, and the latter four negated by !
		left expression
		list []expression // one, but for in
	}
	// junction is and or or.
	junction struct {
		position

		isOr  bool
		terms []expression
	}
	negation struct {
		position

		of expression
	}
)

// key is a step into a dynamic value: a property or, without a name, an item.
type key struct {
	name   string
	index  int
	isItem bool
}

func (p position) place() position { return p }

func (l literal) print(level) string { return l.value.literal() }

func (p path) print(level) string {
	var b strings.Builder
	b.WriteString(p.column)
	for _, k := range p.keys {
		switch {
		case k.isItem:
			b.WriteString("[" + strconv.Itoa(k.index) + "]")
		case isName(k.name):
			b.WriteString("." + k.name)
		default:
			b.WriteString("[" + quote(k.name) + "]")
		}
	}
	return b.String()
}

func (c call) print(level) string { return c.function + "(" + c.argument.print(lowest) + ")" }

func (c comparison) print(l level) string {
	s := c.left.print(operand) + " " + c.op + " "
	if strings.Contains(c.op, "in") && !strings.Contains(c.op, "contains") {
		var items []string
		for _, e := range c.list {
			items = append(items, e.print(lowest))
		}
		s += "(" + strings.Join(items, ", ") + ")"
	} else {
		s += c.list[0].print(operand)
	}
	return enclose(s, l == operand)
}

func (j junction) print(l level) string {
	word, own := " and ", conjunct
	if j.isOr {
		word, own = " or ", lowest
	}
	var terms []string
	for _, t := range j.terms {
		terms = append(terms, t.print(own+1))
	}
	return enclose(strings.Join(terms, word), l > own)
}

func (n negation) print(level) string { return "not(" + n.of.print(lowest) + ")" }

func enclose(s string, isNeeded bool) string {
	if isNeeded {
		return "(" + s + ")"
	}
	return s
}

func isName(s string) bool {
	if s == "" || isDigit(s[0]) {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return !isWord(s)
}

// isWord reports whether a name means something else.
func isWord(s string) bool {
	switch s {
	case "and", "or", "not", "in", "has", "contains", "true", "false", "where", "extend", "count", "by":
		return true
	}
	return false
}
