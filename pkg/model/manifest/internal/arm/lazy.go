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

// allOf evaluates and, and or with stop false: the first value that is not stop
// decides.
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

// lambda is an anonymous function, the last argument of some functions.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda
type lambda struct {
	env
	names []string
	body  *expr
}

func (v env) lambda(x *expr, least, most int) (lambda, error) {
	l := lambda{env: v}
	if x.kind != callExpr || !strings.EqualFold(x.text, "lambda") || len(x.args) == 0 {
		return l, fmt.Errorf("want lambda('name', …), not %s", quoted(x.String()))
	}
	for _, arg := range x.args[:len(x.args)-1] {
		if arg.kind != literalExpr {
			return l, fmt.Errorf("lambda() wants names, not %s", quoted(arg.String()))
		}
		l.names = append(l.names, strings.ToLower(arg.text))
	}
	if len(l.names) < least || len(l.names) > most {
		return l, fmt.Errorf("lambda() has %d names, want %d to %d", len(l.names), least, most)
	}
	l.body = x.args[len(x.args)-1]
	return l, nil
}

func (l lambda) call(args ...tree.Node) (tree.Node, error) {
	v := l.env
	v.local = make(map[string]tree.Node, len(l.local)+len(args))
	for name, n := range l.local {
		v.local[name] = n
	}
	for i, name := range l.names {
		v.local[name] = args[i]
	}
	return v.eval(l.body)
}

func (v env) higherOrder(x *expr) (tree.Node, error) {
	function := strings.ToLower(x.text)
	subject, err := v.eval(x.args[0])
	if err != nil {
		return subject, err
	}
	want := tree.List
	if function == "mapvalues" {
		want = tree.Object
	}
	switch {
	case subject.Kind == tree.Expression || function == "groupby":
		return atom(v.canonical(x)), nil
	case subject.Kind != want:
		return subject, fmt.Errorf("%s() wants a list or object, not %s", x.text, kindName(subject))
	}
	var n tree.Node
	switch function {
	case "map":
		n, err = v.mapList(subject, x)
	case "mapvalues":
		n, err = v.mapValues(subject, x)
	case "filter":
		n, err = v.filter(subject, x)
	case "reduce":
		n, err = v.reduce(subject, x)
	case "sort":
		n, err = v.sorted(subject, x)
	case "toobject":
		n, err = v.toObject(subject, x)
	}
	if err == errOpen { //nolint:errorlint // the functions above return it as it is
		return atom(v.canonical(x)), nil
	}
	return n, err
}

func (v env) mapList(subject tree.Node, x *expr) (tree.Node, error) {
	l, err := v.lambda(x.args[1], 1, 2)
	out := make([]tree.Node, len(subject.Items))
	for i, item := range subject.Items {
		if err != nil {
			break
		}
		out[i], err = l.call(item, integer(int64(i)))
	}
	return list(out), err
}

func (v env) mapValues(subject tree.Node, x *expr) (tree.Node, error) {
	l, err := v.lambda(x.args[1], 1, 1)
	out := tree.Node{Kind: tree.Object, Members: slices.Clone(subject.Members)}
	for i, m := range subject.Members {
		if err != nil {
			break
		}
		out.Members[i].Value, err = l.call(m.Value)
	}
	return out, err
}

func (v env) filter(subject tree.Node, x *expr) (tree.Node, error) {
	l, err := v.lambda(x.args[1], 1, 2)
	if err != nil {
		return subject, err
	}
	var out []tree.Node
	for i, item := range subject.Items {
		keep, err := l.call(item, integer(int64(i)))
		switch {
		case err != nil:
			return keep, err
		case keep.Kind == tree.Expression:
			return keep, errOpen
		case keep.Kind != tree.Bool:
			return keep, fmt.Errorf("filter() wants a boolean, not %s", kindName(keep))
		case keep.Text == "true":
			out = append(out, item)
		}
	}
	return list(out), nil
}

func (v env) reduce(subject tree.Node, x *expr) (tree.Node, error) {
	sum, err := v.eval(x.args[1])
	if err != nil {
		return sum, err
	}
	l, err := v.lambda(x.args[2], 2, 3)
	for i, item := range subject.Items {
		if err != nil {
			break
		}
		sum, err = l.call(sum, item, integer(int64(i)))
	}
	return sum, err
}

func (v env) sorted(subject tree.Node, x *expr) (tree.Node, error) {
	l, err := v.lambda(x.args[1], 2, 2)
	items := slices.Clone(subject.Items)
	slices.SortStableFunc(items, func(a, b tree.Node) int {
		for i, pair := range [][2]tree.Node{{a, b}, {b, a}} {
			if err != nil {
				return 0
			}
			var less tree.Node
			if less, err = l.call(pair[0], pair[1]); err == nil && less.Kind != tree.Bool {
				err = errOpen
			}
			if less.Text == "true" {
				return 2*i - 1
			}
		}
		return 0
	})
	return list(items), err
}

func (v env) toObject(subject tree.Node, x *expr) (tree.Node, error) {
	key, err := v.lambda(x.args[1], 1, 1)
	if err != nil {
		return subject, err
	}
	value := lambda{env: v, names: []string{"item"}, body: &expr{kind: callExpr, text: "lambdaVariables", args: []*expr{{kind: literalExpr, text: "item"}}}}
	if len(x.args) == 3 {
		if value, err = v.lambda(x.args[2], 1, 1); err != nil {
			return subject, err
		}
	}
	out := tree.Node{Kind: tree.Object}
	for _, item := range subject.Items {
		k, err := key.call(item)
		if err != nil {
			return k, err
		}
		if k.Kind != tree.String {
			return k, errOpen
		}
		n, err := value.call(item)
		if err != nil {
			return n, err
		}
		out = withMember(out, k.Text, n)
	}
	return out, nil
}

// withMember returns an object with a member put in or replaced.
func withMember(o tree.Node, name string, value tree.Node) tree.Node {
	members := slices.Clone(o.Members)
	for i, m := range members {
		if strings.EqualFold(m.Name, name) {
			members[i].Value = value
			return tree.Node{Kind: tree.Object, Members: members}
		}
	}
	return tree.Node{Kind: tree.Object, Members: append(members, tree.Member{Name: name, Value: value})}
}

// canonical writes an expression with what it calls by name replaced by what that is,
// so that it means the same wherever it stands.
func (v env) canonical(x *expr) string { return v.substituted(x, nil) }

func (v env) substituted(x *expr, bound []string) string {
	if x.kind == callExpr {
		switch strings.ToLower(x.text) {
		case "lambda":
			for _, name := range x.args[:max(len(x.args)-1, 0)] {
				bound = append(bound[:len(bound):len(bound)], strings.ToLower(name.text))
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
