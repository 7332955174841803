package azure

import (
	"slices"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// strs decodes a list of strings. One expression in it leaves all of it open.
func (v *view) strs(path ...string) model.Property[[]string] {
	return list(v, path, func(n tree.Node, at string) (string, bool) {
		if n.Kind != tree.String {
			v.s.wrong(n, at, "a string")
		}
		return n.Text, true
	})
}

// list decodes a list of whatever, leaving out elements that are null and those of
// which the function wants nothing.
func list[T any](v *view, path []string, decode func(n tree.Node, at string) (T, bool)) model.Property[[]T] {
	n, at := v.leaf(path...)
	switch n.Kind {
	case tree.Absent:
		return model.Property[[]T]{}
	case tree.Null:
		return model.Null[[]T]()
	case tree.Expression:
		return model.Unresolved[[]T](n.Text)
	case tree.List:
	default:
		v.s.wrong(n, at, "a list")
		return model.Property[[]T]{}
	}
	outer := v.s.open
	v.s.open = ""
	all := make([]T, 0, len(n.Items))
	for i, item := range n.Items {
		here := element(at, i)
		switch item.Kind {
		case tree.Null:
			continue
		case tree.Expression:
			v.s.leaveOpen(item.Text)
			continue
		case tree.Absent, tree.Bool, tree.Number, tree.String, tree.List, tree.Object:
		}
		v.s.place(here, item)
		if one, ok := decode(item, here); ok {
			all = append(all, one)
		}
	}
	open := v.s.open
	v.s.open = outer
	if open != "" {
		return model.Unresolved[[]T](open)
	}
	return model.Known(all)
}

// objects decodes a list of objects.
func objects[T any](v *view, decode func(*view) T, path ...string) model.Property[[]T] {
	return list(v, path, func(n tree.Node, at string) (T, bool) {
		if n.Kind != tree.Object {
			v.s.wrong(n, at, "an object")
			var none T
			return none, false
		}
		inner := v.s.openView(n, at)
		v.children = append(v.children, child{at, inner, n})
		return decode(inner), true
	})
}

// listed is a list of objects that is kept as it is. One that an expression gives is a
// gap in the whole: nobody must take it for empty.
func listed[T any](v *view, decode func(*view) T, path ...string) []T {
	p := objects(v, decode, path...)
	if open, ok := p.Unresolved(); ok {
		v.gap(open, path...)
	}
	return p.Or(nil)
}

// gap records that a part which is kept as it is hangs on an expression.
func (v *view) gap(expression string, path ...string) {
	at := v.path
	for _, name := range path {
		at = join(at, name)
	}
	v.s.gaps = append(v.s.gaps, model.Gap{Path: at, What: "hangs on " + expression, Place: v.s.at()})
}

// gather returns one string of each object of a list, where it has one.
func gather(v *view, list string, of func(*view) model.Property[string]) model.Property[[]string] {
	p := objects(v, func(e *view) model.Property[string] {
		s := of(e)
		if open, ok := s.Unresolved(); ok {
			v.s.leaveOpen(open)
		}
		return s
	}, list)
	return mapped(p, func(all []model.Property[string]) []string {
		var known []string
		for _, s := range all {
			if text, ok := s.Get(); ok && text != "" {
				known = append(known, text)
			}
		}
		return known
	})
}

// mapped changes the value of a property, if it has one.
func mapped[T, U any](p model.Property[T], change func(T) U) model.Property[U] {
	if value, ok := p.Get(); ok {
		return model.Known(change(value))
	}
	if open, ok := p.Unresolved(); ok {
		return model.Unresolved[U](open)
	}
	if p.IsNull() {
		return model.Null[U]()
	}
	return model.Property[U]{}
}

// concat puts lists together. One that is not known leaves all of them open.
func concat[T any](all ...model.Property[[]T]) model.Property[[]T] {
	var sum []T
	var best model.Property[[]T]
	for _, p := range all {
		if open, ok := p.Unresolved(); ok {
			return model.Unresolved[[]T](open)
		}
		value, ok := p.Get()
		if ok {
			sum = append(sum, value...)
			best = model.Known(sum)
		} else if best.IsAbsent() {
			best = p
		}
	}
	return best
}

// plain is a string of a type that has no room for an expression: that leaves the list
// around it open.
func (v *view) plain(path ...string) string {
	p := v.str(path...)
	if open, ok := p.Unresolved(); ok {
		v.s.leaveOpen(open)
	}
	return p.Or("")
}

func (v *view) plains(path ...string) []string {
	p := v.strs(path...)
	if open, ok := p.Unresolved(); ok {
		v.s.leaveOpen(open)
	}
	return p.Or(nil)
}

// pair is two properties of an element of a list.
type pair [2]model.Property[string]

// column returns the values of one of two properties of all elements. One expression
// among them leaves all open.
func column(all model.Property[[]pair], i int) model.Property[[]string] {
	rows, ok := all.Get()
	if !ok {
		return mapped(all, func([]pair) []string { return nil })
	}
	return known(rows, func(row pair) model.Property[string] { return row[i] })
}

// known returns the values of a property of all elements, where there is one. One
// expression among them leaves all open.
func known[T any](all []T, of func(T) model.Property[string]) model.Property[[]string] {
	var values []string
	for _, one := range all {
		p := of(one)
		if open, ok := p.Unresolved(); ok {
			return model.Unresolved[[]string](open)
		}
		if value, ok := p.Get(); ok && value != "" {
			values = append(values, value)
		}
	}
	return model.Known(values)
}

// gatherAll puts the lists together that the objects of a list have.
func gatherAll(v *view, name string, of func(*view) model.Property[[]string]) model.Property[[]string] {
	lists := objects(v, func(e *view) []string {
		all := of(e)
		if open, ok := all.Unresolved(); ok {
			v.s.leaveOpen(open)
		}
		return all.Or(nil)
	}, name)
	return mapped(lists, func(all [][]string) []string { return slices.Concat(all...) })
}

// single is the list of one value.
func single(p model.Property[string]) model.Property[[]string] {
	return mapped(p, func(s string) []string { return []string{s} })
}

// nonEmpty takes an empty list for none at all: exports have one beside the property
// that it replaces.
func nonEmpty(p model.Property[[]string]) model.Property[[]string] {
	if all, ok := p.Get(); ok && len(all) == 0 {
		return model.Null[[]string]()
	}
	return p
}
