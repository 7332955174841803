package kql

import (
	"slices"
	"strconv"
	"strings"
)

// deepest is how deep brackets and calls may nest.
const deepest = 100

// Parse reads a query. The error is an *Error.
func Parse(query string) (*Query, error) {
	all, err := tokens(query)
	if err != nil {
		return nil, err
	}
	p := parser{tokens: all}
	return p.query()
}

type parser struct {
	tokens []token // the end is among them
	depth  int
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) at(marks ...string) bool {
	return p.peek().kind == mark && slices.Contains(marks, p.peek().text)
}

func (p *parser) atWord(word string) bool {
	return p.peek().kind == name && p.peek().text == word
}

func (p *parser) want(m string) error {
	if t := p.next(); t.kind != mark || t.text != m {
		return t.at.error("want %s, not %s", m, t)
	}
	return nil
}

func (p *parser) query() (*Query, error) {
	table := p.next()
	if table.kind != name || isWord(table.text) {
		return nil, table.at.error("want the name of a table, not %s", table)
	}
	q := &Query{Table: table.text}
	if !p.at("|", ";") && p.peek().kind != end {
		return nil, table.at.error("%s %s is not understood", table, p.peek())
	}
	for p.at("|") {
		p.next()
		if q.counts {
			return nil, p.peek().at.error("what follows count is not understood")
		}
		if err := p.operator(q); err != nil {
			return nil, err
		}
	}
	if p.at(";") {
		p.next()
	}
	if t := p.peek(); t.kind != end {
		return nil, t.at.error("%s is not understood", t)
	}
	return q, nil
}

func (p *parser) operator(q *Query) error {
	t := p.next()
	switch {
	case t.kind != name:
		return t.at.error("want an operator, not %s", t)
	case t.text == "where":
		e, err := p.predicate()
		q.steps = append(q.steps, step{where: e})
		return err
	case t.text == "extend":
		columns, err := p.columns()
		q.steps = append(q.steps, step{extend: columns})
		return err
	case t.text == "count":
		q.counts = true
		return nil
	}
	return t.at.error("the operator %s is not understood", t.text)
}

func (p *parser) columns() (all []column, err error) {
	for {
		t := p.next()
		if t.kind != name || isWord(t.text) {
			return nil, t.at.error("want the name of a column, not %s", t)
		}
		if err := p.want("="); err != nil {
			return nil, err
		}
		e, err := p.predicate()
		if err != nil {
			return nil, err
		}
		all = append(all, column{t.text, e})
		if !p.at(",") {
			return all, nil
		}
		p.next()
	}
}

// predicate reads what or joins.
func (p *parser) predicate() (expression, error) {
	at := p.peek().at
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > deepest {
		return nil, at.error("brackets nest too deep")
	}
	return p.junction("or", func() (expression, error) { return p.junction("and", p.comparison) })
}

func (p *parser) junction(word string, term func() (expression, error)) (expression, error) {
	at := p.peek().at
	first, err := term()
	if err != nil || !p.atWord(word) {
		return first, err
	}
	j := junction{position: at, isOr: word == "or", terms: []expression{first}}
	for p.atWord(word) {
		p.next()
		t, err := term()
		if err != nil {
			return nil, err
		}
		j.terms = append(j.terms, t)
	}
	return j, nil
}

func (p *parser) comparison() (expression, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	op, at, err := p.comparer()
	if err != nil || op == "" {
		return left, err
	}
	c := comparison{position: at, op: op, left: left}
	if strings.TrimLeft(strings.TrimSuffix(op, "~"), "!") == "in" {
		c.list, err = p.list()
		return c, err
	}
	right, err := p.operand()
	c.list = []expression{right}
	return c, err
}

