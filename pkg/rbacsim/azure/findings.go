package azure

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// find notes what is odd about an object, at the place of one of its fields.
func (c *compiler) find(rule string, object model.Ref, origin model.Origin, path, hint, format string, args ...any) {
	c.findings = append(c.findings, model.Finding{
		Rule: rule, Object: object, Place: origin.At(path), Path: path, Text: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// lintAssignment finds conditions that do other than they look like, and classic
// administrators.
func (c *compiler) lintAssignment(a *assignment, origin model.Origin) {
	if a.api.Classic {
		c.find("classic-administrator", a.ref, origin, "", "assign a role instead", // AZ13
			"%s is a classic administrator, which is retired and counts as Owner of the subscription", a.api.PrincipalName.Or(a.principal))
	}
	c.lintCondition(a.condition, a.ref, origin, "condition")
	c.lintCustomResources(a, origin)
}

// lintCondition finds what is wrong with a condition by itself. What is only a guess
// from the spelling is a note.
func (c *compiler) lintCondition(cond *condition, object model.Ref, origin model.Origin, path string) {
	switch {
	case cond == nil:
	case cond.unread:
		c.find("condition-not-understood", object, origin, path, "", "%s; whether it holds is left open", cond.open)
	case cond.parsed != nil:
		for _, l := range cond.parsed.Lints() {
			rule := "condition-spelling"
			if l.Proven {
				rule = "condition-never-holds"
			}
			c.find(rule, object, origin, path, "", "%s", l.Message)
			c.findings[len(c.findings)-1].Note = !l.Proven
		}
	}
}

// lintCustomResources finds conditions that ask which custom resource it is, but only of
// some of the actions on custom resources that the role has: the others pass (AZ38).
func (c *compiler) lintCustomResources(a *assignment, origin model.Origin) {
	if a.condition == nil || a.condition.parsed == nil {
		return
	}
	asks := false
	for _, attribute := range a.condition.parsed.Attributes() {
		asks = asks || attribute.Name == attributeGroup || attribute.Name == attributeKind
	}
	var limited, free []string
	for _, verb := range []string{"read", "write", "delete"} {
		action := clusterType + "/customresources/" + verb
		q := &query{Request: Request{Action: action, Data: true}}
		for i := range a.role.permissions {
			if a.role.permissions[i].match(q) != yes {
				continue
			}
			switch a.condition.parsed.Targets(action) {
			case yes:
				limited = append(limited, verb)
			case no:
				free = append(free, verb)
			case maybe:
			}
			break
		}
	}
	if asks && len(limited) > 0 && len(free) > 0 {
		c.find("condition-leaves-open", a.ref, origin, "condition", "name these actions in ActionMatches, too",
			"the condition limits customresources/%s alone: role %s also has customresources/%s, on all custom resources",
			strings.Join(limited, ", "), a.role.label(), strings.Join(free, ", "))
	}
}

// lintRole finds patterns and conditions of a role of the input that Azure would refuse
// or that do other than they look like.
func (c *compiler) lintRole(r *role, d *model.RoleDefinition, origin model.Origin) {
	for i, p := range d.Permissions.Or(nil) {
		at := fmt.Sprintf("permissions[%d]", i)
		if i < len(r.permissions) {
			c.lintCondition(r.permissions[i].condition, r.ref, origin, at+".condition")
		}
		for _, list := range []struct {
			name     string
			patterns []string
		}{{"actions", p.Actions}, {"notActions", p.NotActions}, {"dataActions", p.DataActions}, {"notDataActions", p.NotDataActions}} {
			for j, text := range list.patterns {
				if strings.Count(text, "*") > 1 {
					c.find("several-wildcards", r.ref, origin, fmt.Sprintf("%s.%s[%d]", at, list.name, j), "", // AZ21
						"%s has several stars, and Azure takes one: each is read as any text", text)
				}
			}
		}
	}
}
