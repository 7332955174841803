package terraform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// Recognise reports whether a document is what terraform show -json prints.
func Recognise(n tree.Node) bool {
	return n.Get("format_version").Kind == tree.String && (n.Has("planned_values") || n.Has("values") || n.Has("terraform_version"))
}

// Resources returns the resources of a plan or state in the order written, those of the
// root module first, and then who is in which group.
func Resources(n tree.Node) []azure.Resource {
	p := &plan{template: n.Has("planned_values"), unknown: map[string]tree.Node{}, addresses: map[string]bool{}}
	values := n.Get("values")
	if p.template {
		values = n.Get("planned_values")
	}
	for _, c := range n.Get("resource_changes").Items {
		p.unknown[c.Get("address").Text] = c.Get("change", "after_unknown")
	}
	p.module(values.Get("root_module"), n.Get("configuration", "root_module"), "")
	for _, r := range p.resources {
		p.addresses[r.address] = true
	}
	g := groups{}
	var all []azure.Resource
	for _, r := range p.resources {
		r.values = overlay(r.values, p.unknown[r.address], r.address)
		switch translate := translations[r.typ]; {
		case translate != nil:
			all = append(all, p.finish(r, translate(r)))
		case g.takes(r):
		default:
			all = append(all, p.finish(r, azure.Resource{Type: r.typ, Body: object(member("id", r.id()))}))
		}
	}
	for _, body := range g.documents() {
		all = append(all, azure.Resource{Body: body, Template: p.template, Line: body.Line, Col: body.Col})
	}
	return all
}

type plan struct {
	template  bool
	unknown   map[string]tree.Node // after_unknown, by address
	addresses map[string]bool
	resources []*resource
}

// resource is a resource as Terraform has it.
type resource struct {
	plan         *plan
	address, typ string
	module       string    // what addresses in its configuration begin with
	values       tree.Node // expressions in place of what is not known
	expressions  tree.Node // of its configuration
	at           tree.Node
}

// module finds the resources of a module and of those in it.
func (p *plan) module(values, config tree.Node, prefix string) {
	expressions := map[string]tree.Node{}
	for _, r := range config.Get("resources").Items {
		expressions[r.Get("address").Text] = r.Get("expressions")
	}
	for _, v := range values.Get("resources").Items {
		if v.Get("mode").Text == "data" {
			continue
		}
		address := v.Get("address").Text
		p.resources = append(p.resources, &resource{
			plan: p, address: address, typ: v.Get("type").Text, module: prefix, values: v.Get("values"), at: v,
			expressions: expressions[v.Get("type").Text+"."+v.Get("name").Text],
		})
	}
	for _, m := range values.Get("child_modules").Items {
		address := m.Get("address").Text
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(address, prefix), "module."), "[")
		p.module(m, config.Get("module_calls", name, "module"), address+".")
	}
}

// overlay puts expressions in place of what is known after apply only.
func overlay(values, unknown tree.Node, path string) tree.Node {
	switch unknown.Kind {
	case tree.Bool:
		if unknown.Text == "true" {
			return tree.Node{Kind: tree.Expression, Text: path + " (known after apply)", Line: values.Line, Col: values.Col}
		}
	case tree.Object:
		if values.Kind == tree.Absent || values.Kind == tree.Null {
			values = tree.Node{Kind: tree.Object}
		}
		members := slices.Clone(values.Members)
		for _, u := range unknown.Members {
			old, _ := values.Member(u.Name)
			value := overlay(old.Value, u.Value, path+"."+u.Name)
			i := slices.IndexFunc(members, func(m tree.Member) bool { return strings.EqualFold(m.Name, u.Name) })
			switch {
			case i >= 0:
				members[i].Value = value
			case value.Kind != tree.Absent:
				members = append(members, tree.Member{Name: u.Name, Value: value})
			}
		}
		values.Members = members
	case tree.List:
		items := slices.Clone(values.Items)
		for i, u := range unknown.Items {
			for len(items) <= i {
				items = append(items, tree.Node{})
			}
			items[i] = overlay(items[i], u, path+"["+strconv.Itoa(i)+"]")
		}
		if len(items) > 0 {
			values.Kind, values.Items = tree.List, items
		}
	case tree.Absent, tree.Null, tree.Number, tree.String, tree.Expression:
	}
	return values
}

