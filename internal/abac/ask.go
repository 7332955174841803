package abac

import (
	"slices"

	"github.com/aksim/aksim/internal/actionset"
)

// Targets reports whether the condition restricts the action at all: No if it
// is true whatever the attributes and the sub-operation are, Maybe if that
// hangs on the reading of /*/ in its patterns (AZ38).
func (c *Condition) Targets(action string) actionset.Match {
	// Either reading for all of the condition at once.
	strict := targets(c.root, action, actionset.Yes) != True
	generous := targets(c.root, action, actionset.Maybe) != True
	switch {
	case strict && generous:
		return actionset.Yes
	case !strict && !generous:
		return actionset.No
	default:
		return actionset.Maybe
	}
}

// targets evaluates the node with nothing known but the action, which matches
// where it does so at least as surely as least.
func targets(n node, action string, least actionset.Match) Truth {
	switch n := n.(type) {
	case *junction:
		t := truthOf(!n.or)
		for _, term := range n.terms {
			if u := targets(term, action, least); n.or {
				t = t.or(u)
			} else {
				t = t.and(u)
			}
		}
		return t
	case *negation:
		return targets(n.term, action, least).not()
	case *call:
		if n.sub {
			return Unknown
		}
		return truthOf(n.pattern.Match(action) >= least)
	default:
		var nothing Input
		return nothing.eval(n)
	}
}

// Actions returns the patterns of ActionMatches, each once, in the order of the
// condition.
func (c *Condition) Actions() []actionset.Pattern {
	var patterns []actionset.Pattern
	walk(c.root, func(n node) {
		if n, ok := n.(*call); ok && !n.sub && !slices.ContainsFunc(patterns, func(p actionset.Pattern) bool { return p.String() == n.pattern.String() }) {
			patterns = append(patterns, n.pattern)
		}
	})
	return patterns
}

// Attributes returns the attributes that the condition mentions, each once, in
// its order.
func (c *Condition) Attributes() []Attribute {
	var found []Attribute
	note := func(a Attribute) {
		if a.Source != "" && !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	walk(c.root, func(n node) {
		switch n := n.(type) {
		case *exists:
			note(n.attribute)
		case *comparison:
			note(n.left.attribute)
			note(n.right.attribute)
		}
	})
	return found
}

// walk visits the leaves of an expression in its order.
func walk(n node, visit func(node)) {
	switch n := n.(type) {
	case *junction:
		for _, term := range n.terms {
			walk(term, visit)
		}
	case *negation:
		walk(n.term, visit)
	default:
		visit(n)
	}
}
