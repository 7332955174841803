package terraform

import (
	"maps"
	"slices"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// groups collects principals: what provider azuread makes.
type groups struct {
	people  []tree.Node
	members map[string]*tree.Node // lists of object ids, by group
}

// takes reports whether a resource is about a principal, and notes what it says.
func (g *groups) takes(r *resource) bool {
	id := r.own(r.get("object_id"), ".object_id")
	person := func(typ string, more ...tree.Member) {
		if id.Kind == tree.String {
			all := []tree.Member{member("@odata.type", str("#microsoft.graph."+typ)), member("id", id), member("displayName", known(r.get("display_name")))}
			n := object(append(all, more...)...)
			n.Line, n.Col = r.at.Line, r.at.Col
			g.people = append(g.people, n)
		}
	}
	switch r.typ {
	case "azuread_group":
		person("group")
		if list := r.get("members"); list.Kind == tree.List {
			g.join(r, id, list.Items...)
		}
	case "azuread_group_member":
		g.join(r, r.symbol("group_object_id", objectIDs...), r.symbol("member_object_id", objectIDs...))
	case "azuread_user":
		person("user", member("userPrincipalName", known(r.get("user_principal_name"))))
	case "azuread_service_principal":
		person("servicePrincipal", member("appId", known(or(r.get("client_id"), r.get("application_id")))))
	default:
		return false
	}
	return true
}

// known leaves out what is not known: the directory has no place for expressions.
func known(n tree.Node) tree.Node {
	if n.Kind == tree.Expression {
		return tree.Node{}
	}
	return n
}

// join puts members into a group that is known.
func (g *groups) join(r *resource, group tree.Node, members ...tree.Node) {
	if group.Kind != tree.String {
		return
	}
	if g.members == nil {
		g.members = map[string]*tree.Node{}
	}
	if g.members[group.Text] == nil {
		g.members[group.Text] = &tree.Node{Kind: tree.List, Line: r.at.Line, Col: r.at.Col}
	}
	list := g.members[group.Text]
	list.Items = append(list.Items, members...)
}

// documents returns the principals in the order written, then the members of groups, by
// group, as Microsoft Graph prints them.
func (g *groups) documents() []tree.Node {
	all := g.people
	for _, id := range slices.Sorted(maps.Keys(g.members)) {
		list := *g.members[id]
		if slices.ContainsFunc(list.Items, func(n tree.Node) bool { return n.Kind != tree.String }) {
			continue // some of it is not known: then nobody knows who is in it
		}
		n := object(member("@odata.type", str("#microsoft.graph.group")), member("id", str(id)), member("members", list))
		n.Line, n.Col = list.Line, list.Col
		all = append(all, n)
	}
	return all
}
