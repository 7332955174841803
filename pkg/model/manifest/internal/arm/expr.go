package arm

import (
	"strconv"
	"strings"
)

// exprKind is the kind of an expression.
type exprKind uint8

const (
	literalExpr exprKind = iota // text, a string
	numberExpr                  // text, an integer
	callExpr                    // text(args…), text may be NAMESPACE.NAME
	memberExpr                  // args[0].text
	indexExpr                   // args[0][args[1]]
)

// expr is an expression of the template language.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
type expr struct {
	kind exprKind
	text string
	args []*expr
}

// isExpression reports whether a string is one to be evaluated: in brackets, of which
// the first is not doubled.
func isExpression(s string) bool {
	return len(s) >= 2 && s[0] == '[' && s[len(s)-1] == ']' && s[1] != '['
}

// literal returns the string that one which is no expression stands for.
func literal(s string) string {
	if strings.HasPrefix(s, "[[") && strings.HasSuffix(s, "]") {
		return s[1:]
	}
	return s
}

// String prints an expression in the one form that the parser reads back as the same.
func (x *expr) String() string {
	var b strings.Builder
	x.print(&b)
	return b.String()
}

func (x *expr) print(b *strings.Builder) {
	switch x.kind {
	case literalExpr:
		b.WriteString(quote(x.text))
	case numberExpr:
		b.WriteString(x.text)
	case callExpr:
		b.WriteString(x.text)
		b.WriteByte('(')
		for i, arg := range x.args {
			if i > 0 {
				b.WriteString(", ")
			}
			arg.print(b)
		}
		b.WriteByte(')')
	case memberExpr:
		x.args[0].print(b)
		b.WriteByte('.')
		b.WriteString(x.text)
	case indexExpr:
		x.args[0].print(b)
		b.WriteByte('[')
		x.args[1].print(b)
		b.WriteByte(']')
	}
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// syntaxError is an error in an expression. at counts characters from 1.
type syntaxError struct {
	at   int
	want string
}

func (e *syntaxError) Error() string {
	return "at character " + strconv.Itoa(e.at) + " of the expression: want " + e.want
}

// parser reads an expression from front to back.
type parser struct {
	text string
	at   int
}

// parseExpr reads the expression between the brackets.
func parseExpr(text string) (*expr, error) {
	p := &parser{text: text}
	x, err := p.expr(maxDepth)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.want("the end, or . or [ after a value")
	}
	return x, nil
}

func (p *parser) want(what string) error {
	return &syntaxError{at: len([]rune(p.text[:p.at])) + 1, want: what}
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// next returns the byte that is next behind white space, or 0 at the end.
func (p *parser) next() byte {
	if p.space(); p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) expr(depth int) (*expr, error) {
	if depth == 0 {
		return nil, p.want("less nesting: at most " + strconv.Itoa(maxDepth) + " levels")
	}
	x, err := p.operand(depth)
	for most := maxDepth; err == nil; most-- {
		c := p.next()
		if c != '.' && c != '[' {
			return x, nil
		}
		if most == 0 {
			return nil, p.want("fewer accesses: at most " + strconv.Itoa(maxDepth))
		}
		p.at++
		if c == '.' {
			p.space()
			name := p.name()
			if name == "" {
				return nil, p.want("the name of a property")
			}
			x = &expr{kind: memberExpr, text: name, args: []*expr{x}}
			continue
		}
		var index *expr
		if index, err = p.expr(depth - 1); err != nil {
			return nil, err
		}
		if p.next() != ']' {
			return nil, p.want("]")
		}
		p.at++
		x = &expr{kind: indexExpr, args: []*expr{x, index}}
	}
	return x, err
}

func (p *parser) operand(depth int) (*expr, error) {
	switch c := p.next(); {
	case c == '\'':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	start := p.at
	name := p.name()
	if name == "" {
		return nil, p.want("a function, a string in single quotes or an integer")
	}
	if p.next() == '.' { // of a user's function: NAMESPACE.NAME
		p.at++
		p.space()
		second := p.name()
		if second == "" || p.next() != '(' {
			p.at = start
			return nil, p.want("a function: a name and (")
		}
		name += "." + second
	}
	if p.next() != '(' {
		p.at = start
		return nil, p.want("a function: " + name + " has no (")
	}
	p.at++
	x := &expr{kind: callExpr, text: name}
	if p.next() == ')' {
		p.at++
		return x, nil
	}
	for {
		arg, err := p.expr(depth - 1)
		if err != nil {
			return nil, err
		}
		x.args = append(x.args, arg)
		c := p.next()
		if c != ',' && c != ')' {
			return nil, p.want("a comma or )")
		}
		p.at++
		if c == ')' {
			return x, nil
		}
	}
}

func (p *parser) name() string {
	start := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
		if !letter && (p.at == start || c < '0' || c > '9') {
			break
		}
		p.at++
	}
	return p.text[start:p.at]
}

func (p *parser) number() (*expr, error) {
	start := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	n, err := strconv.ParseInt(p.text[start:p.at], 10, 64)
	if err != nil {
		p.at = start
		return nil, p.want("an integer of 64 bits")
	}
	return &expr{kind: numberExpr, text: strconv.FormatInt(n, 10)}, nil
}

func (p *parser) str() (*expr, error) {
	start := p.at
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		if p.text[i] != '\'' {
			b.WriteByte(p.text[i])
			continue
		}
		if i+1 == len(p.text) || p.text[i+1] != '\'' {
			p.at = i + 1
			return &expr{kind: literalExpr, text: b.String()}, nil
		}
		b.WriteByte('\'')
		i++
	}
	p.at = start
	return nil, p.want("a single quote at the end of the string that begins here")
}
