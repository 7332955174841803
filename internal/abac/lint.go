package abac

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
)

// Lint is something in a condition that can hardly be meant.
type Lint struct {
	Attribute Attribute
	// Proven: what the message says follows from the rules. If not, it is a
	// guess from the spelling.
	Proven  bool
	Message string
}

const customResources = "Microsoft.ContainerService/managedClusters/customResources:"

// documented are attributes that conditions on role assignments, on custom
// resources and on blobs have, as documented, and those of the environment.
//
//nolint:gochecknoglobals // a constant table
var documented = []string{
	assignmentAttributes + "RoleDefinitionId", assignmentAttributes + "PrincipalId", assignmentAttributes + "PrincipalType",
	customResources + "group", customResources + "kind", "Microsoft.ContainerService/managedClusters/resources:subresource",
	"isPrivateLink", "Microsoft.Network/privateEndpoints", "Microsoft.Network/virtualNetworks/subnets", "UtcNow",
	subOperation,
}

// Lints returns what looks wrong, in the order of the condition: kinds where
// AKS is sent resources (AZ37), attributes that nearly have a documented name
// (AZ27).
func (c *Condition) Lints() []Lint {
	var lints []Lint
	for _, a := range c.Attributes() {
		if l, ok := misspelt(a); ok {
			lints = append(lints, l)
		}
	}
	walk(c.root, func(n node) {
		if n, ok := n.(*comparison); ok {
			lints = append(lints, n.kinds()...)
		}
	})
	return lints
}

// misspelt holds an attribute against the documented names.
func misspelt(a Attribute) (Lint, bool) {
	before, attribute, _ := strings.Cut(a.Name, ":")
	var siblings []string
	for _, name := range documented {
		switch {
		case a.Name == name:
			return Lint{}, false
		case strings.EqualFold(a.Name, name):
			return Lint{a, false, fmt.Sprintf("the documented name of %s is %s", a, name)}, true
		}
		if known, sibling, ok := strings.Cut(name, ":"); ok && strings.EqualFold(known, before) {
			siblings = append(siblings, sibling)
		}
	}
	if siblings == nil {
		return Lint{}, false
	}
	return Lint{a, false, fmt.Sprintf("no attribute %s is documented%s", a, suggest.Clause(attribute, siblings))}, true
}

// kinds finds values of customResources:kind in capitals. The attribute holds
// the resource, which is a plural in lower case.
func (c *comparison) kinds() []Lint {
	a := c.left.attribute
	if a.Source != "Request" || a.Name != customResources+"kind" || c.operator.relation != equals {
		return nil
	}
	var lints []Lint
	for _, s := range c.right.items {
		if s.text == strings.ToLower(s.text) {
			continue
		}
		l := Lint{Attribute: a, Proven: !c.operator.anyCase}
		if l.Proven {
			l.Message = fmt.Sprintf("%s is never %s: it is the resource, in lower case and plural, and %s compares case", a, s, c.operator.name)
		} else {
			l.Message = fmt.Sprintf("%s is the resource, a plural such as %s; %s looks like a kind", a, plural(s.text), s)
		}
		lints = append(lints, l)
	}
	return lints
}

// plural guesses the resource of a kind, as code generators do.
func plural(kind string) string {
	name := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "sh"):
		name += "es"
	case strings.HasSuffix(name, "y") && !strings.ContainsAny(name[max(0, len(name)-2):len(name)-1], "aeiou"):
		name = name[:len(name)-1] + "ies"
	default:
		name += "s"
	}
	return "'" + name + "'"
}
