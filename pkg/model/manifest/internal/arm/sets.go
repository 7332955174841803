package arm

import (
	"fmt"
	"slices"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// maxSet bounds the lists whose elements are all compared with one another.
const maxSet = 4000

// union merges lists without what is there already, or objects and the objects in
// them; what comes later counts.
func union(args []tree.Node) (tree.Node, error) {
	sum := args[0]
	for _, arg := range args[1:] {
		switch {
		case sum.Kind == tree.Expression, arg.Kind == tree.Expression:
			return tree.Node{}, errOpen
		case sum.Kind == tree.List && arg.Kind == tree.List:
			if unknown(sum) || unknown(arg) || len(sum.Items)+len(arg.Items) > maxSet {
				return tree.Node{}, errOpen
			}
			sum = list(distinct(slices.Concat(sum.Items, arg.Items)))
		case sum.Kind == tree.Object && arg.Kind == tree.Object:
			sum = merged(sum, arg)
		default:
			return arg, fmt.Errorf("want lists or objects, not %s and %s", kindName(sum), kindName(arg))
		}
	}
	return sum, nil
}

func distinct(items []tree.Node) []tree.Node {
	var out []tree.Node
	for _, item := range items {
		if found, _ := contains(out, item); !found {
			out = append(out, item)
		}
	}
	return out
}

func merged(a, b tree.Node) tree.Node {
	out := newObject(a)
	for _, m := range b.Members {
		value := m.Value
		if old, ok := out.get(m.Name); ok {
			objects := 0
			for _, n := range []tree.Node{old, value} {
				if n.Kind == tree.Object {
					objects++
				}
			}
			switch {
			case objects == 2:
				value = merged(old, value)
			case objects == 1 && (old.Kind == tree.Expression || value.Kind == tree.Expression),
				old.Kind == tree.Expression && value.Kind == tree.Expression:
				value = opaque("union", old, value)
			}
		}
		out.set(m.Name, value)
	}
	return out.node()
}

// shallowMerge merges the objects of a list, without the objects in them.
func shallowMerge(args []tree.Node) (tree.Node, error) {
	out := newObject(tree.Node{})
	if args[0].Kind == tree.Expression {
		return args[0], errOpen
	}
	for _, o := range args[0].Items {
		if o.Kind != tree.Object {
			return o, errOpen
		}
		for _, m := range o.Members {
			out.set(m.Name, m.Value)
		}
	}
	return out.node(), nil
}

func intersection(args []tree.Node) (tree.Node, error) {
	sum := args[0]
	for _, arg := range args[1:] {
		switch {
		case len(sum.Items)+len(arg.Items) > maxSet:
			return arg, errOpen
		case sum.Kind == tree.List && arg.Kind == tree.List:
			var out []tree.Node
			for _, item := range distinct(sum.Items) {
				if found, _ := contains(arg.Items, item); found {
					out = append(out, item)
				}
			}
			sum = list(out)
		case sum.Kind == tree.Object && arg.Kind == tree.Object:
			out := tree.Node{Kind: tree.Object}
			for _, m := range sum.Members {
				other, ok := arg.Member(m.Name)
				if eq, _ := equal(m.Value, other.Value); ok && eq {
					out.Members = append(out.Members, m)
				}
			}
			sum = out
		default:
			return arg, fmt.Errorf("want lists or objects, not %s and %s", kindName(sum), kindName(arg))
		}
	}
	return sum, nil
}

func flatten(args []tree.Node) (tree.Node, error) {
	var out []tree.Node
	if args[0].Kind == tree.Expression {
		return args[0], errOpen
	}
	for _, item := range args[0].Items {
		switch item.Kind {
		case tree.List:
			out = append(out, item.Items...)
		case tree.Expression:
			return item, errOpen
		default:
			return item, fmt.Errorf("want a list of lists, not of %s", kindName(item))
		}
	}
	return list(out), nil
}
