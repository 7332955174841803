package arm

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// While a template is evaluated, an Expression is either an atom, of which nothing is
// known, or a string of which parts are known: then Items are its pieces, Strings and
// atoms.

func atom(source string) tree.Node {
	return tree.Node{Kind: tree.Expression, Text: "[" + source + "]"}
}

func text(s string) tree.Node { return tree.Node{Kind: tree.String, Text: s} }

func integer(n int64) tree.Node {
	return tree.Node{Kind: tree.Number, Text: strconv.FormatInt(n, 10)}
}

func boolean(b bool) tree.Node { return tree.Node{Kind: tree.Bool, Text: strconv.FormatBool(b)} }

func list(items []tree.Node) tree.Node { return tree.Node{Kind: tree.List, Items: items} }

// joined returns the string that the pieces make, one behind the other.
func joined(pieces ...tree.Node) tree.Node {
	var flat []tree.Node
	for _, p := range pieces {
		for _, q := range parts(p) {
			if last := len(flat) - 1; q.Kind == tree.String && last >= 0 && flat[last].Kind == tree.String {
				flat[last].Text += q.Text
			} else if q.Kind != tree.String || q.Text != "" {
				flat = append(flat, q)
			}
		}
	}
	switch {
	case len(flat) == 0:
		return text("")
	case len(flat) == 1:
		return flat[0]
	}
	var b strings.Builder
	for _, p := range flat {
		b.WriteString(interpolated(p))
	}
	return tree.Node{Kind: tree.Expression, Text: b.String(), Items: flat}
}

// parts returns the pieces of a string, known or not.
func parts(n tree.Node) []tree.Node {
	if n.Kind == tree.Expression && n.Items != nil {
		return n.Items
	}
	return []tree.Node{n}
}

// interpolated returns how a piece stands in the text of an Expression.
func interpolated(piece tree.Node) string {
	if piece.Kind == tree.Expression {
		return piece.Text
	}
	return strings.ReplaceAll(piece.Text, "[", "[[")
}

// split cuts a string, known or not, at the slashes, of which atoms have none.
func split(n tree.Node) []tree.Node {
	var out, piece []tree.Node
	for _, p := range parts(n) {
		if p.Kind != tree.String {
			piece = append(piece, p)
			continue
		}
		for i, s := range strings.Split(p.Text, "/") {
			if i > 0 {
				out = append(out, joined(piece...))
				piece = nil
			}
			piece = append(piece, text(s))
		}
	}
	return append(out, joined(piece...))
}

// unknown reports whether an Expression is anywhere in a value.
func unknown(n tree.Node) bool {
	return n.Kind == tree.Expression || slices.ContainsFunc(n.Items, unknown) ||
		slices.ContainsFunc(n.Members, func(m tree.Member) bool { return unknown(m.Value) })
}

// source writes a value as the argument of a function. Different values have
// different sources.
func source(n tree.Node) string {
	var b strings.Builder
	writeSource(&b, n)
	return b.String()
}

func writeSource(b *strings.Builder, n tree.Node) {
	switch n.Kind {
	case tree.Absent, tree.Null:
		b.WriteString("null()")
	case tree.Bool:
		b.WriteString(n.Text + "()")
	case tree.Number:
		b.WriteString(n.Text)
	case tree.String:
		b.WriteString(quote(interpolated(n)))
	case tree.Expression:
		if n.Items == nil {
			b.WriteString(n.Text[1 : len(n.Text)-1])
			return
		}
		switch n.Text { // shorter, and as templates say it
		case "/subscriptions/" + subscriptionText:
			b.WriteString("subscription().id")
			return
		case "/subscriptions/" + subscriptionText + "/resourceGroups/" + groupText:
			b.WriteString("resourceGroup().id")
			return
		}
		b.WriteByte('\'')
		for _, p := range n.Items {
			if p.Kind == tree.String {
				b.WriteString(strings.ReplaceAll(interpolated(p), "'", "''"))
			} else {
				b.WriteString(p.Text)
			}
		}
		b.WriteByte('\'')
	case tree.List:
		b.WriteString("createArray(")
		for i, item := range n.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			writeSource(b, item)
		}
		b.WriteByte(')')
	case tree.Object:
		b.WriteString("createObject(")
		for i, m := range n.Members {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quote(m.Name) + ", ")
			writeSource(b, m.Value)
		}
		b.WriteByte(')')
	}
}

