package identity

import (
	"cmp"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// addAzure adds the principals of Azure, their groups, roles and credentials.
func (b *graphBuilder) addAzure() {
	for e := range b.directory.Entities() {
		b.entity(e)
	}
	for _, o := range b.identities {
		b.entity(b.entityOf(o))
	}
	for o := range model.All[model.GroupMembers](b.cluster) {
		group := b.objectID(o.API.Group)
		for _, m := range o.API.Members {
			b.edge(b.objectID(m), MemberOf, group, Edge{Via: o.Ref, Place: o.Origin.Place})
		}
	}
	for o := range model.All[model.RoleDefinition](b.cluster) {
		if guid, ok := o.API.GUID.Get(); ok {
			b.node(Node{kind: AzureRoleNode, ref: model.AzureRef("RoleDefinition", guid), name: o.API.Name.Or(""), place: o.Origin.Place})
		}
	}
	for o := range model.All[model.RoleAssignment](b.cluster) {
		b.assign(o)
	}
	for _, o := range b.credentials {
		b.credential(o)
		if p, ok := ParseSubject(o.API.Subject.Or("")); ok {
			b.serviceAccount(p) // whoever makes it has it
		}
	}
	for _, o := range b.bindings {
		b.binding(o)
	}
	for _, o := range b.aks {
		b.admins(o)
	}
	for _, a := range b.onNodes {
		b.edge(b.machines(), Attached, b.entity(a.entity), Edge{Via: a.via, Place: a.place, Detail: a.what, Open: a.open})
	}
}

// entity returns the node of somebody whom Microsoft Entra ID knows.
func (b *graphBuilder) entity(e Entity) *Node {
	n := Node{principal: e.Principal(), entity: e, place: e.Place}
	switch e.Kind {
	case Group:
		n.kind = GroupNode
	case ManagedIdentity:
		n.kind = ManagedIdentityNode
		if e.ResourceID != "" {
			n.ref = model.AzureRef("UserAssignedIdentity", e.ResourceID)
		}
	case ServicePrincipal:
		n.kind = ServicePrincipalNode
	default:
		n.kind = UserNode
	}
	if known, ok := b.nodes[n.key()]; ok {
		if n.kind > known.kind && known.kind != ManagedIdentityNode || n.kind == ManagedIdentityNode && known.kind == ServicePrincipalNode {
			known.kind, known.principal, known.ref = n.kind, n.principal, n.ref
			known.entity.merge(e)
			known.entity.Kind = e.Kind
		}
		return known
	}
	node := b.node(n)
	if name := e.Username(); name != "" {
		group := b.node(Node{kind: GroupNode, principal: NewGroup(AllAuthenticated)})
		b.edge(node, MemberOf, group, Edge{Detail: "everyone with credentials is in it"})
	}
	return node
}

func (b *graphBuilder) objectID(id string) *Node {
	e, _ := b.directory.Lookup(id)
	return b.entity(e)
}

// admins adds the groups that AKS makes administrators of the cluster.
func (b *graphBuilder) admins(o *model.Object[model.ManagedCluster]) {
	role := b.node(Node{kind: RoleNode, ref: model.Ref{Kind: "ClusterRole", Name: "cluster-admin"}})
	for _, id := range o.API.Entra.AdminGroups.Or(nil) {
		e, _ := b.directory.Lookup(id)
		e.Kind = Group
		b.edge(b.entity(e), BoundTo, role, Edge{Via: o.Ref, Place: o.Origin.At("aadProfile.adminGroupObjectIDs")})
	}
}

// assign adds a role assignment.
func (b *graphBuilder) assign(o *model.Object[model.RoleAssignment]) {
	id, ok := o.API.PrincipalID.Get()
	if !ok || id == "" {
		return // nobody whom the input names
	}
	role := Node{kind: AzureRoleNode, name: o.API.RoleDefinitionName.Or("")}
	definition := o.API.RoleDefinitionID.Or(role.name)
	role.ref = model.AzureRef("RoleDefinition", definition[strings.LastIndexByte(definition, '/')+1:])
	var open []string
	if definition == "" {
		role.name = "a role that is not known"
	}
	if doubt := o.Origin.Doubt(); doubt != "" {
		open = append(open, doubt)
	}
	if o.API.Eligible {
		open = append(open, "it is eligible, and counts once it is activated")
	}
	if o.API.Condition.Or("") != "" || isOpen(o.API.Condition) {
		open = append(open, "it has a condition")
	}
	scope, known := o.API.Scope.Get()
	if !known {
		open = append(open, "its scope is "+howMissing(o.API.Scope))
	}
	b.edge(b.objectID(id), AssignedRole, b.node(role), Edge{Via: o.Ref, Place: o.Origin.Place, Detail: scope, Open: strings.Join(open, ", and ")})
}

// identityOf returns the managed identity of a resource id, which need not be in the
// input.
func (b *graphBuilder) identityOf(a model.AttachedIdentity) (*Node, bool) {
	e, ok := b.attached(a)
	if !ok {
		return nil, false
	}
	return b.entity(e), true
}

// doubtOf says why the managed identity of a resource id may not be there.
func (b *graphBuilder) doubtOf(id model.Property[string]) string {
	if o, ok := b.byResource[strings.ToLower(id.Or(""))]; ok {
		return o.Origin.Doubt()
	}
	return ""
}

func (b *graphBuilder) credential(o *model.Object[model.FederatedCredential]) *Node {
	n := Node{kind: CredentialNode, ref: o.Ref, name: b.credentialName(o), place: o.Origin.Place}
	if known, ok := b.nodes[n.key()]; ok {
		return known
	}
	node := b.node(n)
	if to, ok := b.identityOf(model.AttachedIdentity{ResourceID: o.API.IdentityID}); ok {
		b.edge(node, CredentialOf, to, Edge{Via: o.Ref, Place: o.Origin.Place, Open: b.doubtOf(o.API.IdentityID)})
	}
	return node
}

// federate adds that a credential takes the tokens of a subject, if it does or may.
// Without an audience any will do.
func (b *graphBuilder) federate(from *Node, kind EdgeKind, o *model.Object[model.FederatedCredential], subject, audience string, e Edge) {
	m := b.match(o, subject, audience)
	if kind == Federated {
		m.Audience = OK
	}
	switch m.Outcome() {
	case Broken:
		return
	case Undecided:
		var open []string
		if b.issuer.open != "" {
			open = append(open, b.issuer.open)
		}
		if parts := openParts(o); parts != "" {
			open = append(open, parts)
		}
		e.Open = strings.Join(append(open, e.Open), ", ")
		e.Open = strings.TrimSuffix(e.Open, ", ")
	case OK:
	}
	b.edge(from, kind, b.credential(o), e)
}

func (b *graphBuilder) machines() *Node {
	n := Node{kind: MachinesNode, name: "the cluster's nodes"}
	if len(b.aks) == 1 {
		n.ref, n.place = b.aks[0].Ref, b.aks[0].Origin.Place
	}
	return b.node(n)
}

// binding adds an identity binding.
func (b *graphBuilder) binding(o *model.Object[model.IdentityBinding]) *Node {
	n := Node{kind: IdentityBindingNode, ref: o.Ref, name: "identity binding " + identityLabel(&o.API.Resource, o.Ref), place: o.Origin.Place}
	if known, ok := b.nodes[n.key()]; ok {
		return known
	}
	node := b.node(n)
	if to, ok := b.identityOf(o.API.Identity); ok {
		b.edge(node, BindingOf, to, Edge{Via: o.Ref, Place: o.Origin.Place, Open: cmp.Or(o.Origin.Doubt(), b.doubtOf(o.API.Identity.ResourceID))})
	}
	return node
}
