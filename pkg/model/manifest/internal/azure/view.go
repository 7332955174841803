package azure

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// view is an object of a document while it is decoded. It keeps which names were asked
// for, since a name that was not may be a misspelt one that was.
type view struct {
	s        *sheet
	path     string
	own      tree.Node // the object itself, or an Expression
	inner    tree.Node // its properties, where they are apart
	asked    []string
	children []child
}

type child struct {
	name string
	view *view
	at   tree.Node // what is there
}

func (s *sheet) openView(n tree.Node, path string) *view {
	v := &view{s: s, path: path, own: n}
	if p, ok := n.Member("properties"); ok && p.Value.Kind != tree.Null {
		v.inner = p.Value
	}
	return v
}

// member returns the member of that name. Of properties that are an expression, every
// member is one.
func (v *view) member(name string) tree.Member {
	v.asked = append(v.asked, name)
	if v.own.Kind == tree.Expression {
		return tree.Member{Name: name, Value: v.own}
	}
	if m, ok := v.inner.Member(name); ok {
		return m
	}
	if m, ok := v.own.Member(name); ok {
		return m
	}
	if v.inner.Kind == tree.Expression {
		return tree.Member{Name: name, Value: v.inner}
	}
	return tree.Member{}
}

// leaf returns what a path leads to and records its place.
func (v *view) leaf(path ...string) (n tree.Node, at string) {
	last := len(path) - 1
	for _, name := range path[:last] {
		if v = v.child(name); v == nil {
			return tree.Node{}, ""
		}
	}
	m := v.member(path[last])
	at = join(v.path, path[last])
	v.s.record(at, m)
	return m.Value, at
}

// child returns the object of that name, and nil where there is none. One of the wrong
// type is a problem.
func (v *view) child(name string) *view {
	for _, c := range v.children {
		if c.name == name {
			return c.view
		}
	}
	m := v.member(name)
	at := join(v.path, name)
	var inner *view
	switch m.Value.Kind {
	case tree.Absent, tree.Null:
	case tree.Object, tree.Expression:
		v.s.record(at, m)
		inner = v.s.openView(m.Value, at)
	default:
		v.s.wrong(m.Value, at, "an object")
	}
	v.children = append(v.children, child{name, inner, m.Value})
	return inner
}

// node returns what is at a name, without looking into it.
func (v *view) node(name string) tree.Node {
	for _, c := range v.children {
		if c.name == name {
			return c.at
		}
	}
	return v.member(name).Value
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// property decodes a value, unless it is absent, null or an expression.
func property[T any](v *view, path []string, want string, read func(tree.Node) (T, bool)) model.Property[T] {
	n, at := v.leaf(path...)
	return valueOf(v.s, n, at, want, read)
}

func valueOf[T any](s *sheet, n tree.Node, at, want string, read func(tree.Node) (T, bool)) model.Property[T] {
	switch n.Kind {
	case tree.Absent:
		return model.Property[T]{}
	case tree.Null:
		return model.Null[T]()
	case tree.Expression:
		return model.Unresolved[T](n.Text)
	case tree.Bool, tree.Number, tree.String, tree.List, tree.Object:
	}
	value, ok := read(n)
	if !ok {
		s.wrong(n, at, want)
		return model.Property[T]{}
	}
	return model.Known(value)
}

func text(n tree.Node) (string, bool) { return n.Text, n.Kind == tree.String }

func (v *view) str(path ...string) model.Property[string] {
	return property(v, path, "a string", text)
}

func (v *view) boolean(path ...string) model.Property[bool] {
	return property(v, path, "true or false", tree.Node.Bool)
}

func (v *view) number(path ...string) model.Property[float64] {
	return property(v, path, "a number", tree.Node.Number)
}

func (v *view) integer(path ...string) model.Property[int] {
	return property(v, path, "an integer", func(n tree.Node) (int, bool) {
		i, err := strconv.Atoi(n.Text)
		return i, err == nil && (n.Kind == tree.Number || n.Kind == tree.String)
	})
}

// written is a string or a number as it is written.
func (v *view) written(path ...string) model.Property[string] {
	return property(v, path, "a string or a number", func(n tree.Node) (string, bool) {
		return n.Text, n.Kind == tree.String || n.Kind == tree.Number
	})
}

// firstOf returns the first of several properties that is there.
func firstOf[T any](all ...model.Property[T]) model.Property[T] {
	var best model.Property[T]
	for _, p := range all {
		_, open := p.Unresolved()
		if p.IsKnown() || open {
			return p
		}
		if best.IsAbsent() {
			best = p
		}
	}
	return best
}

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

// texts returns the members of an object that are strings, numbers or bools, as
// written, by name.
func (v *view) texts(name string, key func(string) string) map[string]model.Property[string] {
	n, at := v.leaf(name)
	if n.Kind != tree.Object {
		return nil
	}
	all := make(map[string]model.Property[string], len(n.Members))
	for _, m := range n.Members {
		v.s.record(join(at, m.Name), m)
		switch m.Value.Kind {
		case tree.Null:
			all[key(m.Name)] = model.Null[string]()
		case tree.Expression:
			all[key(m.Name)] = model.Unresolved[string](m.Value.Text)
		case tree.String, tree.Bool, tree.Number:
			all[key(m.Name)] = model.Known(m.Value.Text)
		case tree.Absent, tree.List, tree.Object:
			all[key(m.Name)] = model.Known(jsonOf(m.Value))
		}
	}
	return all
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil { // never of a string
		return strconv.Quote(s)
	}
	return string(text)
}

// jsonOf writes a value as compact JSON, an expression as a string in brackets.
func jsonOf(n tree.Node) string {
	switch n.Kind {
	case tree.Bool, tree.Number:
		return n.Text
	case tree.String, tree.Expression:
		return quoted(n.Text)
	case tree.List:
		all := make([]string, len(n.Items))
		for i, e := range n.Items {
			all[i] = jsonOf(e)
		}
		return "[" + strings.Join(all, ",") + "]"
	case tree.Object:
		all := make([]string, len(n.Members))
		for i, m := range n.Members {
			all[i] = quoted(m.Name) + ":" + jsonOf(m.Value)
		}
		return "{" + strings.Join(all, ",") + "}"
	case tree.Absent, tree.Null:
	}
	return "null"
}
