package azure

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func policyAssignment(s *sheet) *model.PolicyAssignment {
	a := &model.PolicyAssignment{
		Resource: s.resource(), Scope: firstOf(s.str("scope"), s.scope()), NotScopes: s.strs("notScopes"),
		PolicyDefinitionID: s.str("policyDefinitionId"), EnforcementMode: s.str("enforcementMode"), DisplayName: s.str("displayName"),
	}
	n, at := s.leaf("parameters")
	for _, m := range n.Members {
		if a.Parameters == nil {
			a.Parameters = map[string]model.Property[string]{}
		}
		s.record(join(at, m.Name), m)
		a.Parameters[m.Name] = mapped(valueOf(s, m.Value.Get("value"), join(at, m.Name), "", func(n tree.Node) (tree.Node, bool) { return n, true }), jsonOf)
	}
	return a
}

func policySetDefinition(s *sheet) *model.PolicySetDefinition {
	return &model.PolicySetDefinition{
		Resource: s.resource(), DisplayName: s.str("displayName"), PolicyType: s.str("policyType"),
		Definitions: gather(s.view, "policyDefinitions", func(v *view) model.Property[string] { return v.str("policyDefinitionId") }),
	}
}

// readManagementGroups reads a management group with all that it expands.
func readManagementGroups(out *Result, file string, n tree.Node) {
	managementGroup(out, file, n, "", expandsDeeply(n))
}

// expandsDeeply reports whether the export follows the groups below the one it is
// about: then a group without children has none.
func expandsDeeply(n tree.Node) bool {
	for _, c := range n.Get("children").Items {
		if c.Get("children").Kind == tree.List {
			return true
		}
	}
	for _, c := range n.Get("properties", "children").Items {
		if c.Get("children").Kind == tree.List {
			return true
		}
	}
	return false
}

func managementGroup(out *Result, file string, n tree.Node, parent string, deep bool) {
	s := &sheet{file: file, result: out, kind: &kind{name: "ManagementGroup"}, res: Resource{Body: n}}
	s.view = s.openView(n, "")
	s.name()
	g := &model.ManagementGroup{ID: s.id.Or(""), Name: s.header(tree.Node{}, "name").Or(""), DisplayName: s.str("displayName")}
	require(s, s.id, "id")
	switch {
	case parent != "":
		g.ParentID = model.Known(parent)
	default:
		if details := s.child("details"); details != nil {
			if p := details.child("parent"); p != nil {
				g.ParentID = p.str("id")
			} else if details.node("parent").Kind == tree.Null {
				g.ParentID = model.Null[string]()
			}
		}
	}
	children := s.node("children")
	g.Expanded = children.Kind == tree.List || deep && parent != ""
	for _, c := range children.Items {
		id, typ := c.Get("id").Text, c.Get("type").Text
		switch {
		case id == "":
			s.fail(c, "children", "missing: "+needs[s.kind.name], "")
		case strings.HasSuffix(strings.ToLower(typ), "/subscriptions") || strings.HasPrefix(strings.ToLower(id), "/subscriptions/"):
			if model.IsGUID(id) {
				id = "/subscriptions/" + id
			}
			g.Subscriptions = append(g.Subscriptions, id)
		default:
			g.Groups = append(g.Groups, id)
			managementGroup(out, file, c, g.ID, deep)
		}
	}
	if !s.failed {
		out.Objects = append(out.Objects, object(s.ref, g, s.origin()))
	}
}
