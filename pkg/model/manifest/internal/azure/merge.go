package azure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// Merge puts what another export says of the same object to what is known of it, and
// returns nothing if the two can be true of one object: whatever both say is the same.
// Otherwise it says in what they differ and leaves the known object alone.
func Merge(known *Object, more Object) (difference string) {
	if known.kind != more.kind {
		return "its type"
	}
	if difference = known.merge(known.API, more.API); difference != "" {
		return difference
	}
	known.Origin = mergedOrigin(*known, more)
	known.bare = known.bare && more.bare
	return ""
}

// merged merges another object of the type into the first, unless they differ.
func merged[T any](known, more *T) (difference string) {
	sum, other := *known, *more
	if difference = prepare(any(&sum), any(&other)); difference != "" {
		return difference
	}
	_, exact := any(known).(*model.FederatedCredential)
	m := merger{exact: exact}
	if !m.objects(&sum, &other) {
		return m.difference
	}
	*known = sum
	return ""
}

// prepare settles what two exports may say differently of one object, and says what
// they may not.
func prepare(known, more any) (difference string) {
	switch k := known.(type) {
	case *model.RoleDefinition:
		// Built-in roles are listed once per subscription.
		m := more.(*model.RoleDefinition)
		m.ID = sameRole(k.ID, m.ID)
		prepareTemplate(&k.Template, &m.Template)
	case *model.RoleAssignment:
		m := more.(*model.RoleAssignment)
		m.RoleDefinitionID = sameRole(k.RoleDefinitionID, m.RoleDefinitionID)
		// Names are looked up by the tool that exports, as far as it may.
		settle(&k.RoleDefinitionName, &m.RoleDefinitionName, true)
		settle(&k.PrincipalName, &m.PrincipalName, !strings.EqualFold(k.PrincipalType.Or(""), "User"))
		prepareTemplate(&k.Template, &m.Template)
	case *model.DenyAssignment:
		prepareTemplate(&k.Template, &more.(*model.DenyAssignment).Template)
	case *model.DirectoryObject:
		m := more.(*model.DirectoryObject)
		if k.DisplayName != "" {
			m.DisplayName = k.DisplayName
		}
	case *model.GroupMembers: // nobody is in an empty group: that is not to say nothing
		if !slices.Equal(k.Members, more.(*model.GroupMembers).Members) {
			return "its members"
		}
	case *model.ManagementGroup:
		m := more.(*model.ManagementGroup)
		switch {
		case !m.Expanded:
			m.Expanded, m.Groups, m.Subscriptions = k.Expanded, k.Groups, k.Subscriptions
		case !k.Expanded:
			k.Expanded, k.Groups, k.Subscriptions = m.Expanded, m.Groups, m.Subscriptions
		}
		k.Name, m.Name = cmp.Or(k.Name, m.Name), cmp.Or(m.Name, k.Name)
	}
	return ""
}

// prepareTemplate makes what an export shows one that is there, whatever a template or
// plan says beside it.
func prepareTemplate(known, more *bool) { *known = *known && *more; *more = *known }

// sameRole returns the id of a role as it is known where the other names the same: by
// the GUID at its end, whatever stands before.
func sameRole(known, more model.Property[string]) model.Property[string] {
	if guid := lastOf(known.Or("")); model.IsGUID(guid) && strings.EqualFold(guid, lastOf(more.Or(""))) {
		return known
	}
	return more
}

// settle takes over a name that one of two does not know and, if names count for
// nothing, the first of two that differ.
func settle(known, more *model.Property[string], always bool) {
	switch {
	case known.Or("") == "":
		*known = *more
	case more.Or("") == "" || always:
		*more = *known
	}
}

// mergedOrigin returns where an object is from of which two exports tell. A gap is
// none if the other export says what is there.
func mergedOrigin(known, more Object) model.Origin {
	o := known.Origin
	if known.bare && !more.bare {
		o.Place, o.Fields = more.Origin.Place, more.Origin.Fields
	}
	o.Server = known.Origin.Server || more.Origin.Server
	o.Gaps = append(unsettled(known, more), unsettled(more, known)...)
	return o
}

// unsettled returns the gaps of one export that another leaves.
func unsettled(from, by Object) (gaps []model.Gap) {
	for _, g := range from.Origin.Gaps {
		settled := from.bare && !by.bare || g.Path == model.DeploymentCondition && by.Origin.Server || !from.bare && by.Origin.Fields.Has(g.Path) && !hasGap(by, g.Path)
		if !settled {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

func hasGap(o Object, path string) bool {
	return slices.ContainsFunc(o.Origin.Gaps, func(g model.Gap) bool { return g.Path == path })
}

// Conditional records that it hangs on an expression whether the object is deployed.
func (o *Object) Conditional(expression string) {
	o.Origin.Gaps = append(o.Origin.Gaps, model.Gap{
		Path: model.DeploymentCondition, What: "whether it is deployed hangs on " + expression, Place: o.Origin.Place,
	})
}

func differ(path string, a, b any) string {
	return fmt.Sprintf("%s is %v there and %v here", path, a, b)
}
