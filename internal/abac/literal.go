package abac

import (
	"strconv"
	"strings"
)

// operand reads an attribute, a value, or values in braces.
func (p *parser) operand(want string) (operand, *SyntaxError) {
	switch {
	case p.token.kind == tokenAttribute:
		a, err := p.attribute()
		return operand{attribute: a}, err
	case p.token.kind == tokenMark && p.token.text == "{":
		return p.braces()
	default:
		value, err := p.value(want)
		return operand{items: []scalar{value}}, err
	}
}

func (p *parser) braces() (operand, *SyntaxError) {
	o := operand{braces: true}
	if err := p.advance(); err != nil {
		return o, err
	}
	if p.token.kind == tokenMark && p.token.text == "}" {
		return o, p.advance()
	}
	for {
		value, err := p.value("a value")
		if err != nil {
			return o, err
		}
		o.items = append(o.items, value)
		if p.token.kind != tokenMark || p.token.text != "," {
			return o, p.mark("}", "or a comma after "+value.String())
		}
		if err := p.advance(); err != nil {
			return o, err
		}
	}
}

// value reads a quoted string, an integer, true, false or a bare GUID.
func (p *parser) value(want string) (scalar, *SyntaxError) {
	if p.token.kind == tokenText {
		s := scalar{kind: kindText, text: p.token.text}
		return s, p.advance()
	}
	if p.token.kind != tokenWord {
		return scalar{}, p.failure(p.token.at, "want %s, got %s", want, p.token.describe())
	}
	s, ok := parseWord(p.token.text)
	if !ok {
		return scalar{}, p.failure(p.token.at, "want %s, got %s: strings stand in single quotes, numbers are integers", want, p.token.describe())
	}
	return s, p.advance()
}

// literalWord reports whether a bare word can only be meant as a value.
func literalWord(word string) bool {
	_, ok := parseWord(word)
	return ok || word[0] == '-' || '0' <= word[0] && word[0] <= '9'
}

func parseWord(word string) (scalar, bool) {
	if g, ok := parseGUID(word); ok {
		return scalar{kind: kindGUID, guid: g}, true
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return scalar{kind: kindNumber, number: n}, true
	}
	switch {
	case strings.EqualFold(word, "true"):
		return scalar{kind: kindBool, truth: true}, true
	case strings.EqualFold(word, "false"):
		return scalar{kind: kindBool}, true
	default:
		return scalar{}, false
	}
}

// suits checks that literal values are of the operator's type. Quoted GUIDs
// become bare ones.
func (p *parser) suits(c *comparison, o operand, at int) *SyntaxError {
	for i, s := range o.items {
		if want := c.operator.misfit(s); want != "" {
			return p.failure(at, "%s compares %s, and %s is none", c.name(), want, s)
		}
		o.items[i] = c.operator.prepare(s)
	}
	return nil
}

// prepare returns a value that is the same to the operator and quicker to
// compare.
func (o operator) prepare(s scalar) scalar {
	if o.kind != kindGUID {
		return s
	}
	if g, ok := s.asGUID(); ok {
		return scalar{kind: kindGUID, guid: g}
	}
	return s
}

// misfit returns what the operator compares if the value is none of it.
func (o operator) misfit(s scalar) string {
	ok, want := false, ""
	switch o.kind {
	case kindNumber:
		ok, want = s.kind == kindNumber, "integers"
	case kindBool:
		ok, want = s.kind == kindBool, "true and false"
	case kindGUID:
		_, ok = s.asGUID()
		want = "GUIDs"
	case kindTime:
		_, ok = s.asTime()
		want = "quoted times such as '2022-06-01T00:00:00.0Z'"
	default:
		ok, want = s.kind == kindText, "strings, in single quotes"
	}
	if ok {
		return ""
	}
	return want
}
