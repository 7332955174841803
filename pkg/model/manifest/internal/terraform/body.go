package terraform

import (
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// member is a member of an object that is made here. One that is not there is left out
// by [object].
func member(name string, value tree.Node) tree.Member {
	return tree.Member{Name: name, Line: value.Line, Col: value.Col, Value: value}
}

func object(members ...tree.Member) tree.Node {
	n := tree.Node{Kind: tree.Object}
	for _, m := range members {
		if m.Value.Kind == tree.Absent {
			continue
		}
		if n.Line == 0 {
			n.Line, n.Col = m.Line, m.Col
		}
		n.Members = append(n.Members, m)
	}
	return n
}

func list(items ...tree.Node) tree.Node {
	n := tree.Node{Kind: tree.List, Items: items}
	if len(items) > 0 {
		n.Line, n.Col = items[0].Line, items[0].Col
	}
	return n
}

func str(text string) tree.Node { return tree.Node{Kind: tree.String, Text: text} }

func boolean(value bool) tree.Node {
	if value {
		return tree.Node{Kind: tree.Bool, Text: "true"}
	}
	return tree.Node{Kind: tree.Bool, Text: "false"}
}

// or returns a value, or the provider's default where none is given.
func or(n, otherwise tree.Node) tree.Node {
	if n.Kind == tree.Absent {
		return otherwise
	}
	return n
}

// not turns a bool round.
func not(n tree.Node) tree.Node {
	value, ok := n.Bool()
	if !ok {
		return n
	}
	turned := boolean(!value)
	turned.Line, turned.Col = n.Line, n.Col
	return turned
}

// switched is the property of Azure that says Enabled or Disabled where the provider
// has a bool.
func switched(n tree.Node) tree.Node {
	value, ok := n.Bool()
	if !ok {
		return n
	}
	word := "Disabled"
	if value {
		word = "Enabled"
	}
	return tree.Node{Kind: tree.String, Text: word, Line: n.Line, Col: n.Col}
}

// block is an object of Azure of which Terraform has the attributes in one block. It is
// null without the block, and an expression if that is not known.
func block(n tree.Node, members func(of func(path ...string) tree.Node) []tree.Member) tree.Node {
	switch {
	case n.Kind == tree.Expression:
		return n
	case n.Kind == tree.List && len(n.Items) == 1 && n.Items[0].Kind == tree.Expression:
		return n.Items[0]
	case n.Kind == tree.Absent, n.Kind == tree.List && len(n.Items) == 0:
		return tree.Node{Kind: tree.Null, Line: n.Line, Col: n.Col}
	}
	return object(members(func(path ...string) tree.Node { return get(n, path...) })...)
}

// identity translates an identity block.
func (r *resource) identity() tree.Node {
	return block(r.get("identity"), func(of func(path ...string) tree.Node) []tree.Member {
		attached := tree.Node{}
		switch ids := of("identity_ids"); ids.Kind {
		case tree.List:
			attached = object()
			for _, id := range ids.Items {
				name := id.Text
				if id.Kind == tree.Expression {
					name = "[" + id.Text + "]"
				}
				attached.Members = append(attached.Members, tree.Member{Name: name, Line: id.Line, Col: id.Col, Value: object()})
			}
		case tree.Expression:
			attached = object(tree.Member{Name: "[" + ids.Text + "]", Value: object()})
		case tree.Absent, tree.Null, tree.Bool, tree.Number, tree.String, tree.Object:
		}
		return []tree.Member{
			member("type", withoutSpace(of("type"))), member("tenantId", of("tenant_id")),
			member("principalId", r.own(of("principal_id"), ".identity[0].principal_id")), member("userAssignedIdentities", attached),
		}
	})
}

func withoutSpace(n tree.Node) tree.Node {
	if n.Kind == tree.String {
		n.Text = strings.ReplaceAll(n.Text, " ", "")
	}
	return n
}
