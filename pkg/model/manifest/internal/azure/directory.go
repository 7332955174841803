package azure

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// isGroupMembers reports whether an object holds the members of groups, by group.
func isGroupMembers(n tree.Node) bool {
	for _, m := range n.Members {
		if !model.IsGUID(m.Name) || m.Value.Kind != tree.List {
			return false
		}
	}
	return len(n.Members) > 0
}

func readGroupMembers(out *Result, file string, n tree.Node) {
	for _, m := range n.Members {
		members(out, file, m.Name, tree.Node{Line: m.Line, Col: m.Col}, m, "", false)
	}
}

// members reads who is in a group, and who they are.
func members(out *Result, file, group string, begin tree.Node, list tree.Member, path string, transitive bool) {
	g := &model.GroupMembers{Group: strings.ToLower(group), Transitive: transitive}
	ref := model.AzureRef("GroupMembers", group)
	if transitive {
		ref.Name += "/transitiveMembers"
	}
	var fields model.FieldsBuilder
	for i, item := range list.Value.Items {
		at := element(path, i)
		id := idOf(item)
		if item.Kind == tree.String {
			id = item
		}
		if id.Kind != tree.String || id.Text == "" {
			out.Problems = append(out.Problems, Problem{item.Line, item.Col, ref, at, "missing: " + needs["GroupMembers"], ""})
			continue
		}
		fields.Add(element("members", i), item.Line, item.Col)
		g.Members = append(g.Members, strings.ToLower(id.Text))
		if item.Kind == tree.Object {
			readDirectoryObject(out, file, item)
		}
	}
	slices.Sort(g.Members)
	g.Members = slices.Compact(g.Members)
	at := model.Place{File: file, Line: begin.Line, Col: begin.Col}
	out.Objects = append(out.Objects, object(ref, g, model.Origin{Place: at, Server: true, Fields: fields.Fields()}))
	// Microsoft Graph expands no more than 20 of a group's members.
	const mostExpanded = 20
	if strings.EqualFold(list.Name, "members") && len(list.Value.Items) == mostExpanded {
		out.Findings = append(out.Findings, model.Finding{
			Rule: "incomplete-export", Object: ref, Place: at, Path: list.Name,
			Text: "20 members, which is where Microsoft Graph cuts what it expands: there may be more", Hint: "list the members of this group by themselves",
		})
	}
}

// idOf returns the object id, which the directory's older API calls objectId.
func idOf(n tree.Node) tree.Node {
	if id, ok := n.Member("id"); ok {
		return id.Value
	}
	return n.Get("objectId")
}

// isDirectoryObject recognises users, groups, service principals and applications.
func isDirectoryObject(n tree.Node) bool {
	id := idOf(n)
	graph := strings.HasPrefix(strings.ToLower(n.Get("@odata.type").Text), "#microsoft.graph.")
	return graph || id.Kind == tree.String && model.IsGUID(id.Text) && (directoryKind(n) != "" || n.Has("displayName"))
}

// directoryKind returns what an object of the directory is, and nothing if its keys do
// not tell.
func directoryKind(n tree.Node) string {
	typ := strings.ToLower(n.Get("@odata.type").Text)
	typ = strings.TrimPrefix(typ, "#microsoft.graph.")
	if typ == "" {
		typ = strings.ToLower(n.Get("objectType").Text)
	}
	switch typ {
	case "user":
		return "User"
	case "group":
		return "Group"
	case "serviceprincipal":
		return "ServicePrincipal"
	case "device":
		return "Device"
	case "application":
		return application
	}
	switch {
	case n.Has("userPrincipalName"):
		return "User"
	case countOf(n, "signInAudience", "publisherDomain", "identifierUris", "requiredResourceAccess") > 0 && !n.Has("servicePrincipalType"):
		return application
	case n.Has("servicePrincipalType") || n.Has("servicePrincipalNames") || n.Has("appId"):
		return "ServicePrincipal"
	case countOf(n, "securityEnabled", "groupTypes", "mailEnabled", "members", "transitiveMembers", "isAssignableToRole") > 0:
		return "Group"
	case countOf(n, "givenName", "surname", "userType", "jobTitle") > 0:
		return "User"
	}
	return ""
}

// application is no principal: its service principal is, which has an id of its own.
const application = "Application"

func readDirectoryObject(out *Result, file string, n tree.Node) {
	s := &sheet{file: file, result: out, kind: &kind{name: "DirectoryObject"}, res: Resource{Body: n}}
	s.view = s.openView(n, "")
	id := idOf(n)
	s.ref = model.AzureRef(s.kind.name, id.Text)
	if id.Kind != tree.String || id.Text == "" {
		s.fail(id, "id", "missing: "+needs[s.kind.name], "")
		return
	}
	kind := directoryKind(n)
	if kind == application {
		r := &model.OtherAzureResource{Resource: model.Resource{ID: model.Known(id.Text), Name: s.str("displayName"), Type: "application"}}
		s.ref.Kind = "OtherAzureResource"
		out.Objects = append(out.Objects, object(s.ref, r, s.origin()))
		return
	}
	o := &model.DirectoryObject{
		ID: strings.ToLower(id.Text), Kind: kind, DisplayName: s.str("displayName").Or(""), UPN: s.str("userPrincipalName").Or(""),
		AppID: strings.ToLower(s.str("appId").Or("")), UserType: s.str("userType").Or(""),
	}
	if s.failed {
		return
	}
	out.Objects = append(out.Objects, object(s.ref, o, s.origin()))
	for _, name := range []string{"members", "transitiveMembers"} {
		if m, ok := n.Member(name); ok && m.Value.Kind == tree.List {
			members(out, file, o.ID, tree.Node{Line: m.Line, Col: m.Col}, m, name, name != "members")
		}
		if m, ok := n.Member(name + "@odata.nextLink"); ok && m.Value.Text != "" {
			out.Findings = append(out.Findings, incomplete(model.Place{File: file, Line: m.Line, Col: m.Col}, m.Name))
		}
	}
}
