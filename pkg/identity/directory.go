package identity

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// Directory is who is who in Microsoft Entra ID, as far as a snapshot tells: by
// exports of users, groups and members, by managed identities, and by the principals
// that role assignments name. It is immutable and safe for concurrent use.
type Directory struct {
	entities map[string]*Entity  // by object id
	parents  map[string][]string // groups that a principal is directly in, by object id, ordered
	listed   map[string]bool     // groups whose members the input lists
}

// Entity is somebody with an object id.
type Entity struct {
	ObjectID string // lower case
	// Kind is User, Group, ServicePrincipal or ManagedIdentity; 0 where the input names
	// an object id and does not say whose it is.
	Kind       Kind
	Name       string // UPN of a user, name of a managed identity, else the display name
	ClientID   string // of a managed identity or service principal
	ResourceID string // of a managed identity, as written
	TenantID   string // of a managed identity
	Guest      bool   // of another directory
	Place      model.Place
}

// Principal returns the entity in the grammar of [Parse]: user/UPN, group/OBJECTID,
// mi/NAME, sp/OBJECTID, or user/OBJECTID where the kind is not known.
func (e Entity) Principal() Principal {
	switch {
	case e.Kind == Group:
		return NewGroup(e.ObjectID)
	case e.Kind == ManagedIdentity && e.Name != "":
		return NewManagedIdentity(e.Name)
	case e.Kind == ManagedIdentity:
		return NewManagedIdentity(e.ObjectID)
	case e.Kind == ServicePrincipal:
		return NewServicePrincipal(e.ObjectID)
	case e.Kind == User && e.Name != "":
		return NewUser(e.Name)
	}
	return NewUser(e.ObjectID)
}

// Username returns the name by which an AKS cluster knows the entity: the UPN of a
// user, the object id of a guest, managed identity or service principal. A group has
// none; it is known as the group of its object id (AZ109).
//
// https://learn.microsoft.com/azure/aks/azure-ad-rbac
func (e Entity) Username() string {
	switch {
	case e.Kind == Group:
		return ""
	case e.Kind == User && e.Name != "" && !e.Guest:
		return e.Name
	}
	return e.ObjectID
}

// IsObjectID reports whether the text has the form of an object id: a GUID, in upper
// or lower case.
func IsObjectID(s string) bool { return model.IsGUID(s) }

// Lookup returns who has an object id, and false if nothing in the input names it.
func (d *Directory) Lookup(objectID string) (Entity, bool) {
	e, ok := d.entities[strings.ToLower(objectID)]
	if !ok {
		return Entity{ObjectID: strings.ToLower(objectID)}, false
	}
	return *e, true
}

// Entities yields everybody whom the input names, by object id.
func (d *Directory) Entities() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		for _, id := range slices.Sorted(maps.Keys(d.entities)) {
			if !yield(*d.entities[id]) {
				return
			}
		}
	}
}

// Groups yields the groups that a principal is in, directly or through other groups,
// by object id. A principal that is a group is among them only if it is in itself.
// Cycles are legal (AZ103).
func (d *Directory) Groups(objectID string) iter.Seq[string] {
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		for _, g := range d.parents[id] {
			if !seen[g] {
				seen[g] = true
				visit(g)
			}
		}
	}
	visit(strings.ToLower(objectID))
	return slices.Values(slices.Sorted(maps.Keys(seen)))
}

// KnowsMembers reports whether the input lists who is in a group.
func (d *Directory) KnowsMembers(group string) bool { return d.listed[strings.ToLower(group)] }

// KnowsAnyMembers reports whether the input lists the members of any group. If not,
// that export is missing altogether, and nobody is taken to be in one.
func (d *Directory) KnowsAnyMembers() bool { return len(d.listed) > 0 }

// NotFoundError says that nobody in the input is called so.
type NotFoundError struct {
	Principal Principal
	Near      []string // nearest names, best first
}

// Error names the principal and whom it may have been meant for.
func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("nothing in the input says who %s is", e.Principal)
	if len(e.Near) > 0 {
		text += ` (did you mean "` + strings.Join(e.Near, `" or "`) + `"?)`
	}
	return text
}

// AmbiguousError says that a name is that of several.
type AmbiguousError struct {
	Principal  Principal
	Candidates []Entity // by object id
}

// Error names the candidates by object id or resource id.
func (e *AmbiguousError) Error() string {
	var ids []string
	for _, c := range e.Candidates {
		ids = append(ids, cmp.Or(c.ResourceID, c.ObjectID))
	}
	return fmt.Sprintf("%s may be any of %s: name one by its id", e.Principal, strings.Join(ids, ", "))
}

