package abac

import (
	"fmt"
	"slices"
	"strings"
)

// mostShown is how many values of a list a reason names.
const mostShown = 5

// Why evaluates the condition and says what keeps it from being true: a line
// for each comparison that would have to come out differently, or that cannot
// be made, in the order of the condition. There is none if it is True.
func (c *Condition) Why(in Input) (Truth, []string) {
	w := why{in: &in}
	t := in.eval(c.root)
	if t != True {
		w.explain(c.root, True)
	}
	if len(w.reasons) == 0 {
		w.reasons = w.calls // nothing but the action stands in the way
	}
	return t, w.reasons
}

type why struct {
	in *Input
	// calls are what is said of actions: of interest only if nothing else is.
	reasons, calls []string
}

// explain says why the node is not what is wanted, which it is not.
func (w *why) explain(n node, wanted Truth) {
	switch n := n.(type) {
	case *negation:
		w.explain(n.term, wanted.not())
	case *junction:
		// The terms that come out as all of it does are those that make it so.
		got := w.in.eval(n)
		for _, term := range n.terms {
			if w.in.eval(term) == got {
				w.explain(term, wanted)
			}
		}
	case *call:
		w.calls = add(w.calls, w.called(n, wanted))
	case *exists:
		w.reasons = add(w.reasons, w.existing(n, wanted))
	case *comparison:
		w.reasons = add(w.reasons, w.compared(n, wanted))
	}
}

func add(lines []string, line string) []string {
	if slices.Contains(lines, line) {
		return lines
	}
	return append(lines, line)
}

func (w *why) called(c *call, wanted Truth) string {
	what, name := "the action", w.in.Action
	if c.sub {
		what, name = "the sub-operation", w.in.SubOperation
	}
	switch {
	case c.sub && name == "" && !w.in.NoSubOperation:
		return what + " is not known"
	case w.in.call(c) == Unknown:
		return fmt.Sprintf("%s %s matches '%s' only if /*/ may stand for a single slash", what, name, c.pattern)
	case c.sub && name == "":
		return fmt.Sprintf("there is no sub-operation, and it must match '%s'", c.pattern)
	case wanted == True:
		return fmt.Sprintf("%s is %s, and must match '%s'", what, name, c.pattern)
	default:
		return fmt.Sprintf("%s is %s, and must not match '%s'", what, name, c.pattern)
	}
}

func (w *why) existing(e *exists, wanted Truth) string {
	switch {
	case w.in.exists(e) == Unknown:
		return fmt.Sprintf("%s is not known", e.attribute)
	case wanted == True:
		return fmt.Sprintf("%s is absent, and must exist", e.attribute)
	default:
		return fmt.Sprintf("%s exists, and must not", e.attribute)
	}
}

func (w *why) compared(c *comparison, wanted Truth) string {
	if w.in.comparison(c) == Unknown {
		return w.unknown(c)
	}
	left, _ := w.in.items(&c.left)
	right, _ := w.in.items(&c.right)
	switch {
	case c.left.attribute.Source != "":
		return fmt.Sprintf("%s is %s, and %s", c.left.attribute, list(left, mostShown), c.must(left, right, wanted == False))
	case wanted == False:
		return c.brief() + " holds, and must not"
	default:
		return c.brief() + " does not hold"
	}
}

// brief writes a comparison with long lists cut short.
func (c *comparison) brief() string {
	return c.left.brief() + " " + c.name() + " " + c.right.brief()
}

func (o operand) brief() string {
	if len(o.items) <= mostShown {
		return o.String()
	}
	return "{" + list(o.items, mostShown) + "}"
}

// must says what the left side would have to be.
func (c *comparison) must(left, right []scalar, negated bool) string {
	not := c.operator.negated != negated
	source := ""
	if c.right.attribute.Source != "" {
		source = ", which " + c.right.attribute.String() + " is"
	}
	switch {
	case c.operator.relation == equals && len(left) == 1 && len(right) == 1:
		return map[bool]string{false: "must be ", true: "must not be "}[not] + list(right, 1) + source
	case c.operator.relation == equals && len(left) == 1 && (c.quantifier.any != c.operator.negated):
		return map[bool]string{false: "must be one of ", true: "must be none of "}[not] + list(right, mostShown) + source
	default:
		return map[bool]string{false: "must satisfy ", true: "must not satisfy "}[negated] + c.name() + " " + c.right.brief()
	}
}

// unknown says why a comparison cannot be made: the first thing wrong with it.
func (w *why) unknown(c *comparison) string {
	var types []string
	for _, o := range []*operand{&c.left, &c.right} {
		items, _ := w.in.items(o)
		name := o.brief()
		if o.attribute.Source != "" {
			_, presence := w.in.attribute(o.attribute)
			if presence == NotKnown {
				return name + " is not known"
			}
			if presence == Absent {
				return fmt.Sprintf("%s is absent, and what %s makes of that is not documented", name, c.operator.name)
			}
		}
		switch {
		case len(items) == 0:
			return fmt.Sprintf("%s has no value, and what %s makes of that is not documented", name, c.name())
		case len(items) > 1 && c.quantifier.name == "":
			return fmt.Sprintf("%s has %d values, and what %s makes of several is not documented", name, len(items), c.name())
		}
		for _, s := range items {
			if want := c.operator.misfit(s); want != "" {
				types = add(types, fmt.Sprintf("%s is %s, and %s compares %s", name, s, c.name(), want))
			}
		}
	}
	if types == nil {
		return c.brief() + ": which letters beyond ASCII are the same but for their case is not documented"
	}
	return strings.Join(types, "; ")
}
