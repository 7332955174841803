package arm

import (
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// declared is a resource that a template declares.
type declared struct {
	env        env
	node       tree.Node
	target     target
	parent     *declared
	kind       string
	apiVersion string
	name, id   tree.Node
	scope      tree.Node
	cond       tree.Node // Absent or an Expression
	existing   bool
	linked     tree.Node

	inner   []*declared // children, and what a nested deployment deploys
	outputs func() tree.Node

	properties tree.Node // evaluated
	state      evaluation
}

// evaluation is how far the evaluation of something has come.
type evaluation uint8

const (
	pending evaluation = iota
	running
	done
)

// resourceWork is what a copy of a resource counts: some 8,000 are enough for any
// template.
const resourceWork = 2000

// declaring is where resources are declared.
type declaring struct {
	env    env
	target target
	parent *declared // of child resources
	cond   tree.Node // of all of them
	listed *scope    // whose names they get; nil for none
}

// all declares the resources of a template or the children of a resource: a list, or
// an object by symbolic names.
func (w declaring) all(resources tree.Node) []*declared {
	var out []*declared
	for _, item := range resources.Items {
		out = append(out, w.one(item, "")...)
	}
	for _, m := range resources.Members {
		out = append(out, w.one(m.Value, m.Name)...)
	}
	if k := resources.Kind; k != tree.List && k != tree.Object && k != tree.Absent && k != tree.Null {
		w.env.report(problemf(resources.Line, resources.Col, "want resources: a list, or an object by symbolic names"))
	}
	return out
}

// one declares a resource, as often as it is copied.
func (w declaring) one(n tree.Node, symbol string) []*declared {
	if n.Kind != tree.Object {
		w.env.report(problemf(n.Line, n.Col, "want a resource: an object with type, apiVersion and name"))
		return nil
	}
	c := n.Get("copy")
	if c.Kind != tree.Object {
		return w.round(n, symbol)
	}
	name := c.Get("name").Text
	count := w.env.count(c.Get("count"))
	v := w.env
	if count.Kind == tree.Expression {
		w.env = v.within(loop{name: name, index: atom("copyIndex(" + quote(name) + ")")})
		w.cond = both(w.cond, opaque("greater", count, integer(0)))
		return w.round(n, symbol)
	}
	var out []*declared
	rounds, _ := strconv.Atoi(count.Text)
	for i := range rounds {
		if v.exhausted(resourceWork) {
			break
		}
		w.env = v.within(loop{name: name, index: integer(int64(i))})
		out = append(out, w.round(n, indexed(symbol, i))...)
	}
	return out
}

// indexed is the symbolic name of one copy, as reference() has it.
func indexed(symbol string, i int) string {
	if symbol == "" {
		return ""
	}
	return symbol + "[" + strconv.Itoa(i) + "]"
}

// both is the condition that both hold; an Absent one always does.
func both(a, b tree.Node) tree.Node {
	switch {
	case a.Kind == tree.Absent || a.Text == b.Text && b.Kind == tree.Expression:
		return b
	case b.Kind == tree.Absent:
		return a
	}
	return opaque("and", a, b)
}

// round declares one copy of a resource and its children.
func (w declaring) round(n tree.Node, symbol string) []*declared {
	v := w.env
	d := &declared{env: v, node: n, target: w.target, parent: w.parent, cond: w.cond, apiVersion: v.node(n.Get("apiVersion")).Text}
	d.existing, _ = n.Get("existing").Bool()
	kind, name := v.node(n.Get("type")), v.node(n.Get("name"))
	if !isText(kind) || !isText(name) {
		v.report(problemf(n.Line, n.Col, "want a resource with type and name"))
		return nil
	}
	if d.existing {
		d.target = d.target.moved(v, n)
	}
	scope := v.node(n.Get("scope"))
	if isDeployment(kind.Text) { // it is where it deploys to
		d.target = d.target.moved(v, n)
		if scope.Kind != tree.Absent {
			d.target = d.target.at(scope)
		}
		scope = tree.Node{}
	}
	if err := d.identify(kind.Text, name, scope); err != nil {
		v.report(problemf(n.Line, n.Col, "%s", err))
	}
	deployed := true
	switch condition := v.node(n.Get("condition")); condition.Kind {
	case tree.Absent:
	case tree.Expression:
		d.cond = both(d.cond, condition)
	default:
		yes, ok := condition.Bool()
		if !ok {
			v.report(problemf(condition.Line, condition.Col, "want a condition that is true or false"))
		}
		deployed = yes || !ok
	}
	if w.listed != nil && deployed {
		w.listed.list(d, symbol)
	}
	if key := strings.ToLower(d.id.Text); deployed {
		v.byID[key] = append(v.byID[key], d)
	}
	children := declaring{env: v, target: d.target, parent: d, cond: w.cond, listed: w.listed}.all(n.Get("resources"))
	if !deployed {
		return children // conditions do not pass on to children
	}
	d.inner = children
	return []*declared{d}
}

// list gives a resource the names by which reference() finds it.
func (s *scope) list(d *declared, symbol string) {
	name := strings.ToLower(d.name.Text)
	s.byName[name] = append(s.byName[name], d)
	if symbol != "" {
		symbol = strings.ToLower(symbol)
		s.symbols[symbol] = append(s.symbols[symbol], d)
	}
}

// unique returns the only one, or nil.
func unique(list []*declared) *declared {
	if len(list) == 1 {
		return list[0]
	}
	return nil
}

// moved returns the target that a resource names with subscriptionId and
// resourceGroup.
func (t target) moved(v env, n tree.Node) target {
	if s := n.Get("subscriptionId"); s.Kind != tree.Absent {
		t.level, t.subscription = subscriptionLevel, v.node(s)
	}
	if g := n.Get("resourceGroup"); g.Kind != tree.Absent {
		t.level, t.group = groupLevel, v.node(g)
	}
	return t
}

// body evaluates the whole resource, but for what says whether and how often it is
// deployed, and for what is a resource of its own.
func (d *declared) body() tree.Node {
	n := d.node
	n.Members = nil
	for _, m := range d.node.Members {
		switch strings.ToLower(m.Name) {
		case "resources", "copy", "condition":
			continue
		case "properties":
			if isDeployment(d.kind) {
				m.Value = without(m.Value, "template", "parameters")
			} else {
				m.Value = d.evaluated()
				n.Members = append(n.Members, m)
				continue
			}
		}
		m.Value = d.env.node(m.Value)
		n.Members = append(n.Members, m)
	}
	return n
}

func without(n tree.Node, names ...string) tree.Node {
	var members []tree.Member
	for _, m := range n.Members {
		drop := false
		for _, name := range names {
			drop = drop || strings.EqualFold(m.Name, name)
		}
		if !drop {
			members = append(members, m)
		}
	}
	n.Members = members
	return n
}

// evaluated returns the properties of the resource; while they are being evaluated,
// they are not known.
func (d *declared) evaluated() tree.Node {
	if d.state == pending {
		d.state = running
		d.properties = d.env.aloud(func() tree.Node { return d.env.node(d.node.Get("properties")) })
		d.state = done
	}
	return d.properties
}

// opened returns what the template says of a resource, as far as reference() may rely
// on it: what is only there under a condition may be different.
func (d *declared) opened(full bool) opened {
	switch {
	case d.existing || d.cond.Kind != tree.Absent:
		return opened{}
	case d.outputs != nil && !full:
		return opened{object: fields("outputs", d.outputs()), closed: true}
	case isDeployment(d.kind):
		return opened{}
	case full:
		return opened{object: fields("properties", d.evaluated(), "location", d.env.node(d.node.Get("location")), "id", d.id)}
	}
	return opened{object: d.evaluated()}
}

// scopeID returns the id of a scope as callers see it.
func scopeID(n tree.Node) tree.Node {
	if n.Kind == tree.String && n.Text == "" {
		n.Text = "/"
	}
	return settled(n)
}

// near returns a value with the place of another, if it has none of its own.
func near(n, other tree.Node) tree.Node {
	if n.Kind != tree.Absent && n.Line == 0 {
		n.Line, n.Col = other.Line, other.Col
	}
	return n
}

// resource returns a declared resource as callers see it.
func (d *declared) resource() Resource {
	name := d.node.Get("name")
	return Resource{
		Type: d.kind, APIVersion: d.apiVersion,
		ID: near(settled(d.id), name), Name: near(settled(d.name), name), Scope: near(scopeID(d.scope), name),
		Location:    settled(d.env.node(d.node.Get("location"))),
		Conditional: near(settled(d.cond), d.node),
		Body:        settled(d.body()),
		Linked:      settled(d.linked),
		Existing:    d.existing,
		Line:        d.node.Line, Col: d.node.Col,
	}
}
