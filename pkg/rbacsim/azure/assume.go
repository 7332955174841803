package azure

import (
	"fmt"
	"iter"
	"slices"
)

// Assumptions yields what the answers take for granted because the snapshot does not
// tell, in a fixed order, each as a clause for people. Kinds of export that are missing
// altogether are taken to be empty (AZ15).
func (a *Authorizer) Assumptions() iter.Seq[string] { return slices.Values(a.assumed) }

func (c *compiler) assume() {
	add := func(text string) { c.assumed = append(c.assumed, text) }
	above, eligible := false, false
	for _, a := range c.assignments {
		kind := a.scope.Kind()
		above = above || kind == ManagementGroup || kind == Root
		eligible = eligible || a.api.Eligible
	}
	switch {
	case len(c.assignments) == 0:
		add("the input holds no role assignments: nobody is taken to have a role in Azure")
	case !above:
		add("no role assignment is at a management group or the root: az role assignment list shows those only with --include-inherited")
	}
	if len(c.denies) == 0 {
		add("the input holds no deny assignments: none is taken to exist")
	}
	if !c.hierarchy.known {
		add("the input does not say which subscriptions are in which management groups")
	}
	if !eligible {
		add("the input holds no eligibility of Privileged Identity Management: nobody is taken to be able to activate a role")
	}
	if !c.directory.KnowsAnyMembers() {
		add("the input lists no members of groups: nobody is taken to be in one")
	}
	if !c.anyVault { // AZ42
		add("the input holds no key vaults: all are taken to be in RBAC mode")
	}
	if c.builtinUsed {
		add(fmt.Sprintf("built-in roles that the input does not define are as Azure had them on %s", RolesDate()))
	}
	add("nobody has rights by Azure Lighthouse, by keys or shared access signatures, or by roles that a service keeps itself")
}
