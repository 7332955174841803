package identity

import (
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