// Find returns whom a principal names: a user by UPN or object id, a group by display
// name or object id, a managed identity by name, resource id, client id or object id,
// a service principal by display name, client id or object id. Upper and lower case
// mean nothing. A user called by an object id may turn out to be anything but a group.
// An object id of which the input says nothing is nobody known, and no error for
// user/, group/ and sp/ when it is spelt as one: the entity has no kind then.
// The error is a [NotFoundError] or [AmbiguousError]; ServiceAccounts have no object
// id and are not found.
func (d *Directory) Find(p Principal) (Entity, error) {
	var found []Entity
	var names []string
	for e := range d.Entities() {
		if !e.mayBe(p.Kind()) {
			continue
		}
		for _, name := range []string{e.ObjectID, e.Name, e.ClientID, e.ResourceID} {
			if name != "" && strings.EqualFold(name, p.Name()) {
				found = append(found, e)
				break
			}
		}
		if p.Kind() == e.Kind && e.Name != "" {
			names = append(names, e.Name)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Entity{}, &AmbiguousError{p, found}
	case IsObjectID(p.Name()) && p.Kind() != ManagedIdentity && p.Kind() != ServiceAccount:
		return Entity{ObjectID: strings.ToLower(p.Name())}, nil
	}
	err := &NotFoundError{Principal: p}
	word, _, _ := strings.Cut(p.String(), "/")
	for _, name := range suggest.Nearest(p.Name(), names) {
		err.Near = append(err.Near, word+"/"+name)
	}
	return Entity{}, err
}

// mayBe reports whether a principal of the kind may be meant for the entity.
func (e *Entity) mayBe(kind Kind) bool {
	switch kind {
	case ServiceAccount:
		return false
	case User:
		return e.Kind != Group
	case ServicePrincipal: // a managed identity is one, too
		return e.Kind == ServicePrincipal || e.Kind == ManagedIdentity || e.Kind == 0
	case Group, ManagedIdentity:
		return e.Kind == kind || e.Kind == 0
	default:
		return false
	}
}

// NewDirectory compiles what a snapshot says of principals. What several exports say
// of one is put together: members of a group that any of them lists are in it.
func NewDirectory(c *model.Cluster) *Directory {
	d := &Directory{entities: map[string]*Entity{}, parents: map[string][]string{}, listed: map[string]bool{}}
	for o := range model.All[model.UserAssignedIdentity](c) {
		id, ok := o.API.PrincipalID.Get()
		if !ok {
			continue
		}
		d.add(Entity{
			ObjectID: id, Kind: ManagedIdentity, Name: o.API.Name.Or(""), ClientID: o.API.ClientID.Or(""),
			ResourceID: o.API.ID.Or(""), TenantID: o.API.TenantID.Or(""), Place: o.Origin.Place,
		})
	}
	for o := range model.All[model.DirectoryObject](c) {
		e := Entity{
			ObjectID: o.API.ID, Kind: kindOf(o.API.Kind), Name: cmp.Or(o.API.UPN, o.API.DisplayName), ClientID: o.API.AppID,
			Guest: strings.EqualFold(o.API.UserType, "Guest") || strings.Contains(o.API.UPN, "#EXT#"), Place: o.Origin.Place,
		}
		d.add(e)
	}
	for o := range model.All[model.RoleAssignment](c) {
		id, ok := o.API.PrincipalID.Get()
		if !ok {
			continue
		}
		e := Entity{ObjectID: id, Kind: kindOf(o.API.PrincipalType.Or("")), Place: o.Origin.Place}
		name := o.API.PrincipalName.Or("")
		switch {
		case e.Kind == ServicePrincipal && IsObjectID(name):
			e.ClientID = name
		default:
			e.Name = name
		}
		d.add(e)
	}
	for o := range model.All[model.GroupMembers](c) {
		d.add(Entity{ObjectID: o.API.Group, Kind: Group, Place: o.Origin.Place})
		group := strings.ToLower(o.API.Group)
		d.listed[group] = true
		for _, m := range o.API.Members {
			m = strings.ToLower(m)
			d.add(Entity{ObjectID: m, Place: o.Origin.Place})
			if !slices.Contains(d.parents[m], group) {
				d.parents[m] = append(d.parents[m], group)
			}
		}
	}
	for _, groups := range d.parents {
		slices.Sort(groups)
	}
	return d
}

func kindOf(word string) Kind {
	switch strings.ToLower(word) {
	case "user":
		return User
	case "group", "foreigngroup":
		return Group
	case "serviceprincipal":
		return ServicePrincipal
	}
	return 0
}

// add puts what is said of somebody to what is known. Sources come in the order of
// their trust: what an earlier one says stays.
func (d *Directory) add(e Entity) {
	e.ObjectID = strings.ToLower(e.ObjectID)
	known, ok := d.entities[e.ObjectID]
	if !ok {
		d.entities[e.ObjectID] = &e
		return
	}
	known.merge(e)
}

// merge takes over what another source says where nothing was known.
func (e *Entity) merge(other Entity) {
	e.Kind = cmp.Or(e.Kind, other.Kind)
	e.Name = cmp.Or(e.Name, other.Name)
	e.ClientID = cmp.Or(e.ClientID, other.ClientID)
	e.ResourceID = cmp.Or(e.ResourceID, other.ResourceID)
	e.TenantID = cmp.Or(e.TenantID, other.TenantID)
	e.Guest = e.Guest || other.Guest
}
