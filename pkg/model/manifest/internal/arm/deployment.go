package arm

import (
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func isDeployment(kind string) bool {
	return strings.EqualFold(kind, "Microsoft.Resources/deployments")
}

// nest declares what the nested deployments among the resources deploy. The names of
// all resources are known by now, so that parameters may refer to them.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates
func nest(resources []*declared) {
	for _, d := range resources {
		if isDeployment(d.kind) && !d.existing {
			d.nest()
		}
		nest(d.inner)
	}
}

func (d *declared) nest() {
	properties := d.node.Get("properties")
	template := properties.Get("template")
	if template.Kind != tree.Object {
		link := d.env.node(properties.Get("templateLink"))
		where := link.Get("uri")
		for _, name := range []string{"id", "relativePath"} {
			if where.Kind == tree.Absent {
				where = link.Get(name)
			}
		}
		if where.Kind == tree.Absent {
			where = text("")
		}
		d.linked = opaque("templateLink", where)
		d.linked.Line, d.linked.Col = d.node.Line, d.node.Col
		return
	}
	w := declaring{env: d.env, target: d.nestedTarget(template), cond: d.cond}
	if strings.EqualFold(d.env.node(properties.Get("expressionEvaluationOptions", "scope")).Text, "inner") {
		w.listed = d.innerScope(template, w.target)
		w.env = env{scope: w.listed}
	}
	d.inner = append(d.inner, w.all(template.Get("resources"))...)
	d.outputs = func() tree.Node { return w.env.outputs(template) }
}

// nestedTarget returns where a nested deployment deploys to.
func (d *declared) nestedTarget(template tree.Node) target {
	t := d.target
	if l, ok := levelOf(template.Get("$schema").Text); ok {
		t.level = l
	}
	return t
}

// at returns the target that the scope of a deployment names.
func (t target) at(scope tree.Node) target {
	s := split(t.absolute(scope))
	name := func(i int) string {
		if i < len(s) {
			return strings.ToLower(s[i].Text)
		}
		return ""
	}
	switch {
	case len(s) == 1 && s[0].Text == "" && s[0].Kind == tree.String:
		t.level = tenantLevel
	case len(s) == 5 && name(3) == "managementgroups":
		t.level, t.management = managementLevel, s[4]
	case len(s) == 3 && name(1) == "subscriptions":
		t.level, t.subscription = subscriptionLevel, s[2]
	case len(s) == 5 && name(1) == "subscriptions":
		t.level, t.subscription, t.group = groupLevel, s[2], s[4]
	default:
		t.level, t.management = managementLevel, scope
	}
	return t
}

// innerScope returns the scope of a nested template whose expressions are its own,
// with the parameters that it is given.
func (d *declared) innerScope(template tree.Node, t target) *scope {
	s := newScope(d.env.evaluator, template, t)
	s.name, s.label = d.name, d.name
	if d.target.id().Text != newTarget("").id().Text {
		s.label = d.id
	}
	parameters := d.node.Get("properties", "parameters")
	outer := &d.env
	if parameters.Kind == tree.String {
		parameters, outer = d.env.node(parameters), nil
	}
	declares := template.Get("parameters")
	for _, m := range parameters.Members {
		if _, ok := declares.Member(m.Name); !ok {
			d.env.report(problemf(m.Line, m.Col, "the nested template has no parameter %s", quoted(m.Name)))
			continue
		}
		g := given{node: m.Value, in: outer}
		if m.Value.Kind == tree.String {
			g = given{node: d.env.node(m.Value)}
		}
		s.given[strings.ToLower(m.Name)] = g
	}
	for _, m := range declares.Members {
		_, isGiven := s.given[strings.ToLower(m.Name)]
		nullable, _ := m.Value.Get("nullable").Bool()
		if !isGiven && !nullable && !m.Value.Has("defaultValue") && parameters.Kind != tree.Expression {
			d.env.report(problemf(d.node.Line, d.node.Col, "the nested template wants a parameter %s", quoted(m.Name)))
		}
	}
	return s
}

// outputs evaluates the outputs of a deployment, those left out whose presence or
// value is not known before it.
func (v env) outputs(template tree.Node) tree.Node {
	out := tree.Node{Kind: tree.Object}
	if v.busy["o"] {
		return out
	}
	v.busy["o"] = true
	defer delete(v.busy, "o")
	for _, m := range template.Get("outputs").Members {
		secure := hasFoldedPrefix(m.Value.Get("type").Text, "secure")
		if secure || m.Value.Has("condition") || !m.Value.Has("value") {
			continue
		}
		value := v.node(m.Value.Get("value"))
		out.Members = append(out.Members, tree.Member{Name: m.Name, Line: m.Line, Col: m.Col, Value: fields("type", m.Value.Get("type"), "value", value)})
	}
	return out
}

// reference evaluates reference(id or name, [apiVersion], ['Full']). The version says
// nothing about the value that is meant, and is not part of it.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource#reference
func (v env) reference(args []tree.Node) (tree.Node, error) {
	id := args[0]
	full := len(args) == 3 && strings.EqualFold(args[2].Text, "full")
	key := strings.ToLower(id.Text)
	all := v.byID[key]
	if id.Kind == tree.String && len(all) == 0 {
		if all = v.symbols[key]; len(all) == 0 {
			all = v.byName[key]
		}
	}
	d := unique(all)
	if d != nil {
		id = d.id
	}
	call := "reference(" + idSource(id)
	if full {
		call += ", 'full'"
	}
	call += ")"
	if d == nil && !strings.HasPrefix(id.Text, "/") {
		call = v.prefix() + call
	}
	a := atom(call)
	if d != nil {
		v.refs[a.Text] = opened{resource: d, full: full}
	}
	return a, nil
}
