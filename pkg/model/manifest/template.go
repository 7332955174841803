package manifest

import (
	"errors"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/arm"
	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// templates are the Azure templates of the input, and the files with their parameters.
type templates struct {
	templates  []template
	parameters []parameters
	errs       []*Error
	findings   []model.Finding
}

type template struct {
	file string
	*arm.Template
}

type parameters struct {
	file string
	*arm.Parameters
}

// take takes a text over if it is a template or holds parameters.
func (t *templates) take(file string, text []byte) bool {
	var err error
	switch {
	case arm.IsTemplate(text):
		var read *arm.Template
		if read, err = arm.Read(text); err == nil {
			t.templates = append(t.templates, template{file, read})
		}
	case arm.IsParameters(text):
		var read *arm.Parameters
		if read, err = arm.ReadParameters(text); err == nil {
			t.parameters = append(t.parameters, parameters{file, read})
		}
	default:
		return false
	}
	if err != nil {
		t.fail(file, err)
	}
	return true
}

func (t *templates) fail(file string, err error) {
	e := &Error{Place: model.Place{File: file}, Text: err.Error()}
	if p, ok := errors.AsType[*arm.Problem](err); ok {
		e.Place.Line, e.Place.Col = p.Line, p.Col
	}
	t.errs = append(t.errs, e)
}

// outcomes returns what the templates deploy, with the parameters given for them.
func (t *templates) outcomes() (all []outcome) {
	given := t.assign()
	for i, one := range t.templates {
		out := outcome{file: one.file, types: 1}
		files := map[*arm.Parameters]string{}
		var values []*arm.Parameters
		for _, p := range given[i] {
			files[p.Parameters] = p.file
			values = append(values, p.Parameters)
		}
		resources, problems := one.Resources(values...)
		for _, p := range problems {
			file := one.file
			if p.In != nil {
				file = files[p.In]
			}
			out.errs = append(out.errs, &Error{Place: model.Place{File: file, Line: p.Line, Col: p.Col}, Text: p.Text})
		}
		out.take(one.file, deployed(one.file, resources))
		all = append(all, out)
	}
	return append(all, outcome{errs: t.errs, findings: t.findings})
}

// assign finds the template that each file of parameters is for: every one that
// declares all of them or, if there is one template only, that, which then says what
// it does not declare.
func (t *templates) assign() map[int][]parameters {
	given := map[int][]parameters{}
	for _, p := range t.parameters {
		found := false
		for i, one := range t.templates {
			if len(t.templates) == 1 || one.Declares(p.Parameters) {
				given[i] = append(given[i], p)
				found = true
			}
		}
		switch at := (model.Place{File: p.file, Line: 1}); {
		case found:
		case len(t.templates) == 0:
			t.findings = append(t.findings, model.Finding{Rule: "not-an-object", Place: at, Text: "parameters of an Azure template that is not in the input: ignored", Note: true})
		default:
			t.errs = append(t.errs, &Error{Place: at, Text: "no template of the input declares all of these parameters"})
		}
	}
	return given
}

// deployed decodes the resources of a template.
func deployed(file string, resources []arm.Resource) azure.Result {
	var all azure.Result
	symbols := symbolsOf(resources)
	for _, r := range resources {
		isIdentity := strings.EqualFold(r.Type, identityType)
		switch {
		case r.Linked.Kind == tree.Expression:
			all.Findings = append(all.Findings, model.Finding{
				Rule: "linked-template", Place: model.Place{File: file, Line: r.Line, Col: r.Col},
				Text: "the template of this deployment is elsewhere: what it deploys is not known", Hint: "load what it deploys, too",
			})
			continue
		case strings.EqualFold(r.Type, "Microsoft.Resources/deployments"), r.Existing && !isIdentity:
			continue // what is deployed by it follows; what is there already is not described here
		}
		read := azure.Decode(file, azure.Resource{
			Type: r.Type, APIVersion: r.APIVersion, ID: r.ID, Name: r.Name, Scope: r.Scope, Location: r.Location,
			Body: symbols.in(withSymbols(r)), Template: true, Line: r.Line, Col: r.Col,
		})
		if r.Conditional.Kind == tree.Expression {
			for i := range read.Objects {
				o := &read.Objects[i].Origin
				o.Gaps = append(o.Gaps, model.Gap{Path: model.DeploymentCondition, What: "whether it is deployed hangs on " + r.Conditional.Text, Place: o.Place})
			}
		}
		all.Append(read)
	}
	return all
}

const (
	identityType = "Microsoft.ManagedIdentity/userAssignedIdentities"
	clusterType  = "Microsoft.ContainerService/managedClusters"
)

// symbols are the texts of expressions that stand for the ids which Azure will give to
// what a template deploys. They are unknown, but each means one thing only, so that
// assignments and credentials can be joined with identities and clusters by them.
type symbols map[string]string // by lower case

// passedOn is a property of a resource for which there is a symbol: the path to it in
// the resource, and how expressions refer to it.
type passedOn struct {
	path   []string
	symbol string
}

func passedOnBy(r arm.Resource) (all []passedOn) {
	property := func(path ...string) {
		all = append(all, passedOn{append([]string{"properties"}, path...), arm.Reference(r.ID, path...)})
	}
	switch {
	case strings.EqualFold(r.Type, identityType):
		property("principalId")
		property("clientId")
	case strings.EqualFold(r.Type, clusterType):
		property("identityProfile", "kubeletidentity", "objectId")
		property("identityProfile", "kubeletidentity", "clientId")
		property("oidcIssuerProfile", "issuerURL")
		if strings.Contains(strings.ToLower(r.Body.Get("identity", "type").Text), "systemassigned") {
			all = append(all, passedOn{[]string{"identity", "principalId"}, arm.FullReference(r.ID, "identity", "principalId")})
		}
	}
	return all
}

func symbolsOf(resources []arm.Resource) symbols {
	found := symbols{}
	for _, r := range resources {
		for _, p := range passedOnBy(r) {
			found[strings.ToLower(p.symbol)] = p.symbol
		}
	}
	return found
}

// in returns the value with the symbols in it as texts.
func (s symbols) in(n tree.Node) tree.Node {
	symbol, ok := s[strings.ToLower(n.Text)]
	switch {
	case ok && n.Kind == tree.Expression:
		n.Kind, n.Text = tree.String, symbol
	case n.Kind == tree.List:
		n.Items = slices.Clone(n.Items)
		for i, item := range n.Items {
			n.Items[i] = s.in(item)
		}
	case n.Kind == tree.Object:
		n.Members = slices.Clone(n.Members)
		for i, m := range n.Members {
			n.Members[i].Value = s.in(m.Value)
		}
	}
	return n
}

// withSymbols returns the resource with its symbols where Azure will put the ids.
func withSymbols(r arm.Resource) tree.Node {
	body := r.Body
	for _, p := range passedOnBy(r) {
		body = with(body, tree.Node{Kind: tree.Expression, Text: p.symbol, Line: r.Line, Col: r.Col}, p.path...)
	}
	return body
}

// with returns the object with a value at the path, unless there is one.
func with(n, value tree.Node, path ...string) tree.Node {
	if len(path) == 0 {
		if n.Kind == tree.Absent {
			return value
		}
		return n
	}
	if n.Kind != tree.Object && n.Kind != tree.Absent {
		return n
	}
	at := tree.Member{Name: path[0], Line: value.Line, Col: value.Col}
	if n.Kind == tree.Absent {
		n = tree.Node{Kind: tree.Object, Line: value.Line, Col: value.Col}
	}
	n.Members = slices.Clone(n.Members)
	for i, m := range n.Members {
		if strings.EqualFold(m.Name, path[0]) {
			n.Members[i].Value = with(m.Value, value, path[1:]...)
			return n
		}
	}
	at.Value = with(tree.Node{}, value, path[1:]...)
	n.Members = append(n.Members, at)
	return n
}
