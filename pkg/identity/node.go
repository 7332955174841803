package identity

import (
	"cmp"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/graph"

	"github.com/aksim/aksim/pkg/model"
)

// NodeKind is what a node of the graph stands for.
type NodeKind uint8

// The kinds of nodes, in the order in which [Graph.All] yields them.
const (
	PodNode NodeKind = iota + 1
	NamespaceNode
	ServiceAccountNode
	UserNode
	GroupNode
	// RoleNode is a Role or ClusterRole, AzureRoleNode a role definition of Azure.
	RoleNode
	AzureRoleNode
	ManagedIdentityNode
	ServicePrincipalNode
	// CredentialNode is a federated credential of a managed identity.
	CredentialNode
	// IdentityBindingNode lets pods have a managed identity by Kubernetes RBAC.
	IdentityBindingNode
	// MachinesNode is the instance metadata service of the cluster's nodes, which
	// hands out tokens of every identity that the nodes have.
	MachinesNode
)

// String returns the kind as explanations print it.
func (k NodeKind) String() string {
	switch k {
	case PodNode:
		return "pod"
	case NamespaceNode:
		return "namespace"
	case ServiceAccountNode:
		return "ServiceAccount"
	case UserNode:
		return "user"
	case GroupNode:
		return "group"
	case RoleNode:
		return "role"
	case AzureRoleNode:
		return "Azure role"
	case ManagedIdentityNode:
		return "managed identity"
	case ServicePrincipalNode:
		return "service principal"
	case CredentialNode:
		return "federated credential"
	case IdentityBindingNode:
		return "identity binding"
	case MachinesNode:
		return "nodes"
	}
	return "NodeKind(" + strconv.Itoa(int(k)) + ")"
}

// Node is a node of a [Graph]. Its ID is its number in the order of [Graph.All]; the
// same objects have the same IDs, however the input is ordered.
type Node struct {
	id        int64
	kind      NodeKind
	ref       model.Ref
	principal Principal
	entity    Entity
	pod       *model.Pod
	name      string
	place     model.Place
}

var _ graph.Node = (*Node)(nil)

// ID returns the node's number.
func (n *Node) ID() int64 { return n.id }

// Kind returns what the node stands for.
func (n *Node) Kind() NodeKind { return n.kind }

// Ref returns the object: of a pod that a template stands for, its workload. It is
// zero of users, groups and service principals, which are no objects.
func (n *Node) Ref() model.Ref { return n.ref }

// Principal returns whom the node stands for; nobody, if it is no principal.
func (n *Node) Principal() Principal { return n.principal }

// Entity returns what Microsoft Entra ID knows of the principal; its ObjectID is
// empty of whom only Kubernetes knows.
func (n *Node) Entity() Entity { return n.entity }

// Pod returns the pod, and nil for other nodes.
func (n *Node) Pod() *model.Pod { return n.pod }

// Place returns where the node is written; zero of what is only referred to.
func (n *Node) Place() model.Place { return n.place }

// String returns the principal's name in the grammar of [Parse], the display name of
// a group or Azure role, or the object's kind and name.
func (n *Node) String() string {
	switch {
	case n.kind == GroupNode && n.entity.Name != "":
		return groupWord + "/" + n.entity.Name
	case !n.principal.IsZero():
		return n.principal.String()
	case n.name != "":
		return n.name
	}
	return n.ref.String()
}

// nodeKey tells nodes apart: by object id, where there is one, since of one principal
// several exports say different things.
type nodeKey struct {
	kind      NodeKind
	ref       model.Ref
	principal Principal
	objectID  string
}

func (n *Node) key() nodeKey {
	if n.entity.ObjectID != "" {
		return nodeKey{objectID: n.entity.ObjectID}
	}
	return nodeKey{kind: n.kind, ref: n.ref, principal: n.principal}
}

// compare is the order of a graph's nodes.
func (n *Node) compare(m *Node) int {
	return cmp.Or(
		cmp.Compare(n.kind, m.kind),
		strings.Compare(n.ref.Namespace, m.ref.Namespace),
		strings.Compare(n.ref.Name, m.ref.Name),
		n.ref.Compare(m.ref),
		n.principal.Compare(m.principal),
		strings.Compare(n.entity.ObjectID, m.entity.ObjectID),
	)
}

// EdgeKind is what an edge says.
type EdgeKind uint8

