package arm

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func array(args []tree.Node) (tree.Node, error) {
	switch {
	case args[0].Kind == tree.List:
		return args[0], nil
	case args[0].Kind == tree.Expression && args[0].Items == nil:
		return tree.Node{}, errOpen // may be a list
	}
	return list(args), nil
}

func createObject(args []tree.Node) (tree.Node, error) {
	if len(args)%2 != 0 {
		return tree.Node{}, errors.New("want names and values in pairs")
	}
	out := newObject(tree.Node{})
	for i := 0; i < len(args); i += 2 {
		if args[i].Kind == tree.Expression {
			return tree.Node{}, errOpen
		}
		name, err := wantString(args[i])
		if err != nil {
			return tree.Node{}, err
		}
		out.set(name, args[i+1])
	}
	return out.node(), nil
}

// concat joins lists, or strings. What is not known among strings is one, too.
func concat(args []tree.Node) (tree.Node, error) {
	lists, open, size := 0, 0, 0
	for _, arg := range args {
		if size += len(arg.Text); size > maxString {
			return arg, errLong
		}
		switch {
		case arg.Kind == tree.List:
			lists++
		case arg.Kind == tree.Expression && arg.Items == nil:
			open++
		case arg.Kind == tree.Bool:
			return arg, errOpen // how it is written is not documented
		case arg.Kind == tree.Expression, arg.Kind == tree.String, arg.Kind == tree.Number:
		default:
			return arg, fmt.Errorf("want strings or lists, not %s", kindName(arg))
		}
	}
	switch {
	case lists == len(args):
		var out []tree.Node
		for _, arg := range args {
			out = append(out, arg.Items...)
		}
		return list(out), nil
	case lists > 0 && lists+open < len(args):
		return tree.Node{}, errors.New("want either strings or lists, not both")
	case lists > 0 || len(args) > 1 && open == len(args):
		return tree.Node{}, errOpen
	}
	pieces := make([]tree.Node, len(args))
	for i, arg := range args {
		if pieces[i] = arg; arg.Kind == tree.Number {
			pieces[i] = text(arg.Text)
		}
	}
	return joined(pieces...), nil
}

// contains reports whether a value is among others, and whether that can be known.
func contains(items []tree.Node, n tree.Node) (found, known bool) {
	known = true
	for _, item := range items {
		eq, sure := equal(item, n)
		if sure && eq {
			return true, true
		}
		known = known && sure
	}
	return false, known
}

func containsItem(args []tree.Node) (tree.Node, error) {
	container, item := args[0], args[1]
	switch {
	case container.Kind == tree.Expression, container.Kind != tree.List && item.Kind == tree.Expression:
		return tree.Node{}, errOpen
	case container.Kind == tree.List:
		found, sure := contains(container.Items, item)
		if !sure {
			return tree.Node{}, errOpen
		}
		return boolean(found), nil
	case container.Kind == tree.Object && item.Kind == tree.String:
		return boolean(container.Has(item.Text)), nil
	case container.Kind == tree.String && (item.Kind == tree.String || item.Kind == tree.Number):
		return boolean(strings.Contains(container.Text, item.Text)), nil
	}
	return container, fmt.Errorf("%s cannot contain %s", kindName(container), kindName(item))
}

// size returns how many elements, members or characters a value has. Azure counts
// UTF-16 units, so that only ASCII is counted here.
func size(n tree.Node) (int, error) {
	switch n.Kind {
	case tree.List:
		return len(n.Items), nil
	case tree.Object:
		return len(n.Members), nil
	case tree.String:
		if isASCII(n.Text) {
			return len(n.Text), nil
		}
		return 0, errOpen
	case tree.Expression:
		return 0, errOpen
	case tree.Absent, tree.Null, tree.Bool, tree.Number:
	}
	return 0, fmt.Errorf("want a list, an object or a string, not %s", kindName(n))
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c >= 0x80 }) < 0
}

func empty(args []tree.Node) (tree.Node, error) {
	n := args[0]
	if slices.ContainsFunc(n.Items, func(p tree.Node) bool { return n.Kind == tree.Expression && p.Kind == tree.String }) {
		return boolean(false), nil // a string of which a part is known
	}
	switch n.Kind {
	case tree.Null:
		return boolean(true), nil
	case tree.String:
		return boolean(n.Text == ""), nil
	default:
	}
	length, err := size(n)
	return boolean(length == 0), err
}

func length(args []tree.Node) (tree.Node, error) {
	n, err := size(args[0])
	return integer(int64(n)), err
}

