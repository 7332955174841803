package arm

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// Template is a template as written. It is immutable.
type Template struct {
	root     tree.Node
	repeated []*Problem
}

// Parameters is a parameters file as written. It is immutable.
type Parameters struct {
	values   tree.Node
	repeated []*Problem
}

// Read reads a template. The error is a *[Problem] of its JSON or shape; what is wrong
// with its expressions, [Template.Resources] says.
func Read(text []byte) (*Template, error) {
	root, repeated, err := readJSON(text)
	if err != nil {
		return nil, err
	}
	if root.Kind != tree.Object {
		return nil, problemf(root.Line, root.Col, "want a template: an object")
	}
	return &Template{root, repeated}, nil
}

// ReadParameters reads a parameters file. The error is a *[Problem].
func ReadParameters(text []byte) (*Parameters, error) {
	root, repeated, err := readJSON(text)
	if err != nil {
		return nil, err
	}
	values := root.Get("parameters")
	if values.Kind != tree.Object {
		return nil, problemf(root.Line, root.Col, "want a parameters file: an object with parameters")
	}
	for _, m := range values.Members {
		if !m.Value.Has("value") && !m.Value.Has("reference") && !m.Value.Has("expression") {
			return nil, problemf(m.Line, m.Col, "parameter %s: want an object with value or reference", quoted(m.Name))
		}
	}
	return &Parameters{values, repeated}, nil
}

// Declares reports whether the template declares every parameter of the file.
func (t *Template) Declares(p *Parameters) bool {
	for _, m := range p.values.Members {
		if _, ok := t.root.Get("parameters").Member(m.Name); !ok {
			return false
		}
	}
	return true
}

// Resource is a resource that a template deploys, or relies on if it is Existing.
type Resource struct {
	// Type is the full type. Of children it begins with their parent's, of extensions
	// it is their own, such as Microsoft.Authorization/roleAssignments.
	Type, APIVersion string

	// ID and Name are Strings, or Expressions where they are not settled. The name of
	// a child begins with its parent's, PARENT/CHILD; that of an extension does not
	// begin with what it extends.
	ID, Name tree.Node

	// Scope is the id of what an extension extends, also of what is always at a scope,
	// such as role assignments; else Absent. That of the tenant is /.
	Scope tree.Node

	Location tree.Node // Absent if the template does not say it

	// Conditional is an Expression if whether the resource is deployed is not settled:
	// the condition, or that there is a copy. Else it is Absent.
	Conditional tree.Node

	// Body is the whole resource, but for its children, condition, copy loop and
	// nested template.
	Body tree.Node

	// Linked is an Expression if the resource is a deployment whose template is
	// elsewhere, so that what it deploys is not known. Else it is Absent.
	Linked tree.Node

	Existing  bool // the template relies on it and does not deploy it
	Line, Col int
}

// Resources returns what the template deploys with the parameters; of a parameter in
// several, the last counts. The resources are in the order written, those of a nested
// deployment behind it. The problems are ordered by place, those of the template first.
func (t *Template) Resources(parameters ...*Parameters) ([]Resource, []Problem) {
	e := newEvaluator()
	for _, p := range t.repeated {
		e.report(p)
	}
	checker{e, t.root}.template(t.root)
	s := newScope(e, t.root, newTarget(t.root.Get("$schema").Text))
	declares := t.root.Get("parameters")
	for _, p := range parameters {
		for _, r := range p.repeated {
			e.report(&Problem{Line: r.Line, Col: r.Col, Text: r.Text, In: p})
		}
		for _, m := range p.values.Members {
			if _, ok := declares.Member(m.Name); !ok {
				e.report(&Problem{Line: m.Line, Col: m.Col, In: p, Text: "the template has no parameter " + quoted(m.Name)})
			}
			s.given[strings.ToLower(m.Name)] = given{node: m.Value, from: p}
		}
	}
	top := declaring{env: env{scope: s}, target: s.target, listed: s}.all(t.root.Get("resources"))
	nest(top)
	resources := appendResources(nil, top)
	return resources, ordered(e.problems, parameters)
}

func appendResources(out []Resource, all []*declared) []Resource {
	for _, d := range all {
		out = appendResources(append(out, d.resource()), d.inner)
	}
	return out
}

func ordered(problems []*Problem, parameters []*Parameters) []Problem {
	out := make([]Problem, 0, len(problems))
	for _, p := range problems {
		out = append(out, *p)
	}
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(slices.Index(parameters, a.In), slices.Index(parameters, b.In)),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Text, b.Text))
	})
	return out
}
