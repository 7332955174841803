package arm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// isCopy reports whether a member is the list of copy loops of an object.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-properties
func isCopy(m tree.Member) bool {
	if !strings.EqualFold(m.Name, "copy") || m.Value.Kind != tree.List || len(m.Value.Items) == 0 {
		return false
	}
	for _, item := range m.Value.Items {
		if !item.Has("name", "count", "input") {
			return false
		}
	}
	return true
}

// copies evaluates a copy loop of a property or variable. If the number of rounds is
// not known, neither is the list.
func (v env) copies(item tree.Node, name string) tree.Node {
	count := v.count(item.Get("count"))
	input := item.Get("input")
	if count.Kind == tree.Expression {
		index := atom("copyIndex(" + quote(name) + ")")
		one := v.within(loop{name: name, index: index, props: true}).node(input)
		n := opaque("copy", text(name), count, one)
		n.Line, n.Col = item.Line, item.Col
		return n
	}
	rounds, _ := strconv.Atoi(count.Text)
	out := list(make([]tree.Node, rounds))
	out.Line, out.Col = item.Line, item.Col
	for i := range out.Items {
		if v.exhausted(1) {
			break
		}
		out.Items[i] = v.within(loop{name: name, index: integer(int64(i)), props: true}).node(input)
	}
	return out
}

// count evaluates the number of rounds of a loop. What is no number is reported, and
// not known.
func (v env) count(n tree.Node) tree.Node {
	count := v.node(n)
	if count.Kind == tree.Expression {
		return count
	}
	rounds, err := strconv.Atoi(count.Text)
	if count.Kind == tree.Number && err == nil && rounds >= 0 && rounds <= maxLoop {
		return count
	}
	v.report(problemf(n.Line, n.Col, "want a number of copies from 0 to %d", maxLoop))
	return atom("copy()")
}

// copyIndex evaluates copyIndex([name], [offset]).
func (v env) copyIndex(args []tree.Node) (tree.Node, error) {
	name, offset := "", integer(0)
	switch {
	case len(args) == 2:
		name, offset = args[0].Text, args[1]
	case len(args) == 1 && args[0].Kind == tree.String:
		name = args[0].Text
	case len(args) == 1:
		offset = args[0]
	}
	l, err := v.loop(name)
	if err != nil {
		return tree.Node{}, err
	}
	if offset.Text == "0" {
		return l.index, nil
	}
	return pure["add"].apply([]tree.Node{l.index, offset})
}

// loop returns the loop of a name, or the innermost one of a resource if there is no
// name.
func (v env) loop(name string) (loop, error) {
	var found *loop
	for i, l := range v.loops {
		switch {
		case name != "" && strings.EqualFold(l.name, name):
			found = &v.loops[i]
		case name == "" && (!l.props || found == nil || found.props):
			found = &v.loops[i]
		}
	}
	switch {
	case found != nil:
		return *found, nil
	case name != "":
		return loop{}, fmt.Errorf("no copy loop around here is called %s", quoted(name))
	}
	return loop{}, errors.New("copyIndex() outside of a copy loop")
}
