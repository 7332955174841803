package arm

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// opened is what is known of an object of which only Azure knows the rest.
type opened struct {
	object   tree.Node
	resource *declared // whose properties it is; object is unused
	full     bool      // the whole resource, not its properties
	closed   bool      // all of the object is known
}

// follow returns the member of what is known of base. What is an object itself may
// have more members than are known, and is returned as an atom.
func (v env) follow(o opened, base tree.Node, name string) (tree.Node, bool) {
	if o.resource != nil {
		o = o.resource.opened(o.full)
	}
	m, ok := o.object.Member(name)
	if !ok {
		return tree.Node{}, false
	}
	if m.Value.Kind != tree.Object || o.closed && !strings.EqualFold(name, "outputs") {
		return m.Value, true
	}
	a := atom(source(base) + accessor(text(name)))
	v.refs[a.Text] = opened{object: m.Value, closed: o.closed}
	return a, true
}

// here evaluates the functions that say where a deployment is.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-scope
func (v env) here(function string) (tree.Node, error) {
	t := v.target
	var a, object tree.Node
	switch function {
	case "subscription":
		if t.level > subscriptionLevel {
			return a, fmt.Errorf("subscription() in a deployment to a %s", t.level)
		}
		a = located("subscription", t.subscription, subscriptionText)
		t.level = subscriptionLevel
		object = fields("id", t.id(), "subscriptionId", t.subscription)
	case "resourceGroup":
		if t.level != groupLevel {
			return a, fmt.Errorf("resourceGroup() in a deployment to a %s", t.level)
		}
		a = located("resourceGroup", joinedPlace(t), groupText)
		object = fields("id", t.id(), "name", t.group, "type", text("Microsoft.Resources/resourceGroups"))
	case "managementGroup":
		if t.level != managementLevel {
			return a, fmt.Errorf("managementGroup() in a deployment to a %s", t.level)
		}
		a = located("managementGroup", t.management, managementText)
		object = fields("id", t.id(), "name", t.management)
	case "deployment":
		a = located("deployment", v.label, "")
		if v.name.Kind != tree.Absent {
			object = fields("name", v.name)
		}
	default:
		return atom(function + "()"), nil
	}
	v.refs[a.Text] = opened{object: object}
	return a, nil
}

// joinedPlace returns the name of the target's group, or the id if it is in another
// subscription than the template.
func joinedPlace(t target) tree.Node {
	if t.subscription.Text == subscriptionText {
		return t.group
	}
	return t.id()
}

// located is the atom of a function that says where a deployment is. That of a nested
// deployment says which.
func located(function string, where tree.Node, top string) tree.Node {
	if where.Kind == tree.Absent || where.Text == top {
		return atom(function + "()")
	}
	return opaque(function, where)
}

// fields returns the object of the names and values.
func fields(namesAndValues ...any) tree.Node {
	n := tree.Node{Kind: tree.Object}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		name, _ := namesAndValues[i].(string)
		value, _ := namesAndValues[i+1].(tree.Node)
		n.Members = append(n.Members, tree.Member{Name: name, Value: value})
	}
	return n
}

// String names a level as messages do.
func (l level) String() string {
	switch l {
	case groupLevel:
		return "resource group"
	case subscriptionLevel:
		return "subscription"
	case managementLevel:
		return "management group"
	case tenantLevel:
	}
	return "tenant"
}
