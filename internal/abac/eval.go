package abac

import (
	"strings"

	"github.com/aksim/aksim/internal/actionset"
)

// Input is what is known of a request. The zero Input knows nothing but that
// the action is called "".
type Input struct {
	// Action is the action asked for, in any case.
	Action string
	// SubOperation is the sub-operation, such as Blob.List; empty means that it
	// is not known, unless NoSubOperation says that there is none.
	SubOperation   string
	NoSubOperation bool
	// Attribute returns the value of an attribute: its source is spelt as in
	// Attribute.Source, its name as in the condition. If nil, none is known.
	Attribute func(source, name string) (Value, Presence)
}

// Eval reports whether the condition lets the request pass.
func (c *Condition) Eval(in Input) Truth { return in.eval(c.root) }

func (in *Input) eval(n node) Truth {
	switch n := n.(type) {
	case *junction:
		return in.junction(n)
	case *negation:
		return in.eval(n.term).not()
	case *call:
		return in.call(n)
	case *exists:
		return in.exists(n)
	case *comparison:
		return in.comparison(n)
	default:
		return Unknown
	}
}

func (in *Input) junction(j *junction) Truth {
	t, settled := True, False
	if j.or {
		t, settled = False, True
	}
	for _, term := range j.terms {
		u := in.eval(term)
		if u == settled {
			return settled
		}
		if u == Unknown {
			t = Unknown
		}
	}
	return t
}

// call matches as permissions do (AZ25).
func (in *Input) call(c *call) Truth {
	if !c.sub {
		return matched(c.pattern.Match(in.Action))
	}
	switch {
	case in.SubOperation != "":
		return matched(c.pattern.Match(in.SubOperation))
	case in.NoSubOperation:
		return False
	default:
		return Unknown
	}
}

func matched(m actionset.Match) Truth {
	switch m {
	case actionset.Yes:
		return True
	case actionset.No:
		return False
	default:
		return Unknown
	}
}

func (in *Input) exists(e *exists) Truth {
	switch _, presence := in.attribute(e.attribute); presence {
	case Present:
		return True
	case Absent:
		return False
	default:
		return Unknown
	}
}

// subOperation is the attribute that stood for SubOperationMatches once (AZ25).
const subOperation = "subOperation"

// attribute looks an attribute up.
func (in *Input) attribute(a Attribute) (Value, Presence) {
	if a.Source == "Request" && strings.EqualFold(a.Name, subOperation) {
		switch {
		case in.SubOperation != "":
			return Text(in.SubOperation), Present
		case in.NoSubOperation:
			return Text(""), Present
		}
	}
	if in.Attribute == nil {
		return Value{}, NotKnown
	}
	return in.Attribute(a.Source, a.Name)
}

// items returns the values of an operand; false if they are not known, or not
// there.
func (in *Input) items(o *operand) ([]scalar, bool) {
	if o.attribute.Source == "" {
		return o.items, true
	}
	v, presence := in.attribute(o.attribute)
	return v.items, presence == Present
}

// comparison compares. What a comparison makes of an absent attribute, of an
// empty list, or of several values where it has no quantifier, is not
// documented (AZ28).
func (in *Input) comparison(c *comparison) Truth {
	left, ok := in.items(&c.left)
	right, also := in.items(&c.right)
	if !ok || !also || len(left) == 0 || len(right) == 0 {
		return Unknown
	}
	if c.quantifier.name == "" {
		if len(left) > 1 || len(right) > 1 {
			return Unknown
		}
		return c.operator.holds(left[0], right[0])
	}
	return c.operator.holdsFor(c.quantifier, left, right)
}

// holdsFor is the comparison of every value on the left with every one on the
// right, for any or all of either (AZ34).
func (o operator) holdsFor(q quantifier, left, right []scalar) Truth {
	total := truthOf(q.all)
	for _, l := range left {
		l = o.prepare(l)
		row := truthOf(!q.any)
		for _, r := range right {
			t := o.holds(l, r)
			if q.any {
				row = row.or(t)
			} else {
				row = row.and(t)
			}
		}
		if q.all {
			total = total.and(row)
		} else {
			total = total.or(row)
		}
	}
	return total
}
