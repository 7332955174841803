package arm

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// resourceID evaluates the functions that make ids of resources.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource#resourceid
func (v env) resourceID(function string, args []tree.Node) (tree.Node, error) {
	prefix, rest := tree.Node{}, args
	if function == "extensionResourceId" {
		prefix, rest = args[0], args[1:]
	}
	kind := 0
	for kind < len(rest) && (rest[kind].Kind != tree.String || !strings.Contains(rest[kind].Text, "/")) {
		if !isText(rest[kind]) {
			return tree.Node{}, fmt.Errorf("%s() wants strings, not %s", function, kindName(rest[kind]))
		}
		kind++
	}
	if kind == len(rest) {
		if unknown(list(args)) {
			return opaque(function, args...), nil
		}
		return tree.Node{}, fmt.Errorf("%s() wants a type such as Microsoft.KeyVault/vaults", function)
	}
	t := v.target
	most := 0
	switch before := rest[:kind]; function {
	case "resourceId":
		most = 2
		prefix = t.of(before)
	case "subscriptionResourceId":
		most = 1
		t.level = subscriptionLevel
		if kind > 0 {
			t.subscription = before[0]
		}
		prefix = t.id()
	case "managementGroupResourceId":
		most = 1
		t.level = managementLevel
		if kind > 0 {
			t.management = before[0]
		}
		prefix = t.id()
	case "tenantResourceId":
		prefix = text("")
	}
	if kind > most {
		return tree.Node{}, fmt.Errorf("%s() wants the type before the names", function)
	}
	id, err := idOf(prefix, rest[kind].Text, rest[kind+1:])
	if err != nil {
		return id, fmt.Errorf("%s(): %w", function, err)
	}
	return id, nil
}

func isText(n tree.Node) bool { return n.Kind == tree.String || n.Kind == tree.Expression }

// of returns the id of the scope that resourceId() means with what it is given before
// the type: nothing, a resource group, or a subscription and a resource group.
func (t target) of(before []tree.Node) tree.Node {
	switch len(before) {
	case 0:
		if t.level > subscriptionLevel {
			return text("")
		}
	case 1:
		if t.level != groupLevel && before[0].Kind == tree.String && isGUID(before[0].Text) {
			t.level, t.subscription = subscriptionLevel, before[0]
			break
		}
		t.level, t.group = groupLevel, before[0]
	default:
		t.level, t.subscription, t.group = groupLevel, before[0], before[1]
	}
	return t.id()
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return false
		}
	}
	return true
}

// idOf returns the id of a resource below a prefix: its type has a namespace, and a
// segment for each name.
func idOf(prefix tree.Node, kind string, names []tree.Node) (tree.Node, error) {
	segments := strings.Split(strings.Trim(kind, "/"), "/")
	if len(segments) < 2 || len(segments)-1 != len(names) {
		return tree.Node{}, fmt.Errorf("the type %s wants %d names, found %d", quoted(kind), len(segments)-1, len(names))
	}
	pieces := []tree.Node{prefix, text("/providers/" + segments[0])}
	for i, name := range names {
		pieces = append(pieces, text("/"+segments[i+1]+"/"), name)
	}
	return joined(pieces...), nil
}

// absolute returns the id that a scope written in a template means. Relative ones are
// below the target.
func (t target) absolute(scope tree.Node) tree.Node {
	first := parts(scope)[0]
	switch {
	case scope.Kind == tree.String && scope.Text == "/":
		return text("")
	case first.Kind == tree.String && !strings.HasPrefix(first.Text, "/"):
		if hasFoldedPrefix(first.Text, "Microsoft.Management/managementGroups/") {
			return joined(text("/providers/"), scope)
		}
		return joined(t.id(), text("/providers/"), scope)
	case first.Kind != tree.String:
		return scope
	}
	return groupAsSuch(scope)
}

// groupAsSuch turns the id that subscriptionResourceId gives a resource group into
// the one by which all else knows it.
func groupAsSuch(id tree.Node) tree.Node {
	s := split(id)
	if len(s) == 7 && strings.EqualFold(s[1].Text, "subscriptions") && strings.EqualFold(s[3].Text, "providers") &&
		strings.EqualFold(s[4].Text, "Microsoft.Resources") && strings.EqualFold(s[5].Text, "resourceGroups") {
		return joined(text("/subscriptions/"), s[2], text("/resourceGroups/"), s[6])
	}
	return id
}

func hasFoldedPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// identify finds out type, name, scope and id of a resource from what the template
// says.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/child-resource-name-type
func (d *declared) identify(kind string, name, scope tree.Node) error {
	kind = strings.Trim(kind, "/")
	prefix := d.target.id()
	if scope.Kind != tree.Absent {
		d.scope = d.target.absolute(scope)
		prefix = d.scope
	}
	lower := strings.ToLower(kind)
	switch {
	case d.parent != nil && strings.HasPrefix(lower, "providers/"):
		d.scope = d.parent.id
		return d.extension(kind[len("providers/"):], split(name))
	case d.parent != nil && !strings.Contains(kind, "."):
		kind = d.parent.kind + "/" + kind
		name = joined(d.parent.name, text("/"), name)
		if d.parent.scope.Kind != tree.Absent {
			d.scope, prefix = d.parent.scope, d.parent.scope
		}
	case strings.Contains(lower, "/providers/"):
		return d.attached(kind, strings.LastIndex(lower, "/providers/"), name, prefix)
	}
	d.kind, d.name = kind, name
	if d.scope.Kind == tree.Absent && extends(kind) {
		d.scope = prefix
	}
	switch strings.ToLower(kind) {
	case "microsoft.resources/resourcegroups":
		d.id = joined(text("/subscriptions/"), d.target.subscription, text("/resourceGroups/"), name)
		return nil
	case "microsoft.management/managementgroups":
		prefix = text("")
	}
	return d.setID(prefix, split(name))
}

// attached identifies an extension whose type and name begin with those of what it
// extends.
func (d *declared) attached(kind string, at int, name, prefix tree.Node) error {
	base, rest := kind[:at], kind[at+len("/providers/"):]
	names := split(name)
	n := strings.Count(base, "/")
	if len(names) <= n {
		d.kind, d.name = kind, name
		return d.setID(prefix, names)
	}
	id, err := idOf(prefix, base, names[:n])
	if err != nil {
		return err
	}
	d.scope = id
	return d.extension(rest, names[n:])
}

// extension identifies what extends d.scope: the namespace is the first of the names.
func (d *declared) extension(kind string, names []tree.Node) error {
	d.kind, d.name = kind, names[0]
	if len(names) > 1 {
		d.kind, d.name = names[0].Text+"/"+kind, names[1]
		for _, n := range names[2:] {
			d.name = joined(d.name, text("/"), n)
		}
	}
	return d.setID(d.scope, split(d.name))
}

func (d *declared) setID(prefix tree.Node, names []tree.Node) error {
	id, err := idOf(prefix, d.kind, names)
	if err == nil {
		d.id = id
		return nil
	}
	d.id = opaque("resourceId", prefix, text(d.kind), d.name)
	if unknown(d.name) || strings.Contains(d.kind, "@") {
		return nil
	}
	return err
}

// extends reports whether resources of a type are always at a scope, even if the
// template names none.
func extends(kind string) bool {
	lower := strings.ToLower(kind)
	return strings.HasPrefix(lower, "microsoft.authorization/") ||
		lower == "microsoft.insights/diagnosticsettings" || lower == "microsoft.insights/datacollectionruleassociations"
}