// comparer reads an operator that compares; empty if there is none.
func (p *parser) comparer() (op string, at position, err error) {
	t := p.peek()
	at = t.at
	switch {
	case p.at("==", "!=", "=~", "!~"):
		return p.next().text, at, nil
	case p.at("!"):
		op = p.next().text
		if p.peek().at != (position{at.line, at.col + 1}) {
			return "", at, at.error("! is not understood")
		}
	case t.kind != name || t.text == "and" || t.text == "or":
		return "", at, nil
	}
	w := p.next()
	if w.kind != name || w.text != "in" && w.text != "has" && w.text != "contains" {
		return "", at, at.error("the operator %s%s is not understood", op, w)
	}
	op += w.text
	if w.text == "in" && p.at("~") {
		op += p.next().text
	}
	return op, at, nil
}

// list reads what follows in: literals in brackets.
func (p *parser) list() (all []expression, err error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		e, err := p.operand()
		if err != nil {
			return nil, err
		}
		if _, ok := e.(literal); !ok {
			return nil, t.at.error("%s in a list is not understood: it may be a table", t)
		}
		all = append(all, e)
		if p.at(",") {
			p.next()
			continue
		}
		return all, p.want(")")
	}
}

func (p *parser) operand() (expression, error) {
	t := p.next()
	switch {
	case t.kind == text:
		return literal{t.at, value{kind: stringValue, text: t.text}}, nil
	case t.kind == number:
		return p.number(t)
	case t.kind == mark && t.text == "(":
		e, err := p.predicate()
		if err != nil {
			return nil, err
		}
		return e, p.want(")")
	case t.kind != name:
		return nil, t.at.error("want an expression, not %s", t)
	case t.text == "true" || t.text == "false":
		return literal{t.at, truth(t.text == "true")}, nil
	case p.at("("):
		return p.call(t)
	case isWord(t.text):
		return nil, t.at.error("want an expression, not %s", t)
	}
	return p.path(t)
}

func (p *parser) number(t token) (expression, error) {
	if i, err := strconv.ParseInt(t.text, 10, 64); err == nil && strconv.FormatInt(i, 10) == t.text && i <= exact {
		return literal{t.at, value{kind: longValue, number: float64(i)}}, nil
	}
	f, err := strconv.ParseFloat(t.text, 64)
	if err != nil || !strings.Contains(t.text, ".") || strings.Trim(t.text, "0123456789.") != "" {
		return nil, t.at.error("the number %s is not understood", t.text)
	}
	return literal{t.at, value{kind: realValue, number: f}}, nil
}

func (p *parser) call(t token) (expression, error) {
	if !slices.Contains([]string{"not", "parse_json", "todynamic", "tostring", "toint", "tolong"}, t.text) {
		return nil, t.at.error("the function %s is not understood", t.text)
	}
	p.next()
	e, err := p.predicate()
	if err != nil {
		return nil, err
	}
	if err := p.want(")"); err != nil {
		return nil, err
	}
	if t.text == "not" {
		return negation{t.at, e}, nil
	}
	c := call{t.at, t.text, e}
	if p.at(".", "[") {
		return nil, p.peek().at.error("a property of what %s returns is not understood: extend a column by it", t.text)
	}
	return c, nil
}

func (p *parser) path(t token) (expression, error) {
	e := path{position: t.at, column: t.text}
	for p.at(".", "[") {
		k := key{}
		if p.next().text == "." {
			n := p.next()
			if n.kind != name || isWord(n.text) {
				return nil, n.at.error("want the name of a property, not %s", n)
			}
			k.name = n.text
			e.keys = append(e.keys, k)
			continue
		}
		n := p.next()
		i, err := strconv.Atoi(n.text)
		switch {
		case n.kind == text:
			k.name = n.text
		case n.kind == number && err == nil && strconv.Itoa(i) == n.text:
			k.index, k.isItem = i, true
		default:
			return nil, n.at.error("want the name of a property or a number, not %s", n)
		}
		if err := p.want("]"); err != nil {
			return nil, err
		}
		e.keys = append(e.keys, k)
	}
	return e, nil
}