// The kinds of edges.
const (
	// RunsAs leads from a pod to its ServiceAccount, whether or not it has a token.
	RunsAs EdgeKind = iota + 1
	// HoldsToken leads from a pod to the ServiceAccount of which it has a token. The
	// edge's Detail is the audience, and empty if it is the API server.
	HoldsToken
	// InNamespace leads from a pod or ServiceAccount to its namespace.
	InNamespace
	// MemberOf leads from a principal to a group.
	MemberOf
	// BoundTo leads from a principal to a Role or ClusterRole; Detail is the namespace
	// in which that counts, and empty for all of the cluster.
	BoundTo
	// AssignedRole leads from a principal to a role of Azure; Detail is the scope.
	AssignedRole
	// Federated leads from a ServiceAccount to a credential that takes its tokens, if
	// the audience is right: whoever makes pods or tokens of it may choose that.
	Federated
	// Exchanges leads from a pod to a credential that takes a token which it holds.
	Exchanges
	// CredentialOf leads from a credential to the managed identity it opens.
	CredentialOf
	// ReachesMetadata leads from a pod to the nodes' instance metadata service.
	ReachesMetadata
	// Attached leads from the nodes to an identity that they have.
	Attached
	// LegacyIdentity leads from a pod to a managed identity by pod identity, the
	// forerunner of workload identity.
	LegacyIdentity
	// UsesBinding leads from a pod or ServiceAccount to an identity binding.
	UsesBinding
	// BindingOf leads from an identity binding to the managed identity it opens.
	BindingOf
	// FetchesAs leads from a pod to the managed identity under which a driver mounts
	// secrets into it. The pod gets the secrets, and not the identity.
	FetchesAs
)

// String returns the verb that explanations print.
func (k EdgeKind) String() string {
	switch k {
	case RunsAs:
		return "runs as"
	case HoldsToken:
		return "holds a token of"
	case InNamespace:
		return "is in"
	case MemberOf:
		return "is a member of"
	case BoundTo:
		return "is bound to"
	case AssignedRole:
		return "is assigned"
	case Federated:
		return "is trusted by"
	case Exchanges:
		return "exchanges a token by"
	case CredentialOf, BindingOf:
		return "opens"
	case ReachesMetadata:
		return "reaches the metadata service of"
	case Attached:
		return "have"
	case LegacyIdentity:
		return "has, by pod identity,"
	case UsesBinding:
		return "uses"
	case FetchesAs:
		return "fetches secrets as"
	}
	return "EdgeKind(" + strconv.Itoa(int(k)) + ")"
}

// Edge is one edge of a [Graph]. Two nodes may have several.
type Edge struct {
	id       int64
	from, to *Node
	kind     EdgeKind

	// Via is the object that makes the edge: a binding, an assignment, an export. It is
	// zero where Kubernetes or Azure does by itself.
	Via    model.Ref
	Place  model.Place // of Via, as near to the point as is known
	Detail string      // what else there is to say, by kind

	// Open says on what it hangs that the edge is there; empty if it is.
	Open string
	// Needs is what another engine has to settle; nil if there is no such thing.
	Needs *Need
}

var _ graph.Line = (*Edge)(nil)

// From returns the [*Node] where the edge starts.
func (e *Edge) From() graph.Node { return e.from }

// To returns the [*Node] where the edge ends.
func (e *Edge) To() graph.Node { return e.to }

// ID returns the edge's number in the order of [Graph.Edges].
func (e *Edge) ID() int64 { return e.id }

// ReversedLine returns the edge itself: none means anything the other way round.
func (e *Edge) ReversedLine() graph.Line { return e }

// Source returns the node where the edge starts, as From does.
func (e *Edge) Source() *Node { return e.from }

// Target returns the node where the edge ends, as To does.
func (e *Edge) Target() *Node { return e.to }

// Kind returns what the edge says.
func (e *Edge) Kind() EdgeKind { return e.kind }

// String returns the edge as a sentence, with its detail, its place and what is open.
func (e *Edge) String() string {
	s := e.from.String() + " " + e.kind.String() + " " + e.to.String()
	switch {
	case e.Detail == "":
	case e.kind == BoundTo:
		s += " in " + e.Detail
	case e.kind == AssignedRole:
		s += " at " + e.Detail
	case e.kind == HoldsToken:
		s += " for " + e.Detail
	default:
		s += ", " + e.Detail
	}
	if !e.Place.IsZero() {
		s += "  (" + e.Place.Short() + ")"
	}
	if e.Open != "" {
		s += ", undecided: " + e.Open
	}
	return s
}

// Need is a question of another engine on which an answer hangs.
type Need struct {
	// Of Kubernetes RBAC: may Principal do this? Empty Verb: no such question.
	Principal                Principal
	Verb, APIGroup, Resource string

	// Of the network: may a pod send this? Empty Destination: no such question.
	Pod         string // NAMESPACE/NAME
	Destination string // ADDRESS:PORT
}

// String returns the question as a clause.
func (n Need) String() string {
	if n.Verb != "" {
		return n.Principal.String() + " may " + n.Verb + " " + n.Resource + "." + n.APIGroup
	}
	return n.Pod + " may send to " + n.Destination
}
