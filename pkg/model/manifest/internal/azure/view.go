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
