package identity

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/model"
)

// addKubernetes adds namespaces, ServiceAccounts, roles and those bound to them.
func (b *graphBuilder) addKubernetes() {
	for ns := range b.cluster.Namespaces() {
		b.namespace(ns.Name)
	}
	for o := range model.All[corev1.ServiceAccount](b.cluster) {
		b.serviceAccount(NewServiceAccount(o.Ref.Namespace, o.Ref.Name))
	}
	for o := range model.All[rbacv1.Role](b.cluster) {
		b.node(Node{kind: RoleNode, ref: o.Ref, place: o.Origin.Place})
	}
	for o := range model.All[rbacv1.ClusterRole](b.cluster) {
		b.node(Node{kind: RoleNode, ref: o.Ref, place: o.Origin.Place})
	}
	for o := range model.All[rbacv1.ClusterRoleBinding](b.cluster) {
		b.bind(o.Ref, o.Origin, o.API.RoleRef, o.API.Subjects)
	}
	for o := range model.All[rbacv1.RoleBinding](b.cluster) {
		b.bind(o.Ref, o.Origin, o.API.RoleRef, o.API.Subjects)
	}
}

func (b *graphBuilder) namespace(name string) *Node {
	n := Node{kind: NamespaceNode, ref: model.Ref{Kind: "Namespace", Name: name}}
	if ns, ok := b.cluster.Namespace(name); ok && ns.Known {
		n.place = ns.Origin.Place
	}
	return b.node(n)
}

// serviceAccount returns the node of a ServiceAccount, which need not be in the input.
func (b *graphBuilder) serviceAccount(p Principal) *Node {
	n := Node{kind: ServiceAccountNode, principal: p, ref: model.Ref{Kind: "ServiceAccount", Namespace: p.Namespace(), Name: p.Name()}}
	if known, ok := b.nodes[n.key()]; ok {
		return known
	}
	if o := b.account(p.Namespace(), p.Name()); o != nil {
		n.place = o.Origin.Place
	}
	node := b.node(n)
	b.edge(node, InNamespace, b.namespace(p.Namespace()), Edge{Place: n.place})
	b.implicit(node)
	for _, o := range b.bySubject[p.Username()] {
		b.federate(node, Federated, o, p.Username(), "", Edge{Via: o.Ref, Place: o.Origin.Place})
	}
	for _, o := range b.flexible {
		b.federate(node, Federated, o, p.Username(), "", Edge{Via: o.Ref, Place: o.Origin.Place})
	}
	return node
}

// implicit adds the groups into which Kubernetes puts somebody (RB20).
func (b *graphBuilder) implicit(n *Node) {
	for m := range Authenticated(n.principal) {
		group := b.node(Node{kind: GroupNode, principal: NewGroup(m.Group)})
		b.edge(n, MemberOf, group, Edge{Detail: m.Why})
	}
}

// bind adds what a binding gives (RB17, RB18).
func (b *graphBuilder) bind(ref model.Ref, origin model.Origin, roleRef rbacv1.RoleRef, subjects []rbacv1.Subject) {
	role := model.Ref{Kind: roleRef.Kind, Name: roleRef.Name}
	if roleRef.Kind == "Role" {
		role.Namespace = ref.Namespace
	}
	to := b.node(Node{kind: RoleNode, ref: role})
	open := ""
	if len(origin.Gaps) > 0 {
		open = origin.Gaps[0].Path + ": " + origin.Gaps[0].What + ", which is not modelled"
	}
	for _, s := range subjects {
		var from *Node
		switch s.Kind {
		case rbacv1.UserKind:
			from = b.user(s.Name)
		case rbacv1.GroupKind:
			from = b.group(s.Name)
		case rbacv1.ServiceAccountKind:
			namespace := s.Namespace
			if namespace == "" {
				namespace = ref.Namespace
			}
			from = b.user(serviceAccountPrefix + namespace + ":" + s.Name)
		default:
			continue
		}
		b.edge(from, BoundTo, to, Edge{Via: ref, Place: origin.Place, Detail: ref.Namespace, Open: open})
	}
}

// user returns the node of whom Kubernetes knows by a username: somebody of Microsoft
// Entra ID, if that is the name by which AKS knows them.
func (b *graphBuilder) user(name string) *Node {
	p := NewUser(name)
	if p.Kind() == ServiceAccount {
		return b.serviceAccount(p)
	}
	if e, ok := b.byUsername[name]; ok {
		return b.entity(e)
	}
	n := Node{kind: UserNode, principal: p}
	if known, ok := b.nodes[n.key()]; ok {
		return known
	}
	node := b.node(n)
	b.implicit(node)
	return node
}