// finish adds to a translated resource what all have in common.
func (p *plan) finish(r *resource, to azure.Resource) azure.Resource {
	to.Template = p.template
	to.Line, to.Col = r.at.Line, r.at.Col
	if len(r.at.Members) > 0 && r.at.Members[0].Line > 0 {
		to.Line, to.Col = r.at.Members[0].Line, r.at.Members[0].Col
	}
	if to.ID.Kind == tree.Absent {
		to.ID = r.id()
	}
	if to.ID.Kind == tree.Absent && p.template {
		to.ID = r.knownAfterApply("id")
	}
	if to.Name.Kind == tree.Absent {
		to.Name = r.get("name")
	}
	to.Label = r.address
	if to.Location.Kind == tree.Absent {
		to.Location = r.get("location")
	}
	if tags := r.get("tags"); tags.Kind == tree.Object {
		to.Body.Members = append(to.Body.Members, tree.Member{Name: "tags", Value: tags})
	}
	return to
}

// id returns Azure's id of the resource: the provider adds something to some.
func (r *resource) id() tree.Node {
	id := r.get("id")
	if id.Kind == tree.String {
		id.Text, _, _ = strings.Cut(id.Text, "|")
	}
	return id
}

func (r *resource) knownAfterApply(attribute string) tree.Node {
	return tree.Node{Kind: tree.Expression, Text: r.address + "." + attribute + " (known after apply)"}
}

// get returns what a path of attributes and blocks leads to. A block is a list of one.
// The provider writes what is not set as null or as an empty string.
func (r *resource) get(path ...string) tree.Node { return get(r.values, path...) }

func get(n tree.Node, path ...string) tree.Node {
	for _, name := range path {
		if n.Kind == tree.List && len(n.Items) == 1 {
			n = n.Items[0]
		}
		n = n.Get(name)
	}
	if n.Kind == tree.Null || n.Kind == tree.String && n.Text == "" {
		return tree.Node{}
	}
	return n
}

// blocks returns the blocks of that name. If they are not known, there is one that is
// an expression.
func (r *resource) blocks(name string) []tree.Node {
	n := r.get(name)
	if n.Kind == tree.Expression {
		return []tree.Node{n}
	}
	return n.Items
}

// symbol returns the attribute of another resource that stands for a value that is not
// known yet, if it is one of those that are passed on; see the package comment.
func (r *resource) symbol(attribute string, passedOn ...string) tree.Node {
	value := r.get(attribute)
	if value.Kind != tree.Expression {
		return value
	}
	refs := r.expressions.Get(attribute, "references").Items
	if len(refs) < 2 {
		return value
	}
	what, whose := refs[0].Text, refs[len(refs)-1].Text
	for _, ref := range refs[1:] {
		rest, ok := strings.CutPrefix(what, ref.Text)
		if !ok || !strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, "[") {
			return value // more than one thing goes into the value
		}
	}
	if r.plan.addresses[r.module+whose] && slices.Contains(passedOn, what[len(whose):]) {
		return tree.Node{Kind: tree.String, Text: r.module + what, Line: value.Line, Col: value.Col}
	}
	return value
}

// own is the symbol by which others refer to an attribute that is not known yet.
func (r *resource) own(n tree.Node, attribute string) tree.Node {
	if n.Kind == tree.Expression {
		return tree.Node{Kind: tree.String, Text: r.address + attribute, Line: n.Line, Col: n.Col}
	}
	return n
}
