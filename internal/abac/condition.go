package abac

import (
	"strings"

	"github.com/aksim/aksim/internal/actionset"
)

// Condition is a parsed condition.
type Condition struct{ root node }

// node is an expression: *junction, *negation, *call, *exists or *comparison.
type node interface{ write(b *strings.Builder) }

// junction is two or more terms with AND between them all, or with OR.
type junction struct {
	or    bool
	terms []node
}

type negation struct{ term node }

// call is ActionMatches{'…'} or SubOperationMatches{'…'}.
type call struct {
	sub     bool
	pattern actionset.Pattern
}

// exists is Exists @Source[name].
type exists struct{ attribute Attribute }

// comparison is LEFT [QUANTIFIER:]OPERATOR RIGHT.
type comparison struct {
	left, right operand
	quantifier  quantifier
	operator    operator
}

// operand is an attribute or, with an empty source, literal values; braces says
// that these stood in braces.
type operand struct {
	attribute Attribute
	items     []scalar
	braces    bool
}

// Attribute names an attribute: its source, which is Request, Resource,
// Principal or Environment, and its name as written: whether the case of names
// counts is not documented (AZ27).
type Attribute struct{ Source, Name string }

// String returns the attribute as it stands in a condition.
func (a Attribute) String() string { return "@" + a.Source + "[" + a.Name + "]" }

// String returns the condition on one line: operators and sources spelt as
// documented, AND, OR and ! for the logic, GUIDs in lower case with hyphens, no
// needless parentheses. Parsing it gives the same condition again.
func (c *Condition) String() string {
	var b strings.Builder
	c.root.write(&b)
	return b.String()
}

func (j *junction) write(b *strings.Builder) {
	for i, term := range j.terms {
		if i > 0 {
			b.WriteString(map[bool]string{true: " OR ", false: " AND "}[j.or])
		}
		if _, nested := term.(*junction); nested {
			b.WriteByte('(')
			term.write(b)
			b.WriteByte(')')
			continue
		}
		term.write(b)
	}
}

func (n *negation) write(b *strings.Builder) {
	b.WriteString("!(")
	n.term.write(b)
	b.WriteByte(')')
}

func (c *call) write(b *strings.Builder) {
	name := actionMatches
	if c.sub {
		name = subOperationMatches
	}
	b.WriteString(name + "{'" + c.pattern.String() + "'}")
}

func (e *exists) write(b *strings.Builder) { b.WriteString(existsName + " " + e.attribute.String()) }

func (c *comparison) write(b *strings.Builder) {
	b.WriteString(c.left.String() + " " + c.name() + " " + c.right.String())
}

// name is the operator's, with its quantifier.
func (c *comparison) name() string {
	if c.quantifier.name == "" {
		return c.operator.name
	}
	return c.quantifier.name + ":" + c.operator.name
}

// String returns the operand as it stands in a condition.
func (o operand) String() string {
	switch {
	case o.attribute.Source != "":
		return o.attribute.String()
	case !o.braces:
		return o.items[0].String()
	case len(o.items) == 0:
		return "{}"
	default:
		return "{" + list(o.items, len(o.items)) + "}"
	}
}