// group returns the node of a group: one of Microsoft Entra ID, if it is called by an
// object id as tokens have it.
func (b *graphBuilder) group(name string) *Node {
	if e, ok := b.directory.Lookup(name); ok && e.ObjectID == name && e.Kind == Group {
		return b.entity(e)
	}
	return b.node(Node{kind: GroupNode, principal: NewGroup(name)})
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

func (b *graphBuilder) objectID(id string) *Node {
	e, _ := b.directory.Lookup(id)
	return b.entity(e)
}

// admins adds the groups that AKS makes administrators of the cluster (AZ40 and
// following are for the engine of Azure RBAC).
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
	if o.API.Eligible {
		open = append(open, "it is eligible, and counts once it is activated")
	}
	if o.API.Condition.IsKnown() || isOpen(o.API.Condition) {
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

func (b *graphBuilder) credential(o *model.Object[model.FederatedCredential]) *Node {
	n := Node{kind: CredentialNode, ref: o.Ref, name: b.credentialName(o), place: o.Origin.Place}
	if known, ok := b.nodes[n.key()]; ok {
		return known
	}
	node := b.node(n)
	if to, ok := b.identityOf(model.AttachedIdentity{ResourceID: o.API.IdentityID}); ok {
		b.edge(node, CredentialOf, to, Edge{Via: o.Ref, Place: o.Origin.Place})
	}
	return node
}

// federate adds that a credential takes the tokens of a subject, if it does or may.
// Without an audience any will do.
func (b *graphBuilder) federate(from *Node, kind EdgeKind, o *model.Object[model.FederatedCredential], subject, audience string, e Edge) {
	m := b.match(o.API, subject, audience)
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
		if parts := openParts(o.API); parts != "" {
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

// binding adds an identity binding (AZ98).
func (b *graphBuilder) binding(o *model.Object[model.IdentityBinding]) *Node {
	n := Node{kind: IdentityBindingNode, ref: o.Ref, name: "identity binding " + identityLabel(&o.API.Resource, o.Ref), place: o.Origin.Place}
	if known, ok := b.nodes[n.key()]; ok {
		return known
	}
	node := b.node(n)
	if to, ok := b.identityOf(o.API.Identity); ok {
		b.edge(node, BindingOf, to, Edge{Via: o.Ref, Place: o.Origin.Place})
	}
	return node
}

// addPod adds a pod that lives, or that a template stands for.
func (b *graphBuilder) addPod(p *model.Pod) {
	if p.Terminated() {
		return
	}
	node := b.node(Node{kind: PodNode, ref: podRef(p), pod: p, name: p.Namespace + "/" + p.Name, place: p.Origin.Place})
	b.pods[p] = node
	account := b.serviceAccount(NewServiceAccount(p.Namespace, accountOf(p)))
	b.edge(node, InNamespace, b.namespace(p.Namespace), Edge{Place: p.Origin.Place})
	b.edge(node, RunsAs, account, Edge{Place: podPlace(p, "spec.serviceAccountName")})
	for _, t := range b.tokens(p) {
		b.edge(node, HoldsToken, account, Edge{Place: t.place, Detail: t.audience, Open: t.open})
		if t.audience != "" && t.audience != bindingAudience && t.source != byDriver {
			b.exchange(node, p, t)
		}
		if t.audience == bindingAudience {
			b.useBinding(node, account, p)
		}
		if t.source == byDriver {
			b.fetch(node, t)
		}
	}
	if len(b.onNodes) > 0 {
		if s := b.metadataStep(p); s.Outcome != Broken {
			e := Edge{Place: s.Place, Needs: s.Needs}
			if s.Outcome == Undecided {
				e.Open = s.Detail
			}
			b.edge(node, ReachesMetadata, b.machines(), e)
		}
	}
	for _, l := range b.legacy {
		open, ok := l.grants(p)
		if !ok {
			continue
		}
		if to, ok := b.identityOf(l.identity); ok {
			b.edge(node, LegacyIdentity, to, Edge{Via: l.via, Place: l.place, Open: open})
		}
	}
}

// exchange adds the credentials that take a token of a pod.
func (b *graphBuilder) exchange(node *Node, p *model.Pod, t token) {
	subject := subjectOf(p)
	for _, o := range b.bySubject[subject] {
		b.federate(node, Exchanges, o, subject, t.audience, Edge{Via: o.Ref, Place: t.place, Detail: t.audience, Open: t.open})
	}
	for _, o := range b.flexible {
		b.federate(node, Exchanges, o, subject, t.audience, Edge{Via: o.Ref, Place: t.place, Detail: t.audience, Open: t.open})
	}
}

// useBinding adds the identity bindings that a pod's token may open, by the leave of
// Kubernetes RBAC (AZ98): the API asks for one by the identity's client id.
func (b *graphBuilder) useBinding(node, account *Node, p *model.Pod) {
	for _, o := range b.bindings {
		need := useIdentity(account.principal, b.bindingClient(o))
		e := Edge{Via: o.Ref, Place: o.Origin.Place, Needs: &need, Open: "it hangs on Kubernetes RBAC whether " + need.String()}
		b.edge(node, UsesBinding, b.binding(o), e)
		b.edge(account, UsesBinding, b.binding(o), e)
	}
}

// fetch adds the managed identity under which a driver mounts secrets.
func (b *graphBuilder) fetch(node *Node, t token) {
	m := classMount{class: t.class}.mode()
	if os := b.byClient[strings.ToLower(m.value)]; len(os) == 1 {
		b.edge(node, FetchesAs, b.entity(b.entityOf(os[0])), Edge{Via: t.class.Ref, Place: t.class.Origin.Place})
	}
}
