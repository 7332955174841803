package arm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// lazy returns how to evaluate a function that does not evaluate all its arguments, or
// nil.
func (v env) lazy(function string) func(*expr) (tree.Node, error) {
	switch function {
	case "if":
		return v.ifElse
	case "and":
		return func(x *expr) (tree.Node, error) { return v.allOf(x, "and", true) }
	case "or":
		return func(x *expr) (tree.Node, error) { return v.allOf(x, "or", false) }
	case "coalesce":
		return v.coalesce
	case "map", "filter", "reduce", "sort", "toobject", "mapvalues", "groupby":
		return v.higherOrder
	}
	return nil
}

func (v env) ifElse(x *expr) (tree.Node, error) {
	condition, err := v.eval(x.args[0])
	if err != nil {
		return condition, err
	}
	if condition.Kind == tree.Bool {
		if condition.Text == "true" {
			return v.eval(x.args[1])
		}
		return v.eval(x.args[2])
	}
	if condition.Kind != tree.Expression {
		return condition, fmt.Errorf("if() wants a condition, not %s", kindName(condition))
	}
	yes, no := v.maybe(x.args[1]), v.maybe(x.args[2])
	if err := v.weigh(condition, yes, no); err != nil {
		return condition, err
	}
	if eq, sure := equal(yes, no); sure && eq {
		return yes, nil
	}
	return opaque("if", condition, yes, no), nil
}

// maybe evaluates an expression that Azure may never look at: that it has no value is
// no problem then.
func (v env) maybe(x *expr) tree.Node {
	v.muted++
	defer func() { v.muted-- }()
	n, err := v.eval(x)
	if err != nil {
		return atom(v.canonical(x))
	}
	return n
}

// allOf evaluates and, of which true is neutral, or or, of which false is: the first
// value that is not neutral decides.
func (v env) allOf(x *expr, function string, neutral bool) (tree.Node, error) {
	var open []tree.Node
	for _, arg := range x.args {
		n, err := v.eval(arg)
		if len(open) > 0 && err != nil {
			n, err = v.maybe(arg), nil
		}
		if err != nil {
			return n, err
		}
		switch {
		case n.Kind == tree.Expression:
			open = append(open, n)
		case n.Kind != tree.Bool:
			return n, fmt.Errorf("%s() wants booleans, not %s", function, kindName(n))
		case n.Text != boolean(neutral).Text:
			return n, nil
		}
	}
	if err := v.weigh(open...); err != nil {
		return tree.Node{}, err
	}
	switch len(open) {
	case 0:
		return boolean(neutral), nil
	case 1:
		return open[0], nil
	}
	return opaque(function, open...), nil
}

func (v env) coalesce(x *expr) (tree.Node, error) {
	var open []tree.Node
	for _, arg := range x.args {
		var n tree.Node
		var err error
		if len(open) > 0 {
			n = v.maybe(arg)
		} else if n, err = v.eval(arg); err != nil {
			return n, err
		}
		switch {
		case n.Kind == tree.Null:
			continue
		case n.Kind == tree.Expression && n.Items == nil:
			open = append(open, n)
			continue
		case len(open) == 0:
			return n, nil
		}
		open = append(open, n)
		break
	}
	if err := v.weigh(open...); err != nil {
		return tree.Node{}, err
	}
	switch len(open) {
	case 0:
		return tree.Node{Kind: tree.Null}, nil
	case 1:
		return open[0], nil
	}
	return opaque("coalesce", open...), nil
}

// canonical writes an expression with what it calls by name replaced by what that is,
// so that it means the same wherever it stands.
func (v env) canonical(x *expr) string { return v.substituted(x, nil) }

func (v env) substituted(x *expr, bound []string) string {
	if x.kind == callExpr {
		switch strings.ToLower(x.text) {
		case "lambda":
			for _, name := range x.args[:max(len(x.args)-1, 0)] {
				bound = append(slices.Clip(bound), strings.ToLower(name.text))
			}
		case "lambdavariables":
			if len(x.args) == 1 && slices.Contains(bound, strings.ToLower(x.args[0].text)) {
				return x.String()
			}
			fallthrough
		case "parameters", "variables", "copyindex", "subscription", "resourcegroup", "managementgroup", "deployment":
			v.muted++
			defer func() { v.muted-- }()
			if n, err := v.eval(x); err == nil && v.weigh(n) == nil {
				return source(n)
			}
		}
	}
	args := make([]string, len(x.args))
	for i, arg := range x.args {
		args[i] = v.substituted(arg, bound)
	}
	switch x.kind {
	case callExpr:
		return x.text + "(" + strings.Join(args, ", ") + ")"
	case memberExpr:
		return args[0] + "." + x.text
	case indexExpr:
		return args[0] + "[" + args[1] + "]"
	case literalExpr:
		return source(text(x.text))
	case numberExpr:
	}
	return x.String()
}