// opaque is a call whose result is not known.
func opaque(function string, args ...tree.Node) tree.Node {
	var b strings.Builder
	b.WriteString(function + "(")
	for i, arg := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		writeSource(&b, arg)
	}
	b.WriteByte(')')
	return atom(b.String())
}

// equal reports whether two values are equal, and whether that can be known. Strings
// are compared with their case.
func equal(a, b tree.Node) (eq, known bool) {
	if a.Kind == tree.Expression || b.Kind == tree.Expression {
		eq = a.Kind == b.Kind && a.Text == b.Text
		return eq, eq
	}
	if a.Kind != b.Kind {
		return false, true
	}
	switch a.Kind {
	case tree.Number:
		x, okA := a.Number()
		y, okB := b.Number()
		return a.Text == b.Text || x == y, a.Text == b.Text || okA && okB
	case tree.List:
		if len(a.Items) != len(b.Items) {
			return false, true
		}
		known = true
		for i := range a.Items {
			eq, sure := equal(a.Items[i], b.Items[i])
			if sure && !eq {
				return false, true
			}
			known = known && sure
		}
		return known, known
	case tree.Object:
		return equalObjects(a, b)
	case tree.Absent, tree.Null, tree.Bool, tree.String, tree.Expression:
	}
	return a.Text == b.Text, true
}

func equalObjects(a, b tree.Node) (eq, known bool) {
	if len(a.Members) != len(b.Members) {
		return false, true
	}
	known = true
	for _, m := range a.Members {
		other, ok := b.Member(m.Name)
		if !ok {
			return false, true
		}
		eq, sure := equal(m.Value, other.Value)
		if sure && !eq {
			return false, true
		}
		known = known && sure
	}
	return known, known
}

// settled returns a value as callers see it: without the pieces of Expressions, and
// with ids that leave open only the scope of the deployment as Strings.
func settled(n tree.Node) tree.Node {
	switch n.Kind {
	case tree.Expression:
		if isID(n) {
			n.Kind = tree.String
		}
		n.Items = nil
	case tree.List:
		items := make([]tree.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = settled(item)
		}
		n.Items = items
	case tree.Object:
		members := make([]tree.Member, len(n.Members))
		for i, m := range n.Members {
			m.Value = settled(m.Value)
			members[i] = m
		}
		n.Members = members
	case tree.Absent, tree.Null, tree.Bool, tree.Number, tree.String:
	}
	return n
}

// The placeholders that ids may have.
const (
	subscriptionText = "[subscription().subscriptionId]"
	groupText        = "[resourceGroup().name]"
	managementText   = "[managementGroup().name]"
)

// isID reports whether an Expression is a resource id that leaves open no more than
// the scope of the deployment, each part of which is a whole segment.
func isID(n tree.Node) bool {
	if len(n.Items) == 0 || n.Items[0].Kind != tree.String || !strings.HasPrefix(n.Items[0].Text, "/") {
		return false
	}
	for _, p := range n.Items { // the usual reason why not
		if p.Kind == tree.Expression && p.Text != subscriptionText && p.Text != groupText && p.Text != managementText {
			return false
		}
	}
	for _, segment := range split(n) {
		switch {
		case segment.Kind == tree.String && !strings.Contains(segment.Text, "["):
		case segment.Text == subscriptionText, segment.Text == groupText, segment.Text == managementText:
		default:
			return false
		}
	}
	return true
}

// Reference returns the text of the Expression that a property of a resource is which
// only Azure knows, such as principalId of the identity with that ID. It is what
// reference(id).path evaluates to.
func Reference(id tree.Node, path ...string) string {
	return "[reference(" + idSource(id) + ")." + strings.Join(path, ".") + "]"
}

// FullReference is as [Reference], for what stands beside the properties of the
// resource: reference(id, version, 'full').path, such as identity.principalId.
func FullReference(id tree.Node, path ...string) string {
	return "[reference(" + idSource(id) + ", 'full')." + strings.Join(path, ".") + "]"
}

// idSource writes an id as the argument of a function. It has brackets for
// placeholders only.
func idSource(id tree.Node) string { return "'" + id.Text + "'" }
