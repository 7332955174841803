package arm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

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
	maps.Copy(v.local, l.local)
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
	if errors.Is(err, errOpen) {
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
	out := newObject(tree.Node{})
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
		out.set(k.Text, n)
	}
	return out.node(), nil
}
