package abac

import (
	"strings"

	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/internal/suggest"
)

const (
	actionMatches       = "ActionMatches"
	subOperationMatches = "SubOperationMatches"
	existsName          = "Exists"
	notExistsName       = "NotExists"

	// maxDepth bounds parentheses and negations; a condition has 8 KB at most.
	maxDepth = 500
)

//nolint:gochecknoglobals // a constant table
var (
	sources   = []string{"Request", "Resource", "Principal", "Environment"}
	functions = []string{actionMatches, subOperationMatches, existsName, notExistsName}
)

// Parse reads a condition of version 2.0 (AZ39); which version a condition is of
// stands beside it, and is for the caller to look at. The error is a
// *SyntaxError.
func Parse(text string) (*Condition, error) {
	p := parser{lexer: lexer{text: text}}
	root, err := p.condition()
	if err != nil {
		return nil, err
	}
	return &Condition{root: root}, nil
}

type parser struct {
	lexer
	token token
	depth int
}

func (p *parser) advance() *SyntaxError {
	t, err := p.next()
	p.token = t
	return err
}

func (p *parser) condition() (node, *SyntaxError) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind == tokenEnd {
		return nil, p.failure(p.token.at, "the condition is empty")
	}
	root, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenEnd {
		return nil, p.failure(p.token.at, "want AND, OR or the end, got %s", p.token.describe())
	}
	return root, nil
}

// expression reads terms with AND between them, or with OR. Both at once need
// parentheses (AZ26).
func (p *parser) expression() (node, *SyntaxError) {
	first, err := p.term()
	if err != nil {
		return nil, err
	}
	j := &junction{or: p.token.kind == tokenOr, terms: []node{first}}
	for p.token.kind == tokenAnd || p.token.kind == tokenOr {
		if (p.token.kind == tokenOr) != j.or {
			return nil, p.failure(p.token.at, "AND and OR side by side need parentheses that say which comes first")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		term, err := p.term()
		if err != nil {
			return nil, err
		}
		j.terms = append(j.terms, term)
	}
	if len(j.terms) == 1 {
		return first, nil
	}
	return j, nil
}

func (p *parser) term() (node, *SyntaxError) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.failure(p.token.at, "more than %d parentheses and negations within each other", maxDepth)
	}
	defer func() { p.depth-- }()
	switch {
	case p.token.kind == tokenNot:
		return p.negation()
	case p.opens():
		return p.parenthesis()
	case p.token.kind == tokenWord && !literalWord(p.token.text):
		return p.function()
	default:
		return p.comparison()
	}
}

func (p *parser) opens() bool { return p.token.kind == tokenMark && p.token.text == "(" }

// negation counts as one level with its parentheses or without: String puts
// them there, and what it writes is to be read again.
func (p *parser) negation() (node, *SyntaxError) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	inner := p.term
	if p.opens() {
		inner = p.parenthesis
	}
	term, err := inner()
	return &negation{term}, err
}

func (p *parser) parenthesis() (node, *SyntaxError) {
	open := p.token.at
	if err := p.advance(); err != nil {
		return nil, err
	}
	inner, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenMark || p.token.text != ")" {
		at := p.failure(open, "")
		return nil, p.failure(p.token.at, "want AND, OR or the ) for the ( of line %d, column %d, got %s", at.Line, at.Column, p.token.describe())
	}
	return inner, p.advance()
}

func (p *parser) mark(text, where string) *SyntaxError {
	if p.token.kind != tokenMark || p.token.text != text {
		return p.failure(p.token.at, "want %s %s, got %s", text, where, p.token.describe())
	}
	return p.advance()
}

// function reads what begins with a function's name.
func (p *parser) function() (node, *SyntaxError) {
	word := p.token
	name, known := named(functions, itself, word.text)
	if !known {
		return nil, p.failure(word.at, "want an attribute, a value or a function, got %s%s", word.describe(), suggest.Clause(word.text, functions))
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if name != actionMatches && name != subOperationMatches {
		if p.token.kind != tokenAttribute {
			return nil, p.failure(p.token.at, "want an attribute after %s, got %s", name, p.token.describe())
		}
		a, err := p.attribute()
		if name == notExistsName {
			return &negation{&exists{a}}, err
		}
		return &exists{a}, err
	}
	if err := p.mark("{", "after "+name); err != nil {
		return nil, err
	}
	if p.token.kind != tokenText {
		return nil, p.failure(p.token.at, "want a quoted pattern, got %s", p.token.describe())
	}
	pattern := actionset.Compile(p.token.text)
	if err := p.advance(); err != nil {
		return nil, err
	}
	return &call{sub: name == subOperationMatches, pattern: pattern}, p.mark("}", "after the one pattern of "+name)
}

func itself(s string) string { return s }

// attribute turns the token into an attribute with a source that exists.
func (p *parser) attribute() (Attribute, *SyntaxError) {
	source, known := named(sources, itself, p.token.source)
	if !known {
		return Attribute{}, p.failure(p.token.at, "want @%s, got @%s%s", strings.Join(sources, ", @"), p.token.source, suggest.Clause(p.token.source, sources))
	}
	a := Attribute{source, p.token.text}
	return a, p.advance()
}

func (p *parser) comparison() (node, *SyntaxError) {
	left := p.token
	c := &comparison{}
	var err *SyntaxError
	if c.left, err = p.operand("an attribute or a value"); err != nil {
		return nil, err
	}
	if p.token.kind != tokenWord {
		return nil, p.failure(p.token.at, "want an operator after %s, got %s", left.describe(), p.token.describe())
	}
	if err := p.operator(c); err != nil {
		return nil, err
	}
	right := p.token
	if c.right, err = p.operand("an attribute or a value after " + c.name()); err != nil {
		return nil, err
	}
	if err := p.suits(c, c.left, left.at); err != nil {
		return nil, err
	}
	return c, p.suits(c, c.right, right.at)
}

// operator reads [QUANTIFIER:]OPERATOR.
func (p *parser) operator(c *comparison) *SyntaxError {
	first, rest, quantified := strings.Cut(p.token.text, ":")
	name := first
	if quantified {
		var known bool
		if c.quantifier, known = named(quantifiers, quantifierName, first); !known {
			return p.failure(p.token.at, "no quantifier is called %q%s", first, suggest.Clause(first, names(quantifiers, quantifierName)))
		}
		name = rest
	}
	var known bool
	if c.operator, known = named(operators, operatorName, name); !known {
		return p.failure(p.token.at, "no operator is called %q%s", name, suggest.Clause(name, names(operators, operatorName)))
	}
	return p.advance()
}