// slice returns the elements or characters of a value between two offsets.
func slice(n tree.Node, from, to int) (tree.Node, error) {
	switch n.Kind {
	case tree.List:
		return list(n.Items[from:to:to]), nil
	case tree.String:
		return text(n.Text[from:to]), nil
	default:
	}
	return n, fmt.Errorf("want a list or a string, not %s", kindName(n))
}

func first(args []tree.Node) (tree.Node, error) { return element(args[0], 0) }

func last(args []tree.Node) (tree.Node, error) { return element(args[0], 1) }

// element returns the first element or character, or the last if end is 1. What there
// is of an empty list is not documented.
func element(n tree.Node, end int) (tree.Node, error) {
	length, err := size(n)
	if err != nil {
		return n, err
	}
	if length == 0 {
		if n.Kind == tree.String {
			return n, nil
		}
		return n, errOpen
	}
	i := end * (length - 1)
	if n.Kind == tree.List {
		return n.Items[i], nil
	}
	return slice(n, i, i+1)
}

func take(args []tree.Node) (tree.Node, error) {
	n, count, err := counted(args)
	if err != nil {
		return n, err
	}
	return slice(n, 0, count)
}

func skip(args []tree.Node) (tree.Node, error) {
	n, count, err := counted(args)
	if err != nil {
		return n, err
	}
	length, err := size(n)
	if err != nil {
		return n, err
	}
	return slice(n, count, length)
}

// counted returns the arguments of take and skip, the number within the value.
func counted(args []tree.Node) (tree.Node, int, error) {
	if args[1].Kind == tree.Expression {
		return args[0], 0, errOpen
	}
	length, err := size(args[0])
	if err != nil {
		return args[0], 0, err
	}
	count, err := wantInt(args[1])
	return args[0], int(min(max(count, 0), int64(length))), err
}

// members returns those of an object in the order of their names.
func members(n tree.Node) ([]tree.Member, error) {
	if n.Kind == tree.Expression {
		return nil, errOpen
	}
	if n.Kind != tree.Object {
		return nil, fmt.Errorf("want an object, not %s", kindName(n))
	}
	out := slices.Clone(n.Members)
	slices.SortStableFunc(out, func(a, b tree.Member) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return out, nil
}

func items(args []tree.Node) (tree.Node, error) {
	all, err := members(args[0])
	out := make([]tree.Node, len(all))
	for i, m := range all {
		out[i] = fields("key", text(m.Name), "value", m.Value)
	}
	return list(out), err
}

func objectKeys(args []tree.Node) (tree.Node, error) {
	all, err := members(args[0])
	out := make([]tree.Node, len(all))
	for i, m := range all {
		out[i] = text(m.Name)
	}
	return list(out), err
}

// tryGet follows names and indices, to null where there is nothing.
func tryGet(args []tree.Node) (tree.Node, error) {
	n := args[0]
	for _, at := range args[1:] {
		switch {
		case n.Kind == tree.Expression, at.Kind == tree.Expression:
			return n, errOpen
		case n.Kind == tree.Null:
			return n, nil
		case n.Kind == tree.Object && at.Kind == tree.String:
			m, ok := n.Member(at.Text)
			if n = m.Value; !ok {
				return tree.Node{Kind: tree.Null}, nil
			}
		case n.Kind == tree.List && at.Kind == tree.Number:
			i, err := wantInt(at)
			if err != nil || i < 0 || i >= int64(len(n.Items)) {
				return tree.Node{Kind: tree.Null}, err
			}
			n = n.Items[i]
		default:
			return n, fmt.Errorf("%s has no %s", kindName(n), describe(at))
		}
	}
	return n, nil
}

// indexFromEnd returns an element of a list counted from its end, the last being 1.
func indexFromEnd(args []tree.Node) (tree.Node, error) {
	if args[0].Kind == tree.Expression || args[1].Kind == tree.Expression {
		return args[0], errOpen
	}
	i, err := wantInt(args[1])
	switch {
	case err != nil:
		return args[1], err
	case args[0].Kind != tree.List || i < 1 || i > int64(len(args[0].Items)):
		return args[0], fmt.Errorf("want a list with an element %d from the end", i)
	}
	return args[0].Items[int64(len(args[0].Items))-i], nil
}

func tryIndexFromEnd(args []tree.Node) (tree.Node, error) {
	n, err := indexFromEnd(args[:2])
	switch {
	case errors.Is(err, errOpen):
		return n, err
	case err != nil:
		return tree.Node{Kind: tree.Null}, nil //nolint:nilerr // there is no such element
	}
	return tryGet(slices.Concat([]tree.Node{n}, args[2:]))
}
