// Package admission answers whether an API server would accept an object, and
// what it would store.
//
//	for _, p := range admission.Admit(policy) {
//		fmt.Println(p.Path, p.Text) // spec.ingress[0].from[0]: Required value: must specify a peer
//	}
//
// # Semantics
//
// Admit fills in the defaults of the API. Of Namespace, NetworkPolicy, Role,
// ClusterRole, RoleBinding and ClusterRoleBinding it then reports every reason
// for which a server would refuse to create the object, with the field and the
// message that the server gives. Other kinds get those defaults only that
// somebody reads, and nothing is checked.
//
// The rules are those of Kubernetes 1.37. Where an older server is more lenient
// the reason says since when it is one. What needs other objects, an authorizer
// or a webhook is not asked.
package admission
